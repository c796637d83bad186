/** `BrowserWindow`: each is a real Chromium page; here is what the window around it does. */

import type { Page } from 'playwright-core';
import { app } from './app.ts';
import { desk } from './desk.ts';
import { nativeTheme } from './native-theme.ts';
import { displaySize } from './screen.ts';
import { StrictEmitter } from './strict.ts';
import { asElectron, standInEvent } from './types.ts';
import { WebContentsStandIn } from './web-contents.ts';
import { addWindow, allWindows, removeWindow } from './windows.ts';

type WindowMembers =
  | 'id'
  | 'webContents'
  | 'loadURL'
  | 'show'
  | 'showInactive'
  | 'hide'
  | 'close'
  | 'destroy'
  | 'focus'
  | 'blur'
  | 'moveTop'
  | 'isVisible'
  | 'isFocused'
  | 'isDestroyed'
  | 'isMinimized'
  | 'minimize'
  | 'restore'
  | 'getBounds'
  | 'setBounds'
  | 'getNormalBounds'
  | 'getSize'
  | 'setSize'
  | 'getPosition'
  | 'setPosition'
  | 'center'
  | 'setMinimumSize'
  | 'getTitle'
  | 'setTitle'
  | 'title'
  | 'setBackgroundColor'
  | 'getBackgroundColor'
  | 'setVisibleOnAllWorkspaces'
  | 'isFullScreen'
  | 'isMaximized'
  | 'setVibrancy';

/** The secure defaults, which an app may state and must not change. */
const required = {
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
} as const satisfies Partial<Electron.WebPreferences>;

function refuseInsecure(preferences: Electron.WebPreferences): void {
  for (const [key, value] of Object.entries(required)) {
    const given: unknown = Reflect.get(preferences, key);
    if (given !== undefined && given !== value) {
      throw new Error(`electron stand-in: refuses the insecure webPreferences.${key}: ${String(given)}`);
    }
  }
}

let lastId = 0;
let focused: BrowserWindow | null = null;

export class BrowserWindow extends StrictEmitter implements Pick<Electron.BrowserWindow, WindowMembers> {
  readonly id = ++lastId;
  readonly contents: WebContentsStandIn;
  #visible: boolean;
  #minimized = false;
  #destroyed = false;
  #title: string;
  #backgroundColor: string;
  #bounds: Electron.Rectangle;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super('BrowserWindow');
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const preferences = options.webPreferences ?? {};
    refuseInsecure(preferences);
    const { width = 800, height = 600 } = options;
    this.#bounds = {
      width,
      height,
      x: options.x ?? Math.round((displaySize.width - width) / 2),
      y: options.y ?? Math.round((displaySize.height - height) / 2),
    };
    this.#visible = options.show ?? true;
    this.#title = options.title ?? app.getName();
    this.#backgroundColor = options.backgroundColor ?? '#FFFFFF';
    this.contents = new WebContentsStandIn({
      id: this.id,
      preload: preferences.preload ?? null,
      size: { width, height },
      onClosed: () => this.destroy(),
    });
    this.contents.on('stand-in-painted', (title: string) => {
      if (this.#destroyed) return;
      this.#takePageTitle(title);
      this.emit('ready-to-show');
    });
    addWindow(this);
    if (this.#visible) focused = this;
    queueMicrotask(() => app.emit('browser-window-created', standInEvent({}), this));
  }

  static getAllWindows(): Electron.BrowserWindow[] {
    return allWindows().map((window) => asElectron<Electron.BrowserWindow>(window));
  }
  static getFocusedWindow(): Electron.BrowserWindow | null {
    return focused === null ? null : asElectron<Electron.BrowserWindow>(focused);
  }
  static fromId(id: number): Electron.BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.id === id) ?? null;
  }
  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null;
  }

  get webContents(): Electron.WebContents {
    return asElectron<Electron.WebContents>(this.contents);
  }
  asBaseWindow(): Electron.BaseWindow {
    return asElectron<Electron.BaseWindow>(this);
  }
  page(): Promise<Page> {
    return this.contents.page;
  }
  loadURL(url: string): Promise<void> {
    return this.contents.loadURL(url);
  }

  show(): void {
    this.#setVisible(true);
    this.focus();
  }
  showInactive(): void {
    this.#setVisible(true);
  }
  hide(): void {
    this.#setVisible(false);
    this.blur();
  }
  #setVisible(visible: boolean): void {
    if (this.#destroyed || this.#visible === visible) return;
    this.#visible = visible;
    this.emit(visible ? 'show' : 'hide');
  }

  focus(): void {
    if (this.#destroyed || !this.#visible || focused === this) return;
    focused?.blur();
    focused = this;
    this.emit('focus');
    app.emit('browser-window-focus', standInEvent({}), this);
    void this.contents.page.then((page) => page.bringToFront()).catch(() => {});
  }
  blur(): void {
    if (focused !== this) return;
    focused = null;
    this.emit('blur');
    app.emit('browser-window-blur', standInEvent({}), this);
  }
  moveTop(): void {}
  isFocused(): boolean {
    return focused === this;
  }
  isVisible(): boolean {
    return this.#visible && !this.#destroyed;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }

  isMinimized(): boolean {
    return this.#minimized;
  }
  minimize(): void {
    if (this.#minimized) return;
    this.#minimized = true;
    this.emit('minimize');
    this.blur();
  }
  restore(): void {
    if (!this.#minimized) return;
    this.#minimized = false;
    this.emit('restore');
  }
  isFullScreen(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }

  /** What the red button does. */
  close(): void {
    if (this.#destroyed) return;
    const event = standInEvent({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.blur();
    this.#destroyed = true;
    this.contents.destroy();
    const wasLast = removeWindow(this);
    this.emit('closed');
    if (wasLast) app.lastWindowClosed();
  }

  getBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }
  getNormalBounds(): Electron.Rectangle {
    return this.getBounds();
  }
  setBounds(bounds: Partial<Electron.Rectangle>): void {
    const before = this.#bounds;
    this.#bounds = { ...before, ...bounds };
    const { x, y, width, height } = this.#bounds;
    if (x !== before.x || y !== before.y) this.emit('moved');
    if (width === before.width && height === before.height) return;
    this.emit('resize');
    this.emit('resized');
    void this.contents.page.then((page) => desk.resizePage(page, { width, height })).catch(() => {});
  }
  getSize(): number[] {
    return [this.#bounds.width, this.#bounds.height];
  }
  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }
  getPosition(): number[] {
    return [this.#bounds.x, this.#bounds.y];
  }
  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }
  center(): void {
    const { width, height } = this.#bounds;
    this.setPosition(
      Math.round((displaySize.width - width) / 2),
      Math.round((displaySize.height - height) / 2),
    );
  }
  setMinimumSize(): void {}

  get title(): string {
    return this.#title;
  }
  set title(title: string) {
    this.#title = title;
  }
  getTitle(): string {
    return this.#title;
  }
  setTitle(title: string): void {
    this.#title = title;
  }
  #takePageTitle(title: string): void {
    const event = standInEvent({});
    this.emit('page-title-updated', event, title, false);
    if (!event.defaultPrevented && title !== '') this.#title = title;
  }

  getBackgroundColor(): string {
    return this.#backgroundColor;
  }
  setBackgroundColor(color: string): void {
    this.#backgroundColor = color;
  }
  setVisibleOnAllWorkspaces(_visible: boolean, options: Electron.VisibleOnAllWorkspacesOptions = {}): void {
    /** Electron's own behaviour on macOS, which brings the Dock icon of an accessory app back. */
    if (options.skipTransformProcessType !== true) void app.dock.show();
  }
  setVibrancy(): void {}
}

nativeTheme.on('updated', () => {
  for (const window of allWindows()) {
    void window
      .page()
      .then((page) => window.contents.applyTheme(page))
      .catch(() => {});
  }
});

export function standInWindow(window: Electron.BaseWindow): BrowserWindow {
  const object: unknown = window;
  if (object instanceof BrowserWindow) return object;
  throw new TypeError('electron stand-in: not a BrowserWindow');
}
