/** The Edit menu's commands on the focused window. Without such menu items, ⌘C and ⌘V do nothing, as on macOS. */
import type { Page } from 'playwright-core';
import { standInWindow } from './browser-window.ts';
import { clipboard } from './clipboard.ts';

type EditCommand = 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'delete' | 'selectAll';

/** One after another, as keys are pressed: what is copied is what was selected just before. */
let last: Promise<void> = Promise.resolve();

export const editCommand = (command: EditCommand) => (window: Electron.BaseWindow | undefined) => {
  if (window === undefined) return;
  const page = standInWindow(window).page();
  last = last.then(() => perform(command, page)).catch(() => {});
};

async function perform(command: EditCommand, opening: Promise<Page>): Promise<void> {
  const page = await opening;
  switch (command) {
    case 'paste':
      await page.keyboard.insertText(await clipboard.readText());
      return;
    case 'copy':
    case 'cut': {
      const selected = await page.evaluate(selectedText);
      if (selected === '') return;
      await clipboard.writeText(selected);
      if (command === 'cut') await page.keyboard.press('Delete');
      return;
    }
    default:
      await page.evaluate((name) => document.execCommand(name), command);
  }
}

function selectedText(): string {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement) {
    return focused.value.slice(focused.selectionStart ?? 0, focused.selectionEnd ?? 0);
  }
  return String(document.getSelection() ?? '');
}
