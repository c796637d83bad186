/** A service's life over real processes: start, crash, hang, stop, and that nothing is left. */
import { describe, expect, it } from 'vitest';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { freePort } from './support/ports.ts';
import { createRig, livingInGroup, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

function pidOf(machine: { pid: number | null }): number {
  if (machine.pid === null) throw new Error('no process');
  return machine.pid;
}

describe('a service over a real process', () => {
  it('becomes healthy, and after a stop neither process nor port is left', async () => {
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
    expect(again.lastFailure?.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy', 'waiting', 'starting', 'healthy']);
  });

  it('that is stopped with SIGSTOP becomes unresponsive, then is restarted', async () => {
    const rig = createRig();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort() })], on);
    const first = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(first, 'SIGSTOP');
    await rig.inState('fast', 'unresponsive');
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    expect(again.pid).not.toBe(first);
    expect(again.lastFailure?.reason).toBe('unresponsive');
    expect(await livingInGroup(first)).toEqual([]);
  });

  it('that ignores TERM and has grandchildren is gone all the same', async () => {
    const rig = createRig();
    const port = await freePort();
    const switches = { ignoreTerm: true, forkGrandchildren: 3, grandchildrenHoldPipes: true };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches, stopGraceMs: 300 })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    expect((await livingInGroup(pid)).length).toBeGreaterThanOrEqual(4);
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(await livingInGroup(pid)).toEqual([]);
    expect(await isPortFree(port)).toBe(true);
  });

  it('that exits at once again and again ends as failed, with its last lines', async () => {
    const rig = createRig();
    const switches = { exitAtStartMs: 1, exitCode: 7 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const failed = await rig.inState('fast', 'failed', 20_000);
    expect(failed.lastFailure).toMatchObject({ reason: 'flapping', exit: { code: 7, signal: null } });
    expect(rig.failures.map(({ failure }) => failure.reason)).toEqual(['flapping']);
  });
});
