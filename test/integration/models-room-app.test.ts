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
import { commands } from '../../src-main/contract/commands.ts';
import { writeModelFolder } from '../stand-ins/engines/write-engine.ts';
import { startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../stand-ins/huggingface/repos.ts';
import {
  answerTo,
  createHome,
  invoke,
  launch,
  type RunningApp,
  snapshotOf,
  type TestHome,
  until,
} from './support/app.ts';
import { temporaryFolder } from './support/rig.ts';

const commit = 'c'.repeat(40);
const token = `hf_canary${'Z'.repeat(30)}`;

const listed = async (running: RunningApp) =>
  commands['models.list'].output.parse(await answerTo(running, 'models.list'));

async function open(made: TestHome, env: Record<string, string>): Promise<RunningApp> {
  const running = await launch(made, { hidden: false, env: { HOME: temporaryFolder(), ...env } });
  await until(
    'a window',
    () => running.app.control('windows.read', {}),
    ([window]) => window?.visible === true,
  );
  return running;
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
    const refused = await invoke(running, 'models.delete', { key: models[0]?.key ?? '' });
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
    const status = () => snapshotOf(running);
    await until('the app', status, ({ app }) => app.phase === 'running');

    expect(await invoke(running, 'models.setToken', { token })).toEqual({ ok: true, value: {} });
    const told = await until(
      'the token',
      status,
      ({ models: { token: shown } }) => shown.state === 'present',
    );
    expect(told.models.token.last4).toBe('ZZZZ');

    expect((await invoke(running, 'models.download', { repo: 'test-org/model-fast' })).ok).toBe(true);
    await until('the model', status, ({ models: { downloads } }) => downloads[0]?.state === 'done');
    expect((await invoke(running, 'service.start', { id: 'fast' })).ok).toBe(true);
    await running.untilTray('fast', (view) => view.stateOf('fast') === 'Ready');

    const disk = path.join(temporaryFolder(), 'A disk, with “models”');
    const folder = writeModelFolder(path.join(disk, 'test-org', 'model-other'));
    writeFileSync(path.join(folder, 'config.json'), '{"architectures":["X"],"quantization":{"bits":4}}');
    await running.app.control('openDialog.choose', { paths: [disk] });
    expect((await invoke(running, 'models.addFolder', {})).ok).toBe(true);
    expect(parse(readFileSync(path.join(made.home, 'config.yaml'), 'utf8'))).toMatchObject({
      'model-folders': [disk],
    });
    const { models } = await listed(running);
    expect(models.map(({ place, tiers, state }) => [place, tiers, state])).toEqual([
      ['ours', ['fast'], 'ready'],
      ['added', ['other'], 'unverified'],
    ]);
    const otherAfterStart = async () => {
      await invoke(running, 'service.start', { id: 'other' });
      return (await running.tray()).stateOf('other');
    };
    await until('the folder', otherAfterStart, (state) => state === 'Ready');

    await invoke(running, 'models.reveal', { key: models[1]?.key ?? '' });
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
    expect((await invoke(running, 'models.removeFolder', { folder: '/not/there' })).ok).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${text}model-folders:\n  - /dev/null\n  - /proc/self/fd\n`);
  });
});
