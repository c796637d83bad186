import { expect, test } from 'vitest';
import { itemsOf, Menu, MenuItem } from '../../stand-ins/electron/menu.ts';
import { findByKey, findByPath, viewOfMenu } from '../../stand-ins/electron/menu-view.ts';

const labels = (menu: Electron.Menu) =>
  itemsOf(menu).map((item) => (item.type === 'separator' ? '—' : item.label));

test('separators at the edges and doubled ones are dropped when a menu is built', () => {
  const line = { type: 'separator' } as const;
  const menu = Menu.buildFromTemplate([line, { label: 'a' }, line, line, { label: 'b' }, line, line]);
  expect(labels(menu)).toEqual(['a', '—', 'b']);
});

test('an invisible item is not drawn and does not count as a neighbour of a separator', () => {
  const line = { type: 'separator' } as const;
  const menu = Menu.buildFromTemplate([{ label: 'x', visible: false }, line, { label: 'a' }]);
  expect(viewOfMenu(menu).map(({ label }) => label)).toEqual(['a']);
});

test('a checkbox is toggled before its click is told', () => {
  const seen: boolean[] = [];
  const menu = Menu.buildFromTemplate([
    { label: 'c', type: 'checkbox', click: (item) => seen.push(item.checked) },
  ]);
  const [item] = itemsOf(menu);
  item?.click();
  item?.click();
  expect(seen).toEqual([true, false]);
});

test('only one of a group of radio items is checked', () => {
  const menu = Menu.buildFromTemplate([
    { label: 'a', type: 'radio', checked: true },
    { label: 'b', type: 'radio' },
    { type: 'separator' },
    { label: 'other group', type: 'radio', checked: true },
  ]);
  itemsOf(menu)[1]?.click();
  expect(itemsOf(menu).map(({ checked }) => checked)).toEqual([false, true, false, true]);
});

test('roles bring label, shortcut and submenu', () => {
  const menu = Menu.buildFromTemplate([{ role: 'quit' }, { role: 'editMenu' }]);
  const [quit, edit] = viewOfMenu(menu);
  expect([quit?.label, quit?.shortcut]).toEqual([expect.stringMatching(/^Quit /), '⌘Q']);
  expect(edit?.children.filter(({ type }) => type !== 'separator').map(({ label }) => label)).toEqual([
    'Undo',
    'Redo',
    'Cut',
    'Copy',
    'Paste',
    'Paste and Match Style',
    'Delete',
    'Select All',
  ]);
});

test('a role that is not implemented is refused', () => {
  expect(() => Menu.buildFromTemplate([{ role: 'startSpeaking' }])).toThrow(
    "role 'startSpeaking' is not implemented",
  );
});

test('an item with neither label nor role is refused, and so is a submenu without items', () => {
  expect(() => Menu.buildFromTemplate([{ click() {} }])).toThrow('neither label nor role');
  expect(() => new MenuItem({ label: 'x', type: 'submenu' })).toThrow('Invalid submenu');
});

test('items are found by id, by key and by the labels on the way', () => {
  const menu = Menu.buildFromTemplate([{ label: 'Models', submenu: [{ id: 'stop', label: 'Stop' }] }]);
  const item = findByPath(menu, ['Models', 'Stop']);
  expect(item?.id).toBe('stop');
  expect(menu.getMenuItemById('stop')).toBe(item);
  expect(findByKey(menu, item?.commandId ?? -1)).toBe(item);
  expect(findByPath(menu, ['Models', 'Start'])).toBeNull();
});

test('what changes on a live item shows when the menu opens next', () => {
  const menu = Menu.buildFromTemplate([{ label: 'Starting', sublabel: 'port 1', enabled: false }]);
  const [before] = viewOfMenu(menu);
  const [item] = itemsOf(menu);
  if (item === undefined) throw new Error('no item');
  Object.assign(item, {
    label: 'Ready',
    sublabel: 'port 2',
    enabled: true,
    accessibilityLabel: 'it is ready',
  });
  const [after] = viewOfMenu(menu);
  expect([before?.label, before?.name, after?.label, after?.sublabel, after?.enabled, after?.name]).toEqual([
    'Starting',
    'Starting',
    'Ready',
    'port 2',
    true,
    'it is ready',
  ]);
});
