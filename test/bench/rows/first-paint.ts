/** From the click on “Open MLX Stack…” to the first paint, which already shows the status; in real Chromium. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { ensureChromium } from '../../tools/chromium.ts';
import { writeAppHome } from '../app-home.ts';
import { type AppRun, runApp, runMain } from '../app-run.ts';
import type { BenchContext } from '../context.ts';
import { type Measurement, ratioOf } from '../measurement.ts';
import { median, p95 } from '../statistics.ts';

const tiers = 4;
const budgetMs = 300;
const pageLimitMs = 10_000;
const pollMs = 20;
const openRow = 'open';
const emptyApp = path.join(import.meta.dirname, '..', 'empty-window-app.ts');

export async function measureFirstPaint(context: BenchContext): Promise<Measurement> {
  const { stage, options, log } = context;
  const base = {
    id: 'first-paint',
    title: 'window: first paint with status',
    unit: 'ms',
    budget: `≤ ${budgetMs} ms`,
  } as const;
  const chromium = ensureChromium({ headed: false });
  if (!chromium.ok) {
    const said = { ours: `– ${chromium.error.message}` };
    return { ...base, samples: {}, said, ratio: '–', kept: null, notes: [] };
  }
  const home = await writeAppHome(stage.makeFolder('paint-home'), { tiers });
  const run = runApp(stage, home, chromium.value);
  await run.untilHealthy();
  const empty = runMain(emptyApp, stage, home, chromium.value);
  await empty.app.ready;
  const words = [...home.tierNames, 'Gateway'];
  const bare: number[] = [];
  const ours: number[] = [];
  const afterNavigation: number[] = [];
  /** The first window of a launch also pays for Chromium's first renderer process. */
  let firstMs = Number.NaN;
  for (let round = 0; round <= options.rounds.firstPaint; round += 1) {
    const floor = await openAndClose(empty, ['empty']);
    const opened = await openAndClose(run, words);
    if (round === 0) {
      firstMs = opened.ms;
    } else {
      bare.push(floor.ms);
      ours.push(opened.ms);
      afterNavigation.push(opened.afterNavigationMs);
    }
    log(`first-paint: round ${round} of ${options.rounds.firstPaint}`);
  }
  await empty.quit();
  await run.quit();
  const aboveFloorMs = median(ours) - median(bare);
  return {
    ...base,
    samples: { ours, bare },
    said: {},
    ratio: `${ratioOf(median(ours), median(bare))} bare`,
    kept: p95(ours) <= budgetMs,
    notes: [
      `from the menu click to Chromium’s own first-contentful-paint, with all ${tiers + 1} services on it; bare: a window of an app that does nothing, with one word in it, through the same stand-in, which real Electron does not have; ours is ${aboveFloorMs.toFixed(0)} ms above it at the median; ${median(afterNavigation).toFixed(0)} ms of the median come after the page’s navigation began, the rest is the opening of a window; very first window ${firstMs.toFixed(0)} ms.`,
    ],
  };
}

async function openAndClose(
  { app }: AppRun,
  words: readonly string[],
): Promise<{ ms: number; afterNavigationMs: number }> {
  const tray = await app.control('tray.read', {});
  const open = tray?.rows.find(({ id }) => id === openRow);
  if (open === undefined) throw new Error('the menu has no row that opens the window');
  const askedMs = performance.timeOrigin + performance.now();
  await app.control('menu.click', { path: [open.label] });
  await untilVisible(app);
  const { chromium } = await import('playwright-core');
  const browser = await chromium.connectOverCDP((await app.ready) ?? '');
  try {
    const page = browser
      .contexts()
      .flatMap((context) => context.pages())
      .find((each) => each.url().startsWith('http://ui.app.localhost/'));
    if (page === undefined) throw new Error('the window has no page');
    const { paintedMs, afterNavigationMs, text } = await readPaint(page);
    for (const word of words) {
      if (!text.includes(word)) throw new Error(`the window does not show ${word}: ${text.slice(0, 300)}`);
    }
    return { ms: paintedMs - askedMs, afterNavigationMs };
  } finally {
    await browser.close();
    for (const window of await app.control('windows.read', {})) {
      await app.control('window.close', { id: window.id });
    }
  }
}

async function untilVisible(app: AppRun['app']): Promise<void> {
  const deadline = performance.now() + pageLimitMs;
  while (performance.now() < deadline) {
    if ((await app.control('windows.read', {})).some(({ visible }) => visible)) return;
    await delay(pollMs);
  }
  throw new Error('the window did not appear');
}

/** The page renders nothing before it has the status, so its first contentful paint is the one that is asked for. */
function readPaint(page: Page): Promise<{ paintedMs: number; afterNavigationMs: number; text: string }> {
  return page.evaluate(async () => {
    /** On a slow machine the window is shown before it has painted. */
    const afterNavigationMs = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => {
        const [painted] = list.getEntriesByName('first-contentful-paint');
        if (painted !== undefined) resolve(painted.startTime);
      }).observe({ type: 'paint', buffered: true });
    });
    return {
      paintedMs: performance.timeOrigin + afterNavigationMs,
      afterNavigationMs,
      text: document.body.textContent,
    };
  });
}
