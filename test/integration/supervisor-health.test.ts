/** Health while a server runs: slow, silent, unhealthy, back again, and what a probe costs. */
import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type VllmMlxSwitchesInput, writeControl } from '../stand-ins/engines/write-engine.ts';
import { freePort, freePorts } from './support/ports.ts';
import { livingInGroup, pidOf } from './support/processes.ts';
import { createRig, impatience, type Rig, type RigOptions, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

interface Controlled {
  readonly rig: Rig;
  readonly port: number;
  readonly pid: number;
  /** Changes the faults of the running server. */
  readonly control: (switches: VllmMlxSwitchesInput) => void;
}

async function startControlled(options: RigOptions = {}): Promise<Controlled> {
  const rig = createRig({ ...options, policy: { ...impatience, ...options.policy } });
  const controlFile = `${rig.home}/control.json`;
  const port = await freePort();
  const spec = tierSpec(rig, { id: 'fast', port, switches: { controlFile }, stopGraceMs: 300 });
  rig.supervisor.apply([spec], on);
  const pid = pidOf(await rig.inState('fast', 'healthy'));
  return { rig, port, pid, control: (switches) => writeControl(controlFile, switches) };
}

/** How many generations the server has been asked for, as it counts itself. */
async function generations(port: number): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/v1/status', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
  return z.object({ total_requests_processed: z.number() }).parse(JSON.parse(text)).total_requests_processed;
}

/** Long enough that no test's silence ends in a restart. */
const patient = { restartAfterUnresponsiveMs: 60_000 };

describe('a server that runs', () => {
  it('is asked for one token once, and its health costs none', async () => {
    const { rig, port } = await startControlled();
    await rig.changes(5);
    expect(await generations(port)).toBe(1);
  });

  it('and becomes slow is degraded, and healthy again when it is quick', async () => {
    // Slow is not silent: how long a silence may be is far from here, so that a busy machine makes none.
    const { rig, pid, control } = await startControlled({ policy: { probeTimeoutMs: 10_000 } });
    control({ healthDelayMs: 450 });
    const degraded = await rig.inState('fast', 'degraded');
    expect(degraded.latencyMs).toBeGreaterThan(300);
    control({});
    expect(await rig.inState('fast', 'healthy')).toMatchObject({ pid, restarts: 0 });
  });

  it('and does not answer as it should is unresponsive, then healthy, once it has proved that it generates', async () => {
    const faults: Readonly<Record<string, VllmMlxSwitchesInput>> = {
      'answers-500': { health: '500' },
      'unhealthy-with-200': { health: 'unhealthy' },
      silent: { health: 'hang' },
      'too-late': { healthDelayMs: 3_000 },
    };
    const rig = createRig({ policy: { probeTimeoutMs: 1_000, ...patient } });
    const ports = await freePorts(4);
    const tiers = Object.entries(faults).map(([id, fault], index) => {
      const controlFile = `${rig.home}/${id}.json`;
      return { id, fault, port: ports[index] ?? 0, controlFile };
    });
    rig.supervisor.apply(
      tiers.map(({ id, port, controlFile }) => tierSpec(rig, { id, port, switches: { controlFile } })),
      on,
    );
    for (const { id } of tiers) await rig.inState(id, 'healthy');
    const pids = tiers.map(({ id }) => pidOf(rig.machine(id)));
    for (const { fault, controlFile } of tiers) writeControl(controlFile, fault);
    for (const { id } of tiers) await rig.inState(id, 'unresponsive');
    for (const { controlFile } of tiers) writeControl(controlFile, {});
    for (const [index, { id, port }] of tiers.entries()) {
      const machine = await rig.inState(id, 'healthy');
      expect(machine, id).toMatchObject({ pid: pids[index], restarts: 0 });
      expect(await generations(port), id).toBe(2);
    }
    expect(rig.failures).toEqual([]);
  });

  it('and comes back from a silence unable to generate is restarted', async () => {
    const { rig, pid, control } = await startControlled({ policy: patient });
    control({ health: '500' });
    await rig.inState('fast', 'unresponsive');
    control({ generation: '500' });
    const restarting = await rig.until('fast', (machine) => machine.lastFailure !== null);
    expect(restarting.lastFailure?.reason).toBe('cannot-generate');
    control({});
    const again = await rig.until('fast', (machine) => machine.restarts > 0 && machine.state === 'healthy');
    expect(again.pid).not.toBe(pid);
  });

  it('and stays unhealthy for long is restarted, and says what it answered', async () => {
    const { rig, pid, control } = await startControlled();
    control({ health: 'unhealthy' });
    const stopping = await rig.inState('fast', 'stopping');
    expect(stopping.lastFailure?.reason).toBe('unresponsive');
    expect(stopping.lastFailure?.message).toContain('reports itself as unhealthy');
    control({});
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    expect(again.pid).not.toBe(pid);
    expect(await livingInGroup(pid)).toEqual([]);
  });

  it('and dies of GPU memory during a request is not restarted blindly', async () => {
    const { rig, port, control } = await startControlled();
    control({ gpuOutOfMemory: 'request' });
    await fetch(`http://127.0.0.1:${port}/v1/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'fast', prompt: 'Hi', max_tokens: 1 }),
    }).catch(() => {});
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'gpu-memory', exit: { signal: 'SIGABRT' } });
    expect(rig.spawned).toHaveLength(1);
    expect(rig.failures).toHaveLength(1);
  });
});
