/** Starts that go wrong in every way that a server can: it dies, hangs, answers nonsense, cannot generate. */
import { describe, expect, it } from 'vitest';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { writeControl } from '../stand-ins/engines/write-engine.ts';
import { freePort } from './support/ports.ts';
import { livingInGroup, pidOf } from './support/processes.ts';
import { createRig, type Rig, type RigOptions, type TierOptions, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

async function startTier(
  tier: Partial<TierOptions>,
  options: RigOptions = {},
): Promise<{ readonly rig: Rig; readonly port: number }> {
  const rig = createRig(options);
  const port = await freePort();
  rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, stopGraceMs: 300, ...tier })], on);
  return { rig, port };
}

async function expectNothingLeft(rig: Rig, port: number): Promise<void> {
  for (const pgid of rig.spawned) expect(await livingInGroup(pgid)).toEqual([]);
  expect(await isPortFree(port)).toBe(true);
}

describe('a server that ends while it starts', () => {
  it('at once, again and again, ends as failed with its exit code and last lines', async () => {
    const { rig, port } = await startTier({ switches: { exitAtStartMs: 1, exitCode: 7, loadMs: 60_000 } });
    const { lastFailure, restarts } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'flapping', exit: { code: 7, signal: null } });
    expect(lastFailure?.lastLines.join('\n')).toContain('SECURITY CONFIGURATION');
    expect(restarts).toBe(4);
    expect(rig.spawned).toHaveLength(5);
    expect(rig.failures.map(({ failure }) => failure.reason)).toEqual(['flapping']);
    await expectNothingLeft(rig, port);
  });

  it('after three seconds, before it was ready, is reported at once with its last lines', async () => {
    const { rig, port } = await startTier(
      { switches: { exitAtStartMs: 3_000, exitCode: 9, loadMs: 60_000 } },
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
    await expectNothingLeft(rig, port);
  });

  it('because it does not know an option is not tried again, and points at the stack file', async () => {
    const rig = createRig();
    const spec = tierSpec(rig, { id: 'fast', port: await freePort() });
    rig.supervisor.apply([{ ...spec, args: [...spec.args, '--no-such-flag'] }], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'exited-early', exit: { code: 2, signal: null } });
    expect(lastFailure?.remedies.map(({ kind }) => kind)).toEqual(['open-stack', 'start-again']);
    expect(lastFailure?.lastLines.join('\n')).toContain('--no-such-flag');
    expect(rig.spawned).toHaveLength(1);
    expect(rig.failures).toHaveLength(1);
  });

  it.each([
    ['while loading', 'load'],
    ['at the first token', 'request'],
  ] as const)('for want of GPU memory %s is not tried again', async (_when, gpuOutOfMemory) => {
    const { rig, port } = await startTier({ switches: { gpuOutOfMemory } });
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'gpu-memory', exit: { signal: 'SIGABRT' } });
    expect(lastFailure?.lastLines.join('\n')).toContain('Insufficient Memory');
    expect(rig.spawned).toHaveLength(1);
    await expectNothingLeft(rig, port);
  });

  it('in its lifespan reports what it said', async () => {
    const { rig } = await startTier(
      { switches: { failLifespan: true } },
      { policy: { unstableExitLimit: 1 } },
    );
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.exit).toEqual({ code: 3, signal: null });
    expect(lastFailure?.lastLines.join('\n')).toContain('Application startup failed');
  });
});

describe('a server that starts and is no use', () => {
  it.each([
    ['hangs after binding', { hangAfterBind: true }],
    ['answers 500 on health', { health: '500' }],
    ['calls itself unhealthy with 200', { health: 'unhealthy' }],
    ['never answers on health', { health: 'hang' }],
    ['loads for ever', { loadMs: 600_000 }],
    [
      'hangs and ignores TERM with grandchildren',
      { hangAfterBind: true, ignoreTerm: true, forkGrandchildren: 2 },
    ],
  ] as const)('and %s is stopped at its start limit, not left running', async (_what, switches) => {
    const { rig, port } = await startTier(
      { switches, startLimitMs: 900 },
      { policy: { probeTimeoutMs: 300 } },
    );
    const { lastFailure, pid } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('start-timed-out');
    expect(lastFailure?.message).toContain('was not ready within 1 seconds');
    expect(pid).toBeNull();
    expect(rig.spawned).toHaveLength(1);
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'stopping', 'failed']);
    expect(rig.failures).toHaveLength(1);
    await expectNothingLeft(rig, port);
  });

  it.each([
    ['500', 'answered with error 500'],
    ['hang', 'gave no answer'],
    ['garbage', 'not JSON'],
  ] as const)(
    'because generation gives %s cannot generate, and the reason is said',
    async (generation, words) => {
      const { rig, port } = await startTier(
        { switches: { generation } },
        { policy: { generationTimeoutMs: 500, unstableExitLimit: 2 } },
      );
      const first = await rig.until('fast', (machine) => machine.lastFailure !== null);
      expect(first.lastFailure?.reason).toBe('cannot-generate');
      expect(first.lastFailure?.message).toContain(words);
      const { lastFailure } = await rig.inState('fast', 'failed');
      expect(lastFailure?.reason).toBe('flapping');
      expect(rig.spawned).toHaveLength(2);
      expect(rig.states('fast')).not.toContain('healthy');
      await expectNothingLeft(rig, port);
    },
  );

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
    const { rig } = await startTier({ switches: { healthDelayMs: 450 } });
    const degraded = await rig.inState('fast', 'degraded');
    expect(degraded.latencyMs).toBeGreaterThan(300);
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'degraded']);
  });
});
