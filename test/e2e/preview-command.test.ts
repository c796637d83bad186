/** `npm run preview` as a person or a script uses it: flags, the ready line, signals, and nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import OpenAI from 'openai';
import { chromium } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { type ProcessWatch, watchProcesses } from '../tools/process-watch.ts';

const root = path.resolve(import.meta.dirname, '../..');
const goneLimitMs = 10_000;

const readySchema = z.strictObject({
  ready: z.literal(true),
  pid: z.number().int(),
  home: z.string(),
  cdp: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  gateway: z.strictObject({ baseUrl: z.string(), apiKey: z.string() }).nullable(),
});
type Ready = z.infer<typeof readySchema>;

let folder = '';
let running: { child: ChildProcess; watch: ProcessWatch | null }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'preview-test-'));
});
afterEach(async () => {
  try {
    for (const { child, watch } of running) {
      child.kill('SIGKILL');
      await watch?.expectGone(goneLimitMs);
    }
  } finally {
    running = [];
    await rm(folder, { recursive: true, force: true });
  }
});

interface Command {
  readonly child: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
  /** The same, when all that it printed has come; what it began may hold it up. */
  readonly closed: Promise<number | null>;
  ready(): Promise<{ ready: Ready; watch: ProcessWatch }>;
}

/** Through npm or straight; npm adds what it adds on a user's machine. */
function preview(args: readonly string[], { npm = false } = {}): Command {
  const [file, ...before] = npm
    ? ['sh', '-c', 'node test/tools/preview.ts "$@"; exit $?', 'preview']
    : [process.execPath, 'test/tools/preview.ts'];
  const child = spawn(file ?? '', [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: npm ? { ...process.env, npm_lifecycle_event: 'preview' } : { ...process.env },
  });
  const entry: (typeof running)[number] = { child, watch: null };
  running.push(entry);
  const stdout: string[] = [];
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const line = Promise.withResolvers<string>();
  const endOf = (event: 'exit' | 'close') =>
    once(child, event).then(([code]: (number | null)[]) => code ?? null);
  const [exited, closed] = [endOf('exit'), endOf('close')];
  createInterface({ input: child.stdout ?? process.stdin }).on('line', (text) => {
    stdout.push(text);
    line.resolve(text);
  });
  void exited.then((code) => line.reject(new Error(`ended with ${code} before it was ready: ${stderr}`)));
  line.promise.catch(() => {});
  return {
    child,
    stdout,
    stderr: () => stderr,
    exited,
    closed,
    async ready() {
      const ready = readySchema.parse(JSON.parse(await line.promise));
      const watch = watchProcesses(ready.pid, ready.home);
      await watch.look();
      entry.watch = watch;
      return { ready, watch };
    },
  };
}

test('--demo: one line of JSON, a stack that serves a real client, and SIGTERM leaves nothing behind', async () => {
  const command = preview(['--demo']);
  const { ready, watch } = await command.ready();
  expect(command.stdout).toHaveLength(1);
  const gateway = ready.gateway ?? { baseUrl: '', apiKey: '' };
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.apiKey, maxRetries: 0 });
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(expect.arrayContaining(['standard', 'fast', 'longctx']));

  const browser = await chromium.connectOverCDP(ready.cdp);
  const titles = await Promise.all(
    browser.contexts().flatMap((context) => context.pages().map((page) => page.title())),
  );
  expect(titles.toSorted()).toEqual(['MLX Stack', 'Menu bar']);
  await browser.close();

  command.child.kill('SIGTERM');
  expect(await command.exited).toBe(0);
  await watch.expectGone(goneLimitMs);
  expect(existsSync(ready.home)).toBe(false);
});

test('a home of one’s own stays, is not opened twice, and --ipc-log has every message', async () => {
  const home = path.join(folder, 'home');
  const ipcLog = path.join(folder, 'ipc.log');
  const first = preview(['--demo', '--home', home, '--ipc-log', ipcLog]);
  const { watch } = await first.ready();
  const second = preview(['--home', home]);
  expect(await second.closed).toBe(1);
  expect(second.stderr()).toContain('already runs');
  expect(second.stdout).toEqual([]);
  first.child.kill('SIGINT');
  expect(await first.exited).toBe(0);
  await watch.expectGone(goneLimitMs);

  const entries = (await readFile(ipcLog, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries).toContainEqual(
    expect.objectContaining({ direction: 'toMain', kind: 'invoke', args: ['status.read', {}] }),
  );
  expect(entries.some(({ direction, kind }) => direction === 'toRenderer' && kind === 'reply')).toBe(true);
  expect((await stat(ipcLog)).mode & 0o777).toBe(0o600);
  expect(existsSync(path.join(home, 'stacks', 'default.yaml'))).toBe(true);
});

test('--hidden without a stack: ready, no window, no gateway', async () => {
  const command = preview(['--hidden']);
  const { ready, watch } = await command.ready();
  expect(ready.gateway).toBeNull();
  const browser = await chromium.connectOverCDP(ready.cdp);
  expect(browser.contexts().flatMap((context) => context.pages()).length).toBe(1);
  await browser.close();
  command.child.kill('SIGTERM');
  expect(await command.exited).toBe(0);
  await watch.expectGone(goneLimitMs);
});

test('kill -9 of the command itself: the app quits by itself', async () => {
  const command = preview(['--demo']);
  const { ready, watch } = await command.ready();
  command.child.kill('SIGKILL');
  await command.exited;
  await watch.expectGone(goneLimitMs);
  // Removed by what outlives the command: a moment after the last process.
  await expect.poll(() => existsSync(ready.home), { timeout: goneLimitMs }).toBe(false);
});

test('kill -9 of the app: the command ends, and no server is left', async () => {
  const command = preview(['--demo']);
  const { ready, watch } = await command.ready();
  process.kill(ready.pid, 'SIGKILL');
  expect(await command.exited).toBeGreaterThan(0);
  await watch.expectGone(goneLimitMs);
});

test('under npm: when npm is gone, so is the preview', async () => {
  const command = preview([], { npm: true });
  const { watch } = await command.ready();
  command.child.kill('SIGKILL');
  await watch.expectGone(goneLimitMs);
});

test.each([
  [['--nope'], /--nope/],
  [['--openrouter', 'https://openrouter.ai/'], /loopback/],
  [['--home'], /--home/],
])('%j is refused with a sentence and the list of flags', async (args, sentence) => {
  const command = preview(args);
  expect(await command.closed).toBe(2);
  expect(command.stderr()).toMatch(sentence);
  expect(command.stderr()).toContain('--ipc-log FILE');
  expect(command.stderr()).not.toContain('    at ');
  expect(command.stdout).toEqual([]);
});
