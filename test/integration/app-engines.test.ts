/** The whole app without engines: it says so, installs them when told, starts what waited for them, and takes them with it when it goes. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { replySchema } from '../../src-main/contract/commands.ts';
import { snapshotSchema } from '../../src-main/contract/status.ts';
import type { UvSwitches } from '../stand-ins/uv/switches.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { createHome, launch, type RunningApp, write } from './support/app.ts';
import { processTable } from './support/processes.ts';
import { temporaryFolder } from './support/rig.ts';

/** A busy machine, on which four programs are started one after the other. */
const limitMs = 40_000;

async function invoke(running: RunningApp, name: string, input: object = {}) {
  const reply = await running.app.control('ipc.invoke', {
    channel: commandChannel,
    args: [name, input],
    sender: { url: 'app://ui/index.html', isMainFrame: true },
  });
  if (!reply.ok) throw new Error(reply.error);
  return replySchema.parse(reply.value);
}

async function snapshotOf(running: RunningApp) {
  const reply = await invoke(running, 'status.read');
  return snapshotSchema.parse(reply.ok ? reply.value : null);
}

async function startWithoutEngines(switches: UvSwitches = {}) {
  const home = await createHome({ tiers: ['standard'] });
  write(home.home, 'config.yaml', `litellm-port: ${home.gatewayPort}\n`);
  const userHome = temporaryFolder();
  const uv = path.join(userHome, '.local', 'bin');
  writeUv(uv, switches);
  const running = await launch(home, {
    env: { HOME: userHome, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
    hidden: false,
  });
  return { home, running };
}

/** What runs out of the home's own engines. */
async function enginesRunning(home: string): Promise<readonly string[]> {
  const rows = await processTable();
  return rows
    .filter((row) => !row.zombie && row.command.includes(path.join(home, 'engines')))
    .map((row) => row.command);
}

describe('the app without engines', () => {
  it('installs them and starts the stack with them; they are gone with the app', async () => {
    const { home, running } = await startWithoutEngines();
    await expect
      .poll(async () => (await snapshotOf(running)).engines, { timeout: limitMs })
      .toMatchObject({
        engines: [
          { name: 'vllm-mlx', state: 'absent', pinnedVersion: '0.6.0' },
          { name: 'litellm', state: 'absent', pinnedVersion: '1.109.0' },
        ],
        uv: { state: 'found', version: '0.12.16' },
        job: null,
      });

    expect(await invoke(running, 'engines.install', { names: ['vllm-mlx', 'litellm'] })).toEqual({
      ok: true,
      value: {},
    });
    expect(await invoke(running, 'engines.install', { names: ['litellm'] })).toMatchObject({
      ok: false,
      error: { code: 'engines-busy' },
    });
    await expect
      .poll(async () => (await snapshotOf(running)).engines, { timeout: limitMs })
      .toMatchObject({
        engines: [
          { state: 'ready', version: '0.6.0', foundIn: 'engines' },
          { state: 'ready', version: '1.109.0', foundIn: 'engines' },
        ],
        job: null,
        problem: null,
      });
    await expect
      .poll(async () => (await snapshotOf(running)).services.map(({ state }) => state), { timeout: limitMs })
      .toEqual(['healthy', 'healthy']);
    expect((await enginesRunning(home.home)).length).toBeGreaterThanOrEqual(2);

    await running.session.stop();
    expect(await enginesRunning(home.home)).toEqual([]);
  });

  it('that is quit while it installs leaves no process, and nothing half-made', async () => {
    const { home, running } = await startWithoutEngines({ hangAt: 'sync', grandchild: true });
    await expect
      .poll(() => invoke(running, 'engines.install', { names: ['litellm'] }), { timeout: limitMs })
      .toMatchObject({ ok: true });
    await expect
      .poll(async () => (await snapshotOf(running)).engines.job?.step, { timeout: limitMs })
      .toBe('downloading');
    await running.session.stop();
    expect(await enginesRunning(home.home)).toEqual([]);
    const folder = path.join(home.home, 'engines', 'litellm');
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });
});
