/** The Models view behind a fake bridge: its four parts in every situation, by mouse and by keyboard, light and dark. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ModelCheck } from '../../src-main/contract/models.ts';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { snapshots } from '../unit/status/snapshots.ts';
import { expectClean } from './clean-window.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenedWindow, OpenOptions } from './renderer-fixture.ts';
import {
  browsedModels,
  browseLive,
  browseShipped,
  busyModels,
  cannotPlan,
  copiedList,
  information,
  manyModels,
  modelList,
  notAdmitted,
  setupSnapshots,
  stocked,
  weightOf,
} from './setup-fixture.ts';

const openWindow = useFakeBridge();

type Tab = 'Stack' | 'On This Mac' | 'Browse' | 'Downloads';

async function open(tab: Tab, options: OpenOptions = {}, snapshot: Snapshot = stocked) {
  const window = await openWindow(snapshot, options);
  await button(window.page, 'Models').click();
  await window.page.getByRole('tab', { name: tab }).click();
  return window;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const option = (page: Page, name: string) => page.getByRole('option', { name });
const small = { viewport: { width: 720, height: 480 } } as const;
const last = async (window: OpenedWindow, name: string) =>
  (await window.given()).findLast((given) => given.name === name)?.input;

describe('the parts', () => {
  it('are tabs: one stop of the Tab key, arrows between them', async () => {
    const { page } = await open('Stack');
    const selected = () => page.getByRole('tab', { selected: true }).innerText();
    await page.keyboard.press('ArrowRight');
    expect(await selected()).toBe('On This Mac');
    await page.keyboard.press('End');
    expect(await selected()).toContain('Downloads');
    await page.keyboard.press('ArrowRight');
    expect(await selected()).toBe('Stack');
    await page.keyboard.press('Tab');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Change Model of fast');
  });
});

describe('the stack', () => {
  it('renames and removes after it has told what restarts', async () => {
    const window = await open('Stack', small);
    const { page } = window;
    await button(page, 'Rename fast').click();
    await page.getByText('Only “fast” and,').waitFor();
    await expectClean(page);
    await page.getByLabel('New name of fast').fill('quick');
    await page.keyboard.press('Enter');
    expect(await last(window, 'stack.renameTier')).toEqual({ name: 'fast', newName: 'quick' });
    await button(page, 'Remove longctx from the stack').click();
    await page.getByText('Only longctx stops').waitFor();
    await expectClean(page);
    await button(page, 'Remove').click();
    expect(await last(window, 'stack.removeTier')).toEqual({ name: 'longctx' });
  });

  it('changes the context: the memory of each is told, and what it comes to, before it is done', async () => {
    const window = await open('Stack', {
      ...small,
      answers: { 'stack.weighTier': ok(weightOf(9.4, { warning: notAdmitted })) },
    });
    const { page } = window;
    await button(page, 'Change the Context of fast').click();
    const form = page.getByRole('form', { name: 'Context of fast' });
    const pop = form.getByLabel('Context');
    await expect.poll(() => pop.inputValue()).toBe('16384');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
    expect(await pop.locator('option').allInnerTexts()).toEqual([
      '8K · 5.1 GB',
      '16K · 6.3 GB',
      '32K · 9.4 GB',
      '128K · 50.2 GB',
    ]);
    expect(await pop.locator('option:disabled').allInnerTexts()).toEqual(['128K · 50.2 GB']);
    await pop.selectOption('32768');
    await expect
      .poll(() => last(window, 'stack.weighTier'))
      .toEqual({
        tier: 'fast',
        repo: null,
        contextTokens: 32_768,
      });
    const told = form.getByRole('status');
    await told.getByText('About 9.4 GB for this model').waitFor();
    await told.getByText('21.4 GB for all models, which may have 25.6 GB (40% of 64 GB)').waitFor();
    await told.getByText('48 GB is what the GPU may use').waitFor();
    await told.getByText(notAdmitted.message).waitFor();
    await told.getByText('stop standard (18.8 GB) first').waitFor();
    await form.getByText('Only “fast” and,').waitFor();
    await expectClean(page);
    await form.getByRole('button', { name: 'Save' }).click();
    expect(await last(window, 'stack.setContext')).toEqual({ name: 'fast', contextTokens: 32_768 });
    await form.waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Change the Context of fast');
  });

  it('asks anew what a choice comes to when another model starts or stops meanwhile', async () => {
    const window = await open('Stack', small);
    const { page } = window;
    const asked = async () => (await window.given()).filter(({ name }) => name === 'stack.weighTier').length;
    await button(page, 'Change the Context of fast').click();
    await page.getByRole('status').getByText('About 6.3 GB for this model').waitFor();
    expect(await asked()).toBe(1);
    await window.setAnswer('stack.weighTier', ok(weightOf(6.3, { warning: notAdmitted })));
    const [first, ...others] = stocked.services;
    if (first === undefined) throw new Error('a tier');
    await window.send({ revision: 2, services: [{ ...first, state: 'starting' }, ...others] });
    await page.getByText(notAdmitted.message).waitFor();
    expect(await asked()).toBe(2);
  });

  it('measures what a model that runs does, once at a time, and says what comes of it', async () => {
    const measured = { tokensPerSecond: 41.66, spread: 0.34, answers: 3, isKept: true };
    const window = await open('Stack', { ...small, answers: { 'stack.measureSpeed': ok(measured) } });
    const { page } = window;
    await button(page, 'Measure Speed of fast').click();
    await page
      .getByRole('status')
      .getByText(
        '41.7 tokens per second, measured in 3 answers (± 0.3). Plans use this instead of the estimate.',
      )
      .waitFor();
    expect(await last(window, 'stack.measureSpeed')).toEqual({ name: 'fast' });
    await expectClean(page);
    const busy = problem('measure-others', 'Models are answering other requests now.');
    await window.setAnswer('stack.measureSpeed', fail(busy));
    await button(page, 'Measure Speed of fast').click();
    await page.getByText(busy.message).waitFor();
    await expectClean(page);
    const [first, ...others] = stocked.services;
    if (first === undefined) throw new Error('a tier');
    await window.send({ revision: 2, services: [{ ...first, state: 'stopped' }, ...others] });
    await button(page, `Measure Speed of ${first.id}`).waitFor({ state: 'detached' });
  });

  it('does not offer to do what would be refused, and says why in numbers', async () => {
    const tooLarge = problem(
      'too-large',
      'Qwen3.6 35B-A3B needs 50.2 GB; the GPU of this Mac may use 48 GB.',
      'Choose a smaller model or a shorter context.',
    );
    const window = await open('Stack', {
      answers: { 'stack.weighTier': ok(weightOf(50.2, { problem: tooLarge })) },
    });
    const { page } = window;
    await button(page, 'Change Model of fast').click();
    await option(page, 'Qwen3.6 35B-A3B').click();
    await button(page, 'Use in the Stack: Qwen3.6 35B-A3B').click();
    const form = page.getByRole('form');
    await form.getByText(tooLarge.message).waitFor();
    await form.getByText('Choose a smaller model or a shorter context.').waitFor();
    expect(await button(page, 'Use as fast').isDisabled()).toBe(true);
    expect(await last(window, 'stack.weighTier')).toEqual({
      tier: 'fast',
      repo: 'mlx-community/Qwen3.6-35B-A3B-4bit',
      contextTokens: null,
    });
    await form.getByLabel('As').selectOption('One more model');
    await expect.poll(() => last(window, 'stack.weighTier')).toMatchObject({ tier: null });
    await expectClean(page);
  });

  it('keeps the name to be corrected when it is refused', async () => {
    const { page } = await open('Stack', {
      answers: {
        'stack.renameTier': fail(problem('bad-name', 'A name has letters, digits and dashes only.')),
      },
    });
    await button(page, 'Rename fast').click();
    await page.getByLabel('New name of fast').fill('so quick!');
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('letters, digits and dashes').waitFor();
    expect(await page.getByLabel('New name of fast').inputValue()).toBe('so quick!');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Rename fast');
  });

  it('folds what a button unfolded by that button, or for another', async () => {
    const { page } = await open('Stack');
    const form = page.getByRole('form');
    await button(page, 'Change the Context of fast').click();
    await form.getByRole('combobox').waitFor();
    await button(page, 'Rename fast').click();
    await form.getByLabel('New name of fast').waitFor();
    expect(await form.count()).toBe(1);
    await button(page, 'Rename fast').click();
    await form.waitFor({ state: 'detached' });
  });

  it('changes a model by way of the list, and tells of the download', async () => {
    const window = await open('Stack');
    const { page } = window;
    await button(page, 'Change Model of fast').click();
    await page.getByText('Choose a model for fast').waitFor();
    await option(page, 'Qwen3.6 35B-A3B').click();
    await button(page, 'Use in the Stack: Qwen3.6 35B-A3B').click();
    await page.getByText('Only “fast” and,').waitFor();
    await page.getByText('It is downloaded first: 16.2 GB.').waitFor();
    await page.getByRole('form').getByLabel('Context').selectOption('32768');
    await expectClean(page);
    await button(page, 'Use as fast').click();
    expect(await last(window, 'stack.swapModel')).toEqual({
      name: 'fast',
      repo: 'mlx-community/Qwen3.6-35B-A3B-4bit',
      contextTokens: 32_768,
    });
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Stack');
  });

  it('takes one more under a name of its own', async () => {
    const window = await open('Stack');
    const { page } = window;
    await button(page, 'Add a Model…').click();
    await option(page, 'Gemma 4 12B').click();
    await button(page, 'Use in the Stack: Gemma 4 12B').click();
    await page.getByRole('form').getByLabel('Name').fill('vision');
    await button(page, 'Add to the Stack').click();
    expect(await last(window, 'stack.addTier')).toEqual({
      name: 'vision',
      repo: 'mlx-community/gemma-4-12b-it-4bit',
      contextTokens: null,
    });
  });

  it('leads to the setup when there is none', async () => {
    const { page } = await open('Stack', small, setupSnapshots.fresh);
    await expectClean(page);
    await button(page, 'Set Up…').click();
    await page.getByRole('heading', { level: 1, name: 'Welcome to MLX Stack' }).waitFor();
  });
});

describe('on this Mac', () => {
  it('tells size, precision, context, place and use of each, and offers what applies', async () => {
    const { page } = await open('On This Mac', small);
    await page.getByText('16.2 GB · 4-bit · 256K context · in MLX Stack · used by standard').waitFor();
    await page.getByText('1 of 4 files is missing').waitFor();
    await page.getByText('4 models, 65.9 GB · 412.3 GB free on the disk').waitFor();
    const deletes = await page.getByRole('button', { name: /^Delete/ }).all();
    expect(await Promise.all(deletes.map((each) => each.getAttribute('aria-label')))).toEqual([
      'Delete Qwen3 0.6B',
    ]);
    await expectClean(page);
  });

  it('shows a model that is in several places once, with the others, and deletes only ours', async () => {
    const window = await open('On This Mac', { ...small, answers: { 'models.list': ok(copiedList) } });
    const { page } = window;
    await page.getByText('2 models, 35.2 GB').waitFor();
    const item = page.getByRole('list', { name: 'On This Mac' }).getByRole('listitem').first();
    await item.getByText('in LM Studio’s folder · used by standard').waitFor();
    const [ours, broken] = copiedList.models[0]?.others ?? [];
    await item.getByText(`Also in MLX Stack: ${ours?.folder}`, { exact: true }).waitFor();
    await item.getByText(`Also in added folder: ${broken?.folder} · incomplete`, { exact: true }).waitFor();
    expect(await button(page, 'Delete Qwen3.8 27B').count()).toBe(1);
    await expectClean(page);
    await button(page, 'Delete Qwen3.8 27B').click();
    await page.getByText('Delete Qwen3.8 27B? That frees 16.2 GB, and cannot be undone.').waitFor();
    await expectClean(page);
    await button(page, 'Delete 16.2 GB').click();
    expect(await last(window, 'models.delete')).toEqual({ key: 'key-5' });
  });

  it('deletes only after a question that names the size', async () => {
    const window = await open('On This Mac', small);
    const { page } = window;
    await button(page, 'Delete Qwen3 0.6B').click();
    await page.getByText('Delete Qwen3 0.6B? That frees 700 MB, and cannot be undone.').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await expectClean(page);
    await button(page, 'Delete 700 MB').click();
    expect(await last(window, 'models.delete')).toEqual({ key: 'key-2' });
    await window.setAnswer('models.list', ok({ ...modelList, models: modelList.models.slice(0, 1) }));
    await window.send({ revision: 2, models: { ...busyModels, inventoryRevision: 4 } });
    await page.getByText('1 model, 16.2 GB').waitFor();
  });

  it('shows in the Finder, downloads the rest, and uses another app’s model where it is', async () => {
    const window = await open('On This Mac');
    const { page } = window;
    await button(page, 'Show in Finder: Qwen3.8 27B').click();
    await button(page, 'Download the Rest of gpt-oss 20B').click();
    expect((await window.given()).slice(-2)).toEqual([
      { name: 'models.reveal', input: { key: 'key-1' } },
      { name: 'models.download', input: { repo: 'mlx-community/gpt-oss-20b-4bit' } },
    ]);
    await page.getByRole('button', { name: /^Use in the Stack: An-Extra/ }).click();
    await page.getByRole('combobox', { name: 'As', exact: true }).selectOption('One more model');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('large');
    await button(page, 'Add to the Stack').click();
    expect(await last(window, 'stack.addTier')).toMatchObject({
      name: 'large',
      repo: modelList.models[2]?.folder,
    });
  });

  it('verifies what is ours, with progress and a way to end it', async () => {
    const window = await open('On This Mac', small);
    const { page } = window;
    expect(await page.getByRole('button', { name: /^Verify/ }).count()).toBe(2);
    await button(page, 'Verify: Qwen3 0.6B').click();
    expect(await last(window, 'models.verify')).toEqual({ key: 'key-2' });
    const withCheck = (revision: number, more: Partial<ModelCheck>) =>
      window.send({
        revision,
        models: {
          ...busyModels,
          checks: [
            {
              key: 'key-2',
              name: 'Qwen3 0.6B',
              state: 'checking',
              doneBytes: 0,
              totalBytes: null,
              problem: null,
              differs: false,
              ...more,
            },
          ],
        },
      });
    await withCheck(2, { doneBytes: 0.2e9, totalBytes: 0.7e9 });
    await page.getByText('Comparing its files with the repository · 200 of 700 MB').waitFor();
    const bar = page.getByRole('progressbar', { name: 'Verify: Qwen3 0.6B' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('28');
    /** The button stays, and with it the focus. */
    expect(await button(page, 'Verify: Qwen3 0.6B').getAttribute('aria-disabled')).toBe('true');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Verify: Qwen3 0.6B',
    );
    await expectClean(page);
    await button(page, 'Verify, Cancel: Qwen3 0.6B').click();
    expect(await last(window, 'models.cancelVerify')).toEqual({ key: 'key-2' });
    await withCheck(3, { state: 'matched', doneBytes: 0.7e9, totalBytes: 0.7e9 });
    await page.getByText('Verified: every file is as the repository has it').first().waitFor();
    await bar.waitFor({ state: 'detached' });
    await button(page, 'Download Again…: Qwen3 0.6B').click();
    await page.getByText('All of it is downloaded, although it matches.').waitFor();
    await expectClean(page);
    await button(page, 'Download').click();
    expect(await last(window, 'models.downloadAgain')).toEqual({ key: 'key-2', isAnew: true });
    await withCheck(4, {
      state: 'failed',
      differs: true,
      problem: { code: 'model-differs', message: 'Not as the repository has it: model.safetensors.' },
    });
    await page.getByText('Not as the repository has it: model.safetensors.').waitFor();
    await button(page, 'Download Again…: Qwen3 0.6B').click();
    await page.getByText('The old model stays in use until the new one is whole').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await expectClean(page);
    await button(page, 'Download').click();
    expect(await last(window, 'models.downloadAgain')).toEqual({ key: 'key-2', isAnew: false });
    await withCheck(5, {
      state: 'failed',
      problem: { code: 'hub-offline', message: 'Hugging Face cannot be reached.' },
    });
    await page.getByText('Hugging Face cannot be reached.').first().waitFor();
    expect(await button(page, 'Download Again…: Qwen3 0.6B').count()).toBe(0);
    await button(page, 'Verify: Qwen3 0.6B').click();
    await button(page, 'Verify, Clear: Qwen3 0.6B').click();
    expect((await window.given()).slice(-2).map(({ name }) => name)).toEqual([
      'models.verify',
      'models.cancelVerify',
    ]);
  });

  it('asks before it downloads the rest of what is ours', async () => {
    const broken = modelList.models.map((model) =>
      model.key === 'key-2'
        ? { ...model, state: 'incomplete' as const, lacks: 'config.json is cut off' }
        : model,
    );
    const window = await open('On This Mac', {
      answers: { 'models.list': ok({ ...modelList, models: broken }) },
    });
    const { page } = window;
    await button(page, 'Download the Rest…: Qwen3 0.6B').click();
    await page.getByText('Only what is missing or differs is downloaded.').waitFor();
    await button(page, 'Download').click();
    expect(await last(window, 'models.downloadAgain')).toEqual({ key: 'key-2', isAnew: false });
  });

  it('adds and removes folders of other apps', async () => {
    const window = await open('On This Mac');
    const { page } = window;
    await button(page, 'Remove /Users/ada/Models').click();
    expect(await last(window, 'models.removeFolder')).toEqual({ folder: '/Users/ada/Models' });
    await window.setAnswer('models.list', ok({ ...modelList, folders: [] }));
    await button(page, 'Add a Folder…').click();
    await button(page, 'Remove /Users/ada/Models').waitFor({ state: 'detached' });
  });

  it('is empty, or cannot be read', async () => {
    const empty = ok({ models: [], folders: [], freeDiskBytes: null });
    const first = await open('On This Mac', { ...small, answers: { 'models.list': empty } });
    await first.page.getByText('No model on this Mac yet').waitFor();
    await expectClean(first.page);
    await button(first.page, 'Browse Models').click();
    await option(first.page, 'Qwen3.8 27B').waitFor();
    const { page } = await open('On This Mac', { answers: { 'models.list': cannotPlan } });
    await page.getByRole('alert').getByText('Intel chip').waitFor();
    await expectClean(page);
  });
});

describe('downloads', () => {
  it('shows each with its progress and what may be done', async () => {
    const window = await open('Downloads', small);
    const { page } = window;
    await page.getByText('Downloading · 6.3 of 16.2 GB · 84 MB/s · about 2 min left').waitFor();
    await page.getByText('It goes on by itself when the network is back.').waitFor();
    await expectClean(page);
    await button(page, 'Pause: Qwen3.8 27B').click();
    await button(page, 'Resume: Gemma 4 12B').click();
    await page.getByRole('button', { name: /^Try Again: An-Extra/ }).click();
    await button(page, 'Clear: Phi 4').click();
    expect((await window.given()).slice(-4).map(({ name }) => name)).toEqual([
      'models.pauseDownload',
      'models.resumeDownload',
      'models.resumeDownload',
      'models.cancelDownload',
    ]);
    await button(page, 'Cancel Download: Gemma 4 12B').click();
    await page.getByText('Cancel Gemma 4 12B? The 2.1 GB that are here are deleted.').waitFor();
    await button(page, 'Cancel Download').click();
    expect(await last(window, 'models.cancelDownload')).toEqual({
      repo: 'mlx-community/gemma-4-12b-it-4bit',
    });
  });

  it('keeps the focus where it was when Pause becomes Resume', async () => {
    const window = await open('Downloads');
    const { page } = window;
    await button(page, 'Pause: Qwen3.8 27B').focus();
    const downloads = busyModels.downloads.map((each, index) =>
      index === 0 ? { ...each, state: 'paused' as const, detail: 'Paused' } : each,
    );
    await window.send({ revision: 2, models: { ...busyModels, downloads } });
    await button(page, 'Resume: Qwen3.8 27B').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Resume: Qwen3.8 27B');
  });

  it('takes a token, shows it never again, and removes it after a question', async () => {
    const window = await open('Downloads', small, snapshots.healthy);
    const { page } = window;
    await page.getByText('No downloads').waitFor();
    const field = page.getByLabel('Access token');
    expect(await field.getAttribute('type')).toBe('password');
    await field.fill('hf_canary');
    await button(page, 'Save Token').click();
    expect(await field.inputValue()).toBe('');
    expect(await last(window, 'models.setToken')).toEqual({ token: 'hf_canary' });
    expect(await page.content()).not.toContain('hf_canary');
    await window.send({
      revision: 2,
      models: { ...stocked.models, downloads: [], token: { state: 'present', last4: 'nary', problem: null } },
    });
    await page.getByText('A token is saved; it ends in nary.').waitFor();
    await expectClean(page);
    await button(page, 'Remove Token…').click();
    await button(page, 'Remove Token').click();
    expect(await last(window, 'models.removeToken')).toEqual({});
  });
});

describe('what the Keychain keeps back', () => {
  const locked = problem(
    'keychain-locked',
    'The Keychain is locked.',
    'Unlock it in Keychain Access, then try again.',
  );
  const askAgain = 'Try Again';

  it('is asked for once more by one click, the token', async () => {
    const token = { state: 'locked', last4: null, problem: locked } as const;
    const snapshot = { ...snapshots.healthy, models: { ...stocked.models, downloads: [], token } };
    const window = await open('Downloads', small, snapshot);
    const { page } = window;
    await page.getByText('Unlock it in Keychain Access').waitFor();
    await expectClean(page);
    await button(page, askAgain).click();
    expect(await last(window, 'keychain.askAgain')).toEqual({ account: 'huggingface' });
    await window.send({
      revision: 2,
      models: { ...snapshot.models, token: { state: 'present', last4: 'nary', problem: null } },
    });
    await button(page, askAgain).waitFor({ state: 'detached' });
  });

  it('and the key for the cloud, which is not called “not set up”', async () => {
    const key = { state: 'locked', last4: null, checkedAt: null, problem: locked } as const;
    const cloud = { ...snapshots.healthy.cloud, condition: 'no-key', key } as const;
    const window = await openWindow({ ...snapshots.healthy, cloud }, small);
    const { page } = window;
    await button(page, 'Cloud').click();
    await page.getByRole('heading', { name: 'The key cannot be read' }).waitFor();
    await expectClean(page);
    await window.setAnswer('keychain.askAgain', fail(locked));
    await button(page, askAgain).click();
    expect(await last(window, 'keychain.askAgain')).toEqual({ account: 'openrouter' });
    await page.getByText('Could not do this: Try Again').waitFor();
    const unset = { ...cloud, key: { ...key, state: 'absent', problem: null } } as const;
    await window.send({ revision: 2, cloud: unset });
    await page.getByRole('heading', { name: 'The cloud is not set up' }).waitFor();
    await button(page, askAgain).waitFor({ state: 'detached' });
  });
});

describe('browse', () => {
  it('finds by words, family and traits, and shows everything again', async () => {
    const { page } = await open('Browse', small);
    await page.getByText('67 models · from Hugging Face').waitFor();
    await page.getByRole('searchbox').fill('qwen 35b');
    await page.getByText('1 of 67 models').waitFor();
    await page.getByRole('searchbox').fill('');
    await button(page, 'Vision').click();
    await button(page, 'Fits this Mac').click();
    expect(await page.getByRole('option', { name: 'context' }).count()).toBe(0);
    await option(page, 'Gemma 4 12B').waitFor();
    await page.getByText('1 of 67 models').waitFor();
    await page.getByLabel('Family').selectOption('Llama');
    await page.getByText('No model matches').waitFor();
    await expectClean(page);
    await button(page, 'Show Everything').click();
    await page.getByText('67 models · from Hugging Face').waitFor();
    await page.getByLabel('Order').selectOption('Smallest first');
    expect(await page.getByRole('listbox').getByRole('option').first().innerText()).toContain('Qwen3 0.6B');
  });

  it('looks up what no list has, by Return in the field or by the button, and shows it like any other', async () => {
    const own = { ...browsedModels[3], repo: 'someone/Own-7B-4bit', name: 'Own 7B', family: null };
    for (const options of [{}, small]) {
      const window = await open('Browse', { ...options, answers: { 'models.lookUp': ok(own) } });
      const { page } = window;
      const field = page.getByRole('searchbox');
      await field.fill('https://huggingface.co/someone/Own-7B-4bit');
      await page.getByText('Not in the list.').waitFor();
      await expectClean(page);
      await field.press('Enter');
      const details = page.getByRole('complementary', { name: 'Details of Own 7B' });
      await expect.poll(() => details.evaluate((pane) => pane === document.activeElement)).toBe(true);
      expect(await last(window, 'models.lookUp')).toEqual({
        text: 'https://huggingface.co/someone/Own-7B-4bit',
      });
      expect(await field.inputValue()).toBe('someone/Own-7B-4bit');
      await page.getByText('1 of 68 models').waitFor();
      expect(await page.getByText('Not in the list.').count()).toBe(0);
      await expectClean(page);
      await button(page, 'Use in the Stack: Own 7B').click();
      await page.getByRole('combobox', { name: 'As', exact: true }).selectOption('One more model');
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('own');
      await button(page, 'Add to the Stack').click();
      expect(await last(window, 'stack.addTier')).toMatchObject({ name: 'own', repo: own.repo });
    }
  });

  it('says why it cannot be looked up, asks for a token where one helps, and tries again with it', async () => {
    const gated = fail(problem('hub-gated', 'This model asks for its licence first.', 'Accept it.'));
    const window = await open('Browse', { ...small, answers: { 'models.lookUp': gated } });
    const { page } = window;
    await page.getByRole('searchbox').fill('someone/Own-7B-4bit');
    await button(page, 'Look Up').click();
    await page.getByRole('alert').getByText('asks for its licence first').waitFor();
    await page.getByLabel('Access token').fill('hf_canary');
    await expectClean(page);
    await button(page, 'Save Token').click();
    await window.setAnswer('models.lookUp', fail(problem('hub-missing', 'There is no such model.')));
    await window.send({
      revision: 2,
      models: { ...stocked.models, token: { state: 'present', last4: 'nary', problem: null } },
    });
    await page.getByRole('alert').getByText('There is no such model.').waitFor();
    expect((await window.given()).filter(({ name }) => name === 'models.lookUp')).toHaveLength(2);
    await page.getByRole('searchbox').fill('someone/Own-8B-4bit');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('qwen');
    await button(page, 'Look Up').waitFor({ state: 'detached' });
  });

  it('looks up what is entered and asked for before anything is painted', async () => {
    const own = { ...browsedModels[3], repo: 'someone/Own-7B-4bit', name: 'Own 7B', family: null };
    const { page } = await open('Browse', { answers: { 'models.lookUp': ok(own) } });
    await page.getByRole('searchbox').waitFor();
    await page.evaluate(async () => {
      const field = document.querySelector('input[type=search]');
      if (!(field instanceof HTMLInputElement)) throw new Error('There is no field.');
      field.value = 'someone/Own-7B-4bit';
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await Promise.resolve();
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    });
    await page.getByRole('complementary', { name: 'Details of Own 7B' }).waitFor();
  });

  it('tells on a row what its filters ask for', async () => {
    const { page } = await open('Browse');
    await page.getByLabel('Precision').selectOption('8-bit');
    await page.getByText('1 of 67 models').waitFor();
    expect(await page.getByRole('option', { name: 'Qwen3 0.6B' }).innerText()).toMatch(
      /Qwen · 8-bit · 256K · Thinking/,
    );
    await button(page, 'Tools').click();
    await page.getByText('No model matches').waitFor();
  });

  it('shows the details beside the list, or over it where there is no room, and downloads', async () => {
    for (const options of [{}, small]) {
      const window = await open('Browse', options);
      const { page } = window;
      await option(page, 'Qwen3.6 35B-A3B').click();
      const details = page.getByRole('complementary', { name: 'Details of Qwen3.6 35B-A3B' });
      await details.getByText('18.8 GB with 16K context').waitFor();
      await expectClean(page);
      await button(page, 'Download 16.2 GB: Qwen3.6 35B-A3B').click();
      expect(await last(window, 'models.download')).toEqual({ repo: 'mlx-community/Qwen3.6-35B-A3B-4bit' });
    }
  });

  it('asks for a token where the makers want an account, and opens the page of the model', async () => {
    const window = await open('Browse');
    const { page } = window;
    await page.getByRole('searchbox').fill('llama');
    await option(page, 'Llama 3.3 70B').click();
    await page.getByText('accept their terms on its page').waitFor();
    await page.getByLabel('Access token').waitFor();
    await button(page, 'Open Its Page at Hugging Face, in the browser: Llama 3.3 70B Instruct').click();
    expect(await last(window, 'link.open')).toEqual({
      link: { modelRepo: 'mlx-community/Llama-3.3-70B-Instruct-4bit' },
    });
    await expectClean(page);
  });

  it('says why details lack, and asks again', async () => {
    const window = await open('Browse', { answers: { 'models.details': cannotPlan } });
    const { page } = window;
    await option(page, 'Gemma 4 12B').click();
    await page.getByRole('alert').getByText('Intel chip').waitFor();
    await window.setAnswer('models.details', ok(information));
    await button(page, 'Try Again').click();
    await page.getByText('18.8 GB with 16K context').waitFor();
  });

  it('has the shipped list and a notice when there is no network, and refreshes', async () => {
    const window = await open('Browse', { ...small, answers: { 'models.browse': ok(browseShipped) } });
    const { page } = window;
    await page.getByText('Hugging Face cannot be reached; this is the list that came with').waitFor();
    await page.getByText('6 models', { exact: true }).waitFor();
    await expectClean(page);
    await window.setAnswer('models.browse', ok(browseLive));
    await button(page, 'Refresh').click();
    await page.getByText('67 models · from Hugging Face').waitFor();
    expect(await last(window, 'models.browse')).toEqual({ refresh: true });
  });

  it('has the details stay where they are when the notice comes', async () => {
    const window = await open('Browse', small);
    const { page } = window;
    await option(page, 'Gemma 4 12B').click();
    const details = page.getByRole('complementary', { name: 'Details of Gemma 4 12B' });
    const top = async () => (await details.boundingBox())?.y;
    const before = await top();
    await window.setAnswer('models.browse', cannotPlan);
    await button(page, 'Refresh').click();
    await page.getByText('this one has an Intel chip').waitFor();
    expect(await top()).toBe(before);
    expect(before).toBeGreaterThan(0);
  });

  it('takes the list out of the way of the keyboard while the details lie over it, and gives it back', async () => {
    const { page } = await open('Browse', small);
    const list = page.getByRole('listbox', { name: 'Models to be had', includeHidden: true });
    const details = page.getByRole('complementary', { name: 'Details of Gemma 4 12B' });
    const isFocused = (what: typeof list) =>
      expect.poll(() => what.evaluate((element) => element === document.activeElement)).toBe(true);
    await option(page, 'Gemma 4 12B').click();
    await isFocused(details);
    expect(await list.evaluate((element) => element instanceof HTMLElement && element.inert)).toBe(true);
    await page.keyboard.press('Tab');
    await isFocused(details.getByRole('button', { name: 'Close' }));
    await page.keyboard.press('Shift+Tab');
    await isFocused(button(page, 'On this Mac'));
    await page.keyboard.press('Tab');
    await isFocused(details.getByRole('button', { name: 'Close' }));
    await page.keyboard.press('Escape');
    await isFocused(list);
    await page.keyboard.press('Enter');
    await isFocused(details);
    const box = await list.boundingBox();
    await page.mouse.click((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
    await isFocused(list);
    await details.waitFor({ state: 'hidden' });
  });

  it('goes to the details by Return, also where they stand beside the list', async () => {
    const { page } = await open('Browse');
    const list = page.getByRole('listbox', { name: 'Models to be had' });
    await list.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const label = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await expect.poll(label).toBe('Details of Qwen3.8 27B');
    await page.keyboard.press('Tab');
    await expect.poll(label).toBe('Pause: Qwen3.8 27B');
    await page.keyboard.press('Escape');
    await expect.poll(label).toBe('Models to be had');
  });

  it('is moved through by keyboard alone, three thousand rows with a few of them drawn', async () => {
    const window = await open('Browse', {
      answers: { 'models.browse': ok({ ...browseLive, models: [...manyModels] }) },
    });
    const { page } = window;
    const list = page.getByRole('listbox', { name: 'Models to be had' });
    await list.focus();
    const active = () => list.getByRole('option', { selected: true }).locator('.model-name').innerText();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe('Qwen3.5 4B');
    await page.keyboard.press('End');
    await expect.poll(active).toBe('Llama 3.3 70B Instruct');
    expect(await list.getAttribute('aria-activedescendant')).toBe(
      await list.getByRole('option', { selected: true }).getAttribute('id'),
    );
    expect(await list.getByRole('option', { selected: true }).getAttribute('aria-setsize')).toBe('3067');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Home');
    await expect.poll(active).toBe('Qwen3.8 27B');
    expect(await page.getByRole('listbox').getByRole('option').count()).toBeLessThan(60);
    await page.keyboard.press('Tab');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Pause: Qwen3.8 27B');
  });

  it('draws a screen of its long list within a frame or two', async () => {
    const { page } = await open('Browse', {
      answers: { 'models.browse': ok({ ...browseLive, models: [...manyModels] }) },
    });
    await option(page, 'Qwen3.8 27B').waitFor();
    const drawn = await page.evaluate(async () => {
      const list = document.querySelector('.browse-list');
      if (list === null) throw new Error('There is no list.');
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const blanks: number[] = [];
      for (let top = 0; top < 150_000; top += 5003) {
        list.scrollTop = top;
        await frame();
        await frame();
        const box = list.getBoundingClientRect();
        const middle = document.elementFromPoint(box.left + 20, box.top + box.height / 2);
        if (middle?.closest('[role="option"]') === null) blanks.push(top);
      }
      return blanks;
    });
    expect(drawn).toEqual([]);
  });
});
