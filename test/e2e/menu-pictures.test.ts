/**
 * The menu-bar menu in every state, each with its submenus, light and dark, in `test/artefacts/menu`: what the tray
 * really hands to macOS, drawn by the stand-in, where each row stands whole and none is out of place.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ServiceState, type Snapshot, serviceStates } from '../../src-main/contract/status.ts';
import { ask } from '../../src-main/shell/dialogs.ts';
import { quitQuestion } from '../../src-main/shell/quit-question.ts';
import { createTray, loadTrayIcons, type TrayHandle, type TrayIcons } from '../../src-main/shell/tray.ts';
import { type TrayRow, trayModel } from '../../src-main/shell/tray-menu.ts';
import { type Condition, type IconState, summarise } from '../../src-main/status/summary.ts';
import type { UnshownMessage } from '../../src-main/status/unshown.ts';
import { app } from '../stand-ins/electron/app.ts';
import { answerMessageBox, openMessageBox } from '../stand-ins/electron/dialog.ts';
import { drawMenuBarOn, menuBarActions } from '../stand-ins/electron/menu-bar.ts';
import { ensureChromium, sentenceOf } from '../tools/chromium.ts';
import { failure, gateway, snapshots, tier } from '../unit/status/snapshots.ts';
import { axeFaults } from './axe.ts';
import { guestSnapshots } from './situations.ts';

vi.mock('electron', async () => ({
  ...(await import('../stand-ins/electron/app.ts')),
  ...(await import('../stand-ins/electron/dialog.ts')),
  ...(await import('../stand-ins/electron/menu.ts')),
  ...(await import('../stand-ins/electron/native-image.ts')),
  ...(await import('../stand-ins/electron/tray.ts')),
}));

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'test/artefacts/menu');
const noModifiers = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };

/** One model of each state, as many at a time as a stack has. */
const models = (...states: ServiceState[]): Snapshot => ({
  ...snapshots.healthy,
  services: [
    ...states.map((state) => tier(state, state, state === 'failed' ? { lastFailure: failure() } : {})),
    gateway('healthy'),
  ],
});

const unshown = (number: number, about: string, title: string, body: string): UnshownMessage => ({
  number,
  about,
  title,
  body,
});

interface MenuState {
  readonly snapshot: Snapshot;
  readonly unshown?: readonly UnshownMessage[];
  /** Beside the icon. */
  readonly title?: string;
}

const menus: Readonly<Record<string, MenuState>> = {
  ...Object.fromEntries(
    [...Object.entries(snapshots), ...Object.entries(guestSnapshots)].map(
      ([name, snapshot]): [string, MenuState] => [name, { snapshot }],
    ),
  ),
  'models that stop, wait and start': { snapshot: models('stopped', 'waiting', 'starting', 'stopping') },
  'models that serve, or try to': { snapshot: models('healthy', 'degraded', 'backing-off') },
  'models that do not answer': { snapshot: models('unresponsive', 'failed') },
  'no cloud key': { snapshot: snapshots.healthy, title: '2/3' },
  'tokens per second beside the icon': { snapshot: snapshots.healthy, title: '84 tok/s' },
  'lines for notifications that macOS did not show': {
    snapshot: models('healthy', 'failed'),
    unshown: [
      unshown(1, 'failed', 'failed needs attention', 'The server ended unexpectedly.'),
      unshown(2, 'cloud', 'Today’s cap is reached', 'Requests for the cloud are refused until midnight.'),
    ],
  },
  'one that keeps its last words while it quits': {
    snapshot: { ...snapshots.mixedFailures, app: { ...snapshots.mixedFailures.app, phase: 'quitting' } },
  },
};

let browser: Browser;
let page: Page;
let icons: TrayIcons;
/** Submenus that many menus have alike are looked at once. */
const drawnBefore = new Set<string>();
let tray: TrayHandle | null = null;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const executable = ensureChromium({ headed: false });
  if (!executable.ok) throw new Error(sentenceOf(executable.error));
  browser = await chromium.launch({ executablePath: executable.value });
  page = await browser.newPage();
  app.becomeReady();
  await drawMenuBarOn(page);
  icons = loadTrayIcons(path.join(root, 'assets/tray'));
});
afterAll(async () => {
  tray?.destroy();
  await browser?.close();
});

const fileOf = (name: string) => name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase();

async function picture(name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: path.join(folder, `${fileOf(name)}-${colorScheme}.png`) });
  }
}

/** A tray of its own for each: a menu that was open a moment ago would be replaced only later. */
async function show({ snapshot, unshown: messages = [], title = '' }: MenuState): Promise<void> {
  // Off what the next menu covers: it would open a submenu there.
  await page.mouse.move(2, 700);
  tray?.destroy();
  tray = createTray({ icons, perform: async () => ({ ok: true, value: {} }) });
  tray.setUnshown(messages);
  tray.setTitle(title);
  tray.update(snapshot);
  const [icon] = menuBarActions.view().trays;
  if (icon === undefined) throw new Error('There is no icon.');
  menuBarActions.press(icon.id, noModifiers);
  await page.locator(`.tray[data-tray="${icon.id}"][aria-expanded=true]`).waitFor();
}

/** Each row of the deepest menu in order, as it is drawn. */
const drawnRows = () =>
  page.evaluate(() =>
    [...([...document.querySelectorAll('.menu')].at(-1)?.querySelectorAll('.item') ?? [])].map((item) => ({
      label: item.querySelector('.label')?.textContent ?? '',
      sublabel: item.querySelector('.sublabel')?.textContent ?? '',
      isEnabled: item.getAttribute('aria-disabled') === null,
      isChecked: item.getAttribute('aria-checked') === 'true',
    })),
  );
const wantedRows = (rows: readonly TrayRow[]) =>
  rows
    .filter(({ type }) => type !== 'separator' && type !== 'header')
    .map(({ label, sublabel, enabled, checked }) => ({
      label,
      sublabel,
      isEnabled: enabled,
      isChecked: checked,
    }));

/** Words that are cut, rows over one another, and menus that leave the screen. */
const misplacedRows = () =>
  page.evaluate(() => {
    const found: string[] = [];
    for (const menu of document.querySelectorAll('.menu')) {
      const box = menu.getBoundingClientRect();
      if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight)
        found.push(`off the screen: ${menu.getAttribute('aria-label')}`);
      let bottom = box.top;
      for (const item of menu.querySelectorAll('.item, .header, .separator')) {
        const own = item.getBoundingClientRect();
        const name = item.textContent ?? '';
        if (own.top < bottom - 0.5) found.push(`over the one before: ${name}`);
        if (own.left < box.left || own.right > box.right) found.push(`out of its menu: ${name}`);
        bottom = own.bottom;
      }
      for (const words of menu.querySelectorAll('.label, .sublabel'))
        if (words.scrollWidth > words.clientWidth + 1 && words.clientWidth > 0)
          found.push(`cut: ${words.textContent}`);
      for (const icon of menu.querySelectorAll('.item > .icon'))
        if (icon.getBoundingClientRect().width < 8) found.push('an icon that is not drawn');
    }
    return found;
  });

/** Grey of disabled items and shortcuts, and VoiceOver names that differ from what is drawn: macOS has both. */
const faults = () => axeFaults(page, { except: ['color-contrast', 'label-content-name-mismatch'] });

describe('the menu', () => {
  it.each(Object.keys(menus))('%s', async (name) => {
    const state = menus[name];
    if (state === undefined) throw new Error(name);
    const model = trayModel(state.snapshot, state.unshown ?? []);
    await show(state);
    expect(await drawnRows()).toEqual(wantedRows(model.rows));
    expect(await misplacedRows()).toEqual([]);
    expect(menuBarActions.view().trays).toMatchObject([
      { image: { fileName: `stack-${model.icon}-Template.png`, template: true }, toolTip: model.toolTip },
    ]);
    await picture(name);
    expect(await faults()).toEqual([]);
    for (const row of model.rows.filter(({ type }) => type === 'submenu')) {
      const content = JSON.stringify(wantedRows(row.children));
      if (drawnBefore.has(content)) continue;
      drawnBefore.add(content);
      await page.locator(`.item[data-id="${row.id}"]`).hover();
      await expect.poll(() => page.locator('.menu').count()).toBe(2);
      expect(await drawnRows()).toEqual(wantedRows(row.children));
      expect(await misplacedRows()).toEqual([]);
      await picture(`${name} ${row.id}`);
    }
  });

  it('is shown in every condition, with every icon, every state of a model and every kind of row', () => {
    const conditions: Record<Condition, boolean> = {
      opening: false,
      'no-stack': false,
      'invalid-stack': false,
      off: false,
      starting: false,
      ready: false,
      attention: false,
      stopping: false,
    };
    const icons: Record<IconState, boolean> = { off: false, starting: false, ready: false, attention: false };
    const states = new Set<ServiceState>();
    const kinds = new Set<string>();
    for (const { snapshot, unshown: messages } of Object.values(menus)) {
      conditions[summarise(snapshot).condition] = true;
      const { icon, rows } = trayModel(snapshot, messages);
      icons[icon] = true;
      for (const row of rows) {
        if (row.icon !== null) states.add(row.icon);
        for (const { id, checked } of [row, ...row.children])
          kinds.add(
            `${id.replace(/^(remedy|unshown|service|login|awake|cloud:local-only).*/, '$1')}${checked ? ' ✓' : ''}`,
          );
      }
    }
    expect(Object.entries(conditions).filter(([, isShown]) => !isShown)).toEqual([]);
    expect(Object.entries(icons).filter(([, isShown]) => !isShown)).toEqual([]);
    expect(states).toEqual(new Set(serviceStates));
    for (const kind of [
      'status',
      'remedy',
      'unshown',
      'service',
      'cloud',
      'cloud:local-only',
      'cloud:local-only ✓',
      'copy:address',
      'copy:key',
      'open',
      'logs',
      'update:install',
      'stack:start',
      'stack:stop',
      'settings',
      'mac:power',
      'login',
      'login ✓',
      'awake',
      'awake ✓',
      'about',
      'quit',
    ])
      expect([...kinds]).toContain(kind);
  });
});

describe('the questions before the end', () => {
  it.each([
    ['quit', 2],
    ['update', 1],
  ] as const)('%s', async (reason, requests) => {
    tray?.destroy();
    const answer = ask(quitQuestion(requests, reason));
    await page.getByRole('alertdialog').waitFor();
    const buttons = await page.getByRole('alertdialog').getByRole('button').allTextContents();
    expect(buttons).toEqual(quitQuestion(requests, reason).buttons);
    await picture(`question ${reason}`);
    const box = openMessageBox();
    if (box === null) throw new Error('There is no question.');
    answerMessageBox(box.number, box.cancelId);
    expect(await answer).toBe(box.cancelId);
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  });
});
