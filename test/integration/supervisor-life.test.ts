/** A service's life over real processes: start, crash, hang, flapping, and that nothing is left. */
import { describe, expect, it } from 'vitest';
import { runTool, spawnGroup } from '../../src-main/supervisor/child.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { freePort } from './support/ports.ts';
import { eventually, livingInGroup, pidOf, untilGroupIsGone } from './support/processes.ts';
import { createRig, impatience, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

describe('a service over a real process', () => {
  it('becomes healthy, and after a stop neither process nor port nor record is left', async () => {
    const rig = createRig();
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy']);

    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(await livingInGroup(pid)).toEqual([]);
    expect(await isPortFree(port)).toBe(true);
    await rig.ledger.saved();
    expect(rig.ledger.records()).toEqual([]);
  });

  it('is restarted at once after a kill -9, as another process', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(first, 'SIGKILL');
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    expect(again.pid).not.toBe(first);
    expect(again.lastFailure).toMatchObject({ reason: 'exited', exit: { code: null, signal: 'SIGKILL' } });
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy', 'waiting', 'starting', 'healthy']);
    expect(rig.recoveries).toEqual(['fast']);
    expect(rig.failures).toEqual([]);
  });

  it('is started anew after a crash before any tool is run', async () => {
    const seen: string[] = [];
    const rig = createRig({
      run(file, args, options) {
        seen.push(file);
        return runTool(file, args, options);
      },
      spawn(request) {
        seen.push('the server');
        return spawnGroup(request);
      },
      onNote: (_id, line) => void (line.startsWith('ended by') && seen.push('its death')),
    });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    await eventually(() => Promise.resolve(rig.ledger.records().length === 1));
    process.kill(pid, 'SIGKILL');
    await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    const death = seen.indexOf('its death');
    expect(seen.slice(death, death + 2)).toEqual(['its death', 'the server']);
  });

  it('is asked at once when it says that its port is open, however far off the next question was', async () => {
    const rig = createRig({ policy: { readinessMinMs: 25_000, readinessMaxMs: 25_000 } });
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches: { loadMs: 300 } })], on);
    const beganMs = performance.now();
    await rig.inState('fast', 'healthy');
    expect(performance.now() - beganMs).toBeLessThan(15_000);
  });

  it('that crashes by itself with grandchildren holding its pipes is restarted, and they are gone', async () => {
    const rig = createRig();
    const switches = { crashAfterRequests: 1, forkGrandchildren: 2, grandchildrenHoldPipes: true };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const again = await rig.until('fast', (machine) => machine.restarts >= 1 && machine.pid !== null);
    expect(again.lastFailure?.exit).toEqual({ code: null, signal: 'SIGSEGV' });
    const [first] = rig.spawned;
    await rig.until('fast', () => rig.spawned.length > 1);
    await untilGroupIsGone(first ?? 0);
  });

  it('that is stopped with SIGSTOP becomes unresponsive, then is restarted', async () => {
    const rig = createRig({ policy: impatience });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), stopGraceMs: 500 })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(first, 'SIGSTOP');
    await rig.inState('fast', 'unresponsive');
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    expect(again.pid).not.toBe(first);
    expect(again.lastFailure?.reason).toBe('unresponsive');
    expect(await livingInGroup(first)).toEqual([]);
  });

  it('killed five times in quick succession is given up with one notice, and Start Again starts it afresh', async () => {
    const rig = createRig({ policy: { stableRunMs: 600_000 } });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    for (let kills = 0; kills < 5; kills++) {
      const pid = pidOf(
        await rig.until('fast', (machine) => machine.restarts === kills && machine.state === 'healthy'),
      );
      process.kill(pid, 'SIGKILL');
      await rig.until('fast', (machine) => machine.pid !== pid);
    }
    const failed = await rig.inState('fast', 'failed');
    expect(failed.lastFailure).toMatchObject({ reason: 'flapping', exit: { signal: 'SIGKILL' } });
    expect(failed.lastFailure?.message).toContain('5 times');
    expect(failed.lastFailure?.remedies.map(({ kind }) => kind)).toContain('start-again');
    expect(rig.failures.map(({ id, failure }) => [id, failure.reason])).toEqual([['fast', 'flapping']]);
    expect(rig.spawned).toHaveLength(5);

    rig.supervisor.start('fast');
    const again = await rig.inState('fast', 'healthy');
    expect(again).toMatchObject({ restarts: 0, lastFailure: null, unstableExitsMs: [] });
    expect(rig.failures).toHaveLength(1);
  });

  it('that ran stably is forgiven: the next restart comes at once and the count begins anew', async () => {
    const rig = createRig({ policy: { stableRunMs: 1 } });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    for (let kills = 0; kills < 6; kills++) {
      const pid = pidOf(
        await rig.until('fast', (machine) => machine.restarts === kills && machine.state === 'healthy'),
      );
      process.kill(pid, 'SIGKILL');
    }
    await rig.until('fast', (machine) => machine.restarts === 6 && machine.state === 'healthy');
    expect(rig.states('fast')).not.toContain('backing-off');
    expect(rig.failures).toEqual([]);
  });
});
