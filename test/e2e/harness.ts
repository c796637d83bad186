/** Runs the shipped bundle as `npm run preview` does, and gives a test its pages, its control channel and a clean end. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { Problem } from '../../src-main/contract/result.ts';
import type { AppExit, Control } from '../tools/app-process.ts';
import { scatteredPorts } from '../tools/demo.ts';
import { defaultPreviewOptions, type PreviewOptions } from '../tools/preview-options.ts';
import {
  hintOf,
  type PreviewReady,
  type PreviewSession,
  startPreviewSession,
} from '../tools/preview-session.ts';
import { watchProcesses } from '../tools/process-watch.ts';

const pageLimitMs = 15_000;
/** A kill -9 of the app leaves no server behind for longer than 3 s (design §12); some slack for a busy machine. */
const goneLimitMs = 6_000;
const stopLimitMs = 30_000;
/** What is kept of the app's own output. */
const outputLimitChars = 200_000;
const artefacts = path.resolve(import.meta.dirname, '../artefacts');

export interface StartOptions extends Partial<PreviewOptions> {
  readonly env?: Readonly<Record<string, string>>;
  /** `system`: the real keytar; otherwise keys are kept in the app's memory. */
  readonly keychain?: 'memory' | 'system';
  /** `false`: no Chromium, for tests that need the app and its servers only. */
  readonly screen?: boolean;
  /** As put into the Applications folder. */
  readonly installed?: boolean;
}

export interface Preview extends AsyncDisposable {
  readonly ready: PreviewReady;
  readonly control: Control;
  readonly browser: Browser;
  /** What the app and the stand-in printed so far. */
  output(): string;
  /** The page with the tray icon. */
  menuBar(): Promise<Page>;
  /** Opens the tray's menu by a click on the icon. */
  openMenu(): Promise<Locator>;
  /** The app's window; opened from the menu when it is not there. */
  window(): Promise<Page>;
  /** Starts the app a second time with the same home; resolves with what the second one was told. */
  launchAgain(): Promise<Problem>;
  /** Quits as the user would and checks that nothing is left. */
  stop(): Promise<AppExit>;
  /** `kill -9` of the app's own process; checks that nothing is left. */
  kill(): Promise<void>;
  /** Resolves when the app has ended, by whatever means. */
  readonly exited: Promise<AppExit>;
}

/** `await using preview = await startPreview({ demo: true })`, or `stop()` in `afterAll`. */
export async function startPreview(options: StartOptions = {}): Promise<Preview> {
  const session = await launch(options);
  const { app } = session;
  const watch = watchProcesses(app.pid, session.home);
  const output = collectOutput(session);
  let browser: Browser | null = null;

  async function end(how: () => Promise<AppExit>): Promise<AppExit> {
    await watch.look();
    try {
      const exit = await within(how(), stopLimitMs, 'the app did not end');
      await watch.expectGone(goneLimitMs);
      return exit;
    } catch (error) {
      /** Whatever went wrong, the machine is left clean: the app's dead-man's switches end its servers. */
      app.child.kill('SIGKILL');
      throw error;
    } finally {
      await browser?.close().catch(() => {});
      await session.dispose();
    }
  }

  const ready = await session.waitUntilReady();
  if (!ready.ok) {
    await end(() => session.stop());
    throw new Error(`${hintOf(ready.error)}\n${output()}`);
  }
  if (options.screen !== false) browser = await chromium.connectOverCDP(ready.value.cdp);
  await watch.look();

  function theBrowser(): Browser {
    if (browser === null) throw new Error('started without a screen');
    return browser;
  }
  const menuBar = () => findPage(theBrowser(), (url) => url.startsWith('http://menu-bar.localhost/'));
  const isWindow = (url: string) => url.startsWith('http://ui.app.localhost/');

  const preview: Preview = {
    ready: ready.value,
    control: app.control,
    get browser() {
      return theBrowser();
    },
    output,
    menuBar,
    async openMenu() {
      const bar = await menuBar();
      await bar.getByRole('button', { name: 'MLX Stack' }).click();
      const menu = bar.getByRole('menu').first();
      await menu.waitFor();
      return menu;
    },
    async window() {
      const shown = await app.control('windows.read', {});
      if (shown.length === 0) await openWindowFromMenu(app.control);
      const page = await findPage(theBrowser(), isWindow);
      await page.waitForLoadState('load');
      return page;
    },
    async launchAgain() {
      const second = await launch({ ...options, home: session.home, demo: false });
      const told = await second.waitUntilReady();
      if (!told.ok) return told.error;
      await second.stop();
      throw new Error('a second instance was allowed');
    },
    stop: () => end(() => session.stop()),
    async kill() {
      await end(() => {
        app.child.kill('SIGKILL');
        return app.exited;
      });
    },
    exited: app.exited,
    async [Symbol.asyncDispose]() {
      if (!app.ended()) await preview.stop();
      else await session.dispose();
    },
  };
  return preview;
}

async function launch(options: StartOptions): Promise<PreviewSession> {
  const started = await startPreviewSession({
    ...defaultPreviewOptions,
    demoPorts: scatteredPorts(),
    ...options,
    output: 'pipe',
  });
  if (!started.ok) throw new Error(hintOf(started.error));
  return started.value;
}

function collectOutput({ app }: PreviewSession): () => string {
  let text = '';
  for (const stream of [app.child.stdout, app.child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk) => {
      text = (text + chunk).slice(-outputLimitChars);
    });
  }
  return () => text;
}

async function openWindowFromMenu(control: Control): Promise<void> {
  const tray = await control('tray.read', {});
  const row = tray?.rows.find(({ id }) => id === 'open');
  if (row === undefined) throw new Error('the menu has no item that opens the window');
  await control('menu.click', { path: [row.label] });
}

/** Another CDP client hears of a page a moment after the app opened it. */
async function findPage(browser: Browser, wanted: (url: string) => boolean): Promise<Page> {
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('Chromium has no default context');
  const deadline = performance.now() + pageLimitMs;
  for (;;) {
    const page = context.pages().find((each) => wanted(each.url()));
    if (page !== undefined) return page;
    if (performance.now() > deadline)
      throw new Error(`no such page, only ${context.pages().map((each) => each.url())}`);
    await Promise.race([
      context.waitForEvent('page', { timeout: 200 }).catch(() => {}),
      ...context.pages().map((each) => each.waitForEvent('framenavigated', { timeout: 200 }).catch(() => {})),
    ]);
  }
}

async function within<T>(work: Promise<T>, limitMs: number, sentence: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${sentence} within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Screenshots go to `test/artefacts/<name>-light.png` and `-dark.png`; the app is left in light mode. */
export async function screenshotBoth(
  { control }: Pick<Preview, 'control'>,
  page: Page,
  name: string,
): Promise<readonly string[]> {
  await mkdir(artefacts, { recursive: true });
  const files: string[] = [];
  for (const theme of ['dark', 'light'] as const) {
    await control('theme.set', { dark: theme === 'dark' });
    await page.waitForFunction(
      (dark) => matchMedia('(prefers-color-scheme: dark)').matches === dark,
      theme === 'dark',
    );
    const file = path.join(artefacts, `${name}-${theme}.png`);
    await page.screenshot({ path: file });
    files.push(file);
  }
  return files;
}
