/** Keeps a native menu equal to its rows: items change in place, another structure waits until the menu is closed. */
import type { TrayAction, TrayRow } from './tray-menu.ts';

/** What of a native menu item is set in place (Electron documents each of these as dynamically changeable). */
export interface LiveItem<Icon> {
  label: string;
  sublabel: string;
  toolTip: string;
  accessibilityLabel: string;
  enabled: boolean;
  checked: boolean;
  icon?: Icon;
  readonly submenu?: { readonly items: readonly LiveItem<Icon>[] } | undefined;
}

export interface LiveMenu<Icon> {
  readonly items: readonly LiveItem<Icon>[];
  /** Called when the user opens the menu and when it has closed. */
  onVisibility(listener: (open: boolean) => void): void;
}

export interface MenuSyncOptions<Icon, M extends LiveMenu<Icon>> {
  /** Builds a native menu; `choose` is to be called with the row's id on a click. */
  readonly build: (rows: readonly TrayRow[], choose: (id: string) => void) => M;
  readonly install: (menu: M) => void;
  readonly iconOf: (row: TrayRow) => Icon | undefined;
  readonly perform: (action: TrayAction) => void;
  readonly onOpen?: () => void;
}

/**
 * AppKit says "closed" just before it delivers the click that closed the menu; replacing the menu in between
 * would free the item whose click is under way.
 */
export const settleMs = 100;

/** What makes two sets of rows the same menu: ids, types, nesting, and what cannot be changed on a live item. */
export function structureOf(rows: readonly TrayRow[]): string {
  const shape = (row: TrayRow): unknown => [row.id, row.type, row.accelerator, row.children.map(shape)];
  return JSON.stringify(rows.map(shape));
}

export function createMenuSync<Icon, M extends LiveMenu<Icon>>({
  build,
  install,
  iconOf,
  perform,
  onOpen,
}: MenuSyncOptions<Icon, M>) {
  let shown: { menu: M; rows: readonly TrayRow[]; structure: string } | null = null;
  let wanted: readonly TrayRow[] | null = null;
  let open = false;
  let settling: NodeJS.Timeout | undefined;

  function choose(id: string): void {
    const action = findRow(shown?.rows ?? [], id)?.action;
    if (action) perform(action);
  }

  function onVisibility(isOpen: boolean): void {
    open = isOpen;
    if (isOpen) onOpen?.();
    clearTimeout(settling);
    settling = isOpen ? undefined : setTimeout(replaceIfNeeded, settleMs).unref();
  }

  function replaceIfNeeded(): void {
    settling = undefined;
    if (wanted === null) return;
    const rows = wanted;
    wanted = null;
    replace(rows);
  }

  function replace(rows: readonly TrayRow[]): void {
    const menu = build(rows, choose);
    menu.onVisibility((isOpen) => {
      if (shown?.menu === menu) onVisibility(isOpen);
    });
    shown = { menu, rows, structure: structureOf(rows) };
    install(menu);
  }

  return {
    update(rows: readonly TrayRow[]): void {
      if (shown !== null && shown.structure === structureOf(rows)) {
        wanted = null;
        mutate(shown.menu.items, shown.rows, rows, iconOf);
        shown = { ...shown, rows };
      } else if (shown !== null && (open || settling !== undefined)) {
        wanted = rows;
      } else {
        replace(rows);
      }
    },
    /** A native checkbox turns by itself: puts back what did not come true. */
    correct(): void {
      if (shown !== null) mutate(shown.menu.items, shown.rows, shown.rows, iconOf);
    },
    /** No further replacement happens. */
    dispose(): void {
      clearTimeout(settling);
      wanted = null;
      shown = null;
    },
  };
}

/** Every setter reaches into AppKit, so only what differs is set. */
function mutate<Icon>(
  items: readonly LiveItem<Icon>[],
  before: readonly TrayRow[],
  after: readonly TrayRow[],
  iconOf: (row: TrayRow) => Icon | undefined,
): void {
  for (const [index, row] of after.entries()) {
    const item = items[index];
    const old = before[index];
    if (item === undefined || old === undefined) continue;
    if (row.label !== old.label) item.label = row.label;
    if (row.sublabel !== old.sublabel) item.sublabel = row.sublabel;
    if (row.toolTip !== old.toolTip) item.toolTip = row.toolTip;
    if (row.accessibilityLabel !== old.accessibilityLabel) item.accessibilityLabel = row.accessibilityLabel;
    if (row.enabled !== old.enabled) item.enabled = row.enabled;
    /** A click has turned it already: whether that holds is the row's to say. */
    if (row.type === 'checkbox' && item.checked !== row.checked) item.checked = row.checked;
    if (row.icon !== old.icon) {
      const icon = iconOf(row);
      if (icon !== undefined) item.icon = icon;
    }
    mutate(item.submenu?.items ?? [], old.children, row.children, iconOf);
  }
}

function findRow(rows: readonly TrayRow[], id: string): TrayRow | undefined {
  for (const row of rows) {
    const found = row.id === id ? row : findRow(row.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
