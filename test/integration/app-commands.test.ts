/** What starts a service, as it is shown, beside what runs; and the first request that is copied, pasted into a shell. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commands } from '../../src-main/contract/commands.ts';
import { quoted } from '../../src-main/supervisor/command-text.ts';
import {
  answerTo,
  createHome,
  enginesOf,
  invoke,
  launch,
  type RunningApp,
  serverPids,
  snapshotOf,
  until,
  write,
} from './support/app.ts';
import { processTable } from './support/processes.ts';

const run = promisify(execFile);
const shell = async (line: string) => (await run('/bin/bash', ['-c', line])).stdout;

/** The words of a command line as a shell takes them apart. */
async function wordsOf(line: string): Promise<string[]> {
  return (await shell(`printf '%s\\0' ${line}`)).split('\0').slice(0, -1);
}

const read = async (running: RunningApp, id: string) =>
  commands['service.readCommand'].output.parse(await answerTo(running, 'service.readCommand', { id }));
const clipboard = async ({ app }: RunningApp) => (await app.control('clipboard.read', {})).text;
const parted = (text: string) => {
  const [line = '', rest = ''] = text.split('\n\n');
  return { line, names: /^# with (.*)$/m.exec(rest)?.[1]?.split(', ') ?? [] };
};

/** As macOS starts it: Electron's Info.plist sets an allocator for the app that is none for a Python server. */
const fromMacOs = { MallocNanoZone: '0', __CFBundleIdentifier: 'io.github.mlx-stack.app' };

async function launchReady(): Promise<RunningApp> {
  const running = await launch(await createHome({ tiers: ['fast'] }), { env: fromMacOs, hidden: false });
  await running.untilReady();
  return running;
}

/** Every file of home by its path, with what is in it. The app's own log may still tell how its window was opened. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory() && entry.name !== 'mlx-stack.app.log')
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
  const hashes = files.map(async (file) => {
    const stats = await lstat(file);
    const content = stats.isFile() ? await readFile(file) : `${stats.mode}`;
    return [path.relative(folder, file), createHash('sha256').update(content).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

describe('what a service is started with', () => {
  it('is what its process has: program, arguments, and the names of its environment without a value', async () => {
    const running = await launchReady();
    const { apiKey } = await running.gateway();
    const pids = await serverPids(running.home);
    if (process.platform === 'linux') {
      const ofApp = readFileSync(`/proc/${running.app.pid}/environ`, 'utf8');
      expect(ofApp).toContain('MallocNanoZone=0');
    }
    for (const id of ['fast', 'gateway']) {
      const { text, isStarted, problem } = await read(running, id);
      expect([isStarted, problem]).toEqual([true, null]);
      const { line, names } = parted(text);
      const argv = await wordsOf(line);
      const pid = pids[id];
      const row = (await processTable()).find((each) => each.pid === pid);
      expect(row?.command.endsWith(` ${argv.join(' ')}`), `${row?.command}\n${argv.join(' ')}`).toBe(true);
      expect(names).toEqual(names.toSorted());
      expect(names).toContain('MLX_STACK_LAUNCH_ID');
      expect(names.every((name) => /^\w+$/.test(name))).toBe(true);
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain(apiKey.slice(-4));
      expect(names.includes('LITELLM_MASTER_KEY')).toBe(id === 'gateway');
      if (process.platform === 'linux') {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
        /** sh sets PWD by itself. */
        const own = environment.map((each) => each.split('=')[0]).filter((name) => name !== 'PWD');
        expect(names).toEqual(own.toSorted());
        expect(own).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(Malloc|__CF)/)]));
      }
    }
  });

  it('is shown of one that is off, and nothing is started for it', async () => {
    const home = await createHome({ tiers: ['fast'], desired: 'off' });
    const running = await launch(home, { hidden: false });
    await running.untilTray('the tier', (tray) => tray.stateOf('fast') === 'Off');
    const { text, isStarted } = await read(running, 'fast');
    expect(isStarted).toBe(false);
    expect(await wordsOf(parted(text).line)).toEqual([
      path.join(home.home, 'run/bin/vllm-mlx'),
      'serve',
      path.join(home.home, 'models/model-fast'),
      '--port',
      String(home.tierPorts['fast']),
      '--host',
      '127.0.0.1',
      '--served-model-name',
      'fast',
      '--offline',
      ...(await wordsOf(parted(text).line)).slice(10),
    ]);
    expect(await enginesOf(home.home)).toEqual([]);
    expect((await snapshotOf(running)).services.map(({ state }) => state)).toEqual(['stopped', 'stopped']);

    expect((await invoke(running, 'service.copyCommand', { id: 'fast' })).ok).toBe(true);
    /** What is said beside it is no command, and an interactive zsh would take it for one. */
    expect(await clipboard(running)).toBe(parted(text).line);
    expect(await clipboard(running)).not.toMatch(/^\s*#/m);
    expect(await invoke(running, 'service.readCommand', { id: 'nobody' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-service' },
    });
  });

  it('is shown of every service of a stack that is off, starts nothing, and leaves home as it is', async () => {
    const tiers = ['standard', 'fast', 'longctx'];
    const home = await createHome({ tiers, desired: 'off' });
    const running = await launch(home, { hidden: false });
    await running.untilTray('the tiers', (tray) => tiers.every((tier) => tray.stateOf(tier) === 'Off'));
    const { services } = await snapshotOf(running);
    expect(services.map(({ id }) => id).toSorted()).toEqual([...tiers, 'gateway'].toSorted());
    const { apiKey } = await running.gateway();
    const before = await contentOf(home.home);
    for (const { id, kind, port } of services) {
      const { text, isStarted, problem } = await read(running, id);
      expect([id, isStarted, problem]).toEqual([id, false, null]);
      const argv = await wordsOf(parted(text).line);
      const program = kind === 'tier' ? 'vllm-mlx' : 'litellm';
      expect(argv[0]).toBe(path.join(home.home, 'run/bin', program));
      expect(argv.join(' ')).toContain(`--port ${port}`);
      expect(argv.join(' ')).toContain('--host 127.0.0.1');
      expect(parted(text).names.every((name) => /^\w+$/.test(name))).toBe(true);
      expect(text).not.toContain(apiKey.slice(-4));
      expect((await invoke(running, 'service.copyCommand', { id })).ok).toBe(true);
      expect(await clipboard(running)).toBe(parted(text).line);
    }
    expect(await enginesOf(home.home)).toEqual([]);
    expect(await contentOf(home.home)).toEqual(before);
    expect((await snapshotOf(running)).services).toEqual(services);
  });

  it('stays what the process has when the file asks for something else that only the next one gets', async () => {
    const home = await createHome({ tiers: ['fast'], vllmMlx: { fast: { ignoreTerm: true } } });
    const running = await launch(home, { hidden: false });
    await running.untilReady();
    const before = await read(running, 'fast');
    expect(before.text).not.toContain('--max-tokens 77');
    const stack = path.join(home.home, 'stacks/default.yaml');
    write(
      home.home,
      'stacks/default.yaml',
      readFileSync(stack, 'utf8').replace('continuous_batching: true', 'max_tokens: 77'),
    );
    await until(
      'its end',
      () => snapshotOf(running),
      ({ services }) => services[0]?.state === 'stopping',
    );
    expect(await read(running, 'fast')).toEqual(before);
  });

  it('tells why there is no program, and what it would be given', async () => {
    const home = await createHome({ tiers: ['fast'], desired: 'off' });
    write(home.home, 'config.yaml', `litellm-port: ${home.gatewayPort}\nvllm-mlx-path: /nowhere/vllm-mlx\n`);
    const running = await launch(home, { hidden: false });
    await running.untilTray('the tier', (tray) => tray.stateOf('fast') === 'Off');
    const { text, problem, isStarted } = await read(running, 'fast');
    expect(isStarted).toBe(false);
    expect(problem?.message).toContain('/nowhere/vllm-mlx');
    expect((await wordsOf(parted(text).line)).slice(0, 2)).toEqual(['vllm-mlx', 'serve']);
  });
});

it('a word of a command line is one word to a shell, whatever is in it', async () => {
  const words = [
    '',
    'plain',
    'a b',
    "it's",
    '$(touch /tmp/x) `id` $HOME "q" \\ \\n',
    "line\nbreak 'and' more",
    '\x1b[31mred\x07',
    "tab\tand 'quote' and \\",
    'right\u202eleft',
    'ü 模型 🙂',
    '--flag=*?[a]~{1,2};&|<>#!',
    '-',
  ];
  const line = words.map(quoted).join(' ');
  expect(quoted('=ls')).toBe("'=ls'");
  expect(await wordsOf(line)).toEqual(words);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may stand in what is pasted
  expect(line).not.toMatch(/[\x00-\x1f\x7f\u202e]/);
});

describe('the first request that is copied', () => {
  it('is answered as it is pasted into a shell, and has the key that the window never sees', async () => {
    const running = await launchReady();
    const { apiKey } = await running.gateway();
    expect(await answerTo(running, 'endpoint.copySample', { tier: 'fast' })).toEqual({});
    const text = await clipboard(running);
    expect(text.split(apiKey)).toHaveLength(2);
    const answer = z
      .object({
        model: z.string(),
        choices: z.array(z.object({ message: z.object({ content: z.string() }) })),
      })
      .parse(JSON.parse(await shell(text)));
    expect(answer.choices[0]?.message.content.length).toBeGreaterThan(0);
    for (const tier of ['gateway', 'nobody', "x'; touch /tmp/x; '"]) {
      expect((await invoke(running, 'endpoint.copySample', { tier })).ok).toBe(false);
    }
    expect(await clipboard(running)).toBe(text);
  });
});
