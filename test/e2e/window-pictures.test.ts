/**
 * Every situation of every view: its picture, light and dark, in `test/artefacts/window`; how it stands in windows of
 * all sizes; and what becomes of it with Reduce Motion, Increase Contrast and forced colours.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { moment, snapshots } from '../unit/status/snapshots.ts';
import { axeFaults } from './axe.ts';
import { faint } from './faint.ts';
import { useFakeBridge } from './fake-bridge.ts';
import { misplaced } from './misplaced.ts';
import { everySituation, type Situation } from './situations.ts';

const openWindow = useFakeBridge();
const folder = path.resolve(import.meta.dirname, '../artefacts/window');
beforeAll(() => mkdir(folder, { recursive: true }));

/** What WCAG asks of words; edges of ordinary controls are as faint as macOS draws them. */
const usual = { words: 4.5, edges: 1 };
/** Whoever asks for more contrast gets what WCAG calls enhanced, and edges that are to be seen. */
const strong = { words: 7, edges: 3 };

const usualSize = { width: 900, height: 620 };
/** The smallest that the window can be, on either side of where the layout changes, and a full screen. */
const sizes = [
  { width: 720, height: 480 },
  { width: 839, height: 600 },
  { width: 840, height: 600 },
  { width: 2560, height: 1440 },
];

async function open({ snapshot, answers, reach }: Situation): Promise<Page> {
  const window = await openWindow(snapshot, {
    viewport: usualSize,
    date: moment,
    ...(answers === undefined ? {} : { answers }),
  });
  await reach(window.page, window);
  return window.page;
}

/** What has come to rest: nothing is looked at on its way. */
const settle = (page: Page) =>
  page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));

/** What moves by itself or on its way from one state to another. */
const moving = (page: Page) =>
  page.evaluate(() => {
    const isLong = (times: string) => times.split(',').some((time) => Number.parseFloat(time) > 0);
    const found = document.getAnimations().map((animation) => `runs: ${animation.constructor.name}`);
    for (const element of document.querySelectorAll('*')) {
      for (const pseudo of [undefined, '::before', '::after']) {
        const { animationName, animationDuration, transitionDuration } = getComputedStyle(element, pseudo);
        const isAnimated = animationName !== 'none' && isLong(animationDuration);
        if (isAnimated || isLong(transitionDuration))
          found.push(`${element.tagName}.${element.className}${pseudo ?? ''}`);
      }
      const { scrollBehavior } = getComputedStyle(element);
      if (scrollBehavior === 'smooth') found.push(`${element.tagName}.${element.className} scrolls smoothly`);
    }
    return found;
  });

describe('every situation', () => {
  it.each(Object.keys(everySituation))('%s', async (name) => {
    const situation = everySituation[name];
    if (situation === undefined) throw new Error(name);
    const page = await open(situation);
    const fileName = name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(folder, `${fileName}-${colorScheme}.png`) });
      expect(await moving(page), 'with Reduce Motion').toEqual([]);
      expect(await faint(page, usual), colorScheme).toEqual([]);
      await page.emulateMedia({ contrast: 'more' });
      expect(await faint(page, strong), `${colorScheme}, more contrast`).toEqual([]);
      await page.emulateMedia({ contrast: 'no-preference', forcedColors: 'active' });
      expect(await faint(page, strong), `${colorScheme}, forced colours`).toEqual([]);
      await page.emulateMedia({ forcedColors: 'none' });
    }
    // Contrasts were looked at more strictly.
    expect(await axeFaults(page, { except: ['color-contrast'] })).toEqual([]);
    for (const size of sizes) {
      await page.setViewportSize(size);
      await settle(page);
      expect(await misplaced(page), `${size.width} × ${size.height}`).toEqual([]);
    }
  });
});

describe('what these tests would find', () => {
  const broken = async (css: string): Promise<Page> => {
    const page = await open({ snapshot: snapshots.healthy, reach: async () => {} });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets.push(sheet);
    }, css);
    return page;
  };

  it('a control without a name', async () => {
    const page = await broken('');
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')));
    const found = await axeFaults(page, { except: ['color-contrast'] });
    expect(found.some((each) => each.startsWith('button-name'))).toBe(true);
  });

  it('something that moves', async () => {
    expect(await moving(await broken('.button { transition: color 80ms }'))).not.toEqual([]);
    expect(
      await moving(await broken('.card { animation: x 1s } @keyframes x { to { opacity: 0 } }')),
    ).not.toEqual([]);
  });

  it('words and edges that are hardly to be seen', async () => {
    const page = await broken('.button { border-color: transparent !important } h2 { opacity: 0.5 }');
    await page.emulateMedia({ contrast: 'more' });
    const found = await faint(page, strong);
    expect(found.some((each) => each.startsWith('edge'))).toBe(true);
    expect(found.some((each) => each.startsWith('words'))).toBe(true);
  });

  it.each([
    ['something that is wider than its place', '.endpoint { min-width: 3000px }'],
    ['two controls, one over the other', '.button { margin-left: -40px }'],
    ['words that are cut', 'h1 { width: 40px; overflow: hidden; white-space: nowrap }'],
    ['a control that is cut', '.card { height: 20px; overflow: hidden }'],
  ])('%s', async (_what, css) => {
    expect(await misplaced(await broken(css))).not.toEqual([]);
  });
});
