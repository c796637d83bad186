/** What only some of the app's states show, by keyboard alone behind a fake bridge: each act with the command it gives and where the focus is then. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { CommandName } from '../../src-main/contract/commands.ts';
import type { ModelCheck } from '../../src-main/contract/models.ts';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { hiddenIconNotice, quitNotice } from '../../src-main/shell/mac-notices.ts';
import { snapshots } from '../unit/status/snapshots.ts';
import { useFakeBridge } from './fake-bridge.ts';
import { createKeyboard, isFocused } from './keyboard.ts';
import type { OpenedWindow, OpenOptions } from './renderer-fixture.ts';
import {
  answered,
  fastTier,
  plan,
  settingUp,
  setupFailed,
  setupSnapshots,
  standardTier,
  stocked,
} from './setup-fixture.ts';

const openWindow = useFakeBridge();
let window: OpenedWindow;
let page: Page;
const { button, press, type, expectFocus, expectFocusIn, tabTo, reach, go, confirm } = createKeyboard(
  () => page,
);

async function open(snapshot: Snapshot, options: OpenOptions = {}): Promise<void> {
  window = await openWindow(snapshot, options);
  page = window.page;
  await press('Tab');
  await expectFocus(button('Overview'));
}
const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const region = (name: string) => page.getByRole('region', { name, exact: true });

/** The last command of this name is, or becomes, such. */
async function expectGiven(name: CommandName, input: object): Promise<void> {
  const last = async () => (await window.given()).findLast((given) => given.name === name)?.input;
  await expect.poll(last).toMatchObject(input);
}

/** A new page begins at its title, which is no stop of the Tab key. */
async function expectTitle(name: string): Promise<void> {
  await heading(name).waitFor();
  await expect.poll(() => isFocused(heading(name))).toBe(true);
}

describe('the setup', () => {
  it('your Mac: what it is for, and on', async () => {
    await open(setupSnapshots.fresh);
    const [everyday, agents] = [page.getByLabel('Everyday'), page.getByLabel('Agents')];
    await reach(everyday);
    await press('ArrowDown');
    await expectGiven('setup.plan', { intent: 'agent-fleet' });
    await expectFocus(agents);
    await press('ArrowUp');
    await expectGiven('setup.plan', { intent: 'balanced' });
    await expectFocus(everyday);
    await reach(button('Open the MLX Stack Folder'));
    await press('Enter');
    await expectGiven('place.open', { place: 'home' });
    await reach(button('Continue'));
    await press('Enter');
    await expectTitle('The plan for this Mac');
    await reach(button('Back'));
    await press('Space');
    await expectTitle('Welcome to MLX Stack');
  });

  it('the plan: memory, another model, context, name, one less, one more, the recommendation; it begins', async () => {
    await open(setupSnapshots.fresh);
    await reach(button('Continue'));
    await press('Enter');
    await expectTitle('The plan for this Mac');
    const models = region('Models');
    const planIs = (tiers: typeof plan.tiers) => window.setAnswer('setup.plan', ok({ ...plan, tiers }));

    const slider = page.getByRole('slider');
    await reach(slider);
    await press('ArrowRight');
    await expectGiven('setup.plan', { budgetPct: 45 });
    await expectFocus(slider);

    const change = button('Change Model of standard');
    await tabTo(change);
    await press('Enter');
    const other = button('Use Qwen3.6 35B-A3B as standard');
    await expectFocus(other);
    await press('Enter');
    await expectGiven('setup.plan', { tiers: [{ repo: 'mlx-community/Qwen3.6-35B-A3B-4bit' }, {}] });
    await expectFocus(change);

    const context = page.getByLabel('Context of standard');
    await reach(context);
    await press('Home');
    await expectGiven('setup.plan', { tiers: [{ contextTokens: 4096 }, {}] });
    await expectFocus(context);

    await planIs([standardTier, { ...fastTier, name: 'quick' }]);
    const name = page.getByLabel('Name of model 2');
    await reach(name);
    await type('quick');
    await press('Enter');
    await expectGiven('setup.plan', { tiers: [{}, { name: 'quick' }] });
    await button('Remove quick').waitFor();
    await expectFocus(name);

    await planIs([standardTier]);
    await reach(button('Remove quick'));
    await press('Enter');
    await button('Remove quick').waitFor({ state: 'detached' });
    await expectFocusIn(models);

    await planIs([standardTier, fastTier]);
    await reach(button('Add a Model…'));
    await press('Enter');
    await expectFocusIn(models);
    await reach(region('Add a model').getByRole('searchbox'));
    await type('gemma');
    await tabTo(button('Add Gemma 4 12B'));
    await press('Enter');
    await expectGiven('setup.plan', { tiers: [{}, { repo: 'mlx-community/gemma-4-12b-it-4bit' }] });
    await button('Change Model of fast').waitFor();
    await expectFocusIn(models);

    await reach(page.locator('summary'));
    await press('Enter');
    expect(await page.locator('details').evaluate((each) => each.matches('[open]'))).toBe(true);
    await reach(button('Back to the Recommendation'));
    await press('Enter');
    await expectGiven('setup.plan', { budgetPct: null, tiers: null });
    await button('Back to the Recommendation').waitFor({ state: 'detached' });
    await expectFocusIn(page.getByRole('main'));
    await reach(button('Download 18.8 GB and Set Up'));
    await press('Space');
    await expectGiven('setup.begin', { intent: 'balanced', tiers: [{ name: 'standard' }, { name: 'fast' }] });
  });

  it('uv, which it needs first, by its link', async () => {
    await open(setupSnapshots.missingUv);
    await reach(button('Continue'));
    await press('Enter');
    await expectTitle('The plan for this Mac');
    await reach(button('Install uv first.'));
    await press('Enter');
    await expectFocus(button('Install uv'));
    await press('Enter');
    await expectGiven('engines.installUv', {});
    await window.send({ revision: 2, engines: setupSnapshots.installingUv.engines });
    await button('Install uv').waitFor({ state: 'detached' });
    await expectFocusIn(page.getByRole('main'));
    await reach(button('Cancel Installation'));
    await press('Enter');
    await expectGiven('engines.cancel', {});
    await window.send({ revision: 3, engines: setupSnapshots.fresh.engines });
    await button('Cancel Installation').waitFor({ state: 'detached' });
    await expectFocusIn(page.getByRole('main'));
  });

  it('the progress: a pause, the question before it is cancelled, a failure, the first answer, Done', async () => {
    const { models } = setupSnapshots.working;
    await open(setupSnapshots.fresh);
    await reach(button('Continue'));
    await press('Enter');
    await expectTitle('The plan for this Mac');
    await window.send({ revision: 2, setup: settingUp, models });
    await expectTitle('Setting up your Mac');
    await reach(button(`Pause: ${standardTier.modelName}`));
    await press('Space');
    await expectGiven('models.pauseDownload', { repo: standardTier.repo });
    await window.send({
      revision: 3,
      models: {
        ...models,
        downloads: models.downloads.map((each) => ({ ...each, state: 'paused' as const })),
      },
    });
    await expectFocus(button(`Resume: ${standardTier.modelName}`));
    await press('Space');
    await expectGiven('models.resumeDownload', { repo: standardTier.repo });
    await confirm(button('Cancel Setup…'), 'Cancel Setup');
    await expectGiven('setup.cancel', {});
    await expectFocus(button('Cancel Setup…'));

    await window.send({ revision: 4, setup: setupFailed });
    await heading('The setup has stopped').waitFor();
    await expectFocus(button('Try Again to set up'));
    await press('Enter');
    await expectGiven('setup.retry', {});
    await window.send({ revision: 5, setup: settingUp });
    await expectFocus(button('Cancel Setup…'));

    const order = snapshots.healthy.services.map(({ id }) => id);
    await window.send({ ...setupSnapshots.answering, revision: 6, order });
    await page.getByText('Hello! I am running entirely').waitFor();
    await expectFocus(button('Cancel Setup…'));
    await window.send({ ...setupSnapshots.answering, revision: 7, setup: answered });
    await heading('Your Mac answers').waitFor();
    await expectFocus(button('Done'));
    for (const [name, command] of [
      ['Copy base URL', 'endpoint.copyAddress'],
      ['Copy API key', 'endpoint.copyKey'],
      ['Copy the request with curl', 'endpoint.copySample'],
    ] as const) {
      await reach(button(name));
      await press('Enter');
      await expectGiven(command, {});
      await expectFocus(button(name));
    }
    const login = page.getByRole('switch', { name: 'Start at login' });
    await reach(login);
    await press('Space');
    await expectGiven('login.set', { enabled: true });
    await expectFocus(login);
    await reach(button('Done'));
    await window.setSnapshot({ ...snapshots.healthy, revision: 8 });
    await press('Enter');
    await expectGiven('setup.finish', {});
    await window.send({ ...snapshots.healthy, revision: 8 });
    await heading('MLX Stack is ready').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });
});

describe('models', () => {
  const tab = (name: string) => page.getByRole('tab', { name });
  async function openTab(name: string, steps: number, options: OpenOptions = {}): Promise<void> {
    await open(stocked, options);
    await go('Models');
    await tabTo(tab('Stack'));
    for (let count = 0; count < steps; count += 1) await press('ArrowRight');
    await expectFocus(tab(name));
  }

  it('Stack: another context, another name, a removal', async () => {
    await openTab('Stack', 0);
    const opener = button('Change the Context of standard');
    await reach(opener);
    await press('Enter');
    const context = page.getByRole('form', { name: 'Context of standard' }).getByRole('combobox');
    await expectFocus(context);
    await press('ArrowDown');
    await expectGiven('stack.weighTier', { tier: 'standard', contextTokens: 32_768 });
    await expectFocus(context);
    await press('Escape');
    await expectFocus(opener);
    await press('Enter');
    await expectFocus(context);
    await press('ArrowDown');
    await expectGiven('stack.weighTier', { contextTokens: 32_768 });
    await tabTo(button('Save'));
    await press('Enter');
    await expectGiven('stack.setContext', { name: 'standard', contextTokens: 32_768 });
    await expectFocus(opener);

    const rename = button('Rename standard');
    await reach(rename);
    await press('Enter');
    await expectFocus(page.getByLabel('New name of standard'));
    await tabTo(button('Cancel'));
    await press('Escape');
    await expectFocus(rename);
    await press('Enter');
    await expectFocus(page.getByLabel('New name of standard'));
    await tabTo(rename, 'Shift+Tab');
    await press('Enter');
    await page.getByLabel('New name of standard').waitFor({ state: 'detached' });
    await expectFocus(rename);
    await press('Enter');
    await expectFocus(page.getByLabel('New name of standard'));
    await type('main');
    await press('Enter');
    await expectGiven('stack.renameTier', { name: 'standard', newName: 'main' });
    await expectFocus(rename);

    await confirm(button('Remove fast from the stack'), 'Remove');
    await expectGiven('stack.removeTier', { name: 'fast' });
    const order = stocked.services.map(({ id }) => id).filter((id) => id !== 'fast');
    await window.send({ revision: 2, order });
    await button('Remove fast from the stack').waitFor({ state: 'detached' });
    await expectFocusIn(page.getByRole('main'));
  });

  it('On This Mac: a check, its result, Download Again, a use that is left again', async () => {
    await openTab('On This Mac', 1);
    const verify = button('Verify: Qwen3.8 27B');
    const checked = (more: Partial<ModelCheck>): ModelCheck => ({
      key: 'key-1',
      name: 'Qwen3.8 27B',
      state: 'checking',
      doneBytes: 1e9,
      totalBytes: 16.2e9,
      problem: null,
      differs: false,
      ...more,
    });
    const checks = (at: number, ...present: ModelCheck[]) =>
      window.send({ revision: at, models: { ...stocked.models, checks: present } });
    await reach(verify);
    await press('Enter');
    await expectGiven('models.verify', { key: 'key-1' });
    await checks(2, checked({}));
    await expectFocus(verify);
    await reach(button('Verify, Cancel: Qwen3.8 27B'));
    await press('Enter');
    await expectGiven('models.cancelVerify', { key: 'key-1' });
    const differs = problem('model-differs', 'One file differs.', 'Download it again.');
    await checks(3, checked({ state: 'failed', differs: true, problem: differs }));
    const clear = button('Verify, Clear: Qwen3.8 27B');
    await expectFocus(clear);
    await confirm(button('Download Again…: Qwen3.8 27B'), 'Download');
    await expectGiven('models.downloadAgain', { key: 'key-1' });
    await reach(clear);
    await press('Enter');
    await checks(4);
    await clear.waitFor({ state: 'detached' });
    await expectFocusIn(page.getByRole('list', { name: 'On This Mac' }));

    const use = button('Use in the Stack: Qwen3 0.6B');
    await reach(use);
    await press('Enter');
    const form = page.getByRole('form', { name: 'Use Qwen3 0.6B in the stack' });
    await expectFocus(form.getByRole('combobox', { name: 'As', exact: true }));
    await press('Escape');
    await form.waitFor({ state: 'detached' });
    await expectFocus(use);
    await press('Enter');
    await expectFocus(form.getByRole('combobox', { name: 'As', exact: true }));
    await press('End');
    await expectFocus(form.getByRole('combobox', { name: 'As', exact: true }));
    await tabTo(form.getByRole('textbox', { name: 'Name', exact: true }));
    await type('tiny');
    await press('Enter');
    await expectGiven('stack.addTier', { name: 'tiny' });
    await form.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });

  it('Browse: a model that no list has, the account it asks for; found then', async () => {
    const gated = fail(problem('hub-gated', 'This model asks for its licence first.', 'Accept it.'));
    await openTab('Browse', 2, { answers: { 'models.lookUp': gated } });
    await tabTo(page.getByRole('searchbox'));
    await type('someone/Own-7B-4bit');
    const lookUp = button('Look Up');
    await tabTo(lookUp);
    await press('Enter');
    await expectGiven('models.lookUp', { text: 'someone/Own-7B-4bit' });
    await page.getByRole('alert').getByText('asks for its licence first').waitFor();
    await expectFocus(lookUp);
    await tabTo(page.getByLabel('Access token'));
    await type('hf_canary');
    await press('Enter');
    await expectGiven('models.setToken', { token: 'hf_canary' });
    await window.send({
      revision: 2,
      models: { ...stocked.models, token: { state: 'present', last4: 'nary', problem: null } },
    });
    await expectFocusIn(page.getByRole('main'));
  });

  it('Downloads: a token, which is removed again; a download that is cancelled', async () => {
    await openTab('Downloads', 3);
    const account = region('Hugging Face account');
    const withToken = (at: number, state: 'present' | 'absent') =>
      window.send({
        revision: at,
        models: {
          ...stocked.models,
          token: { state, last4: state === 'present' ? 'nary' : null, problem: null },
        },
      });
    const cancel = button(`Cancel Download: ${standardTier.modelName}`);
    await confirm(cancel, 'Cancel Download');
    await expectGiven('models.cancelDownload', { repo: standardTier.repo });
    const field = account.getByLabel('Access token');
    await reach(field);
    await type('hf_canary');
    await tabTo(button('Save Token'));
    await press('Space');
    await expectGiven('models.setToken', { token: 'hf_canary' });
    await withToken(2, 'present');
    await expectFocus(button('Remove Token…'));
    await confirm(button('Remove Token…'), 'Remove Token');
    await expectGiven('models.removeToken', {});
    await withToken(3, 'absent');
    await expectFocus(field);
  });
});

it('Cloud: a cap is given once, and one goes on writing in it', async () => {
  await open(snapshots.cloud);
  await go('Cloud');
  const cap = page.getByLabel('Daily cap');
  await reach(cap);
  await type('0,25');
  await press('Enter');
  await expectGiven('cloud.setOptions', { dailyCapUsd: 0.25 });
  await window.send({ revision: 2, cloud: { ...snapshots.cloud.cloud, dailyCapUsd: 0.25 } });
  await expect.poll(() => cap.inputValue()).toBe('0.25');
  await type('5');
  expect(await cap.inputValue()).toBe('0.255');
  await window.send({ revision: 3, cloud: { ...snapshots.cloud.cloud, dailyCapUsd: 3 } });
  await press('Enter');
  await expectGiven('cloud.setOptions', { dailyCapUsd: 0.255 });
  expect((await window.given()).filter(({ name }) => name === 'cloud.setOptions')).toHaveLength(2);
  await expectFocus(cap);
});

it('notices: a quit that waits is taken back, an icon that is hidden is shown', async () => {
  const quit = quitNotice(2, 'quit');
  await open({ ...snapshots.healthy, notices: [quit, hiddenIconNotice] });
  await reach(button('Keep Running'));
  await press('Enter');
  await expectGiven('app.keepRunning', {});
  await window.send({ revision: 2, notices: [hiddenIconNotice] });
  await button('Keep Running').waitFor({ state: 'detached' });
  await expectFocusIn(page.getByRole('main'));
  await reach(button('Open Menu Bar Settings'));
  await press('Space');
  await expectGiven('menuBar.openSettings', {});
  await expectFocus(button('Open Menu Bar Settings'));
});
