/** What it costs to read a log of a gigabyte: the reader alone beside grep and less, and the Logs view in real Chromium. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import type { LogAnchor, LogFilter, LogQuery } from '../../src-main/contract/logs.ts';
import type { Result } from '../../src-main/contract/result.ts';
import { createLane, type Lane } from '../../src-main/logs/reader/client.ts';
import type { RequestOutput } from '../../src-main/logs/reader/protocol.ts';
import { startPreview } from '../e2e/harness.ts';

export interface LogViewRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** In words, for instance "≥ 500"; `null` for a figure that only stands beside others. */
  readonly budget: string | null;
  readonly ok: boolean;
  /** What it is measured against in the same run, for instance grep over the same file. */
  readonly beside: { readonly name: string; readonly value: number } | null;
}

export interface LogViewOptions {
  readonly megabytes?: number;
  /** A folder on the disk that logs would be on; not one in memory. */
  readonly folder?: string;
  /** `false`: the reader alone, without Chromium. */
  readonly screen?: boolean;
}

const megabyte = 1_000_000;
const tailBudgetMs = 100;
const searchBudget = 500;
const loopBudgetMs = 20;
const growthBudgetMb = 96;
const frameBudgetMs = 50;
const needleEvery = 1_000_000;
const errorEvery = 50_000;
const tries = 5;
const lessLimitMs = 60_000;
const readerFile = path.resolve(import.meta.dirname, '../../dist/reader/reader.cjs');

const everything: LogFilter = { logs: ['big'], level: 'debug', fromMs: null, toMs: null, query: null };
const text = (what: string): LogQuery => ({ text: what, isPattern: false, matchCase: false });
const pattern = (what: string): LogQuery => ({ text: what, isPattern: true, matchCase: true });

interface BigLog {
  readonly file: string;
  readonly bytes: number;
  readonly lines: number;
}

/** Lines as servers print them, stamped as the app stamps them, times growing. */
function writeBigLog(file: string, megabytes: number): BigLog {
  const fd = fs.openSync(file, 'w', 0o600);
  const beganMs = Date.now() - 6 * 60 * 60_000;
  let bytes = 0;
  let lines = 0;
  while (bytes < megabytes * megabyte) {
    let block = '';
    for (let i = 0; i < 10_000; i += 1) {
      lines += 1;
      const level = lines % errorEvery === 0 ? 'ERROR:   ' : 'INFO:    ';
      const needle = lines % needleEvery === 0 ? ' the-needle' : '';
      block += `${new Date(beganMs + Math.floor(lines / 500)).toISOString()} out ${level} 127.0.0.1:${40_000 + (lines % 20_000)} - "POST /v1/chat/completions HTTP/1.1" 200 OK request ${lines}${needle}\n`;
    }
    bytes += fs.writeSync(fd, block);
  }
  fs.closeSync(fd);
  return { file, bytes, lines };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function count(lane: Lane, filter: LogFilter, query: LogQuery | null): Promise<number> {
  let total = 0;
  for (let from: LogAnchor = { kind: 'start' }; ; ) {
    const one: RequestOutput<'count'> = value(await lane.call('count', { filter, query, from }));
    total += one.count;
    if (one.isDone) return total;
    from = { kind: 'cursor', cursor: one.cursor };
  }
}

/** Until a program has ended, or has printed what is waited for. */
function run(program: string, args: readonly string[], until?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', TERM: 'xterm' },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), lessLimitMs);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString('latin1')).slice(-20_000);
      if (until !== undefined && printed.includes(until)) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function benchReader(dir: string, big: BigLog, add: Add): Promise<void> {
  const size = big.bytes / megabyte;
  const tails: number[] = [];
  for (let i = 0; i < tries; i += 1) {
    const lane = createLane({ dir, file: readerFile });
    tails.push(
      await timed(() =>
        lane.call('page', { filter: everything, from: { kind: 'end' }, before: 300, after: 0 }),
      ),
    );
    await lane.close();
  }
  add(
    'tail of 300 lines, the thread’s start included',
    median(tails),
    'ms',
    `≤ ${tailBudgetMs}`,
    median(tails) <= tailBudgetMs,
  );

  const lane = createLane({ dir, file: readerFile });
  const tail = () => lane.call('page', { filter: everything, from: { kind: 'end' }, before: 300, after: 0 });
  await tail();
  const warm: number[] = [];
  for (let i = 0; i < tries; i += 1) warm.push(await timed(tail));
  const less = await lessMs(big);
  add(
    'tail of 300 lines',
    median(warm),
    'ms',
    `≤ ${tailBudgetMs}`,
    median(warm) <= tailBudgetMs,
    less === null ? null : { name: 'less +F', value: less },
  );
  const jumps: number[] = [];
  for (const fraction of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    jumps.push(
      await timed(() =>
        lane.call('page', {
          filter: everything,
          from: { kind: 'fraction', fraction },
          before: 150,
          after: 300,
        }),
      ),
    );
  }
  add('jump to anywhere', median(jumps), 'ms', `≤ ${tailBudgetMs}`, median(jumps) <= tailBudgetMs);

  const loop = monitorEventLoopDelay({ resolution: 2 });
  const rssBefore = process.memoryUsage.rss();
  let peak = rssBefore;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  loop.enable();
  const needles = Math.floor(big.lines / needleEvery);
  const errors = Math.floor(big.lines / errorEvery);
  const searches: readonly (readonly [string, LogFilter, LogQuery | null, number, readonly string[]])[] = [
    ['plain text', everything, text('the-needle'), needles, ['-c', '-i', '-F', 'the-needle']],
    [
      'plain text, matching case',
      everything,
      { ...text('the-needle'), matchCase: true },
      needles,
      ['-c', '-F', 'the-needle'],
    ],
    [
      'expression',
      everything,
      pattern('request \\d+ the-n\\w+'),
      needles,
      ['-c', '-E', 'request [0-9]+ the-n[a-z]+'],
    ],
    ['errors only', { ...everything, level: 'error' }, null, errors, ['-c', 'ERROR']],
  ];
  for (const [what, filter, query, wanted, grepArgs] of searches) {
    const ours: number[] = [];
    const greps: number[] = [];
    // In turn, so that a busy moment of the machine strikes both.
    for (let i = 0; i < 3; i += 1) {
      ours.push(
        await timed(async () => {
          const found = await count(lane, filter, query);
          if (found !== wanted) throw new Error(`${what}: found ${found}, not ${wanted}`);
        }),
      );
      greps.push(await timed(() => run('grep', [...grepArgs, big.file])));
    }
    const speed = round(size / (Math.min(...ours) / 1000));
    add(`search, ${what}`, speed, 'MB/s', `≥ ${searchBudget}`, speed >= searchBudget, {
      name: 'grep',
      value: round(size / (Math.min(...greps) / 1000)),
    });
  }
  loop.disable();
  clearInterval(watch);
  const p99 = Math.max(0, loop.percentile(99) / 1e6 - 2);
  add('main loop p99 while searching', round(p99, 1), 'ms', `≤ ${loopBudgetMs}`, p99 <= loopBudgetMs);
  const growth = (peak - rssBefore) / megabyte;
  add('memory growth of all that', growth, 'MB', `≤ ${growthBudgetMb}`, growth <= growthBudgetMb);
  await lane.close();
}

/** A screenful in a terminal; `null` where there is no less, or it does not get there. */
async function lessMs(big: BigLog): Promise<number | null> {
  if (!fs.existsSync('/usr/bin/less') || !fs.existsSync('/usr/bin/script')) return null;
  const last = `request ${big.lines}`;
  const ms = await timed(() => run('script', ['-qfc', `less +F ${big.file}`, '/dev/null'], last));
  return ms < lessLimitMs ? round(ms) : null;
}

async function benchScreen(home: string, big: BigLog, add: Add): Promise<void> {
  const preview = await startPreview({ home });
  try {
    const page = await preview.window();
    await page.getByRole('button', { name: 'Logs', exact: true }).click();
    await page.locator('.log-row').first().waitFor();
    await page.getByLabel('Service', { exact: true }).selectOption('big');
    await shows(page, big.lines);
    const openings: number[] = [];
    for (let i = 0; i < tries; i += 1) {
      await page.getByRole('button', { name: 'Overview', exact: true }).click();
      openings.push(await inPage(page, 'Logs', big.lines));
    }
    const opened = median(openings);
    add(
      'Chromium: from the click to the newest lines',
      opened,
      'ms',
      `≤ ${tailBudgetMs}`,
      opened <= tailBudgetMs,
    );

    await page.getByLabel('Service', { exact: true }).selectOption('big');
    await shows(page, big.lines);
    const idle = await framesOf(page, 0);
    const frames = await framesOf(page, -90);
    add(
      'Chromium: scrolling, p95 of frames',
      frames.p95,
      'ms',
      `≤ ${frameBudgetMs}`,
      frames.p95 <= frameBudgetMs,
      { name: 'the page at rest', value: round(idle.p95, 1) },
    );
    add('Chromium: scrolling, longest frame', frames.longest, 'ms', null, true, {
      name: 'the page at rest',
      value: round(idle.longest, 1),
    });
    add('Chromium: lines drawn', await page.locator('.log-row').count(), 'rows');

    await page.getByRole('listbox', { name: 'Log lines' }).focus();
    const home = await timed(async () => {
      await page.keyboard.press('Home');
      await shows(page, 1);
    });
    add('Chromium: to the first line', home, 'ms');
    const end = await timed(async () => {
      await page.keyboard.press('End');
      await shows(page, big.lines);
    });
    add('Chromium: to the newest line', end, 'ms');
    const followed = await timed(async () => {
      fs.appendFileSync(big.file, `${new Date().toISOString()} out INFO:     request ${big.lines + 1}\n`);
      await shows(page, big.lines + 1);
    });
    add('Chromium: a new line is shown after', followed, 'ms');

    const needles = Math.floor(big.lines / needleEvery);
    const searches: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      searches.push(
        await timed(async () => {
          await page.getByRole('searchbox').fill('the-needle');
          await page
            .getByText(needles === 1 ? '1 match' : `${needles} matches`, { exact: true })
            .waitFor({ timeout: 60_000 });
        }),
      );
      await page.getByRole('searchbox').fill('');
      await page.locator('.log-count').waitFor({ state: 'detached' });
    }
    // As with the reader alone, the best: the others tell of the machine.
    const searched = Math.min(...searches);
    const speed = big.bytes / megabyte / (searched / 1000);
    add(
      'Chromium: search, from the last key to the whole count',
      round(speed),
      'MB/s',
      `≥ ${searchBudget}`,
      speed >= searchBudget,
    );
    const filtered = await timed(async () => {
      await page.getByLabel('Level', { exact: true }).selectOption('Errors only');
      await shows(page, Math.floor(big.lines / errorEvery) * errorEvery);
    });
    add('Chromium: errors only, until the newest is shown', filtered, 'ms');
  } finally {
    await preview.stop();
  }
}

const shows = (page: Page, line: number): Promise<void> =>
  page
    .locator('.log-row')
    .filter({ hasText: new RegExp(`request ${line}\\b`) })
    .first()
    .waitFor({ timeout: 60_000 });

/** Measured in the page itself: a remote control's own way takes longer. */
function inPage(page: Page, button: string, line: number): Promise<number> {
  return page.evaluate(
    ({ label, wanted }) =>
      new Promise<number>((resolve, reject) => {
        const found = [...document.querySelectorAll('button')].find(
          (one) => one.textContent?.trim() === label,
        );
        if (!found) {
          reject(new Error(`no button ${label}`));
          return;
        }
        const began = performance.now();
        const look = (): void => {
          const isThere = [...document.querySelectorAll('.log-row')].length > 0;
          if (isThere) resolve(performance.now() - began);
          else requestAnimationFrame(look);
        };
        found.click();
        requestAnimationFrame(look);
        setTimeout(() => reject(new Error(`line ${wanted} did not come`)), 30_000);
      }),
    { label: button, wanted: line },
  );
}

/** Two seconds of wheel events as a trackpad sends them, one for each frame; of the page at rest for no pixels. */
function framesOf(page: Page, pixels: number): Promise<{ p95: number; longest: number }> {
  return page.evaluate(
    (deltaY) =>
      new Promise<{ p95: number; longest: number }>((resolve) => {
        const list = document.querySelector('.log-list');
        const frames: number[] = [];
        const began = performance.now();
        let last = began;
        const tick = (now: number): void => {
          frames.push(now - last);
          last = now;
          if (deltaY !== 0)
            list?.dispatchEvent(new WheelEvent('wheel', { deltaY, bubbles: true, cancelable: true }));
          if (now - began < 2000) requestAnimationFrame(tick);
          else {
            const sorted = frames.slice(2).sort((a, b) => a - b);
            resolve({ p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0, longest: sorted.at(-1) ?? 0 });
          }
        };
        requestAnimationFrame(tick);
      }),
    pixels,
  );
}

type Add = (
  name: string,
  value: number,
  unit: string,
  budget?: string | null,
  ok?: boolean,
  beside?: LogViewRow['beside'],
) => void;

export async function benchLogView(options: LogViewOptions = {}): Promise<LogViewRow[]> {
  const {
    megabytes = 1000,
    folder = fs.existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir(),
    screen = true,
  } = options;
  const rows: LogViewRow[] = [];
  const add: Add = (name, figure, unit, budget = null, ok = true, beside = null) => {
    rows.push({
      name: `log of ${megabytes} MB, ${name}`,
      value: round(figure, figure < 20 ? 1 : 0),
      unit,
      budget,
      ok,
      beside,
    });
  };
  const home = fs.mkdtempSync(path.join(folder, 'mlx-stack-log-view-'));
  try {
    const dir = path.join(home, 'logs');
    fs.mkdirSync(dir, { mode: 0o700 });
    const big = writeBigLog(path.join(dir, 'big.log'), megabytes);
    await benchReader(dir, big, add);
    if (screen) await benchScreen(home, big, add);
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
  return rows;
}

if (import.meta.main) {
  const megabytes = Number(process.argv[2] ?? 1000);
  for (const row of await benchLogView({ megabytes })) {
    const verdict = row.budget === null ? '' : `${row.budget} ${row.ok ? 'ok' : 'MISSED'}`;
    const beside = row.beside === null ? '' : `(${row.beside.name}: ${row.beside.value})`;
    console.log(
      `${row.name.padEnd(72)} ${String(row.value).padStart(8)} ${row.unit.padEnd(6)} ${verdict} ${beside}`,
    );
  }
}
