/** Phase one: tray, window and the commands they give; up before the first server is looked at. */

import os from 'node:os';
import path from 'node:path';
import type { CommandInputs, CommandName } from '../contract/commands.ts';
import type { WindowView } from '../contract/events.ts';
import type { LogPlace } from '../contract/logs.ts';
import { assertNever, fail, ok, type Result } from '../contract/result.ts';
import { createHomeFiles } from '../files/home-files.ts';
import { createLogRoom } from '../logs/log-room.ts';
import { modelHandlers } from '../models/room.ts';
import { setupHandlers } from '../setup/room.ts';
import { copyText } from '../shell/clipboard.ts';
import type { CommandHandlers } from '../shell/command-handler.ts';
import { askWhereToSave } from '../shell/dialogs.ts';
import { installGuards } from '../shell/guards.ts';
import { registerCommands } from '../shell/ipc.ts';
import {
  appFolder,
  describeApp,
  isInstalled,
  onOpenAgain,
  onPower,
  showAbout,
  wasOpenedAtLogin,
} from '../shell/lifecycle.ts';
import { loadUpdater } from '../shell/load-updater.ts';
import { createMac } from '../shell/mac.ts';
import { updateNotice } from '../shell/mac-notices.ts';
import { installApplicationMenu } from '../shell/menus.ts';
import { isNewestRelease } from '../shell/newest-release.ts';
import { createNotifications } from '../shell/notifications.ts';
import { revealFile } from '../shell/places.ts';
import { handleAppScheme } from '../shell/protocol.ts';
import type { QuitCoordinator } from '../shell/quit.ts';
import type { UserQuit } from '../shell/quit-question.ts';
import { reachableOnScreen } from '../shell/screens.ts';
import { createTray, loadTrayIcons } from '../shell/tray.ts';
import type { TrayAction } from '../shell/tray-menu.ts';
import { createUpdates } from '../shell/updates.ts';
import { createWindowController } from '../shell/window.ts';
import { createWindowPlaceStore } from '../shell/window-place.ts';
import { createUnshown } from '../status/unshown.ts';
import { runTool } from '../supervisor/child.ts';
import { engineHandlers } from '../toolchain/toolchain.ts';
import { appWords } from '../words/index.ts';
import { commandHandlers } from './command-handlers.ts';
import { type Engine, openingStill, type Parts, type Shell } from './parts.ts';

/** Tray, window and the commands they give; up before the first server is looked at. */
export async function openShell(
  parts: Parts,
  quit: QuitCoordinator,
  wish: UserQuit,
  engine: () => Engine | null,
): Promise<Shell> {
  const { paths, status, appLog } = parts;
  const log = (message: string) => appLog.warn(message);
  installGuards({ log });
  const bundled = (...names: string[]) => path.join(appFolder(), ...names);
  await handleAppScheme(bundled('dist', 'renderer'), status.snapshot);

  const places = createWindowPlaceStore({ files: createHomeFiles({ home: paths.home }), file: paths.window });
  await places.load();
  const window = createWindowController({
    preloadPath: bundled('dist', 'preload', 'preload.cjs'),
    log,
    place: () => reachableOnScreen(places.last()),
    onPlace: places.save,
    onOpened: () => unshown.windowOpened(),
    onClosed: () => logRoom.rest(),
  });
  const logRoom = createLogRoom({
    dir: paths.logs,
    readerFile: bundled('dist', 'reader', 'reader.cjs'),
    logs: parts.logs,
    redactor: parts.redactor,
    askWhereToSave,
    reveal: revealFile,
    onGrew: () => window.send('log.grew', {}),
  });
  const mac = createMac({
    status,
    run: runTool,
    userHome: os.homedir(),
    uid: process.getuid?.() ?? 0,
    platform: process.platform,
    post: parts.board.post,
    withdraw: parts.board.withdraw,
    setKeepAwake: async (wanted) => (await engine()?.config.set('keep-awake', wanted)) ?? fail(openingStill),
    setTitle: (title) => tray.setTitle(title),
    isFirstRun: places.last() === null,
    log: (message) => appLog.info(message),
  });
  const updates = createUpdates({
    isInstalled: isInstalled(),
    isNewest: isNewestRelease,
    load: async () => loadUpdater(bundled('dist', 'updater', 'updater.cjs'), (line) => appLog.info(line)),
    isAutomatic: () => engine()?.config.state().value.config.autoUpdate ?? false,
    publish: (update) => status.update({ update }),
    onReady(version) {
      const { id, title, message } = updateNotice(version);
      parts.board.post(updateNotice(version));
      if (!window.isOpen) notifications.show({ about: id, title, body: message });
      appLog.info(`${id}: waits for the user`);
    },
    quit: () => wish.request('update'),
    log: (line) => appLog.info(line),
    now: Date.now,
  });
  const handlers = {
    ...commandHandlers(parts, wish, engine, mac.menuOpened, () => window.open('engines')),
    ...modelHandlers(() => engine()?.models ?? null, openingStill),
    ...setupHandlers(() => engine()?.setup ?? null, openingStill),
    ...engineHandlers(() => engine()?.toolchain ?? null, openingStill),
    ...mac.handlers,
    ...logRoom.handlers,
    ...updates.handlers,
  };
  registerCommands(handlers, { isOurWindow: window.owns, redact: parts.redactor.redact, log });
  installApplicationMenu({
    openSettings: () => window.open('settings'),
    quit: wish.request,
  });
  describeApp(aboutText);
  const unshown = createUnshown({ onChange: (messages) => tray.setUnshown(messages), now: Date.now });
  const notifications = createNotifications({
    onClick: ({ view, log: place }) => window.open(view, place),
    onUnshown(message) {
      if (!window.isOpen) unshown.add(message);
    },
    log,
  });
  const tray = createTray({
    icons: loadTrayIcons(bundled('assets', 'tray')),
    perform: (action) => performTrayAction(action, handlers, window.open, wish.request, parts.note),
    onOpen() {
      mac.menuOpened();
      unshown.menuOpened();
    },
  });
  mac.watchIcon(tray.bounds, () => {
    if (!wasOpenedAtLogin()) window.open();
  });
  const { snapshot } = status.subscribe((change, present) => {
    tray.update(present);
    window.send('status.changed', change);
  });
  tray.update(snapshot);

  onOpenAgain(() => {
    mac.checkIcon();
    window.open();
  });
  onPower({
    suspend() {
      mac.suspend();
      engine()?.supervisor.suspend();
    },
    resume() {
      mac.resume();
      engine()?.supervisor.resume();
      engine()?.models.wake();
    },
    shutdown: () => quit.request('shutdown'),
  });
  return {
    mac,
    updates,
    openWindow: () => window.open(),
    settle: places.settle,
    alert: notifications.show,
    isWindowOpen: () => window.isOpen,
    tellSettings: (settings) => window.send('settings.changed', settings),
    announceCloud: (title, body) => notifications.show({ about: title, title, body, view: 'cloud' }),
  };
}

const aboutText = {
  copyright: appWords.copyright,
  credits: appWords.purpose,
};

async function performTrayAction(
  action: TrayAction,
  handlers: CommandHandlers,
  openWindow: (view?: WindowView, log?: LogPlace) => void,
  quit: () => void,
  note: Parts['note'],
): Promise<Result<unknown>> {
  switch (action.kind) {
    case 'open-window':
      openWindow(action.view, action.log);
      return ok({});
    case 'about':
      showAbout();
      return ok({});
    case 'quit':
      quit();
      return ok({});
    case 'copy-text':
      copyText(action.text);
      return ok({});
    case 'command': {
      const result = await runCall(action.call, handlers);
      // The menu has closed by now: what went wrong is said in the window.
      if (!result.ok) {
        if (result.error !== openingStill) note(result.error);
        openWindow();
      }
      return result;
    }
    default:
      return assertNever(action, 'performTrayAction');
  }
}

function runCall<N extends CommandName>(
  { name, input }: { readonly name: N; readonly input: CommandInputs[N] },
  handlers: CommandHandlers,
): Promise<Result<unknown>> {
  return handlers[name](input);
}
