/** `clipboard`: text only, of this app only, so that tests on one machine do not disturb each other. */
import { strict } from './strict.ts';

let text = '';

export const clipboard = strict('clipboard', {
  readText: async () => text,
  writeText: async (next: string) => {
    text = String(next);
  },
  clear: () => {
    text = '';
  },
} satisfies Pick<Electron.Clipboard, 'readText' | 'writeText' | 'clear'>);
