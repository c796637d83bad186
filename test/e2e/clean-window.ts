/** What holds of every page of the window: no accessibility fault, light or dark, and nothing scrolls sideways. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

async function faults(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** Looks with Reduce Motion, so that no colour is read half-way from one scheme to the other. */
export async function expectClean(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  expect(await faults(new AxeBuilder({ page }))).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  // Only the colours differ.
  expect(await faults(new AxeBuilder({ page }).withRules(['color-contrast']))).toEqual([]);
  const excess = await page.evaluate(() =>
    [document.documentElement, document.querySelector('main')].map(
      (element) => (element?.scrollWidth ?? 0) - (element?.clientWidth ?? 0),
    ),
  );
  expect(excess).toEqual([0, 0]);
}
