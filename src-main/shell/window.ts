/** The one window: made when it is asked for, destroyed when it is closed, so that a closed window costs nothing. */
import { app, BrowserWindow, nativeTheme, type Rectangle, type WebContents } from 'electron';
import type { EventName, EventPayload, WindowView } from '../contract/events.ts';
import type { LogPlace } from '../contract/logs.ts';
import { indexUrl } from './assets.ts';
import { sendEvent } from './ipc.ts';
import { minSize } from './window-place.ts';

const size = { width: 900, height: 620, minWidth: minSize.width, minHeight: minSize.height } as const;

/** The page's own background, so that nothing flashes before its first paint. */
const backgrounds = { light: '#f5f5f7', dark: '#1e1e20' } as const;

/** A page that never paints must not leave a click without an answer. */
export const showLatestMs = 1500;

export interface WindowOptions {
  readonly preloadPath: string;
  readonly log: (message: string) => void;
  /** Where the user left the window, as far as the present screens reach. */
  readonly place: () => Rectangle | null;
  /** The user has moved or resized it. */
  readonly onPlace: (place: Rectangle) => void;
  /** It comes to the front. */
  readonly onOpened?: () => void;
  /** The page has gone and with it the need to send it anything. */
  readonly onClosed?: () => void;
}

export interface WindowController {
  /** Shows the window in front, as the answer to a click of the user; with the view that was asked for. */
  open(view?: WindowView, log?: LogPlace): void;
  close(): void;
  send<N extends EventName>(name: N, payload: EventPayload<N>): void;
  owns(sender: WebContents): boolean;
  readonly isOpen: boolean;
}

export function createWindowController({
  preloadPath,
  log,
  place,
  onPlace,
  onOpened,
  onClosed,
}: WindowOptions): WindowController {
  let window: BrowserWindow | null = null;
  let isLoaded = false;

  const background = () => backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'];

  function create(): BrowserWindow {
    isLoaded = false;
    const created = new BrowserWindow({
      ...size,
      ...place(),
      show: false,
      title: 'MLX Stack',
      backgroundColor: background(),
      webPreferences: {
        preload: preloadPath,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        spellcheck: false,
      },
    });
    const showLatest = setTimeout(() => show(created), showLatestMs);
    created.once('ready-to-show', () => show(created));
    created.once('show', () => clearTimeout(showLatest));
    const tellVisible = (visible: boolean) => () =>
      sendEvent(created, 'window.visibilityChanged', { visible }, log);
    created.on('show', tellVisible(true));
    created.on('restore', tellVisible(true));
    created.on('hide', tellVisible(false));
    created.on('minimize', tellVisible(false));
    /** Not only at the close: at the end of the app no window is asked. Both come once, when the user lets go. */
    const tellPlace = () => onPlace(created.getNormalBounds());
    created.on('moved', tellPlace);
    created.on('resized', tellPlace);
    created.on('close', tellPlace);
    created.once('closed', () => {
      clearTimeout(showLatest);
      nativeTheme.off('updated', repaint);
      window = null;
      onClosed?.();
    });
    /** A dead page cannot be used; the next opening makes a new one. */
    created.webContents.once('render-process-gone', (_event, details) => {
      log(`The window's page ended unexpectedly: ${details.reason}.`);
      if (!created.isDestroyed()) created.destroy();
    });
    created.webContents.once('did-finish-load', () => {
      isLoaded = true;
    });
    nativeTheme.on('updated', repaint);
    void created.loadURL(indexUrl).catch((cause: unknown) => log(`The window's page did not load: ${cause}`));
    return created;
  }

  function repaint(): void {
    if (window !== null && !window.isDestroyed()) window.setBackgroundColor(background());
  }

  /** An app without a Dock icon does not come to the front by itself. */
  function show(target: BrowserWindow): void {
    if (target.isDestroyed()) return;
    if (target.isMinimized()) target.restore();
    target.show();
    app.focus({ steal: true });
  }

  return {
    open(view, logPlace) {
      onOpened?.();
      const present = window;
      if (present === null) window = create();
      else show(present);
      if (view === undefined || window === null) return;
      const target = window;
      const tell = () =>
        sendEvent(target, 'view.chosen', logPlace === undefined ? { view } : { view, log: logPlace }, log);
      /** A page that still loads has no listener yet. */
      if (isLoaded) tell();
      else target.webContents.once('did-finish-load', tell);
    },
    close() {
      if (window !== null && !window.isDestroyed()) window.close();
    },
    send(name, payload) {
      if (window !== null) sendEvent(window, name, payload, log);
    },
    owns: (sender) => window !== null && !window.isDestroyed() && window.webContents === sender,
    get isOpen() {
      return window !== null && !window.isDestroyed();
    },
  };
}
