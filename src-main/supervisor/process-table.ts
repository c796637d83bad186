/** Who a process is: one reading of `ps`, the same flags on macOS and Linux. */
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

/** Every process of the machine; `null` when `ps` failed, which must never be read as "nothing runs". */
export async function readProcessTable(run: RunTool): Promise<readonly ProcessRow[] | null> {
  const result = await run('ps', ['-axww', '-o', 'pid=,ppid=,pgid=,stat=,lstart=,command='], {
    timeoutMs: psTimeoutMs,
  });
  return result.exitCode === 0 ? parseProcessTable(result.stdout) : null;
}

/** One process; `null` when there is none. */
export async function readProcess(pid: number, run: RunTool): Promise<ProcessRow | null> {
  const result = await run(
    'ps',
    ['-ww', '-o', 'pid=,ppid=,pgid=,stat=,lstart=,command=', '-p', String(pid)],
    {
      timeoutMs: psTimeoutMs,
    },
  );
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
