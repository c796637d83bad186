/** `app`: life cycle in Electron's own order, paths, the single-instance lock and the login item. */
import { mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { Menu } from './menu.ts';
import { settings } from './settings.ts';
import { quitOnSignals } from './signals.ts';
import { createSingleInstanceLock, type SecondInstance } from './single-instance.ts';
import { Strict, StrictEmitter, strict } from './strict.ts';
import { asElectron, standInEvent } from './types.ts';
import { allWindows } from './windows.ts';

type PathName = Parameters<Electron.App['getPath']>[0];
type LoginItemStatus = Electron.LoginItemSettings['status'];

const manifestSchema = z.object({
  name: z.string(),
  productName: z.string().optional(),
  version: z.string(),
});

/** As `electron .` does: the folder of the `package.json` that is nearest to the main script. */
function readManifest(): { folder: string; name: string; version: string } {
  let folder = path.dirname(path.resolve(process.argv[1] ?? '.'));
  for (;;) {
    try {
      const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
      const manifest = manifestSchema.parse(JSON.parse(text));
      return { folder, name: manifest.productName ?? manifest.name, version: manifest.version };
    } catch {
      const parent = path.dirname(folder);
      if (parent === folder) return { folder: process.cwd(), name: 'Electron', version: '0.0.0' };
      folder = parent;
    }
  }
}

class DockStandIn extends Strict implements Pick<Electron.Dock, 'show' | 'hide' | 'isVisible' | 'setIcon'> {
  /** The package says `LSUIElement`; a development build is Electron.app, which does not. */
  #visible = settings.installed !== true;
  #shown = 0;
  async show(): Promise<void> {
    this.#visible = true;
    this.#shown += 1;
  }
  /** How often something brought it up, if only for a moment. */
  get shown(): number {
    return this.#shown;
  }
  hide(): void {
    this.#visible = false;
  }
  isVisible(): boolean {
    return this.#visible;
  }
  setIcon(): void {}
}

type AppMembers =
  | 'whenReady'
  | 'isReady'
  | 'quit'
  | 'exit'
  | 'relaunch'
  | 'getPath'
  | 'setPath'
  | 'getName'
  | 'setName'
  | 'name'
  | 'getVersion'
  | 'getAppPath'
  | 'getLocale'
  | 'isPackaged'
  | 'requestSingleInstanceLock'
  | 'hasSingleInstanceLock'
  | 'releaseSingleInstanceLock'
  | 'enableSandbox'
  | 'setActivationPolicy'
  | 'dock'
  | 'focus'
  | 'hide'
  | 'show'
  | 'isHidden'
  | 'setLoginItemSettings'
  | 'getLoginItemSettings'
  | 'isInApplicationsFolder'
  | 'setAboutPanelOptions'
  | 'showAboutPanel'
  | 'applicationMenu'
  | 'commandLine';

class AppStandIn extends StrictEmitter implements Pick<Electron.App, AppMembers> {
  readonly isPackaged = settings.installed === true;
  readonly standInDock = new DockStandIn('app.dock');
  readonly dock = asElectron<Electron.Dock>(this.standInDock);
  readonly commandLine = asElectron<Electron.CommandLine>(
    strict('app.commandLine', {
      appendSwitch: () => {},
      hasSwitch: () => false,
      getSwitchValue: () => '',
    } satisfies Pick<Electron.CommandLine, 'appendSwitch' | 'hasSwitch' | 'getSwitchValue'>),
  );

  readonly #manifest = readManifest();
  #name = this.#manifest.name;
  readonly #paths = new Map<PathName, string>();
  #ready = false;
  #quitting = false;
  #exiting = false;
  #openAtLogin = false;
  #loginItemOutcome: LoginItemStatus = 'enabled';
  #aboutPanelShown = 0;
  readonly #secondInstancesBeforeReady: SecondInstance[] = [];
  readonly #whenReady = Promise.withResolvers<void>();
  readonly #lock = createSingleInstanceLock((second) => this.#secondInstance(second));
  /** Set by index.ts: closes Chromium before the process ends. */
  beforeExit: () => Promise<void> = async () => {};

  get name(): string {
    return this.#name;
  }
  set name(name: string) {
    this.#name = name;
  }
  getName(): string {
    return this.#name;
  }
  setName(name: string): void {
    this.#name = name;
  }
  getVersion(): string {
    return this.#manifest.version;
  }
  getAppPath(): string {
    return this.#manifest.folder;
  }
  getLocale(): string {
    return 'en-GB';
  }

  getPath(name: PathName): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    switch (name) {
      case 'home':
        return os.homedir();
      case 'temp':
        return os.tmpdir();
      case 'exe':
      case 'module':
        return process.execPath;
      case 'userData':
        return settings.userData;
      case 'sessionData':
        return this.getPath('userData');
      case 'downloads':
      case 'logs':
      case 'crashDumps':
        return path.join(this.getPath('userData'), name);
      default:
        throw new Error(`electron stand-in: app.getPath('${name}') is not implemented`);
    }
  }

  setPath(name: PathName, folder: string): void {
    if (!path.isAbsolute(folder)) throw new Error('Path must be absolute');
    if (name === 'userData') mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#paths.set(name, folder);
  }

  isReady(): boolean {
    return this.#ready;
  }

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }

  /** Called by index.ts when the screen stands. */
  becomeReady(): void {
    if (this.#exiting) return;
    this.emit('will-finish-launching');
    this.#ready = true;
    this.emit('ready', standInEvent({}), {});
    this.#whenReady.resolve();
    for (const second of this.#secondInstancesBeforeReady.splice(0)) this.#secondInstance(second);
  }

  /** `before-quit`, then each window's `close`, then `will-quit`, then `quit`; each of the first three may stop it. */
  quit(): void {
    if (this.#exiting) return;
    const beforeQuit = standInEvent({});
    this.emit('before-quit', beforeQuit);
    if (beforeQuit.defaultPrevented) return;
    this.#quitting = true;
    for (const window of allWindows()) {
      window.close();
      if (!window.isDestroyed()) {
        this.#quitting = false;
        return;
      }
    }
    const willQuit = standInEvent({});
    this.emit('will-quit', willQuit);
    this.#quitting = false;
    if (!willQuit.defaultPrevented) this.#end(0);
  }

  /** Ends without `before-quit` and `will-quit`. */
  exit(exitCode = 0): void {
    if (this.#exiting) return;
    this.#quitting = true;
    for (const window of allWindows()) window.destroy();
    this.#end(exitCode);
  }

  /** macOS opens the app again once it has ended; here whoever started it sees the end. */
  relaunch(): void {}

  #end(exitCode: number): void {
    this.#exiting = true;
    this.emit('quit', standInEvent({}), exitCode);
    this.#lock.release();
    void this.beforeExit().finally(() => process.exit(exitCode));
  }

  isExiting(): boolean {
    return this.#exiting;
  }

  /** Called when the last window has gone. Electron quits by itself only if the app has no listener of its own. */
  lastWindowClosed(): void {
    if (this.#quitting || this.#exiting) return;
    if (!this.emit('window-all-closed')) this.quit();
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    return this.#lock.request(this.getPath('userData'), {
      argv: process.argv,
      workingDirectory: process.cwd(),
      additionalData: additionalData ?? null,
    });
  }
  hasSingleInstanceLock(): boolean {
    return this.#lock.held();
  }
  releaseSingleInstanceLock(): void {
    this.#lock.release();
  }

  #secondInstance(second: SecondInstance): void {
    if (!this.#ready) {
      this.#secondInstancesBeforeReady.push(second);
      return;
    }
    this.emit(
      'second-instance',
      standInEvent({}),
      second.argv,
      second.workingDirectory,
      second.additionalData,
    );
  }

  enableSandbox(): void {
    if (this.#ready) throw new Error('app.enableSandbox() can only be called before app is ready');
  }

  setActivationPolicy(policy: Parameters<Electron.App['setActivationPolicy']>[0]): void {
    if (policy === 'regular') void this.dock.show();
    else this.dock.hide();
  }

  focus(): void {
    this.emit('did-become-active', standInEvent({}));
  }
  hide(): void {}
  show(): void {}
  isHidden(): boolean {
    return false;
  }

  /** The user opened the app again, from Finder, Spotlight or `open`. */
  activate(): void {
    this.emit('activate', standInEvent({}), allWindows().length > 0);
  }

  setLoginItemSettings(wanted: Electron.Settings): void {
    this.#openAtLogin = wanted.openAtLogin ?? false;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    const status: LoginItemStatus = this.#openAtLogin ? this.#loginItemOutcome : 'not-registered';
    return {
      openAtLogin: status === 'enabled',
      wasOpenedAtLogin: settings.openedAtLogin,
      status,
      executableWillLaunchAtLogin: false,
      launchItems: [],
    };
  }

  /** What macOS will say once the app has asked to be opened at login. */
  setLoginItemOutcome(status: LoginItemStatus): void {
    this.#loginItemOutcome = status;
  }

  isInApplicationsFolder(): boolean {
    return settings.installed === true;
  }
  setAboutPanelOptions(): void {}
  showAboutPanel(): void {
    this.#aboutPanelShown += 1;
  }
  get aboutPanelShown(): number {
    return this.#aboutPanelShown;
  }

  get applicationMenu(): Electron.Menu | null {
    return Menu.getApplicationMenu();
  }
  set applicationMenu(menu: Electron.Menu | null) {
    Menu.setApplicationMenu(menu);
  }
}

export const app = new AppStandIn('app');
quitOnSignals(() => app.quit());
