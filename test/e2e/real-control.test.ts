/** The control of real Electron, over the shipped bundle on the stand-in: it answers what the stand-in's own control does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { createRealControl } from '../macos/real-control.ts';
import { deskScript, keysScript } from '../macos/real-desk.ts';
import type { Control } from '../tools/app-process.ts';
import { replaceFile } from '../tools/replace-file.ts';
import { type Preview, startPreview } from './harness.ts';

const patient = { timeout: 30_000 };
let folder: string;
let preview: Preview;
let page: Page;
let standIn: Control;
let real: Control;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-real-control-'));
  const preload = path.join(folder, 'desk.cjs');
  writeFileSync(preload, deskScript);
  preview = await startPreview({ demo: true, preload });
  standIn = preview.control;
  page = await preview.window();
  real = createRealControl({
    ask: (name, input) => standIn('desk.ask', { name, input }),
    context: page.context(),
    isWindow: (url) => url.startsWith('http://ui.app.localhost/'),
  });
});
afterAll(async () => {
  await preview?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const title = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const rows = async () => (await real('tray.read', {}))?.rows ?? [];

/** The menu may lag behind the window, and change between the two looks. */
const expectSameTray = () =>
  expect
    .poll(async () => isDeepStrictEqual(await real('tray.read', {}), await standIn('tray.read', {})), patient)
    .toBe(true);

async function windowId(): Promise<number> {
  const [shown] = await real('windows.read', {});
  if (shown === undefined) throw new Error('there is no window');
  return shown.id;
}

it('reads tray, windows and app as they are', async () => {
  await title('MLX Stack is ready');
  const tray = await standIn('tray.read', {});
  expect(tray?.rows.length).toBeGreaterThan(5);
  expect(tray?.rows.some(({ shortcut }) => shortcut !== '')).toBe(true);
  await expectSameTray();
  await real('window.place', { id: await windowId(), x: 30, y: 60, width: 900, height: 700 });
  const windows = await standIn('windows.read', {});
  expect(windows).toMatchObject([{ url: 'app://ui/index.html', bounds: { x: 30, y: 60 } }]);
  expect(await real('windows.read', {})).toEqual(windows);
  expect(await real('app.read', {})).toEqual({ ...(await standIn('app.read', {})), cdp: null });
});

it('clicks in the menu, by its labels', async () => {
  await real('clipboard.write', { text: 'before' });
  expect(await standIn('clipboard.read', {})).toEqual({ text: 'before' });
  await real('menu.click', { path: ['fast', 'Copy Model Name'] });
  await expect.poll(() => real('clipboard.read', {})).toEqual({ text: 'fast' });
  await real('menu.click', { path: ['Settings', 'All Settings…'] });
  await title('Settings');
  await real('menu.click', { path: ['Settings', 'Keep Mac Awake While Serving'] });
  const isAwake = async () =>
    (await rows()).find(({ id }) => id === 'settings')?.children.find(({ label }) => label.startsWith('Keep'))
      ?.checked;
  await expect.poll(isAwake).toBe(true);
  await expect(real('menu.click', { path: ['fast', 'No Such Row'] })).rejects.toThrow(
    'the menu has no item fast ▸ No Such Row',
  );
  const { label } = (await rows()).find(({ id }) => id === 'status') ?? { label: '' };
  await expect(real('menu.click', { path: [label] })).rejects.toThrow('the menu has no enabled item');
});

it('holds the menu open for what waits until it is closed', async () => {
  await button('Overview').click();
  const labels = async () =>
    (await rows()).find(({ id }) => id === 'service:fast')?.children.map(({ label }) => label);
  await real('menu.open', {});
  await button('Stop fast').click();
  await button('Start fast').waitFor();
  expect(await labels()).toContain('Stop');
  await real('menu.close', {});
  await expect.poll(labels, patient).toContain('Start');
  await real('menu.click', { path: ['fast', 'Start'] });
  await title('MLX Stack is ready');
  await expectSameTray();
});

it('chooses in dialogs', async () => {
  await button('Settings').click();
  await real('openDialog.choose', { paths: ['/nowhere/at/all'] });
  await button('Choose: Model folder').click();
  await page.getByText('There is no folder at /nowhere/at/all.').waitFor();
  expect((await real('openDialog.choose', { paths: [] }))?.properties).toContain('openDirectory');
  expect(await standIn('openDialog.choose', { paths: [] })).toBeNull();

  await button('Logs').click();
  const target = path.join(folder, 'saved.log');
  await real('saveDialog.choose', { path: target });
  await button('Save As…').click();
  await expect
    .poll(() => real('saveDialog.choose', { path: null }))
    .toMatchObject({
      suggested: expect.stringMatching(/\.log$/),
    });
});

it('keeps what the app opens elsewhere, and can let no browser be found', async () => {
  await button('Settings').click();
  await button('Open config.yaml').click();
  const config = path.join(preview.ready.home, 'config.yaml');
  await expect.poll(() => real('opened.read', {})).toEqual([{ via: 'openPath', target: config }]);
  await button('Cloud').click();
  await real('openExternal.outcome', { opens: false });
  await button('Sign in with OpenRouter').click();
  await page.getByText('The browser could not be opened.').waitFor();
  await real('openExternal.outcome', { opens: true });
  expect((await real('opened.read', {})).at(-1)).toMatchObject({ via: 'openExternal' });
  expect(await standIn('opened.read', {})).toEqual([]);
});

it('turns the Mac dark and light', async () => {
  for (const dark of [true, false]) {
    await real('theme.set', { dark });
    await page.waitForFunction((is) => matchMedia('(prefers-color-scheme: dark)').matches === is, dark);
  }
});

it('asks through the page, and says what it cannot do', async () => {
  const ask = { channel: commandChannel, args: ['settings.read', {}] };
  expect(await real('ipc.invoke', ask)).toEqual(await standIn('ipc.invoke', ask));
  const sender = { url: 'https://example.com/', isMainFrame: true };
  await expect(real('ipc.invoke', { ...ask, sender })).rejects.toThrow('cannot be done in real Electron');
  await expect(real('power.read', {})).rejects.toThrow('“power.read” cannot be done in real Electron');
});

it('hears of errors in the page, and of what it wanted and did not get', async () => {
  const expectBlocked = async (kind: 'window' | 'navigation', url: string) => {
    for (const control of [standIn, real])
      await expect.poll(() => control('blocked.read', {})).toContainEqual({ kind, url });
  };
  const [opened, assigned] = ['http://127.0.0.1:9/opened', 'http://127.0.0.1:9/assigned'];
  await page.evaluate((url) => void window.open(url), opened);
  await expectBlocked('window', opened);
  await page.evaluate((url) => location.assign(url), assigned);
  await expectBlocked('navigation', assigned);
  await page.evaluate(() => void setTimeout(() => Promise.reject(new Error('nobody caught this'))));
  await page.evaluate(() => console.error('a word on the console'));
  for (const control of [standIn, real]) {
    const errors = async () =>
      (await control('pageErrors.read', {})).map(({ kind, text }) => `${kind} ${text}`);
    await expect.poll(errors).toContainEqual(expect.stringMatching(/^uncaught .*nobody caught this/));
    await expect.poll(errors).toContainEqual('console a word on the console');
  }
});

it('closes and crashes the window, and opens the app again', async () => {
  for (const name of ['window.close', 'window.crash'] as const) {
    const gone = new Promise<void>((resolve) => page.once('close', () => resolve()));
    await real(name, { id: await windowId() });
    await gone;
    await expect.poll(() => real('windows.read', {})).toEqual([]);
    await real('app.activate', {});
    await expect.poll(async () => (await real('windows.read', {})).length).toBe(1);
    page = await preview.window();
    await title('MLX Stack is ready');
  }
});

it('is shown notifications, clicks them, and refuses them', async () => {
  const stack = path.join(preview.ready.home, 'stacks', 'default.yaml');
  const text = readFileSync(stack, 'utf8');
  const setBroken = (isBroken: boolean) =>
    replaceFile(
      preview.ready.home,
      stack,
      isBroken ? text.replaceAll('vllm_flags:', 'vllm_flags:\n      max_num_seqs: many') : text,
    );
  await real('window.close', { id: await windowId() });
  setBroken(true);
  await expect.poll(async () => (await real('notifications.read', {})).length, patient).toBeGreaterThan(0);
  const [told] = await real('notifications.read', {});
  expect(told).toMatchObject({ number: 1, open: true, title: expect.stringMatching(/./) });
  expect(await standIn('notifications.read', {})).toEqual([]);
  await real('notification.click', { number: 1 });
  await expect.poll(async () => (await real('windows.read', {})).length).toBe(1);
  expect((await real('notifications.read', {}))[0]?.open).toBe(false);
  await real('window.close', { id: await windowId() });
  await real('notifications.deny', { deny: true });
  const count = (await real('notifications.read', {})).length;
  setBroken(false);
  await expect
    .poll(async () => (await rows()).filter(({ id }) => id.startsWith('unshown:')).length, patient)
    .toBeGreaterThan(0);
  expect(await real('notifications.read', {})).toHaveLength(count);
});

it('quits the app', async () => {
  await real('app.quit', {});
  expect(await preview.exited).toEqual({ code: 0, signal: null });
});

it('keys stay in memory', async () => {
  const require = createRequire(import.meta.url);
  const refuse = "() => Promise.reject(new Error('the real one'))";
  const keytar = path.join(folder, 'keytar.cjs');
  writeFileSync(
    keytar,
    `for (const name of ['getPassword', 'setPassword', 'deletePassword']) exports[name] = ${refuse};`,
  );
  const script = path.join(folder, 'keys.cjs');
  writeFileSync(script, keysScript(keytar));
  require(script);
  const module: typeof import('keytar') = require(keytar);
  await module.setPassword('service', 'account', 'a key');
  expect(await module.getPassword('service', 'account')).toBe('a key');
  expect(await module.getPassword('service', 'another')).toBeNull();
  expect(await module.deletePassword('service', 'account')).toBe(true);
  expect(await module.getPassword('service', 'account')).toBeNull();
});
