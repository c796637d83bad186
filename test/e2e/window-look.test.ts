/** What holds of the window's look in every view: the words of a button under the pointer, and one column at any width. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { parseConfig, parsedDefaults } from '../../src-main/config/config-file.ts';
import { settingsOf } from '../../src-main/config/settings-control.ts';
import { ok } from '../../src-main/contract/result.ts';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { moment, snapshots } from '../unit/status/snapshots.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenOptions } from './renderer-fixture.ts';
import { cannotPlan, longPlan, setupSnapshots, stocked } from './setup-fixture.ts';

const openWindow = useFakeBridge();

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

const home = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };
const parsed = parseConfig('keep-awake: true\nlitellm-port: 4100\na-key-of-mine: 1\n', home);
if (!parsed.ok) throw new Error('The settings of this test do not parse.');
const settings = settingsOf(
  { value: parsed.value, source: 'file', problems: [] },
  { revision: 1, file: `${home.home}/config.yaml`, defaults: parsedDefaults(home).values },
);

const row = (level: string, text: string, index: number) => ({
  log: 'fast',
  segment: 0,
  offset: index * 100,
  timeMs: moment - 10_000 + index,
  source: 'out',
  level,
  text,
  isCut: false,
});
const rows = ['error', 'warning', 'info', 'debug'].map((level, index) => row(level, `some ${level}`, index));
const logAnswers = {
  'log.page': ok({
    rows,
    anchorRow: rows.length,
    start: [],
    end: [],
    atStart: true,
    atEnd: true,
    startFraction: 0,
    endFraction: 1,
  }),
  'log.list': ok({ logs: [{ log: 'fast', bytes: 4000, archives: 2, archiveBytes: 9000 }] }),
} satisfies OpenOptions['answers'];

interface Situation {
  readonly snapshot: Snapshot;
  readonly answers?: OpenOptions['answers'];
  readonly reach: (page: Page) => Promise<unknown>;
}

/** As much of each view as can be had at once. */
const situations: Readonly<Record<string, Situation>> = {
  'Overview: failures, notices, a question': {
    snapshot: { ...snapshots.mixedFailures, notices: snapshots.notices.notices },
    async reach(page) {
      await page.locator('summary').first().click();
      await press(page, 'New Key…');
    },
  },
  'Overview: off': { snapshot: snapshots.off, reach: async () => {} },
  'Overview: the stack file cannot be used': { snapshot: snapshots.invalidStack, reach: async () => {} },
  'Setup: your Mac': {
    snapshot: setupSnapshots.fresh,
    reach: (page) => page.getByText('What it can run').waitFor(),
  },
  'Setup: no plan': {
    snapshot: setupSnapshots.fresh,
    answers: { 'setup.plan': cannotPlan },
    reach: (page) => page.getByRole('alert').waitFor(),
  },
  'Setup: the plan, with all of it unfolded': {
    snapshot: setupSnapshots.missingUv,
    answers: { 'setup.plan': ok(longPlan) },
    async reach(page) {
      await press(page, 'Continue');
      await press(page, 'Change Model of fast');
      await press(page, 'Add a Model…');
      await page.locator('summary').click();
    },
  },
  'Setup: under way, and a question': {
    snapshot: setupSnapshots.working,
    reach: (page) => press(page, 'Cancel Setup…'),
  },
  'Setup: stopped': { snapshot: setupSnapshots.failed, reach: async () => {} },
  'Setup: done': { snapshot: setupSnapshots.done, reach: async () => {} },
  'Models: the stack, a new name, a question': {
    snapshot: stocked,
    async reach(page) {
      await press(page, 'Models');
      await press(page, 'Rename fast');
      await press(page, 'Remove longctx from the stack');
    },
  },
  'Models: on this Mac, a question, a use': {
    snapshot: stocked,
    async reach(page) {
      await press(page, 'Models');
      await tab(page, 'On This Mac');
      await press(page, 'Use in the Stack: Qwen3.8 27B');
      await press(page, 'Delete Qwen3 0.6B');
    },
  },
  'Models: browse, with details': {
    snapshot: stocked,
    async reach(page) {
      await press(page, 'Models');
      await tab(page, 'Browse');
      await press(page, 'Vision');
      await page.getByRole('option', { name: 'Gemma 4 12B' }).click();
      await press(page, 'Use in the Stack: Gemma 4 12B');
    },
  },
  'Models: downloads': {
    snapshot: stocked,
    async reach(page) {
      await press(page, 'Models');
      await tab(page, 'Downloads');
    },
  },
  'Models: a token, and a question': {
    snapshot: {
      ...snapshots.healthy,
      models: { ...stocked.models, downloads: [], token: { state: 'present', last4: 'nary' } },
    },
    async reach(page) {
      await press(page, 'Models');
      await tab(page, 'Downloads');
      await press(page, 'Remove Token…');
    },
  },
  'Cloud: without a key': { snapshot: snapshots.healthy, reach: (page) => press(page, 'Cloud') },
  'Cloud: in use, and a question': {
    snapshot: snapshots.cloud,
    async reach(page) {
      await press(page, 'Cloud');
      await page.locator('summary').first().click();
      await press(page, 'Remove Key…');
    },
  },
  'Logs: a line in full, a question': {
    snapshot: snapshots.healthy,
    answers: logAnswers,
    async reach(page) {
      await press(page, 'Logs');
      await page.locator('.log-row').first().dblclick();
      await page.getByRole('button', { name: /^Delete Archives/ }).click();
      await press(page, 'Match case');
    },
  },
  'Settings: all that can be reset, and a question': {
    snapshot: snapshots.healthy,
    answers: { 'settings.read': ok(settings) },
    async reach(page) {
      await press(page, 'Settings');
      await press(page, 'Reset All…');
    },
  },
  'Settings: not to be read': {
    snapshot: snapshots.healthy,
    answers: { 'settings.read': cannotPlan },
    async reach(page) {
      await press(page, 'Settings');
      await page.getByRole('alert').waitFor();
    },
  },
};

async function open({ snapshot, answers, reach }: Situation, options: OpenOptions = {}): Promise<Page> {
  const { page } = await openWindow(snapshot, {
    reducedMotion: 'reduce',
    ...options,
    ...(answers === undefined ? {} : { answers }),
  });
  await reach(page);
  return page;
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

async function faintWords(page: Page): Promise<string[]> {
  // There are no frames, for which it would open a page of its own each time.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withRules(['color-contrast'])
    .analyze();
  return violations.flatMap(({ nodes }) =>
    nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
  );
}

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
    for (const viewport of [
      { width: 720, height: 480 },
      { width: 900, height: 600 },
      { width: 1440, height: 900 },
    ]) {
      const page = await open(situation, { viewport });
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
