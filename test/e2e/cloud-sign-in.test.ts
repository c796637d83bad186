/** Signing in when the browser gives no answer: it does not open, its page is closed, nobody allows anything for five minutes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import { holdsSecret, searchFiles } from '../tools/secret-search.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const key = `sk-or-v1-${'ab12'.repeat(16)}`;
const clockHook = path.resolve(import.meta.dirname, '../tools/clock-hook.ts');

let folder: string;
let ipcLog: string;
let openRouter: OpenRouterStandIn;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'cloud-sign-in-'));
  ipcLog = path.join(folder, 'ipc.jsonl');
  openRouter = await startOpenRouter({ keys: [key] });
  preview = await startPreview({
    openrouter: openRouter.origin,
    ipcLog,
    env: { NODE_OPTIONS: `--import=${pathToFileURL(clockHook).href}` },
  });
  page = await preview.window();
  await button('Cloud').click();
});
afterAll(async () => {
  await preview?.stop();
  await openRouter?.close();
  rmSync(folder, { recursive: true, force: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const signIn = () => button('Sign in with OpenRouter');
const waiting = () => page.getByText('Waiting for your browser');
const account = () => page.getByRole('region', { name: 'OpenRouter account' });
const hasFocus = (name: string) =>
  expect.poll(() => button(name).evaluate((it) => it === document.activeElement)).toBe(true);

/** What the app handed to the browser, the latest last. */
const openedPages = async () => (await preview.control('opened.read', {})).map(({ target }) => target);

const callbackOf = (address: string) => new URL(address).searchParams.get('callback_url') ?? '';
const stateOf = (address: string) => callbackOf(address).split('/').at(-1) ?? '';

/** Presses it by keyboard; the address that was handed to the browser. */
async function press(name: string): Promise<string> {
  const before = (await openedPages()).length;
  await button(name).focus();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await openedPages()).length).toBe(before + 1);
  return (await openedPages()).at(-1) ?? '';
}

const minutesGone = () => preview.output().split('A minute has gone by.').length - 1;

async function letMinutesPass(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    const before = minutesGone();
    process.kill(preview.ready.pid, 'SIGVTALRM');
    await expect.poll(minutesGone).toBe(before + 1);
  }
}

/** Nobody listens any more for the answer of this page. */
const expectDeaf = (address: string) => expect(fetch(`${callbackOf(address)}?code=late`)).rejects.toThrow();

/** States, verifiers, codes and keys: the window, what crosses to it, the app's words and its files know none. */
async function expectNoSecret(): Promise<void> {
  const states = (await openedPages()).map(stateOf).filter((state) => state !== '');
  const exchanged = openRouter.seen.flatMap(({ body }) =>
    ['code', 'code_verifier'].map((name) => String(Reflect.get(Object(body), name) ?? '')),
  );
  const keys = openRouter.seen.map(({ headers }) => headers['authorization']?.replace('Bearer ', '') ?? '');
  const secrets = [...states, ...exchanged, ...keys].filter((secret) => secret.length > 40);
  expect(secrets.length).toBeGreaterThan(0);
  const crossed = readFileSync(ipcLog, 'utf8')
    .split('\n')
    .filter((line) => !line.includes('cloud.setKey'));
  const status = await preview.control('ipc.invoke', { channel: commandChannel, args: ['status.read', {}] });
  const inPage = await page.content();
  expect(inPage).toContain('OpenRouter account');
  expect(holdsSecret(inPage, secrets)).toBe(false);
  expect(holdsSecret(JSON.stringify(status), secrets)).toBe(false);
  expect(crossed.filter((line) => holdsSecret(line, secrets))).toEqual([]);
  expect(holdsSecret(preview.output(), secrets)).toBe(false);
  expect(searchFiles(preview.ready.home, secrets)).toEqual([]);
}

/** Told with its remedy, which has the focus; `address` is listened to no more. */
async function expectEnded(address: string, sentence: string, hint: string): Promise<void> {
  const told = account().getByRole('alert');
  await told.getByText(sentence).waitFor();
  await told.getByText(hint).waitFor();
  await waiting().waitFor({ state: 'detached' });
  await hasFocus('Sign in with OpenRouter');
  await expectDeaf(address);
  await expectNoSecret();
  await expectClean(page);
}

describe('a browser that does not open', () => {
  it('is told at once, with what to do', async () => {
    await preview.control('openExternal.outcome', { opens: false });
    const address = await press('Sign in with OpenRouter');
    await expectEnded(
      address,
      'The browser could not be opened.',
      'Set a default browser in System Settings and sign in again, or paste a key instead.',
    );
    await screenshotBoth(preview, page, 'cloud-sign-in-no-browser');
  });

  it('is forgotten when the next one opens', async () => {
    await preview.control('openExternal.outcome', { opens: true });
    await press('Sign in with OpenRouter');
    await waiting().waitFor();
    expect(await account().getByRole('alert').count()).toBe(0);
  });
});

describe('a page that was closed', () => {
  it('is opened again, and only the new one is listened to', async () => {
    await expectClean(page);
    await screenshotBoth(preview, page, 'cloud-sign-in-waiting');
    const closed = (await openedPages()).at(-1) ?? '';
    const address = await press('Open Page Again');
    expect(stateOf(address)).not.toBe(stateOf(closed));
    await expectDeaf(closed);
    await waiting().waitFor();
    await hasFocus('Open Page Again');
    await expectNoSecret();
  });

  it('can be left at that: cancelled, without a word of blame', async () => {
    const address = (await openedPages()).at(-1) ?? '';
    await button('Cancel the sign-in').focus();
    await page.keyboard.press('Enter');
    await waiting().waitFor({ state: 'detached' });
    await hasFocus('Sign in with OpenRouter');
    expect(await account().getByRole('alert').count()).toBe(0);
    await expectDeaf(address);
  });
});

describe('nobody answers', () => {
  it('for five minutes, and not longer', async () => {
    const address = await press('Sign in with OpenRouter');
    await waiting().waitFor();
    await button('Open Page Again').focus();
    await letMinutesPass(4);
    expect((await fetch(callbackOf(address))).status).toBe(404);
    expect(await waiting().isVisible()).toBe(true);
    await letMinutesPass(1);
    await expectEnded(
      address,
      'The sign-in was not finished within five minutes.',
      'Choose “Sign in with OpenRouter” again, or paste a key instead.',
    );
    await screenshotBoth(preview, page, 'cloud-sign-in-expired');
  });

  it('but a key that is pasted meanwhile ends the wait, and five minutes later nothing is said', async () => {
    const address = await press('Sign in with OpenRouter');
    await waiting().waitFor();
    await page.locator('#cloud-key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByText('ends in ab12').waitFor();
    await waiting().waitFor({ state: 'detached' });
    await expectDeaf(address);
    await letMinutesPass(5);
    expect(await account().getByRole('alert').count()).toBe(0);
    await button('Remove Key…').click();
    await button('Remove Key').click();
    await signIn().waitFor();
  });

  it('but the next time somebody does, and the key is there', async () => {
    const address = await press('Sign in with OpenRouter');
    expect(await (await fetch(address)).text()).toContain('Signed in');
    await page.getByText(/^\$20\.00 of \$20\.00/).waitFor();
    await waiting().waitFor({ state: 'detached' });
    expect(await signIn().count()).toBe(0);
    expect(await account().getByRole('alert').count()).toBe(0);
    await expectNoSecret();
  });
});

describe('other pages of OpenRouter', () => {
  it('say that the browser could not be opened, and that it is no mistake of ours', async () => {
    await preview.control('openExternal.outcome', { opens: false });
    await button('Add Credit at OpenRouter').click();
    await page.getByText('The browser could not be opened.').waitFor();
    await page.getByText('Set a default browser in System Settings, then try again.').waitFor();
    expect(await page.getByText('Something went wrong inside MLX Stack').count()).toBe(0);
    await preview.control('openExternal.outcome', { opens: true });
    await press('Add Credit at OpenRouter');
    await page.getByText('The browser could not be opened.').waitFor({ state: 'detached' });
    expect(await preview.control('pageErrors.read', {})).toEqual([]);
    expect(await preview.control('blocked.read', {})).toEqual([]);
  });
});
