/** Ends what an earlier run left behind, and only what the ledger proves to be ours. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunTool, sendSignal } from './child.ts';
import type { LaunchRecord } from './ledger.ts';
import { type ProcessRow, pidsOfLaunch, readGroupRows, startTimeSlackS } from './process-table.ts';

export interface ReapOptions {
  readonly run: RunTool;
  readonly graceMs: number;
  readonly confirmMs: number;
}

export interface ReapOutcome {
  readonly record: LaunchRecord;
  /** `stranger`: the record matches no living process of ours, so nothing was signalled. */
  readonly result: 'reaped' | 'stranger' | 'still-alive' | 'unknown';
}

const pollMs = 50;

/**
 * Living processes of a record's group that are ours on all counts: the group is the recorded one, the launch id is
 * in their environment, and the leader, where it lives, has the recorded start time and executable.
 */
export async function findOwn(
  record: LaunchRecord,
  table: readonly ProcessRow[],
  run: RunTool,
): Promise<readonly ProcessRow[]> {
  const group = table.filter((row) => row.pgid === record.pid && !row.zombie && row.pid !== process.pid);
  if (group.length === 0) return [];
  const leader = group.find((row) => row.pid === record.pid);
  if (leader !== undefined && !isRecordedLeader(leader, record)) return [];
  // A group outlives its leader, so members must be older than any reuse of the number could be.
  const earliestS = record.startedAtS - startTimeSlackS;
  if (group.some((row) => row.startedAtS < earliestS)) return [];
  const own = await pidsOfLaunch(
    record.launchId,
    group.map((row) => row.pid),
    run,
  );
  if (leader !== undefined && !own.has(leader.pid)) return [];
  return group.filter((row) => own.has(row.pid));
}

export function isRecordedLeader(row: ProcessRow, record: LaunchRecord): boolean {
  return (
    row.pid === record.pid &&
    row.pgid === record.pid &&
    Math.abs(row.startedAtS - record.startedAtS) <= startTimeSlackS &&
    row.command.includes(record.executable)
  );
}

/** Identity is read again before each signal; a group that has become a stranger's in between is left alone. */
export async function reap(
  record: LaunchRecord,
  { run, graceMs, confirmMs }: ReapOptions,
): Promise<ReapOutcome> {
  const signalled = await signalOwn(record, 'SIGTERM', run);
  if (signalled === 'unknown') return { record, result: 'unknown' };
  if (signalled === 'none') return { record, result: 'stranger' };
  if (await isGoneWithin(record, graceMs, run)) return { record, result: 'reaped' };
  await signalOwn(record, 'SIGKILL', run);
  return { record, result: (await isGoneWithin(record, confirmMs, run)) ? 'reaped' : 'still-alive' };
}

async function signalOwn(
  record: LaunchRecord,
  signal: 'SIGTERM' | 'SIGKILL',
  run: RunTool,
): Promise<'sent' | 'none' | 'unknown'> {
  const table = await readGroupRows(record.pid, run);
  if (table === null) return 'unknown';
  const own = await findOwn(record, table, run);
  // Each proved process by its own pid: a group could hold others by now.
  for (const row of own) {
    sendSignal(row.pid, signal);
    if (signal === 'SIGTERM') sendSignal(row.pid, 'SIGCONT');
  }
  return own.length > 0 ? 'sent' : 'none';
}

async function isGoneWithin(record: LaunchRecord, limitMs: number, run: RunTool): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const table = await readGroupRows(record.pid, run);
    if (table !== null && (await findOwn(record, table, run)).length === 0) return true;
    if (performance.now() >= deadlineMs) return false;
    await sleep(pollMs);
  }
}
