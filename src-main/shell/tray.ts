/** The menu-bar icon and its native menu. */
import {
  Menu,
  type MenuItemConstructorOptions,
  type NativeImage,
  nativeImage,
  type Rectangle,
  Tray,
} from 'electron';
import type { Result } from '../contract/result.ts';
import type { ServiceState, Snapshot } from '../contract/status.ts';
import type { IconState } from '../status/summary.ts';
import { isStillTrue, type UnshownMessage } from '../status/unshown.ts';
import { shellWords } from '../words/index.ts';
import { throttleTitle } from './bar-title.ts';
import { createMenuSync, type LiveMenu } from './menu-sync.ts';
import { type TrayAction, type TrayRow, trayModel } from './tray-menu.ts';

const words = shellWords.tray;

export interface TrayIcons {
  readonly bar: Readonly<Record<IconState, NativeImage>>;
  readonly state: Readonly<Record<ServiceState, NativeImage>>;
}

/** How long "Copied" stands beside the icon: a native menu closes on the click and cannot say it itself. */
export const copiedFlashMs = 1000;

/** Fixed, so that macOS remembers where the user dragged the icon. */
const trayGuid = '6c1f4a3e-59a5-4b53-9c39-0a4e7a2f6d10';

/** All images, read once. Their names end in `Template`, so macOS tints them for a light, dark or selected bar. */
export function loadTrayIcons(folder: string): TrayIcons {
  const load = (name: string): NativeImage => {
    const image = nativeImage.createFromPath(`${folder}/${name}-Template.png`);
    image.setTemplateImage(true);
    return image;
  };
  return {
    bar: {
      off: load('stack-off'),
      starting: load('stack-starting'),
      ready: load('stack-ready'),
      attention: load('stack-attention'),
    },
    state: {
      stopped: load('state-stopped'),
      waiting: load('state-waiting'),
      starting: load('state-starting'),
      healthy: load('state-healthy'),
      degraded: load('state-degraded'),
      unresponsive: load('state-unresponsive'),
      stopping: load('state-stopping'),
      'backing-off': load('state-backing-off'),
      failed: load('state-failed'),
    },
  };
}

export interface TrayOptions {
  readonly icons: TrayIcons;
  /** Does what a row says. A failure is the caller's to show; the tray only confirms a copy. */
  readonly perform: (action: TrayAction) => Promise<Result<unknown>>;
  /** The user opens the menu. */
  readonly onOpen?: () => void;
}

export interface TrayHandle {
  update(snapshot: Snapshot): void;
  /** What no notification could say, newest first; it stands while it is true. */
  setUnshown(messages: readonly UnshownMessage[]): void;
  /** The text beside the icon, empty for none. */
  setTitle(title: string): void;
  /** Where the icon is, or a place without size when there is none. */
  bounds(): Rectangle;
  destroy(): void;
}

type NativeMenu = LiveMenu<NativeImage | string> & { readonly native: Menu };

/** Creates the menu-bar item. Keep the handle: a collected tray disappears from the bar. */
export function createTray({ icons, perform, onOpen }: TrayOptions): TrayHandle {
  const tray = new Tray(icons.bar.off, trayGuid);
  tray.setIgnoreDoubleClickEvents(true);
  let image: IconState = 'off';
  let toolTip = '';
  let flash: NodeJS.Timeout | undefined;

  const iconOf = (row: TrayRow) => (row.icon === null ? undefined : icons.state[row.icon]);

  const sync = createMenuSync<NativeImage | string, NativeMenu>({
    build: (rows, choose) => nativeMenu(rows, choose, iconOf),
    install: (menu) => {
      if (!tray.isDestroyed()) tray.setContextMenu(menu.native);
    },
    iconOf,
    perform: (action) => void performAndConfirm(action),
    ...(onOpen === undefined ? {} : { onOpen }),
  });
  const title = throttleTitle((text) => {
    if (flash === undefined) showTitle(text);
  });
  let titleWanted = '';
  let present: Snapshot | null = null;
  let unshown: readonly UnshownMessage[] = [];

  /** Digits of one width: a number that changes does not move the icons beside it. */
  function showTitle(text: string): void {
    if (!tray.isDestroyed()) tray.setTitle(text, { fontType: 'monospacedDigit' });
  }

  async function performAndConfirm(action: TrayAction): Promise<void> {
    const result = await perform(action);
    sync.correct();
    if (result.ok && isCopy(action)) confirmCopy();
  }

  function confirmCopy(): void {
    if (tray.isDestroyed()) return;
    clearTimeout(flash);
    showTitle(words.copied);
    flash = setTimeout(() => {
      flash = undefined;
      showTitle(titleWanted);
    }, copiedFlashMs).unref();
  }

  /** Setting an image or a title redraws the item on every display: only what changed is set. */
  function show(snapshot: Snapshot): void {
    if (tray.isDestroyed()) return;
    const model = trayModel(
      snapshot,
      unshown.filter((message) => isStillTrue(message, snapshot)),
    );
    if (model.icon !== image) tray.setImage(icons.bar[model.icon]);
    if (model.toolTip !== toolTip) tray.setToolTip(model.toolTip);
    image = model.icon;
    toolTip = model.toolTip;
    sync.update(model.rows);
  }

  return {
    update(snapshot) {
      present = snapshot;
      show(snapshot);
    },
    setUnshown(messages) {
      unshown = messages;
      if (present !== null) show(present);
    },
    setTitle(text) {
      titleWanted = text;
      title.set(text);
    },
    bounds: () => (tray.isDestroyed() ? { x: 0, y: 0, width: 0, height: 0 } : tray.getBounds()),
    destroy() {
      clearTimeout(flash);
      title.close();
      sync.dispose();
      if (!tray.isDestroyed()) tray.destroy();
    },
  };
}

function isCopy(action: TrayAction): boolean {
  if (action.kind === 'copy-text') return true;
  return (
    action.kind === 'command' &&
    (action.call.name === 'endpoint.copyAddress' || action.call.name === 'endpoint.copyKey')
  );
}

function nativeMenu(
  rows: readonly TrayRow[],
  choose: (id: string) => void,
  iconOf: (row: TrayRow) => NativeImage | undefined,
): NativeMenu {
  const template = (row: TrayRow): MenuItemConstructorOptions => {
    const icon = iconOf(row);
    return {
      id: row.id,
      type: row.type,
      label: row.label,
      enabled: row.enabled,
      ...(row.type === 'checkbox' ? { checked: row.checked } : {}),
      ...(row.sublabel === '' ? {} : { sublabel: row.sublabel }),
      ...(row.toolTip === '' ? {} : { toolTip: row.toolTip }),
      ...(row.accessibilityLabel === '' ? {} : { accessibilityLabel: row.accessibilityLabel }),
      ...(row.accelerator === null ? {} : { accelerator: row.accelerator }),
      ...(icon === undefined ? {} : { icon }),
      ...(row.action === null ? {} : { click: () => choose(row.id) }),
      ...(row.type === 'submenu' ? { submenu: row.children.map(template) } : {}),
    };
  };
  const native = Menu.buildFromTemplate(rows.map(template));
  return {
    native,
    items: native.items,
    onVisibility(listener) {
      native.on('menu-will-show', () => listener(true));
      native.on('menu-will-close', () => listener(false));
    },
  };
}
