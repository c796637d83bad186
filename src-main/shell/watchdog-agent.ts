/**
 * The LaunchAgent that the command-line version installs: launchd would keep restarting its watchdog, and two supervisors
 * would fight over the same servers. It is found by its fixed path, and removed only when the user says so. Plain Node.
 */
import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { shellWords } from '../words/index.ts';

export const watchdogLabel = 'com.mlx-stack.watchdog';

export interface WatchdogOptions {
  readonly userHome: string;
  readonly uid: number;
  readonly run: (
    file: string,
    args: readonly string[],
    options: { readonly timeoutMs: number; readonly maxOutputBytes: number },
  ) => Promise<{ readonly exitCode: number | null }>;
}

export interface WatchdogAgent {
  readonly file: string;
  /** Whether it is installed. A file of that name that launchd would not take for it is none. */
  isInstalled(): Promise<boolean>;
  /** Unloads it from launchd, which ends its process, and removes the file. */
  remove(): Promise<Result<void>>;
}

const launchctl = '/bin/launchctl';
const launchctlLimit = { timeoutMs: 10_000, maxOutputBytes: 64 * 1024 };
/** The CLI writes about one kilobyte. */
const maxPlistBytes = 64 * 1024;

export function createWatchdogAgent({ userHome, uid, run }: WatchdogOptions): WatchdogAgent {
  const folders = ['Library', path.join('Library', 'LaunchAgents')].map((part) => path.join(userHome, part));
  const file = path.join(userHome, 'Library', 'LaunchAgents', `${watchdogLabel}.plist`);
  const service = `gui/${uid}/${watchdogLabel}`;

  /** Each folder and the file itself real and the user's own: nothing elsewhere is ever read or removed. */
  async function isOurs(): Promise<boolean> {
    try {
      for (const folder of folders) {
        const stats = await lstat(folder);
        if (!stats.isDirectory() || stats.uid !== uid) return false;
      }
      const stats = await lstat(file);
      return stats.isFile() && stats.uid === uid && stats.size <= maxPlistBytes;
    } catch {
      return false;
    }
  }

  async function namesItsLabel(): Promise<boolean> {
    try {
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const buffer = Buffer.alloc(maxPlistBytes);
        const { bytesRead } = await handle.read(buffer, 0, maxPlistBytes, 0);
        return buffer.toString('utf8', 0, bytesRead).includes(`<string>${watchdogLabel}</string>`);
      } finally {
        await handle.close();
      }
    } catch {
      return false;
    }
  }

  const isInstalled = async () => (await isOurs()) && (await namesItsLabel());

  /** `bootout` fails where the agent is not loaded, which is what we want; so the list is asked afterwards. */
  async function unload(): Promise<Result<void>> {
    await run(launchctl, ['bootout', service], launchctlLimit);
    const { exitCode } = await run(launchctl, ['print', service], launchctlLimit);
    if (exitCode === null) return fail(notAsked);
    return exitCode === 0 ? fail(stillLoaded) : ok(undefined);
  }

  return {
    file,
    isInstalled,
    async remove() {
      if (!(await isInstalled())) return fail(notThere);
      const unloaded = await unload();
      if (!unloaded.ok) return unloaded;
      try {
        await unlink(file);
        return ok(undefined);
      } catch (error) {
        return fail(notRemoved(error instanceof Error ? error.message : String(error)));
      }
    },
  };
}

const notThere = problem('watchdog-not-there', shellWords.watchdogNotThere);
const notAsked = problem(
  'watchdog-launchctl-failed',
  shellWords.watchdogNotAsked,
  shellWords.uninstallInTerminal,
);
const stillLoaded = problem(
  'watchdog-still-loaded',
  shellWords.watchdogStillLoaded,
  shellWords.uninstallInTerminal,
);
const notRemoved = (reason: string) =>
  problem('watchdog-not-removed', shellWords.watchdogFileLeft(reason), shellWords.removeFileInFinder);
