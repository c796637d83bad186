import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMenuSync, type LiveItem, settleMs, structureOf } from '../../../src-main/shell/menu-sync.ts';
import { type TrayAction, type TrayRow, trayModel } from '../../../src-main/shell/tray-menu.ts';
import { gateway, snapshots, tier } from '../status/snapshots.ts';

/** Records every property that is set on it, as AppKit would feel it. */
class FakeItem implements LiveItem<string> {
  readonly sets: string[] = [];
  readonly submenu: { readonly items: readonly FakeItem[] } | undefined;
  readonly #values: { label: string; sublabel: string; toolTip: string; accessibilityLabel: string };
  #enabled: boolean;
  #checked: boolean;
  #icon: string;

  constructor(row: TrayRow, icon: string, children: readonly FakeItem[]) {
    const { label, sublabel, toolTip, accessibilityLabel, enabled, checked } = row;
    this.#values = { label, sublabel, toolTip, accessibilityLabel };
    this.#enabled = enabled;
    this.#checked = checked;
    this.#icon = icon;
    this.submenu = row.type === 'submenu' ? { items: children } : undefined;
  }
  get checked() {
    return this.#checked;
  }
  set checked(value: boolean) {
    this.sets.push(`checked=${value}`);
    this.#checked = value;
  }
  get label() {
    return this.#values.label;
  }
  set label(value: string) {
    this.sets.push(`label=${value}`);
    this.#values.label = value;
  }
  get sublabel() {
    return this.#values.sublabel;
  }
  set sublabel(value: string) {
    this.sets.push(`sublabel=${value}`);
    this.#values.sublabel = value;
  }
  get toolTip() {
    return this.#values.toolTip;
  }
  set toolTip(value: string) {
    this.sets.push(`toolTip=${value}`);
    this.#values.toolTip = value;
  }
  get accessibilityLabel() {
    return this.#values.accessibilityLabel;
  }
  set accessibilityLabel(value: string) {
    this.sets.push(`accessibilityLabel=${value}`);
    this.#values.accessibilityLabel = value;
  }
  get enabled() {
    return this.#enabled;
  }
  set enabled(value: boolean) {
    this.sets.push(`enabled=${value}`);
    this.#enabled = value;
  }
  get icon() {
    return this.#icon;
  }
  set icon(value: string) {
    this.sets.push(`icon=${value}`);
    this.#icon = value;
  }
}

interface FakeMenu {
  readonly items: readonly FakeItem[];
  readonly rows: readonly TrayRow[];
  onVisibility(listener: (open: boolean) => void): void;
  /** What the user does. */
  open(): void;
  shut(): void;
  click(id: string): void;
}

const iconOf = (row: TrayRow) => row.icon ?? undefined;

function fakeMenu(rows: readonly TrayRow[], choose: (id: string) => void): FakeMenu {
  let listener: (open: boolean) => void = () => {};
  const itemOf = (row: TrayRow): FakeItem => new FakeItem(row, row.icon ?? '', row.children.map(itemOf));
  return {
    items: rows.map(itemOf),
    rows,
    onVisibility: (given) => {
      listener = given;
    },
    open: () => listener(true),
    shut: () => listener(false),
    click: choose,
  };
}

function setUp() {
  const installed: FakeMenu[] = [];
  const performed: TrayAction[] = [];
  const sync = createMenuSync<string, FakeMenu>({
    build: fakeMenu,
    install: (menu) => installed.push(menu),
    iconOf,
    perform: (action) => performed.push(action),
  });
  const present = (): FakeMenu => {
    const menu = installed.at(-1);
    if (menu === undefined) throw new Error('no menu is installed');
    return menu;
  };
  const setsOf = (menu: FakeMenu) => {
    const all = (items: readonly FakeItem[]): string[] =>
      items.flatMap((item) => [...item.sets, ...all(item.submenu?.items ?? [])]);
    return all(menu.items);
  };
  return { sync, installed, performed, present, setsOf };
}

const rowsOf = (name: keyof typeof snapshots) => trayModel(snapshots[name]).rows;
const rowsWith = (services: ReturnType<typeof tier>[]) => trayModel({ ...snapshots.healthy, services }).rows;

const ready = rowsWith([tier('fast', 'healthy'), gateway('healthy')]);
const slow = rowsWith([tier('fast', 'degraded'), gateway('healthy')]);
const off = rowsWith([tier('fast', 'stopped'), gateway('healthy')]);

describe('menu sync', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sets only what changed, on the items that are there', () => {
    const { sync, installed, present, setsOf } = setUp();
    sync.update(ready);
    sync.update(slow);
    expect(installed).toHaveLength(1);
    expect(setsOf(present())).toEqual([
      'sublabel=Slow · Qwen3-4B-4bit · port 8000',
      'accessibilityLabel=fast, Slow, Qwen3-4B-4bit, port 8000',
      'icon=degraded',
      'label=Slow',
    ]);
  });

  it('sets nothing when nothing changed', () => {
    const { sync, installed, present, setsOf } = setUp();
    sync.update(rowsOf('mixedFailures'));
    sync.update(rowsOf('mixedFailures'));
    expect(installed).toHaveLength(1);
    expect(setsOf(present())).toEqual([]);
  });

  it('replaces a closed menu at once when the structure changes', () => {
    const { sync, installed } = setUp();
    sync.update(ready);
    sync.update(off);
    expect(installed.map((menu) => structureOf(menu.rows))).toEqual([structureOf(ready), structureOf(off)]);
  });

  it('never replaces an open menu; the newest structure comes once it has closed and settled', () => {
    const { sync, installed, present } = setUp();
    sync.update(ready);
    const first = present();
    first.open();
    sync.update(off);
    sync.update(rowsOf('healthy'));
    vi.advanceTimersByTime(60_000);
    expect(installed).toHaveLength(1);
    first.shut();
    vi.advanceTimersByTime(settleMs - 1);
    expect(installed).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(installed).toHaveLength(2);
    expect(present().rows).toEqual(rowsOf('healthy'));
  });

  it('mutates an open menu in place', () => {
    const { sync, installed, present, setsOf } = setUp();
    sync.update(ready);
    present().open();
    sync.update(slow);
    expect(installed).toHaveLength(1);
    expect(setsOf(present())).toContain('icon=degraded');
  });

  it('still delivers the click that closed the menu', () => {
    const { sync, performed, present } = setUp();
    sync.update(ready);
    const menu = present();
    menu.open();
    sync.update(off);
    menu.shut();
    menu.click('service:fast:service.stop');
    vi.advanceTimersByTime(settleMs);
    expect(performed).toEqual([{ kind: 'command', call: { name: 'service.stop', input: { id: 'fast' } } }]);
  });

  it('waits again when the menu is reopened before it has settled', () => {
    const { sync, installed, present } = setUp();
    sync.update(ready);
    const menu = present();
    menu.open();
    sync.update(off);
    menu.shut();
    vi.advanceTimersByTime(settleMs - 1);
    menu.open();
    vi.advanceTimersByTime(settleMs * 10);
    expect(installed).toHaveLength(1);
    menu.shut();
    vi.advanceTimersByTime(settleMs);
    expect(installed).toHaveLength(2);
  });

  it('forgets a waiting structure when the status returns to the one shown', () => {
    const { sync, installed, present, setsOf } = setUp();
    sync.update(ready);
    present().open();
    sync.update(off);
    sync.update(slow);
    present().shut();
    vi.advanceTimersByTime(settleMs);
    expect(installed).toHaveLength(1);
    expect(setsOf(present())).toContain('icon=degraded');
  });

  it('ignores what a replaced menu still reports', () => {
    const { sync, installed } = setUp();
    sync.update(ready);
    sync.update(off);
    const [first] = installed;
    first?.open();
    sync.update(ready);
    expect(installed).toHaveLength(3);
  });

  it('replaces nothing after it was disposed of', () => {
    const { sync, installed, performed, present } = setUp();
    sync.update(ready);
    const menu = present();
    menu.open();
    sync.update(off);
    menu.shut();
    sync.dispose();
    vi.advanceTimersByTime(settleMs);
    menu.click('open');
    expect(installed).toHaveLength(1);
    expect(performed).toEqual([]);
  });
});
