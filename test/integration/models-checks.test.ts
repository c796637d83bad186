/** Models that nobody verified: compared with what their repository says, made ready or named with what differs, and mended. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Fetch } from '../../src-main/catalogue/hub.ts';
import type { ModelCheck } from '../../src-main/contract/models.ts';
import { modelCheckSchema } from '../../src-main/contract/models.ts';
import { type Checked, createChecks } from '../../src-main/models/checks.ts';
import { maxEntriesPerFolder } from '../../src-main/models/inventory-places.ts';
import { inspectOwnModel } from '../../src-main/models/ready.ts';
import { manifestName, readManifest } from '../../src-main/models/records.ts';
import { bytesOf, textContent } from '../stand-ins/huggingface/content.ts';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { hubFile, modelRepo } from '../stand-ins/huggingface/repos.ts';
import { temporaryFolder } from './support/rig.ts';

const repo = 'mlx-community/Tiny-1B-4bit';
const gated = 'mlx-community/Gated-1B-4bit';
/** More than the hash thread takes at once. */
const tiny = modelRepo(repo, {
  weightsBytes: 20 * 1024 * 1024,
  shards: 2,
  more: [
    hubFile('added_tokens.json', textContent('')),
    hubFile('README.md', textContent('# Tiny')),
    hubFile('modeling_tiny.py', textContent('print(1)')),
  ],
});
const weights = 'model-00001-of-00002.safetensors';
const hasherFile = new URL('../../src-main/models/hashing/hasher.ts', import.meta.url);

let hub: HuggingFace;
let modelDir = '';

beforeEach(async () => {
  modelDir = await fs.realpath(temporaryFolder());
  hub = await startHuggingFace({ repos: [tiny, modelRepo(gated, { gated: 'manual' })] });
  onTestFinished(() => hub.close());
});

/** As the command line leaves it, but for the program. */
async function copyByHand(name = 'Tiny-1B-4bit'): Promise<Checked> {
  const folder = path.join(modelDir, name);
  for (const file of tiny.files) {
    if (file.path.endsWith('.py')) continue;
    await fs.mkdir(path.dirname(path.join(folder, file.path)), { recursive: true });
    await fs.writeFile(path.join(folder, file.path), bytesOf(file.content), { mode: 0o644 });
  }
  return { key: `key of ${name}`, name, folder, repo };
}

function open(more: { readonly fetch?: Fetch } = {}) {
  const looks = new Set<() => void>();
  const history: ModelCheck[][] = [];
  const verified: string[][] = [];
  const checks = createChecks({
    address: hub.address,
    fetch,
    token: async () => null,
    hasherFile,
    onChange() {
      history.push(checks.list());
      for (const look of looks) look();
    },
    onVerified: () => verified.push(checks.list().map(({ state }) => state)),
    onBug: (error) => {
      throw error;
    },
    ...more,
  });
  onTestFinished(() => checks.close());
  const until = (is: (list: readonly ModelCheck[]) => boolean) =>
    new Promise<ModelCheck[]>((resolve) => {
      const look = () => {
        if (!is(checks.list())) return;
        looks.delete(look);
        resolve(checks.list());
      };
      looks.add(look);
      look();
    });
  async function check(model: Checked): Promise<ModelCheck> {
    checks.begin(model);
    const list = await until((all) =>
      all.some(({ key, state }) => key === model.key && (state === 'matched' || state === 'failed')),
    );
    const line = list.find(({ key }) => key === model.key);
    if (line === undefined) throw new Error('there is no line');
    expect(modelCheckSchema.safeParse(line).success).toBe(true);
    return line;
  }
  return { checks, check, until, history, verified };
}

/** The hub answers only when it is let. */
function holding() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const reached = Promise.withResolvers<void>();
  const held: Fetch = async (url, init) => {
    init.signal?.throwIfAborted();
    asked.push(url);
    reached.resolve();
    if (!isOpen) {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
      });
    }
    return await fetch(url, init);
  };
  const release = () => {
    isOpen = true;
    for (const go of waiting) go();
  };
  return { fetch: held, asked, reached: reached.promise, release };
}

describe('a model that was copied in', () => {
  test('and is as the repository has it, is ready: with a manifest, and every byte counted', async () => {
    const model = await copyByHand();
    expect(await inspectOwnModel(model.folder)).toEqual({ state: 'foreign' });
    const { check, history, verified } = open();
    const line = await check(model);
    expect(line).toMatchObject({ state: 'matched', problem: null, differs: false, name: 'Tiny-1B-4bit' });
    expect(verified).toEqual([['matched']]);
    expect(await inspectOwnModel(model.folder)).toMatchObject({ state: 'ready', manifest: { repo } });
    const read = await readManifest(model.folder);
    expect(read).toMatchObject({ kind: 'value', value: { commit: tiny.commit } });
    expect(line.doneBytes).toBe(line.totalBytes);
    expect(line.totalBytes).toBeGreaterThan(20 * 1024 * 1024);
    const done = history.map(([first]) => first?.doneBytes ?? 0);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(new Set(done).size).toBeGreaterThan(4);
    expect(hub.seen.every(({ server }) => server === 'hub')).toBe(true);
    /** What the user keeps there is left. */
    expect(await fs.readFile(path.join(model.folder, 'README.md'), 'utf8')).toBe('# Tiny');
  });

  test.each<[string, (folder: string) => Promise<void>, RegExp]>([
    [
      'one byte differs',
      async (folder) => {
        const handle = await fs.open(path.join(folder, weights), 'r+');
        await handle.write(Buffer.from([255, 254]), 0, 2, 5_000_000);
        await handle.close();
      },
      /^Not as the repository has it: model-00001-of-00002\.safetensors\.$/,
    ],
    [
      'a file is cut off, another is missing',
      async (folder) => {
        await fs.truncate(path.join(folder, weights), 100);
        await fs.rm(path.join(folder, 'tokenizer.json'));
      },
      /^Not as the repository has it: (tokenizer\.json, model-00001|model-00001[^,]*, tokenizer)/,
    ],
    [
      'a small file differs in its words only',
      async (folder) => {
        const file = path.join(folder, 'chat_template.jinja');
        await fs.writeFile(file, (await fs.readFile(file, 'utf8')).toUpperCase());
      },
      /: chat_template\.jinja\.$/,
    ],
    [
      'a program lies beside it',
      (folder) => fs.writeFile(path.join(folder, 'modeling_tiny.py'), 'import os'),
      /: modeling_tiny\.py\.$/,
    ],
    [
      'more weights lie beside it',
      (folder) => fs.writeFile(path.join(folder, 'model-extra.safetensors'), 'x'),
      /: model-extra\.safetensors\.$/,
    ],
    [
      'more lies beside it than is looked at',
      async (folder) => {
        const names = Array.from({ length: maxEntriesPerFolder }, (_, index) => `note-${index}.md`);
        for (const name of names) await fs.writeFile(path.join(folder, name), '');
      },
      /: more files than are looked at\.$/,
    ],
    [
      'a file is a link to a whole one',
      async (folder) => {
        const file = path.join(folder, 'tokenizer.json');
        await fs.rename(file, path.join(modelDir, 'elsewhere.json'));
        await fs.symlink(path.join(modelDir, 'elsewhere.json'), file);
      },
      /: tokenizer\.json\.$/,
    ],
    [
      'nearly everything is something else',
      async (folder) => {
        for (const name of await fs.readdir(folder)) {
          if (name !== 'config.json') await fs.writeFile(path.join(folder, name), 'x');
        }
      },
      /: (\S+, ){4}\S+ and \d+ more\.$/,
    ],
  ])('and of which %s, is named so, and not made ready', async (_name, spoil, message) => {
    const model = await copyByHand();
    await spoil(model.folder);
    const { check, verified } = open();
    const line = await check(model);
    expect(line).toMatchObject({ state: 'failed', differs: true, problem: { code: 'model-differs' } });
    expect(line.problem?.message).toMatch(message);
    expect(verified).toEqual([]);
    expect(await inspectOwnModel(model.folder)).toEqual({ state: 'foreign' });
  });

  test.each([
    ['nobody/Tiny-1B-4bit', 'hub-hidden'],
    [gated, null],
  ])('and whose repository is %s, ends as Hugging Face says', async (from, code) => {
    const { check } = open();
    const line = await check({ ...(await copyByHand()), repo: from });
    /** The list of a gated repository's files is for everybody. */
    if (code === null) expect(line).toMatchObject({ differs: true });
    else expect(line).toMatchObject({ state: 'failed', differs: false, problem: { code } });
  });

  test('is not verified without the network, and is when it is asked for again', async () => {
    const model = await copyByHand();
    const { check, checks } = open();
    await hub.goOffline();
    expect(await check(model)).toMatchObject({ state: 'failed', problem: { code: 'hub-offline' } });
    await hub.goOnline();
    checks.begin(model);
    expect(checks.list()).toMatchObject([{ state: 'queued', problem: null }]);
    expect(await check(model)).toMatchObject({ state: 'matched' });
  });

  test('and that changes while it is checked, is not made ready', async () => {
    const model = await copyByHand();
    const hold = holding();
    const { checks, until } = open({ fetch: hold.fetch });
    checks.begin(model);
    // By then the folder has been looked at.
    await hold.reached;
    await fs.rename(model.folder, `${model.folder}-old`);
    await fs.cp(`${model.folder}-old`, model.folder, { recursive: true });
    hold.release();
    const [line] = await until(([first]) => first?.state === 'failed');
    expect(line).toMatchObject({ differs: false, problem: { code: 'model-changed' } });
    expect(await inspectOwnModel(model.folder)).toEqual({ state: 'foreign' });
  });

  test('and that is gone, says so', async () => {
    const model = await copyByHand();
    await fs.rm(model.folder, { recursive: true });
    const { check } = open();
    expect(await check(model)).toMatchObject({ state: 'failed', differs: false });
    expect(await fs.readdir(modelDir)).toEqual([]);
  });
});

describe('checks', () => {
  test('follow one another, and each is once', async () => {
    const [first, second] = [await copyByHand(), await copyByHand('Second-1B-4bit')];
    const hold = holding();
    const { checks, until } = open({ fetch: hold.fetch });
    checks.begin(first);
    checks.begin(second);
    checks.begin(second);
    await until(([line]) => line?.state === 'checking');
    expect(checks.list().map(({ state }) => state)).toEqual(['checking', 'queued']);
    hold.release();
    await until((list) => list.length === 2 && list.every(({ state }) => state === 'matched'));
  });

  test('are cancelled at once, waiting or under way, and leave nothing', async () => {
    const [first, second] = [await copyByHand(), await copyByHand('Second-1B-4bit')];
    const hold = holding();
    const { checks, verified } = open({ fetch: hold.fetch });
    checks.begin(first);
    checks.begin(second);
    await hold.reached;
    await checks.end(second.key);
    await checks.end(first.key);
    await checks.end('unknown');
    expect(checks.list()).toEqual([]);
    hold.release();
    await checks.close();
    expect(verified).toEqual([]);
    for (const { folder } of [first, second]) {
      expect(await fs.readdir(folder)).not.toContain(manifestName);
    }
    expect(hold.asked).toHaveLength(1);
  });

  test('are cancelled between two parts of a file', async () => {
    const model = await copyByHand();
    const { checks, until } = open();
    checks.begin(model);
    await until(([line]) => (line?.doneBytes ?? 0) > 1_000_000);
    await checks.end(model.key);
    expect(checks.list()).toEqual([]);
    expect(await fs.readdir(model.folder)).not.toContain(manifestName);
  });

  test('end with the app, and none begins after it', async () => {
    const model = await copyByHand();
    const hold = holding();
    const { checks } = open({ fetch: hold.fetch });
    checks.begin(model);
    await hold.reached;
    await checks.close();
    checks.begin({ ...model, key: 'other' });
    expect(checks.list().map(({ key }) => key)).toEqual([model.key]);
    expect(hold.asked).toHaveLength(1);
  });
});
