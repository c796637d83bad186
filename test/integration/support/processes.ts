/** What a test asks of real processes: who lives in a group, who watches it, and helpers that are gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { runTool } from '../../../src-main/supervisor/child.ts';
import {
  launchIdVariable,
  type ProcessRow,
  parseProcessTable,
  pidsOfLaunch,
} from '../../../src-main/supervisor/process-table.ts';

export function pidOf(machine: { readonly pid: number | null }): number {
  if (machine.pid === null) throw new Error('no process');
  return machine.pid;
}

export async function processTable(): Promise<readonly ProcessRow[]> {
  const columns = 'pid=,ppid=,pgid=,stat=,lstart=,command=';
  const { exitCode, stdout } = await runTool('ps', ['-axww', '-o', columns], {
    timeoutMs: 10_000,
    maxOutputBytes: 64 * 1024 ** 2,
  });
  if (exitCode !== 0) throw new Error('ps failed');
  return parseProcessTable(stdout);
}

/** Living processes of a group, zombies left out: PID 1 of a container may reap late. */
export async function livingInGroup(pgid: number): Promise<number[]> {
  return (await processTable()).filter((row) => row.pgid === pgid && !row.zombie).map((row) => row.pid);
}

export async function livingInGroups(pgids: readonly number[]): Promise<ProcessRow[]> {
  const wanted = new Set(pgids);
  return (await processTable()).filter((row) => wanted.has(row.pgid) && !row.zombie);
}

/** Of these groups, the ones with a living process. */
export async function livingGroups(pgids: readonly number[]): Promise<number[]> {
  return [...new Set((await livingInGroups(pgids)).map((row) => row.pgid))];
}

/** The dead-man's watcher of a group: the shell beside the leader. */
export async function watcherOf(pgid: number): Promise<number> {
  const watcher = (await processTable()).find(
    (row) => row.pgid === pgid && row.pid !== pgid && !row.zombie && row.command.includes('trap'),
  );
  if (watcher === undefined) throw new Error(`group ${pgid} has no watcher`);
  return watcher.pid;
}

const pollMs = 30;

/**
 * Waits until no process of these groups lives, and tells of each after how many milliseconds one was last seen alive:
 * how long a busy machine takes to look again counts for nobody. One look is for all. Fails after `limitMs`.
 */
export async function lastSeenAliveMs(
  pgids: readonly number[],
  limitMs = 20_000,
): Promise<ReadonlyMap<number, number>> {
  const startedMs = performance.now();
  const lastSeenMs = new Map(pgids.map((pgid) => [pgid, 0]));
  for (;;) {
    const lookedMs = performance.now() - startedMs;
    const living = await livingGroups(pgids);
    if (living.length === 0) return lastSeenMs;
    for (const pgid of living) lastSeenMs.set(pgid, lookedMs);
    if (lookedMs > limitMs) throw new Error(`after ${limitMs} ms still alive: groups ${living.join(' ')}`);
    await sleep(pollMs);
  }
}

/** After a crash the next server may be up before the last of the old group is gone; gone it has to be. */
export async function untilGroupIsGone(pgid: number): Promise<void> {
  await lastSeenAliveMs([pgid]);
}

/** For what the system tells by no event: looks again and again until it holds. */
export async function eventually(condition: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`did not come true within ${limitMs} ms`);
    await sleep(pollMs);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export interface Helper {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The next line that it prints. */
  line(): Promise<string>;
  say(line: string): void;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
}

/** A TypeScript file of this folder as a process of its own, talked to by lines; killed when the test ends. */
export function startHelper(file: string, input: unknown, detached = false): Helper {
  const script = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(input)], {
    detached,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { pid, stdin, stdout } = child;
  if (pid === undefined) throw new Error(`${file} did not start`);
  stdin.on('error', () => {});
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  return {
    pid,
    child,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${file} ended`);
      return next.value;
    },
    say: (line) => void stdin.write(`${line}\n`),
    kill,
  };
}

export interface Orphan {
  readonly pid: number;
  readonly launchId: string;
}

/**
 * A server of an earlier run that nobody holds: started without the dead-man's switch by a parent that is then killed
 * outright, with the launch id in its environment.
 */
export async function makeOrphan(request: {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly launchId: string;
}): Promise<Orphan> {
  const { launchId } = request;
  const env = { ...request.env, [launchIdVariable]: launchId };
  const parent = startHelper('./orphan-parent.ts', { ...request, env });
  const pid = Number(await parent.line());
  onTestFinished(() => endOwn(pid, launchId));
  await parent.kill();
  return { pid, launchId };
}

/** Kills what is left of a group of ours, proved by its launch id. */
async function endOwn(pgid: number, launchId: string): Promise<void> {
  const living = await livingInGroup(pgid);
  for (const pid of await pidsOfLaunch(launchId, living, runTool)) process.kill(pid, 'SIGKILL');
}
