/** Real Electron on a Mac, driven by Playwright, on a home of its own with the demo stack. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { AppExit } from '../tools/app-process.ts';
import { prepareDemo, scatteredPorts } from '../tools/demo.ts';
import { type ProcessWatch, watchProcesses } from '../tools/process-watch.ts';

export const root = path.resolve(import.meta.dirname, '../..');
const artefacts = path.join(root, 'test/artefacts');
/** A runner with a cold disk. */
export const startLimitMs = 60_000;
const readyLimitMs = 120_000;
const pollMs = 200;

export interface RealApp {
  readonly home: string;
  readonly pid: number;
  readonly electron: ElectronApplication;
  readonly processes: ProcessWatch;
  /** The app's own log so far. */
  readonly log: () => string;
  readonly window: () => Promise<Page>;
  /** Resolves with the exit code of the app's own process. */
  readonly exited: Promise<number | null>;
}

export interface LaunchOptions {
  readonly executablePath: string;
  readonly args: readonly string[];
}

export interface StartOptions extends LaunchOptions {
  /** Set in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface StartedElectron {
  readonly electron: ElectronApplication;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<AppExit>;
  readonly ended: () => boolean;
}

export async function startElectron({ executablePath, args, env }: StartOptions): Promise<StartedElectron> {
  const kept = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || /^(npm_|VITEST|ELECTRON_|NODE_)/.test(name) ? [] : [[name, value]],
  );
  const electron = await _electron.launch({
    executablePath,
    args: [...args],
    env: { ...Object.fromEntries(kept), ...env },
    timeout: startLimitMs,
  });
  const child = electron.process();
  return {
    electron,
    child,
    pid: child.pid ?? -1,
    exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    ended: () => child.exitCode !== null || child.signalCode !== null,
  };
}

/** Ends with the test, whatever happens. */
export async function launchReal(options: LaunchOptions): Promise<RealApp> {
  const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-mac-')));
  await prepareDemo(home, scatteredPorts());
  const { electron, child, pid, exited, ended } = await startElectron({
    ...options,
    env: { MLX_STACK_HOME: home },
  });
  const processes = watchProcesses(pid, home);
  onTestFinished(async () => {
    if (!ended()) child.kill('SIGKILL');
    await exited;
    await processes.expectGone(10_000);
    rmSync(home, { recursive: true, force: true });
  });
  const logFile = path.join(home, 'logs', 'mlx-stack.app.log');
  return {
    home,
    pid,
    electron,
    processes,
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    window: () => electron.firstWindow({ timeout: startLimitMs }),
    exited: exited.then(({ code }) => code),
  };
}

/** What the window says, as a user waits for it. */
export async function untilReady(page: Page): Promise<void> {
  await page
    .getByRole('heading', { level: 1, name: 'MLX Stack is ready' })
    .waitFor({ timeout: readyLimitMs });
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${limitMs} ms for ${what}`);
    await delay(pollMs);
  }
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(artefacts, { recursive: true });
  await page.screenshot({ path: path.join(artefacts, `macos-${name}.png`) });
}
