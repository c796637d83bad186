/**
 * `autoUpdater`: Squirrel.Mac. It takes an update from its feed, verifies its signature, and replaces the app when the
 * process ends. A release is signed here when it ends with `releaseSignature`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { app } from './app.ts';
import { settings } from './settings.ts';
import { StrictEmitter } from './strict.ts';
import { standInEvent } from './types.ts';
import { allWindows } from './windows.ts';

export const releaseSignature = 'signed by the makers of this app';
/** What stands in the folder of resources once Squirrel has replaced the app. */
export const installedFile = 'installed.json';

type Members = 'setFeedURL' | 'getFeedURL' | 'checkForUpdates' | 'quitAndInstall';

class AutoUpdaterStandIn extends StrictEmitter implements Pick<Electron.AutoUpdater, Members> {
  #feed: Electron.FeedURLOptions | null = null;
  #downloaded: Buffer | null = null;
  #relaunches = false;

  setFeedURL(feed: Electron.FeedURLOptions): void {
    this.#feed = feed;
  }
  getFeedURL(): string {
    return this.#feed?.url ?? '';
  }

  checkForUpdates(): void {
    if (this.#feed === null) throw new Error('Update URL is not set');
    this.emit('checking-for-update');
    this.#fetch(this.#feed).catch((error: unknown) => {
      this.emit('error', error instanceof Error ? error : new Error(String(error)));
    });
  }

  async #fetch({ url, headers }: Electron.FeedURLOptions): Promise<void> {
    const answer = await fetch(url, headers === undefined ? {} : { headers });
    if (answer.status === 204) {
      this.emit('update-not-available');
      return;
    }
    if (!answer.ok) throw new Error(`The update server answered ${answer.status}`);
    const feed: unknown = await answer.json();
    if (typeof feed !== 'object' || feed === null || !('url' in feed) || typeof feed.url !== 'string')
      throw new Error('The update server did not name a release');
    this.emit('update-available');
    const release = Buffer.from(await (await fetch(feed.url)).arrayBuffer());
    if (!release.toString('latin1').endsWith(releaseSignature)) {
      throw new Error(
        'Code signature at URL file:///update/MLX%20Stack.app/ did not pass validation: code failed to satisfy specified code requirement(s)',
      );
    }
    if (this.#downloaded === null) app.once('quit', () => this.#replace());
    this.#downloaded = release;
    this.emit('update-downloaded', standInEvent({}), '', '', new Date(0), feed.url);
  }

  quitAndInstall(): void {
    if (this.#downloaded === null) {
      this.emit('error', new Error("No update available, can't quit and install"));
      return;
    }
    this.#relaunches = true;
    this.emit('before-quit-for-update');
    for (const window of allWindows()) window.close();
    app.quit();
  }

  #replace(): void {
    if (settings.resources === undefined || this.#downloaded === null) return;
    const installed = { bytes: this.#downloaded.length, relaunches: this.#relaunches };
    writeFileSync(path.join(settings.resources, installedFile), JSON.stringify(installed));
  }
}

export const autoUpdater = new AutoUpdaterStandIn('autoUpdater');
