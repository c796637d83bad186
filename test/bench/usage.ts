/** What a process costs: CPU time, resident memory, wake-ups. From /proc; elsewhere from `ps`, more coarsely. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bytesPerKb = 1024;
/** Linux reports the times of ended children in these on every platform that Node runs on. */
const msPerTick = 10;

export interface Usage {
  /** Of all its threads. */
  readonly cpuMs: number;
  /** Of the tools that it ran and that have ended. */
  readonly childrenCpuMs: number;
  readonly rssBytes: number;
  /** Shared pages counted by share; `null` where the system does not tell. */
  readonly pssBytes: number | null;
  /** How often its main thread woke up; `null` where the system does not tell. */
  readonly wakeUps: number | null;
}

export function readUsage(pid: number): Promise<Usage> {
  return existsSync('/proc/self/smaps_rollup') ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<Usage> {
  const [threadIds, stat, status, rollup] = await Promise.all([
    readdir(`/proc/${pid}/task`),
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
  ]);
  const threads = await Promise.all(
    threadIds.map((id) => readFile(`/proc/${pid}/task/${id}/schedstat`, 'utf8').catch(() => '0')),
  );
  const ns = threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
  /** After the program's name, which may hold anything: the fields from the third on. */
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const numberAfter = (text: string, label: string) =>
    Number(new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    cpuMs: ns / 1e6,
    childrenCpuMs: (Number(fields[13]) + Number(fields[14])) * msPerTick,
    rssBytes: numberAfter(rollup, 'Rss') * bytesPerKb,
    pssBytes: numberAfter(rollup, 'Pss') * bytesPerKb,
    wakeUps: numberAfter(status, 'voluntary_ctxt_switches'),
  };
}

async function fromPs(pid: number): Promise<Usage> {
  const { stdout } = await run('ps', ['-o', 'time=,rss=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [time = '', rss = ''] = stdout.trim().split(/\s+/);
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return {
    cpuMs: seconds * 1000,
    childrenCpuMs: 0,
    rssBytes: Number(rss) * bytesPerKb,
    pssBytes: null,
    wakeUps: null,
  };
}
