/** One launch of one service, from its first process to the proof that none is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../contract/status.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import { type GroupLeader, type RunTool, type SpawnOptions, sendSignal } from './child.ts';
import type { SupervisionPolicy } from './policy.ts';
import { findPortHolder, isListening } from './ports.ts';
import { launchIdVariable, pidsOfLaunch, readGroup } from './process-table.ts';

export interface Launch {
  readonly id: string;
  readonly spec: ServiceSpec;
  /** Aborted when the launch is given up or stopped: readiness and probes end. */
  readonly over: AbortController;
  /** Aborted to cut the grace of a stop short. */
  readonly force: AbortController;
  leader: GroupLeader | null;
}

/** What is started for a launch, and what is shown of it beforehand. */
export function startOptions(
  { executable, args, env, cwd }: ServiceSpec,
  launchId: string,
): SpawnOptions | null {
  if ('missing' in executable) return null;
  return { executable: executable.path, args, env: { ...env, [launchIdVariable]: launchId }, cwd };
}

/** Whether a process may still live in the group, as far as the kernel tells without a look at the table. */
function groupMayLive(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    // ESRCH: nobody. EPERM: the number belongs to somebody else's group by now, so ours is gone.
    return false;
  }
}

/** Living, proved members of the launch: in its group, or holding its port, and carrying its id. */
async function survivors(launch: Launch, pid: number, run: RunTool): Promise<readonly number[] | null> {
  const candidates: number[] = [];
  if (groupMayLive(pid)) {
    const living = await readGroup(pid, run);
    if (living === null) return null;
    candidates.push(...living);
  }
  if (await isListening(launch.spec.port)) {
    const holder = await findPortHolder(launch.spec.port, run);
    if (holder !== null && !candidates.includes(holder.pid)) candidates.push(holder.pid);
  }
  return [...(await pidsOfLaunch(launch.id, candidates, run))];
}

const confirmPollMs = 20;
const cheapPollMs = 5;

/**
 * Whether the group ends within `limitMs`, asked of the kernel alone: reading the process table costs as much as a
 * small server's start, and after a crash that start is under way.
 */
async function groupEndsWithin(pgid: number, limitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  while (groupMayLive(pgid)) {
    if (performance.now() >= deadlineMs) return false;
    await sleep(cheapPollMs);
  }
  return true;
}

/**
 * After the leader's death: ends the rest of the group and waits until nothing of the launch lives or holds its port.
 * A process that left the group but still holds the port is ended too, by its proved pid. `patienceMs`: how long the
 * sweep is given before the process table is looked at.
 */
export async function confirmGone(
  launch: Launch,
  leader: GroupLeader,
  policy: SupervisionPolicy,
  run: RunTool,
  patienceMs: number,
): Promise<boolean> {
  leader.sweepGroup();
  await groupEndsWithin(leader.pid, patienceMs);
  const deadlineMs = performance.now() + policy.deathConfirmMs;
  for (;;) {
    // Where looking is slow, the last look still comes after the last KILL.
    const isLastLook = performance.now() >= deadlineMs;
    const alive = await survivors(launch, leader.pid, run);
    if (alive !== null && alive.length === 0) {
      leader.release();
      return true;
    }
    // The sweep may have found its watcher dead; what is proved ours by its launch id is ended by pid.
    for (const pid of alive ?? []) sendSignal(pid, 'SIGKILL');
    if (isLastLook) return false;
    await sleep(confirmPollMs);
  }
}

/** Somebody waits for the end of a stop. */
const stopPatienceMs = 50;

/** TERM to the group, the grace, KILL, and the proof. Says whether the death is confirmed. */
export async function endLaunch(
  launch: Launch,
  leader: GroupLeader,
  policy: SupervisionPolicy,
  run: RunTool,
): Promise<boolean> {
  launch.over.abort();
  leader.signalGroup('SIGTERM');
  // A stopped process sees TERM only once it goes on.
  leader.signalGroup('SIGCONT');
  if (!(await exitsWithin(leader, launch.spec.stopGraceMs, launch.force.signal))) {
    leader.signalGroup('SIGKILL');
    await exitsWithin(leader, policy.deathConfirmMs, null);
  }
  return await confirmGone(launch, leader, policy, run, stopPatienceMs);
}

async function exitsWithin(
  leader: GroupLeader,
  limitMs: number,
  force: AbortSignal | null,
): Promise<boolean> {
  const limit = new AbortController();
  const signal = force === null ? limit.signal : AbortSignal.any([limit.signal, force]);
  const timedOut = sleep(limitMs, false, { signal }).catch(() => false);
  const exited = await Promise.race([leader.exited.then(() => true), timedOut]);
  limit.abort();
  return exited;
}

/** `previousMayHoldPort` tells whether an earlier launch of the service is still being ended. */
export type Preflight = (spec: ServiceSpec, previousMayHoldPort: () => boolean) => Promise<Failure | null>;
