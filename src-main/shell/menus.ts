/** The application menu: not visible without a Dock icon, but what makes ⌘C, ⌘V, ⌘W and ⌘, work in the window. */
import { Menu } from 'electron';
import { shellWords } from '../words/index.ts';

const words = shellWords.menu;

export interface ApplicationMenuOptions {
  readonly openSettings: () => void;
  readonly quit: () => void;
}

export function installApplicationMenu({ openSettings, quit }: ApplicationMenuOptions): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: words.app,
        submenu: [
          { role: 'about' },
          { type: 'separator' },
          { label: words.settings, accelerator: 'Command+,', click: () => openSettings() },
          { type: 'separator' },
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          { type: 'separator' },
          // Called without the menu's own arguments: the first would be taken for the reason to quit.
          { label: words.quit, accelerator: 'Command+Q', click: () => quit() },
        ],
      },
      { label: words.file, submenu: [{ role: 'close' }] },
      { role: 'editMenu' },
      {
        label: words.window,
        submenu: [{ role: 'minimize' }, { role: 'zoom' }, { role: 'togglefullscreen' }],
      },
    ]),
  );
}
