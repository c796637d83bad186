/**
 * electron-updater and macOS's Squirrel behind one small door; a bundle of its own, loaded when an update is looked for.
 * Only releases of this app are asked: the address stands in `app-update.yml`, inside the signed app.
 */
import { autoUpdater as squirrel } from 'electron';
import { MacUpdater } from 'electron-updater/out/MacUpdater.js';
import type { Updater } from './updates.ts';

/** How long Squirrel may take to unpack a release and to verify its signature. */
const verifyLimitMs = 10 * 60_000;

export function createUpdater(log: (message: string) => void): Updater {
  const updater = new MacUpdater();
  updater.logger = { info: log, warn: log, error: log, debug: () => {} };
  updater.autoDownload = false;
  // Squirrel takes the download over, and verifies it, as soon as it is complete.
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  updater.allowPrerelease = false;
  // It downloads parts of files from servers that must then be trusted to agree; a release is small enough.
  updater.disableDifferentialDownload = true;
  // Rejections tell the same; without a listener the event would be an uncaught exception.
  updater.on('error', (error) => log(error.message));

  async function verified(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error('The signature was not verified in time')),
      verifyLimitMs,
    );
    const refuse = (error: Error) => reject(error);
    squirrel.once('update-downloaded', () => resolve());
    squirrel.once('error', refuse);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      squirrel.removeListener('error', refuse);
    }
  }

  return {
    async check() {
      const found = await updater.checkForUpdates();
      return found?.isUpdateAvailable ? found.updateInfo.version : null;
    },
    async download(on) {
      const progress = ({ percent }: { readonly percent: number }) => on.progress(percent / 100);
      const downloaded = () => on.verifying();
      updater.on('download-progress', progress);
      updater.once('update-downloaded', downloaded);
      const signature = verified();
      // Where the download itself fails nobody waits for the signature.
      signature.catch(() => {});
      try {
        await updater.downloadUpdate();
        await signature;
      } finally {
        updater.removeListener('download-progress', progress);
        updater.removeListener('update-downloaded', downloaded);
      }
    },
    install: () => updater.quitAndInstall(),
  };
}
