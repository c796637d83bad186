/** Models in the shipped bundle: another app's copy is served in place, downloads come from the hub, the token stays hidden. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type * as z from 'zod';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { type CommandName, commands, replySchema } from '../../src-main/contract/commands.ts';
import { writeModelFolder } from '../stand-ins/engines/write-engine.ts';
import { startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../stand-ins/huggingface/repos.ts';
import { createHome, launch, type RunningApp, type TestHome } from './support/app.ts';
import { temporaryFolder } from './support/rig.ts';

const limitMs = 30_000;
const commit = 'c'.repeat(40);
const token = `hf_canary${'Z'.repeat(30)}`;

/** As the page of the window does, which must be open. */
async function call(running: RunningApp, name: CommandName, input: object) {
  const reply = await running.app.control('ipc.invoke', {
    channel: commandChannel,
    args: [name, input],
    sender: { url: 'app://ui/index.html', isMainFrame: true },
  });
  if (!reply.ok) throw new Error(reply.error);
  return replySchema.parse(reply.value);
}

async function read<T>(running: RunningApp, name: CommandName, schema: z.ZodType<T>): Promise<T> {
  const reply = await call(running, name, {});
  if (!reply.ok) throw new Error(reply.error.message);
  return schema.parse(reply.value);
}

const listed = (running: RunningApp) => read(running, 'models.list', commands['models.list'].output);

async function open(made: TestHome, env: Record<string, string>): Promise<RunningApp> {
  const running = await launch(made, { hidden: false, env: { HOME: temporaryFolder(), ...env } });
  await until('a window', async () => {
    const [window] = await running.app.control('windows.read', {});
    return window?.visible === true ? window : null;
  });
  return running;
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadlineMs) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Everything that the app wrote, its logs included. */
function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1'))
    .join('\n');
}

describe('models in the app', () => {
  test('a tier is served from the cache of Hugging Face, and the copy there is left as it is', async () => {
    const made = await createHome({ tiers: ['fast'] });
    const cache = temporaryFolder();
    const repoFolder = path.join(cache, 'models--test-org--model-fast');
    const snapshot = path.join(repoFolder, 'snapshots', commit);
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(path.join(repoFolder, 'refs'));
    writeFileSync(path.join(repoFolder, 'refs', 'main'), commit);
    renameSync(path.join(made.home, 'models', 'model-fast'), path.join(repoFolder, 'blobs'));
    for (const name of readdirSync(path.join(repoFolder, 'blobs'))) {
      symlinkSync(`../../blobs/${name}`, path.join(snapshot, name));
    }
    writeFileSync(
      path.join(repoFolder, 'blobs', 'config.json'),
      JSON.stringify({ model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] }),
    );
    const before = statSync(path.join(repoFolder, 'blobs', 'model.safetensors'));
    const running = await open(made, { HF_HUB_CACHE: cache });
    await running.untilReady();
    const { models } = await listed(running);
    expect(models).toMatchObject([
      {
        repo: 'test-org/model-fast',
        place: 'hugging-face',
        folder: snapshot,
        tiers: ['fast'],
        isDeletable: false,
      },
    ]);
    const refused = await call(running, 'models.delete', { key: models[0]?.key ?? '' });
    expect(!refused.ok && refused.error.code).toBe('model-in-use');
    expect(statSync(path.join(repoFolder, 'blobs', 'model.safetensors')).mtimeMs).toBe(before.mtimeMs);
  });

  test('a tier without its model gets it from the hub, and from an added folder when that is closer', async () => {
    const made = await createHome({ tiers: ['fast', 'other'], desired: 'off' });
    for (const tier of ['fast', 'other']) {
      renameSync(path.join(made.home, 'models', `model-${tier}`), path.join(made.home, `away-${tier}`));
    }
    const hub = await startHuggingFace({
      repos: [modelRepo('test-org/model-fast')],
      tokens: { [token]: [] },
    });
    onTestFinished(() => hub.close());
    const running = await open(made, { MLX_STACK_HUGGINGFACE_URL: hub.address });
    const status = () => read(running, 'status.read', commands['status.read'].output);
    await until('the app', async () => ((await status()).app.phase === 'running' ? true : null));

    expect(await call(running, 'models.setToken', { token })).toEqual({ ok: true, value: {} });
    await until('the token', async () => ((await status()).models.token.state === 'present' ? true : null));
    expect((await status()).models.token.last4).toBe('ZZZZ');

    expect((await call(running, 'models.download', { repo: 'test-org/model-fast' })).ok).toBe(true);
    await until('the model', async () =>
      (await status()).models.downloads[0]?.state === 'done' ? true : null,
    );
    expect((await call(running, 'service.start', { id: 'fast' })).ok).toBe(true);
    await running.untilTray('fast', (view) => view.stateOf('fast') === 'Ready');

    const disk = path.join(temporaryFolder(), 'A disk, with “models”');
    const folder = writeModelFolder(path.join(disk, 'test-org', 'model-other'));
    writeFileSync(path.join(folder, 'config.json'), '{"architectures":["X"],"quantization":{"bits":4}}');
    await running.app.control('openDialog.choose', { paths: [disk] });
    expect((await call(running, 'models.addFolder', {})).ok).toBe(true);
    expect(parse(readFileSync(path.join(made.home, 'config.yaml'), 'utf8'))).toMatchObject({
      'model-folders': [disk],
    });
    const { models } = await listed(running);
    expect(models.map(({ place, tiers, state }) => [place, tiers, state])).toEqual([
      ['ours', ['fast'], 'ready'],
      ['added', ['other'], 'unverified'],
    ]);
    await until('the folder', async () => {
      await call(running, 'service.start', { id: 'other' });
      return (await running.tray()).stateOf('other') === 'Ready' ? true : null;
    });

    await call(running, 'models.reveal', { key: models[1]?.key ?? '' });
    expect(await running.app.control('opened.read', {})).toContainEqual({
      via: 'showItemInFolder',
      target: folder,
    });
    expect(textsIn(made.home)).not.toContain(token);
    expect(hub.seen.some(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
  });

  test('a folder that is not there, and a list that is none, cost the app nothing', async () => {
    const made = await createHome({ tiers: ['fast'] });
    const file = path.join(made.home, 'config.yaml');
    const settings: unknown = parse(readFileSync(file, 'utf8'));
    const text = stringify(settings);
    writeFileSync(file, `${text}model-folders:\n  - /not/there\n  - /dev/null\n  - /proc/self/fd\n`, {
      mode: 0o600,
    });
    const running = await open(made, {});
    await running.untilReady();
    const { models, folders } = await listed(running);
    expect(models.map(({ place }) => place)).toEqual(['ours']);
    expect(folders).toEqual(['/not/there', '/dev/null', '/proc/self/fd']);
    expect((await call(running, 'models.removeFolder', { folder: '/not/there' })).ok).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${text}model-folders:\n  - /dev/null\n  - /proc/self/fd\n`);
  });
});
