/** The whole app without a mouse, over the shipped bundle: every view, the menu bar's menu, and where the focus is meanwhile. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';
import { createKeyboard, isFocused } from './keyboard.ts';

/** More items than the menu has. */
const menuItemsMax = 30;

const key = `sk-or-v1-${'ab12'.repeat(16)}`;

let hub: HuggingFace;
let openRouter: OpenRouterStandIn;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  hub = await startHuggingFace();
  openRouter = await startOpenRouter({ keys: [key] });
  preview = await startPreview({ demo: true, huggingface: hub.address, openrouter: openRouter.origin });
  page = await preview.window();
  await heading('MLX Stack is ready').waitFor();
});
afterAll(async () => {
  await preview?.stop();
  await openRouter?.close();
  await hub?.close();
});

const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const { button, press, type, expectFocus, expectFocusIn, tabTo, reach, go, confirm } = createKeyboard(
  () => page,
);

const written = () => readFile(path.join(preview.ready.home, 'config.yaml'), 'utf8');

/** The picture of a view in both schemes, and no fault in either. */
async function lookAt(name: string): Promise<void> {
  await screenshotBoth(preview, page, `view-${name}`);
  await expectClean(page);
}

describe('by keyboard alone', () => {
  it('Overview: begins with the sidebar, stops and starts a model, then the stack; the focus stays', async () => {
    await press('Tab');
    await expectFocus(button('Overview'));
    await go('Overview');
    await page.getByRole('region', { name: 'MLX Stack lives in the menu bar' }).waitFor();
    await lookAt('overview');
    for (const [stop, start] of [
      ['Stop Everything', 'Start Everything'],
      ['Stop fast', 'Start fast'],
    ] as const) {
      await tabTo(button(stop));
      await press('Enter');
      await button(start).waitFor();
      await expectFocus(button(start));
      if (start === 'Start Everything') {
        await heading('MLX Stack is off').waitFor();
        await screenshotBoth(preview, page, 'view-overview-off');
        await expectFocus(button(start));
      }
      await press('Space');
      await heading('MLX Stack is ready').waitFor();
      await expectFocus(button(stop));
    }
  });

  it('Overview: the command line of a service, unfolded and copied; a new key is asked for', async () => {
    const card = page.getByRole('article', { name: 'fast' });
    await reach(card.locator('summary'));
    await press('Enter');
    const shown = card.getByRole('region', { name: 'Command line of fast' });
    await tabTo(shown);
    expect(await shown.innerText()).toContain(' serve ');
    await tabTo(button('Copy the command line of fast'));
    await press('Space');
    await expect.poll(async () => (await preview.control('clipboard.read', {})).text).toContain(' serve ');
    await expectFocus(button('Copy the command line of fast'));
    await reach(card.locator('summary'));
    await press('Space');
    await shown.waitFor({ state: 'hidden' });
    await expectFocus(card.locator('summary'));

    const keyEnd = page.getByRole('region', { name: 'Endpoint' }).locator('code').last();
    const before = await keyEnd.innerText();
    await confirm(button('New Key…'), 'Make New Key');
    await expect.poll(() => keyEnd.innerText()).not.toBe(before);
    await expectFocus(button('New Key…'));
    await heading('MLX Stack is ready').waitFor();
  });

  it('Models: its four parts by arrows, a model opened and closed', async () => {
    await go('Models');
    const tab = (name: string) => page.getByRole('tab', { name });
    await tabTo(tab('Stack'));
    for (const name of ['Stack', 'On This Mac', 'Browse', 'Downloads']) {
      await tab(name).and(page.locator('[aria-selected=true]')).waitFor();
      await expectFocus(tab(name));
      await page.getByText('Reading the list…').waitFor({ state: 'detached' });
      await lookAt(`models-${name.toLowerCase().replaceAll(' ', '-')}`);
      await press('ArrowRight');
    }
    await press('End');
    await press('ArrowLeft');
    await expectFocus(tab('Browse'));
    const list = page.getByRole('listbox');
    await tabTo(list);
    await press('ArrowDown');
    await press('Enter');
    const details = page.getByRole('complementary', { name: /^Details of/ });
    await tabTo(details.getByRole('button', { name: /^Use / }));
    await screenshotBoth(preview, page, 'view-models-details');
    await press('Escape');
    await expectFocus(list);
  });

  it('Cloud: a bad key, a good one, caps, the premium model, another model; the key is removed', async () => {
    const account = page.getByRole('region', { name: 'OpenRouter account' });
    const field = page.getByLabel('Or paste a key');
    await go('Cloud');
    await tabTo(field);
    await lookAt('cloud');
    await type('hello');
    await press('Enter');
    await page.getByText('OpenRouter’s keys begin with “sk-or-v1-”.').waitFor();
    await expectFocus(field);
    await type(key);
    await press('Enter');
    await page.getByText('ends in ab12').waitFor();
    await expectFocusIn(account);
    await reach(button('Turn Cloud On'));
    await press('Space');
    await heading('The cloud is on').waitFor();
    await expectFocus(button('Turn Cloud Off'));

    const localOnly = page.getByRole('switch', { name: 'Local only' });
    for (const title of ['Local only', 'The cloud is on']) {
      await reach(localOnly);
      await press('Space');
      await heading(title).waitFor();
      await expectFocus(localOnly);
    }
    const cap = page.getByLabel('Daily cap');
    await reach(cap);
    await type('much');
    await press('Enter');
    await page.getByText('Enter dollars, such as 2 or 0.50').waitFor();
    await expectFocus(cap);
    await press('Shift+Home');
    await type('0.25');
    await press('Enter');
    await expect.poll(written).toContain('cloud-daily-cap-usd: 0.25');
    await expectFocus(cap);
    await reach(page.getByLabel('Zero retention'));
    await press('ArrowDown');
    await expect.poll(written).toContain('cloud-privacy: no-training');
    await expectFocus(page.getByLabel('No training'));

    const models = page.getByRole('region', { name: 'Models', exact: true });
    const names = models.locator('.library-list').first().locator('.model-name');
    const [, second = ''] = await names.allInnerTexts();
    await reach(button(`Make Premium: ${second}`));
    await press('Enter');
    await expect.poll(async () => (await names.allInnerTexts())[0]).toBe(second);
    await expectFocusIn(models);
    await reach(models.locator('summary'));
    await press('Enter');
    await tabTo(models.getByRole('searchbox'));
    await type('gpt 5.4');
    await tabTo(button('Add OpenAI: GPT-5.4'));
    await press('Enter');
    await expect.poll(() => names.allInnerTexts()).toContain('OpenAI: GPT-5.4');
    await expectFocusIn(models);
    await reach(button('Remove OpenAI: GPT-5.4'));
    await press('Enter');
    await expect.poll(() => names.allInnerTexts()).not.toContain('OpenAI: GPT-5.4');
    await expectFocusIn(models);

    await confirm(button('Remove Key…'), 'Remove Key');
    await heading('The cloud is not set up').waitFor();
    await expectFocusIn(account);
  });

  it('Logs: a search, and from hit to hit', async () => {
    await go('Logs');
    const field = page.getByRole('searchbox', { name: 'Search logs' });
    await page.getByRole('listbox').waitFor();
    await tabTo(field);
    await page.keyboard.type('info');
    const hit = page.locator('.log-row.is-current');
    // Of the whole word: while it is typed, its beginning may be searched for.
    await hit
      .locator('mark')
      .filter({ hasText: /^info$/i })
      .first()
      .waitFor();
    const first = await hit.getAttribute('id');
    await press('Enter');
    await expect.poll(() => hit.getAttribute('id')).not.toBe(first);
    await expectFocus(field);
    await lookAt('logs');
    await tabTo(page.getByRole('listbox'));
  });

  it('Logs: how serious, and between two times', async () => {
    await go('Logs');
    const list = page.getByRole('listbox');
    const [level, time] = [page.getByLabel('Level'), page.getByLabel('Time', { exact: true })];
    const [from, to] = [page.getByLabel('From', { exact: true }), page.getByLabel('To', { exact: true })];
    await reach(page.getByRole('searchbox', { name: 'Search logs' }));
    await press('Escape');
    await reach(level);
    await press('ArrowDown');
    await expect.poll(() => level.inputValue()).toBe('info');
    await press('Home');
    await expectFocus(level);
    await reach(time);
    await press('End');
    await tabTo(from);
    await list.getByRole('option').first().waitFor();
    const yearOf = async (field: Locator) => Number((await field.inputValue()).slice(0, 4));
    const year = await yearOf(to);
    /** Day, month, year, then the time: each is a stop of its own. */
    const oneYearBack = async (field: Locator) => {
      const before = await yearOf(field);
      await press('ArrowDown');
      await expect.poll(() => yearOf(field)).toBe(before - 1);
      await expectFocus(field);
    };
    await press('Tab');
    await press('Tab');
    await oneYearBack(from);
    await tabTo(to);
    await press('Tab');
    await press('Tab');
    await oneYearBack(to);
    await page.getByText('No line passes these filters.').waitFor();
    await oneYearBack(to);
    await page.getByText('“To” has to be later than “From”.').waitFor();
    await press('ArrowUp');
    await press('ArrowUp');
    await expect.poll(() => yearOf(to)).toBe(year);
    await list.getByRole('option').first().waitFor();
    await expectFocus(to);
    await reach(time);
    await press('Home');
    await from.waitFor({ state: 'detached' });
    await expectFocus(time);
  });

  it('Settings: by ⌘, from another view, and a switch', async () => {
    await go('Cloud');
    await tabTo(page.getByLabel('Or paste a key'));
    await press('Meta+,');
    await heading('Settings').waitFor();
    await expectFocus(button('Settings'));
    const keepAwake = page.getByRole('switch', { name: 'Keep the Mac awake while serving' });
    await tabTo(keepAwake);
    await press('Space');
    await expect.poll(() => keepAwake.getAttribute('aria-checked')).toBe('true');
    await expectFocus(keepAwake);
    await lookAt('settings');
  });

  it('Settings: a field, a pop-up, back to the default, one and all', async () => {
    const budget = page.getByLabel('Memory for models', { exact: true });
    await reach(budget);
    await type('55');
    await press('Enter');
    await expect.poll(written).toContain('memory-budget-pct: 55');
    await button('Reset: Memory for models').waitFor();
    await expectFocus(budget);
    await press('Shift+Home');
    await type('101');
    await press('Enter');
    await page.getByText('Enter a whole number from 1 to 100.').waitFor();
    await expectFocus(budget);
    await press('Escape');
    expect(await budget.inputValue()).toBe('55');
    await page.getByText('Enter a whole number from 1 to 100.').waitFor({ state: 'detached' });
    await reach(button('Reset: Memory for models'));
    await press('Enter');
    await expect.poll(written).not.toContain('memory-budget-pct');
    await expectFocus(budget);
    const title = page.getByRole('combobox', { name: 'Beside the menu-bar icon' });
    await reach(title);
    await press('End');
    await expect.poll(written).toContain('menu-bar-title: speed');
    await expectFocus(title);
    // Not all of them: the gateway would go back to the port that every copy of the app begins with.
    await reach(button('Reset All…'));
    await press('Enter');
    await expectFocus(button('Cancel'));
    await press('Escape');
    await button('Reset All').waitFor({ state: 'detached' });
    await expectFocus(button('Reset All…'));
    expect(await written()).toContain('menu-bar-title: speed');
  });

  it('Setup: is a part of the Overview, and Overview leads back', async () => {
    await go('Models');
    await tabTo(button('Set Up Again…'));
    await press('Enter');
    await expect.poll(() => button('Overview').getAttribute('aria-current')).toBe('page');
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    await heading('Set up MLX Stack again').waitFor();
    await page.getByText('Looking at this Mac…').waitFor({ state: 'detached' });
    await lookAt('setup');
    await go('Overview');
    await heading('MLX Stack is ready').waitFor();
  });

  it('the menu bar: ⌘W closes the window, an item of the menu opens it again', async () => {
    const closed = page.waitForEvent('close');
    // The page may be gone before the key is up again.
    await press('Meta+w').catch(() => {});
    await closed;
    await expect.poll(() => preview.control('windows.read', {})).toEqual([]);
    const bar = await preview.menuBar();
    const icon = bar.getByRole('button', { name: 'MLX Stack' });
    for (let step = 0; step < menuItemsMax && !(await isFocused(icon)); step += 1)
      await bar.keyboard.press('Tab');
    await bar.keyboard.press('Enter');
    await bar.getByRole('menu').first().waitFor();
    const label = (await preview.control('tray.read', {}))?.rows.find(({ id }) => id === 'open')?.label ?? '';
    const item = bar.getByRole('menuitem', { name: label, exact: true });
    for (let step = 0; step < menuItemsMax && !(await isFocused(item)); step += 1)
      await bar.keyboard.press('ArrowDown');
    expect(await isFocused(item)).toBe(true);
    await screenshotBoth(preview, bar, 'view-menu');
    await bar.keyboard.press('Enter');
    await expect.poll(async () => (await preview.control('windows.read', {})).length).toBe(1);
    page = await preview.window();
    await heading('MLX Stack is ready').waitFor();
    await press('Tab');
    await expectFocus(button('Overview'));
    expect(await preview.control('pageErrors.read', {})).toEqual([]);
    expect(await preview.control('blocked.read', {})).toEqual([]);
  });
});
