/** `shell`: what the app wanted to open elsewhere is recorded, never opened. */
import { opened } from './recorder.ts';
import { strict } from './strict.ts';

/** As Electron has it on macOS; the address is not in it. */
const noApplication = 'No application in the Launch Services database matches the input criteria.';

let hasApplication = true;

/** Whether macOS finds a program for an address. */
export function setExternalApplication(isThere: boolean): void {
  hasApplication = isThere;
}

export const shell = strict('shell', {
  openExternal: async (target: string) => {
    opened.add({ via: 'openExternal', target });
    /** Launch Services is asked on another thread. */
    await new Promise((asked) => setImmediate(asked));
    if (!hasApplication) throw new Error(noApplication);
  },
  openPath: async (target: string) => {
    opened.add({ via: 'openPath', target });
    return '';
  },
  showItemInFolder: (target: string) => opened.add({ via: 'showItemInFolder', target }),
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>);
