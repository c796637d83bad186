/** The Logs view of the shipped bundle in real Chromium, over a log of a million lines and live services. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../tools/replace-file.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const lines = 1_000_000;
const everyNeedle = 10_000;
const everyError = 5_000;
const mediumLines = 6000;
const linesPerMs = 10;
/**
 * Of the processor, for each frame drawn while scrolling. Not the time between frames: on a busy machine that says
 * who else was running.
 */
const frameWorkLimitMs = 16;
const longText = 'long '.repeat(1000);
/** One line a second, from a whole minute on. */
const timedLines = 300;
const minuteMs = 60_000;

let home: string;
let logs: string;
let preview: Preview;
let page: Page;
let firstMs: number;
let timedMs: number;

const stamp = (ms: number): string => `${new Date(ms).toISOString()} out `;
const append = (log: string, ...texts: string[]): void =>
  fs.appendFileSync(
    path.join(logs, `${log}.log`),
    texts.map((text) => `${stamp(Date.now())}${text}\n`).join(''),
  );

function writeMillion(file: string): void {
  const fd = fs.openSync(file, 'w', 0o600);
  for (let from = 0; from < lines; from += 10_000) {
    let block = '';
    for (let i = from; i < from + 10_000; i += 1) {
      const level = i % everyError === 0 ? 'ERROR:   ' : 'INFO:    ';
      const needle = i % everyNeedle === 0 ? ' needle' : '';
      block += `${stamp(firstMs + Math.floor(i / linesPerMs))}${level} request ${i}${needle}\n`;
    }
    fs.writeSync(fd, block);
  }
  fs.closeSync(fd);
}

beforeAll(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-logs-e2e-'));
  logs = path.join(home, 'logs');
  fs.mkdirSync(logs, { mode: 0o700 });
  firstMs = Date.now() - 2 * 60 * 60_000;
  writeMillion(path.join(logs, 'million.log'));
  fs.writeFileSync(
    path.join(logs, 'medium.log'),
    Array.from({ length: mediumLines }, (_, i) => `${stamp(firstMs + i)}request ${i}\n`).join(''),
    { mode: 0o600 },
  );
  fs.writeFileSync(
    path.join(logs, 'small.log'),
    `${stamp(firstMs)}WARNING: first\n${stamp(firstMs + 1)}${longText}\n`,
    { mode: 0o600 },
  );
  timedMs = Math.floor(firstMs / minuteMs) * minuteMs;
  fs.writeFileSync(
    path.join(logs, 'timed.log'),
    Array.from({ length: timedLines }, (_, i) => `${stamp(timedMs + i * 1000)}tick ${i}\n`).join(''),
    { mode: 0o600 },
  );
  fs.writeFileSync(path.join(logs, 'small.log.1.gz'), gzipSync(`${stamp(firstMs - 5)}from the archive\n`), {
    mode: 0o600,
  });
  preview = await startPreview({ demo: true, home });
  page = await preview.window();
  await page.getByRole('button', { name: 'Logs', exact: true }).click();
  await rows().first().waitFor();
});
afterAll(async () => {
  const errors = await preview?.control('pageErrors.read', {});
  await preview?.stop();
  fs.rmSync(home, { recursive: true, force: true });
  expect(errors).toEqual([]);
});
beforeEach(async () => {
  await choose('Service', 'All services');
  await choose('Level', 'All levels');
  await choose('Time', 'Any time');
});

const rows = (): Locator => page.locator('.log-row');
const list = (): Locator => page.getByRole('listbox', { name: 'Log lines' });
const field = (): Locator => page.getByRole('searchbox', { name: 'Search logs' });
const follow = (): Locator => page.getByRole('checkbox', { name: 'Follow' });
const button = (name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const choose = (label: string, option: string) =>
  page.getByLabel(label, { exact: true }).selectOption(option);
const rowWith = (text: string | RegExp): Locator => rows().filter({ hasText: text });
const shownTexts = () =>
  page.evaluate(() => {
    const box = document.querySelector('.log-list')?.getBoundingClientRect();
    return [...document.querySelectorAll('.log-row')]
      .filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return box !== undefined && bottom > box.top && top < box.bottom;
      })
      .map((row) => row.querySelector('.log-text')?.textContent ?? '');
  });
const numberOf = (text: string | undefined): number =>
  Number(/request (\d+)/.exec(text ?? '')?.[1] ?? Number.NaN);

/** Processor time of the page's main thread while something is done, by frames drawn meanwhile. */
async function workPerFrame(act: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
  };
  await page.evaluate(() => {
    Object.assign(window, { framesDrawn: 0, isCountingFrames: true });
    const tick = (): void => {
      Object.assign(window, { framesDrawn: Number(Reflect.get(window, 'framesDrawn')) + 1 });
      if (Reflect.get(window, 'isCountingFrames')) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const before = await taskMs();
  await act();
  const spent = (await taskMs()) - before;
  const frames = await page.evaluate(() => {
    Object.assign(window, { isCountingFrames: false });
    return Number(Reflect.get(window, 'framesDrawn'));
  });
  await session.detach();
  return spent / frames;
}

/** On a busy machine the lines may come too late for a page to write to the clipboard; then a second click does it. */
async function copied(text: string): Promise<void> {
  await button('Copy').click();
  await said(text).or(said('Copy once more')).waitFor({ timeout: 60_000 });
  if (await said('Copy once more').isVisible()) await button('Copy').click();
  await said(text).waitFor();
}
const said = (text: string): Locator => page.locator('.log-said', { hasText: text });

/** What the clipboard holds, line ends included. */
async function pasted(): Promise<string> {
  await page.evaluate(() => {
    const area = document.createElement('textarea');
    area.id = 'pasted';
    document.body.append(area);
    area.focus();
  });
  await page.keyboard.press('ControlOrMeta+v');
  return page.evaluate(() => {
    const area = document.querySelector('#pasted');
    const text = area instanceof HTMLTextAreaElement ? area.value : '';
    area?.remove();
    return text;
  });
}

async function wheel(times: number, pixels: number): Promise<void> {
  const box = await list().boundingBox();
  if (box) await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < times; i += 1) await page.mouse.wheel(0, pixels);
  // The list moves with the next frame.
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
}

describe('a million lines', () => {
  beforeEach(async () => {
    await choose('Service', 'million');
    await rowWith(`request ${lines - 1}`).waitFor();
  });

  it('opens at the newest, draws a screenful, and says it in words', async () => {
    await expect.poll(async () => numberOf((await shownTexts()).at(-1))).toBe(lines - 1);
    const drawn = await rows().count();
    expect(drawn).toBeLessThan(300);
    await expect.poll(() => follow().isChecked()).toBe(true);
  });

  it('scrolls without a gap and with little work for each frame, bounded whatever was seen', async () => {
    const workMs = await workPerFrame(() => wheel(150, -700));
    expect(workMs).toBeGreaterThan(0);
    expect(workMs).toBeLessThan(frameWorkLimitMs);
    await expect.poll(async () => numberOf((await shownTexts())[0])).toBeLessThan(lines - 2000);
    const shown = (await shownTexts()).map(numberOf);
    expect(shown.length).toBeGreaterThan(15);
    expect(shown).toEqual(shown.map((_, i) => (shown[0] ?? 0) + i));
    const tops = await rows().evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
    expect(tops.every((top, i) => i === 0 || Math.abs(top - (tops[i - 1] ?? 0) - 20) < 1)).toBe(true);
    expect(await rows().count()).toBeLessThan(300);
  });

  it('Home and End, and the bar, lead anywhere at once', async () => {
    await list().focus();
    await page.keyboard.press('Home');
    await rowWith(/request 0 needle/).waitFor();
    await expect.poll(async () => numberOf((await shownTexts())[0])).toBe(0);
    expect(await follow().isChecked()).toBe(false);
    const bar = page.getByRole('slider', { name: 'Position in the logs' });
    const box = await bar.boundingBox();
    if (!box) throw new Error('no bar');
    await page.mouse.click(box.x + 5, box.y + box.height / 2);
    await expect.poll(async () => numberOf((await shownTexts())[0]) / lines).toBeCloseTo(0.5, 1);
    await bar.focus();
    await page.keyboard.press('End');
    await expect.poll(async () => numberOf((await shownTexts()).at(-1))).toBe(lines - 1);
    await expect.poll(() => bar.getAttribute('aria-valuenow')).toBe('100');
  });

  it('can be searched: a count, marks, previous and next over all of it', async () => {
    await field().fill('NEEDLE');
    await page.getByText(`${lines / everyNeedle} matches`).waitFor();
    const last = lines - everyNeedle;
    await expect
      .poll(async () => numberOf((await page.locator('.is-current').textContent()) ?? ''))
      .toBe(last);
    expect(await page.locator('.is-current mark').textContent()).toBe('needle');
    await button('Previous match').click();
    await expect
      .poll(async () => numberOf((await page.locator('.is-current').textContent()) ?? ''))
      .toBe(last - everyNeedle);
    await page.keyboard.press('F3');
    await expect
      .poll(async () => numberOf((await page.locator('.is-current').textContent()) ?? ''))
      .toBe(last);
    await button('Only matching lines').click();
    await expect.poll(async () => (await shownTexts()).every((text) => text.includes('needle'))).toBe(true);
    await button('Only matching lines').click();
    await button('Regular expression').click();
    await field().fill('request 12345\\d$');
    await page.getByText('10 matches').waitFor();
    await field().fill('(');
    await page.getByText(/not a regular expression/).waitFor();
    await button('Regular expression').click();
    await field().fill('');
    await expect.poll(() => page.locator('mark').count()).toBe(0);
  });

  it('is shown by level and by time', async () => {
    await choose('Level', 'Errors only');
    await expect.poll(async () => numberOf((await shownTexts()).at(-1))).toBe(lines - everyError);
    expect((await shownTexts()).every((text) => text.startsWith('ERROR'))).toBe(true);
    await expect.poll(() => rows().first().getAttribute('aria-selected')).toBe('false');
    expect(await rows().first().locator('.log-level').textContent()).toBe('Error');
    expect(await rows().first().locator('.log-level svg').count()).toBe(1);
    await choose('Time', 'Last hour');
    await page.getByText('No line matches').waitFor();
    await button('Show Everything').click();
    await rows().first().waitFor();
  });
});

describe('between two times', () => {
  const from = () => page.getByLabel('From', { exact: true });
  const to = () => page.getByLabel('To', { exact: true });
  const told = () => page.locator('.log-times').getByRole('alert');
  /** As the field takes it, in the time of this machine. */
  function minute(after: number): string {
    const time = new Date(timedMs + after * minuteMs);
    return new Date(time.getTime() - time.getTimezoneOffset() * minuteMs).toISOString().slice(0, 16);
  }
  async function expectLines(first: number, last: number): Promise<void> {
    await list().focus();
    await page.keyboard.press('Home');
    await expect.poll(async () => (await shownTexts())[0]).toBe(`tick ${first}`);
    await page.keyboard.press('End');
    await expect.poll(async () => (await shownTexts()).at(-1)).toBe(`tick ${last}`);
  }

  beforeEach(async () => {
    await choose('Service', 'timed');
    await choose('Time', 'From … to …');
    // It begins with the last hour, which nobody wrote in.
    await page.getByText('No line matches').waitFor();
    await to().fill(minute(3));
    await from().fill(minute(1));
    await rowWith('tick 179').waitFor();
  });

  it('the first minute counts and the last does not, either may be left open, and there is nothing to follow', async () => {
    await expectLines(60, 179);
    expect(await follow().isDisabled()).toBe(true);
    await from().fill('');
    await expectLines(0, 179);
    await from().fill(minute(4));
    await to().fill('');
    await expectLines(240, timedLines - 1);
    expect(await told().count()).toBe(0);
    expect(await follow().isDisabled()).toBe(false);
  });

  it.each([0, 1])(
    'an end that is not after its beginning is refused, and the lines stay (minute %i)',
    async (end) => {
      await to().fill(minute(end));
      await told().waitFor();
      expect(await told().textContent()).toBe(
        '“To” has to be later than “From”. The lines stay as they are.',
      );
      expect([await from().getAttribute('aria-invalid'), await to().getAttribute('aria-invalid')]).toEqual([
        'false',
        'true',
      ]);
      expect(await to().inputValue()).toBe(minute(end));
      await expectLines(60, 179);
      await to().fill(minute(2));
      await expectLines(60, 119);
      expect(await told().count()).toBe(0);
    },
  );

  it('half a date is refused until it is whole, and letters do nothing', async () => {
    await to().focus();
    await page.keyboard.type('abc');
    expect(await to().inputValue()).toBe(minute(3));
    await page.keyboard.press('Backspace');
    await told().waitFor();
    expect(await told().textContent()).toBe('This is no date and time. The lines stay as they are.');
    expect(await to().getAttribute('aria-invalid')).toBe('true');
    await expectLines(60, 179);
    // The other field does not make it good.
    await from().fill(minute(0));
    expect(await to().getAttribute('aria-invalid')).toBe('true');
    await expectLines(60, 179);
    await expectClean(page);
    await to().fill(minute(2));
    await expectLines(0, 119);
    expect(await told().count()).toBe(0);
  });

  it('what was refused is forgotten with the filter', async () => {
    await to().fill(minute(0));
    await told().waitFor();
    await choose('Time', 'Any time');
    await rowWith(`tick ${timedLines - 1}`).waitFor();
    await choose('Time', 'From … to …');
    await page.getByText('No line matches').waitFor();
    expect(await told().count()).toBe(0);
  });
});

describe('following', () => {
  it('goes on by itself, stops when one scrolls up, and counts what is new', async () => {
    append('follow', 'one');
    await rowWith(/^\S+ ?Info.*follow.*one$/)
      .or(rowWith('one'))
      .first()
      .waitFor();
    await choose('Service', 'million');
    await rowWith(`request ${lines - 1}`).waitFor();
    await wheel(3, -300);
    await expect.poll(() => follow().isChecked()).toBe(false);
    const before = await shownTexts();
    append('million', 'new 1', 'new 2', 'new 3');
    await button('3 new lines ↓').waitFor();
    append('million', 'new 4');
    await button('4 new lines ↓').waitFor();
    expect(await shownTexts()).toEqual(before);
    await button('4 new lines ↓').click();
    await rowWith('new 4').waitFor();
    await expect.poll(() => follow().isChecked()).toBe(true);
    append('million', 'new 5');
    await rowWith('new 5').waitFor();
    await wheel(2, -200);
    await expect.poll(() => follow().isChecked()).toBe(false);
    await wheel(6, 400);
    await expect.poll(() => follow().isChecked()).toBe(true);
  });

  it('goes on over a rotation', async () => {
    await choose('Service', 'million');
    await rowWith('new 5').waitFor();
    await button('Rotate Now').click();
    append('million', 'after the rotation');
    await rowWith('after the rotation').waitFor();
    expect(await rowWith('new 5').count()).toBe(1);
  });
});

describe('one line', () => {
  beforeEach(async () => {
    await choose('Service', 'small');
    await rowWith('first').waitFor();
  });

  it('opens in full by keyboard and by double click, archives included', async () => {
    await rowWith('from the archive').waitFor();
    await list().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const entry = page.getByRole('region', { name: 'Line in full' });
    await expect.poll(async () => (await entry.locator('pre').textContent())?.length).toBe(longText.length);
    await page.keyboard.press('Escape');
    await entry.waitFor({ state: 'detached' });
    expect(await list().evaluate((box) => box === document.activeElement)).toBe(true);
    await rowWith('first').dblclick();
    expect(await entry.locator('pre').textContent()).toBe('WARNING: first');
    await entry.getByRole('button', { name: 'Close' }).click();
  });

  it('wraps, and lines of any height stand below each other', async () => {
    await page.getByLabel('Wrap lines').check();
    await expect
      .poll(() => rowWith('long long').evaluate((row) => row.getBoundingClientRect().height))
      .toBeGreaterThan(200);
    await wheel(5, 100);
    await wheel(5, -400);
    const boxes = await rows().evaluateAll((all) => all.map((row) => row.getBoundingClientRect().toJSON()));
    expect(boxes.every((box, i) => i === 0 || Math.abs(box.top - boxes[i - 1].bottom) < 1)).toBe(true);
    await page.getByLabel('Wrap lines').uncheck();
  });

  it('and several are selected and copied', async () => {
    await rowWith('from the archive').click();
    await rowWith('first').click({ modifiers: ['Shift'] });
    expect(await page.locator('[aria-selected="true"]').count()).toBe(2);
    await page.keyboard.press('ControlOrMeta+c');
    await field().focus();
    await page.keyboard.press('ControlOrMeta+v');
    await expect.poll(() => field().inputValue()).toContain('from the archive');
    expect(await field().inputValue()).toContain('WARNING: first');
    await field().fill('');
    await list().focus();
    await page.keyboard.press('Escape');
    expect(await page.locator('[aria-selected="true"]').count()).toBe(0);
  });

  it('and a selection is copied whole: beyond what is loaded, and lines longer than what is shown', async () => {
    await choose('Service', 'medium');
    await rowWith(`request ${mediumLines - 1}`).click();
    await list().focus();
    await page.keyboard.press('Home');
    await rowWith(/request 0$/).waitFor();
    await rowWith(/request 3$/).click({ modifiers: ['Shift'] });
    expect(await rows().last().getAttribute('aria-selected')).toBe('true');
    await copied('5,997 lines copied');
    const texts = (await pasted()).trimEnd().split('\n');
    expect(texts.map(numberOf)).toEqual(Array.from({ length: 5997 }, (_, i) => 3 + i));

    await choose('Service', 'small');
    await rowWith('long long').click();
    await list().focus();
    await page.keyboard.press('ControlOrMeta+c');
    await said('1 line copied').waitFor();
    await expect.poll(pasted).toContain(longText.trimEnd());
  });

  it('and of more than can be copied it is said how much was', async () => {
    await choose('Service', 'million');
    await rowWith(`request ${lines - 1}`).waitFor();
    await list().focus();
    await page.keyboard.press('ControlOrMeta+a');
    await copied('Only the first 10,000 lines copied');
    const texts = (await pasted()).trimEnd().split('\n');
    expect(texts.map(numberOf)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    await list().focus();
    await page.keyboard.press('Escape');
  });
});

describe('the files', () => {
  beforeEach(() => choose('Service', 'small'));

  it('are saved to where the user wants them', async () => {
    const target = path.join(home, 'saved.log');
    await preview.control('saveDialog.choose', { path: target });
    await button('Save As…').click();
    const saved = () => (fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : '');
    await expect.poll(saved).toContain('from the archive\n');
    await expect.poll(saved).toContain(longText);
    const { suggested } = await preview.control('saveDialog.choose', { path: null });
    expect(path.basename(suggested)).toMatch(/^small-\d{4}-\d\d-\d\d\.log$/);
  });

  it('are shown in the Finder', async () => {
    await button('Show in Finder').click();
    await expect
      .poll(() => preview.control('opened.read', {}))
      .toContainEqual({ via: 'showItemInFolder', target: path.join(logs, 'small.log') });
  });

  it('lose their archives only after a question that names the size', async () => {
    const archive = path.join(logs, 'small.log.1.gz');
    await button(/^Delete Archives \(1 KB\)$/).click();
    await page.getByText('Delete 1 archive, 1 KB?').waitFor();
    await page.keyboard.press('Escape');
    expect(fs.existsSync(archive)).toBe(true);
    await button(/^Delete Archives/).click();
    await button('Delete').click();
    await expect.poll(() => fs.existsSync(archive)).toBe(false);
    expect(fs.existsSync(path.join(logs, 'small.log'))).toBe(true);
  });
});

it('has no accessibility fault, light or dark', async () => {
  await field().fill('request');
  await rows().first().waitFor();
  await list().focus();
  await page.keyboard.press('ArrowUp');
  await expectClean(page);
  await screenshotBoth(preview, page, 'logs');
  await field().fill('');
});

describe('a failure', () => {
  function breakFast(): void {
    const file = path.join(home, 'stacks', 'default.yaml');
    replaceFile(
      home,
      file,
      fs
        .readFileSync(file, 'utf8')
        .replace(/(name: fast[\s\S]*?vllm_flags:\n)/, '$1      max_num_seqs: many\n'),
    );
  }

  it('leads from its note on the Overview to the line that tells why', async () => {
    await page.getByRole('button', { name: 'Overview', exact: true }).click();
    breakFast();
    const link = button('Show in log: fast');
    await link.waitFor({ timeout: 30_000 });
    expect(await page.locator('.failure-message').first().textContent()).toMatch(
      /^fast does not understand its option/,
    );
    await link.click();
    const line = rowWith("invalid int value: 'many'").first();
    await line.waitFor();
    await expect.poll(() => line.getAttribute('aria-selected')).toBe('true');
    // The line is near the end, which is on screen: nothing lies over it.
    await button('Newest lines ↓').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Service', { exact: true }).inputValue()).toBe('fast');
    expect(await follow().isChecked()).toBe(false);
    await screenshotBoth(preview, page, 'logs-failure');
  });

  it('leads there from its notification, too, and comes once', async () => {
    const [window] = await preview.control('windows.read', {});
    if (window) await preview.control('window.close', { id: window.id });
    await preview.control('menu.click', { path: ['fast', 'Start'] });
    await expect
      .poll(
        async () =>
          (await preview.control('notifications.read', {})).filter(
            ({ title }) => title === 'fast needs attention',
          ).length,
        { timeout: 60_000 },
      )
      .toBe(1);
    const [told] = (await preview.control('notifications.read', {})).filter(
      ({ title }) => title === 'fast needs attention',
    );
    if (!told) throw new Error('no notification');
    expect(told.body).toMatch(/^fast does not understand its option/);
    await preview.control('notification.click', { number: told.number });
    page = await preview.window();
    await rowWith("invalid int value: 'many'").first().waitFor();
  });

  it('and the menu opens the logs', async () => {
    await preview.control('menu.click', { path: ['Open MLX Stack…'] });
    await page.getByRole('button', { name: 'Overview', exact: true }).click();
    await preview.control('menu.click', { path: ['Show Logs…'] });
    await list().waitFor();
  });
});
