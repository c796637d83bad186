/** Starts that go wrong in every way that a server can: it dies, hangs, answers nonsense, cannot generate. */
import { describe, expect, it } from 'vitest';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { type VllmMlxSwitchesInput, writeControl } from '../stand-ins/engines/write-engine.ts';
import { freePort, freePorts } from './support/ports.ts';
import { livingGroups, pidOf } from './support/processes.ts';
import {
  createRig,
  impatience,
  type Rig,
  type RigOptions,
  type TierOptions,
  tierSpec,
} from './support/rig.ts';

const on = () => 'on' as const;

/** A tier per fault, all at once, each named like its fault. */
async function startEach(
  faults: Readonly<Record<string, VllmMlxSwitchesInput>>,
  tier: Partial<TierOptions>,
  policy: RigOptions['policy'],
): Promise<Rig> {
  const rig = createRig({ policy });
  const ports = await freePorts(Object.keys(faults).length);
  const specs = Object.entries(faults).map(([id, switches], index) =>
    tierSpec(rig, { stopGraceMs: 300, ...tier, id, port: ports[index] ?? 0, switches }),
  );
  rig.supervisor.apply(specs, on);
  return rig;
}

async function startTier(switches: VllmMlxSwitchesInput, options: RigOptions = {}): Promise<Rig> {
  const rig = createRig(options);
  const port = await freePort();
  rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, stopGraceMs: 300, switches })], on);
  return rig;
}

async function expectNothingLeft(rig: Rig): Promise<void> {
  expect(await livingGroups(rig.spawned)).toEqual([]);
  for (const { spec } of rig.supervisor.services()) expect(await isPortFree(spec.port)).toBe(true);
}

describe('a server that ends while it starts', () => {
  it('at once, again and again, ends as failed with its exit code and last lines', async () => {
    const rig = await startTier({ exitAtStartMs: 1, exitCode: 7, loadMs: 60_000 });
    const { lastFailure, restarts } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'flapping', exit: { code: 7, signal: null } });
    expect(lastFailure?.lastLines.join('\n')).toContain('SECURITY CONFIGURATION');
    expect(restarts).toBe(4);
    expect(rig.spawned).toHaveLength(5);
    expect(rig.failures.map(({ failure }) => failure.reason)).toEqual(['flapping']);
    await expectNothingLeft(rig);
  });

  it('after three seconds, before it was ready, is reported at once with its last lines', async () => {
    const rig = await startTier(
      { exitAtStartMs: 3_000, exitCode: 9, loadMs: 60_000 },
      { policy: { unstableExitLimit: 1 } },
    );
    const startedMs = performance.now();
    const { lastFailure } = await rig.inState('fast', 'failed');
    const passedMs = performance.now() - startedMs;
    expect(passedMs).toBeGreaterThan(2_900);
    expect(passedMs).toBeLessThan(10_000);
    expect(lastFailure).toMatchObject({ exit: { code: 9, signal: null } });
    expect(lastFailure?.message).toContain('stopped while starting (exit code 9)');
    expect(lastFailure?.lastLines.at(-1)).toContain('Mode: Simple');
    await expectNothingLeft(rig);
  });

  it('because it does not know an option is not tried again, and points at the stack file', async () => {
    const rig = createRig();
    const spec = tierSpec(rig, { id: 'fast', port: await freePort() });
    rig.supervisor.apply([{ ...spec, args: [...spec.args, '--no-such-flag'] }], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'bad-option', exit: { code: 2, signal: null } });
    expect(lastFailure?.decisiveLine).toContain('--no-such-flag');
    expect(lastFailure?.remedies.map(({ kind }) => kind)).toEqual(['open-stack', 'start-again']);
    expect(lastFailure?.lastLines.join('\n')).toContain('--no-such-flag');
    expect(rig.spawned).toHaveLength(1);
    expect(rig.failures).toHaveLength(1);
  });

  it.each([
    ['while loading', 'load'],
    ['at the first token', 'request'],
  ] as const)('for want of GPU memory %s is not tried again', async (_when, gpuOutOfMemory) => {
    const rig = await startTier({ gpuOutOfMemory });
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'gpu-memory', exit: { signal: 'SIGABRT' } });
    expect(lastFailure?.lastLines.join('\n')).toContain('Insufficient Memory');
    expect(rig.spawned).toHaveLength(1);
    await expectNothingLeft(rig);
  });

  it('in its lifespan reports what it said', async () => {
    const rig = await startTier({ failLifespan: true }, { policy: { unstableExitLimit: 1 } });
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.exit).toEqual({ code: 3, signal: null });
    expect(lastFailure?.lastLines.join('\n')).toContain('Application startup failed');
  });
});

describe('a server that starts and is no use', () => {
  it('is stopped at its start limit, not left running, whatever it does instead of answering', async () => {
    const faults: Readonly<Record<string, VllmMlxSwitchesInput>> = {
      'hangs-after-binding': { hangAfterBind: true },
      'answers-500': { health: '500' },
      'unhealthy-with-200': { health: 'unhealthy' },
      'silent-on-health': { health: 'hang' },
      'loads-for-ever': { loadMs: 600_000 },
      'hangs-and-ignores-term': { hangAfterBind: true, ignoreTerm: true, forkGrandchildren: 2 },
    };
    const rig = await startEach(faults, { startLimitMs: 2_000 }, { probeTimeoutMs: 300 });
    for (const id of Object.keys(faults)) {
      const { lastFailure, pid } = await rig.inState(id, 'failed');
      expect(lastFailure?.reason, id).toBe('start-timed-out');
      expect(lastFailure?.message, id).toContain('was not ready within 2 seconds');
      expect(pid, id).toBeNull();
      expect(rig.states(id), id).toEqual(['waiting', 'starting', 'stopping', 'failed']);
    }
    expect(rig.spawned).toHaveLength(Object.keys(faults).length);
    expect(rig.failures).toHaveLength(Object.keys(faults).length);
    await expectNothingLeft(rig);
  });

  it('because it cannot generate is never healthy, is tried again, and the reason is said', async () => {
    const words = { '500': 'answered with error 500', hang: 'gave no answer', garbage: 'not JSON' };
    const faults: Readonly<Record<keyof typeof words, VllmMlxSwitchesInput>> = {
      '500': { generation: '500' },
      hang: { generation: 'hang' },
      garbage: { generation: 'garbage' },
    };
    const rig = await startEach(faults, {}, { generationTimeoutMs: 2_500, unstableExitLimit: 2 });
    for (const [id, said] of Object.entries(words)) {
      const { lastFailure, restarts } = await rig.inState(id, 'failed');
      expect(lastFailure?.reason, id).toBe('flapping');
      expect(lastFailure?.message, id).toContain('could not write a single word');
      expect(lastFailure?.message, id).toContain(said);
      expect(restarts, id).toBe(1);
      expect(rig.states(id), id).not.toContain('healthy');
    }
    expect(rig.spawned).toHaveLength(6);
    await expectNothingLeft(rig);
  });

  it('at first, and is put right in time, becomes healthy', async () => {
    const rig = createRig();
    const controlFile = `${rig.home}/control.json`;
    writeControl(controlFile, { health: '500' });
    rig.supervisor.apply(
      [tierSpec(rig, { id: 'fast', port: await freePort(), switches: { controlFile } })],
      on,
    );
    const pid = pidOf(await rig.until('fast', (machine) => machine.pid !== null));
    writeControl(controlFile, {});
    expect((await rig.inState('fast', 'healthy')).pid).toBe(pid);
  });

  it('because it answers slowly is degraded from the first, and usable', async () => {
    const rig = await startTier({ healthDelayMs: 450 }, { policy: impatience });
    const degraded = await rig.inState('fast', 'degraded');
    expect(degraded.latencyMs).toBeGreaterThan(300);
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'degraded']);
  });
});
