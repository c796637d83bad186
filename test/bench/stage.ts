/** The bench's own folder, and the certainty that nothing it started outlives it. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tableLimitBytes = 64 * 1024 * 1024;
const cleanupLimitMs = 20_000;
const sweepLimitMs = 5_000;
const sweepPollMs = 100;

export interface Stage {
  /** Temporary, and part of the command line or the environment of every process that is started. */
  readonly folder: string;
  /** A new folder in it. Throws once the end has begun: whoever asks then must start nothing any more. */
  makeFolder(name: string): string;
  /** To be done at the end, last first; what it throws is reported and stops nothing. */
  defer(cleanup: () => Promise<unknown>): void;
  readonly ending: boolean;
  /** Once; later calls wait for the first. */
  dispose(): Promise<void>;
}

export function createStage(): Stage {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'mlx-bench-')));
  const cleanups: (() => Promise<unknown>)[] = [];
  let disposed: Promise<void> | null = null;
  let folders = 0;

  async function dispose(): Promise<void> {
    for (const cleanup of cleanups.reverse()) {
      const limit = new AbortController();
      const overdue = delay(cleanupLimitMs, undefined, { signal: limit.signal }).catch(() => {});
      await Promise.race([cleanup(), overdue]).catch((error: unknown) => {
        process.stderr.write(`bench: while cleaning up: ${String(error)}\n`);
      });
      limit.abort();
    }
    await sweep(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  return {
    folder,
    makeFolder(name) {
      if (disposed !== null) throw new Error('the bench is ending');
      folders += 1;
      const made = path.join(folder, `${name}-${folders}`);
      mkdirSync(made, { recursive: true, mode: 0o700 });
      return made;
    },
    defer(cleanup) {
      if (disposed === null) cleanups.push(cleanup);
      else void cleanup().catch(() => {});
    },
    get ending() {
      return disposed !== null;
    },
    dispose: () => {
      disposed ??= dispose();
      return disposed;
    },
  };
}

/** Living processes that name the folder in their arguments or their environment: no others can be meant. */
async function processesOf(folder: string): Promise<number[]> {
  const { stdout } = await run('ps', ['axeww', '-o', 'pid=,stat=,command='], { maxBuffer: tableLimitBytes });
  return stdout.split('\n').flatMap((line) => {
    const [pid = '', stat = ''] = line.trim().split(/\s+/, 2);
    const isOurs = line.includes(folder) && !stat.startsWith('Z') && Number(pid) !== process.pid;
    return isOurs ? [Number(pid)] : [];
  });
}

async function sweep(folder: string): Promise<void> {
  const deadline = performance.now() + sweepLimitMs;
  for (;;) {
    const left = await processesOf(folder);
    if (left.length === 0) return;
    if (performance.now() > deadline) {
      process.stderr.write(`bench: still running: ${left.join(', ')}\n`);
      return;
    }
    for (const pid of left) kill(pid);
    await delay(sweepPollMs);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
