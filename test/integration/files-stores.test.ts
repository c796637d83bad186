/** Config, stack and desired state on a real disk: outside changes arrive, bad files cost nothing, edits are atomic. */
import { writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ConfigStore, createConfigStore } from '../../src-main/config/config-store.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { prepareHome } from '../../src-main/files/prepare-home.ts';
import { type WatchFile, watchFile } from '../../src-main/files/watch-file.ts';
import { derivePaths, type Paths } from '../../src-main/paths.ts';
import { createDesiredStore, maxDesiredServices } from '../../src-main/stack/desired.ts';
import { createStackStore, type StackStore } from '../../src-main/stack/stack-store.ts';
import { loadLedger } from '../../src-main/supervisor/ledger.ts';

let root = '';
let paths: Paths = derivePaths('/nowhere');
const stores: (ConfigStore | StackStore)[] = [];
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(tmpdir(), 'mlx-stack-stores-'));
  paths = derivePaths(path.join(root, 'home'));
  await prepareHome(paths);
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await fs.rm(root, { recursive: true, force: true });
});

const files = () => createHomeFiles({ home: paths.home });

function openConfig(watch?: WatchFile): ConfigStore {
  const store = createConfigStore({
    files: files(),
    file: paths.config,
    home: paths.home,
    userHome: root,
    ...(watch ? { watch } : {}),
  });
  stores.push(store);
  return store;
}

function openStack(watch?: WatchFile): StackStore {
  const store = createStackStore({ files: files(), file: paths.stack, ...(watch ? { watch } : {}) });
  stores.push(store);
  return store;
}

/** A watch that the test fires itself. */
function handWatch() {
  let fire: (() => void) | null = null;
  let closed = false;
  const watch: WatchFile = (_file, onChange) => {
    fire = onChange;
    return {
      close() {
        closed = true;
      },
    };
  };
  return { watch, fire: () => fire?.(), isClosed: () => closed };
}

const stackText = (port: number) => `schema_version: 1
name: default
tiers:
- name: fast   # the small one
  model: Qwen
  quant: int4
  source: mlx-community/Qwen3-0.6B-4bit
  port: ${port}
  vllm_flags:
    use_paged_cache: true
`;

describe('config store', () => {
  test('without a file all defaults hold, and none is created', async () => {
    const state = await openConfig().load();
    expect(state.source).toBe('none');
    expect(state.problems).toEqual([]);
    expect(state.value.config.litellmPort).toBe(4000);
    expect(state.value.config.localOnly).toBe(false);
    await expect(fs.lstat(paths.config)).rejects.toThrow('ENOENT');
  });

  test('a bad file leaves the last good settings in force, and is not touched', async () => {
    const store = openConfig();
    await fs.writeFile(paths.config, 'litellm-port: 4100\n');
    expect((await store.load()).value.config.litellmPort).toBe(4100);
    await fs.writeFile(paths.config, 'litellm-port: 70000\n');
    const state = await store.load();
    expect(state.value.config.litellmPort).toBe(4100);
    expect(state.source).toBe('last-good');
    expect(state.problems[0]?.problem.message).toBe(
      'config.yaml, line 1, column 15: litellm-port is 70000 but must be a whole number from 1 to 65535.',
    );
    expect(await fs.readFile(paths.config, 'utf8')).toBe('litellm-port: 70000\n');
    await fs.writeFile(paths.config, 'litellm-port: 4200\n');
    expect(await store.load()).toMatchObject({
      source: 'file',
      problems: [],
      value: { config: { litellmPort: 4200 } },
    });
  });

  test('a bad file at the first start leaves the defaults, but nothing goes to the cloud', async () => {
    await fs.writeFile(paths.config, 'local-only: true\nlitellm-port: x\n');
    const { value, source, problems } = await openConfig().load();
    expect(source).toBe('none');
    expect(problems).toHaveLength(1);
    expect(value.config.litellmPort).toBe(4000);
    expect(value.config.localOnly).toBe(true);
  });

  test('a link, binary bytes and a huge file are problems, not crashes', async () => {
    await fs.symlink('/etc/hosts', paths.config);
    expect((await openConfig().load()).problems[0]?.problem.code).toBe('symbolic-link');
    await fs.rm(paths.config);
    await fs.writeFile(paths.config, Buffer.from([0xff, 0x00, 0x80]));
    expect((await openConfig().load()).problems[0]?.problem.code).toBe('not-text');
    await fs.writeFile(paths.config, '#'.repeat(1024 * 1024));
    expect((await openConfig().load()).problems[0]?.problem.code).toBe('file-too-large');
  });

  test('set writes the file with its comments, tells once, and the own write is no outside change', async () => {
    const hand = handWatch();
    const store = openConfig(hand.watch);
    await fs.writeFile(paths.config, '# mine\nlitellm-port: 4100 # why\nunknown-thing: 7\n');
    await store.load();
    const seen: number[] = [];
    store.onChange((state) => seen.push(state.value.config.litellmPort));
    expect(await store.set('litellm-port', 4300)).toEqual({ ok: true, value: undefined });
    expect(seen).toEqual([4300]);
    hand.fire();
    await store.load();
    expect(seen).toEqual([4300]);
    expect(await fs.readFile(paths.config, 'utf8')).toBe(
      '# mine\nlitellm-port: 4300 # why\nunknown-thing: 7\n',
    );
    await store.remove('litellm-port');
    expect(store.state().value.config.litellmPort).toBe(4000);
    expect(await fs.readFile(paths.config, 'utf8')).toBe('# mine\nunknown-thing: 7\n');
  });

  test('set makes the file when there is none, and many at once all arrive', async () => {
    const store = openConfig();
    await store.load();
    const results = await Promise.all([
      store.set('litellm-port', 4300),
      store.set('local-only', true),
      store.set('log-max-files', 9),
      store.set('default-quant', 'int8'),
    ]);
    expect(results.every((result) => result.ok)).toBe(true);
    expect(store.state().value.config).toMatchObject({
      litellmPort: 4300,
      localOnly: true,
      logMaxFiles: 9,
      defaultQuant: 'int8',
    });
  });

  test('set refuses a bad value and a file that cannot be read, and changes neither', async () => {
    const store = openConfig();
    await store.load();
    const bad = await store.set('litellm-port', 0);
    expect(!bad.ok && bad.error.code).toBe('config-value');
    await expect(fs.lstat(paths.config)).rejects.toThrow('ENOENT');
    await fs.writeFile(paths.config, 'a: [\n');
    const broken = await store.set('litellm-port', 4300);
    expect(!broken.ok && broken.error.code).toBe('yaml-syntax');
    expect(await fs.readFile(paths.config, 'utf8')).toBe('a: [\n');
  });

  test('a plaintext key can be taken out, and is in no state', async () => {
    const key = 'sk-or-v1-canary0123456789abcdef';
    await fs.writeFile(paths.config, `litellm-port: 4100\nopenrouter-key: ${key} # old\n`);
    const store = openConfig();
    const state = await store.load();
    expect(state.value.config.hasPlaintextKey).toBe(true);
    expect(JSON.stringify(state)).not.toContain('canary');
    expect(await store.readPlaintextKey()).toBe(key);
    expect((await store.remove('openrouter-key')).ok).toBe(true);
    expect(await fs.readFile(paths.config, 'utf8')).toBe('litellm-port: 4100\n');
    expect(store.state().value.config.hasPlaintextKey).toBe(false);
    expect(await store.readPlaintextKey()).toBeNull();
  });

  test('after close no change is told and the watch is closed', async () => {
    const hand = handWatch();
    const store = openConfig(hand.watch);
    await store.load();
    const told = vi.fn();
    store.onChange(told);
    await store.close();
    await fs.writeFile(paths.config, 'litellm-port: 4100\n');
    hand.fire();
    await store.load();
    expect(hand.isClosed()).toBe(true);
    expect(told).not.toHaveBeenCalled();
    expect(store.state().value.config.litellmPort).toBe(4000);
  });
});

test('every truncation of a settings file on disk is refused, the last good one in force, or is a settings file itself', async () => {
  const store = openConfig();
  const text = '# mine\nlitellm-port: 4100\nauto-health-check: false\nmemory-budget-pct: 55\n';
  await fs.writeFile(paths.config, text);
  expect((await store.load()).problems).toEqual([]);
  let refused = 0;
  for (let length = 0; length < text.length; length += 1) {
    const cut = text.slice(0, length);
    await fs.writeFile(paths.config, cut);
    const { value, problems } = await store.load();
    expect(value.config.litellmPort, cut).toBeGreaterThan(0);
    expect(await fs.readFile(paths.config, 'utf8')).toBe(cut);
    if (problems.length > 0) refused += 1;
  }
  expect(refused).toBeGreaterThan(10);
});

describe('the record of started servers', () => {
  test('cut at any byte, or garbage, names no process, however real the one in it is', async () => {
    const record = {
      service: 'fast',
      pid: process.pid,
      startedAtS: 1_790_000_000,
      executable: process.execPath,
      launchId: '7b0d3a52-3d2c-4a55-9a53-0c8c2f3f8f11',
      port: 8000,
    };
    const text = JSON.stringify({ version: 1, launches: [record, record] });
    await fs.writeFile(paths.ledger, text);
    expect((await loadLedger(paths.ledger, files())).records).toHaveLength(2);
    const cuts = Array.from({ length: text.length }, (_, length) => text.slice(0, length));
    for (const bad of [...cuts, '{{{', '\0'.repeat(64), '[1]\n'.repeat(1_000_000)]) {
      await fs.writeFile(paths.ledger, bad);
      const { records, problem } = await loadLedger(paths.ledger, files());
      expect([records, problem === null], bad.slice(0, 400)).toEqual([[], false]);
    }
  });
});

describe('watching', () => {
  test('a change by an editor arrives, whether it writes into the file or replaces it', async () => {
    const store = openConfig(watchFile);
    await store.load();
    const next = () => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const end = store.onChange((state) => {
        end();
        resolve(state.value.config.litellmPort);
      });
      return promise;
    };
    let change = next();
    await fs.writeFile(paths.config, 'litellm-port: 4101\n');
    expect(await change).toBe(4101);
    change = next();
    await fs.writeFile(`${paths.config}~`, 'litellm-port: 4102\n');
    await fs.rename(`${paths.config}~`, paths.config);
    expect(await change).toBe(4102);
    change = next();
    await fs.rm(paths.config);
    expect(await change).toBe(4000);
  });

  test('a burst of writes is told once, with the last of them', async () => {
    const told = vi.fn();
    const watching = watchFile(paths.config, told);
    try {
      /** In one go: a busy machine must make no pause of it. */
      for (let round = 0; round < 20; round += 1)
        writeFileSync(paths.config, `litellm-port: ${4100 + round}\n`);
      await vi.waitFor(() => expect(told).toHaveBeenCalled(), { timeout: 20_000 });
      expect(told).toHaveBeenCalledTimes(1);
    } finally {
      watching.close();
    }
  });

  test('a file that never comes to rest is told all the same', async () => {
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const watching = watchFile(paths.config, resolve);
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await fs.writeFile(paths.config, 'x');
        await new Promise((done) => setTimeout(done, 50));
      }
    })();
    try {
      await told;
    } finally {
      writing = false;
      await writer;
      watching.close();
    }
  });

  test('other files of the folder are not told', async () => {
    const told = vi.fn();
    const watching = watchFile(paths.config, told);
    const { promise: second, resolve } = Promise.withResolvers<void>();
    const marker = watchFile(paths.ledger, resolve);
    try {
      await fs.writeFile(paths.ledger, 'x');
      await second;
      expect(told).not.toHaveBeenCalled();
    } finally {
      watching.close();
      marker.close();
    }
  });

  test('a folder that does not exist is no crash', () => {
    const watching = watchFile(path.join(root, 'no', 'such', 'file'), () => undefined);
    watching.close();
  });
});

describe('stack store', () => {
  test('opening and loading never writes the file', async () => {
    await fs.writeFile(paths.stack, stackText(8000));
    const before = await fs.stat(paths.stack, { bigint: true });
    const state = await openStack().load();
    expect(state.value?.stack.tiers[0]?.port).toBe(8000);
    const after = await fs.stat(paths.stack, { bigint: true });
    expect(after.mtimeNs).toBe(before.mtimeNs);
    expect(after.ino).toBe(before.ino);
  });

  test('no file is no stack; a bad one at the first start is none either, with its place', async () => {
    expect(await openStack().load()).toEqual({ value: null, source: 'none', problems: [] });
    await fs.writeFile(paths.stack, stackText(8000).replace('schema_version: 1', 'schema_version: 2'));
    const state = await openStack().load();
    expect(state.value).toBeNull();
    expect(state.problems[0]).toMatchObject({
      position: { line: 1, column: 17 },
      problem: { code: 'stack-version' },
    });
  });

  test('a stack that is removed or damaged stays in force', async () => {
    const store = openStack();
    await fs.writeFile(paths.stack, stackText(8000));
    await store.load();
    await fs.rm(paths.stack);
    expect(await store.load()).toMatchObject({
      source: 'last-good',
      problems: [{ problem: { code: 'stack-removed' } }],
    });
    await fs.writeFile(paths.stack, 'tiers: [');
    const damaged = await store.load();
    expect(damaged.value?.stack.tiers[0]?.port).toBe(8000);
    expect(damaged.problems[0]?.problem.code).toBe('yaml-syntax');
    await fs.writeFile(paths.stack, stackText(8005));
    expect((await store.load()).value?.stack.tiers[0]?.port).toBe(8005);
  });

  test('moving a tier to another port changes that number only', async () => {
    await fs.writeFile(paths.stack, stackText(8000));
    const store = openStack();
    await store.load();
    expect((await store.setTierPort('fast', 8042)).ok).toBe(true);
    expect(await fs.readFile(paths.stack, 'utf8')).toBe(stackText(8042));
    expect(store.state().value?.stack.tiers[0]?.port).toBe(8042);
    const unknown = await store.setTierPort('slow', 8043);
    expect(!unknown.ok && unknown.error).toMatchObject({ code: 'unknown-tier', hint: 'The tiers are fast.' });
  });

  test('every truncation of the file on disk is refused or a valid stack, and never loses the last good one', async () => {
    const store = openStack();
    const text = stackText(8000);
    await fs.writeFile(paths.stack, text);
    await store.load();
    for (let length = 0; length < text.length; length += 1) {
      await fs.writeFile(paths.stack, text.slice(0, length));
      const state = await store.load();
      expect(state.value).not.toBeNull();
      if (state.problems.length === 0) expect(state.value?.stack.tiers[0]?.name).toBe('fast');
    }
  });
});

describe('desired state', () => {
  const open = () => createDesiredStore({ files: files(), file: paths.desired });

  test('survives a relaunch; nothing said is off; nothing is written before a change', async () => {
    const first = open();
    expect(await first.load()).toBeNull();
    expect(first.get('fast')).toBe('off');
    await expect(fs.lstat(paths.desired)).rejects.toThrow('ENOENT');
    expect((await first.set({ fast: 'on', gateway: 'on' })).ok).toBe(true);
    expect((await first.set({ fast: 'off' })).ok).toBe(true);
    const second = open();
    expect(await second.load()).toBeNull();
    expect(second.get('fast')).toBe('off');
    expect(second.get('gateway')).toBe('on');
  });

  test.each([
    ['binary', Buffer.from([0xff, 0, 1, 2])],
    ['empty', ''],
    ['of another version', '{"version":2,"services":{}}'],
    ['with a name that is none', '{"version":1,"services":{"../x":"on"}}'],
    ['with another word', '{"version":1,"services":{"fast":"maybe"}}'],
    [
      'with too many services',
      JSON.stringify({
        version: 1,
        services: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`t${i}`, 'on'])),
      }),
    ],
    ['huge', 'x'.repeat(100_000)],
  ])('a file that is %s leaves all off, is kept, and set aside at the next change', async (_what, bytes) => {
    await fs.writeFile(paths.desired, bytes);
    const store = open();
    expect(await store.load()).not.toBeNull();
    expect([...store.all()]).toEqual([]);
    expect(await fs.readFile(paths.desired)).toEqual(Buffer.from(bytes));
    const results = await Promise.all([store.set({ fast: 'on' }), store.set({ slow: 'on' })]);
    expect(results.every((result) => result.ok)).toBe(true);
    expect(await fs.readFile(`${paths.desired}.bad`)).toEqual(Buffer.from(bytes));
    await store.set({ fast: 'on' });
    expect(await fs.readFile(`${paths.desired}.bad`)).toEqual(Buffer.from(bytes));
    const again = open();
    expect(await again.load()).toBeNull();
    expect([...again.all()]).toEqual([
      ['slow', 'on'],
      ['fast', 'on'],
    ]);
  });

  test('every truncation of a good file is refused', async () => {
    const store = open();
    await store.set({ fast: 'on', standard: 'off' });
    const text = (await fs.readFile(paths.desired, 'utf8')).trimEnd();
    for (let length = 0; length < text.length; length += 1) {
      await fs.writeFile(paths.desired, text.slice(0, length));
      expect((await open().load())?.message).toMatch(/desired\.json, line \d+, column \d+/);
    }
  });

  test("the user's stop holds even when it cannot be saved", async () => {
    await fs.symlink('/etc/hosts', paths.desired);
    const store = open();
    expect((await store.load())?.code).toBe('symbolic-link');
    const saved = await store.set({ fast: 'off', slow: 'on' });
    expect(!saved.ok && saved.error.code).toBe('symbolic-link');
    expect(store.get('slow')).toBe('on');
    expect(await fs.readlink(paths.desired)).toBe('/etc/hosts');
  });

  test('services that left long ago make room', async () => {
    const store = open();
    for (let index = 0; index < maxDesiredServices + 5; index += 1) await store.set({ [`t${index}`]: 'on' });
    expect(store.all().size).toBe(maxDesiredServices);
    expect(store.get('t0')).toBe('off');
    expect(store.get(`t${maxDesiredServices + 4}`)).toBe('on');
    expect(await open().load()).toBeNull();
  });
});
