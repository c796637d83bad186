/** How this run of the stand-in was asked to behave; the launcher passes it as JSON in one environment variable. */
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';

export const settingsVariable = 'ELECTRON_STAND_IN';

export const settingsSchema = z.strictObject({
  /** Chromium's executable; `null` runs without a screen: no pages, the control channel only. */
  chromium: z.string().nullable(),
  headed: z.boolean(),
  /** As macOS starts the app at login. */
  openedAtLogin: z.boolean(),
  /** Electron's `userData`, which also scopes the single-instance lock. */
  userData: z.string(),
  /** One JSON line for each message that crosses the bridge. */
  ipcLog: z.string().nullable(),
  /** Quit when the process that forked us goes away. */
  followParent: z.boolean(),
  /** Folders that the parent would have removed; without it, the app removes them when it ends. */
  removeWithoutParent: z.array(z.string()).optional(),
  /** As installed: packaged, and in the Applications folder. */
  installed: z.boolean().optional(),
  /** As after the user hid the menu-bar icon in an earlier run. */
  iconHidden: z.boolean().optional(),
  /** `process.resourcesPath` of an installed app. */
  resources: z.string().optional(),
  /** A CommonJS file that is loaded before the app is ready, as by Electron's `-r`. */
  preload: z.string().optional(),
  /** `system`: the real keytar with whatever Secret Service there is. Otherwise a keychain in the app's memory. */
  keychain: z.enum(['memory', 'system']).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

const defaults: Settings = {
  chromium: null,
  headed: false,
  openedAtLogin: false,
  userData: path.join(os.tmpdir(), `electron-stand-in-${process.pid}`),
  ipcLog: null,
  followParent: false,
};

function readSettings(): Settings {
  const text = process.env[settingsVariable];
  /** The app's own children get no hint that they run under a stand-in. */
  delete process.env[settingsVariable];
  return text === undefined ? defaults : settingsSchema.parse(JSON.parse(text));
}

export const settings = readSettings();
