import { expect, it, vi } from 'vitest';
import { installApplicationMenu } from '../../../src-main/shell/menus.ts';

interface Entry {
  readonly label?: string;
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
