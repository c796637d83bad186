/** Shortcuts: how macOS writes them, and which item of the application menu one belongs to. */
import * as z from 'zod';
import { itemsOf, Menu, type MenuItem } from './menu.ts';
import { allWindows } from './windows.ts';

interface Accelerator {
  readonly command: boolean;
  readonly control: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** Lower case, as in `KeyboardEvent.key`. */
  readonly key: string;
}

const keyNames: Readonly<Record<string, string>> = {
  plus: '+',
  space: ' ',
  return: 'enter',
  esc: 'escape',
  up: 'arrowup',
  down: 'arrowdown',
  left: 'arrowleft',
  right: 'arrowright',
};

const keySymbols: Readonly<Record<string, string>> = {
  enter: '↩',
  escape: '⎋',
  backspace: '⌫',
  delete: '⌦',
  tab: '⇥',
  ' ': 'Space',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
};

export function parseAccelerator(text: string): Accelerator {
  const parts = text.split('+').map((part) => part.trim().toLowerCase());
  const key = parts.pop() ?? '';
  const has = (...names: string[]) => parts.some((part) => names.includes(part));
  return {
    command: has('command', 'cmd', 'commandorcontrol', 'cmdorctrl', 'super', 'meta'),
    control: has('control', 'ctrl'),
    alt: has('alt', 'option', 'altgr'),
    shift: has('shift'),
    key: keyNames[key] ?? key,
  };
}

/** `Shift+Command+Z` as `⇧⌘Z`, in the order macOS uses. */
export function symbolsOf(text: string): string {
  const { command, control, alt, shift, key } = parseAccelerator(text);
  const modifiers = [control && '⌃', alt && '⌥', shift && '⇧', command && '⌘'].filter(Boolean).join('');
  return modifiers + (keySymbols[key] ?? key.toUpperCase());
}

const modifiersSchema = z.strictObject({ altKey: z.boolean(), ctrlKey: z.boolean(), shiftKey: z.boolean() });

/** Clicks the item of the application menu that has this ⌘ shortcut. */
export function runShortcut(key: string, modifiers: unknown, windowId: number): void {
  const menu = Menu.getApplicationMenu();
  if (menu === null) return;
  const { altKey, ctrlKey, shiftKey } = modifiersSchema.parse(modifiers);
  const matches = (item: MenuItem): boolean => {
    if (item.accelerator === null || !item.registerAccelerator) return false;
    const wanted = parseAccelerator(item.accelerator);
    return (
      wanted.command &&
      wanted.key === key.toLowerCase() &&
      wanted.alt === altKey &&
      wanted.control === ctrlKey &&
      wanted.shift === shiftKey
    );
  };
  const item = findItem(menu, matches);
  if (item === null || !item.enabled) return;
  const window = allWindows().find((each) => each.id === windowId);
  item.click(
    { triggeredByAccelerator: true, metaKey: true, altKey, ctrlKey, shiftKey },
    window?.asBaseWindow(),
  );
}

function findItem(menu: Electron.Menu, matches: (item: MenuItem) => boolean): MenuItem | null {
  for (const item of itemsOf(menu)) {
    if (matches(item)) return item;
    const found = item.submenu === undefined ? null : findItem(item.submenu, matches);
    if (found !== null) return found;
  }
  return null;
}
