/** The whole app's life: one instance, wishes that survive, changes taken live, and every way to quit. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  createHome,
  enginesOf,
  launch,
  type RunningApp,
  serverPids,
  untilNoEngines,
  write,
} from './support/app.ts';
import { freePort } from './support/ports.ts';

/** How long the app takes from `end` to its orderly exit. */
async function quitMs(running: RunningApp, end: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await end();
  expect(await running.app.exited).toEqual({ code: 0, signal: null });
  return performance.now() - startedMs;
}

function holdPort(port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer().listen(port, host);
  onTestFinished(() => {
    server.close();
  });
  return new Promise((resolve) => server.once('listening', () => resolve(server)));
}

describe('one data folder', () => {
  it('has one app: the second start ends at once and leaves the first one’s servers alone', async () => {
    const home = await createHome();
    const first = await launch(home);
    await first.untilReady();
    const before = await serverPids(home.home);
    const second = await launch(home).catch((error: unknown) => error);
    expect(String(second)).toContain('ended before it was ready (exit code 0)');
    expect(await serverPids(home.home)).toEqual(before);
    expect(first.app.ended()).toBe(false);
  });
});

describe('what the user wants', () => {
  it('survives quit and relaunch: a stopped model stays stopped, the others come back', async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const first = await launch(home);
    await first.untilReady();
    await first.click('fast', 'Stop');
    await first.untilTray(
      'fast off',
      (tray) => tray.stateOf('fast') === 'Off' || tray.stateOf('fast') === 'Stopped',
    );
    await first.session.stop();
    await untilNoEngines(home.home, 5_000);

    const second = await launch(home);
    await second.untilReady();
    expect(Object.keys(await serverPids(home.home)).sort()).toEqual(['gateway', 'standard']);
    expect(JSON.parse(readFileSync(path.join(home.home, 'desired.json'), 'utf8'))).toMatchObject({
      services: { standard: 'on', fast: 'off' },
    });
  });

  it('Stop Everything stops all, Start brings all back', async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const running = await launch(home);
    await running.untilReady();
    await running.click('Stop Everything');
    await running.untilTray('all off', (tray) => tray.image.startsWith('stack-off'));
    expect(await enginesOf(home.home)).toEqual([]);
    await running.click('Start Everything');
    await running.untilReady();
    expect(Object.keys(await serverPids(home.home)).sort()).toEqual(['fast', 'gateway', 'standard']);
  });
});

describe('a change of the files', () => {
  it('of the gateway’s port moves the gateway and touches no model', async () => {
    const home = await createHome();
    const running = await launch(home);
    await running.untilReady();
    const before = await serverPids(home.home);
    const port = await freePort();
    const config = readFileSync(path.join(home.home, 'config.yaml'), 'utf8');
    write(
      home.home,
      'config.yaml',
      `# my port\n${config.replace(/litellm-port: \d+/, `litellm-port: ${port}`)}`,
    );
    await running.untilTray('the new port', (tray) => tray.sublabel.includes(`:${port}`));
    await running.untilReady();
    const after = await serverPids(home.home);
    expect(after['gateway']).not.toBe(before['gateway']);
    expect({ ...after, gateway: 0 }).toEqual({ ...before, gateway: 0 });
    const { baseUrl, apiKey } = await running.gateway();
    const answer = await fetch(`${baseUrl}/models`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(answer.status).toBe(200);
  });

  it('that says the same restarts nothing', async () => {
    const home = await createHome();
    const running = await launch(home);
    await running.untilReady();
    const before = await serverPids(home.home);
    const stack = readFileSync(path.join(home.home, 'stacks/default.yaml'), 'utf8');
    write(home.home, 'stacks/default.yaml', `${stack}# a remark\nour-own-remark: kept\n`);
    await running.untilReady();
    expect(await serverPids(home.home)).toEqual(before);
  });

  it('that removes a model stops it, and one that adds it starts it when it was wanted', async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const running = await launch(home);
    await running.untilReady();
    const before = await serverPids(home.home);
    const file = path.join(home.home, 'stacks/default.yaml');
    const both = readFileSync(file, 'utf8');
    const stack = parse(both);
    write(home.home, 'stacks/default.yaml', stringify({ ...stack, tiers: stack.tiers.slice(0, 1) }));
    await running.untilTray('one model', (tray) => tray.stateOf('fast') === 'none');
    await running.untilReady();
    const one = await serverPids(home.home);
    expect(Object.keys(one).sort()).toEqual(['gateway', 'standard']);
    expect(one['standard']).toBe(before['standard']);
    write(home.home, 'stacks/default.yaml', both);
    await running.untilTray('two models', (tray) => tray.stateOf('fast') === 'Ready');
    expect((await serverPids(home.home))['standard']).toBe(before['standard']);
  });
});

describe('a port that is taken', () => {
  it('is named with its holder, and one click moves the model to a free one', async () => {
    const home = await createHome({ tiers: ['fast'] });
    await holdPort(home.tierPorts['fast'] ?? 0);
    const running = await launch(home);
    const shown = await running.untilTray('the reason', (tray) => tray.image.startsWith('stack-attention'));
    expect(shown.text).toContain(`Port ${home.tierPorts['fast']} is in use by`);
    expect(shown.text).toContain(`process ${process.pid}`);
    // Another program of this machine may take the port that was just found free; then the offer stands again.
    for (let tries = 0; tries < 3; tries++) {
      await running.click('Use a Free Port');
      const settled = await running.untilTray(
        'an end of the start',
        (tray) => tray.stateOf('fast') !== 'Starting' && !tray.text.includes(`${home.tierPorts['fast']}`),
      );
      if (settled.stateOf('fast') !== 'Failed') break;
    }
    await running.untilReady();
    const stack = parse(readFileSync(path.join(home.home, 'stacks/default.yaml'), 'utf8'));
    expect(stack.tiers[0].port).not.toBe(home.tierPorts['fast']);
  });
});

describe('quitting', () => {
  it('by the menu ends everything, gateway included, and says goodbye with exit code 0', async () => {
    const home = await createHome();
    const running = await launch(home);
    await running.untilReady();
    await running.click('Quit MLX Stack');
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(await enginesOf(home.home)).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s during the start leaves nothing',
    async (signal) => {
      const home = await createHome({ vllmMlx: { '*': { loadMs: 60_000 } } });
      const running = await launch(home);
      await running.untilTray('a start', (tray) => tray.stateOf('fast') === 'Starting');
      const tookMs = await quitMs(running, () => running.app.child.kill(signal));
      // An engine that loads may not hear of it, and is given its grace; the load is not waited for.
      expect(tookMs).toBeLessThan(30_000);
      expect(await enginesOf(home.home)).toEqual([]);
    },
  );

  it('at once after the launch, before anything is known, leaves nothing', async () => {
    const home = await createHome();
    const running = await launch(home);
    running.app.child.kill('SIGTERM');
    expect((await running.app.exited).code).toBe(0);
    expect(await enginesOf(home.home)).toEqual([]);
  });

  it('a second signal does not wait for a server that ignores the first', async () => {
    const home = await createHome({ tiers: ['fast'], vllmMlx: { '*': { ignoreTerm: true } } });
    const running = await launch(home);
    await running.untilReady();
    running.app.child.kill('SIGTERM');
    await running.untilTray('the quitting', (tray) => tray.stateOf('fast') === 'Stopping');
    const tookMs = await quitMs(running, () => running.app.child.kill('SIGTERM'));
    expect(tookMs).toBeLessThan(5_000);
    expect(await enginesOf(home.home)).toEqual([]);
  });

  it('at shutdown holds macOS back for no longer than its deadline', async () => {
    const home = await createHome({ tiers: ['fast'], vllmMlx: { '*': { ignoreTerm: true } } });
    const running = await launch(home);
    await running.untilReady();
    const tookMs = await quitMs(running, async () => {
      expect(await running.app.control('power.happen', { name: 'shutdown' })).toEqual({ prevented: true });
    });
    expect(tookMs).toBeLessThan(4_000 + 5_000);
    expect(await enginesOf(home.home)).toEqual([]);
  });
});
