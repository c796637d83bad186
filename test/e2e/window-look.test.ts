/** What holds of the window's look in every view: the words of a button under the pointer, and one column at any width. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { snapshots } from '../unit/status/snapshots.ts';
import { axeFaults } from './axe.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenOptions } from './renderer-fixture.ts';
import { type Situation, fullSituations as situations } from './situations.ts';

const openWindow = useFakeBridge();

async function open({ snapshot, answers, reach }: Situation, options: OpenOptions = {}): Promise<Page> {
  const window = await openWindow(snapshot, {
    reducedMotion: 'reduce',
    ...options,
    ...(answers === undefined ? {} : { answers }),
  });
  await reach(window.page, window);
  return window.page;
}

const clickable = 'button, summary, [role=option]';

/** As if the pointer were on all of them at once; answers how many there are. */
async function force(page: Page, states: readonly string[]): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument');
  const { nodeIds } = await session.send('DOM.querySelectorAll', {
    nodeId: root.nodeId,
    selector: clickable,
  });
  for (const nodeId of nodeIds)
    await session.send('CSS.forcePseudoState', { nodeId, forcedPseudoClasses: [...states] });
  return nodeIds.length;
}

const faintWords = (page: Page) => axeFaults(page, { only: ['color-contrast'] });

describe('a button under the pointer, and pressed, keeps its words readable, light and dark', () => {
  it.each(Object.keys(situations))('%s', async (name) => {
    const situation = situations[name];
    if (situation === undefined) throw new Error(name);
    const page = await open(situation);
    for (const states of [['hover'], ['hover', 'active']]) {
      expect(await force(page, states)).toBeGreaterThan(5);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await faintWords(page), `${states} ${colorScheme}`).toEqual([]);
      }
    }
  });

  it('is really looked at: a faint word would be found', async () => {
    const page = await open({ snapshot: snapshots.off, reach: async () => {} });
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.button:hover { color: var(--edge-strong) !important }');
      document.adoptedStyleSheets.push(sheet);
    });
    expect(await faintWords(page)).toEqual([]);
    await force(page, ['hover']);
    expect(await faintWords(page)).not.toEqual([]);
  });
});

describe('all of a view stands in one column, in the middle, and nothing is squeezed or cut', () => {
  it.each(Object.keys(situations))('%s', async (name) => {
    const situation = situations[name];
    if (situation === undefined) throw new Error(name);
    const page = await open(situation);
    for (const viewport of [
      { width: 720, height: 480 },
      { width: 900, height: 600 },
      { width: 1440, height: 900 },
    ]) {
      await page.setViewportSize(viewport);
      const found = await page.evaluate(() => {
        const main = document.querySelector('main');
        if (main === null) throw new Error('There is no main.');
        const boxes = [...main.children].map((child) => child.getBoundingClientRect());
        const title = main.querySelector('h1:not(.visually-hidden)')?.getBoundingClientRect();
        return {
          edges: [...new Set(boxes.map(({ left, right }) => `${Math.round(left)} to ${Math.round(right)}`))],
          excess: main.scrollWidth - main.clientWidth,
          titleLines: title === undefined ? 1 : Math.round(title.height / 26),
          outside: [...main.querySelectorAll('button, input, select, h1, h2, h3')]
            .filter((element) => element.closest('.visually-hidden, .log-list') === null)
            .filter((element) => {
              const { left, right, width } = element.getBoundingClientRect();
              const box = main.getBoundingClientRect();
              return width > 0 && (left < box.left || right > box.right);
            })
            .map((element) => element.outerHTML.slice(0, 120)),
        };
      });
      expect(found.edges, `${viewport.width}`).toHaveLength(1);
      expect(found).toMatchObject({ excess: 0, outside: [] });
      expect(found.titleLines, `${viewport.width}`).toBeLessThanOrEqual(2);
    }
  });
});
