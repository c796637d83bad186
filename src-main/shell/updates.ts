/** When to look for an update of the app, and what comes of it. Never installs anything by itself. Plain Node. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { UpdateStatus, updateCommands } from '../contract/updates.ts';
import { noUpdate } from '../status/no-update.ts';
import { shellWords } from '../words/index.ts';
import type { CommandHandlers } from './command-handler.ts';

/** The models come first when the app starts. */
export const firstCheckMs = 60_000;
export const checkIntervalMs = 24 * 3600_000;
/** A release is some 130 MB; whoever needs longer than this for it has lost the connection. */
export const downloadLimitMs = 3600_000;

/** Squirrel only has to start its helper; that replaces the app when the process has ended. */
export const installLimitMs = 30_000;

/** The part that only an installed app has: GitHub's releases, and Squirrel, which verifies and installs. */
export interface Updater {
  /** The newest version, or `null` when this is it. Rejects with an `Error` whose `code` may tell more. */
  check(): Promise<string | null>;
  /** Resolves when macOS has found the download to be signed as this app is. One at a time. */
  download(on: { progress(fraction: number): void; verifying(): void }): Promise<void>;
  /** Ends the app, replaces it and opens it again. */
  install(): void;
}

export interface UpdatesOptions {
  readonly isInstalled: boolean;
  /** Whether the releases certainly offer this version and no other: the updater then need not be loaded. */
  readonly isNewest: () => Promise<boolean>;
  /** Loaded when first needed. */
  readonly load: () => Promise<Updater>;
  readonly isAutomatic: () => boolean;
  readonly publish: (status: UpdateStatus) => void;
  /** Once for each version. */
  readonly onReady: (version: string) => void;
  /** The user wants to quit for it; asks first while requests run. */
  readonly quit: () => void;
  readonly log: (message: string) => void;
  readonly now: () => number;
}

export interface Updates {
  readonly handlers: Pick<CommandHandlers, keyof typeof updateCommands>;
  /** Looks from now on by itself, as long as the user wants that. */
  start(): void;
  /**
   * Called when everything is stopped: replaces the app; false where nothing is ready. `reopen` is for when the app is still
   * there after `installLimitMs`: Squirrel may fail without a word, and an app without its servers helps nobody.
   */
  install(reopen: () => void): boolean;
  close(): void;
}

export function createUpdates(options: UpdatesOptions): Updates {
  const { isInstalled, publish, log, now } = options;
  let status: UpdateStatus = isInstalled
    ? noUpdate
    : { ...noUpdate, state: 'unavailable', problem: notInstalled };
  let updater: Updater | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  publish(status);

  function become(parts: Partial<UpdateStatus>): void {
    status = { ...status, ...parts };
    publish(status);
  }

  /** `null`: there is none. */
  async function findNewer(): Promise<{ readonly version: string; readonly from: Updater } | null> {
    if (updater === null && (await options.isNewest())) return null;
    updater ??= await options.load();
    const version = await updater.check();
    return version === null ? null : { version, from: updater };
  }

  async function look(): Promise<void> {
    become({ state: 'checking', fraction: null, problem: null });
    try {
      const newer = await findNewer();
      become({ checkedAt: now(), version: newer?.version ?? null });
      if (newer === null) return become({ state: 'idle' });
      log(`Version ${newer.version} is there; downloading it`);
      become({ state: 'downloading', fraction: 0 });
      await within(
        downloadLimitMs,
        newer.from.download({
          progress: (fraction) => become({ fraction: Math.min(1, Math.max(0, fraction)) }),
          verifying: () => become({ state: 'verifying', fraction: null }),
        }),
      );
      log(`Version ${newer.version} is downloaded and its signature verified`);
      become({ state: 'ready', fraction: null });
      options.onReady(newer.version);
    } catch (error) {
      log(`The update failed: ${error instanceof Error ? error.message : String(error)}`);
      become({ state: 'failed', fraction: null, problem: updateProblem(error) });
    }
  }

  function check(): Promise<void> {
    running ??= look().finally(() => {
      running = null;
    });
    return running;
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (options.isAutomatic() && status.state !== 'ready') void check();
      schedule(checkIntervalMs);
    }, delayMs).unref();
  }

  return {
    handlers: {
      async 'update.check'() {
        if (!isInstalled) return fail(notInstalled);
        if (status.state === 'ready') return ok({});
        void check();
        return ok({});
      },
      async 'update.install'(): Promise<Result<Record<string, never>>> {
        if (status.state !== 'ready') return fail(notReady);
        options.quit();
        return ok({});
      },
    },
    start() {
      if (isInstalled) schedule(firstCheckMs);
    },
    install(reopen) {
      if (updater === null || status.state !== 'ready') return false;
      setTimeout(reopen, installLimitMs);
      try {
        updater.install();
      } catch {
        reopen();
      }
      return true;
    },
    close: () => clearTimeout(timer),
  };
}

const notInstalled = problem(
  'update-not-installed',
  shellWords.updatesNotItself,
  shellWords.moveOrInstallRelease,
);
const notReady = problem('update-not-ready', shellWords.noUpdateYet, shellWords.checkFirst);

/** By electron-updater's codes, Chromium's network errors and Squirrel's sentences; the full text is in the app's log. */
export function updateProblem(error: unknown): Problem {
  const code = codeOf(error);
  const text = `${code} ${error instanceof Error ? error.message : ''}`;
  if (/net::ERR_|ENOTFOUND|ECONNRE|ETIMEDOUT|EAI_AGAIN|HTTP_ERROR_(?:5|429)/.test(text)) return offline;
  if (/LATEST_VERSION_NOT_FOUND|CHANNEL_FILE_NOT_FOUND|HTTP_ERROR_404|NO_PUBLISHED_VERSIONS/.test(text))
    return nothingPublished;
  if (/CHECKSUM_MISMATCH|sha(?:2|5)\w* checksum/i.test(text)) return damaged;
  if (/signature|code requirement|did not pass validation/i.test(text)) return notSigned;
  if (/read-only volume/i.test(text)) return readOnly;
  if (/ENOSPC/.test(text)) return diskFull;
  return other;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

const goesOn = shellWords.versionGoesOn;
const offline = problem('update-offline', shellWords.releasesNotReached, goesOn);
const nothingPublished = problem('update-none-published', shellWords.noRelease, goesOn);
const damaged = problem('update-damaged', shellWords.updateDamaged, shellWords.checkAgain);
const notSigned = problem('update-not-signed', shellWords.updateNotSigned, shellWords.pleaseReport);
const readOnly = problem('update-read-only', shellWords.placeNotWritable, shellWords.moveAndCheckAgain);
const diskFull = problem('update-disk-full', shellWords.diskTooFull, shellWords.freeAndCheckAgain);
const other = problem('update-failed', shellWords.updateNotDownloaded, goesOn);

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('net::ERR_TIMED_OUT')), limitMs);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
