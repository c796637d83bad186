/** The page titled "Menu bar": draws tray icons, menus, notifications and message boxes, and lets one click them. */
import { readFile } from 'node:fs/promises';
import type { Page, Route } from 'playwright-core';
import { desk } from './desk.ts';
import { allMessageBoxes, answerMessageBox, onMessageBoxesChanged, openMessageBox } from './dialog.ts';
import { presentMenusWith, standInMenu } from './menu.ts';
import { drawMenuBar, type MenuBarView, type Modifiers, menuBarBinding } from './menu-bar/page.ts';
import { findByKey, type MenuItemView, viewOfMenu } from './menu-view.ts';
import { nativeTheme } from './native-theme.ts';
import { onNotificationsChanged, shownNotifications } from './notification.ts';
import { allTrays, presentTraysWith, type Tray } from './tray.ts';
import { asElectron, standInEvent } from './types.ts';

const address = 'http://menu-bar.localhost/';
const pageSize = { width: 760, height: 720 };

interface OpenMenu {
  readonly opening: number;
  readonly menu: Electron.Menu;
  readonly trayId: number | null;
  readonly items: readonly MenuItemView[];
}

let page: Page | null = null;
let open: OpenMenu | null = null;
let refreshQueued = false;
let openings = 0;

/** Shows a menu. What is drawn is taken now: AppKit too reads the items before it announces the menu. */
function openMenu(menu: Electron.Menu, trayId: number | null): void {
  closeMenu();
  open = { opening: ++openings, menu, trayId, items: viewOfMenu(menu) };
  refresh();
  standInMenu(menu).emit('menu-will-show', standInEvent({}));
}

function closeMenu(): void {
  if (open === null) return;
  const { menu } = open;
  open = null;
  refresh();
  standInMenu(menu).emit('menu-will-close', standInEvent({}));
}

/** The menu closes first, then its item is clicked; both orders are AppKit's. */
function choose(key: number, modifiers: Modifiers): void {
  if (open === null) return;
  const item = findByKey(open.menu, key);
  closeMenu();
  if (item?.enabled && item.visible && item.submenu === undefined) item.click(modifiers);
}

/** Left button down on a tray icon. */
function press(tray: Tray, modifiers: Modifiers): void {
  const wasOpen = open?.trayId === tray.id;
  closeMenu();
  if (wasOpen) return;
  const bounds = tray.getBounds();
  tray.emit('click', standInEvent(modifiers), bounds, { x: bounds.x, y: bounds.y });
  if (tray.contextMenu !== null && open === null) openMenu(tray.contextMenu, tray.id);
}

function pressRight(tray: Tray, modifiers: Modifiers): void {
  closeMenu();
  tray.emit('right-click', standInEvent(modifiers), tray.getBounds());
  if (tray.contextMenu !== null && open === null) openMenu(tray.contextMenu, tray.id);
}

function view(): MenuBarView {
  const box = openMessageBox();
  return {
    trays: allTrays().map((tray) => ({
      id: tray.id,
      title: tray.getTitle(),
      toolTip: tray.toolTip,
      image: tray.image,
    })),
    menu: open === null ? null : { opening: open.opening, trayId: open.trayId, items: open.items },
    notifications: shownNotifications()
      .filter((notification) => notification.isOpen)
      .slice(-3)
      .map(({ number, title, subtitle, body }) => ({ number, title, subtitle, body })),
    messageBox: box === null ? null : { ...box, buttons: [...box.buttons] },
  };
}

/** Several changes in one turn are drawn once. */
function refresh(): void {
  if (page === null || refreshQueued) return;
  refreshQueued = true;
  setImmediate(() => {
    refreshQueued = false;
    void page
      ?.evaluate(
        ([binding, next]) => {
          const draw: unknown = Reflect.get(globalThis, `${binding}Draw`);
          if (typeof draw === 'function') draw(next);
        },
        [menuBarBinding, view()] as const,
      )
      .catch(() => {});
  });
}

/** All that the page can ask for. */
export const menuBarActions = {
  view,
  press(trayId: number, modifiers: Modifiers): void {
    const tray = allTrays().find(({ id }) => id === trayId);
    if (tray !== undefined) press(tray, modifiers);
  },
  pressRight(trayId: number, modifiers: Modifiers): void {
    const tray = allTrays().find(({ id }) => id === trayId);
    if (tray !== undefined) pressRight(tray, modifiers);
  },
  close: closeMenu,
  choose,
  clickNotification(number: number): void {
    shownNotifications()
      .find((each) => each.number === number)
      ?.choose(null);
  },
  closeNotification(number: number): void {
    shownNotifications()
      .find((each) => each.number === number)
      ?.close();
  },
  answer(number: number, response: number, checked: boolean): void {
    if (allMessageBoxes().some((box) => box.number === number)) answerMessageBox(number, response, checked);
  },
};
export type MenuBarActions = typeof menuBarActions;

const isAction = (name: unknown): name is keyof MenuBarActions =>
  typeof name === 'string' && Object.hasOwn(menuBarActions, name);

const fileTypes: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'battery.svg': 'image/svg+xml',
  'wifi.svg': 'image/svg+xml',
};

/** The page's own files; it loads nothing else. */
async function serve(route: Route): Promise<void> {
  const name = route.request().url().slice(address.length) || 'index.html';
  const contentType = fileTypes[name];
  if (contentType !== undefined) {
    const file = new URL(`./menu-bar/${name}`, import.meta.url);
    return route.fulfill({ contentType, body: await readFile(file) });
  }
  if (name !== 'page.js') return route.abort('blockedbyclient');
  return route.fulfill({
    contentType: 'text/javascript; charset=utf-8',
    body: `(${drawMenuBar})(${JSON.stringify(menuBarBinding)});`,
  });
}

async function applyTheme(): Promise<void> {
  await page?.emulateMedia({ colorScheme: nativeTheme.systemIsDark ? 'dark' : 'light' });
}

/** Puts the menu bar on the screen. */
export async function drawMenuBarPage(): Promise<void> {
  page = await desk.firstPage(pageSize, { policy: serve, prepare: answerPage });
  await load(page);
}

/** The same on a page of a test, which has no app around it. */
export async function drawMenuBarOn(given: Page): Promise<void> {
  page = given;
  await given.setViewportSize(pageSize);
  await given.route('**/*', serve);
  await answerPage(given);
  await load(given);
}

async function load(page: Page): Promise<void> {
  await applyTheme();
  await page.goto(address);
}

async function answerPage(to: Page): Promise<void> {
  await to.exposeFunction(menuBarBinding, (name: unknown, ...args: unknown[]): unknown => {
    if (!isAction(name)) throw new TypeError('unknown action');
    return Reflect.apply(menuBarActions[name], undefined, args);
  });
}

presentTraysWith({
  changed: refresh,
  popUp: (tray, menu) => openMenu(menu, tray.id),
  closeMenuOf: (tray) => {
    if (open?.trayId === tray.id) closeMenu();
  },
});
presentMenusWith({
  popup: (menu) => openMenu(asElectron<Electron.Menu>(menu), null),
  close: (menu) => {
    const shown: unknown = open?.menu;
    if (shown === menu) closeMenu();
  },
});
onNotificationsChanged(refresh);
onMessageBoxesChanged(refresh);
nativeTheme.on('updated', () => void applyTheme().catch(() => {}));
