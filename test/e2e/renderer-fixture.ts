/** The built window in real Chromium behind a fake bridge: the page, its policy and its files are those that ship. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { CommandName } from '../../src-main/contract/commands.ts';
import type { WindowView } from '../../src-main/contract/events.ts';
import type { Result } from '../../src-main/contract/result.ts';
import type { Snapshot, StatusChange } from '../../src-main/contract/status.ts';
import { appOrigin, createResponder, readAssets } from '../../src-main/shell/assets.ts';

const rendererFolder = path.resolve(import.meta.dirname, '../../dist/renderer');
const usualSize = { width: 900, height: 620 };
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export interface GivenCommand {
  readonly name: CommandName;
  readonly input: unknown;
}

export interface OpenOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly reducedMotion?: 'reduce';
  /** The time at which the page's clock stands still until it is told to run, epoch milliseconds. */
  readonly now?: number;
  /** What the page's clock says all the time, epoch milliseconds; its timers run. */
  readonly date?: number;
  /** Answers instead of the plain success, by command. */
  readonly answers?: Partial<Record<CommandName, Result<unknown>>>;
}

export interface OpenedWindow {
  readonly page: Page;
  /** Every command but `status.read`, in order. */
  readonly given: () => Promise<readonly GivenCommand[]>;
  readonly reads: () => Promise<number>;
  /** What the next `status.read` answers. */
  readonly setSnapshot: (snapshot: Snapshot) => Promise<void>;
  readonly send: (change: StatusChange) => Promise<void>;
  /** As the menu or a notice asks for a view. */
  readonly choose: (view: WindowView) => Promise<void>;
  /** What a command answers from now on. */
  readonly setAnswer: (name: CommandName, answer: Result<unknown>) => Promise<void>;
  readonly setVisible: (visible: boolean) => Promise<void>;
  /** While held, commands do not answer. */
  readonly hold: (held: boolean) => Promise<void>;
  /** Lets the command that was given last answer, before those that have waited longer. */
  readonly releaseLast: () => Promise<void>;
  /** Errors of the page: refused by its policy, thrown, or logged. */
  readonly errors: readonly string[];
}

export interface RendererHarness {
  /**
   * `used`: an earlier page, which begins anew: much sooner there than a new one, which has compiled nothing yet. Its
   * clock stays as it is.
   */
  open(snapshot: Snapshot, options?: OpenOptions, used?: Page): Promise<OpenedWindow>;
  close(): Promise<void>;
}

declare global {
  interface Window {
    fake: {
      snapshot: Snapshot;
      reads: number;
      held: boolean;
      readonly answers: Record<string, Result<unknown>>;
      readonly given: GivenCommand[];
      emit(name: string, payload: unknown): void;
      release(): void;
      releaseLast(): void;
    };
  }
}

interface BridgeContent {
  readonly snapshot: Snapshot;
  readonly answers: Record<string, Result<unknown>>;
}

/** Runs in the page, before its scripts, each time that it begins; what it is to have from the second time on is its window's name. */
function installFakeBridge(first: BridgeContent): void {
  const init: BridgeContent = window.name === '' ? first : JSON.parse(window.name);
  const listeners: { name: string; listener: (payload: unknown) => void }[] = [];
  const waiting: (() => void)[] = [];
  const fake: Window['fake'] = {
    snapshot: init.snapshot,
    reads: 0,
    held: false,
    answers: init.answers,
    given: [],
    emit: (name, payload) => {
      for (const entry of listeners) if (entry.name === name) entry.listener(payload);
    },
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
    releaseLast: () => waiting.pop()?.(),
  };
  const call = async (name: CommandName, input: unknown): Promise<unknown> => {
    if (name === 'status.read') {
      fake.reads += 1;
      return fake.answers[name] ?? { ok: true, value: structuredClone(fake.snapshot) };
    }
    fake.given.push({ name, input });
    if (fake.held) await new Promise<void>((go) => waiting.push(go));
    return structuredClone(fake.answers[name] ?? { ok: true, value: {} });
  };
  const on = (name: string, listener: (payload: unknown) => void): (() => void) => {
    const entry = { name, listener };
    listeners.push(entry);
    return () => void listeners.splice(listeners.indexOf(entry), 1);
  };
  Object.assign(window, { fake, mlxStack: { call, on } });
}

/** `folder`: another build of the window. */
export async function startRenderer(folder = rendererFolder): Promise<RendererHarness> {
  const respond = createResponder(await readAssets(folder));
  const server = createServer((request, response) => {
    const answer = respond({ method: request.method ?? 'GET', url: `${appOrigin}${request.url ?? '/'}` });
    void answer.arrayBuffer().then((body) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  const executablePath = browsers.find((candidate) => existsSync(candidate));
  const browser: Browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
  const contexts: BrowserContext[] = [];

  const errorsOf = new WeakMap<Page, string[]>();

  async function openPage(content: BridgeContent, options: OpenOptions): Promise<Page> {
    const context = await browser.newContext({
      viewport: options.viewport ?? usualSize,
      colorScheme: options.colorScheme ?? 'light',
      reducedMotion: options.reducedMotion ?? 'no-preference',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    contexts.push(context);
    const page = await context.newPage();
    errorsOf.set(page, []);
    page.on('pageerror', (error) => errorsOf.get(page)?.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errorsOf.get(page)?.push(message.text());
    });
    if (options.now !== undefined) {
      await page.clock.install({ time: options.now - 1000 });
      await page.clock.pauseAt(options.now);
    }
    if (options.date !== undefined) await page.clock.setFixedTime(options.date);
    await page.addInitScript(installFakeBridge, content);
    return page;
  }

  async function openAgain(page: Page, content: BridgeContent, options: OpenOptions): Promise<Page> {
    await page.setViewportSize(options.viewport ?? usualSize);
    await page.emulateMedia({
      colorScheme: options.colorScheme ?? 'light',
      reducedMotion: options.reducedMotion ?? 'no-preference',
      contrast: 'no-preference',
      forcedColors: 'none',
    });
    await page.evaluate((name) => {
      window.name = name;
    }, JSON.stringify(content));
    await page.mouse.move(0, 0);
    errorsOf.set(page, []);
    return page;
  }

  return {
    async open(snapshot, options = {}, used) {
      const content = { snapshot, answers: { ...options.answers } };
      const page = await (used === undefined
        ? openPage(content, options)
        : openAgain(used, content, options));
      await page.goto(`http://127.0.0.1:${address.port}/index.html`);
      await page.locator('h1').waitFor();
      return {
        page,
        given: () => page.evaluate(() => window.fake.given),
        reads: () => page.evaluate(() => window.fake.reads),
        setSnapshot: (next) =>
          page.evaluate((value) => {
            window.fake.snapshot = value;
          }, next),
        send: (change) => page.evaluate((value) => window.fake.emit('status.changed', value), change),
        setAnswer: (name, answer) =>
          page.evaluate(
            (given) => {
              window.fake.answers[given.name] = given.answer;
            },
            { name, answer },
          ),
        choose: (view) => page.evaluate((value) => window.fake.emit('view.chosen', { view: value }), view),
        setVisible: (visible) =>
          page.evaluate((value) => window.fake.emit('window.visibilityChanged', { visible: value }), visible),
        hold: (held) =>
          page.evaluate((value) => {
            window.fake.held = value;
            if (!value) window.fake.release();
          }, held),
        releaseLast: () => page.evaluate(() => window.fake.releaseLast()),
        errors: errorsOf.get(page) ?? [],
      };
    },
    async close() {
      for (const context of contexts) await context.close();
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
