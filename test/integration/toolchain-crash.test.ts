/** Installations cut short by kill -9, of uv and of the app itself: the version in use stays whole, and nothing is left. */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { UvSwitches } from '../stand-ins/uv/switches.ts';
import { seededRandom } from './support/hostile-names.ts';
import { processTable } from './support/processes.ts';
import { smallDisk, whyNoSmallDisk } from './support/small-disk.ts';
import { createRig, leaveEnvironment, pinsWith, problemOf, type ToolchainRig } from './support/toolchain.ts';

const rounds = 6;
/** About as long as an installation takes here. */
const spanMs = 2_500;
const goneLimitMs = 20_000;
/** The same moments in each run, as far as a machine allows. */
const random = seededRandom(20_261_122);

/** Whatever runs with the home in its arguments or as its program. */
async function runningIn(rig: ToolchainRig): Promise<readonly string[]> {
  const rows = await processTable();
  return rows.filter((row) => !row.zombie && row.command.includes(rig.root)).map((row) => row.command);
}

async function expectWhole(rig: ToolchainRig): Promise<void> {
  const version = rig.currentVersion('litellm');
  expect(['1.108.7', '1.109.0']).toContain(version);
  const found = await rig.executables.find('litellm', null);
  expect(found).toMatchObject({ foundIn: 'engines' });
  expect(rig.environments('litellm')).toEqual(
    version === '1.108.7' ? ['1.108.7', 'current'] : ['1.108.7', '1.109.0', 'current'],
  );
}

/** Installs LiteLLM in the rig's home; resolves when it has begun. */
async function startApp(rig: ToolchainRig) {
  const parent = path.join(import.meta.dirname, 'support/toolchain-parent.ts');
  const app = spawn(process.execPath, ['--no-warnings', parent, rig.root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void app.kill('SIGKILL'));
  const lines = createInterface({ input: app.stdout });
  await new Promise((resolve) => lines.once('line', resolve));
  return app;
}

it.each<[string, UvSwitches, string]>([
  ['its Python is prepared', { hangAt: 'venv' }, 'uv venv'],
  ['its packages are looked for', { hangAt: 'compile' }, 'uv pip compile'],
  ['they are installed, half of them in place', { hangAt: 'sync', grandchild: true }, 'uv pip sync'],
  ['they are installed by an uv that does not listen', { hangAt: 'sync', ignoreTerm: true }, 'uv pip sync'],
  ['the new engine is tried', { engine: { fault: 'hang' } }, 'litellm --help'],
])('the app, killed while %s: nothing runs on, the next start clears up', async (_, uv, running) => {
  const rig = await createRig({ uv });
  leaveEnvironment(rig, 'litellm', '1.108.7');
  const app = await startApp(rig);
  const isThere = async () => (await runningIn(rig)).some((command) => command.includes(running));
  await expect.poll(isThere, { timeout: goneLimitMs }).toBe(true);
  app.kill('SIGKILL');
  await expect.poll(() => runningIn(rig), { timeout: goneLimitMs }).toEqual([]);
  const halfMade = uv.hangAt === 'venv' ? [] : ['1.109.0'];
  expect(rig.environments('litellm')).toEqual(['1.108.7', ...halfMade, 'current']);
  await rig.toolchain.open();
  expect(rig.environments('litellm')).toEqual(['1.108.7', 'current']);
  expect(rig.engine('litellm')).toMatchObject({ state: 'ready', version: '1.108.7', foundIn: 'engines' });
});

it(`the app, killed at ${rounds} random moments: its uv ends with it, the next start clears up`, async () => {
  const rig = await createRig({ uv: { packageMs: 40 } });
  leaveEnvironment(rig, 'litellm', '1.108.7');
  for (let round = 0; round < rounds; round += 1) {
    const app = await startApp(rig);
    await sleep(random() * spanMs);
    app.kill('SIGKILL');
    await expect.poll(() => runningIn(rig), { timeout: goneLimitMs }).toEqual([]);
    expect(await rig.executables.find('litellm', null)).toMatchObject({ foundIn: 'engines' });
    await rig.toolchain.open();
    await expectWhole(rig);
  }
  rig.setUv({});
  expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });
  expect(rig.currentVersion('litellm')).toBe('1.109.0');
}, 240_000);

it(`uv, killed at ${rounds} random moments: said so, and nothing half-made lies about`, async () => {
  const rig = await createRig({ uv: { packageMs: 40 } });
  leaveEnvironment(rig, 'litellm', '1.108.7');
  for (let round = 0; round < rounds && rig.currentVersion('litellm') === '1.108.7'; round += 1) {
    const done = rig.toolchain.install(['litellm']);
    const before = rig.groups.length;
    await expect.poll(() => rig.groups.length, { interval: 5, timeout: goneLimitMs }).toBeGreaterThan(before);
    await sleep(random() * spanMs * 0.5);
    const pid = rig.groups.at(-1);
    if (pid !== undefined && rig.toolchain.status().job !== null) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    const result = await done;
    if (!result.ok) expect(['uv-failed', 'engine-broken']).toContain(problemOf(result).code);
    expect(rig.toolchain.status().job).toBeNull();
    await expectWhole(rig);
  }
});

it('what is none of ours in the folder of an engine is left alone', async () => {
  const rig = await createRig();
  const mine = leaveEnvironment(rig, 'litellm', '1.108.7');
  const folder = path.dirname(mine);
  mkdirSync(path.join(folder, 'my-own'));
  mkdirSync(path.join(folder, '9.9.9-00000000', 'bin'), { recursive: true });
  symlinkSync('9.9.9-00000000', path.join(folder, '.current.0123456789abcdef'));
  writeFileSync(path.join(folder, 'notes.txt'), 'mine');
  await rig.toolchain.open();
  expect(readdirSync(folder).toSorted()).toEqual(['1.108.7-0000abcd', 'current', 'my-own', 'notes.txt']);
  expect(realpathSync(path.join(folder, 'current'))).toBe(mine);
});

const diskBytes = 8 * 1024 * 1024;
const kib = 1024;

it('a disk that fills up at any step: said so, the old version stays, and nothing half-made lies about', async ({
  skip,
}) => {
  const root = smallDisk(diskBytes);
  if (root === null) return skip(whyNoSmallDisk);
  const pins = await pinsWith({});
  const litellm = { ...pins.engines.litellm, 'needs-gb': 1e-9 };
  const rig = await createRig({ root, pins: { ...pins, engines: { ...pins.engines, litellm } } });
  leaveEnvironment(rig, 'litellm', '1.108.7');
  const ballast = path.join(root, 'ballast');
  const refused: string[] = [];
  for (let freeKib = 0; rig.currentVersion('litellm') === '1.108.7'; freeKib = freeKib * 2 + 4) {
    expect(freeKib * kib).toBeLessThan(diskBytes);
    rmSync(path.join(rig.paths.home, 'cache'), { recursive: true, force: true });
    rmSync(ballast, { force: true });
    const { bavail, bsize } = statfsSync(root);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeKib * kib)));
    const result = await rig.toolchain.install(['litellm']);
    expect(rig.toolchain.status()).toMatchObject({ job: null, problem: result.ok ? null : result.error });
    if (!result.ok) refused.push(result.error.code);
    await expectWhole(rig);
  }
  expect(refused.length).toBeGreaterThan(2);
  expect([...new Set(refused)]).toEqual(['disk-full']);
  expect(rig.currentVersion('litellm')).toBe('1.109.0');
});
