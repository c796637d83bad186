/** The app as a guest of the Mac: login item, the CLI's watchdog, staying awake, the icon, the window's place, quitting while it serves. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createHome,
  enginesOf,
  invoke,
  launch,
  type RunningApp,
  snapshotOf,
  type TestHome,
  until,
  untilNoEngines,
  write,
} from './support/app.ts';
import { busy, generate, held } from './support/requests.ts';
import { temporaryFolder } from './support/rig.ts';

async function settingsRows(running: RunningApp) {
  const tray = await running.app.control('tray.read', {});
  return tray?.rows.find((row) => row.id === 'settings')?.children ?? [];
}
const rowOf = async (running: RunningApp, label: string) =>
  (await settingsRows(running)).find((row) => row.label === label);

function addToConfig(home: TestHome, lines: string): void {
  write(home.home, 'config.yaml', `${readFileSync(path.join(home.home, 'config.yaml'), 'utf8')}${lines}\n`);
}

function appLogOf({ home }: RunningApp): string {
  const file = path.join(home, 'logs/mlx-stack.app.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const noticesOf = async (running: RunningApp) => (await snapshotOf(running)).notices;

describe('start at login', () => {
  it('is set by the click alone, and what macOS says later is shown when the menu opens', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }), { installed: true });
    await running.untilReady();
    expect(await running.app.control('loginItem.read', {})).toMatchObject({ openAtLogin: false });
    await running.click('Settings', 'Start at Login');
    await until(
      'the item',
      () => running.app.control('loginItem.read', {}),
      ({ openAtLogin }) => openAtLogin,
    );
    await until(
      'the tick',
      () => rowOf(running, 'Start at Login'),
      (row) => row?.checked === true,
    );

    // The user takes it out in System Settings.
    await running.app.control('loginItem.outcome', { status: 'not-found' });
    await running.app.control('menu.open', {});
    await running.app.control('menu.close', {});
    await until(
      'no tick',
      () => rowOf(running, 'Start at Login'),
      (row) => row?.checked === false,
    );
  });

  it('that waits for approval says so and opens the place to approve it', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }), { installed: true });
    await running.untilReady();
    await running.app.control('loginItem.outcome', { status: 'requires-approval' });
    await running.click('Settings', 'Start at Login');
    const pane = 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension';
    await until(
      'System Settings',
      () => running.app.control('opened.read', {}),
      (opened) => opened.some(({ via, target }) => via === 'openExternal' && target === pane),
    );
    const row = await until(
      'the hint',
      () => rowOf(running, 'Start at Login'),
      (each) => each?.sublabel === 'Waits for your approval in System Settings',
    );
    expect(row).toMatchObject({ checked: false, enabled: true });
  });

  it('that macOS silently refuses leaves no tick', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }), { installed: true });
    await running.untilReady();
    await running.app.control('loginItem.outcome', { status: 'not-registered' });
    await running.click('Settings', 'Start at Login');
    await until(
      'the window that says so',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
    expect(await rowOf(running, 'Start at Login')).toMatchObject({ checked: false });
    const reason = 'macOS did not take MLX Stack into the login items.';
    const said = async () => (await noticesOf(running)).find(({ title }) => title === reason);
    const notice = await until('the reason in it', said, (found) => found !== undefined);
    expect(await invoke(running, 'notice.dismiss', { id: notice?.id ?? '' })).toMatchObject({ ok: true });
    expect(await said()).toBeUndefined();
  });

  it('is refused to a development build, with the reason', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }));
    await running.untilReady();
    const row = await rowOf(running, 'Start at Login');
    expect(row).toMatchObject({ enabled: false, checked: false });
    expect(row?.toolTip).toContain('A development build cannot start at login.');
  });
});

describe('the watchdog of the command-line version', () => {
  it('is explained with its removal; one that cannot be stopped stays where it is', async () => {
    const userHome = temporaryFolder();
    const agent = path.join(userHome, 'Library/LaunchAgents/com.mlx-stack.watchdog.plist');
    mkdirSync(path.dirname(agent), { recursive: true });
    writeFileSync(agent, '<dict><key>Label</key><string>com.mlx-stack.watchdog</string></dict>');
    const running = await launch(await createHome({ tiers: ['fast'] }), {
      env: { HOME: userHome },
      hidden: false,
    });
    await running.untilReady();
    const watchdog = async () => (await noticesOf(running)).find(({ id }) => id === 'watchdog-agent');
    const notice = await until('the notice', watchdog, (found) => found !== undefined);
    expect(notice).toMatchObject({ action: { kind: 'remove-watchdog', label: 'Remove Watchdog' } });
    if (process.platform === 'darwin') return;
    // Without launchctl there is no telling whether it still runs.
    expect(await invoke(running, 'login.removeWatchdog')).toMatchObject({
      ok: false,
      error: { code: 'watchdog-launchctl-failed' },
    });
    expect(await watchdog()).toBeDefined();
    expect(existsSync(agent)).toBe(true);
  });
});

describe('staying awake', () => {
  it('is off, is turned on in the menu and written to the settings, and holds only while requests run', async () => {
    const { switches, letGo } = held();
    const home = await createHome({ tiers: ['fast'], vllmMlx: switches });
    const running = await launch(home);
    await running.untilReady();
    const blockers = async () => (await running.app.control('power.read', {})).blockers;
    await running.click('Settings', 'Keep Mac Awake While Serving');
    await until(
      'the tick',
      () => rowOf(running, 'Keep Mac Awake While Serving'),
      (row) => row?.checked === true,
    );
    const config = async () => readFileSync(path.join(home.home, 'config.yaml'), 'utf8');
    await until('the setting', config, (text) => text.includes('keep-awake: true'));
    expect(await blockers()).toEqual([]);
    const answer = generate(home, 'fast', 60);
    await until('the blocker', blockers, (all) => all.length === 1);
    expect(await blockers()).toEqual(['prevent-app-suspension']);
    letGo();
    expect((await answer).status).toBe(200);
    await until('its end', blockers, (all) => all.length === 0);
    await running.click('Settings', 'Keep Mac Awake While Serving');
    await until(
      'no tick',
      () => rowOf(running, 'Keep Mac Awake While Serving'),
      (row) => row?.checked === false,
    );
  });
});

describe('what the Mac tells', () => {
  it('battery and heat stand in the menu, and go with them', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }));
    await running.untilReady();
    const labels = async () => (await settingsRows(running)).map((row) => row.label);
    expect((await labels())[0]).toBe('Start at Login');
    await running.app.control('power.happen', { name: 'on-battery' });
    await running.app.control('power.happen', { name: 'thermal-state-change', state: 'serious' });
    await until('both', labels, ([first]) => first === 'On battery · Slowed down: the Mac is hot');
    await running.app.control('power.happen', { name: 'on-ac' });
    await running.app.control('power.happen', { name: 'thermal-state-change', state: 'nominal' });
    await until('neither', labels, ([first]) => first === 'Start at Login');
  });

  it('the text beside the icon is none, and the number of ready models when it is asked for', async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const running = await launch(home);
    await running.untilReady();
    const title = async () => (await running.app.control('tray.read', {}))?.title;
    expect(await title()).toBe('');
    addToConfig(home, 'menu-bar-title: models');
    await until('the title', title, (text) => text === '2/2');
  });
});

describe('the first run', () => {
  it('points to the icon once, where it can be seen', async () => {
    const home = await createHome({ tiers: [] });
    const first = await launch(home, { hidden: false });
    const pointer = (running: RunningApp) => async () =>
      (await noticesOf(running)).find(({ id }) => id === 'menu-bar-pointer');
    await first.untilTray('the icon', () => true);
    await until(
      'the window',
      () =>
        noticesOf(first).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    expect(await until('the pointer', pointer(first), (found) => found !== undefined)).toMatchObject({
      title: 'MLX Stack lives in the menu bar',
      dismissible: true,
    });
    const [window] = await first.app.control('windows.read', {});
    await first.app.control('window.close', { id: window?.id ?? 0 });
    await until('the window’s place', async () => existsSync(path.join(home.home, 'window.json')), Boolean);
    await first.session.stop();

    const second = await launch(home, { hidden: false });
    await until(
      'the window',
      () =>
        noticesOf(second).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    await until(
      'the look',
      async () => appLogOf(second).split('The menu-bar icon is shown').length,
      (looks) => looks === 3,
    );
    expect(await pointer(second)()).toBeUndefined();
  });
});

describe('a hidden icon', () => {
  it('opens the window with the way to show it, and is forgotten once it is seen again', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const running = await launch(home, { hidden: false, iconHidden: true });
    // Before the app looks for its icon, which it does once, three seconds after it made it.
    const [first] = await until(
      'the first window',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
    await running.app.control('window.close', { id: first?.id ?? 0 });
    await until(
      'the window again',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
    const log = () => appLogOf(running);
    expect(log()).toContain('The menu-bar icon is hidden (0, 982, 24 × 33)');
    const hidden = async () => (await noticesOf(running)).find(({ id }) => id === 'icon-hidden');
    expect(await until('the notice', hidden, (found) => found !== undefined)).toMatchObject({
      action: { kind: 'open-menu-bar-settings' },
    });
    await running.app.control('tray.hide', { hidden: false });
    await running.app.control('app.activate', {});
    await until('the end of the notice', hidden, (found) => found === undefined);
    expect(log()).toContain('The menu-bar icon is shown');
  });

  it('at login opens nothing: who hid it does not want a window at each start', async () => {
    const running = await launch(await createHome({ tiers: ['fast'] }), { iconHidden: true });
    const log = () => appLogOf(running);
    await until(
      'the look',
      async () => log(),
      (text) => text.includes('The menu-bar icon is hidden'),
    );
    expect(await running.app.control('windows.read', {})).toEqual([]);
    await running.app.control('app.activate', {});
    await until(
      'the window',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
  });
});

describe('a hidden icon and a second start', () => {
  it('of the app open the window of the first, with the way to show the icon', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const running = await launch(home, { iconHidden: true });
    await until(
      'the look',
      async () => appLogOf(running),
      (text) => text.includes('The menu-bar icon is hidden'),
    );
    expect(await running.app.control('windows.read', {})).toEqual([]);
    const second = await launch(home).catch((error: unknown) => error);
    expect(String(second)).toContain('ended before it was ready (exit code 0)');
    await until(
      'the window',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
    const hidden = async () => (await noticesOf(running)).find(({ id }) => id === 'icon-hidden');
    expect(await until('the notice', hidden, (found) => found !== undefined)).toMatchObject({
      action: { kind: 'open-menu-bar-settings' },
    });
  });
});

describe('the Dock', () => {
  const never = { visible: false, shown: 0 };

  it.each([
    ['at login', true],
    ['by the user', false],
  ])('never shows the icon of an app that was opened %s, whatever comes then', async (_how, hidden) => {
    const running = await launch(await createHome({ tiers: ['fast'] }), { installed: true, hidden });
    const { control } = running.app;
    const dock = () => control('dock.read', {});
    const windows = (count: number) =>
      until(
        'the window',
        () => control('windows.read', {}),
        (all) => all.length === count,
      );
    await running.untilReady();
    expect(await dock()).toEqual(never);
    for (const open of [
      () => control('app.activate', {}),
      () => running.click('Open MLX Stack…'),
      () => running.click('Settings', 'All Settings…'),
    ]) {
      await open();
      const [window] = await windows(1);
      expect(await dock()).toEqual(never);
      await control('window.close', { id: window?.id ?? 0 });
      await windows(0);
      expect(await dock()).toEqual(never);
    }
    await running.click('Settings', 'About MLX Stack');
    expect(await dock()).toEqual(never);
  });
});

describe('the window', () => {
  it('opens where it was left, also by the next start', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const theWindow = async ({ app }: RunningApp) => {
      const [window] = await until(
        'the window',
        () => app.control('windows.read', {}),
        (all) => all.length === 1,
      );
      if (window === undefined) throw new Error('there is no window');
      return window;
    };
    const left = { x: 40, y: 60, width: 800, height: 500 };
    const first = await launch(home, { hidden: false });
    const { id, bounds } = await theWindow(first);
    expect(bounds).not.toEqual(left);
    await first.app.control('window.place', { id, ...left });
    await first.app.control('window.close', { id });
    await first.session.stop();
    const second = await launch(home, { hidden: false });
    expect((await theWindow(second)).bounds).toEqual(left);
    await second.session.stop();
  });

  it('that was left on a screen that is gone opens on one that is there', async () => {
    const home = await createHome({ tiers: ['fast'] });
    write(home.home, 'window.json', JSON.stringify({ version: 1, x: 9_000, y: 60, width: 800, height: 500 }));
    const running = await launch(home, { hidden: false });
    const [window] = await until(
      'the window',
      () => running.app.control('windows.read', {}),
      (all) => all.length === 1,
    );
    expect(window?.bounds).toMatchObject({ width: 900, height: 620 });
    expect(window?.bounds.x).toBeLessThan(1_512);
  });
});

describe('quitting while a request runs', () => {
  async function serving() {
    const { switches, letGo } = held();
    const home = await createHome({ tiers: ['fast'], vllmMlx: switches });
    const running = await launch(home, { hidden: false });
    await running.untilReady();
    const answer = generate(home, 'fast', 40).catch((error: unknown) => ({ status: 0, text: String(error) }));
    await until('the request', busy(home, 'fast'), (requests) => requests === 1);
    const boxes = () => running.app.control('messageBoxes.read', {});
    const open = async (count: number) => {
      const all = await until('the question', boxes, (each) => each.length === count);
      const box = all.at(-1);
      if (box === undefined) throw new Error('there is no question');
      return box;
    };
    const press = (box: { number: number; buttons: string[] }, label: string) =>
      running.app.control('messageBox.answer', { number: box.number, response: box.buttons.indexOf(label) });
    return { home, running, answer, letGo, boxes, open, press };
  }

  it('asks; Cancel changes nothing, and the request is answered whole before it ends when finished', async () => {
    const { home, running, answer, letGo, open, press } = await serving();
    await running.click('Quit MLX Stack');
    const first = await open(1);
    expect(first).toMatchObject({
      message: 'A request is running.',
      buttons: ['Quit When Finished', 'Quit Now', 'Cancel'],
    });
    await press(first, 'Cancel');
    expect(await enginesOf(home.home)).not.toEqual([]);
    await running.app.control('app.quit', {});
    await press(await open(2), 'Quit When Finished');
    await until(
      'the notice of the wait',
      () => noticesOf(running),
      (notices) => notices.some(({ title }) => title === 'Quits when its requests are finished'),
    );
    letGo();
    expect((await answer).status).toBe(200);
    expect(await running.app.exited).toEqual({ code: 0, signal: null });
    await untilNoEngines(home.home, 2_000);
  });

  it('waits only as long as the menu’s “Keep Running” is not chosen', async () => {
    const { home, running, answer, letGo, open, press } = await serving();
    await running.click('Quit MLX Stack');
    await press(await open(1), 'Quit When Finished');
    await running.untilTray('the wait', ({ text }) => text.includes('Keep Running'));
    await running.click('Keep Running');
    await running.untilTray('its end', ({ text }) => !text.includes('Keep Running'));
    letGo();
    expect((await answer).status).toBe(200);
    await until('the end of the request', busy(home, 'fast'), (requests) => requests === 0);
    expect((await running.tray()).image).toContain('ready');
  });

  it('now does not wait', async () => {
    const { home, running, answer, open, press } = await serving();
    await running.click('Quit MLX Stack');
    await press(await open(1), 'Quit Now');
    expect((await running.app.exited).code).toBe(0);
    await untilNoEngines(home.home, 2_000);
    await answer;
  });

  it.each(['SIGTERM', 'shutdown'])('%s asks nothing, also while the question stands', async (how) => {
    const { home, running, answer, letGo, boxes, open } = await serving();
    await running.click('Quit MLX Stack');
    await open(1);
    if (how === 'SIGTERM') running.app.child.kill('SIGTERM');
    else await running.app.control('power.happen', { name: 'shutdown' });
    expect(await boxes().catch(() => [{}])).toHaveLength(1);
    letGo();
    expect((await running.app.exited).code).toBe(0);
    await untilNoEngines(home.home, 2_000);
    await answer;
  });

  it('asks nothing when nothing runs', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const running = await launch(home);
    await running.untilReady();
    await running.app.control('app.quit', {});
    expect((await running.app.exited).code).toBe(0);
  });
});
