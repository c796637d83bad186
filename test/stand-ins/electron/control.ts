/** Answers the operations of control-protocol.ts when the app was forked with an IPC channel. */
import { rmSync } from 'node:fs';
import { isDeskOperation } from '../../macos/real-desk.ts';
import { app } from './app.ts';
import type { BrowserWindow } from './browser-window.ts';
import { clipboard } from './clipboard.ts';
import {
  isOperationName,
  type MenuRow,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
  type Report,
  requestSchema,
} from './control-protocol.ts';
import { desk } from './desk.ts';
import {
  allMessageBoxes,
  answerMessageBox,
  chooseOpenPaths,
  chooseSavePath,
  shownOpenDialog,
  suggestedSavePath,
} from './dialog.ts';
import { ipcMain } from './ipc-main.ts';
import { menuBarActions } from './menu-bar.ts';
import { findByPath, type MenuItemView, viewOfMenu } from './menu-view.ts';
import { nativeTheme } from './native-theme.ts';
import { denyNotifications, shownNotifications, supportNotifications } from './notification.ts';
import { powerMonitor, powerSaveBlocker } from './power.ts';
import { blocked, opened, pageErrors } from './recorder.ts';
import { defaultSession } from './session.ts';
import { settings } from './settings.ts';
import { setExternalApplication } from './shell.ts';
import { allTrays, type Tray } from './tray.ts';
import { asElectron } from './types.ts';
import { WebFrameMainStandIn } from './web-frame-main.ts';
import { allWindows } from './windows.ts';

type Handlers = {
  readonly [N in OperationName]: (
    input: OperationInput<N>,
  ) => OperationOutput<N> | Promise<OperationOutput<N>>;
};

const noModifiers = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };

function theTray(): Tray {
  const [tray] = allTrays();
  if (tray === undefined) throw new Error('there is no tray icon');
  return tray;
}

function theWindow(id: number): BrowserWindow {
  const window = allWindows().find((each) => each.id === id);
  if (window === undefined) throw new Error(`there is no window ${id}`);
  return window;
}

const rowOf = ({ icon, key: _key, badge: _badge, children, ...rest }: MenuItemView): MenuRow => ({
  ...rest,
  icon: icon?.fileName ?? '',
  children: children.map(rowOf),
});

/** The main frame of a window when there is one, otherwise of a window that might be. */
function senderEvent(sender: { url: string; isMainFrame: boolean } | undefined): Electron.IpcMainInvokeEvent {
  const [window] = allWindows();
  const claimed = (url: string, parent: Electron.WebFrameMain | null) =>
    asElectron<Electron.WebFrameMain>(
      new WebFrameMainStandIn({ url: () => url, parent, detached: () => false }),
    );
  if (sender === undefined && window === undefined) throw new Error('there is no window to send from');
  const mainFrame = window?.webContents.mainFrame ?? claimed('app://ui/index.html', null);
  const senderFrame =
    sender === undefined ? mainFrame : claimed(sender.url, sender.isMainFrame ? null : mainFrame);
  return asElectron<Electron.IpcMainInvokeEvent>({
    type: 'frame',
    processId: 1,
    frameId: 1,
    senderFrame,
    sender:
      window?.webContents ??
      asElectron<Electron.WebContents>({
        id: 0,
        mainFrame: senderFrame,
        session: defaultSession,
        isDestroyed: () => false,
        getURL: () => senderFrame.url,
      }),
  });
}

const handlers: Handlers = {
  'app.read': () => ({ ready: app.isReady(), name: app.getName(), version: app.getVersion(), cdp: desk.cdp }),
  'app.activate': () => {
    app.activate();
    return {};
  },
  'app.quit': () => {
    app.quit();
    return {};
  },
  'tray.read': () => {
    const [tray] = allTrays();
    if (tray === undefined) return null;
    return {
      title: tray.getTitle(),
      toolTip: tray.toolTip,
      image: tray.image?.fileName ?? '',
      template: tray.image?.template ?? false,
      rows: tray.contextMenu === null ? [] : viewOfMenu(tray.contextMenu).map(rowOf),
    };
  },
  'tray.hide': ({ hidden }) => {
    theTray().hideIcon(hidden);
    return {};
  },
  'menu.click': ({ path }) => {
    const tray = theTray();
    menuBarActions.close();
    menuBarActions.press(tray.id, noModifiers);
    const item = tray.contextMenu === null ? null : findByPath(tray.contextMenu, path);
    if (item === null || !item.enabled) {
      menuBarActions.close();
      throw new Error(`the menu has no ${item === null ? '' : 'enabled '}item ${path.join(' ▸ ')}`);
    }
    menuBarActions.choose(item.commandId, noModifiers);
    return {};
  },
  'menu.open': () => {
    menuBarActions.close();
    menuBarActions.press(theTray().id, noModifiers);
    return {};
  },
  'menu.close': () => {
    menuBarActions.close();
    return {};
  },
  'windows.read': () =>
    allWindows().map((window) => ({
      id: window.id,
      title: window.getTitle(),
      url: window.contents.getURL(),
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
    theWindow(id).contents.forcefullyCrashRenderer();
    return {};
  },
  'dock.read': () => ({ visible: app.dock.isVisible(), shown: app.standInDock.shown }),
  'theme.set': ({ dark }) => {
    nativeTheme.setSystemDark(dark);
    return {};
  },
  'power.read': () => ({ blockers: [...powerSaveBlocker.started] }),
  'power.happen': (event) => ({ prevented: powerMonitor.happen(event) }),
  'clipboard.read': async () => ({ text: await clipboard.readText() }),
  'clipboard.write': async ({ text }) => {
    await clipboard.writeText(text);
    return {};
  },
  'notifications.read': () =>
    shownNotifications().map(({ number, title, subtitle, body, isOpen }) => ({
      number,
      title,
      subtitle,
      body,
      open: isOpen,
    })),
  'notification.click': ({ number }) => {
    menuBarActions.clickNotification(number);
    return {};
  },
  'notifications.deny': ({ deny }) => {
    denyNotifications(deny);
    return {};
  },
  'notifications.support': ({ support }) => {
    supportNotifications(support);
    return {};
  },
  'messageBoxes.read': () =>
    allMessageBoxes().map(({ number, message, detail, buttons, answer }) => ({
      number,
      message,
      detail,
      buttons: [...buttons],
      answer,
    })),
  'messageBox.answer': ({ number, response, checkboxChecked }) => {
    if (!answerMessageBox(number, response, checkboxChecked))
      throw new Error(`no message box ${number} waits`);
    return {};
  },
  'openDialog.choose': ({ paths }) => {
    const shown = shownOpenDialog();
    chooseOpenPaths(paths);
    return shown;
  },
  'saveDialog.choose': ({ path }) => {
    chooseSavePath(path);
    return { suggested: suggestedSavePath() };
  },
  'opened.read': () => [...opened.all()],
  'openExternal.outcome': ({ opens }) => {
    setExternalApplication(opens);
    return {};
  },
  'blocked.read': () => [...blocked.all()],
  'pageErrors.read': () => [...pageErrors.all()],
  'loginItem.read': () => {
    const { openAtLogin, status } = app.getLoginItemSettings();
    return { openAtLogin, status };
  },
  'loginItem.outcome': ({ status }) => {
    app.setLoginItemOutcome(status);
    return {};
  },
  'desk.ask': ({ name, input }) => {
    if (!isDeskOperation(name)) throw new Error(`the desk knows no ${name}`);
    return globalThis.mlxStackDesk.ask(name, input);
  },
  'ipc.invoke': ({ channel, args, sender }) => ipcMain.invoke(channel, senderEvent(sender), args),
};

/** Parsed again by the operation's own schema, so the handler gets what it was promised. */
async function run(name: string, input: unknown): Promise<unknown> {
  if (!isOperationName(name)) throw new Error(`there is no operation ${name}`);
  return Reflect.apply(handlers[name], undefined, [operations[name].input.parse(input)]);
}

export function report(message: Report): void {
  // Whoever started us may be gone without our having heard of it: then nobody is told.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function quitWithoutParent(): void {
  const folders = settings.removeWithoutParent ?? [];
  // Last of all: while Chromium ends, the app may still write a line.
  process.once('exit', () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  app.quit();
}

export function answerControl(): void {
  if (process.send === undefined) return;
  process.on('message', (message) => {
    const request = requestSchema.safeParse(message);
    if (!request.success) return;
    const { id, name, input } = request.data;
    run(name, input).then(
      (value) => report({ standIn: 'reply', id, ok: true, value }),
      (error: unknown) =>
        report({
          standIn: 'reply',
          id,
          ok: false,
          message: error instanceof Error ? error.message : String(error),
        }),
    );
  });
  if (settings.followParent) process.on('disconnect', quitWithoutParent);
}
