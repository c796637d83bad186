/**
 * What tests ask of the app in real Electron, answered inside its main process. Electron loads the text of `standDesk`
 * before the app, so it uses nothing outside itself but what it is handed.
 */
import type {
  MenuRow,
  OperationInput,
  OperationName,
  OperationOutput,
} from '../stand-ins/electron/control-protocol.ts';

export const deskOperations = [
  'app.read',
  'app.activate',
  'app.quit',
  'tray.read',
  'menu.open',
  'menu.close',
  'menu.click',
  'windows.read',
  'window.place',
  'window.close',
  'window.crash',
  'theme.set',
  'clipboard.read',
  'clipboard.write',
  'notifications.read',
  'notification.click',
  'notifications.deny',
  'openDialog.choose',
  'saveDialog.choose',
  'opened.read',
  'openExternal.outcome',
  'blocked.read',
] as const satisfies readonly OperationName[];
export type DeskOperation = (typeof deskOperations)[number];

type Answers = {
  readonly [N in DeskOperation]: (
    input: OperationInput<N>,
  ) => OperationOutput<N> | Promise<OperationOutput<N>>;
};

const deskNames: ReadonlySet<string> = new Set(deskOperations);
export const isDeskOperation = (name: string): name is DeskOperation => deskNames.has(name);

export interface Desk {
  /** The answer of the operation, as its schema has it, but for shortcuts: those are accelerators (`Command+Q`). */
  ask(name: DeskOperation, input: unknown): unknown;
}

declare global {
  /** In the app's main process. */
  var mlxStackDesk: Desk;
}

/**
 * Takes the place of the user and of macOS around the app: shows no dialog, no notification and no menu, opens nothing
 * elsewhere, and remembers what the app asked for. To be called before the app is ready.
 */
export function standDesk({
  app,
  BrowserWindow,
  clipboard,
  dialog,
  nativeImage,
  nativeTheme,
  Notification,
  shell,
  Tray,
}: typeof import('electron')): Desk {
  const recordLimit = 1000;
  const add = <T>(list: T[], item: T): void => {
    list.push(item);
    if (list.length > recordLimit) list.shift();
  };

  /** An image does not know its file. */
  const fileNames = new WeakMap<object, string>();
  const { createFromPath } = nativeImage;
  nativeImage.createFromPath = (file) => {
    const image = createFromPath.call(nativeImage, file);
    fileNames.set(image, file.split('/').at(-1) ?? '');
    return image;
  };
  const nameOf = (image: Electron.NativeImage | string | null | undefined): string =>
    image === null || image === undefined || typeof image === 'string' ? '' : (fileNames.get(image) ?? '');

  /** Electron tells of a tray neither its menu, its image nor its tool tip. The image of its constructor stays unknown. */
  let tray: Electron.Tray | null = null;
  let menu: Electron.Menu | null = null;
  let image: Electron.NativeImage | null = null;
  let toolTip = '';
  let isMenuOpen = false;
  const { setContextMenu, setImage, setToolTip } = Tray.prototype;
  Tray.prototype.setContextMenu = function (next) {
    setContextMenu.call(this, next);
    [tray, menu] = [this, next];
  };
  Tray.prototype.setImage = function (next) {
    setImage.call(this, next);
    [tray, image] = [this, typeof next === 'string' ? null : next];
  };
  Tray.prototype.setToolTip = function (next) {
    setToolTip.call(this, next);
    [tray, toolTip] = [this, next];
  };
  const visibleItems = (shown: Electron.Menu | null | undefined): Electron.MenuItem[] =>
    shown?.items.filter(({ visible }) => visible) ?? [];
  const rowOf = (item: Electron.MenuItem): MenuRow => ({
    id: item.id,
    type: item.type,
    label: item.label,
    sublabel: item.sublabel,
    toolTip: item.toolTip,
    name: item.accessibilityLabel || item.label,
    shortcut: item.accelerator ?? '',
    enabled: item.enabled,
    checked: item.checked,
    icon: nameOf(item.icon),
    children: visibleItems(item.submenu).map(rowOf),
  });
  function findItem(path: readonly string[]): Electron.MenuItem | undefined {
    let items = visibleItems(menu);
    let found: Electron.MenuItem | undefined;
    for (const label of path) {
      found = items.find((item) => item.label === label);
      items = visibleItems(found?.submenu);
    }
    return found;
  }
  /** A native menu that is open would hold the main process: the menu is only told, as AppKit tells it. */
  function setMenuOpen(isOpen: boolean): void {
    if (isOpen === isMenuOpen) return;
    isMenuOpen = isOpen;
    menu?.emit(isOpen ? 'menu-will-show' : 'menu-will-close');
  }

  const told: { readonly notification: Electron.Notification; open: boolean }[] = [];
  let areNotificationsDenied = false;
  Notification.prototype.show = function () {
    if (!areNotificationsDenied) add(told, { notification: this, open: true });
    const outcome = areNotificationsDenied ? ['failed', {}, 'UNErrorDomain error 1'] : ['show', {}];
    queueMicrotask(() => Reflect.apply(this.emit, this, outcome));
  };
  Notification.prototype.close = function () {
    const record = told.find(({ notification, open }) => open && notification === this);
    if (record === undefined) return;
    record.open = false;
    this.emit('close', {});
  };

  let openPaths: readonly string[] = [];
  let lastOpenDialog: OperationOutput<'openDialog.choose'> = null;
  dialog.showOpenDialog = async (
    first: Electron.BaseWindow | Electron.OpenDialogOptions,
    second?: Electron.OpenDialogOptions,
  ) => {
    const options = second ?? ('properties' in first ? first : {});
    lastOpenDialog = {
      message: options.message ?? '',
      defaultPath: options.defaultPath ?? '',
      properties: options.properties ?? ['openFile'],
    };
    const filePaths = [...openPaths];
    openPaths = [];
    return { canceled: filePaths.length === 0, filePaths };
  };
  let savePath = '';
  let suggested = '';
  dialog.showSaveDialog = async (
    first: Electron.BaseWindow | Electron.SaveDialogOptions,
    second?: Electron.SaveDialogOptions,
  ) => {
    const options = second ?? ('defaultPath' in first ? first : {});
    suggested = options.defaultPath ?? '';
    const filePath = savePath;
    savePath = '';
    return { canceled: filePath === '', filePath };
  };

  const opened: OperationOutput<'opened.read'> = [];
  let opensExternally = true;
  shell.openExternal = async (target) => {
    add(opened, { via: 'openExternal', target });
    if (!opensExternally)
      throw new Error('No application in the Launch Services database matches the input criteria.');
  };
  shell.openPath = async (target) => {
    add(opened, { via: 'openPath', target });
    return '';
  };
  shell.showItemInFolder = (target) => add(opened, { via: 'showItemInFolder', target });

  /** The app's own listeners come after ours, so whether it refused is known when all have been asked. */
  const blocked: OperationOutput<'blocked.read'> = [];
  app.on('web-contents-created', (_event, contents) => {
    const watch = (event: Electron.Event<{ url: string }>) =>
      queueMicrotask(() => {
        if (event.defaultPrevented) add(blocked, { kind: 'navigation', url: event.url });
      });
    contents.on('will-frame-navigate', watch);
    contents.on('will-navigate', watch);
    const { setWindowOpenHandler } = contents;
    contents.setWindowOpenHandler = (handler) =>
      setWindowOpenHandler.call(contents, (details) => {
        const answer = handler(details);
        if (answer.action === 'deny') add(blocked, { kind: 'window', url: details.url });
        return answer;
      });
  });

  function theWindow(id: number): Electron.BrowserWindow {
    const window = BrowserWindow.getAllWindows().find((each) => each.id === id);
    if (window === undefined) throw new Error(`there is no window ${id}`);
    return window;
  }

  const answers: Answers = {
    'app.read': () => ({
      ready: app.isReady(),
      name: app.getName(),
      version: app.getVersion(),
      cdp: null,
    }),
    'app.activate': () => {
      app.emit('activate', {}, BrowserWindow.getAllWindows().length > 0);
      return {};
    },
    'app.quit': () => {
      // After the answer, which has no way back once the app is gone.
      setImmediate(() => app.quit());
      return {};
    },
    'tray.read': () =>
      tray === null || tray.isDestroyed()
        ? null
        : {
            title: tray.getTitle(),
            toolTip,
            image: nameOf(image),
            template: image?.isTemplateImage() ?? false,
            rows: visibleItems(menu).map(rowOf),
          },
    'menu.open': () => {
      setMenuOpen(true);
      return {};
    },
    'menu.close': () => {
      setMenuOpen(false);
      return {};
    },
    'menu.click': ({ path }) => {
      setMenuOpen(false);
      setMenuOpen(true);
      const item = findItem(path);
      setMenuOpen(false);
      if (!item?.enabled)
        throw new Error(`the menu has no ${item === undefined ? '' : 'enabled '}item ${path.join(' ▸ ')}`);
      Reflect.apply(item.click, item, [{}]);
      return {};
    },
    'windows.read': () =>
      BrowserWindow.getAllWindows().map((window) => ({
        id: window.id,
        title: window.getTitle(),
        url: window.webContents.getURL(),
        visible: window.isVisible(),
        focused: window.isFocused(),
        bounds: window.getBounds(),
        backgroundColor: window.getBackgroundColor(),
      })),
    'window.place': ({ id, ...bounds }) => {
      theWindow(id).setBounds(bounds);
      return {};
    },
    'window.close': ({ id }) => {
      theWindow(id).close();
      return {};
    },
    'window.crash': ({ id }) => {
      theWindow(id).webContents.forcefullyCrashRenderer();
      return {};
    },
    'theme.set': ({ dark }) => {
      nativeTheme.themeSource = dark ? 'dark' : 'light';
      return {};
    },
    'clipboard.read': async () => ({ text: await clipboard.readText() }),
    'clipboard.write': async ({ text }) => {
      await clipboard.writeText(text);
      return {};
    },
    'notifications.read': () =>
      told.map(({ notification: { title, subtitle, body }, open }, index) => ({
        number: index + 1,
        title,
        subtitle,
        body,
        open,
      })),
    'notification.click': ({ number }) => {
      const record = told[number - 1];
      if (record?.open) {
        record.open = false;
        record.notification.emit('click', {});
      }
      return {};
    },
    'notifications.deny': ({ deny }) => {
      areNotificationsDenied = deny;
      return {};
    },
    'openDialog.choose': ({ paths }) => {
      openPaths = paths;
      return lastOpenDialog;
    },
    'saveDialog.choose': ({ path }) => {
      savePath = path ?? '';
      return { suggested };
    },
    'opened.read': () => opened,
    'openExternal.outcome': ({ opens }) => {
      opensExternally = opens;
      return {};
    },
    'blocked.read': () => blocked,
  };
  return { ask: (name, input) => Reflect.apply(answers[name], undefined, [input]) };
}

/** The Keychain of who runs the tests is theirs: keys stay in the app's memory. Self-contained as `standDesk` is. */
export function keepKeysInMemory(keytar: object): void {
  const kept = new Map<string, string>();
  const nameOf = (service: unknown, account: unknown) => JSON.stringify([service, account]);
  Object.assign(keytar, {
    getPassword: async (service: unknown, account: unknown) => kept.get(nameOf(service, account)) ?? null,
    setPassword: async (service: unknown, account: unknown, password: string) => {
      kept.set(nameOf(service, account), password);
    },
    deletePassword: async (service: unknown, account: unknown) => kept.delete(nameOf(service, account)),
  });
}

/** A CommonJS file for Electron's `-r`. */
export const deskScript = `globalThis.mlxStackDesk = (${standDesk})(require('electron'));\n`;

/** The same; `keytar` is the path of that module. */
export const keysScript = (keytar: string): string =>
  `(${keepKeysInMemory})(require(${JSON.stringify(keytar)}));\n`;
