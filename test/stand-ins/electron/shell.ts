/** `shell`: what the app wanted to open elsewhere is recorded, never opened. */
import { opened } from './recorder.ts';
import { strict } from './strict.ts';

export const shell = strict('shell', {
  openExternal: async (target: string) => opened.add({ via: 'openExternal', target }),
  openPath: async (target: string) => {
    opened.add({ via: 'openPath', target });
    return '';
  },
  showItemInFolder: (target: string) => opened.add({ via: 'showItemInFolder', target }),
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>);
