/** What stands in the menu instead of a notification: how long, how many, and until when it is true. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { diskNotice, type Message } from '../../../src-main/status/alerts.ts';
import {
  createUnshown,
  isStillTrue,
  seenKeptMs,
  type UnshownMessage,
  unseenKeptMs,
  unshownMax,
} from '../../../src-main/status/unshown.ts';
import { gateway, snapshots, tier } from './snapshots.ts';

const message = (about: string, title = about): Message => ({ about, title, body: 'Because.' });

let told: (readonly UnshownMessage[])[];
let unshown: ReturnType<typeof createUnshown>;
const titles = () => told.at(-1)?.map(({ title }) => title);

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  unshown = createUnshown({ onChange: (messages) => void told.push(messages), now: Date.now });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a message that was not shown', () => {
  it('stands, newest first, one for each thing, and no more than a few', () => {
    unshown.add(message('fast', 'fast failed'));
    unshown.add(message('slow'));
    unshown.add(message('fast', 'fast is back'));
    expect(titles()).toEqual(['fast is back', 'slow']);
    for (let i = 0; i < 20; i += 1) unshown.add(message(`s${i}`));
    expect(titles()).toHaveLength(unshownMax);
    expect(titles()?.[0]).toBe('s19');
    const numbers = told.flat().map(({ number, title }) => `${number} ${title}`);
    expect(new Set(numbers).size).toBe(new Set(told.flat().map(({ number }) => number)).size);
  });

  it('that nobody sees goes after a day', () => {
    unshown.add(message('fast'));
    vi.advanceTimersByTime(unseenKeptMs - 1);
    expect(titles()).toEqual(['fast']);
    vi.advanceTimersByTime(1);
    expect(titles()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that was seen in the menu can be clicked for a while, however often the menu is opened, and goes', () => {
    unshown.add(message('fast'));
    vi.advanceTimersByTime(60 * 60_000);
    unshown.menuOpened();
    vi.advanceTimersByTime(seenKeptMs / 2);
    unshown.menuOpened();
    unshown.add(message('slow'));
    vi.advanceTimersByTime(seenKeptMs / 2 - 1);
    expect(titles()).toEqual(['slow', 'fast']);
    vi.advanceTimersByTime(1);
    expect(titles()).toEqual(['slow']);
  });

  it('goes when the window is opened; nothing is told where nothing changes', () => {
    unshown.windowOpened();
    unshown.menuOpened();
    expect(told).toEqual([]);
    unshown.add(message('fast'));
    unshown.menuOpened();
    expect(told).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
    unshown.windowOpened();
    expect(titles()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('it is still true', () => {
  const failed = { services: [tier('fast', 'failed'), gateway('healthy')], notices: [] };
  const back = { services: [tier('fast', 'healthy'), gateway('healthy')], notices: [] };

  it('of a failure while it lasts, of a return until it fails again', () => {
    expect(isStillTrue({ kind: 'failure', about: 'fast' }, failed)).toBe(true);
    expect(isStillTrue({ kind: 'failure', about: 'fast' }, back)).toBe(false);
    expect(isStillTrue({ kind: 'recovery', about: 'fast' }, failed)).toBe(false);
    expect(isStillTrue({ kind: 'recovery', about: 'fast' }, back)).toBe(true);
  });

  it('of the disk while its notice stands, of the rest until it is seen', () => {
    const disk = diskNotice(10 ** 9);
    expect(isStillTrue({ kind: 'disk', about: disk.id }, { ...back, notices: [disk] })).toBe(true);
    expect(isStillTrue({ kind: 'disk', about: disk.id }, back)).toBe(false);
    expect(isStillTrue({ about: 'the cap' }, snapshots.healthy)).toBe(true);
  });
});
