/** The app's life as macOS tells it: ready, opened again, asked to quit, asleep, shutting down. */
import { app, powerMonitor } from 'electron';

export const appVersion = (): string => app.getVersion();

/** Where the bundle and the assets are: the archive when packaged, the project otherwise. */
export const appFolder = (): string => app.getAppPath();

/** The app as users have it, not a build that is being worked on. */
export const isPackaged = (): boolean => app.isPackaged;

/** Where an update can replace it. */
export const isInstalled = (): boolean => app.isPackaged && app.isInApplicationsFolder();

/** What the About panel says beside the name and the icon. */
export function describeApp(text: { readonly copyright: string; readonly credits: string }): void {
  app.setAboutPanelOptions({
    applicationName: app.getName(),
    applicationVersion: app.getVersion(),
    version: '',
    ...text,
  });
}

/** In front of whatever the user looks at. */
export function showAbout(): void {
  app.focus({ steal: true });
  app.showAboutPanel();
}

export const whenReady = (): Promise<void> => app.whenReady();

/** Started by macOS at login: then the menu bar is enough. */
export const wasOpenedAtLogin = (): boolean => app.getLoginItemSettings().wasOpenedAtLogin;

/** Ends the process; no event asks anybody any more. */
export const exitApp = (code: number): void => app.exit(code);

/** Ends the process and opens the app anew. */
export function reopenApp(): void {
  app.relaunch();
  app.exit(0);
}

/** The user opened the app once more: from the Finder, Spotlight, or as a second process. */
export function onOpenAgain(listener: () => void): void {
  app.on('second-instance', listener);
  app.on('activate', listener);
}

/** ⌘Q, the Dock, logout and AppleScript all end here. `mayQuit` false: not yet, and it has been told. */
export function onQuitWish(mayQuit: () => boolean): void {
  app.on('before-quit', (event) => {
    if (!mayQuit()) event.preventDefault();
  });
  // Without a listener of ours the app would end with its last window.
  app.on('window-all-closed', () => {});
}

export interface PowerListener {
  readonly suspend: () => void;
  readonly resume: () => void;
  /** macOS is held back until the process ends, so it must end soon. */
  readonly shutdown: () => void;
}

/** After `ready`. */
export function onPower({ suspend, resume, shutdown }: PowerListener): void {
  powerMonitor.on('suspend', suspend);
  powerMonitor.on('resume', resume);
  // Electron passes an event here, which its types leave out.
  powerMonitor.on('shutdown', (...args: unknown[]) => {
    const [event] = args;
    if (isPreventable(event)) event.preventDefault();
    shutdown();
  });
}

function isPreventable(value: unknown): value is { preventDefault(): void } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'preventDefault' in value &&
    typeof value.preventDefault === 'function'
  );
}
