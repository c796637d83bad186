/**
 * Runs the shipped bundle as `npm run preview` does, or in real Electron, and gives a test its pages, its control channel
 * and a clean end.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import type { Problem, Result } from '../../src-main/contract/result.ts';
import type { AppExit, Control } from '../tools/app-process.ts';
import { scatteredPorts } from '../tools/demo.ts';
import { inElectronVariable } from '../tools/e2e-files.ts';
import { defaultPreviewOptions, type PreviewOptions } from '../tools/preview-options.ts';
import { hintOf, type PreviewReady, startPreviewSession } from '../tools/preview-session.ts';
import { watchProcesses } from '../tools/process-watch.ts';

const pageLimitMs = 30_000;
/** A kill -9 of the app leaves no server behind for longer than 3 s (design §12); some slack for a busy machine. */
const goneLimitMs = 6_000;
const stopLimitMs = 30_000;
const pollMs = 50;
/** What is kept of the app's own output. */
const outputLimitChars = 200_000;
const artefacts = path.resolve(import.meta.dirname, '../artefacts');

export interface StartOptions extends Partial<PreviewOptions> {
  readonly env?: Readonly<Record<string, string>>;
  /** `system`: the real keytar; otherwise keys are kept in the app's memory. */
  readonly keychain?: 'memory' | 'system';
  /** `false`: no Chromium, for tests that need the app and its servers only. */
  readonly screen?: boolean;
  /** A CommonJS file that is loaded before the app is ready, as by Electron's `-r`. */
  readonly preload?: string;
  /** As put into the Applications folder. */
  readonly installed?: boolean;
}

export interface Preview extends AsyncDisposable {
  readonly ready: PreviewReady;
  readonly control: Control;
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

/** The app, and what it runs on: plain Node with the stand-in for Electron, or real Electron. */
export interface Stage {
  readonly pid: number;
  readonly home: string;
  readonly control: Control;
  readonly exited: Promise<AppExit>;
  ended(): boolean;
  output(): string;
  /** Waits for the app, with a demo for the whole stack to be healthy. */
  waitUntilReady(): Promise<Result<PreviewReady>>;
  /** Its pages, once it is ready. */
  connect(): Promise<BrowserContext>;
  /** Where the window's pages are. */
  readonly windowOrigin: string;
  /** As the user would; resolves when the app and what it showed are gone. */
  quit(): Promise<AppExit>;
  kill(): void;
  /** When the app has ended: what was temporary is removed. */
  dispose(): Promise<void>;
  /** A second start with the same home. */
  launchAgain(): Promise<Problem>;
}

const inElectron = process.env[inElectronVariable] !== undefined;

/** Loaded only where Electron is. */
async function startStage(options: StartOptions): Promise<Stage> {
  if (!inElectron) return startStandIn(options);
  const { startReal } = await import('../macos/real-stage.ts');
  return startReal(options);
}

/** `await using preview = await startPreview({ demo: true })`, or `stop()` in `afterAll`. */
export async function startPreview(options: StartOptions = {}): Promise<Preview> {
  const stage = await startStage(options);
  const { control } = stage;
  const watch = watchProcesses(stage.pid, stage.home);
  let context: BrowserContext | null = null;

  async function end(how: () => Promise<AppExit>): Promise<AppExit> {
    await watch.look();
    try {
      const exit = await within(how(), stopLimitMs, 'the app did not end');
      await watch.expectGone(goneLimitMs);
      return exit;
    } catch (error) {
      /** Whatever went wrong, the machine is left clean: the app's dead-man's switches end its servers. */
      stage.kill();
      throw error;
    } finally {
      await stage.dispose();
    }
  }

  const ready = await stage.waitUntilReady();
  if (!ready.ok) {
    await end(() => stage.quit());
    throw new Error(`${hintOf(ready.error)}\n${stage.output()}`);
  }
  if (options.screen !== false) context = await stage.connect();
  await watch.look();

  function thePages(): BrowserContext {
    if (context === null) throw new Error('started without a screen');
    return context;
  }
  async function menuBar(): Promise<Page> {
    if (inElectron) throw new Error('no page draws the menu bar of real Electron');
    return findPage(thePages(), (url) => url.startsWith('http://menu-bar.localhost/'));
  }

  const preview: Preview = {
    ready: ready.value,
    control,
    output: () => stage.output(),
    menuBar,
    async openMenu() {
      const bar = await menuBar();
      await bar.getByRole('button', { name: 'MLX Stack' }).click();
      const menu = bar.getByRole('menu').first();
      await menu.waitFor();
      return menu;
    },
    async window() {
      await openWindow(control);
      const page = await findPage(thePages(), (url) => url.startsWith(stage.windowOrigin));
      await page.waitForLoadState('load');
      return page;
    },
    launchAgain: () => stage.launchAgain(),
    stop: () => end(() => stage.quit()),
    async kill() {
      await end(() => {
        stage.kill();
        return stage.exited;
      });
    },
    exited: stage.exited,
    async [Symbol.asyncDispose]() {
      if (!stage.ended()) await preview.stop();
      else await stage.dispose();
    },
  };
  return preview;
}

async function startStandIn(options: StartOptions): Promise<Stage> {
  const started = await startPreviewSession({
    ...defaultPreviewOptions,
    demoPorts: scatteredPorts(),
    ...options,
    output: 'pipe',
  });
  if (!started.ok) throw new Error(hintOf(started.error));
  const { app, home, stop, dispose, waitUntilReady } = started.value;
  let browser: Browser | null = null;
  let cdp = '';
  return {
    pid: app.pid,
    home,
    control: app.control,
    exited: app.exited,
    ended: app.ended,
    output: collectOutput(app.child),
    async waitUntilReady() {
      const ready = await waitUntilReady();
      if (ready.ok) cdp = ready.value.cdp;
      return ready;
    },
    async connect() {
      browser = await chromium.connectOverCDP(cdp);
      const [context] = browser.contexts();
      if (context === undefined) throw new Error('Chromium has no default context');
      return context;
    },
    windowOrigin: 'http://ui.app.localhost/',
    quit: stop,
    kill: () => void app.child.kill('SIGKILL'),
    async dispose() {
      await browser?.close().catch(() => {});
      await dispose();
    },
    async launchAgain() {
      const second = await startStandIn({ ...options, home, demo: false });
      const told = await second.waitUntilReady();
      if (!told.ok) return told.error;
      await second.quit();
      throw new Error('a second instance was allowed');
    },
  };
}

/** What it printed so far. */
export function collectOutput(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk) => {
      text = (text + chunk).slice(-outputLimitChars);
    });
  }
  return () => text;
}

/** An app that has only just started has neither the window that it opens by itself nor a menu with that row. */
async function openWindow(control: Control): Promise<void> {
  const deadline = performance.now() + pageLimitMs;
  while ((await control('windows.read', {})).length === 0) {
    const tray = await control('tray.read', {});
    const row = tray?.rows.find(({ id }) => id === 'open');
    if (row !== undefined) await control('menu.click', { path: [row.label] });
    else if (performance.now() > deadline) throw new Error('the menu has no item that opens the window');
    else await delay(pollMs);
  }
}

/** Another CDP client hears of a page a moment after the app opened it. */
async function findPage(context: BrowserContext, wanted: (url: string) => boolean): Promise<Page> {
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
