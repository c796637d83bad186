/** The built window in real Chromium behind a fake bridge: what each situation looks like, says and does. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { failure, gateway, moment, snapshotNames, snapshots, tier } from '../unit/status/snapshots.ts';
import { axeFaults } from './axe.ts';
import { expectClean } from './clean-window.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenedWindow } from './renderer-fixture.ts';

const open = useFakeBridge();

const withServices = (...services: ReturnType<typeof tier>[]): Snapshot => ({
  ...snapshots.healthy,
  services,
});

describe('every situation', () => {
  it.each(snapshotNames)(
    '%s: each state in words, each button named by what it acts upon, no accessibility fault, nothing sideways',
    async (name) => {
      const { page } = await open(snapshots[name], { viewport: { width: 720, height: 480 } });
      const cards = await page.locator('article').evaluateAll((articles) =>
        articles.map((article) => ({
          state: article.querySelector('.state-word')?.textContent ?? '',
          buttons: [...article.querySelectorAll('button')].map((button) => button.getAttribute('aria-label')),
        })),
      );
      expect(cards.length).toBe(snapshots[name].services.length);
      expect(cards.map((card) => card.state)).not.toContain('');
      const buttons = cards.flatMap((card) => card.buttons);
      expect(buttons).not.toContain(null);
      expect(new Set(buttons).size).toBe(buttons.length);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await expectClean(page);
    },
  );
});

describe('commands', () => {
  it('Start gives its command once, with the right input, also on a double click', async () => {
    const window = await open(snapshots.off);
    await window.hold(true);
    const start = window.page.getByRole('button', { name: 'Start standard', exact: true });
    await start.dblclick();
    await start.click({ force: true });
    expect(await window.given()).toEqual([{ name: 'service.start', input: { id: 'standard' } }]);
    await window.hold(false);
    await start.click();
    expect(await window.given()).toHaveLength(2);
  });

  it('Stop and Restart, everything, copies, remedies and notices each give theirs', async () => {
    const window = await open({ ...snapshots.mixedFailures, notices: snapshots.notices.notices });
    const click = (name: string) => window.page.getByRole('button', { name, exact: true }).first().click();
    await click('Stop Everything');
    await click('Stop fast');
    await click('Restart fast');
    await click('Use a Free Port: standard');
    await click('Copy base URL');
    await click('Copy API key');
    await window.page.getByText('Last lines', { exact: true }).click();
    await click('Copy details of the last failure of longctx');
    await click('Open the Settings File');
    await click('Dismiss: The stack file was read again');
    expect(await window.given()).toEqual([
      { name: 'stack.stop', input: {} },
      { name: 'service.stop', input: { id: 'fast' } },
      { name: 'service.restart', input: { id: 'fast' } },
      { name: 'service.remedy', input: { id: 'standard', kind: 'use-free-port' } },
      { name: 'endpoint.copyAddress', input: {} },
      { name: 'endpoint.copyKey', input: {} },
      { name: 'service.copyFailure', input: { id: 'longctx' } },
      { name: 'place.open', input: { place: 'config' } },
      { name: 'notice.dismiss', input: { id: 'stack-reloaded' } },
    ]);
  });

  it('offers only what applies, and nothing while quitting', async () => {
    const { page } = await open(snapshots.quitting);
    expect(await page.getByRole('button', { name: /Start|Stop|Restart/ }).count()).toBe(0);
  });

  it('shows a refusal until it is dismissed', async () => {
    const window = await open(snapshots.off, {
      answers: {
        'stack.start': {
          ok: false,
          error: { code: 'still-opening', message: 'MLX Stack is still opening.', hint: 'Try again.' },
        },
      },
    });
    await window.page.getByRole('button', { name: 'Start Everything' }).click();
    const alert = window.page.getByRole('alert');
    await alert.getByText('MLX Stack is still opening. Try again.').waitFor();
    await alert.getByRole('button').click();
    await alert.waitFor({ state: 'detached' });
  });

  it('confirms a copy by a tick for a second, without moving anything; it is called what is read on it', async () => {
    const window = await open(snapshots.healthy, { now: moment });
    const button = window.page.getByRole('button', { name: 'Copy base URL' });
    const before = await button.boundingBox();
    await button.click();
    await button.locator('.icon-check').waitFor();
    expect(await window.page.getByRole('status').textContent()).toBe('Base URL copied');
    expect(await button.boundingBox()).toEqual(before);
    expect(await button.innerText()).toBe('Copy');
    await window.page.clock.runFor(1000);
    await button.locator('.icon-copy').waitFor();
  });

  it('says each copy, also the same once more', async () => {
    const window = await open(snapshots.healthy);
    const live = window.page.getByRole('status');
    await live.evaluate((element) => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      new MutationObserver(() => heard.push(element.textContent ?? '')).observe(element, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    const heard = () => window.page.evaluate<string[]>('heard');
    for (const times of [1, 2]) {
      await window.page.getByRole('button', { name: 'Copy base URL' }).click();
      await expect.poll(heard).toEqual(Array(times).fill('Base URL copied'));
      expect(await axeFaults(window.page, { only: ['label-content-name-mismatch'] })).toEqual([]);
    }
  });
});

describe('the command line of a service', () => {
  const command = (isStarted: boolean, text: string) => ({
    ok: true as const,
    value: { isStarted, text, problem: null },
  });
  const asks = async (window: OpenedWindow) =>
    (await window.given()).filter(({ name }) => name === 'service.readCommand').length;

  it('is that of the present, also where an earlier answer comes after the later one', async () => {
    const window = await open(withServices(tier('fast', 'healthy', { pid: 700 })));
    const { page } = window;
    await window.hold(true);
    await page.getByText('Command line', { exact: true }).click();
    await expect.poll(() => asks(window)).toBe(1);
    await window.send({ revision: 2, services: [tier('fast', 'stopped', { pid: null })] });
    await expect.poll(() => asks(window)).toBe(2);
    await window.setAnswer('service.readCommand', command(false, 'the next one'));
    await window.releaseLast();
    await page.getByText('the next one').waitFor();
    await window.setAnswer('service.readCommand', command(true, 'the one that has ended'));
    await window.hold(false);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
    expect(await page.locator('pre').textContent()).toBe('the next one');
    await page.getByText('It would be started with this.', { exact: false }).waitFor();
  });

  it('that was closed before the answer came is asked again when it is opened', async () => {
    const window = await open(withServices(tier('fast', 'healthy')));
    const { page } = window;
    await window.hold(true);
    await window.setAnswer('service.readCommand', command(true, 'of the first look'));
    const summary = page.getByText('Command line', { exact: true });
    await summary.click();
    await expect.poll(() => asks(window)).toBe(1);
    await summary.click();
    await summary.click();
    await expect.poll(() => asks(window)).toBe(2);
    await window.setAnswer('service.readCommand', command(true, 'of the second'));
    await window.hold(false);
    await page.getByText('of the second').waitFor();
  });
});

describe('keyboard', () => {
  it('reaches every control, in reading order, with a visible focus', async () => {
    const { page } = await open(snapshots.healthy);
    const order: string[] = [];
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return null;
        const outline = getComputedStyle(element).outlineStyle;
        const name = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim();
        return outline === 'none' ? `no ring on ${name}` : name;
      });
      if (focused === null || order.includes(focused)) break;
      order.push(focused);
    }
    expect(order).toEqual([
      'Overview',
      'Models',
      'Cloud',
      'Logs',
      'Settings',
      'Stop Everything',
      'Copy base URL',
      'Copy API key',
      'New Key…',
      'Restart fast',
      'Stop fast',
      'Command line of fast',
      'Restart standard',
      'Stop standard',
      'Command line of standard',
      'Restart longctx',
      'Stop longctx',
      'Command line of longctx',
      'Restart Gateway',
      'Stop Gateway',
      'Command line of Gateway',
    ]);
  });

  it('gives a command by Space, and keeps the focus when Stop becomes Start', async () => {
    const window = await open(withServices(tier('fast', 'healthy'), gateway('healthy')));
    await window.page.getByRole('button', { name: 'Stop fast' }).focus();
    await window.page.keyboard.press('Space');
    expect(await window.given()).toEqual([{ name: 'service.stop', input: { id: 'fast' } }]);
    await window.send({ revision: 2, services: [tier('fast', 'stopped')] });
    await window.page.getByRole('button', { name: 'Start fast' }).waitFor();
    const label = await window.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(label).toBe('Start fast');
  });

  it('scrolls the last lines of a failure', async () => {
    const { page } = await open(snapshots.longNames);
    await page.locator('.failure summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await page.waitForFunction(() => (document.querySelector('.lines section')?.scrollTop ?? 0) > 0);
  });
});

describe('following the status', () => {
  it('paints the status in its first frame and reads it once', async () => {
    const window = await open(snapshots.healthy);
    expect(await window.page.locator('h1').textContent()).toBe('MLX Stack is ready');
    expect(await window.reads()).toBe(1);
  });

  it('shows a change and says it to a screen reader', async () => {
    const window = await open(withServices(tier('fast', 'healthy'), gateway('healthy')));
    await window.send({
      revision: 2,
      services: [tier('fast', 'failed', { lastFailure: failure() })],
    });
    await window.page.getByRole('heading', { level: 1, name: 'fast has failed' }).waitFor();
    expect(await window.page.getByRole('status').textContent()).toBe(
      'fast: Failed. fast: The server ended unexpectedly',
    );
    expect(await window.reads()).toBe(1);
  });

  it('reads again when a change is missing', async () => {
    const window = await open(snapshots.healthy);
    await window.setSnapshot({ ...snapshots.off, revision: 7 });
    await window.send({ revision: 5, services: [] });
    await window.page.getByRole('heading', { level: 1, name: 'MLX Stack is off' }).waitFor();
    expect(await window.reads()).toBe(2);
  });

  it('says when the status cannot be read', async () => {
    const window = await open(snapshots.healthy, {
      answers: {
        'status.read': { ok: false, error: { code: 'internal-error', message: 'Something broke.' } },
      },
    });
    expect(await window.page.locator('h1').textContent()).toBe('The status cannot be read');
    expect(await window.page.locator('main').textContent()).toContain('Something broke.');
  });
});

describe('the clock', () => {
  it('ticks once a second while the window is visible, and not when it is hidden', async () => {
    const window = await open(withServices(tier('fast', 'healthy'), gateway('healthy')), { now: moment });
    const uptime = () => window.page.locator('article').first().locator('dd').nth(3).textContent();
    expect(await uptime()).toBe('2m 30s');
    await window.page.clock.runFor(2000);
    expect(await uptime()).toBe('2m 32s');
    await window.setVisible(false);
    await window.page.clock.runFor(60_000);
    expect(await uptime()).toBe('2m 32s');
    await window.setVisible(true);
    expect(await uptime()).toBe('3m 32s');
  });

  it('counts down to a restart', async () => {
    const window = await open(snapshots.backingOff, { now: moment });
    const detail = () => window.page.locator('article').first().locator('.state-detail').textContent();
    expect(await detail()).toBe('in 4s');
    await window.page.clock.runFor(3000);
    expect(await detail()).toBe('in 1s');
    await window.page.clock.runFor(3000);
    expect(await detail()).toBe('in 1s');
  });
});

describe('the bundle', () => {
  it('is at most 60 KB gzipped, with no inline script or style', () => {
    const folder = path.resolve(import.meta.dirname, '../../dist/renderer');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(html|js|css|svg|png)$/.test(file),
    );
    const bytes = files.map((file) => gzipSync(readFileSync(path.join(folder, file))).byteLength);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(60 * 1024);
    const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
    /** The block of data for the status is no script: nothing runs it. */
    const scripts = html.replaceAll('<script type="application/json" id="status"></script>', '');
    expect(scripts).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\bon\w+=/);
    expect(html).toContain('<script type="application/json" id="status"></script>');
    expect(html).toContain(' blocking="render"');
  });
});
