/** A menu as it looks at the moment it opens: what the menu-bar page draws and what tests read. Types are shared with the page. */
import { symbolsOf } from './accelerators.ts';
import { itemsOf, type MenuItem } from './menu.ts';
import { type ImageView, viewOfImage } from './native-image.ts';

export interface MenuItemView {
  /** The item's `commandId`. */
  readonly key: number;
  readonly id: string;
  readonly type: Electron.MenuItem['type'];
  readonly label: string;
  readonly sublabel: string;
  readonly toolTip: string;
  /** What VoiceOver reads. */
  readonly name: string;
  /** As macOS writes it, `⌘Q`. */
  readonly shortcut: string;
  readonly badge: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly icon: ImageView | null;
  readonly children: readonly MenuItemView[];
}

/** Invisible items are left out. */
export function viewOfMenu(menu: Electron.Menu): MenuItemView[] {
  return itemsOf(menu)
    .filter((item) => item.visible)
    .map(viewOfItem);
}

function viewOfItem(item: MenuItem): MenuItemView {
  const { content, count } = item.badge ?? {};
  return {
    key: item.commandId,
    id: item.id,
    type: item.type,
    label: item.label,
    sublabel: item.sublabel,
    toolTip: item.toolTip,
    name: item.accessibilityLabel || item.label,
    shortcut: item.accelerator === null ? '' : symbolsOf(item.accelerator),
    badge: content ?? (count === undefined ? '' : String(count)),
    enabled: item.enabled,
    checked: item.checked,
    icon: viewOfImage(item.icon),
    children: item.submenu === undefined ? [] : viewOfMenu(item.submenu),
  };
}

export function findByKey(menu: Electron.Menu, key: number): MenuItem | null {
  for (const item of itemsOf(menu)) {
    const found = item.commandId === key ? item : item.submenu && findByKey(item.submenu, key);
    if (found) return found;
  }
  return null;
}

export function findByPath(menu: Electron.Menu, path: readonly string[]): MenuItem | null {
  const [label, ...rest] = path;
  const item = itemsOf(menu).find((each) => each.visible && each.label === label);
  if (item === undefined || rest.length === 0) return item ?? null;
  return item.submenu === undefined ? null : findByPath(item.submenu, rest);
}
