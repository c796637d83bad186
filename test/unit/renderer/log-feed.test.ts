/** The window of lines over a log of any size: bounded, without gaps, and not moved by what was asked before. */
import { beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../../src-main/contract/commands.ts';
import { pageMaxRows } from '../../../src-main/contract/log-limits.ts';
import type { LogAnchor, LogFilter, LogRow } from '../../../src-main/contract/logs.ts';
import {
  createFeed,
  everything,
  type Feed,
  keyOfRow,
  windowMaxRows,
} from '../../../src-renderer/views/logs/feed.ts';

/** One log of so many lines, answered as the reader would. */
let total: number;
let asked: string[];
let inputs: unknown[];
let held: (() => void)[] | null;
let feed: Feed;

const rowOf = (offset: number): LogRow => ({
  log: 'fast',
  segment: 1,
  offset,
  timeMs: offset,
  source: 'out',
  level: offset % 1000 === 0 ? 'error' : 'info',
  text: `line ${offset}`,
  isCut: false,
});
const cursorOf = (offset: number) => [{ log: 'fast', segment: 1, offset }];

function placeOf(from: LogAnchor): number {
  switch (from.kind) {
    case 'start':
      return 0;
    case 'end':
      return total;
    case 'time':
      return Math.min(total, Math.ceil(from.ms));
    case 'fraction':
      return Math.floor(from.fraction * total);
    case 'cursor':
      return from.cursor[0]?.offset ?? 0;
    case 'row':
      return from.row.offset + (from.side === 'after' ? 1 : 0);
  }
}

interface PageInput {
  readonly filter: LogFilter;
  readonly from: LogAnchor;
  readonly before: number;
  readonly after: number;
}
function pageOf({ filter, from, before, after }: PageInput) {
  expect(before + after).toBeLessThanOrEqual(pageMaxRows + 300);
  const at = placeOf(from);
  if (filter.level === 'error') return errorsOf(at, before, after);
  const start = Math.max(0, at - before);
  const end = Math.min(total, at + after);
  const rows = Array.from({ length: end - start }, (_, i) => rowOf(start + i));
  return {
    rows,
    anchorRow: at - start,
    start: cursorOf(start),
    end: cursorOf(end),
    atStart: before > 0 ? start === 0 && at - start < before : from.kind === 'start',
    atEnd: after > 0 ? end === total : from.kind === 'end',
    startFraction: start / total,
    endFraction: end / total,
  };
}
/** A slice of time finds at most one of a thousand lines. */
function errorsOf(at: number, before: number, after: number) {
  const to = before > 0 ? Math.max(0, at - 1500) : Math.min(total, at + 1500);
  const rows = [];
  for (let i = Math.min(at, to); i < Math.max(at, to); i += 1) if (i % 1000 === 0) rows.push(rowOf(i));
  const [start, end] = before > 0 ? [to, at] : [at, to];
  return {
    rows,
    anchorRow: before > 0 ? rows.length : 0,
    start: cursorOf(start),
    end: cursorOf(end),
    atStart: start === 0,
    atEnd: after > 0 ? end === total : at === total,
    startFraction: start / total,
    endFraction: end / total,
  };
}

const answers: Record<string, (input: never) => unknown> = {
  'log.page': pageOf,
  'log.count': ({ from }: { from: LogAnchor }) => {
    const at = placeOf(from);
    return { count: total - at, cursor: cursorOf(total), isDone: true, fraction: 1 };
  },
  'log.find': ({ query }: { query: { text: string } }) => {
    const found = Array.from({ length: total }, (_, i) => rowOf(i)).findLast(
      ({ text }) => text === query.text,
    );
    return found ? { kind: 'found', row: found } : { kind: 'none' };
  },
};

beforeEach(() => {
  total = 100_000;
  asked = [];
  inputs = [];
  held = null;
  const ask = async (name: string, input: never): Promise<unknown> => {
    asked.push(name);
    if (name === 'log.page') inputs.push(input);
    if (held && name === 'log.page') await new Promise<void>((go) => held?.push(go));
    return { ok: true, value: answers[name]?.(input) ?? {} };
  };
  feed = createFeed(Object.assign({ ask }));
});

const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
};
const offsets = (): number[] => feed.view.peek().rows.map((row) => row.offset);
const isWithoutGaps = (): boolean =>
  offsets().every((offset, i, all) => i === 0 || offset === (all[i - 1] ?? 0) + 1);

describe('the feed', () => {
  it('opens at the end and follows', async () => {
    feed.toEnd();
    await settled();
    expect(offsets().at(-1)).toBe(99_999);
    expect(feed.isFollowing.peek()).toBe(true);
    expect(feed.target.peek().place).toBe('end');
    total += 5;
    feed.grew();
    await settled();
    expect(offsets().at(-1)).toBe(100_004);
    expect(isWithoutGaps()).toBe(true);
  });

  it('goes through everything in both directions with a bounded window and no gap', async () => {
    total = 10_000;
    feed.toEnd();
    await settled();
    feed.setFollowing(false);
    for (let i = 0; i < 60 && !feed.view.peek().atStart; i += 1) {
      feed.loadOlder();
      await settled();
      expect(isWithoutGaps()).toBe(true);
      expect(offsets().length).toBeLessThanOrEqual(windowMaxRows + pageMaxRows);
    }
    expect(offsets()[0]).toBe(0);
    for (let i = 0; i < 60 && !feed.view.peek().atEnd; i += 1) {
      feed.loadNewer();
      await settled();
      expect(isWithoutGaps()).toBe(true);
    }
    expect(offsets().at(-1)).toBe(9_999);
  });

  it('that does not follow counts new lines and shows none of them', async () => {
    feed.toEnd();
    await settled();
    feed.setFollowing(false);
    const before = offsets();
    total += 42;
    feed.grew();
    await settled();
    expect(feed.newLines.peek()).toBe(42);
    expect(offsets()).toEqual(before);
    feed.toEnd();
    await settled();
    expect(feed.newLines.peek()).toBe(0);
    expect(offsets().at(-1)).toBe(total - 1);
  });

  it('is not scrolled through a burst: it goes to the newest', async () => {
    feed.toEnd();
    await settled();
    total += 50_000;
    feed.grew();
    await settled();
    expect(offsets().at(-1)).toBe(total - 1);
    expect(isWithoutGaps()).toBe(true);
  });

  it('takes no answer to an earlier question', async () => {
    held = [];
    void feed.jump({ kind: 'start' });
    void feed.jump({ kind: 'fraction', fraction: 0.5 });
    const [first, second] = held;
    second?.();
    await settled();
    expect(offsets()).toContain(50_000);
    first?.();
    await settled();
    expect(offsets()).toContain(50_000);
  });

  it('with a filter that little passes goes on looking, and can be stopped', async () => {
    feed.setFilter({ ...everything, level: 'error' });
    await settled();
    await settled();
    expect(offsets()).toEqual(Array.from({ length: 100 }, (_, i) => i * 1000));
    expect(feed.view.peek().atStart).toBe(true);
    held = [];
    feed.setFilter({ ...everything, level: 'error' });
    held.shift()?.();
    await settled();
    expect(feed.busy.peek()).toBe('older');
    feed.stop();
    expect(feed.busy.peek()).toBe('no');
    expect(asked).toContain('log.cancel');
  });

  it('shows a failure’s line in the middle, or its time when the line is gone', async () => {
    await feed.show({ log: 'fast', atMs: 60_000, line: 'line 51234' });
    expect(inputs.every((input) => commands['log.page'].input.safeParse(input).success)).toBe(true);
    expect(feed.filter.peek().logs).toEqual(['fast']);
    expect(feed.target.peek()).toEqual({ key: keyOfRow(rowOf(51_234)), place: 'middle' });
    await feed.show({ log: 'fast', atMs: 60_000, line: 'never printed' });
    expect(feed.target.peek()).toEqual({ key: keyOfRow(rowOf(60_001)), place: 'middle' });
    await feed.show({ log: 'fast', atMs: 9e9, line: null });
    expect(feed.target.peek().key).toBe(keyOfRow(rowOf(99_999)));
  });

  it('watches while it lives', async () => {
    feed.toEnd();
    await settled();
    feed.close();
    expect(asked.filter((name) => name === 'log.watch')).toHaveLength(2);
  });
});
