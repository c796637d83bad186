/** Runs a program to its end as a process group of its own: bounded output, a time limit, and no survivor when it is cancelled. */
import type { Readable } from 'node:stream';
import type { spawnGroup } from '../supervisor/child.ts';

export interface GroupRun {
  readonly executable: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onErrorLine?: (line: string) => void;
  /** One that says more is ended as one that takes too long. */
  readonly maxStdoutCharacters?: number;
}

export interface GroupOutcome {
  readonly how: 'ended' | 'cancelled' | 'too-long' | 'not-started';
  /** `null` unless it ended by itself. */
  readonly exitCode: number | null;
  /** The beginning, bounded. */
  readonly stdout: string;
  /** The end, bounded. */
  readonly stderr: string;
}

const maxStdoutCharacters = 1024 * 1024;
const maxStderrCharacters = 64 * 1024;
export const maxLineCharacters = 4 * 1024;
/** Between TERM and KILL: uv and Python end at once. */
const killAfterMs = 2_000;
/** A grandchild may hold the pipes beyond the leader's end. */
const drainMs = 1_000;

export async function runGroup(spawn: typeof spawnGroup, run: GroupRun): Promise<GroupOutcome> {
  const none = { exitCode: null, stdout: '', stderr: '' };
  if (run.signal?.aborted) return { how: 'cancelled', ...none };
  const leader = await spawn(run);
  if ('error' in leader) return { how: 'not-started', ...none, stderr: leader.error };
  let stdout = '';
  let stderr = '';
  let how: GroupOutcome['how'] = 'ended';
  const lines = lineSplitter((line) => run.onErrorLine?.(line));
  const out = collect(leader.stdout, (text) => {
    if (stdout.length < maxStdoutCharacters) stdout = (stdout + text).slice(0, maxStdoutCharacters);
    if (stdout.length > (run.maxStdoutCharacters ?? maxStdoutCharacters)) end('too-long');
  });
  const err = collect(leader.stderr, (text) => {
    stderr = (stderr + text).slice(-maxStderrCharacters);
    lines(text);
  });
  let killTimer: NodeJS.Timeout | undefined;
  function end(why: 'cancelled' | 'too-long'): void {
    if (how !== 'ended' || leader === null || 'error' in leader) return;
    how = why;
    leader.signalGroup('SIGTERM');
    killTimer = setTimeout(() => leader.signalGroup('SIGKILL'), killAfterMs);
  }
  const cancel = () => end('cancelled');
  run.signal?.addEventListener('abort', cancel);
  const limit = setTimeout(() => end('too-long'), run.limitMs);
  // Between the look above and the listener a cancellation may have come.
  if (run.signal?.aborted) cancel();
  try {
    const { code } = await leader.exited;
    leader.sweepGroup();
    await settledWithin(drainMs, Promise.all([out, err]));
    return { how, exitCode: how === 'ended' ? code : null, stdout, stderr };
  } finally {
    clearTimeout(limit);
    clearTimeout(killTimer);
    run.signal?.removeEventListener('abort', cancel);
    leader.release();
  }
}

function collect(stream: Readable, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  stream.on('data', (chunk: Buffer) => take(decoder.decode(chunk, { stream: true })));
  return new Promise((resolve) => stream.once('close', resolve));
}

/** Lines as they come; what is longer than the limit is cut. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const parts = text.split(/\r?\n|\r/);
    for (const [index, part] of parts.entries()) {
      rest = (rest + part).slice(0, maxLineCharacters);
      if (index === parts.length - 1) return;
      onLine(rest);
      rest = '';
    }
  };
}

async function settledWithin(limitMs: number, done: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([done, promise]);
  clearTimeout(timer);
}
