/** Stops, starts and quits that cross each other: the last wish wins, nothing runs twice, nothing is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type RunTool, runTool } from '../../src-main/supervisor/child.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { freePort, freePorts } from './support/ports.ts';
import { isAlive, livingGroups, livingInGroup, pidOf, watcherOf } from './support/processes.ts';
import { createRig, gatewaySpec, type Rig, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

async function expectNothingLeft(rig: Rig): Promise<void> {
  expect(await livingGroups(rig.spawned)).toEqual([]);
  for (const { spec } of rig.supervisor.services()) expect(await isPortFree(spec.port)).toBe(true);
  await rig.ledger.saved();
  expect(rig.ledger.records()).toEqual([]);
}

describe('stop during a start', () => {
  it('before there is a process: none is ever started', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    await rig.inState('fast', 'starting');
    expect(rig.machine('fast').pid).toBeNull();
    rig.supervisor.stop('fast');
    expect(rig.machine('fast').state).toBe('stopped');
    await rig.supervisor.atRest('fast');
    expect(rig.spawned).toEqual([]);
  });

  it.each([
    ['right after the spawn', {}],
    ['while it loads', { loadMs: 60_000 }],
    ['while it loads and ignores TERM', { loadMs: 60_000, ignoreTerm: true }],
  ])('%s: its processes are gone before stopped is shown', async (_when, switches) => {
    const rig = createRig();
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches, stopGraceMs: 300 })], on);
    const pid = pidOf(await rig.until('fast', (machine) => machine.pid !== null));
    rig.supervisor.stop('fast');
    expect(rig.machine('fast').state).toBe('stopping');
    await rig.inState('fast', 'stopped');
    expect(await livingInGroup(pid)).toEqual([]);
    await rig.supervisor.atRest('fast');
    await expectNothingLeft(rig);
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'stopping', 'stopped']);
  });

  it('while its readiness token is being generated: no failure is shown', async () => {
    const rig = createRig({ policy: { generationTimeoutMs: 20_000 } });
    const switches = { generation: 'hang' } as const;
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const { pid } = await rig.until('fast', (machine) => machine.pid !== null);
    await untilAsked(rig);
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(rig.machine('fast').lastFailure).toBeNull();
    expect(rig.failures).toEqual([]);
    expect(await livingInGroup(pid ?? 0)).toEqual([]);
  });
});

/** Until the server answers health, so that only the token can still be missing. */
async function untilAsked(rig: Rig): Promise<void> {
  const port = rig.supervisor.services()[0]?.spec.port;
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(20);
  }
}

describe('start during a stop', () => {
  it('waits for the old process and its port, then starts another', async () => {
    const rig = createRig();
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches: { shutdownMs: 400 } })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    rig.supervisor.stop('fast');
    rig.supervisor.start('fast');
    expect(rig.machine('fast').state).toBe('stopping');
    await rig.inState('fast', 'starting');
    expect(await livingInGroup(first)).toEqual([]);
    const again = await rig.inState('fast', 'healthy');
    expect(again).toMatchObject({ restarts: 0, lastFailure: null });
    expect(again.pid).not.toBe(first);
    expect(rig.failures).toEqual([]);
  });

  it.each([
    ['before there is a process', 0],
    ['once there is one', 1],
  ])('and restart during a start %s ends with one healthy process', async (_when, processes) => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    await rig.until('fast', (machine) => machine.state === 'starting' && rig.spawned.length === processes);
    rig.supervisor.restart('fast', 'the user asked');
    const { pid } = await rig.inState('fast', 'healthy');
    expect(rig.spawned).toHaveLength(processes + 1);
    expect(await livingGroups(rig.spawned)).toEqual([pid]);
    expect(rig.failures).toEqual([]);
  });

  it('and restart of a healthy one is planned: it counts as no failure', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    rig.supervisor.restart('fast', null);
    const again = await rig.until('fast', (machine) => machine.state === 'healthy' && machine.pid !== first);
    expect(again).toMatchObject({ restarts: 0, lastFailure: null, unstableExitsMs: [] });
  });
});

/** A small linear generator: a failure names its seed and can be run again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('two hundred clicks in any order', () => {
  it.each([[1], [20_261_122]])(
    '(seed %i) end as the last one says, with one process or none',
    async (seed) => {
      const rig = createRig();
      const switches = { forkGrandchildren: 1, shutdownMs: 20 };
      const spec = tierSpec(rig, { id: 'fast', port: await freePort(), switches });
      rig.supervisor.apply([spec], () => 'off');
      const random = generator(seed);
      for (let clicks = 0; clicks < 200; clicks++) {
        const action = random();
        if (action < 0.4) rig.supervisor.start('fast');
        else if (action < 0.75) rig.supervisor.stop('fast');
        else rig.supervisor.restart('fast', null);
        if (clicks % 10 === 0) {
          const alive = await livingGroups(rig.spawned);
          expect(alive.length, `click ${clicks}: groups ${alive.join(' ')}`).toBeLessThanOrEqual(1);
        }
        // Some clicks come in one breath, others when the last has had its effect.
        const pause = random();
        if (pause < 0.2) await new Promise((resolve) => setImmediate(resolve));
        else if (pause < 0.35) await rig.changes(1, 400).catch(() => {});
      }
      rig.supervisor.start('fast');
      const healthy = await rig.inState('fast', 'healthy');
      expect(await livingGroups(rig.spawned)).toEqual([healthy.pid]);
      expect(healthy.lastFailure).toBeNull();
      expect(rig.failures).toEqual([]);
      rig.supervisor.stop('fast');
      await rig.inState('fast', 'stopped');
      await rig.supervisor.atRest('fast');
      await expectNothingLeft(rig);
    },
  );
});

describe('quit', () => {
  it('ends the gateway before the first tier is told to end', async () => {
    const ends: string[] = [];
    const tierAliveAtEnd: boolean[] = [];
    const rig = createRig({
      onNote(id, line) {
        if (!/^(ended|exited)/.test(line)) return;
        ends.push(id);
        if (id === 'gateway') tierAliveAtEnd.push(...tierPids().map(isAlive));
      },
    });
    const tierPids = () => ['a', 'b'].map((id) => pidOf(rig.machine(id)));
    const [a = 0, b = 0, gateway = 0] = await freePorts(3);
    const switches = { shutdownMs: 300 };
    rig.supervisor.apply(
      [
        tierSpec(rig, { id: 'a', port: a }),
        tierSpec(rig, { id: 'b', port: b }),
        gatewaySpec(rig, { port: gateway, switches }),
      ],
      on,
    );
    for (const id of ['a', 'b', 'gateway']) await rig.inState(id, 'healthy');
    await rig.supervisor.stopAll(10_000);
    expect(ends[0]).toBe('gateway');
    expect(ends.slice(1).sort()).toEqual(['a', 'b']);
    expect(tierAliveAtEnd).toEqual([true, true]);
    await expectNothingLeft(rig);
    expect(rig.failures).toEqual([]);
  });

  it('during start, back-off, stop and failure ends them all, and nothing starts any more', async () => {
    const rig = createRig({ policy: { backOffBaseMs: 60_000, backOffCapMs: 60_000 } });
    const [a = 0, b = 0, c = 0, d = 0] = await freePorts(4);
    rig.supervisor.apply(
      [
        tierSpec(rig, { id: 'starting', port: a, switches: { loadMs: 60_000 } }),
        tierSpec(rig, { id: 'backing-off', port: b, switches: { exitAtStartMs: 1, loadMs: 60_000 } }),
        tierSpec(rig, { id: 'stopping', port: c, switches: { shutdownMs: 500 } }),
        tierSpec(rig, { id: 'failed', port: d, switches: { gpuOutOfMemory: 'load' } }),
      ],
      on,
    );
    await rig.inState('stopping', 'healthy');
    await rig.inState('backing-off', 'backing-off');
    await rig.inState('failed', 'failed');
    rig.supervisor.stop('stopping');
    expect(rig.supervisor.services().map(({ machine }) => machine.state)).toEqual([
      'starting',
      'backing-off',
      'stopping',
      'failed',
    ]);
    await rig.supervisor.stopAll(10_000);
    expect(rig.supervisor.services().map(({ machine }) => machine.state)).toEqual(Array(4).fill('stopped'));
    const { length } = rig.spawned;
    rig.supervisor.start('failed');
    rig.supervisor.restart('starting', null);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.machine('failed').state).toBe('stopped');
    expect(rig.spawned).toHaveLength(length);
    await expectNothingLeft(rig);
  });

  it('kills at its deadline what ignores TERM, the gateway included', async () => {
    const rig = createRig();
    const [a = 0, gateway = 0] = await freePorts(2);
    const switches = { ignoreTerm: true, forkGrandchildren: 1 };
    rig.supervisor.apply(
      [
        tierSpec(rig, { id: 'a', port: a, switches, stopGraceMs: 60_000 }),
        gatewaySpec(rig, { port: gateway, switches, stopGraceMs: 60_000 }),
      ],
      on,
    );
    await rig.inState('gateway', 'healthy');
    const startedMs = performance.now();
    await rig.supervisor.stopAll(500);
    // Half of the grace that it does not wait for.
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect(rig.supervisor.services().map(({ machine }) => machine.state)).toEqual(['stopped', 'stopped']);
    await expectNothingLeft(rig);
  });

  it.each([
    ['at once', 'healthy'],
    ['while the first waits', 'stopping'],
  ] as const)('asked for a second time, %s, with force does not wait for any grace', async (_when, state) => {
    const rig = createRig();
    const switches = { ignoreTerm: true };
    const spec = tierSpec(rig, { id: 'a', port: await freePort(), switches, stopGraceMs: 60_000 });
    rig.supervisor.apply([spec], on);
    await rig.inState('a', 'healthy');
    const quitting = rig.supervisor.stopAll(60_000);
    await rig.inState('a', state);
    rig.supervisor.forceAll();
    await quitting;
    expect(rig.machine('a').state).toBe('stopped');
    await expectNothingLeft(rig);
  });
});

describe('a stop that cannot be confirmed', () => {
  it('is a failure that says so; the next start ends what is left first', async () => {
    let blind = false;
    const run: RunTool = async (file, args, options) =>
      blind ? { exitCode: 1, stdout: '' } : await runTool(file, args, options);
    const rig = createRig({ run, policy: { deathConfirmMs: 400 } });
    const switches = { forkGrandchildren: 2 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    await rig.until('fast', () => rig.ledger.records().length === 1);
    process.kill(await watcherOf(first), 'SIGKILL');

    blind = true;
    rig.supervisor.stop('fast');
    const failed = await rig.inState('fast', 'failed');
    expect(failed.lastFailure?.reason).toBe('stop-unconfirmed');
    expect(failed.lastFailure?.remedies.map(({ kind }) => kind)).toEqual(['force-stop']);
    expect(failed.launchId).not.toBeNull();
    expect(rig.ledger.records()).toHaveLength(1);
    expect((await livingInGroup(first)).length).toBe(2);

    blind = false;
    rig.supervisor.start('fast');
    const again = await rig.inState('fast', 'healthy');
    expect(await livingGroups(rig.spawned)).toEqual([again.pid]);
    expect(rig.ledger.records().every((record) => record.pid !== first)).toBe(true);
  });

  it.each(['stop', 'quit'] as const)(
    'of the gateway keeps nobody waiting: %s goes on to the tiers at once',
    async (how) => {
      let blind = false;
      const run: RunTool = async (file, args, options) =>
        blind ? { exitCode: 1, stdout: '' } : await runTool(file, args, options);
      const rig = createRig({ run, policy: { deathConfirmMs: 400 } });
      const [tierPort, gatewayPort] = await freePorts(2);
      const specs = [
        tierSpec(rig, { id: 'fast', port: tierPort ?? 0 }),
        gatewaySpec(rig, { port: gatewayPort ?? 0, switches: { forkGrandchildren: 1 } }),
      ];
      rig.supervisor.apply(specs, on);
      await rig.inState('fast', 'healthy');
      const first = pidOf(await rig.inState('gateway', 'healthy'));
      process.kill(await watcherOf(first), 'SIGKILL');
      blind = true;
      const begunMs = performance.now();
      if (how === 'stop') {
        rig.supervisor.stop('gateway');
        await rig.supervisor.atRest('gateway');
        expect(rig.machine('fast').state).toBe('healthy');
      } else {
        await rig.supervisor.stopAll(60_000);
        expect(rig.states('fast')).toContain('stopping');
      }
      expect(performance.now() - begunMs).toBeLessThan(30_000);
      expect(rig.machine('gateway').lastFailure?.reason).toBe('stop-unconfirmed');
      blind = false;
    },
  );
});
