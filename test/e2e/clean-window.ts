/** What holds of every page of the window: no accessibility fault, light or dark, and nothing scrolls sideways. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Looks with Reduce Motion and when what moved has come to rest, so that no colour is read on its way to another. */
async function faults(
  page: Page,
  colorScheme: 'light' | 'dark',
  rules: readonly string[] = [],
): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  // There are no frames, for which it would open a page of its own each time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  if (rules.length > 0) axe.withRules([...rules]);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${colorScheme}, ${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** Leaves the page light. */
export async function expectClean(page: Page): Promise<void> {
  // Only the colours differ.
  expect(await faults(page, 'dark', ['color-contrast'])).toEqual([]);
  expect(await faults(page, 'light')).toEqual([]);
  const excess = await page.evaluate(() =>
    [document.documentElement, document.querySelector('main')].map(
      (element) => (element?.scrollWidth ?? 0) - (element?.clientWidth ?? 0),
    ),
  );
  expect(excess).toEqual([0, 0]);
}
