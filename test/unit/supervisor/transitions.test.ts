import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src-main/contract/status.ts';
import { backOffMs, defaultPolicy, readinessDelayMs } from '../../../src-main/supervisor/policy.ts';
import {
  type Effect,
  isRunning,
  type Machine,
  type Moment,
  newMachine,
  type ServiceEvent,
  transition,
} from '../../../src-main/supervisor/transitions.ts';

const policy = defaultPolicy;

function at(monotonicMs: number): Moment {
  return { wallMs: 1_700_000_000_000 + monotonicMs, monotonicMs, random: 0.5 };
}

function failureOf(reason: Failure['reason'], message = 'It stopped.'): Failure {
  return { reason, at: 0, message, hint: '', exit: null, lastLines: [], remedies: [] };
}

/** Runs events one after another; `[event, ms]` moves the clock first. */
function run(start: Machine, steps: readonly (readonly [ServiceEvent, number])[]) {
  let machine = start;
  const effects: Effect[] = [];
  for (const [event, ms] of steps) {
    const step = transition(machine, event, at(ms), policy);
    machine = step.machine;
    effects.push(...step.effects);
  }
  return { machine, effects, kinds: effects.map((effect) => effect.type) };
}

const A = 'launch-a';
const toReady = (launchId: string, ms: number): (readonly [ServiceEvent, number])[] => [
  [{ type: 'turn-granted', launchId }, ms],
  [{ type: 'spawned', launchId, pid: 4711 }, ms],
  [{ type: 'ready', launchId, latencyMs: 5 }, ms],
];
const exited = (launchId: string): ServiceEvent => ({
  type: 'exited',
  launchId,
  failure: failureOf('exited'),
  retry: true,
});

const stopped = newMachine('off', at(0));
const healthy = run(stopped, [[{ type: 'want-on' }, 0], ...toReady(A, 0)]).machine;

describe('starting', () => {
  it('asks for its turn, launches when it is granted, and is healthy when it answers', () => {
    const { machine, kinds } = run(stopped, [[{ type: 'want-on' }, 0], ...toReady(A, 10)]);
    expect(machine).toMatchObject({ state: 'healthy', desired: 'on', pid: 4711, launchId: A });
    expect(kinds).toEqual(['request-turn', 'launch', 'watch-health']);
  });

  it('that is slow to answer is degraded from the first', () => {
    const slow = run(stopped, [
      [{ type: 'want-on' }, 0],
      [{ type: 'turn-granted', launchId: A }, 0],
      [{ type: 'spawned', launchId: A, pid: 2 }, 0],
      [{ type: 'ready', launchId: A, latencyMs: 2_500 }, 0],
    ]);
    expect(slow.machine.state).toBe('degraded');
  });

  it('that fails its preflight is failed, holds no launch and is announced once', () => {
    const { machine, kinds } = run(stopped, [
      [{ type: 'want-on' }, 0],
      [{ type: 'turn-granted', launchId: A }, 0],
      [{ type: 'preflight-failed', launchId: A, failure: failureOf('port-busy') }, 5],
    ]);
    expect(machine).toMatchObject({ state: 'failed', launchId: null, lastFailure: { reason: 'port-busy' } });
    expect(kinds.filter((kind) => kind === 'announce-failure')).toHaveLength(1);
  });

  it('that misses its limit is stopped first and failed once it is gone', () => {
    const failure = failureOf('start-timed-out');
    const stopping = run(stopped, [
      [{ type: 'want-on' }, 0],
      [{ type: 'turn-granted', launchId: A }, 0],
      [{ type: 'spawned', launchId: A, pid: 2 }, 0],
      [{ type: 'unusable', launchId: A, failure, retry: false }, 120_000],
    ]);
    expect(stopping.machine.state).toBe('stopping');
    expect(stopping.kinds.at(-1)).toBe('terminate');
    expect(run(stopping.machine, [[{ type: 'gone', launchId: A }, 120_500]]).machine).toMatchObject({
      state: 'failed',
      lastFailure: { reason: 'start-timed-out' },
    });
  });
});

describe('the user’s stop', () => {
  it('wins over a pending restart', () => {
    const backingOff = run(healthy, [[exited(A), 1_000], ...toReady('b', 1_100), [exited('b'), 1_200]]);
    expect(backingOff.machine.state).toBe('backing-off');
    const off = run(backingOff.machine, [[{ type: 'want-off' }, 1_300]]);
    expect(off.machine.state).toBe('stopped');
    expect(off.kinds).toEqual(['cancel-start']);
    expect(run(off.machine, [[{ type: 'back-off-elapsed' }, 5_000]]).machine.state).toBe('stopped');
  });

  it('before there is a process gives the launch up', () => {
    const { machine, effects } = run(stopped, [
      [{ type: 'want-on' }, 0],
      [{ type: 'turn-granted', launchId: A }, 0],
      [{ type: 'want-off' }, 1],
    ]);
    expect(machine.state).toBe('stopped');
    expect(effects.at(-1)).toEqual({ type: 'abandon-launch', launchId: A });
  });

  it('during a stop for a restart ends in rest', () => {
    const { machine } = run(healthy, [
      [{ type: 'restart', reason: null }, 10],
      [{ type: 'want-off' }, 20],
      [{ type: 'gone', launchId: A }, 30],
    ]);
    expect(machine).toMatchObject({ state: 'stopped', desired: 'off' });
  });

  it('followed by a start during the stop starts once the old processes are gone, not before', () => {
    const between = run(healthy, [
      [{ type: 'want-off' }, 10],
      [{ type: 'want-on' }, 20],
    ]);
    expect(between.machine.state).toBe('stopping');
    expect(between.kinds).toEqual(['terminate']);
    const after = run(between.machine, [[{ type: 'gone', launchId: A }, 30]]);
    expect(after.machine.state).toBe('waiting');
    expect(after.kinds).toEqual(['request-turn']);
  });

  it('that cannot be confirmed is a failure that keeps the launch, and a new start ends it first', () => {
    const stuck = run(healthy, [
      [{ type: 'want-off' }, 10],
      [{ type: 'stop-unconfirmed', launchId: A, failure: failureOf('stop-unconfirmed') }, 20],
    ]);
    expect(stuck.machine).toMatchObject({ state: 'failed', launchId: A });
    expect(run(stuck.machine, [[{ type: 'want-on' }, 30]]).kinds).toEqual(['terminate']);
    const late = run(stuck.machine, [[{ type: 'gone', launchId: A }, 40]]).machine;
    expect(late.launchId).toBeNull();
  });
});

describe('restarts', () => {
  it('the first comes at once, later ones after doubling delays up to the cap', () => {
    expect([1, 2, 3, 4, 5].map((exits) => backOffMs(exits, policy, 0.5))).toEqual([
      0, 1_000, 2_000, 4_000, 8_000,
    ]);
    expect(backOffMs(50, policy, 0.5)).toBe(policy.backOffCapMs);
    expect(backOffMs(2, policy, 0)).toBe(800);
    expect(backOffMs(2, policy, 0.999)).toBeLessThanOrEqual(1_200);
  });

  it('a crash sweeps the group before anything else', () => {
    const { machine, kinds } = run(healthy, [[exited(A), 1_000]]);
    expect(kinds).toEqual(['sweep', 'request-turn']);
    expect(machine).toMatchObject({ state: 'waiting', restarts: 1, launchId: null });
  });

  it('five unstable exits within ten minutes end in failed, announced once', () => {
    let machine = healthy;
    const kinds: string[] = [];
    for (let n = 1; n <= 5; n++) {
      const launchId = n === 1 ? A : `launch-${n}`;
      const steps: (readonly [ServiceEvent, number])[] = n === 1 ? [] : toReady(launchId, n * 1_000);
      const back: (readonly [ServiceEvent, number])[] = [[{ type: 'back-off-elapsed' }, n * 1_000]];
      const result = run(machine, [...back, ...steps, [exited(launchId), n * 1_000 + 10]]);
      machine = result.machine;
      kinds.push(...result.kinds);
    }
    expect(machine).toMatchObject({ state: 'failed', lastFailure: { reason: 'flapping' }, restarts: 4 });
    expect(kinds.filter((kind) => kind === 'announce-failure')).toHaveLength(1);
  });

  it('a run of a minute resets the count', () => {
    let machine = healthy;
    for (let n = 1; n <= 20; n++) {
      const launchId = `launch-${n}`;
      const startMs = n * 61_000;
      machine = run(machine, [
        [exited(n === 1 ? A : `launch-${n - 1}`), startMs],
        ...toReady(launchId, startMs),
      ]).machine;
      expect(machine.state).toBe('healthy');
    }
    expect(machine.restarts).toBe(20);
  });

  it('a failure that would only repeat is not retried', () => {
    const failure = failureOf('gpu-memory');
    const { machine } = run(healthy, [[{ type: 'exited', launchId: A, failure, retry: false }, 1_000]]);
    expect(machine).toMatchObject({ state: 'failed', lastFailure: { reason: 'gpu-memory' } });
  });
});

describe('health', () => {
  const lost: ServiceEvent = { type: 'probe-lost', launchId: A, failure: failureOf('unresponsive') };

  it('one lost probe changes nothing on screen, the second does, and an answer puts it right', () => {
    expect(run(healthy, [[lost, 1_000]]).machine.state).toBe('healthy');
    const hung = run(healthy, [
      [lost, 1_000],
      [lost, 2_000],
    ]).machine;
    expect(hung.state).toBe('unresponsive');
    expect(run(hung, [[{ type: 'probed', launchId: A, latencyMs: 4 }, 3_000]]).machine.state).toBe('healthy');
  });

  it('unresponsive for long is ended and started again', () => {
    const { machine, kinds } = run(healthy, [
      [lost, 0],
      [lost, 1_000],
      [lost, 10_000],
      [lost, 1_000 + policy.restartAfterUnresponsiveMs],
    ]);
    expect(machine.state).toBe('stopping');
    expect(kinds).toEqual(['terminate']);
    expect(run(machine, [[{ type: 'gone', launchId: A }, 30_000]]).machine).toMatchObject({
      state: 'waiting',
      restarts: 1,
    });
  });

  it('is degraded after two slow answers, not after one', () => {
    const slow: ServiceEvent = { type: 'probed', launchId: A, latencyMs: 2_100 };
    expect(run(healthy, [[slow, 1]]).machine.state).toBe('healthy');
    const twice = run(healthy, [
      [slow, 1],
      [slow, 2],
    ]).machine;
    expect(twice.state).toBe('degraded');
    expect(run(twice, [[{ type: 'probed', launchId: A, latencyMs: 20 }, 3]]).machine.state).toBe('healthy');
  });
});

describe('whatever happens in whatever order', () => {
  const launchIds = ['l1', 'l2', 'l3'];

  function randomEvent(random: () => number): ServiceEvent {
    const launchId = launchIds[Math.floor(random() * launchIds.length)] ?? 'l1';
    const failure = failureOf('exited');
    const events: ServiceEvent[] = [
      { type: 'want-on' },
      { type: 'want-off' },
      { type: 'restart', reason: 'test' },
      { type: 'turn-granted', launchId },
      { type: 'turn-refused', failure },
      { type: 'preflight-failed', launchId, failure },
      { type: 'spawned', launchId, pid: 99 },
      { type: 'ready', launchId, latencyMs: random() * 4_000 },
      { type: 'unusable', launchId, failure, retry: random() < 0.5 },
      { type: 'probed', launchId, latencyMs: random() * 4_000 },
      { type: 'probe-lost', launchId, failure },
      { type: 'woke', launchId },
      { type: 'exited', launchId, failure, retry: random() < 0.8 },
      { type: 'gone', launchId },
      { type: 'stop-unconfirmed', launchId, failure },
      { type: 'back-off-elapsed' },
    ];
    const event = events[Math.floor(random() * events.length)];
    if (event === undefined) throw new Error('no event');
    return event;
  }

  /** A small linear generator: a failure names its seed and can be run again. */
  function generator(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return state / 4_294_967_296;
    };
  }

  it('the machine stays consistent and never starts what the user stopped', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = generator(seed);
      let machine = newMachine('off', at(0));
      for (let n = 0; n < 200; n++) {
        const event = randomEvent(random);
        const before = machine;
        const step = transition(machine, event, at(n * 500), policy);
        machine = step.machine;
        const context = `seed ${seed}, step ${n}: ${before.state} + ${event.type} → ${machine.state}`;
        expectConsistent(machine, context);
        if ('launchId' in event && event.type !== 'turn-granted' && event.launchId !== before.launchId) {
          expect(machine, context).toBe(before);
        }
        if (step.effects.some((effect) => effect.type === 'launch')) {
          expect(machine.desired, context).toBe('on');
          expect(before.launchId, `${context}: a second launch beside the first`).toBeNull();
        }
      }
    }
  });

  function expectConsistent(machine: Machine, context: string): void {
    if (isRunning(machine) || machine.state === 'stopping') expect(machine.launchId, context).not.toBeNull();
    if (machine.state === 'stopped' || machine.state === 'waiting' || machine.state === 'backing-off') {
      expect(machine.launchId, context).toBeNull();
      expect(machine.pid, context).toBeNull();
    }
    expect(machine.afterStop !== null, context).toBe(machine.state === 'stopping');
    expect(machine.nextStartAtMs !== null, context).toBe(machine.state === 'backing-off');
    if (machine.state === 'failed') expect(machine.lastFailure, context).not.toBeNull();
    if (machine.state === 'waiting' || machine.state === 'starting')
      expect(machine.desired, context).toBe('on');
    expect(machine.unstableExitsMs.length, context).toBeLessThanOrEqual(policy.unstableExitLimit);
  }
});

describe('readiness probes', () => {
  it('come often at first, then in proportion to the time waited, within bounds', () => {
    expect([0, 100, 2_000, 60_000].map((waited) => readinessDelayMs(waited, policy))).toEqual([
      50, 50, 100, 250,
    ]);
  });
});

describe('after a sleep', () => {
  const lost: ServiceEvent = { type: 'probe-lost', launchId: A, failure: failureOf('unresponsive') };
  const woke: ServiceEvent = { type: 'woke', launchId: A };

  it('what was lost before counts no more: silence has to last anew', () => {
    const { machine } = run(healthy, [
      [lost, 1_000],
      [woke, 2_000],
      [lost, 3_000],
    ]);
    expect(machine.state).toBe('healthy');
  });

  it('a server that was silent before is not restarted at the first loss, but when it stays so', () => {
    const hung = run(healthy, [
      [lost, 1_000],
      [lost, 2_000],
    ]).machine;
    const hours = 8 * 3_600_000;
    const { machine, kinds } = run(hung, [
      [woke, hours],
      [lost, hours + 1_000],
      [lost, hours + 2_000],
    ]);
    expect(machine.state).toBe('unresponsive');
    expect(kinds).toEqual([]);
    const lasting = run(machine, [[lost, hours + 2_000 + policy.restartAfterUnresponsiveMs]]);
    expect(lasting.kinds).toEqual(['terminate']);
  });

  it('nothing changes where nothing runs', () => {
    expect(transition(stopped, woke, at(1), policy).machine).toBe(stopped);
  });
});
