/** The commands of models against a stand-in of Hugging Face and a real home: what they do, what they refuse, what they tell. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ConfigStore, createConfigStore } from '../../src-main/config/config-store.ts';
import { commands } from '../../src-main/contract/commands.ts';
import type { InstalledModel, ModelsStatus } from '../../src-main/contract/models.ts';
import { type Problem, problem, type Result } from '../../src-main/contract/result.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { prepareHome } from '../../src-main/files/prepare-home.ts';
import { createHardware } from '../../src-main/hardware/hardware.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';
import { repoOfText } from '../../src-main/models/repo-of-text.ts';
import {
  createModels,
  type Models,
  type ModelsDeps,
  modelHandlers,
  publishEveryMs,
} from '../../src-main/models/room.ts';
import { derivePaths, type Paths } from '../../src-main/paths.ts';
import { createSecretStore, type SecretStore } from '../../src-main/secrets/secret-store.ts';
import { createStackStore, type StackStore } from '../../src-main/stack/stack-store.ts';
import { bytesOf } from '../stand-ins/huggingface/content.ts';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../stand-ins/huggingface/repos.ts';
import { m4ProProfile } from '../stand-ins/macos/mac-tools.ts';
import { hostileNames } from './support/hostile-names.ts';
import { temporaryFolder } from './support/rig.ts';

const repo = 'mlx-community/Qwen3-8B-4bit';
const goodToken = `hf_${'a'.repeat(34)}`;
const gated = 'mlx-community/Gated-4B-4bit';
const catalogueFolder = path.resolve(import.meta.dirname, '../../assets/catalogue');

let root = '';
let paths: Paths;
let hub: HuggingFace;
let kept: Map<string, string>;
let published: ModelsStatus[];
/** By the room's own clock, so that a pause of this process between its look and the word counts for nothing. */
let publishedAt: number[];
let lookedAt = 0;
let secretsSeen: string[];
let noted: Problem[];
let chosenFolder: string | null;
let revealed: string[];
let running: { name: string; folder: string }[];
let changes = 0;

beforeEach(async () => {
  root = await fs.realpath(temporaryFolder());
  paths = derivePaths(path.join(root, 'home'));
  await prepareHome(paths);
  hub = await startHuggingFace({
    repos: [modelRepo(repo), modelRepo('mlx-community/New-1B-4bit'), modelRepo(gated, { gated: 'manual' })],
    tokens: { [goodToken]: [gated] },
  });
  onTestFinished(() => hub.close());
  kept = new Map();
  published = [];
  publishedAt = [];
  secretsSeen = [];
  noted = [];
  chosenFolder = null;
  revealed = [];
  running = [];
  changes = 0;
});

interface Room {
  readonly models: Models;
  readonly config: ConfigStore;
  readonly stack: StackStore;
  readonly secrets: SecretStore;
  readonly call: Models['handlers'];
}

async function open(more: Partial<ModelsDeps> = {}): Promise<Room> {
  const files = createHomeFiles({ home: paths.home });
  const config = createConfigStore({
    files,
    file: paths.config,
    home: paths.home,
    userHome: path.join(root, 'user'),
  });
  const stack = createStackStore({ files, file: paths.stack });
  await Promise.all([config.load(), stack.load()]);
  const redactor = createRedactor();
  const registerSecret = (value: string) => {
    secretsSeen.push(value);
    redactor.register(value);
  };
  const secrets = createSecretStore({
    registerSecret,
    keychain: {
      get: async (account) => kept.get(account) ?? null,
      set: async (account, value) => void kept.set(account, value),
      remove: async (account) => void kept.delete(account),
    },
  });
  const models = createModels({
    onBug: (error) => {
      throw error;
    },
    paths,
    files,
    config,
    stack,
    hardware: createHardware({
      platform: 'linux',
      run: async () => {
        throw new Error('nothing is run');
      },
      files,
      file: paths.profile,
      totalBytes: 64 * 1024 ** 3,
    }),
    secrets,
    registerSecret,
    status: {
      update({ models: part }) {
        if (part === undefined) return;
        published.push(part);
        publishedAt.push(lookedAt);
      },
    },
    hubAddress: hub.address,
    fetch,
    catalogueFolder,
    hasherFile: new URL('../../src-main/models/hashing/hasher.ts', import.meta.url),
    userHome: path.join(root, 'user'),
    env: {},
    running: () => running,
    askForFolder: async () => chosenFolder,
    reveal: (folder) => void revealed.push(folder),
    onModelsChanged: () => {
      changes += 1;
    },
    note: (found) => void noted.push(found),
    now() {
      lookedAt = Date.now();
      return lookedAt;
    },
    ...more,
  });
  onTestFinished(async () => {
    await models.close();
    await Promise.all([config.close(), stack.close()]);
  });
  await models.open();
  return { models, config, stack, secrets, call: models.handlers };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.error.code);
const latest = () => published.at(-1);
/** What is told comes soon; this much later only on a busy machine. */
const soonMs = 20_000;

async function list({ call }: Room): Promise<readonly InstalledModel[]> {
  const answer = value(await call['models.list']({}));
  expect(commands['models.list'].output.safeParse(answer).success).toBe(true);
  return answer.models;
}

async function model(...parts: string[]): Promise<string> {
  const folder = path.join(root, ...parts);
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(
    path.join(folder, 'config.json'),
    '{"quantization":{"bits":4},"max_position_embeddings":8192}',
  );
  await fs.writeFile(path.join(folder, 'model.safetensors'), Buffer.alloc(100, 1));
  return folder;
}

const stackText = (source: string) => `schema_version: 1
name: default
tiers:
- name: standard
  model: m
  quant: int4
  source: ${source}
  port: 8000
  vllm_flags: {}
`;

const writeProfile = () => fs.writeFile(paths.profile, JSON.stringify(m4ProProfile), { mode: 0o600 });

describe('from the list to the disk and back', () => {
  test('a model is downloaded, listed as ready, told of, and deleted', async () => {
    const room = await open();
    const before = latest()?.inventoryRevision ?? 0;
    expect(codeOf(await room.call['models.download']({ repo }))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('done'), 30_000);
    expect(latest()?.downloads[0]).toMatchObject({ repo, name: 'Qwen3 8B' });
    expect(latest()?.inventoryRevision).toBeGreaterThan(before);
    expect(changes).toBe(1);
    const [found] = await list(room);
    expect(found).toMatchObject({
      repo,
      name: 'Qwen3 8B',
      place: 'ours',
      state: 'ready',
      quant: 'int4',
      contextTokens: 40_960,
      isDeletable: true,
      folder: path.join(paths.models, 'Qwen3-8B-4bit'),
    });
    expect([...(await room.models.installedRepos())]).toEqual([repo, found?.folder]);
    expect(codeOf(await room.call['models.reveal']({ key: found?.key ?? '' }))).toBe('ok');
    expect(revealed).toEqual([found?.folder]);
    expect(codeOf(await room.call['models.delete']({ key: found?.key ?? '' }))).toBe('ok');
    expect(await list(room)).toEqual([]);
    await vi.waitFor(() => expect(latest()?.downloads).toEqual([]), soonMs);
    expect(codeOf(await room.call['models.reveal']({ key: found?.key ?? '' }))).toBe('model-gone');
    expect(codeOf(await room.call['models.delete']({ key: found?.key ?? '' }))).toBe('model-gone');
  });

  test('progress is told a few times a second, whatever happens', async () => {
    hub.faults.set(repo, '*', { bytesPerSecond: 150_000 });
    const room = await open();
    await room.call['models.download']({ repo });
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('done'), 30_000);
    expect(published.length).toBeGreaterThan(3);
    /** A timer may come a little early. */
    const gaps = publishedAt.slice(1).map((at, index) => at - (publishedAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(publishEveryMs - 15);
    expect(published.some(({ downloads }) => downloads[0]?.state === 'downloading')).toBe(true);
  });

  test('what is in the cache of Hugging Face or with LM Studio is not downloaded again', async () => {
    const folder = await model('user', '.lmstudio', 'models', ...repo.split('/'));
    const room = await open();
    const refused = await room.call['models.download']({ repo });
    expect(!refused.ok && refused.error).toMatchObject({
      code: 'model-already-here',
      message: `${repo} is on this Mac already, in ${folder}.`,
    });
    const there = await room.models.ensureDownloaded(repo, AbortSignal.timeout(20_000));
    expect(there).toMatchObject({ ok: true, value: { folder, state: 'complete' } });
    expect(await room.models.find(repo)).toMatchObject({ folder });
    expect(hub.seen).toEqual([]);
    const browsed = value(await room.call['models.browse']({ refresh: false }));
    expect(browsed.models.find((each) => each.repo === repo)?.installed).toBe(true);
  });

  test('a tier’s model is not deleted, its folder of models not taken away', async () => {
    const folder = await model('disk', 'org', 'Used-4bit');
    await fs.writeFile(paths.stack, stackText('org/Used-4bit'), { mode: 0o600 });
    const room = await open();
    chosenFolder = path.join(root, 'disk');
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('ok');
    const [used] = await list(room);
    expect(used).toMatchObject({ folder, tiers: ['standard'], place: 'added', isDeletable: false });
    expect(codeOf(await room.call['models.delete']({ key: used?.key ?? '' }))).toBe('model-in-use');
    expect(codeOf(await room.call['models.removeFolder']({ folder: chosenFolder }))).toBe('model-in-use');
    running = [{ name: 'old', folder: await model('home', 'models', 'Mine-4bit') }];
    const mine = (await list(room)).find(({ place }) => place === 'ours');
    expect(codeOf(await room.call['models.delete']({ key: mine?.key ?? '' }))).toBe('model-in-use');
    expect(await fs.readdir(folder)).toHaveLength(2);
  });
});

describe('a model in several places', () => {
  test('is listed once, with the others; deleting ours leaves the other, which is then the one', async () => {
    const mine = await model('home', 'models', 'Qwen3-8B-4bit');
    const theirs = await model('disk', 'mlx-community', 'Qwen3-8B-4bit');
    const finer = await model('disk', 'mlx-community', 'Qwen3-8B-8bit');
    await fs.writeFile(path.join(finer, 'config.json'), '{"quantization":{"bits":8}}');
    const room = await open();
    chosenFolder = path.join(root, 'disk');
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('ok');
    const before = await list(room);
    expect(before.map(({ folder, others }) => [folder, ...others.map((other) => other.folder)])).toEqual([
      [mine, theirs],
      [finer],
    ]);
    expect(before[0]?.others[0]).toMatchObject({ place: 'added', isDeletable: false, tiers: [] });
    expect(await room.models.installedRepos()).toEqual(
      new Set([repo, mine, theirs, finer, 'mlx-community/Qwen3-8B-8bit']),
    );
    const other = before[0]?.others[0]?.key ?? '';
    expect(codeOf(await room.call['models.delete']({ key: other }))).toBe('not-our-model');
    expect(codeOf(await room.call['models.delete']({ key: before[0]?.key ?? '' }))).toBe('ok');
    expect(await list(room)).toMatchObject([
      { key: other, folder: theirs, others: [], isDeletable: false },
      { folder: finer, others: [] },
    ]);
    expect(await fs.readdir(theirs)).toHaveLength(2);
  });

  test('is shown as the one that a tier uses; ours beside it can still be deleted', async () => {
    const mine = await model('home', 'models', 'Qwen3-8B-4bit');
    const theirs = await model('disk', 'mlx-community', 'Qwen3-8B-4bit');
    await fs.writeFile(paths.stack, stackText(theirs), { mode: 0o600 });
    const room = await open();
    chosenFolder = path.join(root, 'disk');
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('ok');
    const [row] = await list(room);
    expect(row).toMatchObject({ folder: theirs, tiers: ['standard'], others: [{ folder: mine }] });
    expect(codeOf(await room.call['models.delete']({ key: row?.key ?? '' }))).toBe('model-in-use');
    expect(row?.others[0]?.isDeletable).toBe(true);
    expect(codeOf(await room.call['models.delete']({ key: row?.others[0]?.key ?? '' }))).toBe('ok');
    expect(await list(room)).toMatchObject([{ folder: theirs, others: [] }]);
    await expect(fs.lstat(mine)).rejects.toThrow();
  });
});

describe('a model that was copied in by hand', () => {
  async function copy(repoId: string, folder: string): Promise<string> {
    for (const file of modelRepo(repoId).files) {
      await fs.mkdir(path.dirname(path.join(folder, file.path)), { recursive: true });
      await fs.writeFile(path.join(folder, file.path), bytesOf(file.content));
    }
    return folder;
  }

  test('is unverified, is verified while a tier uses it, and is ready', async () => {
    const folder = await copy(repo, path.join(paths.models, 'Qwen3-8B-4bit'));
    await fs.writeFile(paths.stack, stackText(repo), { mode: 0o600 });
    const room = await open();
    const [before] = await list(room);
    expect(before).toMatchObject({ repo, folder, state: 'unverified', tiers: ['standard'] });
    const revision = latest()?.inventoryRevision ?? 0;
    const key = before?.key ?? '';
    expect(codeOf(await room.call['models.verify']({ key }))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.checks).toMatchObject([{ key, state: 'matched' }]), 20_000);
    expect(latest()?.inventoryRevision).toBeGreaterThan(revision);
    expect(changes).toBe(1);
    expect(await list(room)).toMatchObject([{ key, state: 'ready', tiers: ['standard'] }]);
    expect(codeOf(await room.call['models.cancelVerify']({ key }))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.checks).toEqual([]), soonMs);
  });

  test('and differs, is downloaded again but for what matches, in use all the while', async () => {
    const folder = await copy(repo, path.join(paths.models, 'Qwen3-8B-4bit'));
    const weights = path.join(folder, 'model.safetensors');
    const spoilt = (await fs.readFile(weights)).fill(7, 100_000);
    await fs.writeFile(weights, spoilt);
    await fs.writeFile(path.join(folder, 'run.py'), 'print(1)');
    const room = await open();
    running = [{ name: 'standard', folder }];
    const key = (await list(room))[0]?.key ?? '';
    await room.call['models.verify']({ key });
    await vi.waitFor(() => expect(latest()?.checks[0]?.state).toBe('failed'), 20_000);
    expect(latest()?.checks[0]?.problem?.message).toBe(
      'Not as the repository has it: model.safetensors, run.py.',
    );
    hub.faults.set(repo, 'model.safetensors', { stallAfterBytes: 1000 });
    expect(codeOf(await room.call['models.downloadAgain']({ key }))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('downloading'), 20_000);
    expect(latest()?.checks).toEqual([]);
    expect(codeOf(await room.call['models.verify']({ key }))).toBe('model-downloading');
    expect(codeOf(await room.call['models.downloadAgain']({ key, isAnew: true }))).toBe('model-downloading');
    await room.call['models.pauseDownload']({ repo });
    expect(codeOf(await room.call['models.verify']({ key }))).toBe('model-half-here');
    await room.call['models.resumeDownload']({ repo });
    expect((await fs.readFile(weights)).equals(spoilt)).toBe(true);
    expect(await room.models.find(repo)).toMatchObject({ folder, state: 'complete' });
    hub.faults.clear();
    // Asked for anew: else the connections that say nothing are waited for, half a minute.
    await room.call['models.pauseDownload']({ repo });
    await room.call['models.resumeDownload']({ repo });
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('done'), 30_000);
    expect(await list(room)).toMatchObject([{ key, state: 'ready', tiers: ['standard'] }]);
    expect(await fs.readdir(folder)).not.toContain('run.py');
    const files = hub.seen
      .filter(({ url }) => url.includes('/resolve/'))
      .map(({ url }) => path.basename(url));
    expect(new Set(files)).toEqual(new Set(['model.safetensors']));
  });

  test('and whose origin nobody knows, is tried under its name at mlx-community', async () => {
    await copy('mlx-community/New-1B-4bit', path.join(paths.models, 'New-1B-4bit'));
    await copy(repo, path.join(paths.models, 'My own name'));
    const room = await open();
    const models = await list(room);
    expect(models.map((each) => each.repo)).toEqual([null, null]);
    const keyOf = (name: string) => models.find(({ folder }) => path.basename(folder) === name)?.key ?? '';
    await room.call['models.verify']({ key: keyOf('New-1B-4bit') });
    await vi.waitFor(() => expect(latest()?.checks[0]?.state).toBe('matched'), 20_000);
    expect((await list(room)).find(({ key }) => key === keyOf('New-1B-4bit'))).toMatchObject({
      repo: 'mlx-community/New-1B-4bit',
      state: 'ready',
    });
    for (const name of ['models.verify', 'models.downloadAgain'] as const) {
      expect(codeOf(await room.call[name]({ key: keyOf('My own name') }))).toBe('model-origin-unknown');
    }
  });

  test('under another name is verified, but not downloaded again into a folder that nobody looks for', async () => {
    const folder = await copy(repo, path.join(paths.models, 'qwen'));
    await fs.writeFile(paths.stack, stackText(folder), { mode: 0o600 });
    await fs.writeFile(
      paths.downloaded,
      JSON.stringify([{ model_id: 'qwen', hf_repo: repo, local_path: folder }]),
      { mode: 0o600 },
    );
    const room = await open();
    const key = (await list(room))[0]?.key ?? '';
    expect(codeOf(await room.call['models.downloadAgain']({ key }))).toBe('model-folder-name');
    await room.call['models.verify']({ key });
    await vi.waitFor(() => expect(latest()?.checks[0]?.state).toBe('matched'), 20_000);
    expect(await list(room)).toMatchObject([{ key, repo, state: 'ready' }]);
  });

  test('to another app is neither verified nor replaced, and one that is gone is not there', async () => {
    const folder = await copy(repo, path.join(root, 'user', '.lmstudio', 'models', ...repo.split('/')));
    const room = await open();
    const key = (await list(room))[0]?.key ?? '';
    for (const name of ['models.verify', 'models.downloadAgain'] as const) {
      expect(codeOf(await room.call[name]({ key }))).toBe('not-our-model');
      expect(codeOf(await room.call[name]({ key: 'no such key' }))).toBe('model-gone');
    }
    expect(await fs.readdir(folder)).not.toContain('.mlx-stack.json');
    expect(hub.seen).toEqual([]);
  });
});

describe('folders of other apps', () => {
  test('are added through the dialog, kept in config.yaml, and taken out again', async () => {
    const room = await open();
    const disk = path.join(root, 'A disk, with models');
    await model('A disk, with models', 'Mine-4bit');
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('ok');
    expect(value(await room.call['models.list']({})).folders).toEqual([]);
    chosenFolder = disk;
    const before = latest()?.inventoryRevision ?? 0;
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.inventoryRevision).toBeGreaterThan(before), soonMs);
    expect(value(await room.call['models.list']({})).folders).toEqual([disk]);
    expect(await list(room)).toMatchObject([{ folder: path.join(disk, 'Mine-4bit'), place: 'added' }]);
    expect(room.models.elsewhere().at(-1)).toEqual({ kind: 'added', root: disk });
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('folder-known');
    chosenFolder = paths.models;
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('folder-known');
    chosenFolder = path.join(disk, 'nothing');
    expect(codeOf(await room.call['models.addFolder']({}))).toBe('not-a-folder');
    expect(codeOf(await room.call['models.removeFolder']({ folder: '/' }))).toBe('folder-unknown');
    expect(codeOf(await room.call['models.removeFolder']({ folder: disk }))).toBe('ok');
    expect(await list(room)).toEqual([]);
    expect(await fs.readdir(path.join(disk, 'Mine-4bit'))).toHaveLength(2);
  });
});

describe('what can be had', () => {
  test('with what this Mac makes of it, and what was measured here', async () => {
    await writeProfile();
    await fs.mkdir(paths.benchmarks, { mode: 0o700 });
    await fs.writeFile(
      path.join(paths.benchmarks, 'm4-pro-48.json'),
      JSON.stringify({
        'qwen3-8b': { model_id: 'qwen3-8b', quant: 'int4', prompt_tps: 1, gen_tps: 44, memory_gb: 0 },
      }),
      { mode: 0o600 },
    );
    const room = await open();
    const browsed = value(await room.call['models.browse']({ refresh: true }));
    expect(commands['models.browse'].output.safeParse(browsed).success).toBe(true);
    expect(browsed.source).toBe('live');
    expect(browsed.models.filter(({ isRecommended }) => isRecommended).length).toBeGreaterThan(0);
    expect(browsed.models.find((each) => each.repo === repo)).toMatchObject({
      fits: true,
      speed: { lowTps: 44, highTps: 44, isMeasured: true },
    });
    expect(browsed.models.find((each) => each.repo === gated)).toMatchObject({ gated: true, verdict: null });
    const details = value(await room.call['models.details']({ repo: 'mlx-community/New-1B-4bit' }));
    expect(commands['models.details'].output.safeParse(details).success).toBe(true);
    expect(details).toMatchObject({ contextTokens: 40_960, atContextTokens: 32_768, quant: 'int4' });
    expect(await room.models.measured()).toMatchObject([{ repo, genTps: 44 }]);
    expect(await room.models.machine()).toMatchObject({
      ok: true,
      value: { chip: 'Apple M4 Pro', bandwidthGbps: 273, gpuCores: 20, totalBytes: 48 * 1024 ** 3 },
    });
    expect(value(await room.models.describe('mlx-community/New-1B-4bit')).kv).not.toBeNull();
  });

  test('without a network there is the shipped list and why, without a known Mac no verdict', async () => {
    await hub.goOffline();
    const room = await open();
    const browsed = value(await room.call['models.browse']({ refresh: true }));
    expect(browsed).toMatchObject({ source: 'shipped', notice: { code: 'hub-offline' } });
    expect(browsed.models.length).toBeGreaterThan(30);
    expect(browsed.models.every(({ verdict, speed }) => verdict === null && speed === null)).toBe(true);
    expect(codeOf(await room.models.machine())).toBe('hardware-unknown');
    expect(codeOf(await room.call['models.details']({ repo }))).toBe('hub-offline');
  });

  test('a repository of somebody else is looked up by the address of its page, listed, and downloaded', async () => {
    await writeProfile();
    const own = 'someone/Own-7B-6bit';
    hub.add(modelRepo(own, { downloads: 7, config: { vision_config: { model_type: 'vision' } } }));
    const room = await open();
    const before = value(await room.call['models.browse']({ refresh: true }));
    expect(before.models.some((each) => each.repo === own)).toBe(false);
    const found = value(
      await room.call['models.lookUp']({ text: ` https://huggingface.co/${own}/tree/main ` }),
    );
    expect(commands['models.lookUp'].output.safeParse(found).success).toBe(true);
    expect(found).toMatchObject({ repo: own, quant: 'int4', vision: true, downloads: 7, fits: true });
    expect(found.sizeBytes).toBeGreaterThan(256 * 1024);
    expect(codeOf(await room.call['models.download']({ repo: own }))).toBe('ok');
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('done'), 30_000);
    const after = value(await room.call['models.browse']({ refresh: false }));
    expect(after.models.find((each) => each.repo === own)).toEqual({ ...found, installed: true });
  });

  test.each([
    ['nobody/Nothing-4bit', 'hub-hidden', 'hub-offline'],
    ['private/One-4bit', 'hub-hidden', 'hub-offline'],
    [gated, 'hub-gated', 'hub-offline'],
    ['blocked/One-4bit', 'hub-disabled', 'hub-offline'],
    /** What was read of it is still known. */
    ['else/Sounds-4bit', 'hub-not-text', 'hub-not-text'],
    ['else/Weights-GGUF', 'hub-not-mlx', 'hub-offline'],
    ['https://huggingface.co/datasets/else/Numbers', 'hub-bad-name', 'hub-bad-name'],
  ])('looked up, %s is told apart as %s', async (text, code, withoutNetwork) => {
    const whisper = { quantization: undefined, quantization_config: undefined, architectures: ['BertModel'] };
    const gguf = modelRepo('else/Weights-GGUF');
    hub.add(
      modelRepo('private/One-4bit', { isPrivate: true }),
      modelRepo('blocked/One-4bit', { isDisabled: true }),
      modelRepo('else/Sounds-4bit', { config: whisper }),
      { ...gguf, files: gguf.files.filter(({ path: name }) => !name.endsWith('.safetensors')) },
    );
    const room = await open();
    const answer = await room.call['models.lookUp']({ text });
    expect(codeOf(answer)).toBe(code);
    expect(!answer.ok && answer.error.hint).toMatch(/\w/);
    await hub.goOffline();
    const offline = await room.call['models.lookUp']({ text });
    expect(codeOf(offline)).toBe(withoutNetwork);
  });

  test('benchmarks that cannot be read are told once', async () => {
    await writeProfile();
    await fs.mkdir(paths.benchmarks, { mode: 0o700 });
    await fs.writeFile(path.join(paths.benchmarks, 'm4-pro-48.json'), '{', { mode: 0o600 });
    const room = await open();
    expect(await room.models.measured()).toEqual([]);
    expect(await room.models.measured()).toEqual([]);
    expect(noted.map(({ code }) => code)).toEqual(['record-unreadable']);
  });
});

describe('the token', () => {
  test('is hidden from the logs first, then asked about, then kept, and only its end is shown', async () => {
    const room = await open();
    expect(latest()?.token).toEqual({ state: 'absent', last4: null, problem: null });
    expect(codeOf(await room.call['models.setToken']({ token: ` ${goodToken}\n` }))).toBe('ok');
    expect(secretsSeen[0]).toBe(goodToken);
    expect(hub.seen).toMatchObject([{ url: '/api/whoami-v2', authorization: `Bearer ${goodToken}` }]);
    expect(kept.get('huggingface')).toBe(goodToken);
    await vi.waitFor(
      () => expect(latest()?.token).toEqual({ state: 'present', last4: 'aaaa', problem: null }),
      soonMs,
    );
    expect(JSON.stringify(published)).not.toContain(goodToken);
    expect(codeOf(await room.call['models.removeToken']({}))).toBe('ok');
    expect(kept.size).toBe(0);
    await vi.waitFor(() => expect(latest()?.token.state).toBe('absent'), soonMs);
  });

  test('that Hugging Face refuses is not kept; that nobody can ask about is', async () => {
    const room = await open();
    const other = `hf_${'b'.repeat(34)}`;
    expect(codeOf(await room.call['models.setToken']({ token: other }))).toBe('hub-bad-token');
    expect(kept.size).toBe(0);
    await hub.goOffline();
    expect(codeOf(await room.call['models.setToken']({ token: other }))).toBe('ok');
    expect(kept.get('huggingface')).toBe(other);
  });

  test('of no form is refused before it goes anywhere; typed text hides no words from the logs', async () => {
    const room = await open();
    for (const token of hostileNames(60)) {
      expect([token, codeOf(await room.call['models.setToken']({ token }))]).toEqual([
        token,
        'secret-malformed',
      ]);
    }
    expect(secretsSeen).toEqual([]);
    expect(kept.size).toBe(0);
    expect(hub.seen).toEqual([]);
  });

  test('goes to Hugging Face, and never to where it sends', async () => {
    kept.set('huggingface', goodToken);
    const room = await open();
    expect(codeOf(await room.models.ensureDownloaded(gated, AbortSignal.timeout(30_000)))).toBe('ok');
    const toHub = hub.seen.filter(({ server }) => server === 'hub');
    expect(toHub.length).toBeGreaterThan(0);
    expect(toHub.every(({ authorization }) => authorization === `Bearer ${goodToken}`)).toBe(true);
    const toOthers = hub.seen.filter(({ server }) => server === 'cdn');
    expect(toOthers.length).toBeGreaterThan(0);
    expect(toOthers.every(({ authorization }) => authorization === null)).toBe(true);
  });
});

describe('waiting for a model', () => {
  test('ends when it is there, also for several at once', async () => {
    const room = await open();
    const signal = AbortSignal.timeout(30_000);
    const both = await Promise.all([
      room.models.ensureDownloaded(repo, signal),
      room.models.ensureDownloaded(repo, signal),
      room.models.ensureDownloaded('mlx-community/New-1B-4bit', signal),
    ]);
    expect(both.map((each) => each.ok && path.basename(each.value.folder))).toEqual([
      'Qwen3-8B-4bit',
      'Qwen3-8B-4bit',
      'New-1B-4bit',
    ]);
    expect(codeOf(await room.models.ensureDownloaded(repo, AbortSignal.abort()))).toBe('download-cancelled');
  });

  test('ends with the reason when it cannot be had', async () => {
    const room = await open();
    const signal = AbortSignal.timeout(30_000);
    expect(codeOf(await room.models.ensureDownloaded('mlx-community/None-4bit', signal))).toBe('hub-hidden');
    expect(codeOf(await room.models.ensureDownloaded(gated, signal))).toBe('hub-gated');
    kept.set('huggingface', goodToken);
    await room.secrets.load('huggingface');
    expect(codeOf(await room.models.ensureDownloaded(gated, signal))).toBe('ok');
  });

  test('aborted, pauses what it began and keeps it; asked again, it goes on', async () => {
    hub.faults.set(repo, 'model.safetensors', { stallAfterBytes: 1000 });
    const room = await open();
    const abort = new AbortController();
    const waiting = room.models.ensureDownloaded(repo, abort.signal);
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('downloading'), 20_000);
    abort.abort();
    expect(codeOf(await waiting)).toBe('download-cancelled');
    expect(room.models.downloads.list()[0]?.state).toBe('paused');
    expect((await fs.readdir(paths.models)).length).toBe(1);
    hub.faults.clear();
    expect(codeOf(await room.models.ensureDownloaded(repo, AbortSignal.timeout(30_000)))).toBe('ok');
  });

  test('leaves a download alone that the user began', async () => {
    hub.faults.set(repo, 'model.safetensors', { stallAfterBytes: 1000 });
    const room = await open();
    await room.call['models.download']({ repo });
    const abort = new AbortController();
    const waiting = room.models.ensureDownloaded(repo, abort.signal);
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('downloading'), 20_000);
    abort.abort();
    expect(codeOf(await waiting)).toBe('download-cancelled');
    expect(room.models.downloads.list()[0]?.state).toBe('downloading');
  });

  test('ends when the user takes the download away, and when the app quits', async () => {
    hub.faults.set(repo, 'model.safetensors', { stallAfterBytes: 1000 });
    const room = await open();
    const first = room.models.ensureDownloaded(repo, AbortSignal.timeout(30_000));
    await vi.waitFor(() => expect(latest()?.downloads[0]?.state).toBe('downloading'), 20_000);
    expect(codeOf(await room.call['models.cancelDownload']({ repo }))).toBe('ok');
    expect(codeOf(await first)).toBe('download-cancelled');
    const second = room.models.ensureDownloaded(repo, AbortSignal.timeout(30_000));
    await vi.waitFor(() => expect(room.models.downloads.list()[0]?.state).toBe('downloading'), 20_000);
    const told = published.length;
    await room.models.close();
    expect(codeOf(await second)).toBe('quitting');
    expect(published.length).toBe(told);
  });
});

describe('hostile input', () => {
  test('names of any form reach neither the disk nor the network', async () => {
    const room = await open();
    const before = await fs.readdir(root, { recursive: true });
    for (const name of hostileNames(150)) {
      if (/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(name) && !name.includes('..')) continue;
      for (const answer of [
        await room.call['models.download']({ repo: name }),
        await room.call['models.details']({ repo: name }),
        /** Space around a name that is pasted is no part of it. */
        ...(repoOfText(name) === null ? [await room.call['models.lookUp']({ text: name })] : []),
        await room.call['models.pauseDownload']({ repo: name }),
        await room.call['models.resumeDownload']({ repo: name }),
        await room.call['models.cancelDownload']({ repo: name }),
        await room.call['models.delete']({ key: name }),
        await room.call['models.reveal']({ key: name }),
        await room.call['models.removeFolder']({ folder: name }),
        await room.models.describe(name),
        await room.models.ensureDownloaded(name, AbortSignal.timeout(10_000)),
      ]) {
        expect([name, answer.ok]).toEqual([name, false]);
      }
      expect(await room.models.find(name)).toBeNull();
    }
    expect(hub.seen).toEqual([]);
    expect(revealed).toEqual([]);
    expect(await fs.readdir(root, { recursive: true })).toEqual(before);
  }, 120_000);
});

test('before there is a room every command says so', async () => {
  const notYet = problem('still-opening', 'Not yet.');
  let room: Models | null = null;
  const handlers = modelHandlers(() => room, notYet);
  expect(await handlers['models.list']({})).toEqual({ ok: false, error: notYet });
  expect(await handlers['models.setToken']({ token: 'x' })).toEqual({ ok: false, error: notYet });
  room = (await open()).models;
  expect(codeOf(await handlers['models.list']({}))).toBe('ok');
});
