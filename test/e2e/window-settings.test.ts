/** The Settings view: over the shipped bundle each kind of setting by clicks and keyboard, and over a fake bridge every situation. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, parsedDefaults } from '../../src-main/config/config-file.ts';
import { settingsOf } from '../../src-main/config/settings-control.ts';
import type { EnginesStatus } from '../../src-main/contract/engines.ts';
import type { LoginStatus } from '../../src-main/contract/mac.ts';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import type { Settings } from '../../src-main/contract/settings.ts';
import type { UpdateStatus } from '../../src-main/contract/updates.ts';
import { noUpdate } from '../../src-main/status/no-update.ts';
import { replaceFile } from '../tools/replace-file.ts';
import { snapshots } from '../unit/status/snapshots.ts';
import { expectClean } from './clean-window.ts';
import { useFakeBridge } from './fake-bridge.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';
import type { OpenedWindow, OpenOptions } from './renderer-fixture.ts';
import { freshEngines, installingUv, olderEngines, withoutUv } from './setup-fixture.ts';

const slowMs = 60_000;

describe('over the shipped bundle', () => {
  let preview: Preview;
  let page: Page;
  let config: string;

  beforeAll(async () => {
    preview = await startPreview({ demo: true, installed: true });
    config = path.join(preview.ready.home, 'config.yaml');
    page = await preview.window();
    await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
  });
  afterAll(() => preview.stop());

  const written = () => readFile(config, 'utf8');
  const row = (title: string) => page.locator('.setting', { has: page.getByText(title, { exact: true }) });
  const field = (title: string) => page.getByRole('textbox', { name: title, exact: true });
  const toggle = (title: string) => page.getByRole('switch', { name: title, exact: true });
  const reset = (title: string) => page.getByRole('button', { name: `Reset: ${title}`, exact: true });
  const spoken = () => page.locator('[aria-live="polite"]').textContent();

  it('opens by ⌘,, from the menu-bar menu and from the sidebar', async () => {
    await page.keyboard.press('Meta+,');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.getByRole('button', { name: 'Overview', exact: true }).click();
    await preview.control('menu.click', { path: ['Settings', 'All Settings…'] });
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.getByRole('button', { name: 'Logs', exact: true }).click();
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await screenshotBoth(preview, page, 'settings');
  });

  it('has no accessibility fault, light or dark, and nothing scrolls sideways', async () => {
    await expectClean(page);
  });

  it('turns a switch with the mouse and with the keyboard; it is in force at once', async () => {
    await toggle('Keep the Mac awake while serving').click();
    await expect.poll(written).toContain('keep-awake: true');
    await expect
      .poll(() => toggle('Keep the Mac awake while serving').getAttribute('aria-checked'))
      .toBe('true');
    const inMenu = async () =>
      (await preview.control('tray.read', {}))?.rows
        .find(({ id }) => id === 'settings')
        ?.children.find(({ label }) => label === 'Keep Mac Awake While Serving')?.checked;
    await expect.poll(inMenu).toBe(true);
    await toggle('When a model fails').focus();
    await page.keyboard.press('Space');
    await expect.poll(written).toContain('notify-failures: false');
    await expect.poll(spoken).toBe('When a model fails: Saved');
  });

  it('resets what is not the default, keeps the rest of the file, and leaves the focus on the setting', async () => {
    replaceFile(preview.ready.home, config, `# by hand\n${await written()}my-own-key: 1\n`);
    await page.getByText('Nothing reads these keys of the file; they are kept: my-own-key.').waitFor();
    await reset('When a model fails').focus();
    await page.keyboard.press('Enter');
    await reset('When a model fails').waitFor({ state: 'detached' });
    expect(await toggle('When a model fails').getAttribute('aria-checked')).toBe('true');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('setting-notify-failures');
    const text = await written();
    expect(text).not.toContain('notify-failures');
    expect(text).toContain('# by hand');
    expect(text).toContain('my-own-key: 1');
  });

  it('chooses from a pop-up; what stands in the menu bar follows', async () => {
    await page.getByRole('combobox', { name: 'Beside the menu-bar icon' }).selectOption('models');
    await expect.poll(written).toContain('menu-bar-title: models');
    await expect.poll(async () => (await preview.control('tray.read', {}))?.title).toMatch(/^ ?\d\/\d$/);
    await page.getByRole('combobox', { name: 'Beside the menu-bar icon' }).selectOption('none');
    await expect.poll(async () => (await preview.control('tray.read', {}))?.title).toBe('');
  });

  it('takes a number by Enter and by leaving the field, puts it back by Escape, and says why it refuses one', async () => {
    const budget = field('Memory for models');
    await budget.fill('55');
    await budget.press('Enter');
    await expect.poll(written).toContain('memory-budget-pct: 55');
    await reset('Memory for models').waitFor();
    await budget.fill('101');
    await budget.press('Tab');
    await row('Memory for models').getByText('Enter a whole number from 1 to 100.').waitFor();
    expect(await budget.getAttribute('aria-invalid')).toBe('true');
    expect(await budget.getAttribute('aria-describedby')).toContain('setting-memory-budget-pct-problem');
    await expectClean(page);
    await screenshotBoth(preview, page, 'settings-refused');
    await budget.press('Escape');
    expect(await budget.inputValue()).toBe('55');
    await row('Memory for models').getByRole('alert').waitFor({ state: 'detached' });
    await budget.fill('forty');
    await budget.press('Enter');
    await row('Memory for models').getByText('Enter a whole number from 1 to 100.').waitFor();
    await budget.fill('60%');
    await budget.press('Tab');
    await expect.poll(written).toContain('memory-budget-pct: 60');
  });

  it('moves the gateway to another port and tells that it restarts; a port of a model is refused', {
    timeout: slowMs * 2,
  }, async () => {
    const port = field('Port');
    const old = Number(await port.inputValue());
    const stack = await readFile(path.join(preview.ready.home, 'stacks', 'default.yaml'), 'utf8');
    const taken = /port: (\d+)/.exec(stack)?.[1] ?? '';
    await port.fill(taken);
    await port.press('Enter');
    await row('Port').getByText(`Port ${taken} belongs to the model`).waitFor();
    const next = String(old + 1);
    await port.fill(next);
    await port.press('Enter');
    await row('Port').getByText('Saved; Gateway restarts').waitFor();
    await page.getByText(`http://127.0.0.1:${next}/v1`).waitFor();
    const answers = async () =>
      await fetch(`http://127.0.0.1:${next}/health/liveliness`).then(
        ({ ok: isOk }) => isOk,
        () => false,
      );
    await expect.poll(answers, { timeout: slowMs }).toBe(true);
  });

  it('takes a path that is chosen, not typed, and refuses one where nothing is', {
    timeout: slowMs,
  }, async () => {
    const folder = path.join(preview.ready.home, 'other models');
    await mkdir(folder);
    await preview.control('openDialog.choose', { paths: [] });
    await page.getByRole('button', { name: 'Choose: Model folder' }).click();
    await expect
      .poll(async () => (await preview.control('openDialog.choose', { paths: [] }))?.properties ?? [])
      .toContain('openDirectory');
    expect(await written()).not.toContain('model-dir');
    const model = field('Model folder');
    expect(await model.getAttribute('readonly')).not.toBeNull();
    await preview.control('openDialog.choose', { paths: ['/nowhere/at/all'] });
    await page.getByRole('button', { name: 'Choose: Model folder' }).click();
    await row('Model folder').getByText('There is no folder at /nowhere/at/all.').waitFor();
    expect(await written()).not.toContain('model-dir');
    const program = field('vllm-mlx');
    const inForce = await program.inputValue();
    expect(await program.getAttribute('readonly')).not.toBeNull();
    const broken = path.join(folder, 'not a program');
    await writeFile(broken, '');
    await preview.control('openDialog.choose', { paths: [broken] });
    await page.getByRole('button', { name: 'Choose: vllm-mlx' }).click();
    await row('vllm-mlx').getByText('which may not be executed').waitFor();
    expect(await program.inputValue()).toBe(inForce);
    await preview.control('openDialog.choose', { paths: [folder] });
    await page.getByRole('button', { name: 'Choose: Model folder' }).click();
    await expect.poll(written).toContain(`model-dir: "${folder}"`);
    await expect.poll(() => model.inputValue()).toBe(folder);
    await row('Model folder')
      .getByText(/^Saved; /)
      .waitFor();
    await page.getByRole('button', { name: 'Show in Finder: model folder' }).click();
    await expect.poll(async () => (await preview.control('opened.read', {})).at(-1)?.target).toBe(folder);
    await reset('Model folder').click();
    await expect.poll(written).not.toContain('model-dir');
  });

  it('follows a change of the file from outside, and says when it cannot be read', async () => {
    const text = await written();
    replaceFile(preview.ready.home, config, `${text}log-max-files: 9\n`);
    await expect.poll(() => field('Archives of each log').inputValue()).toBe('9');
    replaceFile(preview.ready.home, config, `${text}log-max-files: nine\n`);
    await page.getByText('config.yaml has a mistake').waitFor();
    await page.getByText(/log-max-files is “nine”/).waitFor();
    expect(await field('Archives of each log').inputValue()).toBe('9');
    await field('Archives of each log').fill('7');
    await field('Archives of each log').press('Enter');
    await page.getByText('config.yaml has a mistake').waitFor({ state: 'detached' });
    expect(await written()).toContain('log-max-files: 7');
  });

  it('shows what macOS says of start at login, and asks it anew when the window comes to the front', async () => {
    await toggle('Start at login').click();
    await expect.poll(() => toggle('Start at login').getAttribute('aria-checked')).toBe('true');
    expect(await preview.control('loginItem.read', {})).toMatchObject({ openAtLogin: true });
    await preview.control('loginItem.outcome', { status: 'not-found' });
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect.poll(() => toggle('Start at login').getAttribute('aria-checked')).toBe('false');
  });

  it('leads to the Cloud and to the file', async () => {
    await page.getByRole('button', { name: 'Open config.yaml' }).click();
    await expect.poll(async () => (await preview.control('opened.read', {})).at(-1)?.target).toBe(config);
    await page.getByRole('button', { name: 'Open Cloud' }).click();
    await page.getByRole('heading', { level: 1, name: /cloud/i }).waitFor();
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    expect(await preview.control('pageErrors.read', {})).toEqual([]);
    expect(await preview.control('blocked.read', {})).toEqual([]);
  });
});

describe('every situation', () => {
  const openWindow = useFakeBridge();

  const context = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };
  const file = '/Users/me/.mlx-stack/config.yaml';
  const { values: defaults } = parsedDefaults(context);

  function settingsFrom(text: string, revision = 1): Settings {
    const parsed = parseConfig(text, context);
    if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
    return settingsOf({ value: parsed.value, source: 'file', problems: [] }, { revision, file, defaults });
  }

  async function open(
    options: OpenOptions & {
      login?: LoginStatus;
      settings?: Settings;
      update?: UpdateStatus;
      engines?: EnginesStatus;
    } = {},
  ): Promise<OpenedWindow> {
    const {
      login = { state: 'off', problem: null },
      settings = settingsFrom(''),
      update = noUpdate,
      engines = snapshots.healthy.engines,
      answers,
      ...rest
    } = options;
    const snapshot = { ...snapshots.healthy, mac: { ...snapshots.healthy.mac, login }, update, engines };
    const opened = await openWindow(snapshot, {
      ...rest,
      answers: { 'settings.read': ok(settings), ...answers },
    });
    await opened.page.getByRole('button', { name: 'Settings', exact: true }).click();
    await opened.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    // The settings come after the view.
    await opened.page.locator('main :is(.setting, [role=alert])').first().waitFor();
    return opened;
  }

  const everything = `default-quant: int8
memory-budget-pct: 70
ranking: cli
litellm-port: 4100
model-dir: "/Volumes/A very long name of a disk/with many folders/one inside the other/until no window is wide enough/models"
auto-health-check: false
log-max-size-mb: 20
log-max-files: 7
log-total-max-mb: 500
keep-awake: true
notify-failures: no
menu-bar-title: speed
vllm-mlx-path: /opt/engines/vllm-mlx
litellm-path: ~/.local/bin/litellm
uv-path: /opt/uv/uv
a-key-of-mine: 1
`;
  const approval: LoginStatus = {
    state: 'needs-approval',
    problem: problem('login-needs-approval', 'macOS asks for your approval.', 'Allow it in System Settings.'),
  };

  it.each([
    ['the smallest window', { width: 720, height: 480 }],
    ['a large screen', { width: 2560, height: 1440 }],
    ['a page that shows all of it', { width: 900, height: 2600 }],
  ])('fits %s, all of it set, with no accessibility fault, light or dark', async (_what, viewport) => {
    const { page } = await open({
      viewport,
      settings: settingsFrom(everything),
      login: approval,
    });
    await expectClean(page);
    expect(await page.getByRole('button', { name: /^Reset: / }).count()).toBe(15);
    for (const text of await page.locator('.setting-text').all())
      expect((await text.boundingBox())?.width).toBeGreaterThan(220);
    const target = path.resolve(import.meta.dirname, `../artefacts/settings-${viewport.width}.png`);
    await mkdir(path.dirname(target), { recursive: true });
    await page.screenshot({ path: target });
  });

  it('has a control for every row, named by its label, and reaches all of them by Tab', async () => {
    const { page } = await open({ settings: settingsFrom(everything) });
    const controls = page.locator('.setting :is(input, select, [role=switch])');
    const count = await controls.count();
    expect(count).toBe(19);
    await controls.first().focus();
    const reached = new Set<string>();
    for (let step = 0; step < 60; step += 1) {
      reached.add(await page.evaluate(() => document.activeElement?.id ?? ''));
      await page.keyboard.press('Tab');
    }
    for (const control of await controls.all()) {
      const id = (await control.getAttribute('id')) ?? '';
      if (id !== '') expect(reached).toContain(id);
    }
  });

  it('installs, updates and goes back to engines, says where they come from, and shows how far it is', async () => {
    const window = await open({ engines: olderEngines });
    const { page } = window;
    const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const given = async () => (await window.given()).at(-1);
    await page.getByText('0.2.6, found in /Users/ada/.local/bin; not in use', { exact: true }).waitFor();
    await page.getByText('It is vllm-mlx 0.2.6, while MLX Stack is made for 0.2.9').waitFor();
    await page.getByText('1.82.0, installed', { exact: true }).waitFor();
    await page.getByText('0.9.9, found', { exact: true }).waitFor();
    await click('Install 0.2.9: vllm-mlx');
    expect(await given()).toEqual({ name: 'engines.install', input: { names: ['vllm-mlx'] } });
    await click('Use the One Found: vllm-mlx');
    expect(await given()).toEqual({ name: 'engines.useFound', input: { name: 'vllm-mlx' } });
    await click('Update to 1.84.3: litellm');
    expect(await given()).toEqual({ name: 'engines.install', input: { names: ['litellm'] } });
    await click('Go Back to 1.81.0: litellm');
    expect(await given()).toEqual({ name: 'engines.rollBack', input: { name: 'litellm' } });
    await click('Look Again');
    expect(await given()).toEqual({ name: 'engines.refresh', input: {} });
    await expectClean(page);

    await window.send({ revision: 2, engines: installingUv });
    await page.getByRole('progressbar', { name: 'Progress: Installing uv' }).waitFor();
    expect(await page.getByRole('button', { name: 'Look Again' }).count()).toBe(0);
    await click('Cancel Installation');
    expect(await given()).toEqual({ name: 'engines.cancel', input: {} });

    const found = problem('no-network', 'The package index could not be reached.', 'Try again.');
    await window.send({ revision: 3, engines: { ...withoutUv, problem: found } });
    await page.getByText('The package index could not be reached.').waitFor();
    await page.getByText('LiteLLM 1.82.7 carried code that steals passwords.').waitFor();
    await page.getByText('curl -LsSf https://astral.sh/uv/install.sh | sh').waitFor();
    await click('Install uv');
    expect(await given()).toEqual({ name: 'engines.installUv', input: {} });
    await expectClean(page);

    await window.send({ revision: 4, engines: freshEngines });
    await click('Install Both');
    expect(await given()).toEqual({ name: 'engines.install', input: { names: ['vllm-mlx', 'litellm'] } });
  });

  it('of a path that leads to no program it offers to remove it, not to install another', async () => {
    const misnamed = (key: string) => problem('executable-missing', `${key} names /nowhere.`, 'Correct it.');
    const [vllmMlx, litellm] = freshEngines.engines;
    if (vllmMlx === undefined || litellm === undefined) throw new Error('there are two engines');
    const engines = {
      ...freshEngines,
      engines: [{ ...vllmMlx, problem: misnamed('vllm-mlx-path') }, litellm],
      uv: { ...withoutUv.uv, problem: misnamed('uv-path') },
    };
    const window = await open({ engines });
    const { page } = window;
    await page.getByText('vllm-mlx-path names /nowhere. Correct it.').waitFor();
    await page.getByText('uv-path names /nowhere.').waitFor();
    expect(await page.getByRole('button', { name: /^Install / }).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove This Path' }).click();
    expect((await window.given()).at(-1)).toEqual({ name: 'settings.reset', input: { key: 'uv-path' } });
    await window.send({ revision: 2, engines: { ...engines, uv: freshEngines.uv } });
    await page.getByRole('button', { name: 'Install 1.84.3: litellm' }).waitFor();
    expect(await page.getByRole('button', { name: /^Install / }).count()).toBe(1);
  });

  it('is led to the engines by a notice, each time anew', async () => {
    const window = await openWindow(snapshots.healthy, {
      answers: { 'settings.read': ok(settingsFrom('')) },
    });
    const { page } = window;
    const at = () => page.evaluate(() => document.activeElement?.id);
    const sidebar = (name: string) => page.getByRole('button', { name, exact: true });
    for (const between of ['Overview', 'Models']) {
      await window.choose('engines');
      await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
      await expect.poll(at).toBe('engines-title');
      expect(await sidebar('Settings').getAttribute('aria-current')).toBe('page');
      await sidebar(between).click();
    }
    await sidebar('Settings').click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Engines' }).waitFor();
    expect(await at()).not.toBe('engines-title');
  });

  it('leads to System Settings where macOS waits for an approval, and gives a reason where it cannot be', async () => {
    const waiting = await open({ login: approval });
    await waiting.page.getByText('macOS asks for your approval. Allow it in System Settings.').waitFor();
    await waiting.page.getByRole('button', { name: 'Open Login Items' }).click();
    expect((await waiting.given()).at(-1)).toEqual({ name: 'login.openSettings', input: {} });
    const unavailable = await open({
      login: {
        state: 'unavailable',
        problem: problem('login-not-packaged', 'Only from Applications.', 'Move it.'),
      },
    });
    await unavailable.page.getByText('Only from Applications. Move it.').waitFor();
    expect(await unavailable.page.getByRole('switch', { name: 'Start at login' }).count()).toBe(0);
  });

  it.each([
    [{}, 'No newer version is known.', 'Check for Updates', 'update.check'],
    [{ state: 'checking' }, 'Looking for a newer version…', null, null],
    [{ state: 'downloading', version: '0.2.0', fraction: 0.4 }, 'Downloading version 0.2.0…', null, null],
    [{ state: 'verifying', version: '0.2.0' }, 'Checking the signature of version 0.2.0…', null, null],
    [{ state: 'ready', version: '0.2.0' }, 'Version 0.2.0 is ready.', 'Restart to Update…', 'update.install'],
    [
      { state: 'failed', problem: problem('update-offline', 'No connection.', 'Try again later.') },
      'No connection. Try again later.',
      'Check for Updates',
      'update.check',
    ],
    [
      { state: 'unavailable', problem: problem('update-not-installed', 'This copy stays.', 'Move it.') },
      'This copy stays. Move it.',
      null,
      null,
    ],
  ] as const)('shows an update %o', async (update, text, button, command) => {
    const { page, given } = await open({ update: { ...noUpdate, ...update } });
    const row = page.locator('.setting', { has: page.getByText('MLX Stack 0.1.0', { exact: true }) });
    await row.getByText(text).waitFor();
    expect(await row.getByRole('progressbar').count()).toBe('fraction' in update ? 1 : 0);
    expect(await row.getByRole('button').count()).toBe(button === null ? 0 : 1);
    if (button !== null) {
      await row.getByRole('button', { name: button }).click();
      expect((await given()).at(-1)).toEqual({ name: command, input: {} });
    }
    if (button !== null) await expectClean(page);
    const target = path.resolve(import.meta.dirname, '../artefacts/settings-update.png');
    await page.screenshot({ path: target });
  });

  it('asks before everything is reset, and takes no for an answer', async () => {
    const { page, given } = await open({ settings: settingsFrom(everything) });
    await page.getByRole('button', { name: 'Reset All…' }).click();
    // The harmless answer has the focus.
    await page.locator('button:focus', { hasText: 'Cancel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Reset All…' }).click();
    await page.getByText('Every setting goes back to its default').waitFor();
    expect((await given()).filter(({ name }) => name === 'settings.reset')).toEqual([]);
    await page.getByRole('button', { name: 'Reset All', exact: true }).click();
    await expect
      .poll(async () => (await given()).at(-1))
      .toEqual({ name: 'settings.reset', input: { key: null } });
  });

  it('keeps what is being written when another setting changes outside, and the newer of two states', async () => {
    const { page } = await open();
    const budget = page.getByRole('textbox', { name: 'Memory for models' });
    await budget.fill('5');
    const tell = (settings: Settings) =>
      page.evaluate((value) => window.fake.emit('settings.changed', value), settings);
    await tell(settingsFrom('log-max-files: 8\n', 5));
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Archives of each log' }).inputValue())
      .toBe('8');
    expect(await budget.inputValue()).toBe('5');
    await tell(settingsFrom('log-max-files: 3\n', 4));
    expect(await page.getByRole('textbox', { name: 'Archives of each log' }).inputValue()).toBe('8');
  });

  it('says why there is nothing to show yet, and shows it when it comes', async () => {
    const { page } = await open({
      answers: { 'settings.read': fail(problem('still-opening', 'MLX Stack is still opening.')) },
    });
    await page.getByText('MLX Stack is still opening.').waitFor();
    await page.evaluate((value) => window.fake.emit('settings.changed', value), settingsFrom(''));
    await page.getByRole('textbox', { name: 'Port' }).waitFor();
  });
});
