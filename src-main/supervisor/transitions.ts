/**
 * One service's state machine (design §6), pure: a machine, an event and the present moment give the next machine
 * and the effects to perform. Events of a launch that is no longer the current one change nothing.
 */
import { assertNever } from '../contract/result.ts';
import type { Failure, ServiceState } from '../contract/status.ts';
import { supervisorWords } from '../words/index.ts';
import { backOffMs, type SupervisionPolicy } from './policy.ts';

export interface Moment {
  /** Epoch milliseconds, for display only: the clock may jump. */
  readonly wallMs: number;
  /** Never goes backwards, but may run on while the Mac sleeps (libuv reads `mach_continuous_time`). */
  readonly monotonicMs: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random: number;
}

/** What happens once a stop is confirmed. */
export type AfterStop =
  | { readonly kind: 'rest' }
  | { readonly kind: 'start' }
  | { readonly kind: 'fail'; readonly failure: Failure }
  | { readonly kind: 'retry'; readonly failure: Failure };

export interface Machine {
  readonly state: ServiceState;
  readonly desired: 'on' | 'off';
  /** Set from the first step of a launch until its processes are known to be gone. */
  readonly launchId: string | null;
  readonly pid: number | null;
  readonly stateSince: Moment;
  readonly readySince: Moment | null;
  readonly latencyMs: number | null;
  readonly lostProbes: number;
  readonly slowProbes: number;
  readonly unresponsiveSinceMs: number | null;
  /** Monotonic times of the exits that count towards flapping, oldest first. */
  readonly unstableExitsMs: readonly number[];
  readonly restarts: number;
  readonly nextStartAtMs: number | null;
  readonly afterStop: AfterStop | null;
  readonly lastFailure: Failure | null;
  /** The user has been told the numbers and wants it started all the same. */
  readonly ignoreMemory: boolean;
  /** Why the present start or stop happens, when it was not the user's click: "its settings changed". */
  readonly reason: string | null;
}

export type ServiceEvent =
  | { readonly type: 'want-on'; readonly ignoreMemory?: boolean }
  | { readonly type: 'want-off' }
  /** A planned restart: the user's click, or new settings. */
  | { readonly type: 'restart'; readonly reason: string | null }
  | { readonly type: 'turn-granted'; readonly launchId: string }
  | { readonly type: 'turn-refused'; readonly failure: Failure }
  | { readonly type: 'preflight-failed'; readonly launchId: string; readonly failure: Failure }
  | { readonly type: 'spawned'; readonly launchId: string; readonly pid: number }
  | { readonly type: 'ready'; readonly launchId: string; readonly latencyMs: number }
  /** It runs but cannot be used. `retry`: it may go better next time. */
  | {
      readonly type: 'unusable';
      readonly launchId: string;
      readonly failure: Failure;
      readonly retry: boolean;
    }
  | { readonly type: 'probed'; readonly launchId: string; readonly latencyMs: number }
  | { readonly type: 'probe-lost'; readonly launchId: string; readonly failure: Failure }
  /** The Mac slept: what was lost or slow before says nothing of now. */
  | { readonly type: 'woke'; readonly launchId: string }
  /** The leader exited. `retry` false: the same start would end the same way. */
  | { readonly type: 'exited'; readonly launchId: string; readonly failure: Failure; readonly retry: boolean }
  /** No process of the launch is left and its port is free. */
  | { readonly type: 'gone'; readonly launchId: string }
  | { readonly type: 'stop-unconfirmed'; readonly launchId: string; readonly failure: Failure }
  | { readonly type: 'back-off-elapsed' };

export type Effect =
  /** Ask the supervisor for permission: order and memory. */
  | { readonly type: 'request-turn' }
  | { readonly type: 'withdraw-turn' }
  | { readonly type: 'launch'; readonly launchId: string }
  /** A launch that has no process yet is given up. */
  | { readonly type: 'abandon-launch'; readonly launchId: string }
  | { readonly type: 'watch-health'; readonly launchId: string }
  | { readonly type: 'terminate'; readonly launchId: string }
  /** The leader is dead: whatever is left of its group follows. */
  | { readonly type: 'sweep'; readonly launchId: string }
  | { readonly type: 'schedule-start'; readonly delayMs: number }
  | { readonly type: 'cancel-start' }
  | { readonly type: 'announce-failure'; readonly failure: Failure }
  | { readonly type: 'announce-recovery' };

export interface Step {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
}

export function newMachine(desired: 'on' | 'off', now: Moment): Machine {
  return {
    state: 'stopped',
    desired,
    launchId: null,
    pid: null,
    stateSince: now,
    readySince: null,
    latencyMs: null,
    lostProbes: 0,
    slowProbes: 0,
    unresponsiveSinceMs: null,
    unstableExitsMs: [],
    restarts: 0,
    nextStartAtMs: null,
    afterStop: null,
    lastFailure: null,
    ignoreMemory: false,
    reason: null,
  };
}

export function transition(
  machine: Machine,
  event: ServiceEvent,
  now: Moment,
  policy: SupervisionPolicy,
): Step {
  switch (event.type) {
    case 'want-on':
      return wantOn(machine, event.ignoreMemory ?? false, now);
    case 'want-off':
      return wantOff(machine, now);
    case 'restart':
      return restart(machine, event.reason, now);
    case 'back-off-elapsed':
      return machine.state === 'backing-off' ? requestTurn(machine, now) : same(machine);
    case 'turn-granted':
      return machine.state === 'waiting'
        ? step(enter({ ...machine, launchId: event.launchId, pid: null }, 'starting', now), {
            type: 'launch',
            launchId: event.launchId,
          })
        : same(machine);
    case 'turn-refused':
      return machine.state === 'waiting' ? failed(machine, event.failure, now) : same(machine);
    case 'preflight-failed':
    case 'spawned':
    case 'ready':
    case 'unusable':
    case 'probed':
    case 'probe-lost':
    case 'woke':
    case 'exited':
    case 'gone':
    case 'stop-unconfirmed':
      return event.launchId === machine.launchId ? ofLaunch(machine, event, now, policy) : same(machine);
    default:
      return assertNever(event, 'transition');
  }
}

type LaunchEvent = Extract<ServiceEvent, { launchId: string }>;

function ofLaunch(
  machine: Machine,
  event: Exclude<LaunchEvent, { type: 'turn-granted' }>,
  now: Moment,
  policy: SupervisionPolicy,
): Step {
  switch (event.type) {
    case 'preflight-failed':
      return machine.state === 'starting' ? failed(machine, event.failure, now) : same(machine);
    case 'spawned':
      return machine.state === 'starting' ? same({ ...machine, pid: event.pid }) : same(machine);
    case 'ready':
      return machine.state === 'starting'
        ? becomeReady(machine, event.latencyMs, now, policy)
        : same(machine);
    case 'unusable':
      return isRunning(machine)
        ? terminate(
            { ...machine, lastFailure: event.failure },
            { kind: event.retry ? 'retry' : 'fail', failure: event.failure },
            now,
          )
        : same(machine);
    case 'probed':
      return isReady(machine) ? probed(machine, event.latencyMs, now, policy) : same(machine);
    case 'probe-lost':
      return isReady(machine) ? probeLost(machine, event.failure, now, policy) : same(machine);
    case 'woke':
      return isReady(machine)
        ? same({ ...machine, lostProbes: 0, slowProbes: 0, unresponsiveSinceMs: null })
        : same(machine);
    case 'exited':
      if (!isRunning(machine)) return same(machine);
      return withEffect(
        { type: 'sweep', launchId: event.launchId },
        endedBadly(machine, event.failure, event.retry, now, policy),
      );
    case 'gone':
      return gone(machine, now, policy);
    case 'stop-unconfirmed':
      return machine.state === 'stopping'
        ? withEffect(
            { type: 'announce-failure', failure: event.failure },
            same(enter({ ...machine, afterStop: null, lastFailure: event.failure }, 'failed', now)),
          )
        : same(machine);
    default:
      return assertNever(event, 'ofLaunch');
  }
}

function wantOn(machine: Machine, ignoreMemory: boolean, now: Moment): Step {
  const fresh: Machine = {
    ...machine,
    desired: 'on',
    ignoreMemory,
    unstableExitsMs: [],
    restarts: 0,
    reason: null,
  };
  switch (machine.state) {
    case 'stopped':
    case 'backing-off':
      return requestTurn({ ...fresh, lastFailure: null }, now);
    case 'failed':
      // Processes whose death was never confirmed come first: a second launch beside them would share their port.
      return machine.launchId === null
        ? requestTurn({ ...fresh, lastFailure: null }, now)
        : terminate(fresh, { kind: 'start' }, now);
    case 'stopping':
      return same({ ...fresh, afterStop: { kind: 'start' } });
    case 'waiting':
      return step({ ...machine, desired: 'on', ignoreMemory }, { type: 'request-turn' });
    case 'starting':
    case 'healthy':
    case 'degraded':
    case 'unresponsive':
      return same({ ...machine, desired: 'on' });
    default:
      return assertNever(machine.state, 'wantOn');
  }
}

function wantOff(machine: Machine, now: Moment): Step {
  const off: Machine = { ...machine, desired: 'off', ignoreMemory: false, reason: null };
  switch (machine.state) {
    case 'stopped':
      return same(off);
    case 'waiting':
      return step(rest(off, now), { type: 'withdraw-turn' });
    case 'backing-off':
      return step(rest(off, now), { type: 'cancel-start' });
    case 'failed':
      return machine.launchId === null ? same(rest(off, now)) : terminate(off, { kind: 'rest' }, now);
    case 'starting':
      if (machine.pid === null && machine.launchId !== null) {
        return step(rest(off, now), { type: 'abandon-launch', launchId: machine.launchId });
      }
      return terminate(off, { kind: 'rest' }, now);
    case 'healthy':
    case 'degraded':
    case 'unresponsive':
      return terminate(off, { kind: 'rest' }, now);
    case 'stopping':
      return same({ ...off, afterStop: { kind: 'rest' } });
    default:
      return assertNever(machine.state, 'wantOff');
  }
}

function restart(machine: Machine, reason: string | null, now: Moment): Step {
  if (!isRunning(machine)) {
    const again = wantOn(machine, false, now);
    return { ...again, machine: { ...again.machine, reason } };
  }
  const fresh: Machine = {
    ...machine,
    desired: 'on',
    unstableExitsMs: [],
    restarts: 0,
    lastFailure: null,
    reason,
  };
  if (machine.pid === null && machine.launchId !== null) {
    return withEffect(
      { type: 'abandon-launch', launchId: machine.launchId },
      requestTurn({ ...fresh, launchId: null }, now),
    );
  }
  return terminate(fresh, { kind: 'start' }, now);
}

function becomeReady(machine: Machine, latencyMs: number, now: Moment, policy: SupervisionPolicy): Step {
  const launchId = machine.launchId;
  if (launchId === null) return same(machine);
  const ready: Machine = {
    ...machine,
    readySince: now,
    latencyMs,
    lostProbes: 0,
    slowProbes: 0,
    unresponsiveSinceMs: null,
    reason: null,
  };
  const next = enter(ready, latencyMs > policy.slowAfterMs ? 'degraded' : 'healthy', now);
  const effects: Effect[] = [{ type: 'watch-health', launchId }];
  if (machine.restarts > 0) effects.push({ type: 'announce-recovery' });
  return { machine: next, effects };
}

function probed(machine: Machine, latencyMs: number, now: Moment, policy: SupervisionPolicy): Step {
  const slow = latencyMs > policy.slowAfterMs;
  const slowProbes = slow ? machine.slowProbes + 1 : 0;
  const answered: Machine = { ...machine, latencyMs, lostProbes: 0, slowProbes, unresponsiveSinceMs: null };
  if (!slow) return same(enter(answered, 'healthy', now));
  const toDegraded = slowProbes >= policy.slowProbesToDegraded || machine.state === 'unresponsive';
  return same(toDegraded ? enter(answered, 'degraded', now) : answered);
}

function probeLost(machine: Machine, failure: Failure, now: Moment, policy: SupervisionPolicy): Step {
  const lost: Machine = { ...machine, lostProbes: machine.lostProbes + 1, slowProbes: 0 };
  if (lost.lostProbes < policy.lostProbesToUnresponsive) return same(lost);
  const since = machine.unresponsiveSinceMs ?? now.monotonicMs;
  const hung = enter({ ...lost, unresponsiveSinceMs: since }, 'unresponsive', now);
  if (now.monotonicMs - since < policy.restartAfterUnresponsiveMs) return same(hung);
  return terminate({ ...hung, lastFailure: failure }, { kind: 'retry', failure }, now);
}

function gone(machine: Machine, now: Moment, policy: SupervisionPolicy): Step {
  const without: Machine = { ...machine, launchId: null, pid: null, afterStop: null };
  if (machine.state !== 'stopping') {
    // A failed launch whose last processes have died at last; the failure stays on show.
    return machine.state === 'failed' ? same(without) : same(machine);
  }
  const after = machine.afterStop ?? { kind: 'rest' };
  switch (after.kind) {
    case 'rest':
      return same(rest(without, now));
    case 'start':
      return requestTurn(without, now);
    case 'fail':
      return failed(without, after.failure, now);
    case 'retry':
      return endedBadly({ ...without, pid: machine.pid }, after.failure, true, now, policy);
    default:
      return assertNever(after, 'gone');
  }
}

/** An end that nobody asked for: start again at once, later, or not at all. */
function endedBadly(
  machine: Machine,
  failure: Failure,
  retry: boolean,
  now: Moment,
  policy: SupervisionPolicy,
): Step {
  const ranMs = machine.readySince === null ? 0 : now.monotonicMs - machine.readySince.monotonicMs;
  const stable = ranMs >= policy.stableRunMs;
  const windowStartMs = now.monotonicMs - policy.unstableWindowMs;
  const unstableExitsMs = stable
    ? []
    : [...machine.unstableExitsMs.filter((at) => at > windowStartMs), now.monotonicMs];
  const ended: Machine = { ...machine, unstableExitsMs, lastFailure: failure };
  if (!retry) return failed(ended, failure, now);
  if (unstableExitsMs.length >= policy.unstableExitLimit) {
    return failed(ended, flapping(failure, unstableExitsMs.length, policy), now);
  }
  const again: Machine = { ...ended, restarts: machine.restarts + 1 };
  const delayMs = backOffMs(unstableExitsMs.length, policy, now.random);
  if (delayMs === 0) return requestTurn(again, now);
  return step(
    { ...enter(cleared(again), 'backing-off', now), nextStartAtMs: now.wallMs + delayMs },
    { type: 'schedule-start', delayMs },
  );
}

function flapping(last: Failure, exits: number, policy: SupervisionPolicy): Failure {
  const minutes = Math.round(policy.unstableWindowMs / 60_000);
  return {
    ...last,
    reason: 'flapping',
    message: supervisorWords.flapping(exits, minutes, last.message),
  };
}

function requestTurn(machine: Machine, now: Moment): Step {
  return step(enter(cleared(machine), 'waiting', now), { type: 'request-turn' });
}

function terminate(machine: Machine, afterStop: AfterStop, now: Moment): Step {
  if (machine.launchId === null) throw new Error('terminate needs a launch');
  return step(
    { ...enter({ ...machine, afterStop }, 'stopping', now), unresponsiveSinceMs: null },
    { type: 'terminate', launchId: machine.launchId },
  );
}

function failed(machine: Machine, failure: Failure, now: Moment): Step {
  return step(enter({ ...cleared(machine), lastFailure: failure }, 'failed', now), {
    type: 'announce-failure',
    failure,
  });
}

function rest(machine: Machine, now: Moment): Machine {
  return { ...enter(cleared(machine), 'stopped', now), lastFailure: null, restarts: 0, unstableExitsMs: [] };
}

/** Nothing of a launch is left in the machine. */
function cleared(machine: Machine): Machine {
  return {
    ...machine,
    launchId: null,
    pid: null,
    afterStop: null,
    nextStartAtMs: null,
    readySince: null,
    latencyMs: null,
    lostProbes: 0,
    slowProbes: 0,
    unresponsiveSinceMs: null,
  };
}

function enter(machine: Machine, state: ServiceState, now: Moment): Machine {
  return machine.state === state ? machine : { ...machine, state, stateSince: now };
}

export function isReady(machine: Machine): boolean {
  return machine.state === 'healthy' || machine.state === 'degraded' || machine.state === 'unresponsive';
}

/** A launch is under way or up. */
export function isRunning(machine: Machine): boolean {
  return machine.state === 'starting' || isReady(machine);
}

/** Everything is as it should be: probes may be rare. */
export function isCalm(machine: Machine): boolean {
  return machine.state === 'healthy' && machine.lostProbes === 0 && machine.slowProbes === 0;
}

const same = (machine: Machine): Step => ({ machine, effects: [] });
const step = (machine: Machine, ...effects: Effect[]): Step => ({ machine, effects });
const withEffect = (effect: Effect, rest: Step): Step => ({
  machine: rest.machine,
  effects: [effect, ...rest.effects],
});
