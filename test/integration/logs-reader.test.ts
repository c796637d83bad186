/** Reading logs back: every line once and in order, in both directions, whatever files they are in. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowMaxChars } from '../../src-main/contract/log-limits.ts';
import type {
  LogAnchor,
  LogCount,
  LogFilter,
  LogPage,
  LogQuery,
  LogRow,
} from '../../src-main/contract/logs.ts';
import type { Result } from '../../src-main/contract/result.ts';
import { cutBytes, Interruption } from '../../src-main/logs/reader/blocks.ts';
import { createLogEngine, type Exported, type LogEngine } from '../../src-main/logs/reader/engine.ts';
import { keptBytes } from '../../src-main/logs/reader/unpacker.ts';

let dir: string;
let engine: LogEngine;
/** Steps after which the operation is interrupted; 0 for never. */
let patience = 0;
let steps = 0;
let isTiming = false;

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-reader-'));
  patience = 0;
  engine = createLogEngine(dir, {
    onStep(hasProgress) {
      steps += 1;
      const isOver = isTiming && hasProgress && patience > 0 && steps > patience;
      if (isOver) throw new Interruption('time is up');
    },
    startClock() {
      steps = 0;
      isTiming = true;
    },
    stopClock() {
      isTiming = false;
    },
  });
});
afterEach(() => {
  engine.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const everything: LogFilter = { logs: null, level: 'debug', fromMs: null, toMs: null, query: null };
const plain = (text: string): LogQuery => ({ text, isPattern: false, matchCase: false });
const began = Date.UTC(2026, 10, 22, 20);
const stamp = (ms: number, mark = 'out'): string => `${new Date(began + ms).toISOString()} ${mark} `;
const file = (name: string) => path.join(dir, name);
const write = (name: string, text: string | Buffer): void =>
  fs.writeFileSync(file(name), name.endsWith('.gz') ? gzipSync(text) : text);
/** A last line without its end counts once the file is not being written any more. */
const age = (name: string): void => fs.utimesSync(file(name), new Date(began), new Date(began));

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
const page = async (from: LogAnchor, before: number, after: number, filter = everything): Promise<LogPage> =>
  value(await engine.page({ filter, from, before, after }));
const texts = (rows: readonly LogRow[]): string[] => rows.map((row) => row.text);

async function readForward(size: number, filter = everything): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let from: LogAnchor = { kind: 'start' };
  for (let pages = 0; pages < 100_000; pages += 1) {
    const one: LogPage = await page(from, 0, size, filter);
    rows.push(...one.rows);
    if (one.atEnd) return rows;
    from = { kind: 'cursor', cursor: one.end };
  }
  throw new Error('the log has no end');
}
async function readBackward(size: number, filter = everything): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let from: LogAnchor = { kind: 'end' };
  for (let pages = 0; pages < 100_000; pages += 1) {
    const one: LogPage = await page(from, size, 0, filter);
    rows.unshift(...one.rows);
    if (one.atStart) return rows;
    from = { kind: 'cursor', cursor: one.start };
  }
  throw new Error('the log has no start');
}
async function countAll(query: LogQuery | null, filter = everything): Promise<number> {
  let count = 0;
  let from: LogAnchor = { kind: 'start' };
  for (;;) {
    const one: LogCount = value(await engine.count({ filter, query, from }));
    count += one.count;
    if (one.isDone) return count;
    from = { kind: 'cursor', cursor: one.cursor };
  }
}

describe('all that is there', () => {
  it('archives oldest first, packed and not, then the current file, in both directions', async () => {
    const lines = Array.from({ length: 9000 }, (_, i) => `${stamp(i)}line ${i}\n`);
    const part = (from: number, to: number): string => lines.slice(from, to).join('');
    write('fast.log.3.gz', part(0, 3000));
    write('fast.log.2.gz', part(3000, 6000));
    write('fast.log.1', part(6000, 8000));
    write('fast.log', part(8000, 9000));
    const wanted = Array.from({ length: 9000 }, (_, i) => `line ${i}`);
    expect(texts(await readForward(777))).toEqual(wanted);
    expect(texts(await readBackward(1000))).toEqual(wanted);
    expect(await countAll(null)).toBe(9000);
    expect(engine.list()).toEqual([
      {
        log: 'fast',
        bytes: fs.statSync(file('fast.log')).size,
        archives: 3,
        archiveBytes: ['3.gz', '2.gz', '1'].reduce(
          (sum, name) => sum + fs.statSync(file(`fast.log.${name}`)).size,
          0,
        ),
      },
    ]);
  });

  it('also when there are archives only, nothing, or no folder', async () => {
    expect((await page({ kind: 'end' }, 10, 10)).rows).toEqual([]);
    expect(await page({ kind: 'start' }, 10, 10)).toMatchObject({ atStart: true, atEnd: true });
    write('gone.log.1.gz', `${stamp(1)}left\n`);
    expect(texts((await page({ kind: 'end' }, 10, 0)).rows)).toEqual(['left']);
    fs.rmSync(dir, { recursive: true });
    expect((await page({ kind: 'end' }, 10, 10)).rows).toEqual([]);
  });

  it('a tail of N lines, 0 being none, and a last line without its end', async () => {
    write('fast.log', `${stamp(0)}one\n${stamp(1)}two\n${stamp(2)}thr`);
    expect(texts((await page({ kind: 'end' }, 10, 0)).rows)).toEqual(['one', 'two']);
    age('fast.log');
    expect(texts((await page({ kind: 'end' }, 2, 0)).rows)).toEqual(['two', 'thr']);
    expect(await page({ kind: 'end' }, 0, 0)).toMatchObject({ rows: [], atEnd: true });
  });

  it('what the CLI left: no times, its copies of emptied files, and our lines behind it', async () => {
    write('fast.log.2.gz', 'INFO: a\nINFO: b\n');
    write('fast.log.1.gz', 'ERROR: c\n');
    write('fast.log', `INFO: d\n${stamp(5)}e\n`);
    const rows = await readForward(2);
    expect(texts(rows)).toEqual(['INFO: a', 'INFO: b', 'ERROR: c', 'INFO: d', 'e']);
    expect(rows.map((row) => [row.source, row.level])).toEqual([
      ['foreign', 'info'],
      ['foreign', 'info'],
      ['foreign', 'error'],
      ['foreign', 'info'],
      ['out', 'info'],
    ]);
    expect(texts(await readBackward(2))).toEqual(texts(rows));
    expect(rows.at(3)?.timeMs).toBe(began + 5);
  });

  it('a damaged archive up to where it is damaged, and links never', async () => {
    const whole = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => `${stamp(i)}line ${Math.sin(i)}\n`).join(''),
    );
    fs.writeFileSync(file('fast.log.2.gz'), whole.subarray(0, whole.length / 2));
    fs.writeFileSync(file('fast.log.1.gz'), 'no gzip');
    write('fast.log', `${stamp(30_000)}end\n`);
    fs.symlinkSync('/etc/passwd', file('link.log'));
    const rows = await readForward(1000);
    expect(rows.length).toBeGreaterThan(5000);
    expect(rows.length).toBeLessThan(20_000);
    expect(rows.at(-1)?.text).toBe('end');
    expect(rows.some((row) => row.log === 'link')).toBe(false);
  });

  it('an archive far larger than what is kept of it in memory', async () => {
    const filler = 'x'.repeat(200);
    const count = Math.ceil((keptBytes * 2.2) / 240);
    write('fast.log.1.gz', Array.from({ length: count }, (_, i) => `${stamp(i)}${i} ${filler}\n`).join(''));
    const numbers = (rows: readonly LogRow[]): number[] => rows.map((row) => Number.parseInt(row.text, 10));
    const wanted = Array.from({ length: count }, (_, i) => i);
    expect(numbers(await readForward(1000))).toEqual(wanted);
    expect(numbers(await readBackward(1000))).toEqual(wanted);
    const middle = await page({ kind: 'fraction', fraction: 0.5 }, 1, 1);
    expect(Number.parseInt(middle.rows[0]?.text ?? '', 10) / count).toBeCloseTo(0.5, 2);
  });

  it('lines without an end, of any length, are cut at the same places from both sides', async () => {
    const long = (bytes: number): string => 'ab'.repeat(bytes / 2);
    const text = `${stamp(0)}short\n${long(cutBytes * 5)}\n${stamp(1)}${long(rowMaxChars * 2)}\n${long(cutBytes)}\n${stamp(2)}end\n`;
    write('fast.log', text);
    const forward = await readForward(2);
    const backward = await readBackward(3);
    expect(backward).toEqual(forward);
    expect(forward.length).toBeGreaterThan(7);
    expect(forward.every((row) => row.text.length <= rowMaxChars)).toBe(true);
    const cut = forward.find((row) => row.source === 'out' && row.isCut);
    expect(cut && value(await engine.entry(cut))).toBe(long(rowMaxChars * 2));
    const bodies = await Promise.all(forward.map(async (row) => value(await engine.entry(row))));
    expect(bodies.join('').length).toBe(text.length - 3 * stamp(0).length - 5);
  });

  it('bytes that are no UTF-8 and characters cut by a block are shown as well as can be', async () => {
    const body = 'caffè ×3 more… '.repeat(50);
    write(
      'fast.log',
      Buffer.concat([
        Buffer.from([0xff, 0xfe, 10]),
        Buffer.from(Array.from({ length: 500 }, (_, i) => `${stamp(i)}${body}\n`).join('')),
      ]),
    );
    const rows = await readForward(100);
    expect(rows[0]?.text).toBe('\ufffd\ufffd');
    expect(rows.slice(1).every((row) => row.text === body)).toBe(true);
  });
});

describe('several logs', () => {
  it('are merged by time, the same in both directions', async () => {
    const wanted: { text: string; ms: number }[] = [];
    for (const [log, count, step] of [
      ['a', 3000, 7],
      ['b', 2000, 11],
      ['c', 10, 2000],
    ] as const) {
      let current = '';
      for (let i = 0; i < count; i += 1) {
        current += `${stamp(i * step)}${log} ${i}\n`;
        wanted.push({ text: `${log} ${i}`, ms: i * step });
      }
      const half = current.indexOf('\n', current.length / 2) + 1;
      write(`${log}.log.1.gz`, current.slice(0, half));
      write(`${log}.log`, current.slice(half));
    }
    wanted.sort((x, y) => x.ms - y.ms || (x.text < y.text ? -1 : 1));
    const inOrder = wanted.map((one) => one.text);
    const forward = texts(await readForward(500));
    expect(forward.map((text) => text.split(' ')[0])).toEqual(inOrder.map((text) => text.split(' ')[0]));
    expect(forward).toEqual(inOrder);
    expect(texts(await readBackward(333))).toEqual(inOrder);
    const only = await readForward(500, { ...everything, logs: ['c', 'unknown'] });
    expect(texts(only)).toEqual(Array.from({ length: 10 }, (_, i) => `c ${i}`));
    const middle = await page({ kind: 'fraction', fraction: 0.5 }, 1, 1);
    expect(middle.startFraction).toBeCloseTo(0.5, 1);
  });

  it('begin and end at a time', async () => {
    write('a.log', Array.from({ length: 5000 }, (_, i) => `${stamp(i * 10)}a ${i}\n`).join(''));
    write('b.log.1.gz', Array.from({ length: 2500 }, (_, i) => `${stamp(i * 20 + 5)}b ${i}\n`).join(''));
    const filter = { ...everything, fromMs: began + 20_000, toMs: began + 20_100 };
    const wanted = Array.from({ length: 10 }, (_, i) => `a ${2000 + i}`);
    for (const rows of [await readForward(4, filter), await readBackward(4, filter)]) {
      expect(texts(rows.filter((row) => row.log === 'a'))).toEqual(wanted);
      expect(texts(rows.filter((row) => row.log === 'b'))).toEqual([
        'b 1000',
        'b 1001',
        'b 1002',
        'b 1003',
        'b 1004',
      ]);
    }
    const at = await page({ kind: 'time', ms: began + 30_000 }, 1, 1);
    expect(at.anchorRow).toBe(1);
    expect(texts(at.rows)).toEqual(['a 2999', 'a 3000']);
  });
});

describe('a search', () => {
  beforeEach(() => {
    const lines = Array.from(
      { length: 60_000 },
      (_, i) =>
        `${stamp(i, i % 2 ? 'err' : 'out')}${i % 1000 === 7 ? `ERROR: Needle ${i}` : `INFO: hay ${i}`}\n`,
    );
    write('fast.log.1.gz', lines.slice(0, 30_000).join(''));
    write('fast.log', lines.slice(30_000).join(''));
    write(
      'slow.log',
      Array.from({ length: 600 }, (_, i) => `${stamp(i * 100 + 50)}WARNING: slow ${i}\n`).join(''),
    );
  });

  async function find(
    query: LogQuery,
    from: LogAnchor,
    direction: 'forward' | 'backward',
    filter = everything,
  ) {
    for (let at = from; ; ) {
      const found = value(await engine.find({ filter, query, from: at, direction }));
      if (found.kind === 'found') return found.row;
      if (found.kind === 'none') return null;
      at = { kind: 'cursor', cursor: found.cursor };
    }
  }

  it('finds the next and the previous line, over files, and says when there is none', async () => {
    for (patience of [0, 1]) {
      const first = await find(plain('needle'), { kind: 'start' }, 'forward');
      expect(first?.text).toBe('ERROR: Needle 7');
      const last = await find(plain('needle'), { kind: 'end' }, 'backward');
      expect(last?.text).toBe('ERROR: Needle 59007');
      if (!first || !last) return;
      const next = await find(plain('needle'), { kind: 'row', row: first, side: 'after' }, 'forward');
      expect(next?.text).toBe('ERROR: Needle 1007');
      const previous = await find(plain('needle'), { kind: 'row', row: last, side: 'before' }, 'backward');
      expect(previous?.text).toBe('ERROR: Needle 58007');
      expect(await find(plain('needle'), { kind: 'row', row: last, side: 'after' }, 'forward')).toBeNull();
      expect(await find(plain('absent'), { kind: 'start' }, 'forward')).toBeNull();
      const around = await page({ kind: 'row', row: last, side: 'before' }, 2, 2);
      expect(around.rows[around.anchorRow]).toEqual(last);
    }
  });

  it('counts, by text, expression, level and log, however often it is interrupted', async () => {
    for (patience of [0, 1, 2]) {
      expect(await countAll(plain('needle'))).toBe(60);
      expect(await countAll({ text: '^ERROR.*7$', isPattern: true, matchCase: true })).toBe(60);
      expect(await countAll(plain('err '))).toBe(0);
      expect(await countAll(plain('2026-'))).toBe(0);
      expect(await countAll(null, { ...everything, level: 'error' })).toBe(60);
      expect(await countAll(null, { ...everything, level: 'warning' })).toBe(660);
      expect(await countAll(plain('slow'), { ...everything, logs: ['fast'] })).toBe(0);
      expect(await countAll(null, { ...everything, toMs: began + 1000 })).toBe(1010);
    }
  });

  it('as a filter shows the matching lines only, with the level as well', async () => {
    const filter: LogFilter = {
      ...everything,
      level: 'warning',
      query: { text: '(Needle|slow) \\d*7$', isPattern: true, matchCase: true },
    };
    const forward = texts(await readForward(50, filter));
    expect(forward).toHaveLength(120);
    patience = 1;
    expect(texts(await readBackward(50, filter))).toEqual(forward);
  });

  it('marks matches, and refuses a bad expression', async () => {
    expect(value(engine.highlight(plain('ee'), ['needle', 'none']))).toEqual([[[1, 3]], []]);
    const bad: LogQuery = { text: '(', isPattern: true, matchCase: false };
    expect(engine.highlight(bad, ['x'])).toMatchObject({ ok: false, error: { code: 'bad-pattern' } });
    expect(await engine.count({ filter: everything, query: bad, from: { kind: 'start' } })).toMatchObject({
      ok: false,
    });
    expect(
      await engine.page({
        filter: { ...everything, query: bad },
        from: { kind: 'end' },
        before: 1,
        after: 0,
      }),
    ).toMatchObject({ ok: false });
  });

  it('saves what is shown, in pieces', async () => {
    let text = '';
    let from: LogAnchor = { kind: 'start' };
    for (;;) {
      const piece: Exported = value(await engine.export({ filter: { ...everything, logs: ['fast'] }, from }));
      text += piece.text;
      if (piece.isDone) break;
      from = { kind: 'cursor', cursor: piece.cursor };
    }
    expect(text.split('\n')).toHaveLength(60_001);
    expect(text.startsWith(`${stamp(0)}INFO: hay 0\n${stamp(1, 'err')}INFO: hay 1\n`)).toBe(true);
    const merged = value(await engine.export({ filter: everything, from: { kind: 'start' } }));
    expect(merged.text.split('\n')[50]).toBe(
      `${stamp(50)}fast out INFO: hay 50`.replace(' out fast', ' fast'),
    );
  });
});

describe('following', () => {
  async function follow(from: LogPage): Promise<LogPage> {
    return page({ kind: 'cursor', cursor: from.end }, 0, 1000);
  }

  it('goes on over rotation, packing and a log that is new', async () => {
    write('fast.log', `${stamp(0)}one\n`);
    let last = await page({ kind: 'end' }, 10, 0);
    const before = engine.fingerprint();
    fs.appendFileSync(file('fast.log'), `${stamp(1)}two\n`);
    expect(engine.fingerprint()).not.toBe(before);
    fs.renameSync(file('fast.log'), file('fast.log.1'));
    write('fast.log', `${stamp(2)}three\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['two', 'three']);
    write('fast.log.1.gz', fs.readFileSync(file('fast.log.1')));
    fs.rmSync(file('fast.log.1'));
    write('new.log', `${stamp(3)}hello\n`);
    fs.appendFileSync(file('fast.log'), `${stamp(4)}four\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['hello', 'four']);
    fs.renameSync(file('fast.log.1.gz'), file('fast.log.2.gz'));
    fs.renameSync(file('fast.log'), file('fast.log.1'));
    last = await follow(last);
    expect(last.rows).toEqual([]);
    write('fast.log', `${stamp(5)}five\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['five']);
    expect(texts(await readBackward(2))).toEqual(['one', 'two', 'three', 'hello', 'four', 'five']);
  });

  it('goes on when a file is copied and emptied, as the CLI rotates, and when it is replaced', async () => {
    write('fast.log', 'INFO: one\nINFO: two\n');
    let last = await page({ kind: 'end' }, 10, 0);
    fs.appendFileSync(file('fast.log'), 'INFO: three\n');
    write('fast.log.1.gz', fs.readFileSync(file('fast.log')));
    fs.truncateSync(file('fast.log'), 0);
    fs.appendFileSync(file('fast.log'), 'INFO: four\n');
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['INFO: three', 'INFO: four']);
    fs.truncateSync(file('fast.log'), 0);
    fs.appendFileSync(file('fast.log'), `${stamp(0)}5\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['5']);
    fs.rmSync(file('fast.log'));
    last = await follow(last);
    expect(last.rows).toEqual([]);
    write('fast.log', `${stamp(9)}six\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['six']);
  });

  it('goes on after the archive that was being read is gone', async () => {
    write('fast.log.2.gz', `${stamp(0)}one\n${stamp(1)}two\n`);
    write('fast.log.1.gz', `${stamp(2)}three\n`);
    write('fast.log', `${stamp(3)}four\n`);
    const first = await page({ kind: 'start' }, 0, 1);
    fs.rmSync(file('fast.log.2.gz'));
    expect(texts((await follow(first)).rows)).toEqual(['three', 'four']);
    const [row] = first.rows;
    expect(row && (await engine.entry(row))).toMatchObject({ ok: false, error: { code: 'log-line-gone' } });
  });

  it('an unfinished last line waits for its end', async () => {
    write('fast.log', `${stamp(0)}one\n${stamp(1)}tw`);
    let last = await page({ kind: 'end' }, 10, 0);
    expect(texts(last.rows)).toEqual(['one']);
    fs.appendFileSync(file('fast.log'), `o\n`);
    last = await follow(last);
    expect(texts(last.rows)).toEqual(['two']);
  });
});
