/** How busy the models are, read from real servers, among them ones that misbehave; and the CLI's LaunchAgent on a real disk. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWatchdogAgent, watchdogLabel } from '../../src-main/shell/watchdog-agent.ts';
import { parseActivity, readActivity } from '../../src-main/supervisor/activity.ts';
import { parsePeakMemory, readPeakMemory } from '../../src-main/supervisor/peak-memory.ts';
import { asPlainUser, giveToPlainUser, plainUid } from './support/plain-user.ts';

/** Enough for a server that answers, on a busy machine, too. */
const limitMs = 2_000;

async function serve(answer: http.RequestListener): Promise<number> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
const json =
  (value: unknown): http.RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify(value));

describe('activity', () => {
  it('is the sum over the models, queues included, and asks for nothing but the status', async () => {
    const asked: string[] = [];
    const busy = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(
        JSON.stringify({ status: 'running', num_running: 2, num_waiting: 1, generation_tps: 80.5 }),
      );
    });
    const idle = await serve(json({ status: 'running', num_running: 0, num_waiting: 0, generation_tps: 70 }));
    expect(await readActivity([busy, idle], limitMs)).toEqual({ requests: 3, tokensPerSecond: 80.5 });
    expect(asked).toEqual(['GET /v1/status']);
  });

  it('a model that is gone, mute, endless or talks nonsense counts as idle and costs no more than the limit', async () => {
    const gone = await serve(json({}));
    const mute = await serve(() => {});
    const endless = await serve((_request, response) => {
      const more = () => response.write('x'.repeat(256 * 1024), () => setImmediate(more));
      more();
    });
    const nonsense = await serve((_request, response) => response.end('<html>'));
    const refused = await serve((_request, response) => response.writeHead(401).end('{"num_running":9}'));
    const good = await serve(json({ num_running: 1 }));
    const startedMs = performance.now();
    const activity = await readActivity([gone, mute, endless, nonsense, refused, good], limitMs);
    expect(activity).toEqual({ requests: 1, tokensPerSecond: 0 });
    expect(performance.now() - startedMs).toBeLessThan(5 * limitMs);
  });

  it.each(['null', '3', '[]', '"x"'])('%s is no status', (text) => {
    expect(parseActivity(text)).toBeNull();
  });
  it('numbers that are none count as none', () => {
    expect(parseActivity('{"num_running":"many","num_waiting":-1,"generation_tps":null}')).toEqual({
      requests: 0,
      tokensPerSecond: 0,
    });
  });
});

describe('the peak of memory', () => {
  it('is in billions of bytes, as the engine counts them', async () => {
    const asked: string[] = [];
    const port = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('{"metal":{"active_memory_gb":5.98,"peak_memory_gb":6.12,"cache_memory_gb":0.4}}');
    });
    expect(await readPeakMemory(port, limitMs)).toBe(6_120_000_000);
    expect(asked).toEqual(['GET /v1/status']);
  });

  it('of a model that is gone, mute, endless or talks nonsense is not known, within the limit', async () => {
    const mute = await serve(() => {});
    const endless = await serve((_request, response) => {
      const more = () => response.write('x'.repeat(256 * 1024), () => setImmediate(more));
      more();
    });
    const refused = await serve((_request, response) =>
      response.writeHead(401).end('{"metal":{"peak_memory_gb":6}}'),
    );
    const startedMs = performance.now();
    const peaks = await Promise.all([mute, endless, refused].map((port) => readPeakMemory(port, limitMs)));
    expect(peaks).toEqual([null, null, null]);
    expect(performance.now() - startedMs).toBeLessThan(5 * limitMs);
  });

  it.each([
    '<html>',
    'null',
    '{}',
    '{"metal":null}',
    '{"metal":{}}',
    '{"metal":{"peak_memory_gb":null}}',
    '{"metal":{"peak_memory_gb":"6"}}',
    '{"metal":{"peak_memory_gb":-1}}',
    '{"metal":{"peak_memory_gb":1e9}}',
    '{"metal":{"peak_memory_gb":1e999}}',
    '{"metal":{"peak_memory_gb":5,"active_memory_gb":6}}',
  ])('%s tells none', (text) => {
    expect(parsePeakMemory(text)).toBeNull();
  });

  it('counts without what there is now, and where nothing was held yet', () => {
    expect(parsePeakMemory('{"metal":{"peak_memory_gb":6,"active_memory_gb":"?"}}')).toBe(6_000_000_000);
    expect(parsePeakMemory('{"metal":{"peak_memory_gb":0,"active_memory_gb":0}}')).toBe(0);
  });
});

const uid = process.getuid?.() ?? 0;
const plist = `<?xml version="1.0"?><plist version="1.0"><dict>
<key>Label</key><string>${watchdogLabel}</string>
<key>ProgramArguments</key><array><string>/usr/local/bin/mlx-stack</string><string>watch</string></array>
</dict></plist>`;

function agentIn(exitCodes: { readonly bootout: number | null; readonly print: number | null }, owner = uid) {
  const userHome = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-agent-'));
  onTestFinished(() => rmSync(userHome, { recursive: true, force: true }));
  const asked: string[] = [];
  const agent = createWatchdogAgent({
    userHome,
    uid: owner,
    run: async (file, args) => {
      asked.push([file, ...args].join(' '));
      return { exitCode: args[0] === 'bootout' ? exitCodes.bootout : exitCodes.print };
    },
  });
  const folder = path.join(userHome, 'Library', 'LaunchAgents');
  const install = (content = plist) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(agent.file, content);
  };
  return { agent, asked, userHome, folder, install };
}
const gone = { bootout: 0, print: 113 };

describe('the watchdog of the command-line version', () => {
  it('is found, unloaded and removed', async () => {
    const { agent, asked, install } = agentIn(gone);
    expect(await agent.isInstalled()).toBe(false);
    install();
    expect(await agent.isInstalled()).toBe(true);
    expect(await agent.remove()).toEqual({ ok: true, value: undefined });
    expect(existsSync(agent.file)).toBe(false);
    expect(asked).toEqual([
      `/bin/launchctl bootout gui/${uid}/com.mlx-stack.watchdog`,
      `/bin/launchctl print gui/${uid}/com.mlx-stack.watchdog`,
    ]);
  });

  it('that was not loaded is removed all the same', async () => {
    const { agent, install } = agentIn({ bootout: 3, print: 113 });
    install();
    expect((await agent.remove()).ok).toBe(true);
  });

  it.each([
    ['is still loaded', { bootout: 5, print: 0 }, 'watchdog-still-loaded'],
    ['cannot be asked about', { bootout: null, print: null }, 'watchdog-launchctl-failed'],
  ])('that %s keeps its file, or launchd would run it without one', async (_what, codes, code) => {
    const { agent, install } = agentIn(codes);
    install();
    expect(await agent.remove()).toMatchObject({ ok: false, error: { code } });
    expect(existsSync(agent.file)).toBe(true);
  });

  it('that has gone meanwhile is said so, and launchd is not bothered', async () => {
    const { agent, asked } = agentIn(gone);
    expect(await agent.remove()).toMatchObject({ ok: false, error: { code: 'watchdog-not-there' } });
    expect(asked).toEqual([]);
  });

  it('another file of that name is not touched', async () => {
    const { agent, asked, install } = agentIn(gone);
    install('<plist><dict><key>Label</key><string>com.example.other</string></dict></plist>');
    expect(await agent.isInstalled()).toBe(false);
    expect((await agent.remove()).ok).toBe(false);
    expect([existsSync(agent.file), asked]).toEqual([true, []]);
  });

  it('nothing is read or removed through a link', async () => {
    const linkedFile = agentIn(gone);
    mkdirSync(linkedFile.folder, { recursive: true });
    const target = path.join(linkedFile.userHome, 'elsewhere.plist');
    writeFileSync(target, plist);
    symlinkSync(target, linkedFile.agent.file);
    expect((await linkedFile.agent.remove()).ok).toBe(false);
    expect(existsSync(target)).toBe(true);

    const linkedFolder = agentIn(gone);
    const real = path.join(linkedFolder.userHome, 'real');
    mkdirSync(real);
    mkdirSync(path.join(linkedFolder.userHome, 'Library'));
    writeFileSync(path.join(real, `${watchdogLabel}.plist`), plist);
    symlinkSync(real, linkedFolder.folder);
    expect((await linkedFolder.agent.remove()).ok).toBe(false);
    expect(existsSync(path.join(real, `${watchdogLabel}.plist`))).toBe(true);
  });

  it('a folder that refuses the removal is said so', async () => {
    const { agent, folder, install, userHome } = agentIn(gone, plainUid);
    install();
    giveToPlainUser(userHome, path.dirname(folder), folder, agent.file);
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    expect(await asPlainUser(() => agent.remove())).toMatchObject({
      ok: false,
      error: { code: 'watchdog-not-removed', message: expect.stringContaining('EACCES') },
    });
    expect(existsSync(agent.file)).toBe(true);
  });
});
