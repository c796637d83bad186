/** The real Chromium behind the stand-in: started with the app, reachable over CDP, gone with the app. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { displayScaleFactor, displaySize } from './screen.ts';

const startLimitMs = 45_000;
/** Longer than the shim's own patience before it kills. */
const endLimitMs = 5_000;
const pageLimitMs = 30_000;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Chromium {
  /** For `connectOverCDP`. */
  readonly cdp: string;
  readonly context: BrowserContext;
  /** The one that Chromium starts with. */
  firstPage(): Promise<Page>;
  /** A blank page in the default context, which other CDP clients see too; in a window of that size where there are windows. */
  openPage(size: Size): Promise<Page>;
  resizePage(page: Page, size: Size): Promise<void>;
  close(): Promise<void>;
}

export interface ChromiumOptions {
  readonly executable: string;
  readonly headed: boolean;
  /** Chromium went away by itself. */
  readonly onLost: () => void;
}

/**
 * Without a sandbox: Debian's root has none to give, a Chromium from Playwright's cache may not be allowed one, and
 * the only pages are our own, cut off from the network.
 */
function argumentsFor(profile: string, headed: boolean): string[] {
  return [
    ...(headed ? [] : ['--headless', '--hide-scrollbars']),
    ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
    '--disable-breakpad',
    '--disable-crash-reporter',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-sync',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--no-default-browser-check',
    '--no-first-run',
    '--no-pings',
    '--password-store=basic',
    '--use-mock-keychain',
    `--window-size=${displaySize.width},${displaySize.height}`,
    `--user-data-dir=${profile}`,
    '--remote-debugging-address=127.0.0.1',
    '--remote-debugging-port=0',
    'about:blank',
  ];
}

export async function launchChromium({ executable, headed, onLost }: ChromiumOptions): Promise<Chromium> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'electron-stand-in-'));
  const shim = fileURLToPath(new URL('./chromium-shim.sh', import.meta.url));
  const child = spawn('/bin/sh', [shim, profile, executable, ...argumentsFor(profile, headed)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const { stderr } = child;
  const lifeline = child.stdio[3];
  if (stderr === null || !(lifeline instanceof Writable)) throw new Error('spawn made no pipes');
  const gone = once(child, 'exit');
  let closing = false;

  const close = async (): Promise<void> => {
    closing = true;
    lifeline.destroy();
    await Promise.race([gone, timeout(endLimitMs)]);
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const cdp = await debuggingAddress(stderr, gone);
    const { chromium } = await import('playwright-core');
    const browser = await chromium.connectOverCDP(cdp);
    browser.on('disconnected', () => {
      if (!closing) onLost();
    });
    const context = browser.contexts()[0];
    if (context === undefined) throw new Error('Chromium has no default context');
    return { cdp, context, close, ...pageOpener(browser, context, headed) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chromium prints where it listens; afterwards its output is read only so that it never blocks. */
async function debuggingAddress(stderr: Readable, gone: Promise<unknown>): Promise<string> {
  const address = Promise.withResolvers<string>();
  const lines = createInterface({ input: stderr });
  let last = '';
  lines.on('line', (line) => {
    const match = /^DevTools listening on ws:\/\/(127\.0\.0\.1:\d+)\//.exec(line);
    if (match?.[1] !== undefined) address.resolve(`http://${match[1]}`);
    else last = line;
  });
  void gone.then(() => address.reject(new Error(`Chromium ended before it was ready. ${last}`)));
  void timeout(startLimitMs).then(() =>
    address.reject(new Error(`Chromium was not ready within ${startLimitMs} ms. ${last}`)),
  );
  return address.promise;
}

function pageOpener(browser: Browser, context: BrowserContext, headed: boolean) {
  const sessions = new WeakMap<Page, Promise<CDPSession>>();
  let browserSession: Promise<CDPSession> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function sessionOf(page: Page): Promise<CDPSession> {
    let session = sessions.get(page);
    if (session === undefined) {
      session = context.newCDPSession(page);
      sessions.set(page, session);
    }
    return session;
  }

  async function isTarget(page: Page, targetId: string): Promise<boolean> {
    const { targetInfo } = await (await sessionOf(page)).send('Target.getTargetInfo');
    return targetInfo.targetId === targetId;
  }

  async function resizePage(page: Page, { width, height }: Size): Promise<void> {
    const session = await sessionOf(page);
    if (headed) {
      const { windowId } = await session.send('Browser.getWindowForTarget');
      await session.send('Browser.setWindowBounds', { windowId, bounds: { width, height } });
    } else {
      await session.send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: displayScaleFactor,
        mobile: false,
      });
    }
  }

  /** A window of its own for each page; in headless mode that is only a matter of form. */
  async function open(size: Size): Promise<Page> {
    browserSession ??= browser.newBrowserCDPSession();
    const created = Promise.withResolvers<Page>();
    let targetId: string | undefined;
    const seen: Page[] = [];
    const look = async (page: Page) => {
      if (targetId === undefined) seen.push(page);
      else if (await isTarget(page, targetId)) created.resolve(page);
    };
    const onPage = (page: Page) => void look(page).catch(created.reject);
    context.on('page', onPage);
    try {
      const session = await browserSession;
      ({ targetId } = await session.send('Target.createTarget', {
        url: 'about:blank',
        newWindow: true,
        width: size.width,
        height: size.height,
      }));
      for (const page of seen) onPage(page);
      void timeout(pageLimitMs).then(() => created.reject(new Error('Chromium opened no page')));
      return await created.promise;
    } finally {
      context.off('page', onPage);
    }
  }

  return {
    resizePage,
    async firstPage(): Promise<Page> {
      return context.pages()[0] ?? (await context.waitForEvent('page', { timeout: pageLimitMs }));
    },
    openPage(size: Size): Promise<Page> {
      const opened = queue.then(() => open(size));
      queue = opened.catch(() => {});
      return opened;
    },
  };
}

const timeout = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
