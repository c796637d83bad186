/** The settings' commands in the shipped bundle over a real home: the file keeps what a person wrote, and what restarts is what was told. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SettingKey, settingsSchema } from '../../src-main/contract/settings.ts';
import {
  answerTo,
  createHome,
  invoke,
  launch,
  type RunningApp,
  serverPids,
  snapshotOf,
  type TestHome,
  until,
  write,
} from './support/app.ts';
import { freePort } from './support/ports.ts';
import { temporaryFolder } from './support/rig.ts';

interface Opened {
  readonly home: TestHome;
  readonly running: RunningApp;
}

async function open(tiers: readonly string[] = ['fast']): Promise<Opened> {
  const home = await createHome({ tiers });
  const running = await launch(home, { hidden: false });
  await running.untilReady();
  return { home, running };
}

const set = (running: RunningApp, key: SettingKey, value: unknown) =>
  answerTo(running, 'settings.set', { key, value });
const reset = (running: RunningApp, key: SettingKey | null) => answerTo(running, 'settings.reset', { key });
const readSettings = async (running: RunningApp) =>
  settingsSchema.parse(await answerTo(running, 'settings.read'));
const settingOf = async (running: RunningApp, key: SettingKey) =>
  (await readSettings(running)).settings.find((setting) => setting.key === key)?.value;
const fileOf = ({ home }: Opened) => readFileSync(path.join(home.home, 'config.yaml'), 'utf8');

describe('the file', () => {
  it('keeps comments and keys of the user’s own, and changes made in it are seen', async () => {
    const opened = await open();
    const { home, running } = opened;
    write(home.home, 'config.yaml', `# by hand\n${fileOf(opened)}my-key: [1, 2] # mine\n`);
    await until(
      'the key',
      () => readSettings(running),
      ({ unknownKeys }) => unknownKeys.includes('my-key'),
    );
    expect(await set(running, 'log-max-files', 7)).toEqual({ restarts: [] });
    expect(fileOf(opened)).toMatch(/^# by hand\n[\s\S]*my-key: \[1, 2\] # mine\nlog-max-files: 7\n$/);

    const before = await readSettings(running);
    write(home.home, 'config.yaml', `${fileOf(opened)}keep-awake: yes\n`);
    const after = await until(
      'the change from outside',
      () => readSettings(running),
      ({ settings }) => settings.some(({ key, value }) => key === 'keep-awake' && value === true),
    );
    expect(after.revision).toBeGreaterThan(before.revision);
    expect((await snapshotOf(running)).mac.power.keepAwake).toBe('idle');

    expect(await reset(running, null)).toMatchObject({ restarts: expect.any(Array) });
    expect(fileOf(opened)).toBe('# by hand\nmy-key: [1, 2] # mine\n');
  });

  it('that is bad is refused with its line, and put right by the value that was wrong', async () => {
    const opened = await open();
    const good = fileOf(opened);
    write(opened.home.home, 'config.yaml', `${good}log-max-files: nine\n`);
    await until(
      'the mistake',
      () => readSettings(opened.running),
      ({ problems }) => problems.length > 0,
    );
    expect(await invoke(opened.running, 'settings.set', { key: 'cloud', value: true })).toMatchObject({
      ok: false,
      error: { code: 'config-value' },
    });
    await set(opened.running, 'log-max-files', 3);
    expect((await readSettings(opened.running)).problems).toEqual([]);
    expect(fileOf(opened)).toBe(`${good}log-max-files: 3\n`);
  });
});

describe('a change', () => {
  it('of the port restarts the gateway alone, which then answers there', async () => {
    const { home, running } = await open();
    const before = await serverPids(home.home);
    const port = await freePort();
    expect(await set(running, 'litellm-port', port)).toEqual({ restarts: ['Gateway'] });
    await until(
      'the gateway',
      () =>
        fetch(`http://127.0.0.1:${port}/health/liveliness`).then(
          (got) => got.ok,
          () => false,
        ),
      (isUp) => isUp,
    );
    const after = await serverPids(home.home);
    expect(after['fast']).toBe(before['fast']);
    expect(after['gateway']).not.toBe(before['gateway']);
    expect((await snapshotOf(running)).gateway.port).toBe(port);
  });

  it('of the model folder restarts the models that are elsewhere now, and not the gateway', async () => {
    const { home, running } = await open(['fast', 'standard']);
    const before = await serverPids(home.home);
    const folder = path.join(temporaryFolder(), 'models');
    mkdirSync(folder);
    renameSync(path.join(home.home, 'models', 'model-fast'), path.join(folder, 'model-fast'));
    expect(await invoke(running, 'settings.set', { key: 'model-dir', value: folder })).toMatchObject({
      ok: false,
      error: { code: 'folder-chosen-only' },
    });
    await running.app.control('openDialog.choose', { paths: [folder] });
    expect(await answerTo(running, 'settings.choosePath', { key: 'model-dir' })).toMatchObject({
      restarts: expect.arrayContaining(['fast']),
    });
    const pids = await until(
      'another fast',
      () => serverPids(home.home),
      (now) => now['fast'] !== undefined && now['fast'] !== before['fast'],
    );
    expect(pids['gateway']).toBe(before['gateway']);
  });

  it('of an engine’s path, which the dialog alone can set, restarts what it runs, and of one that cannot be run nothing', async () => {
    const { home, running } = await open();
    const bin = path.join(home.home, 'run', 'bin');
    const other = path.join(bin, 'another-litellm');
    copyFileSync(path.join(bin, 'litellm'), other);
    const broken = path.join(home.home, 'run', 'not-a-program');
    writeFileSync(broken, '', { mode: 0o600 });
    const before = await serverPids(home.home);
    expect(await invoke(running, 'settings.set', { key: 'litellm-path', value: other })).toMatchObject({
      ok: false,
      error: { code: 'program-chosen-only' },
    });
    await running.app.control('openDialog.choose', { paths: [broken] });
    expect(await invoke(running, 'settings.choosePath', { key: 'litellm-path' })).toMatchObject({
      ok: false,
      error: { code: 'executable-missing' },
    });
    expect(await serverPids(home.home)).toEqual(before);
    await running.app.control('openDialog.choose', { paths: [other] });
    expect(await answerTo(running, 'settings.choosePath', { key: 'litellm-path' })).toEqual({
      restarts: ['Gateway'],
    });
    await running.untilReady();
    expect(await settingOf(running, 'litellm-path')).toBe(other);
    expect((await serverPids(home.home))['fast']).toBe(before['fast']);
  });

  it('of what needs no restart restarts nothing', async () => {
    const { home, running } = await open();
    const before = await serverPids(home.home);
    const changes: readonly (readonly [SettingKey, unknown])[] = [
      ['default-quant', 'int8'],
      ['memory-budget-pct', 60],
      ['ranking', 'cli'],
      ['auto-health-check', false],
      ['log-max-size-mb', 10],
      ['log-max-files', 2],
      ['log-total-max-mb', 200],
      ['keep-awake', true],
      ['auto-update', false],
      ['notify-failures', false],
      ['notify-recovery', false],
      ['notify-disk', false],
      ['menu-bar-title', 'models'],
      ['local-only', true],
      ['cloud-privacy', 'any'],
      ['cloud-daily-cap-usd', 'none'],
      ['cloud-monthly-cap-usd', 5],
    ];
    for (const [key, value] of changes) {
      expect([key, await set(running, key, value)]).toEqual([key, { restarts: [] }]);
    }
    expect(await settingOf(running, 'cloud-daily-cap-usd')).toBeNull();
    expect(await serverPids(home.home)).toEqual(before);
    expect((await running.app.control('tray.read', {}))?.title.trim()).toBe('1/1');
  });
});
