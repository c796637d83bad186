/** `webContents`: one window's page in Chromium, with preload, protocol handler, guards and IPC. */
import { readFileSync } from 'node:fs';
import type { Frame, Page, Request as PageRequest, Route } from 'playwright-core';
import { runShortcut } from './accelerators.ts';
import { app } from './app.ts';
import { desk } from './desk.ts';
import { logIpc } from './ipc-log.ts';
import { type InvokeReply, ipcMain } from './ipc-main.ts';
import { nativeTheme } from './native-theme.ts';
import { protocol, toAppUrl, toChromiumUrl } from './protocol.ts';
import { blocked, pageErrors } from './recorder.ts';
import { bindingName, installElectron, type ShimOptions } from './renderer/window-shim.ts';
import { defaultSession } from './session.ts';
import { StrictEmitter } from './strict.ts';
import { asElectron, standInEvent } from './types.ts';
import { WebFrameMainStandIn } from './web-frame-main.ts';

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

type WebContentsMembers =
  | 'id'
  | 'send'
  | 'setWindowOpenHandler'
  | 'getURL'
  | 'getTitle'
  | 'isDestroyed'
  | 'isLoading'
  | 'isCrashed'
  | 'loadURL'
  | 'reload'
  | 'focus'
  | 'session'
  | 'mainFrame'
  | 'setVisualZoomLevelLimits'
  | 'setZoomFactor'
  | 'setBackgroundThrottling'
  | 'openDevTools'
  | 'closeDevTools'
  | 'forcefullyCrashRenderer';

/** Messages that wait for a page; more means that it hangs. */
const unsentLimit = 10_000;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface WebContentsOptions {
  readonly id: number;
  readonly preload: string | null;
  readonly size: { readonly width: number; readonly height: number };
  /** The page has gone, whoever closed it. */
  readonly onClosed: () => void;
}

export class WebContentsStandIn
  extends StrictEmitter
  implements Pick<Electron.WebContents, WebContentsMembers>
{
  readonly id: number;
  readonly session = asElectron<Electron.Session>(defaultSession);
  readonly mainFrame: Electron.WebFrameMain;
  readonly page: Promise<Page>;
  readonly #options: WebContentsOptions;
  #windowOpenHandler: WindowOpenHandler | null = null;
  #sending: Promise<unknown> = Promise.resolve();
  #unsent = 0;
  #destroyed = false;
  #crashed = false;
  #loading = false;
  #title = '';
  /** The address that the app itself asked for: it is not announced as a navigation. */
  #expectedUrl = '';
  #frame: Frame | null = null;
  /** Addresses of windows that the page asked for and that have not come into being yet, the oldest first. */
  readonly #wantedWindows: string[] = [];

  constructor(options: WebContentsOptions) {
    super('webContents');
    this.id = options.id;
    this.#options = options;
    this.mainFrame = asElectron<Electron.WebFrameMain>(
      new WebFrameMainStandIn({ url: () => this.getURL(), parent: null, detached: () => this.#destroyed }),
    );
    this.page = this.#open();
    this.page.catch((error: unknown) => {
      if (!this.#destroyed && !app.isExiting())
        console.error('electron stand-in: a window did not open.', error);
    });
    app.emit('web-contents-created', standInEvent({}), this);
  }

  async #open(): Promise<Page> {
    return desk.openPage(this.#options.size, {
      policy: (route, request) => this.#decide(route, request),
      prepare: (page) => this.#prepare(page),
    });
  }

  async #prepare(page: Page): Promise<void> {
    this.#frame = page.mainFrame();
    page.on('close', () => this.#options.onClosed());
    page.on('crash', () => this.#gone());
    page.on('popup', (popup) => {
      this.#windowOpened(popup).catch((error: unknown) =>
        console.error('electron stand-in: a popup.', error),
      );
    });
    page.on('domcontentloaded', () => this.emit('dom-ready'));
    page.on('load', () => this.#loaded());
    page.on('console', (message) => {
      this.emit('console-message', standInEvent({ level: message.type(), message: message.text() }));
      if (message.type() === 'error') pageErrors.add({ kind: 'console', text: message.text() });
    });
    page.on('pageerror', (error) => {
      pageErrors.add({ kind: 'uncaught', text: error.stack ?? error.message });
      console.error(`electron stand-in: uncaught error in the window: ${error.message}`);
    });
    await Promise.all([
      page.exposeBinding(bindingName, ({ frame }, kind, channel, args) =>
        this.#fromRenderer(frame, kind, channel, args),
      ),
      page.addInitScript({ content: this.#initScript() }),
      this.applyTheme(page),
      this.#hearOfWindows(page),
    ]);
  }

  #initScript(): string {
    const options: ShimOptions = {
      bindingName,
      platform: process.platform,
      versions: { electron: process.versions['electron'] ?? '' },
    };
    const { preload } = this.#options;
    const wrapped =
      preload === null
        ? 'null'
        : `function (require, module, exports, process) {\n${readFileSync(preload, 'utf8')}\n}`;
    return `(${installElectron})(${JSON.stringify(options)}, ${wrapped});`;
  }

  async applyTheme(page: Page): Promise<void> {
    await page.emulateMedia({ colorScheme: nativeTheme.shouldUseDarkColors ? 'dark' : 'light' });
  }

  #loaded(): void {
    this.#loading = false;
    this.emit('did-finish-load');
  }

  #gone(): void {
    this.#crashed = true;
    this.emit('render-process-gone', standInEvent({}), { reason: 'crashed', exitCode: 5 });
  }

  async loadURL(url: string): Promise<void> {
    this.#expectedUrl = toChromiumUrl(url);
    this.#loading = true;
    this.emit('did-start-loading');
    try {
      const page = await this.page;
      await page.goto(this.#expectedUrl, { waitUntil: 'load' });
    } catch (error) {
      this.#loading = false;
      throw new Error(`ERR_FAILED (-2) loading '${url}'`, { cause: error });
    }
  }

  reload(): void {
    this.#expectedUrl = this.#frame?.url() ?? '';
    void this.page.then((page) => page.reload()).catch(() => {});
  }

  getURL(): string {
    const url = this.#frame?.url() ?? '';
    return url === 'about:blank' ? '' : toAppUrl(url);
  }
  getTitle(): string {
    return this.#title;
  }
  isLoading(): boolean {
    return this.#loading;
  }
  isCrashed(): boolean {
    return this.#crashed;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  focus(): void {
    this.emit('focus');
  }
  async setVisualZoomLevelLimits(): Promise<void> {}
  setZoomFactor(): void {}
  setBackgroundThrottling(): void {}
  openDevTools(): void {}
  closeDevTools(): void {}

  forcefullyCrashRenderer(): void {
    void this.page
      .then(async (page) => (await page.context().newCDPSession(page)).send('Page.crash'))
      .catch(() => {});
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#windowOpenHandler = handler;
  }

  /** In order, and lost when the page is not there, as in Electron. */
  send(channel: string, ...args: unknown[]): void {
    const copy = structuredClone(args);
    logIpc(this.id, { direction: 'toRenderer', kind: 'send', channel, args: copy });
    if (this.#unsent === unsentLimit)
      throw new Error('electron stand-in: the window does not take its messages');
    this.#unsent += 1;
    this.#sending = this.#sending
      .then(async () => {
        if (this.#destroyed || this.#crashed) return;
        const page = await this.page;
        await page.evaluate(
          ([name, to, values]) => {
            const deliver: unknown = Reflect.get(globalThis, `${name}Deliver`);
            if (typeof deliver === 'function') deliver(to, values);
          },
          [bindingName, channel, copy] as const,
        );
      })
      .catch(() => {})
      .finally(() => {
        this.#unsent -= 1;
      });
  }

  /** Called by the window that owns it. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.emit('destroyed');
    void this.page.then((page) => page.close()).catch(() => {});
  }

  async #fromRenderer(
    frame: Frame,
    kind: unknown,
    channel: unknown,
    args: unknown,
  ): Promise<InvokeReply | undefined> {
    if (typeof channel !== 'string' || !Array.isArray(args)) throw new TypeError('malformed message');
    if (kind === 'shortcut') {
      runShortcut(channel, args[0], this.id);
      return undefined;
    }
    if (kind === 'painted') {
      this.#title = channel;
      this.emit('stand-in-painted', channel);
      return undefined;
    }
    const event = asElectron<Electron.IpcMainInvokeEvent & Electron.IpcMainEvent>({
      type: 'frame',
      processId: 1,
      frameId: 1,
      sender: this,
      senderFrame: this.frameMain(frame),
      reply: (to: string, ...values: unknown[]) => this.send(to, ...values),
    });
    if (kind === 'send') {
      logIpc(this.id, { direction: 'toMain', kind, channel, args });
      ipcMain.emit(channel, event, ...args);
      return undefined;
    }
    logIpc(this.id, { direction: 'toMain', kind: 'invoke', channel, args });
    const reply = await ipcMain.invoke(channel, event, args);
    if (reply.ok) logIpc(this.id, { direction: 'toRenderer', kind: 'reply', channel, result: reply.value });
    else logIpc(this.id, { direction: 'toRenderer', kind: 'error', channel, error: reply.error });
    return reply;
  }

  frameMain(frame: Frame): Electron.WebFrameMain {
    const parent = frame.parentFrame();
    if (parent === null) return this.mainFrame;
    return asElectron<Electron.WebFrameMain>(
      new WebFrameMainStandIn({
        url: () => toAppUrl(frame.url()),
        parent: this.frameMain(parent),
        detached: () => frame.isDetached(),
      }),
    );
  }

  /** A page gets what the app's protocol handler serves, and nothing from the network. */
  async #decide(route: Route, request: PageRequest): Promise<void> {
    const url = toAppUrl(request.url());
    if (request.isNavigationRequest() && !this.#mayNavigate(request, url)) {
      blocked.add({ url, kind: 'navigation' });
      return route.abort('aborted');
    }
    if (await defaultSession.requests.cancels(url)) return route.abort('blockedbyclient');
    const headers = request.headers();
    const body = request.postDataBuffer();
    const response = await protocol.respond(url, { method: request.method(), headers, body });
    if (response === null) {
      blocked.add({ url, kind: 'request' });
      return route.abort('blockedbyclient');
    }
    const location = response.headers.get('location');
    if (location !== null && redirectStatuses.has(response.status)) {
      const target = new URL(location, url).href;
      if (request.isNavigationRequest() && this.#prevented('will-redirect', request, target)) {
        blocked.add({ url: target, kind: 'navigation' });
        return route.abort('aborted');
      }
      response.headers.set('location', toChromiumUrl(target));
    }
    return route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }

  /** A reload by the user is not announced; everything else that the app did not ask for is. */
  #mayNavigate(request: PageRequest, url: string): boolean {
    const isMainFrame = request.frame().parentFrame() === null;
    if (isMainFrame && (request.url() === this.#expectedUrl || request.url() === this.#frame?.url()))
      return true;
    if (this.#prevented('will-frame-navigate', request, url)) return false;
    return !isMainFrame || !this.#prevented('will-navigate', request, url);
  }

  #prevented(name: string, request: PageRequest, url: string): boolean {
    const frame = request.frame();
    const event = standInEvent({
      url,
      isSameDocument: false,
      isMainFrame: frame.parentFrame() === null,
      frame: this.frameMain(frame),
      initiator: this.mainFrame,
    });
    this.emit(name, event, url);
    return event.defaultPrevented;
  }

  /** Told by the page that asks: the new one may fail before anybody sees what it was to load. */
  async #hearOfWindows(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    session.on('Page.windowOpen', ({ url }) => this.#wantedWindows.push(toAppUrl(url)));
    await session.send('Page.enable');
  }

  /** The app may only say no: no window of ours opens others. */
  async #windowOpened(popup: Page): Promise<void> {
    const details = asElectron<Electron.HandlerDetails>({
      url: this.#wantedWindows.shift() ?? toAppUrl(popup.url()),
      frameName: '',
      features: '',
      disposition: 'foreground-tab',
      referrer: { url: this.getURL(), policy: 'strict-origin-when-cross-origin' },
    });
    const answer = this.#windowOpenHandler?.(details) ?? { action: 'allow' };
    if (answer.action === 'deny') blocked.add({ url: details.url, kind: 'window' });
    await popup.close().catch(() => {});
    if (answer.action === 'allow') {
      console.error(
        `electron stand-in: the app allowed a window for ${details.url}, which is not implemented`,
      );
    }
  }
}
