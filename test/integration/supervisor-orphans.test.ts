/** Reaping after a crash: what is proved ours is ended, and no signal ever reaches a process that is not. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { type RunTool, runTool } from '../../src-main/supervisor/child.ts';
import type { LaunchRecord } from '../../src-main/supervisor/ledger.ts';
import { parseLedger } from '../../src-main/supervisor/ledger.ts';
import { isListening, isPortFree } from '../../src-main/supervisor/ports.ts';
import { launchIdVariable, readProcess } from '../../src-main/supervisor/process-table.ts';
import { reap } from '../../src-main/supervisor/reap.ts';
import type { VllmMlxSwitchesInput } from '../stand-ins/engines/write-engine.ts';
import { freePort } from './support/ports.ts';
import { eventually, isAlive, livingInGroup, makeOrphan, pidOf, startHelper } from './support/processes.ts';
import { createRig, type Rig, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;
const options = { run: runTool, graceMs: 400, confirmMs: 3_000 };

async function startTimeOf(pid: number): Promise<number> {
  const row = await readProcess(pid, runTool);
  if (row === null) throw new Error(`no process ${pid}`);
  return row.startedAtS;
}

interface OldServer {
  readonly record: LaunchRecord;
  readonly rig: Rig;
}

/** A server of an earlier run of the app, still alive and holding its port. */
async function leaveServer(switches: VllmMlxSwitchesInput = {}): Promise<OldServer> {
  const rig = createRig();
  const port = await freePort();
  const spec = tierSpec(rig, { id: 'fast', port, switches });
  if ('missing' in spec.executable) throw new Error('the stand-in has a path');
  const file = spec.executable.path;
  const launchId = randomUUID();
  const { pid } = await makeOrphan({ file, args: spec.args, env: spec.env, launchId });
  await eventually(() => isListening(port));
  const grown = 1 + (switches.forkGrandchildren ?? 0);
  await eventually(async () => (await livingInGroup(pid)).length >= grown);
  const record = {
    service: 'fast',
    pid,
    startedAtS: await startTimeOf(pid),
    executable: file,
    launchId,
    port,
  };
  return { record, rig };
}

describe('a server of an earlier run', () => {
  it.each([
    ['alone', {}],
    ['with grandchildren, ignoring TERM', { ignoreTerm: true, forkGrandchildren: 2 }],
    ['stopped by a signal', { sigstopAfterMs: 1 }],
  ])('%s is reaped whole', async (_what, switches) => {
    const { record } = await leaveServer(switches);
    expect(await reap(record, options)).toEqual({ record, result: 'reaped' });
    expect(await livingInGroup(record.pid)).toEqual([]);
    expect(await isPortFree(record.port)).toBe(true);
    expect(await reap(record, options)).toEqual({ record, result: 'stranger' });
  });

  it('of which only grandchildren are left is reaped', async () => {
    const { record } = await leaveServer({ forkGrandchildren: 2 });
    process.kill(record.pid, 'SIGKILL');
    await eventually(async () => !(await livingInGroup(record.pid)).includes(record.pid));
    expect((await livingInGroup(record.pid)).length).toBe(2);
    expect((await reap(record, options)).result).toBe('reaped');
    expect(await livingInGroup(record.pid)).toEqual([]);
  });

  it('holds its port and is named; once reaped, the same tier starts', async () => {
    const { record, rig } = await leaveServer();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: record.port })], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.message).toBe(`Port ${record.port} is in use by vllm-mlx (process ${record.pid}).`);
    expect(await livingInGroup(record.pid)).not.toEqual([]);
    await reap(record, options);
    rig.supervisor.start('fast');
    await rig.inState('fast', 'healthy');
  });

  it('is not called gone when ps cannot be read, and nothing is signalled', async () => {
    const { record } = await leaveServer();
    const blind: RunTool = async () => ({ exitCode: 1, stdout: '' });
    expect((await reap(record, { ...options, run: blind })).result).toBe('unknown');
    expect(await livingInGroup(record.pid)).toEqual([record.pid]);
  });
});

describe('no signal reaches', () => {
  let kill: MockInstance<typeof process.kill>;
  beforeEach(() => {
    kill = vi.spyOn(process, 'kill');
  });
  afterEach(() => {
    kill.mockRestore();
  });
  const sent = () => kill.mock.calls.filter(([, signal]) => signal !== 0);

  /** A stranger that leads a group of its own, as our servers do, and what a record would say of it. */
  async function meetStranger() {
    const stranger = startHelper('./stranger.ts', {}, true);
    await stranger.line();
    const record: LaunchRecord = {
      service: 'fast',
      pid: stranger.pid,
      startedAtS: await startTimeOf(stranger.pid),
      executable: process.execPath,
      launchId: randomUUID(),
      port: await freePort(),
    };
    const signals = async (): Promise<unknown> => {
      stranger.say('signals?');
      return JSON.parse(await stranger.line());
    };
    return { stranger, record, signals };
  }

  it.each<[string, Partial<LaunchRecord>]>([
    ['has the pid, but started before', { startedAtS: 1_600_000_000 }],
    ['has the pid, but started after', { startedAtS: 2_100_000_000 }],
    ['has pid and start time, but is another program', { executable: '/opt/engines/bin/vllm-mlx' }],
    ['matches in all but the launch id', {}],
  ])('a stranger that %s', async (_what, change) => {
    const { record, signals } = await meetStranger();
    const forged = { ...record, ...change };
    expect(await reap(forged, options)).toEqual({ record: forged, result: 'stranger' });
    expect(await signals()).toEqual([]);
    expect(await signals()).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it('a stranger that got the pid after our server’s death, between TERM and KILL', async () => {
    const { record, signals } = await meetStranger();
    let looks = 0;
    // At the first look the record holds in every point; afterwards the number belongs to somebody else.
    const reused: RunTool = async (file, args, limits) => {
      const real = await runTool(file, args, limits);
      if (!args.includes('eww')) return real;
      looks += 1;
      const ours = `${record.pid} x ${launchIdVariable}=${record.launchId}\n`;
      return looks === 1 ? { exitCode: 0, stdout: ours } : real;
    };
    kill.mockImplementation(() => true);
    expect((await reap(record, { ...options, run: reused })).result).toBe('reaped');
    expect(sent().map(([, signal]) => signal)).toEqual(['SIGTERM', 'SIGCONT']);
    kill.mockRestore();
    expect(await signals()).toEqual([]);
  });

  it.each([
    ['pid 1', 1],
    ['our own pid', process.pid],
    ['our own group', -process.pid],
    ['everybody', -1],
    ['a negative pid', -4711],
    ['a fraction', 4711.5],
    ['pid 0', 0],
  ])('%s, whatever a record says', async (_what, pid) => {
    const row = pid === process.pid ? await readProcess(pid, runTool) : null;
    const record: LaunchRecord = {
      service: 'fast',
      pid,
      startedAtS: row?.startedAtS ?? 1_700_000_000,
      executable: process.execPath,
      launchId: randomUUID(),
      port: 8000,
    };
    const asFile = JSON.stringify({ version: 1, launches: [record] });
    if (pid !== process.pid) expect(parseLedger(asFile)).toBeNull();
    // And even if it were believed.
    expect((await reap(record, options)).result).toBe('stranger');
    expect(sent()).toEqual([]);
  });

  it('a stranger on the port of a server that is being stopped', async () => {
    kill.mockRestore();
    const rig = createRig();
    const port = await freePort();
    const switches = { bindDelay: 60_000 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches, stopGraceMs: 200 })], on);
    pidOf(await rig.until('fast', (machine) => machine.pid !== null));
    const stranger = startHelper('./stranger.ts', { host: '127.0.0.1', port }, true);
    await stranger.line();
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    stranger.say('signals?');
    expect(JSON.parse(await stranger.line())).toEqual([]);
    expect(isAlive(stranger.pid)).toBe(true);
  });
});
