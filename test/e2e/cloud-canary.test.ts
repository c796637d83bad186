/** The OpenRouter key with a real Secret Service, through everything that can happen to it: it is found nowhere. */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Bridge, commandChannel } from '../../src-main/contract/bridge.ts';
import { writeEngine } from '../stand-ins/engines/write-engine.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import { prepareDemo, scatteredPorts } from '../tools/demo.ts';
import { type Keyring, keyringMissing, startKeyring } from '../tools/keyring.ts';
import { readProcesses } from '../tools/process-watch.ts';
import { holdsSecret, searchFiles, searchMemory, searchProcesses } from '../tools/secret-search.ts';
import { type Preview, startPreview } from './harness.ts';

declare global {
  interface Window {
    readonly mlxStack: Bridge;
  }
}

const crashHook = path.resolve(import.meta.dirname, '../tools/crash-hook.ts');

const why = keyringMissing();
/** On CI these tests must run: skipping them there would be a silent hole. */
const skip = why !== null && process.env['CI'] !== 'true';
if (skip) process.stderr.write(`SKIPPED cloud-canary: it needs a Secret Service, but ${why}\n`);

/** Others with each run: what another run plants on the same machine is not ours to find. */
const makeKey = () => `sk-or-v1-${randomBytes(32).toString('hex')}`;
const pasted = makeKey();
const unknown = makeKey();
const ending = `ends in ${pasted.slice(-4)}`;
const signedIn: string[] = [];
/** Keys that a person typed or pasted: each crosses once, from the window to the app. */
const typed = [pasted, unknown];
const canaries = () => [...typed, ...signedIn];

/** Home, Electron's own folders, the browser's profile, and what processes leave behind when they crash. */
let folder: string;
let home: string;
let crashes: string;
/** Outside of all that is searched. */
let outside: string;
let ipcLog: string;
let keyring: Keyring;
let openRouter: OpenRouterStandIn;
let preview: Preview;
let page: Page;

const messages = [{ role: 'user' as const, content: 'Say something.' }];
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

async function openCloud(): Promise<void> {
  page = await preview.window();
  await button('Cloud').click();
  await page.getByRole('heading', { level: 2, name: 'OpenRouter account' }).waitFor();
}

async function paste(key: string): Promise<void> {
  const field = page.locator('#cloud-key');
  if (!(await field.isVisible())) await page.getByText('Use another key').click();
  await field.fill(key);
  await button('Save Key').click();
  expect(await field.inputValue()).toBe('');
}

/** What the app and the stand-in printed, of all launches. */
const outputs: (() => string)[] = [];

async function start(): Promise<Preview> {
  const started = await startPreview({
    demo: true,
    home,
    ipcLog,
    keychain: 'system',
    openrouter: openRouter.origin,
    env: {
      ...keyring.env,
      /** Refused to a packaged app by a fuse. */
      NODE_OPTIONS: [
        `--import=${pathToFileURL(crashHook).href}`,
        '--report-on-signal --report-signal=SIGUSR2 --report-on-fatalerror',
        `--report-directory=${crashes}`,
      ].join(' '),
      CRASH_TEXT_FILE: path.join(outside, 'crash-text'),
    },
  });
  outputs.push(started.output);
  return started;
}

/** All that a server prints also goes to a file as it is, before the app takes anything out. */
function writeTellingEngine(name: 'litellm' | 'vllm-mlx'): string {
  const file = writeEngine({ dir: path.join(folder, 'engines', 'bin'), name, switches: {} });
  const raw = path.join(crashes, `${name}.txt`);
  const script = readFileSync(file, 'utf8')
    .replace('#!/bin/sh', '#!/bin/bash')
    .replace('; exec ', `; exec > >(exec tee -a '${raw}') 2> >(exec tee -a '${raw}' >&2); exec `);
  writeFileSync(file, script);
  return file;
}

async function prepareHome(): Promise<void> {
  await prepareDemo(home, scatteredPorts());
  const file = path.join(home, 'config.yaml');
  const settings = parse(readFileSync(file, 'utf8'));
  const engines = {
    'litellm-path': writeTellingEngine('litellm'),
    'vllm-mlx-path': writeTellingEngine('vllm-mlx'),
  };
  writeFileSync(file, stringify({ ...settings, ...engines }));
}

/** The servers, not the watchers of their dead-man's switches. */
const serversOf = async () =>
  (await readProcesses()).filter(
    ({ command }) =>
      command.includes(home) && !command.startsWith('/bin/sh -c') && !command.startsWith('tee '),
  );

/** A key of the gateway is copied as a user does; it is another one after each new key. */
async function client(): Promise<OpenAI> {
  await preview.control('clipboard.write', { text: '' });
  await preview.control('menu.click', { path: ['Copy API Key'] });
  await expect.poll(() => preview.control('clipboard.read', {})).not.toEqual({ text: '' });
  const { text } = await preview.control('clipboard.read', {});
  return new OpenAI({ baseURL: preview.ready.gateway?.baseUrl ?? '', apiKey: text, maxRetries: 0 });
}

async function ask(model = 'premium'): Promise<string> {
  const openai = await client();
  try {
    const answer = await openai.chat.completions.create({ model, messages });
    return answer.choices[0]?.message.content ?? '';
  } catch (error) {
    return String(error);
  }
}

async function stream(): Promise<string> {
  const openai = await client();
  let text = '';
  try {
    const chunks = await openai.chat.completions.create({ model: 'premium', messages, stream: true });
    for await (const chunk of chunks) text += JSON.stringify(chunk);
  } catch (error) {
    text += String(error);
  }
  return text;
}

/** All that a page shows, holds and remembers. */
async function pageTexts(): Promise<string> {
  const inPage = await page.evaluate(() =>
    JSON.stringify([
      document.documentElement.outerHTML,
      [...document.querySelectorAll('input')].map((input) => [input.value, input.defaultValue]),
      { ...localStorage },
      { ...sessionStorage },
      location.href,
      history.state,
      performance.getEntries().map(({ name }) => name),
    ]),
  );
  const status = await preview.control('ipc.invoke', { channel: commandChannel, args: ['status.read', {}] });
  return `${inPage}${JSON.stringify(status)}`;
}

/** Whether a key is in any string of the page's memory, once what is no longer used was collected. */
async function isInPageMemory(): Promise<boolean> {
  const session = await page.context().newCDPSession(page);
  const pieces: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => pieces.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  const snapshot = pieces.join('');
  expect(snapshot).toContain('OpenRouter account');
  return holdsSecret(snapshot, canaries());
}

const messagesWith = (secrets: readonly string[]) =>
  readFileSync(ipcLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && holdsSecret(line, secrets))
    .map((line): { direction: string; args?: unknown[] } => JSON.parse(line));

/** A search reads the memory of every server: several of them take long on a busy machine. */
const searching = { timeout: 60_000 };
/** Of servers, by the last search: one that has just begun or ended has little or none. */
let memoriesRead = 0;

/** Everywhere at once; what was found, in words. */
async function search(): Promise<string[]> {
  const processes = searchProcesses(canaries());
  expect(processes.looked).toBeGreaterThan(5);
  const crossings = messagesWith(canaries());
  const unexpected = crossings.filter(
    ({ direction, args }) => direction !== 'toMain' || args?.[0] !== 'cloud.setKey',
  );
  const servers = await serversOf();
  const memories = servers.map(({ pid }) => ({ pid, ...searchMemory(pid, canaries()) }));
  memoriesRead = memories.filter(({ readBytes }) => readBytes > 1e6).length;
  return [
    ...searchFiles(folder, canaries()).map((file) => path.relative(folder, file)),
    ...processes.found,
    ...memories.flatMap(({ pid, found }) => (found ? [`memory of ${pid}`] : [])),
    ...(outputs.some((output) => holdsSecret(output(), canaries())) ? ['output of the app'] : []),
    ...(page.isClosed() || !holdsSecret(await pageTexts(), canaries()) ? [] : ['page']),
    ...(unexpected.length === 0 ? [] : ['messages between window and app']),
    ...(messagesWith(signedIn).length === 0 || signedIn.length === 0 ? [] : ['messages: a key never typed']),
  ];
}

describe.skipIf(skip)(`the key, with a real Secret Service${why === null ? '' : ` (${why})`}`, () => {
  beforeAll(async () => {
    if (why !== null) throw new Error(why);
    folder = mkdtempSync(path.join(os.tmpdir(), 'cloud-canary-'));
    outside = mkdtempSync(path.join(os.tmpdir(), 'cloud-canary-outside-'));
    [home, crashes] = [path.join(folder, 'home'), path.join(folder, 'crashes')];
    ipcLog = path.join(outside, 'ipc.jsonl');
    keyring = await startKeyring();
    /** From here on, so that the folders of Electron and the browser are searched, too. */
    process.env['TMPDIR'] = path.join(folder, 'tmp');
    for (const each of [home, crashes, process.env['TMPDIR']]) mkdirSync(each, { mode: 0o700 });
    await prepareHome();
    openRouter = await startOpenRouter({ keys: [pasted] });
    preview = await start();
    await openCloud();
  });
  afterAll(async () => {
    await preview?.stop();
    await openRouter?.close();
    await keyring?.[Symbol.asyncDispose]();
    for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true });
  });

  it('arrives by signing in, and never crosses to the window', async () => {
    await button('Sign in with OpenRouter').click();
    await page.getByText('Waiting for your browser').waitFor();
    // The app waits before the page is opened.
    await expect.poll(() => preview.control('opened.read', {})).toHaveLength(1);
    const [opened] = await preview.control('opened.read', {});
    expect(opened?.target.startsWith(`${openRouter.origin}/auth?`)).toBe(true);
    const answer = await fetch(opened?.target ?? '');
    expect(await answer.text()).toContain('Signed in');
    await page.getByText(/ends in/).waitFor();
    const key = openRouter.seen
      .map(({ headers }) => headers['authorization']?.replace('Bearer ', '') ?? '')
      .find((value) => value.startsWith('sk-or-v1-'));
    expect(key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    signedIn.push(key ?? '');
    await button('Turn Cloud On').click();
    await page.getByRole('heading', { level: 1, name: 'The cloud is on' }).waitFor();
    /** The gateway starts anew to learn of the cloud. */
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('w0');
    expect(await search()).toEqual([]);
  });

  it('is pasted once, refused or taken, and the field is empty at once', async () => {
    await paste('sk-or-v1-not-whole');
    await page.getByText('This is not an OpenRouter key.').waitFor();
    await paste(unknown);
    await page.getByText('OpenRouter does not know this key. The key was not stored.').waitFor();
    await paste(pasted);
    await page.getByText(ending).waitFor();
    expect(messagesWith([pasted])).toHaveLength(1);
    expect(messagesWith([unknown])).toHaveLength(1);
    expect(await search()).toEqual([]);
    expect(await isInPageMemory()).toBe(false);
  });

  it('serves requests, whole and streamed, and every error of OpenRouter keeps it', async () => {
    expect(await ask()).toContain('w0');
    expect(await stream()).toContain('w4');
    const used = openRouter.seen.filter(({ target }) => target.endsWith('/chat/completions'));
    expect(used.at(-1)?.headers['authorization']).toBe(`Bearer ${pasted}`);
    const said: string[] = [];
    for (const fault of [
      { kind: 'echo-key' },
      { kind: 'status', status: 401, message: `Bad key ${pasted}` },
      { kind: 'status', status: 402, message: `No credit for ${pasted}` },
      { kind: 'status', status: 403, message: pasted },
      { kind: 'status', status: 500, message: `panic: ${pasted}` },
      { kind: 'garbage' },
      { kind: 'cut' },
      { kind: 'stream-error', after: 1 },
      { kind: 'stream-cut-inside-line', after: 1 },
    ] as const) {
      openRouter.behaviour.fault = fault;
      said.push(await ask(), await stream());
    }
    openRouter.behaviour.fault = { kind: 'none' };
    expect(said.filter((text) => holdsSecret(text, canaries()))).toEqual([]);
    expect(said.filter((text) => text.includes('Error')).length).toBeGreaterThan(10);
    await button('Check Again with OpenRouter').click();
    expect(await search()).toEqual([]);
    expect(memoriesRead).toBe(4);
    expect(await isInPageMemory()).toBe(false);
  });

  it('survives the crash of every process unseen', async () => {
    const servers = await serversOf();
    expect(servers).toHaveLength(4);
    for (const { pid } of servers) {
      try {
        process.kill(pid, 'SIGABRT');
      } catch {
        /** Its group has taken it along. */
      }
    }
    await page.getByText('Overview').click();
    await page
      .getByText(/Ended by SIGABRT/)
      .first()
      .waitFor();
    const failed = await preview.control('ipc.invoke', {
      channel: commandChannel,
      args: ['service.copyFailure', { id: 'fast' }],
    });
    expect(failed).toMatchObject({ ok: true });
    const { text: support } = await preview.control('clipboard.read', {});
    expect(holdsSecret(support, canaries())).toBe(false);
    expect(await search()).toEqual([]);

    await preview.kill();
    expect(await search()).toEqual([]);
    preview = await start();
    await openCloud();
    await page.getByText(ending).waitFor();
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('w0');
    expect(await search()).toEqual([]);
  });

  it('stands in no report that Node makes of the app, and not in its last words when a bug has it in hand', async () => {
    process.kill(preview.ready.pid, 'SIGUSR2');
    const reports = () => readdirSync(crashes).filter((name) => name.startsWith('report.'));
    await expect.poll(reports).toHaveLength(1);
    await expect
      .poll(() => readFileSync(path.join(crashes, reports()[0] ?? ''), 'utf8'))
      .toMatch(/"environmentVariables"[\s\S]*\n\}\s*$/);
    expect(await search()).toEqual([]);

    writeFileSync(path.join(outside, 'crash-text'), pasted);
    process.kill(preview.ready.pid, 'SIGIO');
    await preview.exited;
    await preview.stop();
    const log = readFileSync(path.join(home, 'logs', 'mlx-stack.app.log'), 'utf8');
    expect(log).toMatch(/Uncaught exception Error: Request with \[redacted\] failed/);
    expect(await search()).toEqual([]);
    preview = await start();
    await openCloud();
    await page.getByText(ending).waitFor();
  });

  it('stays hidden when the gateway gets another key: the old one is refused', async () => {
    const before = String((await client()).apiKey);
    await button('Overview').click();
    await button('New Key…').click();
    await button('Make New Key').click();
    await expect.poll(async () => (await client()).apiKey).not.toBe(before);
    await expect.poll(() => ask('fast'), { timeout: 60_000 }).not.toContain('Error');
    const old = new OpenAI({ baseURL: preview.ready.gateway?.baseUrl ?? '', apiKey: before, maxRetries: 0 });
    await expect(old.models.list()).rejects.toThrow();
    expect(searchFiles(home, [before])).toEqual([]);
    expect(await search()).toEqual([]);
  });

  it('is gone when it is removed, also for the next launch', async () => {
    await button('Cloud').click();
    await button('Remove Key…').click();
    await button('Remove Key').click();
    await page.getByRole('heading', { level: 1, name: 'The cloud is not set up' }).waitFor();
    const sent = openRouter.seen.length;
    expect(await ask()).toContain('Error');
    expect(openRouter.seen.length).toBe(sent);
    expect(await search()).toEqual([]);
    await preview.stop();
    preview = await start();
    await openCloud();
    await page.getByRole('heading', { level: 1, name: 'The cloud is not set up' }).waitFor();
    expect(await search()).toEqual([]);
  });

  it('would be found: the same search finds one that is planted, in each place', async () => {
    const [canary = ''] = canaries();
    const unseen = signedIn[0] ?? '';
    const gateway = (await serversOf()).find(({ command }) => command.includes('litellm'));
    const planted = {
      home: path.join(home, 'planted.json'),
      logs: path.join(home, 'logs', 'planted.log.gz'),
      electron: path.join(process.env['TMPDIR'] ?? '', 'Local State'),
      core: path.join(crashes, 'core.4711'),
      report: path.join(crashes, 'planted-report.json'),
    };
    const ended: (() => void)[] = [];
    const run = (program: string, args: readonly string[], env = {}) => {
      const child = spawn(program, [...args], { env: { PATH: process.env['PATH'], ...env } });
      ended.push(() => child.kill('SIGKILL'));
      return child;
    };
    try {
      writeFileSync(planted.home, `{"last":"${canary.slice(10)}"}`);
      writeFileSync(planted.logs, gzipSync(`before ${Buffer.from(canary).toString('base64')} after\n`));
      writeFileSync(planted.electron, Buffer.from(canary, 'utf16le'));
      writeFileSync(planted.core, Buffer.concat([randomBytes(1_000_000), Buffer.from(canary)]));
      const makeReport = `process.report.writeReport(${JSON.stringify(planted.report)})`;
      execFileSync(process.execPath, ['-e', makeReport], { env: { PLANTED: canary }, stdio: 'ignore' });
      /** A request line is what a server prints as it comes, and what the app takes the key out of. */
      await fetch(`${preview.ready.gateway?.baseUrl}/models?key=${canary}`);
      const sleeper = run('sleep', ['60'], { PLANTED: canary });
      const teller = run('sh', ['-c', 'sleep 60', canary]);
      /** Named as a server is, and told by a pipe. */
      const keep = 'process.stdin.once("data", (it) => { globalThis.it = String(it); console.log("kept") })';
      const keeper = run(process.execPath, ['-e', `${keep}; setTimeout(() => {}, 60_000)`, home]);
      keeper.stdin.write(canary);
      await once(keeper.stdout, 'data');
      writeFileSync(path.join(outside, 'crash-text'), canary);
      process.kill(preview.ready.pid, 'SIGVTALRM');
      await page.evaluate((value) => document.body.setAttribute('data-planted', value), canary);
      await page.evaluate((value) => Reflect.set(globalThis, 'planted', { state: value }), canary);
      await expect
        .poll(async () => (await search()).toSorted(), searching)
        .toEqual(
          [
            ...Object.values(planted).map((file) => path.relative(folder, file)),
            'crashes/litellm.txt',
            `environment of ${sleeper.pid}`,
            `arguments of ${teller.pid}`,
            `memory of ${keeper.pid}`,
            `memory of ${gateway?.pid}`,
            'output of the app',
            'page',
          ].toSorted(),
        );
      expect(await isInPageMemory()).toBe(true);
    } finally {
      for (const end of ended) end();
      if (gateway !== undefined) process.kill(gateway.pid, 'SIGKILL');
      for (const file of [...Object.values(planted), path.join(crashes, 'litellm.txt')])
        rmSync(file, { force: true });
    }
    outputs.length = 0;
    await page.evaluate(() => {
      document.body.removeAttribute('data-planted');
      Reflect.deleteProperty(globalThis, 'planted');
    });
    await expect.poll(search, searching).toEqual([]);
    const dismiss = (id: string) =>
      page.evaluate((value) => window.mlxStack.call('notice.dismiss', { id: value }), id);
    await dismiss(canary);
    expect(await search()).toEqual(['messages between window and app']);
    await dismiss(unseen);
    expect(await search()).toEqual(['messages between window and app', 'messages: a key never typed']);
  });
});
