/** Servers whose output is too much, no text, or without an end, over the real logs: supervision goes on undisturbed. */
import { mkdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AllLogs, createLogs } from '../../src-main/logs/logs.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';
import { derivePaths } from '../../src-main/paths.ts';
import type { VllmMlxSwitchesInput } from '../stand-ins/engines/write-engine.ts';
import { freePort } from './support/ports.ts';
import { livingInGroup, pidOf, untilGroupIsGone } from './support/processes.ts';
import { createRig, type Rig, temporaryFolder, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;
const megabyte = 1024 * 1024;
const limits = { fileMaxBytes: 2 * megabyte, archivesMax: 2, totalMaxBytes: 8 * megabyte, foldRepeats: true };

async function startLoud(
  switches: VllmMlxSwitchesInput,
): Promise<{ readonly rig: Rig; readonly logs: AllLogs; readonly problems: string[] }> {
  const home = temporaryFolder();
  const dir = derivePaths(home).logs;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const problems: string[] = [];
  const logs = createLogs({
    dir,
    limits,
    redactor: createRedactor(),
    onProblem: ({ problem }) => problems.push(problem.code),
  });
  onTestFinished(() => logs.close());
  const rig = createRig({ home, logs, policy: { probeEveryMs: 50 } });
  rig.supervisor.apply(
    [tierSpec(rig, { id: 'fast', port: await freePort(), switches, stopGraceMs: 30_000 })],
    on,
  );
  await rig.inState('fast', 'healthy');
  return { rig, logs, problems };
}

describe('a server that', () => {
  it('floods its output at full speed stays healthy, is bounded on disk, and stops quickly', async () => {
    const { rig, logs, problems } = await startLoud({ flood: {} });
    const pid = pidOf(rig.machine('fast'));
    await rig.changes(10);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid, restarts: 0 });
    expect(rig.states('fast')).toEqual(['waiting', 'starting', 'healthy']);
    expect(logs.totalBytes()).toBeLessThanOrEqual(limits.totalMaxBytes + limits.fileMaxBytes);
    const askedMs = performance.now();
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    expect(await livingInGroup(pid)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('floods and is killed is restarted, and its last lines are shown', async () => {
    const { rig } = await startLoud({ flood: {}, forkGrandchildren: 1, grandchildrenHoldPipes: true });
    const pid = pidOf(rig.machine('fast'));
    process.kill(pid, 'SIGKILL');
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    expect(again.lastFailure?.lastLines.join('\n')).toContain('flood');
    await untilGroupIsGone(pid);
  });

  it.each([
    ['prints bytes that are no text', { printBinary: true }],
    ['prints one line without an end', { endlessLine: 30 }],
    ['repeats a line a hundred thousand times', { repeatLines: 100_000 }],
  ])('%s stays healthy, and its failure can still be shown', async (_what, switches) => {
    const { rig, problems } = await startLoud(switches);
    const pid = pidOf(rig.machine('fast'));
    await rig.changes(5);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid, restarts: 0 });
    process.kill(pid, 'SIGKILL');
    const again = await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    const lines = again.lastFailure?.lastLines ?? [];
    expect(lines.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(lines.join('\n'))).toBeLessThan(megabyte);
    // No character that a terminal or a page would act on crosses to the window.
    for (const control of ['\u0000', '\u001b']) expect(lines.join('')).not.toContain(control);
    expect(problems).toEqual([]);
  });
});
