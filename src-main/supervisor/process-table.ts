/** Who the processes of a group are: two readings of `ps`, the same flags on macOS and Linux. */
import type { RunTool } from './child.ts';

export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly zombie: boolean;
  /** Epoch seconds: `lstart` has a resolution of one second. */
  readonly startedAtS: number;
  readonly command: string;
}

const psTimeoutMs = 10_000;
/** `lstart` may be rounded either way between two readings. */
export const startTimeSlackS = 1;

const rowColumns = 'pid=,ppid=,pgid=,stat=,lstart=,command=';

/**
 * The living processes of a group; `null` when `ps` failed, which must never be read as "nothing runs". Without command
 * lines: those of other programs may have a megabyte each, and together more than is read.
 */
export async function readGroup(pgid: number, run: RunTool): Promise<readonly number[] | null> {
  const result = await run('ps', ['-ax', '-o', 'pid=,pgid=,stat='], { timeoutMs: psTimeoutMs });
  if (result.exitCode !== 0) return null;
  return result.stdout.split('\n').flatMap((line) => {
    const [, pid, group, stat = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    return Number(group) === pgid && !stat.startsWith('Z') ? [Number(pid)] : [];
  });
}

/** The same with all that is known of them. */
export async function readGroupRows(pgid: number, run: RunTool): Promise<readonly ProcessRow[] | null> {
  const pids = await readGroup(pgid, run);
  if (pids === null || pids.length === 0) return pids === null ? null : [];
  const result = await run('ps', ['-ww', '-o', rowColumns, '-p', pids.join(',')], { timeoutMs: psTimeoutMs });
  /** 1: none of them is left. */
  return result.exitCode === 0 || result.exitCode === 1 ? parseProcessTable(result.stdout) : null;
}

/** One process; `null` when there is none. */
export async function readProcess(pid: number, run: RunTool): Promise<ProcessRow | null> {
  const result = await run('ps', ['-ww', '-o', rowColumns, '-p', String(pid)], { timeoutMs: psTimeoutMs });
  return parseProcessTable(result.stdout)[0] ?? null;
}

const rowPattern =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+([A-Z][a-z]{2} +[A-Z][a-z]{2} +\d+ +\d\d:\d\d:\d\d +\d{4})\s(.*)$/;

export function parseProcessTable(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const match = rowPattern.exec(line);
    if (!match) return [];
    const [, pid = '', ppid = '', pgid = '', stat = '', lstart = '', command = ''] = match;
    const startedAtMs = Date.parse(`${lstart.replace(/ +/g, ' ')} UTC`);
    if (Number.isNaN(startedAtMs)) return [];
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        pgid: Number(pgid),
        zombie: stat.startsWith('Z'),
        startedAtS: Math.floor(startedAtMs / 1000),
        command,
      },
    ];
  });
}

export const launchIdVariable = 'MLX_STACK_LAUNCH_ID';

/**
 * Which of `pids` carry our launch id in their environment. `ps eww` shows it for processes of the same user
 * (XNU hides the environment of Apple's own protected binaries only). The output holds other programs'
 * environments, so nothing of it is kept or logged.
 */
export async function pidsOfLaunch(
  launchId: string,
  pids: readonly number[],
  run: RunTool,
): Promise<ReadonlySet<number>> {
  if (pids.length === 0) return new Set();
  const result = await run('ps', ['eww', '-o', 'pid=,command=', '-p', pids.join(',')], {
    timeoutMs: psTimeoutMs,
  });
  const mark = ` ${launchIdVariable}=${launchId}`;
  return new Set(
    result.stdout.split('\n').flatMap((line) => {
      const pid = /^\s*(\d+)\s/.exec(line)?.[1];
      return pid !== undefined && (line.includes(`${mark} `) || line.endsWith(mark)) ? [Number(pid)] : [];
    }),
  );
}
