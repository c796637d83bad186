/** The dead-man's switch: no server outlives whoever started it, however that one died, and nothing else is harmed. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GroupLeader, sendSignal, spawnGroup } from '../../src-main/supervisor/child.ts';
import {
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../stand-ins/engines/write-engine.ts';
import { freePort } from './support/ports.ts';
import {
  eventually,
  type Helper,
  isAlive,
  lastSeenAliveMs,
  livingInGroup,
  pidOf,
  processTable,
  startHelper,
  untilGroupIsGone,
  watcherOf,
} from './support/processes.ts';
import { childEnvironment, createRig, temporaryFolder, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;
/** Design §12: the end of the app to the end of the last server. */
const budgetMs = 3_000;

async function serverRequest(switches: VllmMlxSwitchesInput) {
  const home = temporaryFolder();
  const executable = writeEngine({
    dir: home,
    name: 'vllm-mlx',
    switches: { '*': { loadMs: 1, ...switches } },
  });
  const folder = writeModelFolder(path.join(home, 'model'));
  const port = await freePort();
  return {
    port,
    executable,
    args: ['serve', folder, '--port', String(port), '--host', '127.0.0.1', '--offline'],
    env: childEnvironment(home),
    cwd: home,
  };
}

async function answers(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/health`).then(
    (response) => response.ok,
    () => false,
  );
}

/** A server under a parent that can be killed; resolves once it serves or loads, and its grandchildren live. */
async function startUnderParent(
  switches: VllmMlxSwitchesInput,
): Promise<{ readonly parent: Helper; readonly pgid: number }> {
  const { port, ...request } = await serverRequest(switches);
  const parent = startHelper('./lifeline-parent.ts', request);
  const pgid = Number(await parent.line());
  if (switches.loadMs === undefined) await eventually(() => answers(port));
  const expected = 2 + (switches.forkGrandchildren ?? 0);
  await eventually(async () => (await livingInGroup(pgid)).length >= expected);
  return { parent, pgid };
}

describe('when whoever supervises is killed with SIGKILL', () => {
  it('every kind of server is gone within three seconds, with its group and the watcher', async () => {
    const kinds: Readonly<Record<string, VllmMlxSwitchesInput>> = {
      plain: {},
      'with grandchildren that hold its pipes': { forkGrandchildren: 3, grandchildrenHoldPipes: true },
      'ignoring TERM': { ignoreTerm: true, forkGrandchildren: 1 },
      'stopped by a signal': {},
      loading: { loadMs: 60_000, ignoreTerm: true },
    };
    const started = await Promise.all(
      Object.entries(kinds).map(async ([kind, switches]) => ({
        kind,
        ...(await startUnderParent(switches)),
      })),
    );
    for (const { kind, pgid } of started) if (kind === 'stopped by a signal') process.kill(pgid, 'SIGSTOP');
    for (const { parent } of started) parent.child.kill('SIGKILL');
    const lastMs = await lastSeenAliveMs(started.map(({ pgid }) => pgid));
    for (const { kind, pgid } of started) expect(lastMs.get(pgid), kind).toBeLessThan(budgetMs);
  });
});

describe('the watcher', () => {
  it('is no child of the server, and the server has neither its pipe nor a terminal', async () => {
    const leader = await spawnForTest({
      executable: '/bin/sh',
      args: ['-c', 'read -r line; echo "read $?"; [ -e /dev/fd/3 ] && echo held || echo free; sleep 600'],
      env: childEnvironment('/nonexistent'),
      cwd: '/',
    });
    const printed = await new Promise<string>((resolve) => {
      let text = '';
      leader.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (/held|free/.test(text)) resolve(text);
      });
    });
    expect(printed).toBe('read 1\nfree\n');
    const table = await processTable();
    expect(table.find((row) => row.pid === leader.pid)?.pgid).toBe(leader.pid);
    const watcher = await watcherOf(leader.pid);
    expect(table.find((row) => row.pid === watcher)?.ppid).not.toBe(leader.pid);
    await endForTest(leader);
  });

  it('killed alone does no harm to the server, and stop still ends all that is left', async () => {
    const rig = createRig();
    const switches = { forkGrandchildren: 2, ignoreTerm: true, grandchildrenHoldPipes: true };
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches, stopGraceMs: 200 })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    const watcher = await watcherOf(pid);
    process.kill(watcher, 'SIGKILL');
    await eventually(async () => !(await livingInGroup(pid)).includes(watcher));
    await rig.changes(3);
    expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid, restarts: 0 });
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(await livingInGroup(pid)).toEqual([]);
  });

  it('gone, a crash still leaves no grandchild', async () => {
    const rig = createRig();
    const switches = { forkGrandchildren: 2, grandchildrenHoldPipes: true };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(await watcherOf(pid), 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await rig.until('fast', (machine) => machine.restarts === 1 && machine.state === 'healthy');
    await untilGroupIsGone(pid);
  });
});

describe('a group', () => {
  it('of which every process is stopped is still ended by stop', async () => {
    const rig = createRig({ policy: { restartAfterUnresponsiveMs: 60_000 } });
    const switches = { forkGrandchildren: 1 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port: await freePort(), switches })], on);
    const pid = pidOf(await rig.inState('fast', 'healthy'));
    process.kill(-pid, 'SIGSTOP');
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    expect(await livingInGroup(pid)).toEqual([]);
  });

  it('passes its exit code on, and arguments are never read by a shell', async () => {
    const leader = await spawnForTest({
      executable: '/bin/sh',
      args: ['-c', 'printf "%s|" "$@"; exit 23', 'sh', '$HOME', '`id`', '; exit 1', '', 'two words', '-e'],
      env: childEnvironment('/nonexistent'),
      cwd: '/',
    });
    let printed = '';
    leader.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
    const closed = new Promise((resolve) => leader.stdout.once('close', resolve));
    expect(await leader.exited).toEqual({ code: 23, signal: null });
    leader.sweepGroup();
    await closed;
    expect(printed).toBe('$HOME|`id`|; exit 1||two words|-e|');
    expect(leader.signalGroup('SIGKILL')).toBe(false);
    await lastSeenAliveMs([leader.pid]);
    leader.release();
  });
});

describe('sendSignal', () => {
  it.each([[0], [1], [-1], [process.pid], [-process.pid], [12.5], [-12.5], [Number.NaN], [2 ** 60]])(
    'sends nothing to %d',
    (target) => {
      let received = false;
      const onSignal = () => {
        received = true;
      };
      process.once('SIGCONT', onSignal);
      expect(sendSignal(target, 'SIGCONT')).toBe(false);
      process.off('SIGCONT', onSignal);
      expect(received).toBe(false);
      expect(isAlive(process.pid)).toBe(true);
    },
  );
});

async function spawnForTest(request: Parameters<typeof spawnGroup>[0]): Promise<GroupLeader> {
  const leader = await spawnGroup(request);
  if ('error' in leader) throw new Error(leader.error);
  leader.stderr.resume();
  return leader;
}

async function endForTest(leader: GroupLeader): Promise<void> {
  leader.signalGroup('SIGKILL');
  await leader.exited;
  leader.release();
  await lastSeenAliveMs([leader.pid]);
}
