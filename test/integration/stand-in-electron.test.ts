/** The stand-in for Electron with a small app of its own, in real processes and a real Chromium. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AppProcess, startApp } from '../tools/app-process.ts';
import { ensureChromium, sentenceOf } from '../tools/chromium.ts';
import { watchProcesses } from '../tools/process-watch.ts';

const fixture = path.resolve(import.meta.dirname, '../unit/stand-ins-electron/fixture/main.cts');
/** Guards against waiting for ever: Chromium takes several seconds to come and to go on a busy machine. */
const goneLimitMs = 20_000;
const saidLimitMs = 30_000;

interface Fixture {
  readonly app: AppProcess;
  /** Lines that the app printed. */
  readonly lines: readonly string[];
  /** Waits for a line. */
  said(line: string): Promise<void>;
  connect(): Promise<Browser>;
}

interface LaunchOptions {
  readonly screen?: boolean;
  readonly window?: boolean;
  readonly openedAtLogin?: boolean;
  readonly ipcLog?: string;
}

let folder = '';
let cleanUps: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stand-in-test-'));
});

/** Whatever happened in the test, nothing may be left of it. */
afterEach(async () => {
  try {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  } finally {
    cleanUps = [];
    await rm(folder, { recursive: true, force: true });
  }
});

function launch({
  screen = true,
  window = false,
  openedAtLogin = false,
  ipcLog,
}: LaunchOptions = {}): Fixture {
  const executable = screen ? ensureChromium({ headed: false }) : null;
  if (executable?.ok === false) throw new Error(sentenceOf(executable.error));
  const app = startApp({
    main: fixture,
    env: { ...process.env, FIXTURE_WINDOW: window ? '1' : '0' },
    args: ['an-argument'],
    output: 'pipe',
    settings: {
      chromium: executable?.value ?? null,
      headed: false,
      openedAtLogin,
      userData: path.join(folder, 'user-data'),
      ipcLog: ipcLog ?? null,
      followParent: true,
    },
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const { stdout, stderr } = app.child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line);
    for (const listener of listeners) listener();
  });
  stderr.resume();
  cleanUps.push(async () => {
    const watch = watchProcesses(app.pid, folder);
    await watch.look();
    app.child.kill('SIGKILL');
    await app.exited;
    await watch.expectGone(goneLimitMs);
  });

  const said = async (line: string) => {
    while (!lines.includes(line)) {
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          listeners.delete(done);
          clearTimeout(limit);
          resolve();
        };
        const limit = setTimeout(
          () => reject(new Error(`never said “${line}”, only ${lines.join(' | ')}`)),
          saidLimitMs,
        );
        listeners.add(done);
      });
    }
  };
  const connect = async () => {
    const browser = await chromium.connectOverCDP((await app.ready) ?? '');
    cleanUps.push(() => browser.close());
    return browser;
  };
  return { app, lines, said, connect };
}

async function pageOf(browser: Browser, start: string): Promise<Page> {
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('no context');
  for (;;) {
    const found = context.pages().find((page) => page.url().startsWith(start));
    if (found !== undefined) return found;
    await Promise.race([
      context.waitForEvent('page'),
      ...context.pages().map((page) => page.waitForEvent('load')),
    ]);
  }
}
/** Grey of disabled items and shortcuts, and VoiceOver names that differ from what is drawn: macOS has both. */
const asOnMacOs = ['color-contrast', 'label-content-name-mismatch'];
const menuBarOf = (browser: Browser) => pageOf(browser, 'http://menu-bar.localhost/');
const windowOf = (browser: Browser) => pageOf(browser, 'http://ui.app.localhost/');

declare global {
  interface Window {
    readonly fixture: { call(name: string, input?: unknown): Promise<unknown> };
  }
}
const call = (page: Page, name: string, input?: unknown) =>
  page.evaluate(([n, i]) => window.fixture.call(n, i).catch((error: Error) => `thrown: ${error.message}`), [
    name,
    input,
  ] as const);

describe('life cycle', () => {
  test('quit: before-quit, windows, will-quit, quit, exit code 0, and Chromium is gone with its profile', async () => {
    const { app, lines, said } = launch({ window: true });
    await app.ready;
    await said('started');
    const watch = watchProcesses(app.pid, folder);
    await watch.look();
    const chromiumBefore = (await watch.leftovers()).filter(({ command }) =>
      command.includes('--user-data-dir='),
    );
    expect(chromiumBefore.length).toBeGreaterThan(0);
    await app.control('app.quit', {});
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await watch.expectGone(goneLimitMs);
    // Its last lines may arrive after its end, and what takes Chromium's profile away outlives it by a moment.
    const order = ['before-quit', 'will-quit', 'quit'];
    await expect
      .poll(() => lines.filter((line) => line.includes('quit')), { timeout: goneLimitMs })
      .toEqual(order);
    const profile = /--user-data-dir=(\S+)/.exec(chromiumBefore[0]?.command ?? '')?.[1] ?? '';
    await expect.poll(() => existsSync(profile), { timeout: goneLimitMs }).toBe(false);
  });

  test('quit while its window comes into being: exit code 0, too', async () => {
    const { app, said } = launch({ window: true });
    await said('started');
    await app.control('app.quit', {});
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  test('kill -9 of the app: Chromium is gone with its profile', async () => {
    const { app } = launch({ window: true });
    await app.ready;
    const watch = watchProcesses(app.pid, folder);
    await watch.look();
    const command =
      (await watch.leftovers()).find((row) => row.command.includes('--user-data-dir='))?.command ?? '';
    app.child.kill('SIGKILL');
    await app.exited;
    await watch.expectGone(goneLimitMs);
    const profile = /--user-data-dir=(\S+)/.exec(command)?.[1] ?? '';
    await expect.poll(() => existsSync(profile), { timeout: goneLimitMs }).toBe(false);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s quits as a user would', async (signal) => {
    const { app, lines, said } = launch({ screen: false });
    await said('started');
    app.child.kill(signal);
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await expect
      .poll(() => lines.slice(-3), { timeout: goneLimitMs })
      .toEqual(['before-quit', 'will-quit', 'quit']);
  });

  test('when the process that started it goes away, it quits', async () => {
    const { app, lines, said } = launch({ screen: false });
    await said('started');
    app.child.disconnect();
    expect((await app.exited).code).toBe(0);
    await expect.poll(() => lines, { timeout: goneLimitMs }).toContain('will-quit');
  });

  test('a second instance hands over its arguments and ends; after a kill -9 the lock is taken over', async () => {
    const first = launch({ screen: false });
    await first.said('started');
    const second = launch({ screen: false });
    expect((await second.app.exited).code).toBe(0);
    expect(second.lines).not.toContain('started');
    await first.said(`second-instance an-argument ${path.basename(process.cwd())}`);

    first.app.child.kill('SIGKILL');
    await first.app.exited;
    const third = launch({ screen: false });
    await third.said('started');
  });

  test('of several that start at the same moment after a crash, one is the first', async () => {
    const crashed = launch({ screen: false });
    await crashed.said('started');
    crashed.app.child.kill('SIGKILL');
    await crashed.app.exited;
    const rivals = [launch({ screen: false }), launch({ screen: false }), launch({ screen: false })];
    const outcomes = await Promise.all(
      rivals.map(({ said, app }) =>
        Promise.race([said('started').then(() => 'first'), app.exited.then(() => 'ended')]),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['ended', 'ended', 'first']);
  });

  test('opened at login: it says so, and the fixture opens no window', async () => {
    const { app, said } = launch({ screen: false, window: true, openedAtLogin: true });
    await said('started');
    expect(await app.control('windows.read', {})).toEqual([]);
  });
});

describe('window', () => {
  test('preload, invoke and push work, with the texts of Electron for errors', async () => {
    const ipcLog = path.join(folder, 'ipc.log');
    const { app, connect } = launch({ window: true, ipcLog });
    const page = await windowOf(await connect());
    await page.getByText('shown 1970-01-01T00:00:00.000Z').waitFor();
    expect(await call(page, 'echo', { a: [1, null] })).toEqual({ name: 'echo', input: { a: [1, null] } });
    expect(await call(page, 'fail')).toBe("thrown: Error invoking remote method 'command': TypeError: boom");
    expect(await call(page, 'uncloneable')).toBe(
      "thrown: Error invoking remote method 'command': Error: An object could not be cloned.",
    );
    expect(
      await page.evaluate(() => [typeof Reflect.get(window, 'require'), Object.isFrozen(window.fixture)]),
    ).toEqual(['undefined', true]);
    expect(await app.control('windows.read', {})).toEqual([
      expect.objectContaining({ title: 'Fixture', url: 'app://ui/index.html', visible: true, focused: true }),
    ]);

    const entries = (await readFile(ipcLog, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ direction, kind }) => `${direction} ${kind}`)).toEqual([
      'toRenderer send',
      'toMain invoke',
      'toRenderer reply',
      'toMain invoke',
      'toRenderer error',
      'toMain invoke',
      'toRenderer error',
    ]);
    expect(entries[1]).toMatchObject({ channel: 'command', args: ['echo', { a: [1, null] }] });
    expect((await stat(ipcLog)).mode & 0o777).toBe(0o600);
  });

  test('a sender that is not the main frame of our page is refused by the app', async () => {
    const { app, said } = launch({ window: true });
    await said('started');
    const as = (url: string, isMainFrame: boolean) =>
      app.control('ipc.invoke', { channel: 'command', args: ['echo', 1], sender: { url, isMainFrame } });
    const refused = { ok: false, error: 'Error: not allowed' };
    expect(await as('app://ui/index.html', true)).toEqual({ ok: true, value: { name: 'echo', input: 1 } });
    expect(await as('app://ui/index.html', false)).toEqual(refused);
    expect(await as('https://example.com/', true)).toEqual(refused);
    expect(await app.control('ipc.invoke', { channel: 'nobody', args: [] })).toEqual({
      ok: false,
      error: "Error: No handler registered for 'nobody'",
    });
  });

  test('it can neither leave, nor open windows, nor reach the network', async () => {
    const { app, said, connect } = launch({ window: true });
    const page = await windowOf(await connect());
    await page.getByText('shown').waitFor();
    await page.locator('#out').click();
    await said('will-navigate https://example.com/out');
    await page.locator('#redirected').click();
    await said('will-navigate app://ui/elsewhere');
    await page.locator('#blank').click();
    await said('window-open https://example.com/blank');
    expect(
      await page.evaluate(() =>
        fetch('https://example.com/data').then(
          () => 'reached',
          () => 'blocked',
        ),
      ),
    ).toBe('blocked');
    expect(page.url()).toBe('http://ui.app.localhost/index.html');
    const blocked = await app.control('blocked.read', {});
    expect(blocked).toContainEqual({ url: 'https://example.com/data', kind: 'request' });
    expect(blocked).toContainEqual({ url: 'https://example.com/out', kind: 'navigation' });
    await expect.poll(() => page.context().pages().length).toBe(2);
  });

  test('the application menu’s shortcuts work: paste, copy, close', async () => {
    const { app, said, connect } = launch({ window: true });
    const page = await windowOf(await connect());
    await page.getByText('shown').waitFor();
    await app.control('clipboard.write', { text: 'sk-or-v1-pasted' });
    await page.locator('#field').focus();
    await page.keyboard.press('Meta+v');
    await expect.poll(() => page.locator('#field').inputValue()).toBe('sk-or-v1-pasted');
    await page.locator('#field').fill('copied');
    await page.keyboard.press('Meta+a');
    await page.keyboard.press('Meta+c');
    await expect.poll(async () => (await app.control('clipboard.read', {})).text).toBe('copied');
    await page.keyboard.press('Meta+w').catch(() => {});
    await said('window-all-closed');
    expect(await app.control('windows.read', {})).toEqual([]);
  });

  test('a crash of the page is told', async () => {
    const { app, said, connect } = launch({ window: true });
    await windowOf(await connect());
    await app.control('window.crash', { id: 1 });
    await said('render-process-gone');
  });
});

describe('menu bar', () => {
  test('what the menu shows is what was there when it opened', async () => {
    const { connect, said } = launch();
    const bar = await menuBarOf(await connect());
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await said('menu-will-show');
    await bar.getByRole('menuitem', { name: 'Fixture is ready' }).waitFor();
    await bar.keyboard.press('Escape');
    await said('menu-will-close');
    await bar.getByRole('menu').waitFor({ state: 'detached' });
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await bar.getByRole('menuitem', { name: 'Too late for this opening' }).waitFor();
  });

  test('items are clicked with the mouse, also in a submenu; the menu closes first', async () => {
    const { app, connect, lines, said } = launch();
    const bar = await menuBarOf(await connect());
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await bar.getByRole('menuitem', { name: 'standard, ready' }).hover();
    await bar.getByRole('menuitem', { name: 'Restart' }).click();
    await said('clicked Restart');
    expect(lines.slice(-3)).toEqual(['menu-will-show', 'menu-will-close', 'clicked Restart']);
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await bar.getByRole('menuitem', { name: 'Docs' }).click();
    await expect
      .poll(() => app.control('opened.read', {}))
      .toEqual([{ via: 'openExternal', target: 'https://example.com/docs' }]);
  });

  test('a disabled item is not clicked and the menu stays open', async () => {
    const { connect } = launch();
    const bar = await menuBarOf(await connect());
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await bar.getByRole('menuitem', { name: 'Fixture is ready' }).click({ force: true });
    expect(await bar.getByRole('menu').count()).toBe(1);
    await bar.mouse.click(20, 500);
    await bar.getByRole('menu').waitFor({ state: 'detached' });
  });

  test('the keyboard alone does everything', async () => {
    const { connect, said } = launch();
    const bar = await menuBarOf(await connect());
    await bar.getByRole('button', { name: 'Fixture' }).press('Enter');
    await bar.getByRole('menu').waitFor();
    await bar.keyboard.press('ArrowDown');
    expect(await bar.locator('.current').getAttribute('aria-label')).toBe('standard, ready');
    await bar.keyboard.press('ArrowRight');
    expect(await bar.locator('.menu .current').last().getAttribute('aria-label')).toBe('Stop');
    await bar.keyboard.press('ArrowLeft');
    await bar.keyboard.press('k');
    expect(await bar.locator('.current').getAttribute('aria-label')).toBe('Keep Awake');
    await bar.keyboard.press('Enter');
    await said('checked true');
    await bar.getByRole('menu').waitFor({ state: 'detached' });
    await bar.getByRole('button', { name: 'Fixture' }).press('Enter');
    expect(await bar.getByRole('menuitemcheckbox', { name: 'Keep Awake' }).getAttribute('aria-checked')).toBe(
      'true',
    );
    await bar.keyboard.press('ArrowUp');
    expect(await bar.locator('.current').getAttribute('aria-label')).toBe('Quit Fixture');
  });

  test('a notification and a message box are drawn and can be answered', async () => {
    const { app, connect, said } = launch({ window: true });
    const browser = await connect();
    const bar = await menuBarOf(browser);
    const page = await windowOf(browser);
    await page.getByText('shown').waitFor();
    const answer = call(page, 'ask');
    await bar.getByRole('alertdialog', { name: 'Sure?' }).getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toEqual({ response: 1, checkboxChecked: false });
    await app.control('menu.click', { path: ['Notify'] });
    await bar.getByRole('button', { name: 'It ran out of memory.' }).click();
    await expect
      .poll(() => app.control('notifications.read', {}))
      .toEqual([expect.objectContaining({ title: 'standard stopped', open: false })]);
    await app.control('notifications.deny', { deny: true });
    await app.control('menu.click', { path: ['Notify'] });
    await said('failed UNErrorDomain error 1');
  });

  test('no accessibility problem with an open menu, light or dark', async () => {
    const { app, connect } = launch();
    const bar = await menuBarOf(await connect());
    await bar.getByRole('button', { name: 'Fixture' }).click();
    await bar.getByRole('menuitem', { name: 'standard, ready' }).hover();
    for (const dark of [false, true]) {
      await app.control('theme.set', { dark });
      await bar.waitForFunction(
        (wanted) => matchMedia('(prefers-color-scheme: dark)').matches === wanted,
        dark,
      );
      // There are no frames, for which it would open a page of its own each time.
      const axe = new AxeBuilder({ page: bar }).setLegacyMode(true).disableRules(asOnMacOs);
      const { violations } = await axe.analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      );
    }
  });
});

describe('control', () => {
  test('hardware events reach the app, and a prevented shutdown is told', async () => {
    const { app, said } = launch({ screen: false });
    await said('started');
    expect(await app.control('power.happen', { name: 'suspend' })).toEqual({ prevented: false });
    await said('suspend');
    expect(await app.control('power.happen', { name: 'shutdown' })).toEqual({ prevented: true });
    expect(app.ended()).toBe(false);
    await app.control('app.activate', {});
    await said('activate');
  });

  test('an app that has just ended is heard to have ended, and as it did, whatever it is asked in between', async () => {
    const { app, said } = launch({ screen: false });
    await said('started');
    process.kill(app.pid, 'SIGKILL');
    // Long enough for it to be gone, and nobody here has heard of it yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    const asked = [app.control('windows.read', {}), app.control('windows.read', {})];
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await app.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('an operation that does not exist, and one that fails, are answered with an error', async () => {
    const { app, said } = launch({ screen: false });
    await said('started');
    await expect(app.control('menu.click', { path: ['No such item'] })).rejects.toThrow(
      'the menu has no item',
    );
    const reply = once(app.child, 'message');
    app.child.send({ standIn: 'request', id: 9999, name: 'process.exit', input: {} });
    expect((await reply)[0]).toMatchObject({
      id: 9999,
      ok: false,
      message: 'there is no operation process.exit',
    });
  });
});
