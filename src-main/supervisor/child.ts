/** The one place that starts programs. Arguments are arrays, never a shell line; the environment is given whole. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { errnoOf } from '../files/file-problems.ts';
import { supervisorWords } from '../words/index.ts';

/**
 * Runs as `/bin/sh -c LIFELINE mlx-stack <executable> <args…>` and becomes the server by `exec`, so the server keeps
 * the pid, the group and the exit status. Beforehand it leaves a watcher in the same group, adopted by init so that
 * the server never sees a child it did not start. The watcher holds the other end of our pipe: when the app is gone,
 * however it died, the pipe closes and the group ends: TERM first, KILL when the leader has gone or after two seconds.
 * `kill … 0` names no pid: it reaches the watcher's own group and nothing else. Node closes the pipe as well when the
 * leader exits, so that what it leaves behind is ended without an order from us.
 */
const lifeline = `exec 3<&0 </dev/null
( ( trap '' TERM INT HUP
    exec >/dev/null 2>&1
    while read -r _; do :; done <&3
    kill -TERM 0; kill -CONT 0
    for pause in 0.1 0.1 0.1 0.2 0.5 1; do kill -0 $$ || break; sleep $pause; done
    kill -KILL 0 ) & )
exec 3<&-
exec "$@"`;

/** How long the pipes of a dead group may take to be read to their end. */
const pipeDrainMs = 10_000;

export interface GroupLeader {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the leader has exited, not when its pipes close: a grandchild may hold them. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Signals the whole group, for as long as the leader's pid is certainly still ours. Says whether it did. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): boolean;
  /** Ends what is left of the group without naming a pid; for after the leader's exit. */
  sweepGroup(): void;
  /** For after the group's death: lets go of the pipes, in the end also when a stranger holds their other end. */
  release(): void;
}

export interface SpawnOptions {
  readonly executable: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Why there is no process, completing “could not start it: …”, and what to do. */
export interface SpawnRefusal {
  readonly error: string;
  readonly hint: string;
}

/** Starts a server as leader of its own process group, with the dead-man's switch. */
export async function spawnGroup(options: SpawnOptions): Promise<GroupLeader | SpawnRefusal> {
  const { executable, args, env, cwd } = options;
  try {
    // Not by execa: its promise for the whole run would be waited for by nobody, and each start take longer.
    const child = spawn('/bin/sh', ['-c', lifeline, 'mlx-stack', executable, ...args], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) return leaderOf(child, child.pid);
    const [error] = await once(child, 'error');
    return refusalOf(error, cwd);
  } catch (error) {
    return refusalOf(error, cwd);
  }
}

/** The shell itself is always there: what is not is the folder. Anything that is no system error is a bug and is thrown on. */
function refusalOf(error: unknown, cwd: string): SpawnRefusal {
  const code = errnoOf(error);
  switch (code) {
    case null:
      throw error;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EACCES':
      return { error: supervisorWords.folderNotEntered(cwd), hint: supervisorWords.putFolderBack };
    case 'E2BIG':
      return { error: supervisorWords.commandTooLong, hint: supervisorWords.changeOptions };
    default:
      return { error: supervisorWords.noProcess(code), hint: supervisorWords.closePrograms };
  }
}

function leaderOf(child: ChildProcessWithoutNullStreams, pid: number): GroupLeader {
  const { stdin, stdout, stderr } = child;
  // A dead reader must not become an uncaught EPIPE or ECONNRESET.
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {});
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid,
    stdout,
    stderr,
    exited,
    signalGroup(signal) {
      // Not yet waited for by us, so the system cannot have given the number to anybody else.
      if (child.exitCode !== null || child.signalCode !== null) return false;
      return sendSignal(-pid, signal);
    },
    sweepGroup() {
      stdin.destroy();
    },
    release() {
      stdin.destroy();
      // What the dead have written is still to be read; only a pipe that a stranger holds stays open longer.
      const cut = setTimeout(() => {
        stdout.destroy();
        stderr.destroy();
      }, pipeDrainMs);
      cut.unref();
    },
  };
}

/** `target` negative: a process group. A process that is gone already is no error. */
export function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(target) || Math.abs(target) <= 1) return false;
  if (target === process.pid || target === -process.pid) return false;
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

export interface RunOptions {
  readonly timeoutMs: number;
  readonly maxOutputBytes?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunResult {
  /** `null` when it did not start, was ended by a signal or by the time limit. */
  readonly exitCode: number | null;
  readonly stdout: string;
}

/** Runs a small tool to its end and gives its output; never throws, never waits longer than `timeoutMs`. */
export async function runTool(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await execa(file, [...args], {
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC', ...options.env },
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'ignore',
    reject: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: options.maxOutputBytes ?? 8 * 1024 * 1024,
    stripFinalNewline: false,
  });
  return {
    exitCode: result.exitCode ?? null,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
  };
}

export type RunTool = typeof runTool;
