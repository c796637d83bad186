/** What holds of every page of the window: no accessibility fault, light or dark, and nothing scrolls sideways. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type AxeRules, axeFaults } from './axe.ts';

/** Looks with Reduce Motion and when what moved has come to rest, so that no colour is read on its way to another. */
async function faults(page: Page, colorScheme: 'light' | 'dark', rules: AxeRules = {}): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  return (await axeFaults(page, rules)).map((fault) => `${colorScheme}, ${fault}`);
}

/** Leaves the page light. */
export async function expectClean(page: Page): Promise<void> {
  // Only the colours differ.
  expect(await faults(page, 'dark', { only: ['color-contrast'] })).toEqual([]);
  expect(await faults(page, 'light')).toEqual([]);
  const excess = await page.evaluate(() =>
    [document.documentElement, document.querySelector('main')].map(
      (element) => (element?.scrollWidth ?? 0) - (element?.clientWidth ?? 0),
    ),
  );
  expect(excess).toEqual([0, 0]);
}
