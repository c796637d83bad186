/** The whole app without a mouse, over the shipped bundle: every view, the menu bar's menu, and where the focus is meanwhile. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const stepLimitMs = 10_000;
/** More stops of the Tab key than any view has. */
const tabStopsMax = 120;
/** More items than the menu has. */
const menuItemsMax = 30;

let hub: HuggingFace;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  hub = await startHuggingFace();
  preview = await startPreview({ demo: true, huggingface: hub.address });
  page = await preview.window();
  page.setDefaultTimeout(stepLimitMs);
  await heading('MLX Stack is ready').waitFor();
});
afterAll(async () => {
  await preview.stop();
  await hub.close();
});

const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const button = (name: string) => page.getByRole('button', { name, exact: true });
const press = (key: string) => page.keyboard.press(key);
const isFocused = (place: Locator) => place.evaluate((element) => element === document.activeElement);

/** What has the focus, and whether it shows: the ring of the style sheet, not one that only the element knows of. */
function readFocus(on: Page = page) {
  return on.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(activeElement);
    const isRing = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const isSeen = !/transparent|, 0\)|\/ 0\)/.test(outlineColor);
    return { isRinged: activeElement.matches(':focus-visible') && isRing && isSeen };
  });
}

/** A step of the keyboard ends on something that is there and shows that it has the focus. */
async function expectFocus(place: Locator, on: Page = page): Promise<void> {
  await expect.poll(() => isFocused(place)).toBe(true);
  expect(await readFocus(on)).toEqual({ isRinged: true });
}

async function tabTo(place: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await place.waitFor();
  for (let step = 0; !(await isFocused(place)); step += 1) {
    if (step === tabStopsMax) throw new Error(`${key} does not reach ${place}`);
    await press(key);
    expect(await readFocus(), `on the way to ${place}`).toEqual({ isRinged: true });
  }
  await expectFocus(place);
}

/** By the sidebar, as the Tab key finds it from wherever the focus is; the chosen item keeps it. */
async function go(view: string): Promise<void> {
  const item = button(view);
  const isInside = await page.getByRole('main').evaluate((main) => main.contains(document.activeElement));
  await tabTo(item, isInside ? 'Shift+Tab' : 'Tab');
  await press('Enter');
  await expect.poll(() => item.getAttribute('aria-current')).toBe('page');
  await expectFocus(item);
}

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

  it('Cloud: the key field', async () => {
    await go('Cloud');
    await tabTo(page.getByLabel('Or paste a key'));
    await lookAt('cloud');
  });

  it('Logs: a search, and from hit to hit', async () => {
    await go('Logs');
    const field = page.getByRole('searchbox', { name: 'Search logs' });
    await page.getByRole('listbox').waitFor();
    await tabTo(field);
    await page.keyboard.type('info');
    const hit = page.locator('.log-row.is-current');
    await hit.waitFor();
    const first = await hit.getAttribute('id');
    await press('Enter');
    await expect.poll(() => hit.getAttribute('id')).not.toBe(first);
    await expectFocus(field);
    await lookAt('logs');
    await tabTo(page.getByRole('listbox'));
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
