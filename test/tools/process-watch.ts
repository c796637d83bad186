/** Which processes belong to a running app, and whether all of them have gone. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tableLimitBytes = 16 * 1024 * 1024;
const pollMs = 50;

export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly command: string;
}

/** All that really run: a zombie is dead and waits only to be noticed. */
export async function readProcesses(): Promise<ProcessRow[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    maxBuffer: tableLimitBytes,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match === null || match[4]?.startsWith('Z')) return [];
    return [
      { pid: Number(match[1]), ppid: Number(match[2]), group: Number(match[3]), command: match[5] ?? '' },
    ];
  });
}

/** The process and all its descendants. */
export function familyOf(pid: number, processes: readonly ProcessRow[]): ProcessRow[] {
  const family = processes.filter((row) => row.pid === pid);
  for (const parent of family) {
    for (const row of processes) if (row.ppid === parent.pid && row.pid !== parent.pid) family.push(row);
  }
  return family;
}

const listOf = (rows: readonly ProcessRow[]) =>
  rows.map(({ pid, group, command }) => `  ${pid} (group ${group}) ${command.slice(0, 200)}`).join('\n');

export interface ProcessWatch {
  /** Remembers the groups of what runs now. Also called by `leftovers` and `expectGone`. */
  look(): Promise<void>;
  leftovers(): Promise<ProcessRow[]>;
  /** Throws with the list when a look that began after the limit finds something: how long it takes to look counts for nobody. */
  expectGone(limitMs: number): Promise<void>;
}

/**
 * Ours are the process groups seen below the app, and whatever names its home in its command line: a server that was
 * started after the last look and lost its parent is found by that.
 */
export function watchProcesses(pid: number, home: string): ProcessWatch {
  const groups = new Set<number>([pid]);
  const own = new Set([process.pid]);

  async function look(): Promise<void> {
    for (const row of familyOf(pid, await readProcesses())) groups.add(row.group);
  }

  async function leftovers(): Promise<ProcessRow[]> {
    await look();
    const processes = await readProcesses();
    return processes.filter(
      (row) => !own.has(row.pid) && (groups.has(row.group) || row.command.includes(home)),
    );
  }

  async function expectGone(limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const isLate = performance.now() > deadline;
      const left = await leftovers();
      if (left.length === 0) return;
      if (isLate) throw new Error(`still running after ${limitMs} ms:\n${listOf(left)}`);
      await delay(pollMs);
    }
  }

  return { look, leftovers, expectGone };
}
