/** Several services as one stack: parallel start within memory, the gateway's order, and new settings. */
import { describe, expect, it } from 'vitest';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { freePort, freePorts } from './support/ports.ts';
import { livingGroups, livingInGroup, pidOf } from './support/processes.ts';
import { createRig, gatewaySpec, type Rig, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;
const gib = 1024 ** 3;

async function tierSpecs(rig: Rig, memoryBytes: Readonly<Record<string, number>>) {
  const ports = await freePorts(Object.keys(memoryBytes).length);
  return Object.entries(memoryBytes).map(([id, bytes], index) =>
    tierSpec(rig, { id, port: ports[index] ?? 0, memoryBytes: bytes, switches: { loadMs: 200 } }),
  );
}

describe('a stack that starts', () => {
  it('starts its tiers together, the largest first, and the gateway after the first that is healthy', async () => {
    const rig = createRig();
    const tiers = await tierSpecs(rig, { small: 1 * gib, large: 30 * gib, middle: 8 * gib });
    rig.supervisor.apply([...tiers, gatewaySpec(rig, { port: await freePort() })], on);
    await rig.inState('gateway', 'healthy');
    for (const { id } of tiers) await rig.inState(id, 'healthy');
    const order = rig.history.map(({ id, state }) => `${id} ${state}`);
    const starts = order.filter((entry) => entry.endsWith(' starting'));
    expect(starts).toEqual(['large starting', 'middle starting', 'small starting', 'gateway starting']);
    const firstHealthy = order.findIndex((entry) => entry.endsWith(' healthy'));
    expect(order.indexOf('small starting')).toBeLessThan(firstHealthy);
    expect(order.indexOf('gateway starting')).toBeGreaterThan(firstHealthy);
    expect(rig.failures).toEqual([]);
  });

  it('refuses what the memory does not allow with the numbers; Start Anyway starts it', async () => {
    const rig = createRig({ memoryLimitBytes: 10 * gib });
    rig.supervisor.apply(await tierSpecs(rig, { a: 6 * gib, b: 5 * gib, c: 3 * gib }), on);
    const refused = await rig.inState('b', 'failed');
    expect(refused.lastFailure).toMatchObject({
      reason: 'not-enough-memory',
      message: 'b needs about 5 GB, but 6 GB of 10 GB are taken.',
    });
    expect(refused.lastFailure?.remedies.map(({ kind }) => kind)).toEqual([
      'stop-other',
      'start-again',
      'start-anyway',
    ]);
    await rig.inState('a', 'healthy');
    await rig.inState('c', 'healthy');
    expect(rig.spawned).toHaveLength(2);

    rig.supervisor.start('b');
    expect((await rig.inState('b', 'failed')).lastFailure?.reason).toBe('not-enough-memory');
    rig.supervisor.start('b', { ignoreMemory: true });
    await rig.inState('b', 'healthy');
  });

  it('weighs each start by what is free then: one after the other has loaded, refused when others took it', async () => {
    let freeBytes = 10 * gib;
    const rig = createRig({ memoryNow: async () => ({ availableBytes: freeBytes, pressure: 'normal' }) });
    rig.supervisor.apply(await tierSpecs(rig, { a: 6 * gib, b: 5 * gib }), on);
    await rig.inState('a', 'starting');
    expect(rig.machine('b').state).toBe('waiting');
    freeBytes = 4 * gib;
    await rig.inState('a', 'healthy');
    expect((await rig.inState('b', 'failed')).lastFailure?.message).toBe(
      'b needs about 5 GB, but only 4 GB of memory are free now.',
    );
    freeBytes = 5 * gib;
    rig.supervisor.start('b');
    await rig.inState('b', 'healthy');
  });

  it('starts a crashed model again whatever is free, and asks nobody', async () => {
    let asked = 0;
    const rig = createRig({
      memoryNow: async () => {
        asked += 1;
        return { availableBytes: asked === 1 ? 10 * gib : 0, pressure: 'normal' as const };
      },
    });
    rig.supervisor.apply(await tierSpecs(rig, { a: 6 * gib }), on);
    const pid = pidOf(await rig.inState('a', 'healthy'));
    const before = asked;
    process.kill(pid, 'SIGKILL');
    await rig.until('a', (machine) => machine.state === 'healthy' && machine.pid !== pid);
    expect(asked).toBe(before);
  });

  it('starts all the same when the reading fails', async () => {
    const rig = createRig({ memoryNow: () => Promise.reject(new Error('no vm_stat')) });
    rig.supervisor.apply(await tierSpecs(rig, { a: 6 * gib }), on);
    await rig.inState('a', 'healthy');
  });

  it('gives the memory of a stopped tier to the one that waits for it', async () => {
    const rig = createRig({ memoryLimitBytes: 10 * gib });
    rig.supervisor.apply(await tierSpecs(rig, { a: 8 * gib, b: 8 * gib }), (id) =>
      id === 'a' ? 'on' : 'off',
    );
    const old = pidOf(await rig.inState('a', 'healthy'));
    rig.supervisor.stop('a');
    rig.supervisor.start('b');
    await rig.inState('b', 'starting');
    expect(rig.machine('a').state).toBe('stopped');
    expect(await livingInGroup(old)).toEqual([]);
    await rig.inState('b', 'healthy');
    expect(rig.failures).toEqual([]);
  });

  it('whose only tier fails leaves the gateway waiting; it starts when the tier does', async () => {
    const rig = createRig();
    const port = await freePort();
    const gateway = gatewaySpec(rig, { port: await freePort() });
    rig.supervisor.apply(
      [tierSpec(rig, { id: 'a', port, switches: { gpuOutOfMemory: 'load' } }), gateway],
      on,
    );
    await rig.inState('a', 'failed');
    expect(rig.machine('gateway').state).toBe('waiting');
    rig.supervisor.apply([tierSpec(rig, { id: 'a', port }), gateway], on);
    await rig.inState('gateway', 'healthy');
    expect(rig.machine('a').state).toBe('healthy');
  });
});

describe('new settings', () => {
  it('restart what changed, stop what left, start what came, and leave the rest alone', async () => {
    const rig = createRig();
    const [kept = 0, changed = 0, left = 0, came = 0, moved = 0] = await freePorts(5);
    const before = ['kept', 'changed', 'left'] as const;
    rig.supervisor.apply(
      [
        tierSpec(rig, { id: 'kept', port: kept }),
        tierSpec(rig, { id: 'changed', port: changed }),
        tierSpec(rig, { id: 'left', port: left }),
      ],
      on,
    );
    const pids = Object.fromEntries(
      await Promise.all(before.map(async (id) => [id, pidOf(await rig.inState(id, 'healthy'))] as const)),
    );
    rig.supervisor.apply(
      [
        tierSpec(rig, { id: 'came', port: came }),
        tierSpec(rig, { id: 'changed', port: moved }),
        tierSpec(rig, { id: 'kept', port: kept }),
        tierSpec(rig, { id: 'idle', port: left }),
      ],
      (id) => (id === 'idle' ? 'off' : 'on'),
    );
    expect(rig.supervisor.has('left')).toBe(false);
    expect(rig.machine('changed')).toMatchObject({ state: 'stopping', reason: 'its port changed' });
    await rig.supervisor.atRest('left');
    await rig.inState('came', 'healthy');
    const { pid } = await rig.until(
      'changed',
      (machine) => machine.state === 'healthy' && machine.pid !== pids['changed'],
    );
    expect(rig.machine('kept')).toMatchObject({ state: 'healthy', pid: pids['kept'], restarts: 0 });
    expect(rig.machine('changed')).toMatchObject({ restarts: 0, lastFailure: null });
    expect(rig.machine('idle').state).toBe('stopped');
    expect(rig.supervisor.services().map(({ spec }) => spec.id)).toEqual(['came', 'changed', 'kept', 'idle']);
    expect((await livingGroups(rig.spawned)).sort()).toEqual(
      [rig.machine('came').pid, pid, pids['kept']].sort(),
    );
    expect(await isPortFree(changed)).toBe(true);
    expect(rig.failures).toEqual([]);
  });

  it('give a tier that is renamed the port of what it was before, as soon as that has ended', async () => {
    const rig = createRig();
    const [port = 0, other = 0] = await freePorts(2);
    const kept = tierSpec(rig, { id: 'kept', port: other });
    rig.supervisor.apply([tierSpec(rig, { id: 'old', port, switches: { ignoreTerm: true } }), kept], on);
    await Promise.all([rig.inState('old', 'healthy'), rig.inState('kept', 'healthy')]);
    const keptPid = rig.machine('kept').pid;
    rig.supervisor.apply([tierSpec(rig, { id: 'new', port }), kept], on);
    await rig.inState('new', 'healthy');
    expect(rig.failures).toEqual([]);
    expect(rig.states('new')).not.toContain('failed');
    expect(rig.machine('kept').pid).toBe(keptPid);
    expect(rig.supervisor.services().map(({ spec }) => spec.id)).toEqual(['new', 'kept']);
  });

  it('that let two tiers change places bring both up again', async () => {
    const rig = createRig();
    const [first = 0, second = 0] = await freePorts(2);
    const specs = (a: number, b: number) => [
      tierSpec(rig, { id: 'a', port: a }),
      tierSpec(rig, { id: 'b', port: b, switches: { ignoreTerm: true } }),
    ];
    rig.supervisor.apply(specs(first, second), on);
    const pids = (await Promise.all([rig.inState('a', 'healthy'), rig.inState('b', 'healthy')])).map(pidOf);
    rig.supervisor.apply(specs(second, first), on);
    for (const id of ['a', 'b'])
      await rig.until(id, ({ state, pid }) => state === 'healthy' && pid !== null && !pids.includes(pid));
    expect(rig.failures).toEqual([]);
  });

  it('without a change, twice, touch nothing', async () => {
    const rig = createRig();
    const spec = tierSpec(rig, { id: 'fast', port: await freePort() });
    rig.supervisor.apply([spec], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    rig.supervisor.apply([{ ...spec }], on);
    rig.supervisor.apply([{ ...spec }], () => 'off');
    await rig.changes(2);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid });
    expect(rig.spawned).toHaveLength(1);
  });

  it('that take a tier away and bring it back before it has ended start it again', async () => {
    const rig = createRig();
    const spec = tierSpec(rig, { id: 'fast', port: await freePort() });
    rig.supervisor.apply([spec], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    rig.supervisor.apply([], on);
    expect(rig.supervisor.has('fast')).toBe(false);
    rig.supervisor.apply([spec], on);
    const again = await rig.until('fast', (machine) => machine.state === 'healthy' && machine.pid !== pid);
    expect(again).toMatchObject({ desired: 'on', restarts: 0 });
    expect(await livingInGroup(pid)).toEqual([]);
  });

  it('put right what had failed, and start it with them', async () => {
    const rig = createRig();
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches: { gpuOutOfMemory: 'load' } })], on);
    await rig.inState('fast', 'failed');
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    expect(await rig.inState('fast', 'healthy')).toMatchObject({ lastFailure: null, restarts: 0 });
  });

  it('during a start are taken up by it', async () => {
    const rig = createRig();
    const [first = 0, second = 0] = await freePorts(2);
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: first, switches: { loadMs: 60_000 } })], on);
    const pid = pidOf(await rig.until('fast', (machine) => machine.pid !== null));
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: second })], on);
    const healthy = await rig.inState('fast', 'healthy');
    expect(await livingInGroup(pid)).toEqual([]);
    expect(await livingGroups(rig.spawned)).toEqual([healthy.pid]);
    expect(await isPortFree(second)).toBe(false);
  });
});
