import { expect, it, vi } from 'vitest';
import { installApplicationMenu } from '../../../src-main/shell/menus.ts';

interface Entry {
  readonly label?: string;
  readonly role?: string;
  readonly accelerator?: string;
  readonly submenu?: readonly Entry[];
  readonly click?: (...sent: readonly unknown[]) => void;
}

const built = vi.hoisted((): { menu: readonly Entry[] } => ({ menu: [] }));
vi.mock('electron', () => ({
  Menu: {
    buildFromTemplate: (template: readonly Entry[]) => template,
    setApplicationMenu: (template: readonly Entry[]) => {
      built.menu = template;
    },
  },
}));

it('⌘Q while a request runs asks first: the menu’s own arguments are no reason to quit', () => {
  const sent: unknown[][] = [];
  const told = (...given: unknown[]) => void sent.push(given);
  installApplicationMenu({ openSettings: told, quit: told });
  const [app] = built.menu;
  for (const label of ['Settings…', 'Quit MLX Stack']) {
    app?.submenu?.find((entry) => entry.label === label)?.click?.({ label }, null, {});
  }
  expect(sent).toEqual([[], []]);
});

it('has the roles without which ⌘C, ⌘V, ⌘A, ⌘Z and ⌘W do nothing in the window, and ⌘, and ⌘Q', () => {
  installApplicationMenu({ openSettings: () => {}, quit: () => {} });
  // The one role brings Undo, Redo, Cut, Copy, Paste and Select All with their keys.
  expect(built.menu.map(({ role }) => role)).toContain('editMenu');
  const entries = built.menu.flatMap(({ submenu }) => submenu ?? []);
  expect(entries.map(({ role }) => role)).toEqual(
    expect.arrayContaining(['about', 'close', 'minimize', 'hide']),
  );
  expect(entries.flatMap(({ accelerator }) => accelerator ?? [])).toEqual(['Command+,', 'Command+Q']);
});
