/** The inventory on a real disk: what is a model, whose it is, who uses it, and that nothing but ours is ever touched. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src-main/catalogue/load.ts';
import type { FoundModel } from '../../src-main/contract/models.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { createInventory, type InventoryDeps, shownName } from '../../src-main/models/inventory.ts';
import { maxEntriesPerFolder, maxFolders } from '../../src-main/models/inventory-places.ts';
import { createRecordReader } from '../../src-main/models/inventory-records.ts';
import { removeModelFolder } from '../../src-main/models/inventory-remove.ts';
import { createRecords } from '../../src-main/models/records.ts';
import { findModel, hubSnapshots, maxHubSnapshots } from '../../src-main/stack/model-folder.ts';
import { hubFolderName, modelPlaces, repoOfHubFolder } from '../../src-main/stack/model-places.ts';
import type { Tier } from '../../src-main/stack/stack-types.ts';
import { asFolderNames, hostileNames } from './support/hostile-names.ts';
import { temporaryFolder } from './support/rig.ts';

const commitA = 'a'.repeat(40);
const commitB = 'b'.repeat(40);
const config = JSON.stringify({
  model_type: 'qwen3',
  max_position_embeddings: 40_960,
  quantization: { group_size: 64, bits: 4 },
});
const catalogue = await loadCatalogue(path.resolve(import.meta.dirname, '../../assets/catalogue'));

let root = '';
let own = '';
let tiers: Tier[] = [];
let running: { name: string; folder: string }[] = [];
let added: string[] = [];

const at = (...parts: string[]) => path.join(root, ...parts);
const hub = (...parts: string[]) => at('user', '.cache', 'huggingface', 'hub', ...parts);
const lmStudio = (...parts: string[]) => at('user', '.lmstudio', 'models', ...parts);

beforeEach(async () => {
  root = await fs.realpath(temporaryFolder());
  own = at('home', 'models');
  await fs.mkdir(own, { recursive: true, mode: 0o700 });
  tiers = [];
  running = [];
  added = [];
});

function places(modelDir = own, env: Record<string, string> = {}) {
  return modelPlaces({ env, userHome: at('user'), modelDir, modelFolders: added });
}

function inventory(overrides: Partial<InventoryDeps> = {}) {
  return createInventory({
    places: () => places(),
    tiers: () => tiers,
    running: () => running,
    entries: () => catalogue.entries,
    recordOf: createRecordReader(createHomeFiles({ home: at('home') }), at('home', 'models.json')),
    ownFolder: own,
    ...overrides,
  });
}

async function model(folder: string, files: Record<string, string | number> = {}): Promise<string> {
  await fs.mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries({
    'config.json': config,
    'model.safetensors': 1000,
    ...files,
  })) {
    await fs.writeFile(
      path.join(folder, name),
      typeof content === 'number' ? Buffer.alloc(content, 1) : content,
    );
  }
  return folder;
}

/** As huggingface_hub lays it out. */
async function cached(
  repo: string,
  commit: string,
  files: readonly string[] = ['config.json', 'model.safetensors'],
) {
  const folder = hub(hubFolderName(repo));
  const snapshot = path.join(folder, 'snapshots', commit);
  for (const part of ['blobs', 'refs', `snapshots/${commit}`]) {
    await fs.mkdir(path.join(folder, part), { recursive: true });
  }
  await fs.writeFile(path.join(folder, 'refs', 'main'), commit);
  for (const name of files) {
    const blob = `${name.replaceAll('.', '')}${commit}`;
    await fs.writeFile(
      path.join(folder, 'blobs', blob),
      name === 'config.json' ? config : Buffer.alloc(1000, 1),
    );
    await fs.symlink(`../../blobs/${blob}`, path.join(snapshot, name));
  }
  return snapshot;
}

const tier = (name: string, source: string): Tier => ({
  name,
  model: name,
  quant: null,
  source,
  port: 8000,
  flags: new Map(),
  displayName: null,
  context: null,
});

const shown = (models: readonly FoundModel[]) =>
  models.map(({ place, name, repo, state }) => `${place} ${name} (${repo}) ${state}`);

async function only(overrides: Partial<InventoryDeps> = {}): Promise<FoundModel> {
  const models = await inventory(overrides).list();
  const [first] = models;
  if (first === undefined || models.length !== 1) throw new Error(`there are ${models.length} models`);
  return first;
}

/** Everything below a folder: name, kind and content. */
async function fingerprint(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true, recursive: true });
  const lines = entries.map(async (entry) => {
    const name = path.join(entry.parentPath, entry.name);
    const stats = await fs.lstat(name);
    return `${path.relative(folder, name)} ${stats.mode} ${stats.size} ${stats.mtimeMs} ${stats.nlink}`;
  });
  return (await Promise.all(lines)).sort();
}

describe('what is there', () => {
  test('without any of the places there is nothing, and none is made', async () => {
    await fs.rm(own, { recursive: true });
    expect(await inventory().list()).toEqual([]);
    expect(await fs.readdir(at('home'))).toEqual([]);
  });

  test('a model of ours, with what its config.json says', async () => {
    const folder = await model(path.join(own, 'Qwen3-8B-4bit'), { 'tokenizer.json': 500 });
    expect(await only()).toEqual({
      key: expect.stringMatching(/^[\w-]{43}$/),
      name: 'Qwen3 8B',
      repo: 'mlx-community/Qwen3-8B-4bit',
      place: 'ours',
      folder,
      sizeBytes: 1500 + config.length,
      quant: 'int4',
      contextTokens: 40_960,
      state: 'unverified',
      lacks: null,
      tiers: [],
      isDeletable: true,
    });
  });

  test('each place is read, and its models are told apart', async () => {
    await model(path.join(own, 'Mine-1B-8bit'));
    await cached('mlx-community/Cached-2B-4bit', commitA);
    await model(lmStudio('mlx-community', 'Studio-3B-4bit'));
    added = [at('disk'), at('single')];
    await model(at('disk', 'Top-4B-bf16'), {
      'config.json': '{"architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16"}',
    });
    await model(at('disk', 'org', 'Deep-5B-4bit'));
    await model(at('single'));
    const models = await inventory().list();
    expect(shown(models)).toEqual([
      'ours Mine-1B (null) unverified',
      'hugging-face Cached-2B (mlx-community/Cached-2B-4bit) unverified',
      'lm-studio Studio-3B (mlx-community/Studio-3B-4bit) unverified',
      'added Deep-5B (org/Deep-5B-4bit) unverified',
      'added Top-4B (null) unverified',
      'added single (null) unverified',
    ]);
    expect(models.map(({ quant }) => quant)).toEqual(['int4', 'int4', 'int4', 'int4', 'bf16', 'int4']);
    expect(models.map(({ isDeletable }) => isDeletable)).toEqual([true, false, false, false, false, false]);
    expect(new Set(models.map(({ key }) => key)).size).toBe(6);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['HF_HUB_CACHE', { HF_HUB_CACHE: 'one', HF_HOME: 'two' }, ['one']],
    ['HF_HOME', { HF_HOME: 'two', XDG_CACHE_HOME: 'three' }, ['two', 'hub']],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: 'three' }, ['three', 'huggingface', 'hub']],
  ])('%s moves the cache of Hugging Face', async (_name, variables, expected) => {
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, at(value)]));
    expect(places(own, env).elsewhere[0]).toEqual({ kind: 'hugging-face', root: at(...expected) });
    expect(places(own, { HF_HUB_CACHE: '~/x' }).elsewhere[0]?.root).toBe(at('user', 'x'));
    for (const value of ['', 'relative', '../x', '~other', 'a\0']) {
      expect(places(own, { HF_HUB_CACHE: value, HF_HOME: value }).elsewhere[0]?.root).toBe(hub());
    }
  });

  test('of a cached repository the snapshot of main counts, an older whole one where that is not whole', async () => {
    const older = await cached('org/model-4bit', commitA);
    const newer = await cached('org/model-4bit', commitB);
    expect(await only()).toMatchObject({ folder: newer, state: 'unverified' });
    await fs.rm(path.join(newer, 'model.safetensors'));
    expect(await only()).toMatchObject({ folder: older, state: 'unverified' });
    await fs.rm(path.join(older, 'config.json'));
    expect(await inventory().list()).toEqual([]);
  });

  test('of a great many snapshots that of main is found', async () => {
    for (let index = 0; index < 2 * maxHubSnapshots; index += 1) {
      await cached('org/model-4bit', String(index).padStart(40, '0'));
    }
    const main = await cached('org/model-4bit', 'f'.repeat(40));
    expect(await findModel(tier('t', 'org/model-4bit'), own, places().elsewhere)).toMatchObject({
      folder: main,
    });
    expect(await hubSnapshots(hub('models--org--model-4bit'))).toHaveLength(maxHubSnapshots);
  });

  test('other apps keep more than models that write: those are not shown, nor what they have not finished', async () => {
    await model(lmStudio('org', 'embedding'), { 'config.json': '{"architectures":["BertModel"]}' });
    await model(lmStudio('org', 'no-words'), { 'config.json': '{"model_type":"x"}' });
    await fs.mkdir(lmStudio('org', 'gguf'), { recursive: true });
    await fs.writeFile(lmStudio('org', 'gguf', 'model.gguf'), 'x');
    await cached('org/only-config', commitA, ['config.json']);
    await fs.mkdir(hub('datasets--org--data'), { recursive: true });
    expect(await inventory().list()).toEqual([]);
    await model(lmStudio('org', 'writes'), {
      'config.json': '{"architectures":["Gemma4ForConditionalGeneration"]}',
    });
    expect(shown(await inventory().list())).toEqual(['lm-studio writes (org/writes) unverified']);
  });

  test('in our folder what was begun is shown as such; what is no model, hidden or a download is not', async () => {
    await model(path.join(own, 'begun'), { 'x.incomplete': 1 });
    await model(path.join(own, 'No-Config-4bit'));
    await fs.rm(path.join(own, 'No-Config-4bit', 'config.json'));
    await model(path.join(own, '.deleted-0123456789abcdef'));
    await model(path.join(own, 'Later-4bit.partial'));
    await fs.mkdir(path.join(own, 'empty'));
    await fs.mkdir(path.join(own, 'notes'));
    await fs.writeFile(path.join(own, 'notes', 'readme.txt'), 'x');
    await fs.writeFile(path.join(own, 'file.safetensors'), 'x');
    const models = await inventory().list();
    expect(models.map(({ name, state, lacks }) => [name, state, lacks])).toEqual([
      ['No-Config', 'incomplete', 'config.json is missing'],
      ['begun', 'incomplete', 'a download is not finished'],
    ]);
  });

  test('a manifest of ours makes it ready, and a file of another size makes it incomplete', async () => {
    const folder = await model(path.join(own, 'Verified-4bit'));
    const file = (name: string, sizeBytes: number) => ({
      path: name,
      sizeBytes,
      hash: { kind: 'sha256' as const, hex: '0'.repeat(64) },
    });
    const written = await createRecords(folder).writeManifest({
      repo: 'org/Verified-4bit',
      commit: commitA,
      files: [file('config.json', config.length), file('model.safetensors', 1000)],
    });
    expect(written.ok).toBe(true);
    expect(await only()).toMatchObject({ state: 'ready', repo: 'org/Verified-4bit', lacks: null });
    await fs.appendFile(path.join(folder, 'model.safetensors'), 'x');
    expect(await only()).toMatchObject({ state: 'incomplete', lacks: 'model.safetensors was changed' });
    await fs.writeFile(path.join(folder, '.mlx-stack.json'), '{');
    expect(await only()).toMatchObject({ state: 'incomplete', repo: null, isDeletable: true });
  });

  test('what changes on the disk is seen the next time', async () => {
    const list = inventory();
    const folder = await model(path.join(own, 'm-4bit'));
    const [before] = await list.list();
    await fs.writeFile(path.join(folder, 'config.json'), JSON.stringify({ max_position_embeddings: 8192 }));
    await fs.rm(path.join(folder, 'model.safetensors'));
    const [after] = await list.list();
    expect([before?.state, before?.contextTokens]).toEqual(['unverified', 40_960]);
    expect([after?.state, after?.contextTokens]).toEqual(['incomplete', 8192]);
    await fs.rm(folder, { recursive: true });
    expect(await list.list()).toEqual([]);
  });
});

describe('links', () => {
  test('one that leads out of a folder is never followed', async () => {
    const outside = await model(at('outside', 'Secret-4bit'));
    await fs.symlink(outside, path.join(own, 'linked'));
    await fs.mkdir(lmStudio('org'), { recursive: true });
    await fs.symlink(outside, lmStudio('org', 'linked'));
    await fs.symlink(at('outside'), lmStudio('linked-org'));
    await fs.mkdir(hub('models--org--linked'), { recursive: true });
    await fs.symlink(at('outside'), hub('models--org--linked', 'snapshots'));
    await fs.symlink(at('outside'), hub('models--org--all'));
    const stolen = await cached('org/stolen', commitA);
    await fs.rm(path.join(stolen, 'model.safetensors'));
    await fs.symlink(path.join(outside, 'model.safetensors'), path.join(stolen, 'model.safetensors'));
    added = [at('disk')];
    await fs.mkdir(at('disk'));
    await fs.symlink(outside, at('disk', 'linked'));
    const list = await inventory().list();
    expect(list.filter(({ state }) => state !== 'incomplete')).toEqual([]);
    expect(list.every(({ sizeBytes }) => sizeBytes < 1000)).toBe(true);
  });

  test('a cached repository, or a folder of LM Studio, that is itself a link is not used', async () => {
    await cached('org/moved-4bit', commitA);
    const wanted = tier('t', 'org/moved-4bit');
    const { elsewhere } = places();
    expect((await findModel(wanted, own, elsewhere)).state).toBe('complete');
    await fs.rename(hub('models--org--moved-4bit'), at('moved'));
    await fs.symlink(at('moved'), hub('models--org--moved-4bit'));
    await model(at('outside'));
    await fs.mkdir(lmStudio('org'), { recursive: true });
    await fs.symlink(at('outside'), lmStudio('org', 'moved-4bit'));
    expect((await findModel(wanted, own, elsewhere)).state).toBe('absent');
    expect(await inventory().list()).toEqual([]);
  });

  test('a folder that is reached by a link itself is used where it really is', async () => {
    await model(at('big-disk', 'Real-4bit'));
    await fs.rm(own, { recursive: true });
    await fs.symlink(at('big-disk'), own);
    expect(await only()).toMatchObject({ place: 'ours', folder: at('big-disk', 'Real-4bit') });
  });

  test('links in a circle and a named pipe end nothing', async () => {
    const folder = await model(path.join(own, 'odd-4bit'));
    await fs.symlink('.', path.join(folder, 'again'));
    await fs.symlink('loop', path.join(folder, 'loop'));
    await fs.symlink(folder, path.join(folder, 'deeper'));
    expect(await only()).toMatchObject({ state: 'unverified', sizeBytes: 1000 + config.length });
  });
});

describe('who uses it', () => {
  test('a tier runs from another app’s whole copy, which is shown with its name', async () => {
    const snapshot = await cached('mlx-community/Qwen3-8B-4bit', commitA);
    const studio = await model(lmStudio('mlx-community', 'Qwen3-4B-4bit'));
    tiers = [tier('standard', 'mlx-community/Qwen3-8B-4bit'), tier('fast', 'mlx-community/Qwen3-4B-4bit')];
    const { elsewhere } = places();
    const [standard, fast] = await Promise.all(tiers.map((each) => findModel(each, own, elsewhere)));
    expect([standard?.folder, fast?.folder]).toEqual([snapshot, studio]);
    const models = await inventory().list();
    expect(models.map(({ folder, tiers: users }) => [folder, users])).toEqual([
      [snapshot, ['standard']],
      [studio, ['fast']],
    ]);
    await model(path.join(own, 'Qwen3-8B-4bit'));
    expect((await findModel(tier('standard', 'mlx-community/Qwen3-8B-4bit'), own, elsewhere)).folder).toBe(
      path.join(own, 'Qwen3-8B-4bit'),
    );
  });

  test('ours that is not whole gives way to a whole one, and stays where there is none', async () => {
    const wanted = tier('t', 'org/m-4bit');
    const mine = await model(path.join(own, 'm-4bit'));
    await fs.rm(path.join(mine, 'model.safetensors'));
    const { elsewhere } = places();
    expect(await findModel(wanted, own, elsewhere)).toMatchObject({ folder: mine, state: 'incomplete' });
    await model(lmStudio('org', 'm-4bit'));
    expect(await findModel(wanted, own, elsewhere)).toMatchObject({
      folder: lmStudio('org', 'm-4bit'),
      state: 'complete',
    });
    await fs.rm(lmStudio('org', 'm-4bit', 'model.safetensors'));
    expect(await findModel(wanted, own, elsewhere)).toMatchObject({ folder: mine, state: 'incomplete' });
    await fs.rm(mine, { recursive: true });
    expect(await findModel(wanted, own, elsewhere)).toMatchObject({ folder: mine, state: 'absent' });
  });

  test('the same name of another organisation is another model', async () => {
    await model(lmStudio('other', 'm-4bit'));
    await cached('other/m-4bit', commitA);
    expect(await findModel(tier('t', 'org/m-4bit'), own, places().elsewhere)).toMatchObject({
      state: 'absent',
    });
  });

  test('of a folder without a record the tier that runs from it says what it is', async () => {
    await model(path.join(own, 'Unheard-of-4bit'));
    expect(await only()).toMatchObject({ repo: null });
    tiers = [tier('standard', 'some-org/Unheard-of-4bit')];
    expect(await only()).toMatchObject({ repo: 'some-org/Unheard-of-4bit', tiers: ['standard'] });
  });

  test('with LM Studio’s folder as our own, its models are found in its layout and stay its own', async () => {
    const theirs = await model(lmStudio('org', 'Theirs-4bit'));
    const ours = await model(lmStudio('Ours-4bit'));
    tiers = [tier('one', 'org/Theirs-4bit'), tier('two', 'org/Ours-4bit')];
    const models = await inventory({ places: () => places(lmStudio()) }).list();
    expect(models.map(({ folder, place, tiers: users }) => [folder, place, users])).toEqual([
      [ours, 'ours', ['two']],
      [theirs, 'lm-studio', ['one']],
    ]);
    expect(models.map(({ isDeletable }) => isDeletable)).toEqual([false, false]);
  });

  test('a folder that the stack file names itself is shown, wherever it is', async () => {
    const folder = await model(at('anywhere', 'Named-4bit'));
    tiers = [tier('named', folder)];
    expect(await only()).toMatchObject({ place: 'added', tiers: ['named'], isDeletable: false });
  });
});

describe('deletion', () => {
  test('takes ours, and nothing else', async () => {
    const folder = await model(path.join(own, 'gone-4bit'));
    const kept = await model(path.join(own, 'kept-4bit'));
    const outside = await model(at('outside'));
    await fs.symlink(outside, path.join(folder, 'link'));
    const before = [await fingerprint(kept), await fingerprint(outside)];
    const list = inventory();
    const found = (await list.list()).find((each) => each.folder === folder);
    const removed = await list.remove(found?.key ?? '');
    expect(removed).toMatchObject({ ok: true, value: { folder, sizeBytes: 1000 + config.length } });
    expect(await fs.readdir(own)).toEqual(['kept-4bit']);
    expect([await fingerprint(kept), await fingerprint(outside)]).toEqual(before);
    const again = await list.remove(found?.key ?? '');
    expect(!again.ok && again.error.code).toBe('model-gone');
  });

  test('is refused while a tier uses it, or a service that the stack file no longer has', async () => {
    const folder = await model(path.join(own, 'used-4bit'));
    tiers = [tier('standard', 'org/used-4bit')];
    const { key } = await only();
    const refused = await inventory().remove(key);
    expect(!refused.ok && refused.error).toMatchObject({
      code: 'model-in-use',
      message: 'used is used by standard.',
    });
    tiers = [];
    running = [{ name: 'old', folder }];
    expect(await only()).toMatchObject({ tiers: ['old'], isDeletable: false });
    expect((await inventory().remove(key)).ok).toBe(false);
    running = [];
    expect((await inventory().remove(key)).ok).toBe(true);
  });

  test('is offered to whoever asks when its service has ended, also while a list is made that still had it', async () => {
    const folder = await model(path.join(own, 'used-4bit'));
    running = [{ name: 'old', folder }];
    const looked = Promise.withResolvers<void>();
    const lists = inventory({
      running() {
        looked.resolve();
        return running;
      },
    });
    const first = lists.list();
    await looked.promise;
    running = [];
    const second = lists.list();
    expect(await first).toMatchObject([{ tiers: ['old'], isDeletable: false }]);
    expect(await second).toMatchObject([{ tiers: [], isDeletable: true }]);
  });

  test('never touches what other apps have, nor what lies in a folder of the user’s without our record', async () => {
    await cached('org/hf-4bit', commitA);
    await model(lmStudio('org', 'studio-4bit'));
    added = [at('disk')];
    await model(at('disk', 'added-4bit'));
    const before = await fingerprint(root);
    const list = inventory({ ownFolder: own });
    const codes: string[] = [];
    for (const { key } of await list.list()) {
      const removed = await list.remove(key);
      codes.push(removed.ok ? 'ok' : removed.error.code);
    }
    expect(codes).toEqual(['not-our-model', 'not-our-model', 'not-our-model']);
    expect(await fingerprint(root)).toEqual(before);

    const elsewhere = at('disk');
    added = [];
    const moved = inventory({ places: () => places(elsewhere) });
    const [theirs] = (await moved.list()).filter(({ place }) => place === 'ours');
    expect(theirs).toMatchObject({ folder: at('disk', 'added-4bit'), isDeletable: false });
    await fs.writeFile(
      at('home', 'models.json'),
      JSON.stringify([
        'x',
        { local_path: 7 },
        { local_path: at('disk', 'added-4bit'), hf_repo: 'org/added-4bit' },
      ]),
      { mode: 0o600 },
    );
    expect((await moved.list())[0]).toMatchObject({ repo: 'org/added-4bit', isDeletable: true });
  });

  test('that was cut off is ended by the next run', async () => {
    await model(path.join(own, '.deleted-0123456789abcdef'));
    await fs.mkdir(path.join(own, '.deleted-by-hand'));
    await fs.symlink(root, path.join(own, '.deleted-ffffffffffffffff'));
    await inventory().sweep();
    expect((await fs.readdir(own)).sort()).toEqual(['.deleted-by-hand', '.deleted-ffffffffffffffff']);
  });

  test('never leaves the folder of models, whatever it is asked for', async () => {
    await model(at('home', 'other'));
    await model(path.join(own, 'inner', 'deep'));
    await fs.symlink(at('home', 'other'), path.join(own, 'link'));
    const before = await fingerprint(root);
    const asked = [
      at('home', 'other'),
      at('home'),
      own,
      root,
      '/',
      path.join(own, 'inner', 'deep'),
      path.join(own, 'link'),
      `${own}/../other`,
      `${own}/.`,
      `${own}/..`,
      '',
    ];
    for (const folder of asked) {
      const removed = await removeModelFolder(own, folder);
      expect([folder, !removed.ok && removed.error.code]).toEqual([folder, 'not-our-model']);
    }
    for (const name of hostileNames(200)) {
      const removed = await removeModelFolder(own, `${own}/${name}`);
      if (removed.ok) await expect(fs.lstat(path.join(own, name))).rejects.toThrow();
    }
    expect(await fingerprint(root)).toEqual(before);
  });
});

describe('hostile names', () => {
  test('folders of any name are listed, shown on one line, and deleted by their key alone', async () => {
    const names = asFolderNames(hostileNames(80));
    expect(names.length).toBeGreaterThan(45);
    for (const name of names) {
      await model(path.join(own, name));
      await model(lmStudio(name, name));
    }
    const before = await fingerprint(lmStudio());
    const list = inventory();
    const models = await list.list();
    const visible = names.filter((name) => !name.startsWith('.'));
    expect(
      models
        .filter(({ place }) => place === 'ours')
        .map(({ folder }) => path.basename(folder))
        .sort(),
    ).toEqual(visible.toSorted());
    /** Each deletion looks at everything again. */
    const deleted = models.filter(({ place }) => place === 'ours').slice(0, 12);
    for (const each of models) {
      expect(each.name).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
      expect(each.name.length).toBeGreaterThan(0);
      expect(each.repo === null || /^[\w.-]+\/[\w.-]+$/.test(each.repo)).toBe(true);
    }
    for (const { key } of deleted) expect((await list.remove(key)).ok).toBe(true);
    const left = (await fs.readdir(own)).filter((name) => !name.startsWith('.'));
    expect(left).toHaveLength(visible.length - deleted.length);
    expect(left).not.toEqual(expect.arrayContaining(deleted.map(({ folder }) => path.basename(folder))));
    expect(await fingerprint(lmStudio())).toEqual(before);
  }, 120_000);

  test('a source of any form finds only what lies inside the places', async () => {
    await model(at('user', 'evil'));
    await model(at('evil'));
    added = [at('disk')];
    await model(at('disk', 'evil'));
    const { elsewhere } = places();
    for (const name of hostileNames(500, 11)) {
      if (path.isAbsolute(name)) continue;
      const facts = await findModel({ source: `${name}/x`, model: 'x' }, own, elsewhere);
      expect([name, facts.state]).toEqual([name, 'absent']);
      const repo = repoOfHubFolder(`models--${name}`);
      if (repo !== null) expect(hubFolderName(repo).startsWith('models--')).toBe(true);
    }
    for (const source of ['org/../evil', '../evil', './evil', 'org/evil/..', 'disk/../evil']) {
      const facts = await findModel({ source, model: 'none' }, own, elsewhere);
      expect(facts.folder.startsWith(own) || facts.folder.startsWith(at('disk'))).toBe(true);
    }
  });

  test('a name is shown so that it can be read', () => {
    expect(shownName('Qwen3-8B')).toBe('Qwen3-8B');
    expect(shownName('a\nb\u202ec')).toBe('a�b�c');
    expect(shownName('\n')).toBe('�');
    expect(shownName('   ')).toBe('(no name)');
    expect([...shownName('😀'.repeat(4096))]).toHaveLength(121);
  });
});

describe('bounds', () => {
  test('of a folder with too many entries only some are looked at', async () => {
    await fs.mkdir(lmStudio('org'), { recursive: true });
    const many = path.join(own, 'many-4bit');
    await model(many);
    for (let from = 0; from < maxEntriesPerFolder + 50; from += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, index) => fs.writeFile(path.join(many, `z${from + index}`), 'x')),
      );
    }
    const found = await inventory().list();
    expect(found.length).toBeLessThanOrEqual(1);
    expect(found[0]?.sizeBytes ?? 0).toBeLessThanOrEqual(1000 + config.length + maxEntriesPerFolder);
  });

  test('of too many folders the first are listed', async () => {
    for (let from = 0; from < maxFolders + 20; from += 101) {
      await Promise.all(
        Array.from({ length: 101 }, async (_, index) => {
          const folder = path.join(own, `m${String(from + index).padStart(5, '0')}`);
          await fs.mkdir(folder);
          await fs.writeFile(path.join(folder, 'config.json'), '{}');
        }),
      );
    }
    const found = await inventory().list();
    expect(found).toHaveLength(maxFolders);
    expect(found[0]?.name).toBe('m00000');
  }, 120_000);

  test('a config.json that is far too large costs nothing', async () => {
    await model(path.join(own, 'huge-4bit'), { 'config.json': `{"a":"${'x'.repeat(5 * 1024 * 1024)}"}` });
    expect(await only()).toMatchObject({ state: 'incomplete', lacks: 'config.json is damaged' });
  });
});
