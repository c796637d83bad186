/** Starts an engine executable as a test's own process group, follows its output, and ends the group whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export const ENGINE_BIN = path.resolve(import.meta.dirname, '../bin');
/** The beginning is kept; what a flood adds is only counted. */
const OUTPUT_KEPT_CHARACTERS = 256 * 1024;
const DEFAULT_WAIT_MS = 20_000;

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchedEngine {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both streams in the order in which they arrived. */
  readonly all: () => string;
  readonly bytes: () => number;
  /** Resolves when the text has been printed; rejects when the process ends first. */
  readonly printed: (text: string | RegExp, limitMs?: number) => Promise<string>;
  /** The address uvicorn names once it serves. */
  readonly address: () => Promise<string>;
  readonly exit: Promise<EngineExit>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Kills what is left of the group. */
  readonly dispose: () => Promise<void>;
}

export interface LaunchRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** The environment is what a supervised child gets: next to nothing. */
export function launchEngine(request: LaunchRequest): LaunchedEngine {
  const child = spawn(request.file, request.args, {
    cwd: request.cwd ?? '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', PYTHONUNBUFFERED: '1', ...request.env },
  });
  let stdout = '';
  let stderr = '';
  let all = '';
  let bytes = 0;
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const keep = (before: string, chunk: Buffer) => {
    const room = OUTPUT_KEPT_CHARACTERS - before.length;
    return room <= 0 ? before : before + chunk.subarray(0, room).toString('utf8');
  };
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    stdout = keep(stdout, chunk);
    all = keep(all, chunk);
    notify();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    stderr = keep(stderr, chunk);
    all = keep(all, chunk);
    notify();
  });
  const exit = new Promise<EngineExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  exit.catch(() => undefined);
  /** Not at its exit: what was written just before is in the pipes still, and may come in several pieces. */
  child.once('close', () => {
    hasEnded = true;
    notify();
  });

  const find = (text: string | RegExp): string | null => {
    if (typeof text === 'string') return all.includes(text) ? text : null;
    const match = text.exec(all);
    return match ? (match[1] ?? match[0]) : null;
  };
  const printed = async (text: string | RegExp, limitMs = DEFAULT_WAIT_MS): Promise<string> => {
    const already = find(text);
    if (already !== null) return already;
    if (hasEnded) throw new Error(`ended before printing ${text}:\n${all.slice(-1500)}`);
    return await new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        act();
      };
      const look = () => {
        const found = find(text);
        if (found !== null) settle(() => resolve(found));
        else if (hasEnded)
          settle(() => reject(new Error(`ended before printing ${text}:\n${all.slice(-1500)}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`did not print ${text} in ${limitMs} ms:\n${all.slice(-1500)}`))),
        limitMs,
      );
      watchers.add(look);
    });
  };

  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    all: () => all,
    bytes: () => bytes,
    printed,
    address: async () => await printed(/Uvicorn running on (http:\/\/\S+)/),
    exit,
    signal: (signal) => void child.kill(signal),
    dispose: async () => {
      killGroup(child);
      await exit.catch(() => undefined);
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
