/** Downloads against a stand-in of Hugging Face: the way there, every refusal, every fault, and what is on the disk after. */
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Download, DownloadState } from '../../src-main/contract/models.ts';
import { createDownloads, type DownloadsOptions } from '../../src-main/models/downloads.ts';
import type { DownloadLimits } from '../../src-main/models/limits.ts';
import { inspectOwnModel, isReady } from '../../src-main/models/ready.ts';
import { manifestName, progressName, readManifest, readProgress } from '../../src-main/models/records.ts';
import type { Transport } from '../../src-main/models/transport.ts';
import { inspectModelFolder } from '../../src-main/stack/model-folder.ts';
import { bytesOf, seededContent, textContent } from '../stand-ins/huggingface/content.ts';
import { type HuggingFaceOptions, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { hubFile, modelRepo } from '../stand-ins/huggingface/repos.ts';
import { temporaryFolder } from './support/rig.ts';
import { findTampered } from './support/tampered.ts';

const repo = 'mlx-community/Tiny-1B-4bit';
const kib = 1024;
const tiny = modelRepo(repo, {
  weightsBytes: 3_000 * kib,
  shards: 2,
  more: [
    hubFile('added_tokens.json', textContent('')),
    hubFile('deep/er/notes.txt', textContent('notes')),
    hubFile('modeling_tiny.py', textContent('print(1)')),
  ],
});
const wanted = [
  'added_tokens.json',
  'chat_template.jinja',
  'config.json',
  'deep/er/notes.txt',
  'generation_config.json',
  'model-00001-of-00002.safetensors',
  'model-00002-of-00002.safetensors',
  'model.safetensors.index.json',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
const weights = 'model-00001-of-00002.safetensors';

const hasherFile = new URL('../../src-main/models/hashing/hasher.ts', import.meta.url);

/** Small, so that a small model has many ranges; quick, so that a test need not wait. */
const small: Partial<DownloadLimits> = {
  aloneMs: 0,
  segmentBytes: 512 * kib,
  chunkBytes: 512 * kib,
  writeBytes: 128 * kib,
  firstRetryMs: 20,
  maxRetryMs: 100,
  maxFailures: 4,
  tellMs: 5,
};
/** For tests about answers that stop. For all others a machine that has no time for them must be no fault. */
const impatience = { stallMs: 300 } as const;

interface RigOptions {
  readonly hub?: HuggingFaceOptions;
  readonly token?: () => Promise<string | null>;
  readonly limits?: Partial<DownloadLimits>;
  readonly modelDir?: string;
  readonly freeDiskBytes?: DownloadsOptions['freeDiskBytes'];
  readonly downloads?: Partial<DownloadsOptions>;
}

async function rig(options: RigOptions = {}) {
  const hub = await startHuggingFace({ repos: [tiny], ...options.hub });
  const modelDir = options.modelDir ?? path.join(temporaryFolder(), 'home', 'models');
  const installed: string[] = [];
  const history: Download[][] = [];
  const looks = new Set<() => void>();
  const begin = () =>
    createDownloads({
      address: hub.address,
      fetch,
      token: options.token ?? (async () => null),
      hasherFile,
      modelDir: () => modelDir,
      limits: { ...small, ...options.limits },
      onChange: (downloads) => {
        history.push([...downloads]);
        for (const look of looks) look();
      },
      onInstalled: ({ folder }) => installed.push(folder),
      onBug: (error) => {
        throw error;
      },
      ...options.downloads,
      ...(options.freeDiskBytes === undefined ? {} : { freeDiskBytes: options.freeDiskBytes }),
    });
  let downloads = begin();
  onTestFinished(async () => {
    await downloads.close();
    await hub.close();
  });
  const of = (id: string) => downloads.list().find((each) => each.repo === id);

  /** Resolves when the download is as `isAs` says; told by changes, not by looking again and again. */
  function until(
    isAs: (download: Download | undefined) => boolean,
    id = repo,
  ): Promise<Download | undefined> {
    return new Promise((resolve) => {
      const look = () => {
        const download = of(id);
        if (!isAs(download)) return;
        looks.delete(look);
        resolve(download);
      };
      looks.add(look);
      look();
    });
  }
  const untilState = (...states: DownloadState[]) =>
    until((download) => download !== undefined && states.includes(download.state));

  return {
    hub,
    modelDir,
    installed,
    history,
    until,
    untilState,
    of,
    folder: path.join(modelDir, 'Tiny-1B-4bit'),
    partial: path.join(modelDir, 'Tiny-1B-4bit.partial'),
    get downloads() {
      return downloads;
    },
    /** As after a quit: another run over the same folder. */
    async restart() {
      await downloads.close();
      downloads = begin();
      await downloads.restore();
    },
    async finish(state: DownloadState = 'done') {
      expect(await downloads.download(repo)).toEqual({ ok: true, value: undefined });
      const download = await untilState('done', 'failed');
      expect(download).toMatchObject({ state });
      return download;
    },
  };
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();

async function expectWhole(folder: string): Promise<void> {
  expect(filesIn(folder)).toEqual([manifestName, ...wanted].sort());
  for (const file of tiny.files.filter(({ path: name }) => wanted.includes(name))) {
    expect((await readFile(path.join(folder, file.path))).equals(bytesOf(file.content)), file.path).toBe(
      true,
    );
  }
  expect(await isReady(folder)).toBe(true);
}

describe('a download', () => {
  it('ends in a verified folder that the stack and the engine take for a whole model', async () => {
    const run = await rig({ hub: { repos: [tiny], treePageSize: 3 } });
    const download = await run.finish();
    await expectWhole(run.folder);
    expect(run.installed).toEqual([run.folder]);
    expect(existsSync(run.partial)).toBe(false);
    expect(download).toMatchObject({ name: 'Tiny-1B-4bit', problem: null, detail: 'Downloaded and checked' });
    expect(download?.doneBytes).toBe(download?.totalBytes);
    expect(await inspectModelFolder(run.folder)).toMatchObject({ state: 'complete', lacks: null });
    const manifest = await readManifest(run.folder);
    expect(manifest).toMatchObject({ kind: 'value', value: { repo, commit: tiny.commit } });
    expect(findTampered(run.folder, manifest.kind === 'value' ? manifest.value.files : [])).toBeNull();
  });

  it('makes files and folders that are the user’s alone', async () => {
    const run = await rig();
    await run.finish();
    expect((await stat(run.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(run.folder, 'deep/er'))).mode & 0o777).toBe(0o700);
    for (const name of filesIn(run.folder)) {
      expect((await stat(path.join(run.folder, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it('asks for ranges by several connections at a pinned commit, and for no file that no engine needs', async () => {
    const run = await rig();
    await run.finish();
    const ofFile = run.hub.seen.filter(({ server, url }) => server === 'cdn' && url.includes(weights));
    expect(new Set(ofFile.map(({ range }) => range)).size).toBeGreaterThan(2);
    expect(ofFile.every(({ range }) => range !== null)).toBe(true);
    const resolved = run.hub.seen.filter(({ url }) => url.includes('/resolve/'));
    expect(resolved.every(({ url }) => url.includes(`/resolve/${tiny.commit}/`))).toBe(true);
    expect(resolved.some(({ url }) => /README|gitattributes|\.py/.test(url))).toBe(false);
  });

  it('tells what it does, with speed and time left, and never backwards', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 2_000 * kib });
    await run.finish();
    const told = run.history.flat().filter((each) => each.repo === repo);
    const states = told.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
    expect(states.filter((state) => state !== 'verifying')).toEqual(['preparing', 'downloading', 'done']);
    expect(told.every((each, index) => each.doneBytes >= (told[index - 1]?.doneBytes ?? 0))).toBe(true);
    const moving = told.filter(({ bytesPerSecond }) => bytesPerSecond !== null);
    expect(moving.length).toBeGreaterThan(2);
    expect(moving.every(({ secondsLeft }) => secondsLeft !== null && secondsLeft >= 0)).toBe(true);
  });

  it('tells of bytes that come slowly before there are enough of them for a large write', async () => {
    const whole = 4_096 * kib;
    const run = await rig({ limits: { segmentBytes: whole, writeBytes: whole, writeMs: 20 } });
    run.hub.faults.set(repo, weights, { bytesPerSecond: 400 * kib });
    await run.finish();
    const bytes = tiny.files
      .filter(({ path: name }) => wanted.includes(name))
      .map(({ content }) => content.sizeBytes);
    const all = bytes.reduce((sum, each) => sum + each, 0);
    const withoutWeights =
      all - (tiny.files.find(({ path: name }) => name === weights)?.content.sizeBytes ?? 0);
    // The others are there by then, so that what is told beyond them is a part of this one.
    const parts = new Set(run.history.map(([download]) => download?.doneBytes ?? 0));
    expect([...parts].filter((done) => done > withoutWeights && done < all)).not.toEqual([]);
    await expectWhole(run.folder);
  });

  it('of a model that is there is done at once and asks nothing', async () => {
    const run = await rig();
    await run.finish();
    const before = run.hub.seen.length;
    await run.finish();
    await run.restart();
    await run.finish();
    expect(run.hub.seen.length).toBe(before);
    expect(run.installed).toHaveLength(1);
  });

  it('of a damaged model of ours puts a whole one in its place', async () => {
    const run = await rig();
    await run.finish();
    await truncate(path.join(run.folder, weights), 1_000);
    expect(await inspectOwnModel(run.folder)).toMatchObject({
      state: 'damaged',
      lacks: `${weights} is cut off`,
    });
    expect(await inspectModelFolder(run.folder)).toMatchObject({ state: 'incomplete' });
    await run.finish();
    await expectWhole(run.folder);
    expect(readdirSync(run.modelDir)).toEqual(['Tiny-1B-4bit']);
  });
});

describe('downloaded again, beside what is there', () => {
  /** As somebody who copies a model by hand leaves it: all of it, and what else they keep there. */
  async function copyByHand(folder: string): Promise<void> {
    for (const file of tiny.files) {
      const name = path.join(folder, file.path);
      await mkdir(path.dirname(name), { recursive: true });
      await writeFile(name, bytesOf(file.content), { mode: 0o444 });
    }
  }
  async function spoil(file: string): Promise<Buffer> {
    const bytes = await readFile(file);
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
    await rm(file);
    await writeFile(file, bytes);
    return bytes;
  }
  const fetched = (run: Awaited<ReturnType<typeof rig>>) => [
    ...new Set(
      run.hub.seen
        .filter(({ url }) => url.includes('/resolve/'))
        .map(({ url }) => decodeURIComponent(url.slice(url.indexOf(tiny.commit) + tiny.commit.length + 1))),
    ),
  ];

  it('fetches only what differs, and leaves the old as it is until the whole new one takes its place', async () => {
    const run = await rig({ limits: impatience });
    await copyByHand(run.folder);
    const old = await spoil(path.join(run.folder, weights));
    run.hub.faults.set(repo, weights, { stallAfterBytes: 300 * kib });
    expect(await run.downloads.replace(repo)).toEqual({ ok: true, value: undefined });
    await run.until(
      (download) => download?.state === 'downloading' && run.hub.seen.some(({ server }) => server === 'cdn'),
    );
    expect((await readFile(path.join(run.folder, weights))).equals(old)).toBe(true);
    expect(await inspectModelFolder(run.folder)).toMatchObject({ state: 'complete' });
    run.hub.faults.clear();
    await run.untilState('done');
    await expectWhole(run.folder);
    expect(fetched(run)).toEqual([weights]);
    expect(readdirSync(run.modelDir)).toEqual(['Tiny-1B-4bit']);
    expect(run.installed).toEqual([run.folder]);
    for (const name of filesIn(run.folder)) {
      expect((await stat(path.join(run.folder, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it('anew, fetches all of it though it matches, also after a quit; the old stays until then', async () => {
    const run = await rig();
    await run.finish();
    const before = run.hub.seen.length;
    run.hub.faults.set(repo, weights, { stallAfterBytes: 300 * kib });
    await run.downloads.replace(repo, true);
    await run.until(() =>
      run.hub.seen.slice(before).some(({ url, server }) => server === 'cdn' && url.includes(weights)),
    );
    await expectWhole(run.folder);
    run.hub.faults.clear();
    await run.restart();
    await run.untilState('done');
    await expectWhole(run.folder);
    const again = run.hub.seen.slice(before).map(({ url }) => url);
    for (const file of filesIn(run.folder).filter(
      (name) => !name.startsWith('.') && lstatSync(path.join(run.folder, name)).size > 0,
    )) {
      expect(
        again.some((url) => url.includes(file)),
        file,
      ).toBe(true);
    }
  });

  it('goes on as such after a quit, and cancelled leaves the old', async () => {
    const run = await rig();
    await copyByHand(run.folder);
    await spoil(path.join(run.folder, weights));
    const before = filesIn(run.folder);
    run.hub.faults.set(repo, weights, { stallAfterBytes: 300 * kib });
    await run.downloads.replace(repo);
    await run.until(() => run.hub.seen.some(({ server }) => server === 'cdn'));
    await run.restart();
    expect(filesIn(run.folder)).toEqual(before);
    expect(await run.downloads.cancel(repo)).toMatchObject({ ok: true });
    expect(filesIn(run.folder)).toEqual(before);
    expect(readdirSync(run.modelDir)).toEqual(['Tiny-1B-4bit']);
    await run.downloads.replace(repo);
    await run.until(() => run.hub.seen.filter(({ server }) => server === 'cdn').length > 1);
    run.hub.faults.clear();
    await run.restart();
    await run.untilState('done');
    await expectWhole(run.folder);
    expect(fetched(run)).toEqual([weights]);
  });

  it('of a copy that is spoilt says nothing of the network: that may be wrong once as well', async () => {
    const run = await rig();
    await copyByHand(run.folder);
    await spoil(path.join(run.folder, weights));
    run.hub.faults.set(repo, weights, { otherContent: true, times: 1 });
    await run.downloads.replace(repo);
    expect(await run.untilState('done', 'failed')).toMatchObject({ state: 'done' });
    await expectWhole(run.folder);
  });

  it('of a damaged model of ours fetches the damaged file alone', async () => {
    const run = await rig();
    await run.finish();
    const before = run.hub.seen.length;
    await truncate(path.join(run.folder, weights), 1_000);
    await run.finish();
    await expectWhole(run.folder);
    const again = run.hub.seen.slice(before).filter(({ url }) => url.includes('/resolve/'));
    expect(again.length).toBeGreaterThan(0);
    expect(again.every(({ url }) => url.includes(weights))).toBe(true);
  });

  it('follows no link out of the folder', async () => {
    const run = await rig();
    await copyByHand(run.folder);
    const outside = path.join(temporaryFolder(), 'weights');
    await writeFile(outside, await readFile(path.join(run.folder, weights)));
    await rm(path.join(run.folder, weights));
    symlinkSync(outside, path.join(run.folder, weights));
    await run.downloads.replace(repo);
    await run.untilState('done');
    await expectWhole(run.folder);
    expect(fetched(run)).toEqual([weights]);
    expect(existsSync(outside)).toBe(true);
  });

  it('has no room: says so, and the old stays', async () => {
    const run = await rig({ freeDiskBytes: async () => 1_000 });
    await copyByHand(run.folder);
    await run.downloads.replace(repo);
    expect(await run.untilState('failed')).toMatchObject({ problem: { code: 'disk-too-small' } });
    expect(await inspectModelFolder(run.folder)).toMatchObject({ state: 'complete' });
  });

  it('never takes the place of another repository’s model', async () => {
    const run = await rig({ hub: { repos: [tiny, modelRepo('else/Tiny-1B-4bit')] } });
    await run.finish();
    expect(await run.downloads.replace('else/Tiny-1B-4bit')).toMatchObject({
      ok: false,
      error: { code: 'model-name-taken' },
    });
    await expectWhole(run.folder);
  });

  describe('and killed between the old going and the new coming', () => {
    async function killed(run: Awaited<ReturnType<typeof rig>>, more: object): Promise<void> {
      await run.finish();
      await run.downloads.close();
      const read = await readManifest(run.folder);
      if (read.kind !== 'value') throw new Error('there is no manifest');
      const { commit, files } = read.value;
      const done = files.map((file) => ({
        ...file,
        done: file.sizeBytes === 0 ? [] : [[0, file.sizeBytes]],
      }));
      const progress = { version: 1, repo, queuedAt: 1, isPaused: false, commit, files: done, ...more };
      await rename(run.folder, run.partial);
      await writeFile(path.join(run.partial, progressName), JSON.stringify(progress), { mode: 0o600 });
    }

    it('has the new one in place with the next start, without the network', async () => {
      const run = await rig();
      await killed(run, { replaces: true });
      await run.hub.goOffline();
      await run.restart();
      await expectWhole(run.folder);
      expect(run.downloads.list()).toEqual([]);
      expect(readdirSync(run.modelDir)).toEqual(['Tiny-1B-4bit']);
    });

    it('looks at it first: what lacks is fetched, what is not that far is verified', async () => {
      const run = await rig();
      await killed(run, { replaces: true });
      await truncate(path.join(run.partial, weights), 10);
      await run.restart();
      expect(run.of(repo)).toBeDefined();
      await run.untilState('done');
      await expectWhole(run.folder);
      await killed(run, {});
      await run.restart();
      expect(run.of(repo)).toBeDefined();
      await run.untilState('done');
      await expectWhole(run.folder);
    });

    it('does not let a manifest speak for what came after it', async () => {
      const run = await rig();
      await killed(run, { replaces: true });
      await spoil(path.join(run.partial, weights));
      await mkdir(run.folder);
      await writeFile(path.join(run.folder, 'config.json'), '{}');
      run.hub.faults.set(repo, weights, { stallAfterBytes: 300 * kib });
      await run.restart();
      await run.until(() =>
        run.hub.seen.some(({ server, url }) => server === 'cdn' && url.includes(weights)),
      );
      await run.downloads.close();
      expect(existsSync(path.join(run.partial, manifestName))).toBe(false);
    });
  });
});

describe('the queue', () => {
  const other = 'mlx-community/Other-1B-4bit';

  it('works at one model at a time, in the order asked for', async () => {
    const run = await rig({ hub: { repos: [tiny, modelRepo(other)] } });
    run.hub.faults.set(repo, '*', { bytesPerSecond: 3_000 * kib });
    await run.downloads.download(repo);
    await run.downloads.download(other);
    await run.until((download) => download?.state === 'downloading');
    expect(run.of(other)).toMatchObject({ state: 'queued', detail: 'Waits for its turn' });
    await run.until((download) => download?.state === 'done', other);
    expect(run.installed.map((folder) => path.basename(folder))).toEqual(['Tiny-1B-4bit', 'Other-1B-4bit']);
  });

  it('survives a quit, in its order, and goes on by itself', async () => {
    const run = await rig({ hub: { repos: [tiny, modelRepo(other)] } });
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.downloads.download(other);
    await run.until((download) => (download?.doneBytes ?? 0) > 600 * kib);
    await run.restart();
    expect(run.downloads.list().map((each) => each.repo)).toEqual([repo, other]);
    run.hub.faults.clear();
    await run.until((download) => download?.state === 'done', other);
    await expectWhole(run.folder);
  });

  it('pauses and resumes where it was, also over a quit', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 700 * kib);
    await run.downloads.pause(repo);
    expect(run.of(repo)).toMatchObject({ state: 'paused', detail: 'Paused', bytesPerSecond: null });
    const held = run.of(repo)?.doneBytes ?? 0;
    expect(held).toBeGreaterThan(700 * kib);
    await run.restart();
    expect(run.of(repo)).toMatchObject({ state: 'paused', doneBytes: held });
    run.hub.faults.clear();
    const before = run.hub.seen.length;
    await run.downloads.resume(repo);
    await run.untilState('done');
    await expectWhole(run.folder);
    expect(requestedBytes(run.hub.seen.slice(before))).toBeLessThanOrEqual(allBytes - held);
  });

  it('cancels by deleting what there is, and only that', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 100 * kib);
    await run.downloads.cancel(repo);
    expect(run.downloads.list()).toEqual([]);
    expect(readdirSync(run.modelDir)).toEqual([]);
    run.hub.faults.clear();
    await run.finish();
    await run.downloads.cancel(repo);
    expect(run.downloads.list()).toEqual([]);
    await expectWhole(run.folder);
  });

  it('refuses names that are none, and what is not in it', async () => {
    const run = await rig();
    for (const name of [
      'x',
      '../..',
      'a/../b',
      'a/b/c',
      '/a/b',
      'a/b.partial',
      'a/.b',
      'a/b\0',
      '-a/b',
      'a/b\n',
      `a/${'b'.repeat(4_096)}`,
      'a/🙂',
      "a/b';x",
    ]) {
      expect(await run.downloads.download(name), name).toMatchObject({
        ok: false,
        error: { code: 'hub-bad-name' },
      });
    }
    expect(existsSync(run.modelDir)).toBe(false);
    for (const change of [run.downloads.pause, run.downloads.resume, run.downloads.cancel]) {
      expect(await change(repo)).toMatchObject({ ok: false, error: { code: 'download-unknown' } });
    }
  });
});

const allBytes = tiny.files
  .filter(({ path: name }) => wanted.includes(name))
  .reduce((sum, { content }) => sum + content.sizeBytes, 0);

/** Of all ranges that the servers of the bytes were asked for. */
function requestedBytes(
  seen: readonly { readonly server: string; readonly url: string; readonly range: string | null }[],
): number {
  return seen
    .filter(({ server, url }) => server === 'cdn' || !/safetensors$|tokenizer\.json$|\/api\//.test(url))
    .reduce((sum, { range }) => {
      const [, start, end] = /(\d+)-(\d+)/.exec(range ?? '') ?? [];
      return start === undefined || end === undefined ? sum : sum + Number(end) - Number(start) + 1;
    }, 0);
}

describe('a refusal', () => {
  const gated = modelRepo('mlx-community/Tiny-1B-4bit', { gated: 'manual' });
  const hidden = modelRepo('mlx-community/Tiny-1B-4bit', { isPrivate: true });
  const blocked = modelRepo('mlx-community/Tiny-1B-4bit', { isDisabled: true });
  it.each([
    ['not there, anonymous', [], null, 'hub-hidden'],
    ['not there, signed in', [], 'hf_mine', 'hub-missing'],
    ['private, anonymous', [hidden], null, 'hub-hidden'],
    ['private, to another account', [hidden], 'hf_mine', 'hub-missing'],
    ['gated, anonymous', [gated], null, 'hub-gated'],
    ['gated, without access', [gated], 'hf_mine', 'hub-no-access'],
    ['asked for with a bad token', [tiny], 'hf_wrong', 'hub-bad-token'],
    ['blocked', [blocked], null, 'hub-disabled'],
  ])('of a model that is %s has its own sentence', async (_what, repos, token, code) => {
    const run = await rig({ hub: { repos, tokens: { hf_mine: [] } }, token: async () => token });
    const download = await run.finish('failed');
    expect(download?.problem?.code).toBe(code);
    expect(download?.problem?.hint).toBeTypeOf('string');
    expect(existsSync(run.folder)).toBe(false);
  });

  it('for want of access ends when the account has it', async () => {
    let token: string | null = null;
    const run = await rig({ hub: { repos: [gated], tokens: { hf_mine: [repo] } }, token: async () => token });
    await run.finish('failed');
    token = 'hf_mine';
    await run.downloads.resume(repo);
    await run.untilState('done');
    expect(await isReady(run.folder)).toBe(true);
  });

  it('of a version or a file that is gone says so', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 100 * kib);
    await run.downloads.pause(repo);
    run.hub.add({ ...tiny, commit: '0'.repeat(40) });
    run.hub.expireLinks();
    await run.downloads.resume(repo);
    expect((await run.untilState('failed', 'done'))?.problem?.code).toBe('hub-missing-revision');
    run.hub.add({ ...tiny, files: tiny.files.filter(({ path: name }) => name !== weights) });
    await run.downloads.resume(repo);
    expect((await run.untilState('failed', 'done'))?.problem?.code).toBe('hub-missing-file');
  });
});

describe('the token', () => {
  it('goes to the hub and never to the server that it sends to', async () => {
    const run = await rig({
      hub: { repos: [tiny], tokens: { hf_secret: [] } },
      token: async () => 'hf_secret',
    });
    await run.finish();
    const onHub = run.hub.seen.filter(({ server }) => server === 'hub');
    expect(onHub.every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
    const onCdn = run.hub.seen.filter(({ server }) => server === 'cdn');
    expect(onCdn.length).toBeGreaterThan(3);
    expect(onCdn.filter(({ authorization }) => authorization !== null)).toEqual([]);
    const left = filesIn(run.folder).filter((name) =>
      readFileSync(path.join(run.folder, name)).includes('hf_secret'),
    );
    expect(left).toEqual([]);
  });

  it.each([
    ['http elsewhere', 'http://example.com/x'],
    ['a file', 'file:///etc/passwd'],
    ['a name and password', 'https://a:b@example.com/x'],
    ['nowhere', ''],
  ])('nor is a redirect to %s followed', async (_what, target) => {
    const run = await rig();
    run.hub.faults.set(repo, weights, { redirectTo: target });
    expect((await run.finish('failed'))?.problem?.code).toBe('hub-bad-redirect');
  });

  it('nor is a redirect in a circle', async () => {
    const run = await rig();
    run.hub.faults.set(repo, weights, {
      redirectTo: `${run.hub.address}/${repo}/resolve/${tiny.commit}/${weights}`,
    });
    expect((await run.finish('failed'))?.problem?.code).toBe('hub-bad-redirect');
  });
});

describe('a fault', () => {
  it.each([
    ['cuts every answer short', { cutAfterBytes: 200 * kib }],
    ['stalls every answer', { stallAfterBytes: 400 * kib }],
    ['fails a few times', { status: 503, times: 3 }],
    ['sends other bytes once', { otherContent: true, times: 1 }],
  ])('that %s costs time only', async (_what, fault) => {
    const run = await rig({ limits: impatience });
    run.hub.faults.set(repo, weights, fault);
    await run.finish();
    await expectWhole(run.folder);
  });

  it('that lasts is given up with a sentence, and what is there stays', async () => {
    const run = await rig();
    run.hub.faults.set(repo, weights, { status: 500 });
    expect((await run.finish('failed'))?.problem?.code).toBe('hub-troubled');
    expect(existsSync(run.partial)).toBe(true);
    run.hub.faults.clear();
    await run.downloads.resume(repo);
    await run.untilState('done');
    await expectWhole(run.folder);
  });

  it.each([
    ['the list says more than there is', { listedBytesMore: 10 }, 'hub-wrong-size'],
    ['the list says less than there is', { listedBytesMore: -10 }, 'hub-wrong-size'],
    ['the hub says another size on the way', { linkedBytesMore: 1 }, 'hub-wrong-size'],
    ['the range is of another size', { rangeBytesMore: 5 }, 'hub-wrong-size'],
    ['the hub answers for another commit', { otherCommit: 'f'.repeat(40) }, 'hub-bad-answer'],
    ['the hub says another hash on the way', { otherEtag: 'f'.repeat(64) }, 'hub-bad-answer'],
    ['the bytes are others, again and again', { otherContent: true }, 'hub-wrong-content'],
    ['parts cannot be had', { ignoresRange: true }, 'hub-no-ranges'],
  ])('by which %s is found out, and nothing of it is ever offered', async (_what, fault, code) => {
    const run = await rig();
    run.hub.faults.set(repo, weights, fault);
    expect((await run.finish('failed'))?.problem?.code).toBe(code);
    expect(existsSync(run.folder)).toBe(false);
    expect(await inspectModelFolder(run.partial)).toMatchObject({ state: 'incomplete' });
    expect(run.installed).toEqual([]);
  });

  it('in a small file is found out too', async () => {
    const run = await rig();
    run.hub.faults.set(repo, 'config.json', { otherContent: true });
    expect((await run.finish('failed'))?.problem).toMatchObject({
      code: 'hub-wrong-content',
      message: expect.stringContaining('config.json'),
    });
  });

  it('of links that are no longer good is mended by asking for new ones', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_500 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 500 * kib);
    run.hub.expireLinks();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it('of the whole network is waited out, and the download goes on by itself', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_500 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 500 * kib);
    await run.hub.goOffline();
    const waiting = await run.until(
      (download) => download?.state === 'waiting' && download.problem?.code === 'hub-offline',
    );
    expect(waiting).toMatchObject({ detail: 'Waits for the network', bytesPerSecond: null });
    expect(waiting?.doneBytes).toBeGreaterThan(500 * kib);
    await run.hub.goOnline();
    run.hub.faults.clear();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it('of the network from the very first is waited out too', async () => {
    const run = await rig();
    await run.hub.goOffline();
    await run.downloads.download(repo);
    await run.untilState('waiting');
    await run.hub.goOnline();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it('is not waited for any longer after a wake', async () => {
    const run = await rig({ limits: { firstRetryMs: 600_000, maxRetryMs: 600_000 } });
    run.hub.faults.set(repo, weights, { status: 503, times: 1 });
    await run.downloads.download(repo);
    await run.untilState('waiting');
    run.downloads.wake();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it('of connections that died in a sleep is over with the wake', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { stallAfterBytes: 1_000 });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? -1) >= 0 && download?.state === 'downloading');
    await run.hub.untilSeen(6);
    run.hub.faults.clear();
    run.downloads.wake();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });
});

it('a mistake of ours ends that download alone, and is handed on', async () => {
  const bugs: unknown[] = [];
  const mistake = new RangeError('ours');
  const transport: Transport = { get: () => Promise.reject(mistake), close: () => {} };
  const all = await rig({ downloads: { transport, onBug: (error) => bugs.push(error) } });
  const failed = await all.finish('failed');
  expect(failed?.problem?.code).toBe('download-failed');
  expect(bugs).toEqual([mistake]);
});

describe('a rate limit', () => {
  it('is kept to, also by a wake, and said', async () => {
    const run = await rig();
    run.hub.limit(1, 1);
    const beganMs = performance.now();
    await run.downloads.download(repo);
    const waiting = await run.untilState('waiting');
    expect(waiting).toMatchObject({
      detail: 'Waits as Hugging Face asks',
      problem: { code: 'hub-rate-limited', message: 'Hugging Face asks to wait for a second.' },
    });
    run.downloads.wake();
    await run.untilState('done', 'failed');
    expect(performance.now() - beganMs).toBeGreaterThan(990);
    await expectWhole(run.folder);
  });

  it('in the middle of a download is kept to as well', async () => {
    const run = await rig({ limits: { streams: 1 } });
    run.hub.faults.set(repo, 'config.json', { bytesPerSecond: 20 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 0);
    run.hub.limit(1, 1);
    const waiting = await run.untilState('waiting', 'done');
    expect(waiting?.problem?.code).toBe('hub-rate-limited');
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });
});

describe('the disk', () => {
  it('must have room for the real size and a fifth more', async () => {
    const needed = Math.ceil(allBytes * 1.2);
    const run = await rig({ freeDiskBytes: async () => needed - 1 });
    const download = await run.finish('failed');
    expect(download?.problem?.code).toBe('disk-too-small');
    expect(run.hub.seen.some(({ url }) => url.includes('/resolve/'))).toBe(false);
    const enough = await rig({ freeDiskBytes: async () => needed });
    await enough.finish();
  });

  it('may hold links and strangers where the download goes: none is followed, none is taken along', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 300 * kib);
    await run.downloads.pause(repo);
    const victim = path.join(temporaryFolder(), 'victim');
    await writeFile(victim, 'precious');
    const second = path.join(run.partial, 'model-00002-of-00002.safetensors');
    await rm(second, { force: true });
    symlinkSync(victim, second);
    run.hub.faults.clear();
    await run.downloads.resume(repo);
    expect((await run.untilState('failed', 'done'))?.state).toBe('failed');
    expect(await readFile(victim, 'utf8')).toBe('precious');
    await rm(second);
    await writeFile(path.join(run.partial, 'model-evil.safetensors'), 'evil');
    symlinkSync(victim, path.join(run.partial, 'more.json'));
    await mkdir(path.join(run.partial, 'folder'));
    await run.downloads.resume(repo);
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
    expect(await readFile(victim, 'utf8')).toBe('precious');
  });

  it('may hold a link in place of the partial folder or the model: it is refused', async () => {
    const run = await rig();
    const elsewhere = temporaryFolder();
    await mkdir(run.modelDir, { recursive: true });
    symlinkSync(elsewhere, run.partial);
    expect(await run.downloads.download(repo)).toMatchObject({ ok: false, error: { code: 'symbolic-link' } });
    await rm(run.partial);
    symlinkSync(elsewhere, run.folder);
    expect(await run.downloads.download(repo)).toMatchObject({ ok: false, error: { code: 'symbolic-link' } });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('may hold another’s folder of that name: it is never touched', async () => {
    const run = await rig();
    await mkdir(run.folder, { recursive: true });
    writeFileSync(path.join(run.folder, 'notes.txt'), 'mine');
    expect(await run.downloads.download(repo)).toMatchObject({
      ok: false,
      error: { code: 'model-folder-taken' },
    });
    expect(filesIn(run.folder)).toEqual(['notes.txt']);
    expect(existsSync(run.partial)).toBe(false);
  });

  it('may hold a whole model that another program put there: it is used as it is', async () => {
    const run = await rig();
    await mkdir(run.folder, { recursive: true });
    writeFileSync(path.join(run.folder, 'config.json'), '{}');
    writeFileSync(path.join(run.folder, 'model.safetensors'), 'weights');
    await run.finish();
    expect(run.hub.seen).toEqual([]);
    expect(await inspectOwnModel(run.folder)).toEqual({ state: 'foreign' });
  });

  it('may hold a model of the same name from someone else: one of the two', async () => {
    const twin = modelRepo('someone/Tiny-1B-4bit');
    const run = await rig({ hub: { repos: [tiny, twin] } });
    await run.finish();
    expect(await run.downloads.download(twin.id)).toMatchObject({ error: { code: 'model-name-taken' } });
    await expectWhole(run.folder);
  });

  it('may have lost or changed what was recorded: it is fetched again', async () => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 900 * kib);
    await run.downloads.close();
    const { size } = lstatSync(path.join(run.partial, weights));
    expect(size).toBeGreaterThan(100 * kib);
    await writeFile(path.join(run.partial, weights), Buffer.alloc(size, 1));
    await rm(path.join(run.partial, 'config.json'));
    run.hub.faults.clear();
    await run.restart();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it.each([
    ['is damaged', '{"version":1,'],
    ['claims bytes beyond the end', null],
  ])('may hold a record that %s: it counts for nothing', async (_what, text) => {
    const run = await rig();
    run.hub.faults.set(repo, '*', { bytesPerSecond: 1_000 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 600 * kib);
    await run.downloads.close();
    const file = path.join(run.partial, progressName);
    const read = await readProgress(run.partial);
    if (read.kind !== 'value') throw new Error('there is a record');
    const lie = {
      ...read.value,
      files: read.value.files.map((each) => ({ ...each, done: [[0, each.sizeBytes + 1]] })),
    };
    await writeFile(file, text ?? JSON.stringify(lie));
    run.hub.faults.clear();
    await run.restart();
    await run.finish();
    await expectWhole(run.folder);
  });

  it('is swept of what a crash left at the very end', async () => {
    const run = await rig();
    await run.finish();
    await mkdir(path.join(run.modelDir, '.mlx-stack-replaced-0123456789abcdef'));
    await writeFile(path.join(run.folder, progressName), '{}');
    await mkdir(path.join(run.modelDir, 'mine.partial'));
    await run.restart();
    expect(readdirSync(run.modelDir).sort()).toEqual(['Tiny-1B-4bit', 'mine.partial']);
    await expectWhole(run.folder);
    expect(run.downloads.list()).toEqual([]);
  });
});

describe('connections', () => {
  const second = 'model-00002-of-00002.safetensors';
  const isAsked = (run: Awaited<ReturnType<typeof rig>>) =>
    run.hub.seen.some(({ url }) => url.includes(second));

  it('are no more than one while one is fast enough', async () => {
    /** On a busy machine the first bytes take their time. */
    const run = await rig({ limits: { aloneMs: 500, fastBytesPerSecond: 1 } });
    run.hub.faults.set(repo, '*', { bytesPerSecond: 500 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 1_000 * kib);
    expect(isAsked(run)).toBe(false);
    run.hub.faults.clear();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });

  it('become several where one is not', async () => {
    const run = await rig({
      limits: { ...impatience, aloneMs: 20, fastBytesPerSecond: Number.POSITIVE_INFINITY },
    });
    run.hub.faults.set(repo, weights, { stallAfterBytes: 100 * kib });
    await run.downloads.download(repo);
    await run.until((download) => (download?.doneBytes ?? 0) > 1_000 * kib);
    expect(isAsked(run)).toBe(true);
    run.hub.faults.clear();
    await run.untilState('done', 'failed');
    await expectWhole(run.folder);
  });
});

describe('hostile lists of files', () => {
  it.each([
    '../escape.json',
    '/etc/passwd.json',
    'a/../../escape.json',
    'C:\\windows\\x.json',
    'a\\..\\..\\x.json',
    'nul\0byte.json',
    'aux.json',
    './x.json',
    `${'x'.repeat(4_096)}.json`,
    'line\nbreak.json',
    '-rf.json',
    'Config.json',
    'config.json/x.json',
  ])('with %j are refused as a whole, and nothing is written', async (name) => {
    const hostile = modelRepo(repo, { more: [hubFile(name, textContent('{}'))] });
    const run = await rig({ hub: { repos: [hostile] } });
    expect((await run.finish('failed'))?.problem?.code).toBe('hub-hostile-names');
    expect(filesIn(run.modelDir)).toEqual([path.join('Tiny-1B-4bit.partial', progressName)]);
  });

  it('without weights are no model', async () => {
    const none = { ...tiny, files: tiny.files.filter(({ path: name }) => !name.includes('model')) };
    const run = await rig({ hub: { repos: [none] } });
    expect((await run.finish('failed'))?.problem?.code).toBe('hub-not-mlx');
  });

  it('of hidden files and other formats are read past', async () => {
    const more = [
      '.cache/x.json',
      '.evil.json',
      'original/model.safetensors',
      'pytorch_model.bin',
      'Läs mig.md',
    ];
    const odd = modelRepo(repo, { more: more.map((name) => hubFile(name, seededContent(name, 10))) });
    const run = await rig({ hub: { repos: [odd] } });
    await run.finish();
    expect(filesIn(run.folder).filter((name) => more.includes(name))).toEqual([]);
  });
});

it('closing ends everything at once and keeps what is there', async () => {
  const run = await rig();
  run.hub.faults.set(repo, '*', { stallAfterBytes: 100 * kib });
  await run.downloads.download(repo);
  await run.until((download) => (download?.doneBytes ?? 0) > 0);
  await run.downloads.close();
  expect((await readProgress(run.partial)).kind).toBe('value');
  expect(await run.downloads.download(repo)).toMatchObject({ ok: false, error: { code: 'closing' } });
});
