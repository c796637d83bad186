/** A stand-in for the parts of Electron's main-process module that a menu-bar app uses, as on macOS, on plain Node. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as z from 'zod';
import { app } from './app.ts';
import { launchChromium } from './chromium.ts';
import { answerControl, report } from './control.ts';
import { desk } from './desk.ts';
import { drawMenuBarPage } from './menu-bar.ts';
import { settings } from './settings.ts';

export { app } from './app.ts';
export { autoUpdater } from './auto-updater.ts';
export { BrowserWindow } from './browser-window.ts';
export { clipboard } from './clipboard.ts';
export { dialog } from './dialog.ts';
export { ipcMain } from './ipc-main.ts';
export { Menu, MenuItem } from './menu.ts';
export { nativeImage } from './native-image.ts';
export { nativeTheme } from './native-theme.ts';
export { net } from './net.ts';
export { Notification } from './notification.ts';
export { powerMonitor, powerSaveBlocker } from './power.ts';
export { protocol } from './protocol.ts';
export { screen } from './screen.ts';
export { session } from './session.ts';
export { shell } from './shell.ts';
export { systemPreferences } from './system-preferences.ts';
export { Tray } from './tray.ts';

/** Compiles only while each export is one of Electron's. */
type NotInElectron = Exclude<keyof typeof import('./index.ts'), keyof typeof Electron.CrossProcessExports>;
true satisfies [NotInElectron] extends [never] ? true : never;

const electronPackage = new URL('../../../node_modules/electron/package.json', import.meta.url);
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(electronPackage, 'utf8')));
Object.assign(process.versions, { electron: version });
Object.assign(process, {
  type: 'browser',
  defaultApp: true,
  ...(settings.resources === undefined ? {} : { resourcesPath: settings.resources }),
});

/** Chromium stands before the app is ready; a second instance that has already given up needs none. */
async function start(): Promise<void> {
  if (app.isExiting()) return;
  try {
    if (settings.chromium !== null) {
      const chromium = await launchChromium({
        executable: settings.chromium,
        headed: settings.headed,
        onLost: () => {
          if (app.isExiting()) return;
          console.error('electron stand-in: Chromium ended by itself; the app cannot go on.');
          app.exit(1);
        },
      });
      await desk.stand(chromium);
      await drawMenuBarPage();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report({ standIn: 'failed', message });
    console.error('electron stand-in: the screen could not be set up.', error);
    app.exit(1);
    return;
  }
  if (app.isExiting()) return desk.close();
  if (settings.preload !== undefined) createRequire(import.meta.url)(settings.preload);
  app.becomeReady();
  report({ standIn: 'ready', cdp: desk.cdp });
}

app.beforeExit = () => desk.close();
answerControl();
setImmediate(() => void start());
