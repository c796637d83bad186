/** A server whose record cannot be written: it is ended, the reason is said, and nothing runs that no file knows of. */
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTool } from '../../src-main/supervisor/child.ts';
import { parseLedger } from '../../src-main/supervisor/ledger.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { freePort, freePorts } from './support/ports.ts';
import { livingInGroup, pidOf } from './support/processes.ts';
import { createRig, gatewaySpec, type Rig, temporaryFolder, tierSpec } from './support/rig.ts';
import { remount, smallDisk, whyNoSmallDisk } from './support/small-disk.ts';

const on = () => 'on' as const;

const onDisk = (rig: Rig) => parseLedger(readFileSync(rig.paths.ledger, 'utf8'));

/** Says so with all that one needs to know, and has nothing left of it. */
async function expectEnded(rig: Rig, id: string, port: number, reason: RegExp): Promise<void> {
  const { lastFailure } = await rig.inState(id, 'failed');
  const [pid = 0] = rig.spawned;
  expect(rig.spawned).toHaveLength(1);
  expect(lastFailure).toMatchObject({
    reason: 'not-recorded',
    message: expect.stringContaining(
      `${id} was ended again, because process ${pid} could not be recorded in ${rig.paths.ledger}.`,
    ),
    hint: expect.stringMatching(/\.$/),
    remedies: expect.arrayContaining([{ kind: 'start-again', label: 'Start Again' }]),
  });
  expect(lastFailure?.message).toMatch(reason);
  expect(rig.failures).toHaveLength(1);
  expect(await livingInGroup(pid)).toEqual([]);
  expect(await isPortFree(port)).toBe(true);
  await rig.ledger.saved();
  expect(rig.ledger.records()).toEqual([]);
}

async function expectStartsAgain(rig: Rig, id: string): Promise<void> {
  rig.supervisor.start(id);
  const pid = pidOf(await rig.inState(id, 'healthy'));
  await rig.until(id, () => rig.ledger.records().length === 1);
  await rig.ledger.saved();
  expect(onDisk(rig)).toMatchObject([{ service: id, pid }]);
}

describe('a server whose record cannot be written is ended:', () => {
  it('a folder in its place', async () => {
    const rig = createRig();
    mkdirSync(rig.paths.ledger);
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    await expectEnded(rig, 'fast', port, /ledger\.json is not a regular file\.$/);
    rmSync(rig.paths.ledger, { recursive: true });
    await expectStartsAgain(rig, 'fast');
  });

  it('a link in its place, and nothing is written through it', async () => {
    const rig = createRig();
    const outside = path.join(temporaryFolder(), 'outside.json');
    writeFileSync(outside, 'as it was');
    symlinkSync(outside, rig.paths.ledger);
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    await expectEnded(rig, 'fast', port, /ledger\.json is a symbolic link\./);
    expect(readFileSync(outside, 'utf8')).toBe('as it was');
    expect(lstatSync(rig.paths.ledger).isSymbolicLink()).toBe(true);
  });

  it('a full disk, then a read-only one', async ({ skip }) => {
    const home = smallDisk(diskBytes);
    if (home === null) return skip(whyNoSmallDisk);
    const rig = createRig({ home });
    const port = await freePort();
    const spec = tierSpec(rig, { id: 'fast', port });
    const ballast = path.join(home, 'ballast');
    fill(ballast);
    rig.supervisor.apply([spec], on);
    await expectEnded(rig, 'fast', port, /ledger\.json could not be written: the disk is full\.$/);
    expect(rig.machine('fast').lastFailure).toMatchObject({
      hint: 'Free some space, then try again.',
      remedies: [{ kind: 'reveal-models' }, { kind: 'start-again' }],
    });

    rmSync(ballast);
    await expectStartsAgain(rig, 'fast');
    rig.supervisor.stop('fast');
    await rig.inState('fast', 'stopped');
    await rig.ledger.saved();
    remount(home, 'ro');
    rig.supervisor.start('fast');
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.message).toContain(`process ${rig.spawned.at(-1)} could not be recorded`);
    expect(lastFailure?.message).toMatch(/the disk is read-only\.$/);
    expect(await livingInGroup(rig.spawned.at(-1) ?? 0)).toEqual([]);
  });

  it('a system that does not tell when it was started', async () => {
    const rig = createRig({
      run: async (file, args, options) =>
        args.some((arg) => arg.includes('lstart'))
          ? { exitCode: 1, stdout: '' }
          : await runTool(file, args, options),
    });
    const port = await freePort();
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    await expectEnded(rig, 'fast', port, /does not tell when it was started\.$/);
  });
});

it('what was recorded before runs on', async () => {
  const rig = createRig();
  const [port = 0, gatewayPort = 0] = await freePorts(2);
  const tier = tierSpec(rig, { id: 'fast', port });
  rig.supervisor.apply([tier], on);
  const pid = pidOf(await rig.inState('fast', 'healthy'));
  await rig.until('fast', () => rig.ledger.records().length === 1);
  await rig.ledger.saved();
  rmSync(rig.paths.ledger);
  mkdirSync(rig.paths.ledger);
  rig.supervisor.apply([tier, gatewaySpec(rig, { port: gatewayPort })], on);
  const { lastFailure } = await rig.inState('gateway', 'failed');
  expect(lastFailure).toMatchObject({
    reason: 'not-recorded',
    message: expect.stringContaining(`Gateway was ended again, because process ${rig.spawned.at(-1)}`),
  });
  expect(await livingInGroup(rig.spawned.at(-1) ?? 0)).toEqual([]);
  expect(rig.machine('fast')).toMatchObject({ state: 'healthy', pid });
  expect(rig.ledger.records().map(({ service }) => service)).toEqual(['fast']);
});

const diskBytes = 512 * 1024;

function fill(file: string): void {
  let size = diskBytes;
  // Down to the last page, which is the smallest that a file takes.
  while (size >= 1) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      size = Math.floor(size / 2);
    }
  }
}
