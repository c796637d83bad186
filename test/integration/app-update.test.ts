/** An update of the app as electron-updater and Squirrel do it: found, downloaded, verified, and installed on a click. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { installedFile, releaseSignature } from '../stand-ins/electron/auto-updater.ts';
import {
  createHome,
  invoke,
  launch,
  type RunningApp,
  snapshotOf,
  type TestHome,
  until,
  untilNoEngines,
} from './support/app.ts';
import { busy, generate, held } from './support/requests.ts';
import { temporaryFolder } from './support/rig.ts';

const packageVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'))).version;

interface Release {
  readonly version?: string;
  readonly signed?: boolean;
  /** What the list says of the file's hash. */
  readonly sha512?: string;
  readonly status?: number;
}

/** A page of releases; electron-updater asks for another list by the system it runs on. */
async function publish({ version = '9.9.9', signed = true, sha512, status = 200 }: Release = {}) {
  // electron-updater takes a file for arm64 on such a computer only.
  const file = `MLX-Stack-${version}${process.arch === 'arm64' ? '-arm64' : ''}-mac.zip`;
  const zip = Buffer.from(`PK${'x'.repeat(300_000)}${signed ? releaseSignature : 'somebody else'}`);
  const hash = sha512 ?? createHash('sha512').update(zip).digest('base64');
  const list = `version: ${version}\nfiles:\n  - url: ${file}\n    sha512: ${hash}\n    size: ${zip.length}\npath: ${file}\nsha512: ${hash}\nreleaseDate: '2026-11-01T00:00:00.000Z'\n`;
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    asked.push(name);
    if (status !== 200) response.writeHead(status).end();
    else if (/^latest-(?:mac|linux(?:-arm64)?)\.yml$/.test(name)) response.end(list);
    else if (name === file) response.end(zip);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, bytes: zip.length };
}

async function launchInstalled(home: TestHome, feedUrl: string) {
  const folder = temporaryFolder();
  const resources = path.join(folder, 'Resources');
  mkdirSync(resources);
  writeFileSync(
    path.join(resources, 'app-update.yml'),
    `provider: generic\nurl: ${feedUrl}\nupdaterCacheDirName: mlx-stack-updater\n`,
  );
  const running = await launch(home, {
    hidden: false,
    installed: true,
    resources,
    env: { XDG_CACHE_HOME: path.join(folder, 'Caches') },
  });
  // The window's commands are answered from when it is on screen.
  await expect
    .poll(() => snapshotOf(running).then(({ app }) => app.phase, String), { timeout: 45_000 })
    .toBe('running');
  const installed = () => {
    const file = path.join(resources, installedFile);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  };
  return { running, installed };
}

async function untilState(running: RunningApp, ...states: string[]) {
  let update = (await snapshotOf(running)).update;
  await expect
    .poll(
      async () => {
        ({ update } = await snapshotOf(running));
        return states.includes(update.state) ? update.state : JSON.stringify(update);
      },
      { timeout: 45_000 },
    )
    .toBeOneOf(states);
  return update;
}

describe('an update', () => {
  it('is downloaded on request, offered in the menu and the window, and installed with all servers stopped first', async () => {
    const release = await publish();
    const home = await createHome({ tiers: ['fast'] });
    const { running, installed } = await launchInstalled(home, release.url);
    await running.untilReady();
    expect(release.asked).toEqual([]);
    expect(await invoke(running, 'update.install')).toMatchObject({
      ok: false,
      error: { code: 'update-not-ready' },
    });
    expect(await invoke(running, 'update.check')).toMatchObject({ ok: true });
    expect(await untilState(running, 'ready', 'failed')).toMatchObject({
      state: 'ready',
      version: '9.9.9',
      problem: null,
    });
    expect((await snapshotOf(running)).notices).toContainEqual(
      expect.objectContaining({
        title: 'MLX Stack 9.9.9 is ready',
        action: { kind: 'install-update', label: 'Restart to Update' },
      }),
    );
    expect(installed()).toBeNull();
    await running.click('Restart to Update to 9.9.9…');
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(installed()).toEqual({ bytes: release.bytes, relaunches: true });
    await untilNoEngines(home.home, 2_000);
    // The models come back with the new version: quitting for it changed nothing that the user wants.
    expect(JSON.parse(readFileSync(path.join(home.home, 'desired.json'), 'utf8'))).toMatchObject({
      services: { fast: 'on' },
    });
  });

  it('is also installed by quitting, and the app then stays closed', async () => {
    const release = await publish();
    const { running, installed } = await launchInstalled(await createHome({ tiers: [] }), release.url);
    await invoke(running, 'update.check');
    await untilState(running, 'ready');
    await running.click('Quit MLX Stack');
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(installed()).toEqual({ bytes: release.bytes, relaunches: false });
  });

  it('waits for the requests that run, unless the user says now', async () => {
    const release = await publish();
    const { switches, letGo } = held();
    const home = await createHome({ tiers: ['fast'], vllmMlx: switches });
    const { running, installed } = await launchInstalled(home, release.url);
    await running.untilReady();
    await invoke(running, 'update.check');
    await untilState(running, 'ready');
    const answer = generate(home, 'fast', 40);
    await until('the request', busy(home, 'fast'), (requests) => requests === 1);
    await running.click('Restart to Update to 9.9.9…');
    const boxes = () => running.app.control('messageBoxes.read', {});
    const [box] = await until('the question', boxes, ({ length }) => length === 1);
    expect(box).toMatchObject({
      message: 'A request is running.',
      buttons: ['Restart When Finished', 'Restart Now', 'Cancel'],
    });
    await running.app.control('messageBox.answer', { number: box?.number ?? 0, response: 0 });
    await until(
      'the notice of the wait',
      async () => (await snapshotOf(running)).notices.map(({ title }) => title),
      (titles) => titles.includes('Restarts for the update when its requests are finished'),
    );
    expect(installed()).toBeNull();
    letGo();
    expect(await answer).toMatchObject({ status: 200 });
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(installed()).toEqual({ bytes: release.bytes, relaunches: true });
    await untilNoEngines(home.home, 2_000);
  });

  it('is installed at once, cutting off what runs, when the user says now', async () => {
    const release = await publish();
    const home = await createHome({ tiers: ['fast'], vllmMlx: held().switches });
    const { running, installed } = await launchInstalled(home, release.url);
    await running.untilReady();
    await invoke(running, 'update.check');
    await untilState(running, 'ready');
    const answer = generate(home, 'fast', 40).then(
      ({ status }) => status,
      () => 'cut off',
    );
    await until('the request', busy(home, 'fast'), (requests) => requests === 1);
    await running.click('Restart to Update to 9.9.9…');
    const boxes = () => running.app.control('messageBoxes.read', {});
    const [box] = await until('the question', boxes, ({ length }) => length === 1);
    await running.app.control('messageBox.answer', { number: box?.number ?? 0, response: 1 });
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(installed()).toEqual({ bytes: release.bytes, relaunches: true });
    expect(await answer).toBe('cut off');
    await untilNoEngines(home.home, 2_000);
  });

  it.each([
    ['not signed as this app is', { signed: false }, 'update-not-signed'],
    ['damaged on its way', { sha512: Buffer.alloc(64).toString('base64') }, 'update-damaged'],
    ['not there', { status: 404 }, 'update-none-published'],
    ['behind a server in trouble', { status: 503 }, 'update-offline'],
  ] as const)('%s changes nothing, and says so', async (_what, about, code) => {
    const release = await publish(about);
    const { running, installed } = await launchInstalled(await createHome({ tiers: [] }), release.url);
    await invoke(running, 'update.check');
    const update = await untilState(running, 'failed', 'ready');
    const log = readFileSync(path.join(running.home, 'logs', 'mlx-stack.app.log'), 'utf8');
    expect(update, log).toMatchObject({ state: 'failed', problem: { code } });
    await running.click('Quit MLX Stack');
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    expect(installed()).toBeNull();
  });

  it.each([
    ['this version', packageVersion, 1],
    ['an older one', '0.0.9', 2],
  ])('%s is none, and only of another one the updater itself is asked', async (_what, version, lists) => {
    const release = await publish({ version });
    const { running } = await launchInstalled(await createHome({ tiers: [] }), release.url);
    await invoke(running, 'update.check');
    await expect
      .poll(async () => (await snapshotOf(running)).update.checkedAt, { timeout: 45_000 })
      .not.toBeNull();
    expect((await snapshotOf(running)).update).toMatchObject({ state: 'idle', version: null, problem: null });
    expect(release.asked).toHaveLength(lists);
    expect(release.asked[0]).toBe('latest-mac.yml');
  });
});
