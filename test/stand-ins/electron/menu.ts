/** `Menu` and `MenuItem`: templates, roles and live items. Drawn by menu-bar.ts. */
import { app } from './app.ts';
import { isRoleName, roles } from './menu-roles.ts';
import { Strict, StrictEmitter } from './strict.ts';
import { asElectron } from './types.ts';

type ItemOptions = Electron.MenuItemConstructorOptions;
type ItemType = Electron.MenuItem['type'];

let lastCommandId = 0;

type MenuItemMembers =
  | 'id'
  | 'label'
  | 'sublabel'
  | 'toolTip'
  | 'accessibilityLabel'
  | 'type'
  | 'role'
  | 'accelerator'
  | 'enabled'
  | 'visible'
  | 'checked'
  | 'icon'
  | 'badge'
  | 'registerAccelerator'
  | 'commandId'
  | 'submenu'
  | 'click'
  | 'menu';

export class MenuItem extends Strict implements Pick<Electron.MenuItem, MenuItemMembers> {
  readonly id: string;
  label: string;
  sublabel: string;
  toolTip: string;
  accessibilityLabel: string;
  readonly type: ItemType;
  readonly role?: NonNullable<Electron.MenuItem['role']>;
  readonly accelerator: string | null;
  enabled: boolean;
  visible: boolean;
  icon?: Electron.NativeImage | string;
  badge?: Electron.MenuItemBadge;
  readonly registerAccelerator: boolean;
  readonly commandId: number = ++lastCommandId;
  readonly submenu?: Electron.Menu;
  /** The menu that holds it. */
  menu: Electron.Menu;
  readonly click: (event?: Electron.KeyboardEvent, window?: Electron.BaseWindow) => void;
  #checked: boolean;

  constructor(options: ItemOptions) {
    super('MenuItem');
    const role = options.role === undefined ? undefined : roles[options.role];
    if (options.role !== undefined && role === undefined) {
      throw new Error(`electron stand-in: menu role '${options.role}' is not implemented`);
    }
    const submenu = options.submenu ?? role?.submenu?.(app.name);
    this.id = options.id ?? '';
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    this.label = options.label ?? role?.label(app.name) ?? '';
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.accessibilityLabel = options.accessibilityLabel ?? '';
    if (options.role !== undefined && isRoleName(options.role)) this.role = options.role;
    this.accelerator = options.accelerator ?? role?.accelerator ?? null;
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.#checked = options.checked ?? false;
    if (options.icon !== undefined) this.icon = options.icon;
    if (options.badge !== undefined) this.badge = options.badge;
    this.registerAccelerator = options.registerAccelerator ?? true;
    if (submenu !== undefined) {
      this.submenu = Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : submenu;
    }
    if (this.type === 'submenu' && this.submenu === undefined) {
      throw new Error('Invalid submenu');
    }
    if (this.type === 'normal' && this.label === '') {
      throw new TypeError('electron stand-in: a menu item has neither label nor role');
    }
    this.menu = asElectron<Electron.Menu>(detached);
    this.click = (event = {}, window) => {
      if (this.type === 'checkbox') this.#checked = !this.#checked;
      if (this.type === 'radio') this.checked = true;
      if (role?.perform !== undefined) role.perform(window);
      else options.click?.(asElectron<Electron.MenuItem>(this), window, event);
    };
  }

  get checked(): boolean {
    return this.#checked;
  }
  set checked(checked: boolean) {
    if (this.type === 'radio') {
      if (!checked) return;
      for (const sibling of radioGroupOf(this)) sibling.#checked = sibling === this;
    }
    this.#checked = checked;
  }
}

/** Adjacent radio items are one group. */
function radioGroupOf(item: MenuItem): MenuItem[] {
  const items = itemsOf(item.menu);
  const index = items.indexOf(item);
  if (index < 0) return [item];
  let start = index;
  while (items[start - 1]?.type === 'radio') start -= 1;
  let end = index;
  while (items[end + 1]?.type === 'radio') end += 1;
  return items.slice(start, end + 1);
}

let applicationMenu: Electron.Menu | null = null;
/** Set by menu-bar.ts, which shows menus. */
let presenter: { popup(menu: Menu): void; close(menu: Menu): void } | null = null;
export function presentMenusWith(next: typeof presenter): void {
  presenter = next;
}

type MenuMembers = 'items' | 'append' | 'insert' | 'getMenuItemById' | 'popup' | 'closePopup';

export class Menu extends StrictEmitter implements Pick<Electron.Menu, MenuMembers> {
  items: Electron.MenuItem[] = [];

  constructor() {
    super('Menu');
  }

  static buildFromTemplate(template: readonly (ItemOptions | Electron.MenuItem)[]): Electron.Menu {
    const menu = new Menu();
    for (const entry of withoutSpareSeparators(template)) {
      const item: unknown = entry;
      menu.append(
        asElectron<Electron.MenuItem>(item instanceof MenuItem ? item : new MenuItem(asOptions(entry))),
      );
    }
    return asElectron<Electron.Menu>(menu);
  }

  static setApplicationMenu(menu: Electron.Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Electron.Menu | null {
    return applicationMenu;
  }

  append(item: Electron.MenuItem): void {
    this.insert(this.items.length, item);
  }

  insert(position: number, item: Electron.MenuItem): void {
    item.menu = asElectron<Electron.Menu>(this);
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): Electron.MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu?.getMenuItemById(id) ?? null);
      if (found !== null) return found;
    }
    return null;
  }

  popup(): void {
    presenter?.popup(this);
  }

  closePopup(): void {
    presenter?.close(this);
  }
}

const detached = new Menu();

/** What is not an instance of our class can only be a template's plain object. */
const asOptions = (entry: ItemOptions | Electron.MenuItem): ItemOptions => entry as ItemOptions;

/** Electron drops separators at the edges and doubled ones, once, when it builds from a template. */
function withoutSpareSeparators<T extends ItemOptions | Electron.MenuItem>(template: readonly T[]): T[] {
  const kept: T[] = [];
  let separator: T | null = null;
  for (const entry of template) {
    if (entry.visible === false) {
      kept.push(entry);
    } else if (entry.type === 'separator') {
      if (kept.some((other) => other.visible !== false)) separator ??= entry;
    } else {
      if (separator !== null) kept.push(separator);
      separator = null;
      kept.push(entry);
    }
  }
  return kept;
}

/** The stand-in's own view of a menu that travelled through Electron's types. */
export function standInMenu(menu: Electron.Menu): Menu {
  const object: unknown = menu;
  if (object instanceof Menu) return object;
  throw new TypeError('electron stand-in: not a Menu');
}

export function itemsOf(menu: Electron.Menu): MenuItem[] {
  return standInMenu(menu).items.map((item: unknown) => {
    if (item instanceof MenuItem) return item;
    throw new TypeError('electron stand-in: not a MenuItem');
  });
}
