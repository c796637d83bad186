/** The shipped bundle on plain Node, without a screen unless one is asked for. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AppProcess, startApp } from '../tools/app-process.ts';
import { familyOf, readProcesses } from '../tools/process-watch.ts';
import type { AppHome } from './app-home.ts';
import type { Stage } from './stage.ts';

export const mainScript = path.resolve(import.meta.dirname, '../../dist/main/main.cjs');
const healthyLimitMs = 60_000;
const endLimitMs = 30_000;
const pollMs = 20;

export interface AppRun {
  readonly app: AppProcess;
  readonly home: AppHome;
  /** As the user sees it: the icon in the menu bar. */
  untilHealthy(): Promise<void>;
  /** Its servers, not their watchers. */
  serverPids(): Promise<number[]>;
  /** As the user quits; resolves with how long it took. */
  quit(): Promise<number>;
  kill(): Promise<void>;
}

export function appEnvironment(stage: Stage, home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: stage.folder,
    LANG: 'en_GB.UTF-8',
    MLX_STACK_HOME: home,
  };
}

export function runApp(stage: Stage, home: AppHome, chromium: string | null = null): AppRun {
  return runMain(mainScript, stage, home, chromium);
}

/** Another app in place of ours. */
export function runMain(main: string, stage: Stage, home: AppHome, chromium: string | null): AppRun {
  if (!existsSync(main)) throw new Error(`${path.basename(main)} is missing: npm run build`);
  const app = startApp({
    main,
    env: appEnvironment(stage, home.folder),
    output: 'stderr',
    settings: {
      chromium,
      headed: false,
      openedAtLogin: true,
      userData: path.join(home.folder, 'run', 'electron'),
      ipcLog: null,
      followParent: true,
    },
  });

  async function kill(): Promise<void> {
    if (!app.ended()) app.child.kill('SIGKILL');
    await app.exited;
  }
  stage.defer(kill);

  async function untilHealthy(): Promise<void> {
    await app.ready;
    const deadline = performance.now() + healthyLimitMs;
    let icon = '';
    while (performance.now() < deadline) {
      const tray = await app.control('tray.read', {});
      icon = tray?.image ?? '';
      if (icon.includes('-ready-')) return;
      await delay(pollMs);
    }
    throw new Error(`the stack was not healthy within ${healthyLimitMs} ms (${icon})`);
  }

  async function quit(): Promise<number> {
    const beganMs = performance.now();
    app.child.kill('SIGTERM');
    const limit = AbortSignal.timeout(endLimitMs);
    limit.addEventListener('abort', () => app.child.kill('SIGKILL'));
    await app.exited;
    if (limit.aborted) throw new Error(`the app did not quit within ${endLimitMs} ms`);
    return performance.now() - beganMs;
  }

  return {
    app,
    home,
    untilHealthy,
    serverPids: async () => {
      const family = familyOf(app.pid, await readProcesses());
      return family.filter(({ pid, command }) => pid !== app.pid && isServer(command)).map(({ pid }) => pid);
    },
    quit,
    kill,
  };
}

/** The watcher of a dead-man's switch keeps the shell's command line, which names the server too. */
const isServer = (command: string) => command.includes(' --no-warnings ');

/** Processes of any run of the app with this home, the app itself left out. */
export async function leftOf(home: AppHome, appPid: number): Promise<{ servers: number; all: number }> {
  const rows = (await readProcesses()).filter(
    ({ pid, command }) => pid !== appPid && pid !== process.pid && command.includes(home.folder),
  );
  return { servers: rows.filter(({ command }) => isServer(command)).length, all: rows.length };
}

/** Failures that the app has logged, one line each. */
export async function loggedFailures(home: AppHome): Promise<string[]> {
  const text = await readFile(path.join(home.folder, 'logs', 'mlx-stack.app.log'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => / failed \(/.test(line));
}
