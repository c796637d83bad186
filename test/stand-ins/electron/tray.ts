/** `Tray`: the icon in the menu bar; the page that draws it is menu-bar.ts. */
import { app } from './app.ts';
import { type ImageView, viewOfImage } from './native-image.ts';
import { displaySize, menuBarHeight } from './screen.ts';
import { settings } from './settings.ts';
import { StrictEmitter } from './strict.ts';

type TrayMembers =
  | 'setImage'
  | 'setPressedImage'
  | 'setTitle'
  | 'getTitle'
  | 'setToolTip'
  | 'setContextMenu'
  | 'popUpContextMenu'
  | 'closeContextMenu'
  | 'getBounds'
  | 'getGUID'
  | 'setIgnoreDoubleClickEvents'
  | 'getIgnoreDoubleClickEvents'
  | 'destroy'
  | 'isDestroyed'
  | 'focus';

/** What menu-bar.ts does for the trays. */
export interface TrayPresenter {
  changed(): void;
  popUp(tray: Tray, menu: Electron.Menu): void;
  closeMenuOf(tray: Tray): void;
}

const trays: Tray[] = [];
export const allTrays = (): readonly Tray[] => [...trays];

let presenter: TrayPresenter | null = null;
export function presentTraysWith(next: TrayPresenter): void {
  presenter = next;
}

let lastId = 0;
const guidPattern = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const iconAreaWidth = 24;

export class Tray extends StrictEmitter implements Pick<Electron.Tray, TrayMembers> {
  readonly id = ++lastId;
  readonly #guid: string | null;
  #image: ImageView | null;
  #title = '';
  #toolTip = '';
  #menu: Electron.Menu | null = null;
  #ignoreDoubleClicks = false;
  #hidden = settings.iconHidden === true;
  #destroyed = false;

  constructor(image: Electron.NativeImage | string, guid?: string) {
    super('Tray');
    if (!app.isReady()) throw new Error('Cannot create Tray before app is ready');
    if (guid !== undefined && !guidPattern.test(guid)) throw new Error('Invalid GUID format');
    this.#guid = guid ?? null;
    this.#image = viewOfImage(image);
    trays.push(this);
    presenter?.changed();
  }

  setImage(image: Electron.NativeImage | string): void {
    this.#image = viewOfImage(image);
    presenter?.changed();
  }
  setPressedImage(): void {}
  setTitle(title: string): void {
    this.#title = title;
    presenter?.changed();
  }
  getTitle(): string {
    return this.#title;
  }
  setToolTip(toolTip: string): void {
    this.#toolTip = toolTip;
    presenter?.changed();
  }
  get toolTip(): string {
    return this.#toolTip;
  }
  get image(): ImageView | null {
    return this.#image;
  }

  /** As on macOS: a menu that is open closes, because its controller is replaced. */
  setContextMenu(menu: Electron.Menu | null): void {
    presenter?.closeMenuOf(this);
    this.#menu = menu;
  }
  get contextMenu(): Electron.Menu | null {
    return this.#menu;
  }
  popUpContextMenu(menu?: Electron.Menu): void {
    const shown = menu ?? this.#menu;
    if (shown !== null) presenter?.popUp(this, shown);
  }
  closeContextMenu(): void {
    presenter?.closeMenuOf(this);
  }

  /** As the user does in System Settings (macOS 26): the icon then lies below the display. */
  hideIcon(hidden: boolean): void {
    this.#hidden = hidden;
  }
  getBounds(): Electron.Rectangle {
    if (this.#hidden) return { x: 0, y: displaySize.height, width: iconAreaWidth, height: menuBarHeight };
    return { x: displaySize.width - 300, y: 0, width: iconAreaWidth, height: menuBarHeight };
  }
  getGUID(): string | null {
    return this.#guid;
  }
  setIgnoreDoubleClickEvents(ignore: boolean): void {
    this.#ignoreDoubleClicks = ignore;
  }
  getIgnoreDoubleClickEvents(): boolean {
    return this.#ignoreDoubleClicks;
  }
  focus(): void {}

  destroy(): void {
    if (this.#destroyed) return;
    presenter?.closeMenuOf(this);
    this.#destroyed = true;
    trays.splice(trays.indexOf(this), 1);
    presenter?.changed();
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
}
