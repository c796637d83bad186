/** The OpenRouter key with a real Secret Service, through everything that can happen to it: it is found nowhere. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, commandChannel } from '../../src-main/contract/bridge.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import { type Keyring, keyringMissing, startKeyring } from '../tools/keyring.ts';
import { readProcesses } from '../tools/process-watch.ts';
import { holdsSecret, searchFiles, searchProcesses } from '../tools/secret-search.ts';
import { type Preview, startPreview } from './harness.ts';

declare global {
  interface Window {
    readonly mlxStack: Bridge;
  }
}

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

let folder: string;
let home: string;
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

const start = () =>
  startPreview({
    demo: true,
    home,
    ipcLog,
    keychain: 'system',
    openrouter: openRouter.origin,
    env: keyring.env,
  });

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

const messagesWith = (secrets: readonly string[]) =>
  readFileSync(ipcLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && holdsSecret(line, secrets))
    .map((line): { direction: string; args?: unknown[] } => JSON.parse(line));

/** Everywhere at once; what was found, in words. */
async function search(): Promise<string[]> {
  const processes = searchProcesses(canaries());
  expect(processes.looked).toBeGreaterThan(5);
  const crossings = messagesWith(canaries());
  const unexpected = crossings.filter(
    ({ direction, args }) => direction !== 'toMain' || args?.[0] !== 'cloud.setKey',
  );
  return [
    ...searchFiles(home, canaries()),
    ...processes.found,
    ...(holdsSecret(preview.output(), canaries()) ? ['output of the app'] : []),
    ...(page.isClosed() || !holdsSecret(await pageTexts(), canaries()) ? [] : ['page']),
    ...(unexpected.length === 0 ? [] : ['messages between window and app']),
    ...(messagesWith(signedIn).length === 0 || signedIn.length === 0 ? [] : ['messages: a key never typed']),
  ];
}

describe.skipIf(skip)(`the key, with a real Secret Service${why === null ? '' : ` (${why})`}`, () => {
  beforeAll(async () => {
    if (why !== null) throw new Error(why);
    folder = mkdtempSync(path.join(os.tmpdir(), 'cloud-canary-'));
    home = path.join(folder, 'home');
    ipcLog = path.join(folder, 'ipc.jsonl');
    keyring = await startKeyring();
    openRouter = await startOpenRouter({ keys: [pasted] });
    preview = await start();
    await openCloud();
  });
  afterAll(async () => {
    await preview?.stop();
    await openRouter?.close();
    await keyring?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('arrives by signing in, and never crosses to the window', async () => {
    await button('Sign in with OpenRouter').click();
    await page.getByText('Waiting for your browser').waitFor();
    const [opened] = (await preview.control('opened.read', {})).slice(-1);
    expect(opened?.target.startsWith(`${openRouter.origin}/auth?`)).toBe(true);
    const answer = await fetch(opened?.target ?? '');
    expect(await answer.text()).toContain('Signed in');
    await page.getByText(/ends in/).waitFor();
    const key = openRouter.seen
      .map(({ headers }) => headers['authorization']?.replace('Bearer ', '') ?? '')
      .find((value) => value.startsWith('sk-or-v1-'));
    expect(key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    signedIn.push(key ?? '');
    await button('Turn On the cloud').click();
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
  });

  it('survives the crash of every process unseen', async () => {
    const servers = (await readProcesses()).filter(
      ({ command }) => command.includes(home) && !command.startsWith('/bin/sh -c'),
    );
    expect(servers.length).toBeGreaterThanOrEqual(3);
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
    expect(searchFiles(home, canaries())).toEqual([]);
    expect(searchProcesses(canaries()).found).toEqual([]);
    const before = preview.output();
    expect(holdsSecret(before, canaries())).toBe(false);
    preview = await start();
    await openCloud();
    await page.getByText(ending).waitFor();
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('w0');
    expect(await search()).toEqual([]);
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

  it('would be found: the same search finds one that is planted', async () => {
    const [canary = ''] = canaries();
    const file = path.join(home, 'logs', 'planted.log');
    const sleeper = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], PLANTED: canary } });
    const teller = spawn('sh', ['-c', 'sleep 60', canary]);
    try {
      writeFileSync(file, `before ${Buffer.from(canary).toString('base64')} after\n`);
      await page.evaluate((value) => document.body.setAttribute('data-planted', value), canary);
      await expect
        .poll(search)
        .toEqual([file, `environment of ${sleeper.pid}`, `arguments of ${teller.pid}`, 'page']);
    } finally {
      sleeper.kill('SIGKILL');
      teller.kill('SIGKILL');
      rmSync(file, { force: true });
    }
    await page.evaluate(() => document.body.removeAttribute('data-planted'));
    expect(await search()).toEqual([]);
    await page.evaluate((id) => window.mlxStack.call('notice.dismiss', { id }), canary);
    expect(await search()).toEqual(['messages between window and app']);
  });
});
