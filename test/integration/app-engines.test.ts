/** The whole app without engines: it says so, installs them when told, starts what waited for them, and takes them with it when it goes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { writeEngine, writeModelFolder } from '../stand-ins/engines/write-engine.ts';
import type { UvSwitches } from '../stand-ins/uv/switches.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { createHome, invoke, launch, snapshotOf, stackOf, write } from './support/app.ts';
import { freePorts } from './support/ports.ts';
import { processTable } from './support/processes.ts';
import { temporaryFolder } from './support/rig.ts';
import { createRig, pinsWith } from './support/toolchain.ts';

/** A busy machine, on which four programs are started one after the other. */
const limitMs = 40_000;

async function startWithoutEngines(switches: UvSwitches | null = {}) {
  const home = await createHome({ tiers: ['standard'] });
  write(home.home, 'config.yaml', `litellm-port: ${home.gatewayPort}\n`);
  const userHome = temporaryFolder();
  const uv = path.join(userHome, '.local', 'bin');
  if (switches !== null) writeUv(uv, switches);
  const running = await launch(home, {
    env: { HOME: userHome, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
    hidden: false,
  });
  return { home, running, uv };
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

  it('keeps from an older engine the option that it does not have, and passes it to the newer one', async () => {
    const rig = await createRig({ pins: await pinsWith({ 'vllm-mlx': '0.4.1' }) });
    expect(await rig.toolchain.install(['vllm-mlx', 'litellm'])).toMatchObject({ ok: true });
    const [gatewayPort = 0, port = 0] = await freePorts(2);
    const { home } = rig.paths;
    const stack = stackOf({ standard: port });
    const tiers = stack.tiers.map((tier) => ({ ...tier, vllm_flags: { prefix_trie_cache: true } }));
    write(home, 'stacks/default.yaml', stringify({ ...stack, tiers }));
    write(home, 'config.yaml', `litellm-port: ${gatewayPort}\n`);
    write(home, 'desired.json', JSON.stringify({ version: 1, services: { standard: 'on' } }));
    writeModelFolder(path.join(home, 'models', 'model-standard'));
    const env = { HOME: rig.userHome, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };
    const running = await launch({ home }, { env, hidden: false });
    const tierCommand = async () =>
      (await enginesRunning(home)).find(
        (command) => command.includes('--served-model-name standard') && !command.startsWith('/bin/sh -c'),
      ) ?? '';
    const states = async () => (await snapshotOf(running)).services.map(({ state }) => state);

    await expect.poll(states, { timeout: limitMs }).toEqual(['healthy', 'healthy']);
    expect(await tierCommand()).toContain('/vllm-mlx/0.4.1-');
    expect(await tierCommand()).not.toContain('--prefix-trie-cache');
    const { notices } = await snapshotOf(running);
    expect(notices).toContainEqual(
      expect.objectContaining({
        title: expect.stringContaining('does not know “--prefix-trie-cache”'),
        action: { kind: 'show-engines', label: 'Show Engines' },
      }),
    );

    expect(await invoke(running, 'engines.install', { names: ['vllm-mlx'] })).toMatchObject({ ok: true });
    await expect
      .poll(tierCommand, { timeout: limitMs })
      .toMatch(/\/vllm-mlx\/0\.6\.0-.* --prefix-trie-cache(?!-)/);
    await expect.poll(states, { timeout: limitMs }).toEqual(['healthy', 'healthy']);
    await expect
      .poll(async () => JSON.stringify((await snapshotOf(running)).notices), { timeout: limitMs })
      .not.toContain('prefix-trie-cache');
    await running.session.stop();
    expect(await enginesRunning(home)).toEqual([]);
  });

  it('does not run one that was found until the user says so; then it passes nothing that it lacks, and says so', async () => {
    const { home, gatewayPort } = await createHome({ tiers: ['standard'] });
    const userHome = temporaryFolder();
    const tools = path.join(userHome, '.local', 'share', 'uv', 'tools', 'vllm-mlx');
    const bin = path.join(userHome, '.local', 'bin');
    const program = writeEngine({
      dir: path.join(tools, 'bin'),
      name: 'vllm-mlx',
      switches: {},
      without: ['--cache-memory-mb', '--prefix-trie-cache'],
      hasMetadata: false,
    });
    mkdirSync(path.join(tools, 'lib/python3.12/site-packages/vllm_mlx-0.2.6.dist-info'), { recursive: true });
    const litellm = writeEngine({ dir: path.join(userHome, 'chosen', 'bin'), name: 'litellm', switches: {} });
    mkdirSync(bin, { recursive: true });
    const found = path.join(bin, 'vllm-mlx');
    symlinkSync(program, found);
    write(home, 'config.yaml', `litellm-port: ${gatewayPort}\nlitellm-path: ${litellm}\n`);
    const stack = path.join(home, 'stacks/default.yaml');
    const text = readFileSync(stack, 'utf8');
    write(home, 'stacks/default.yaml', text.replace('continuous_batching', 'prefix_trie_cache'));
    const env = { HOME: userHome, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };
    const running = await launch({ home }, { env, hidden: false });
    const tier = async () => (await snapshotOf(running)).services.find(({ id }) => id === 'standard');
    await expect.poll(async () => (await tier())?.state, { timeout: limitMs }).toBe('failed');
    expect((await tier())?.lastFailure).toMatchObject({
      reason: 'executable-missing',
      message: `${found} is vllm-mlx 0.2.6, while MLX Stack is made for 0.6.0, and is not used unless you choose it.`,
      hint: 'Let MLX Stack install its own, or use the one found.',
      remedies: [
        { kind: 'install-engine', label: 'Install vllm-mlx' },
        { kind: 'use-found-engine', label: 'Use the One Found' },
        { kind: 'open-config' },
        { kind: 'start-again' },
      ],
    });
    const ofUser = async () => (await processTable()).filter((row) => row.command.includes(found));
    expect(await ofUser()).toEqual([]);
    await expect
      .poll(async () => (await snapshotOf(running)).engines.engines[0], { timeout: limitMs })
      .toMatchObject({ state: 'unchosen', version: '0.2.6', path: found, foundIn: 'known-place' });

    const remedy = { id: 'standard', kind: 'use-found-engine' };
    expect(await invoke(running, 'service.remedy', remedy)).toMatchObject({ ok: true });
    await running.untilReady();
    expect(readFileSync(path.join(home, 'config.yaml'), 'utf8')).toContain(`vllm-mlx-path: ${found}`);
    const command = (await processTable())
      .map((row) => row.command)
      .find((one) => one.includes(userHome) && one.includes('--served-model-name standard'));
    expect(command).toContain('--max-tokens');
    expect(command).not.toContain('--cache-memory-mb');
    expect(command).not.toContain('--prefix-trie-cache');
    const leads = { kind: 'show-engines', label: 'Show Engines' };
    await expect
      .poll(async () => (await snapshotOf(running)).notices)
      .toContainEqual(
        expect.objectContaining({
          title: expect.stringContaining('does not know “--prefix-trie-cache”'),
          action: leads,
        }),
      );
    await expect
      .poll(async () => (await snapshotOf(running)).engines.engines[0])
      .toMatchObject({
        state: 'ready',
        version: '0.2.6',
        path: found,
        foundIn: 'config',
        hasUpdate: false,
        problem: null,
      });
    await running.session.stop();
  });

  it('offers the installation in the menu, says why it cannot be, and does it once it can', async () => {
    const { running, uv } = await startWithoutEngines(null);
    const titles = async () => (await snapshotOf(running)).notices.map(({ title }) => title);
    const offers = async (label: string) => (await running.tray()).text.includes(label);
    await expect.poll(() => offers('Install vllm-mlx'), { timeout: limitMs }).toBe(true);
    await running.click('Install vllm-mlx');
    const refusal = 'uv, which installs the engines, was not found on this Mac.';
    await expect.poll(titles, { timeout: limitMs }).toContain(refusal);
    await running.untilTray(
      'the refusal as the first row',
      ({ headline }) => headline === refusal.slice(0, -1),
    );
    expect((await snapshotOf(running)).notices).toContainEqual(
      expect.objectContaining({ title: refusal, severity: 'error' }),
    );

    writeUv(uv, {});
    // It leads to where uv can be installed, and finds that it is there.
    await running.click('Show Engines');
    await expect.poll(titles, { timeout: limitMs }).not.toContain(refusal);
    await expect.poll(() => offers('Install vllm-mlx'), { timeout: limitMs }).toBe(true);
    await running.click('Install vllm-mlx');
    await expect
      .poll(async () => (await snapshotOf(running)).engines.engines.map(({ foundIn }) => foundIn), {
        timeout: limitMs,
      })
      .toEqual(['engines', 'engines']);
  });
});
