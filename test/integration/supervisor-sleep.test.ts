/** Sleep, told or not, and clocks that jump: none of it is a server's fault, so none of it restarts one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { freePort, freePorts } from './support/ports.ts';
import { type Helper, livingGroups, pidOf, startHelper } from './support/processes.ts';
import { createRig, quickPolicy, temporaryFolder, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

/** Soon lost where nobody answers, and no sooner slow than lost: a busy machine is neither. */
const silence = { probeTimeoutMs: 1_500 } as const;

describe('a sleep that the system tells', () => {
  it('restarts nothing, however long the servers do not answer', async () => {
    const rig = createRig({ policy: silence });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    rig.supervisor.suspend();
    process.kill(pid, 'SIGSTOP');
    // Nothing reports that nothing happens: more than would end in a restart has to pass.
    await sleep(2 * silence.probeTimeoutMs + 2 * quickPolicy.restartAfterUnresponsiveMs);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid });
    process.kill(pid, 'SIGCONT');
    rig.supervisor.resume();
    await rig.changes(3);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid, restarts: 0, lastFailure: null });
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy']);
  });

  it('of which only the waking is told, in mid-probe, restarts nothing', async () => {
    const rig = createRig({ policy: silence });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(pid, 'SIGSTOP');
    await rig.inState('fast', 'unresponsive');
    rig.supervisor.resume();
    process.kill(pid, 'SIGCONT');
    await rig.inState('fast', 'healthy');
    expect(rig.machine('fast')).toMatchObject({ pid, restarts: 0 });
  });

  it('does not keep a stop waiting', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    await rig.inState('fast', 'healthy');
    rig.supervisor.suspend();
    await rig.changes(1, 300).catch(() => {});
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    rig.supervisor.start('fast');
    await rig.inState('fast', 'healthy');
  });
});

const lineSchema = z.array(
  z.object({
    id: z.string(),
    state: z.string(),
    pid: z.number().nullable(),
    restarts: z.number(),
    reason: z.string().nullable(),
  }),
);
type Line = z.infer<typeof lineSchema>;

async function readUntil(process: Helper, condition: (line: Line) => boolean): Promise<Line> {
  for (;;) {
    const line = lineSchema.parse(JSON.parse(await process.line()));
    if (condition(line)) return line;
  }
}

const all = (state: string) => (line: Line) => line.length > 0 && line.every((one) => one.state === state);

describe('a sleep that nobody tells', () => {
  it('longer than every limit restarts nothing: not what is well, what is slow, nor what starts', async () => {
    const [well = 0, slow = 0, proving = 0, loading = 0] = await freePorts(4);
    const startLimitMs = 10_000;
    const supervising = startHelper('./supervising-process.ts', {
      home: temporaryFolder(),
      // More than half of the time a probe of the slow one is under way.
      policy: { probeEveryMs: 100, probeTimeoutMs: 1_500, generationTimeoutMs: 3_000 },
      tiers: [
        { id: 'well', port: well, startLimitMs, switches: {} },
        { id: 'slow', port: slow, startLimitMs, switches: { healthDelayMs: 200 } },
        { id: 'proving', port: proving, startLimitMs, switches: { tokenDelayMs: 1_500 } },
        { id: 'loading', port: loading, startLimitMs, switches: { loadMs: 1_500 } },
      ],
    });
    const isUp = ({ id, state }: Line[number]) => state === 'healthy' && (id === 'well' || id === 'slow');
    const before = await readUntil(
      supervising,
      (line) => line.filter(isUp).length === 2 && line.every(({ pid }) => pid !== null),
    );
    const pids = before.map(({ pid }) => pid ?? 0);
    // The whole machine stands still: servers and supervisor.
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    supervising.child.kill('SIGSTOP');
    await sleep(startLimitMs + 500);
    supervising.child.kill('SIGCONT');
    for (const pid of pids) process.kill(pid, 'SIGCONT');

    const lines: Line[] = [];
    await readUntil(supervising, (line) => lines.push(line) > 0 && all('healthy')(line));
    // Some more probes: what the sleep spoilt would show by now.
    for (let more = 0; more < 12; more++) lines.push(await readUntil(supervising, () => true));
    for (const line of lines) {
      expect(line.map(({ pid }) => pid)).toEqual(pids);
      expect(line.every(({ restarts, reason }) => restarts === 0 && reason === null)).toBe(true);
      expect(line.every(({ state }) => state === 'healthy' || state === 'starting')).toBe(true);
    }
    const ended = new Promise((resolve) => supervising.child.once('exit', resolve));
    supervising.say('quit');
    expect(await ended).toBe(0);
    expect(await livingGroups(pids)).toEqual([]);
  });
});

describe('a clock that jumps', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('by a day, forth and back, restarts nothing', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    const realNow = Date.now;
    for (const hours of [24, -48, 0]) {
      vi.spyOn(Date, 'now').mockImplementation(() => realNow() + hours * 3_600_000);
      await rig.changes(3);
    }
    expect(rig.machine('fast')).toMatchObject({ pid, restarts: 0, state: 'healthy', lastFailure: null });
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy']);
  });

  it('by a day neither forgives a server that flaps nor hurries or delays its restart', async () => {
    const rig = createRig({ policy: { stableRunMs: 600_000 } });
    const switches = { exitAtStartMs: 1, exitCode: 7, loadMs: 60_000 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    await rig.until('fast', (machine) => machine.restarts === 2);
    const realNow = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 86_400_000);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('flapping');
    expect(rig.spawned).toHaveLength(5);
  });
});
