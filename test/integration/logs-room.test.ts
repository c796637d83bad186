/** The log commands over real reader threads: nothing hangs, nothing leaks, and what is tidied up is what was named. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogCount, LogFilter, LogQuery } from '../../src-main/contract/logs.ts';
import type { Result } from '../../src-main/contract/result.ts';
import { createLogRoom, type LogRoom } from '../../src-main/logs/log-room.ts';
import { type AllLogs, createLogs, defaultLogLimits } from '../../src-main/logs/logs.ts';
import { stuckMs } from '../../src-main/logs/reader/client.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';
import { watchLoop } from './support/loop-watch.ts';

const readerFile = new URL('../../src-main/logs/reader/reader.ts', import.meta.url);
const secret = 'canary-4f1d9c7e2b';
const everything: LogFilter = { logs: null, level: 'debug', fromMs: null, toMs: null, query: null };
const all = { filter: everything, from: { kind: 'start' }, before: 0, after: 100 } as const;
const plain = (text: string): LogQuery => ({ text, isPattern: false, matchCase: true });
/** Takes longer than anybody waits on lines of `a`. */
const endless: LogQuery = { text: '(a|a)*b$|(aa|a)*c', isPattern: true, matchCase: true };

let folder: string;
let dir: string;
let logs: AllLogs;
let room: LogRoom;
let revealed: string[];
let savePath: string | null;
let suggested: string;
let grown: () => void;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-room-'));
  dir = path.join(folder, 'logs');
  revealed = [];
  savePath = null;
  grown = () => {};
  const redactor = createRedactor();
  redactor.register(secret);
  logs = createLogs({ dir, redactor, limits: defaultLogLimits, onProblem: () => {}, packQuietMs: 0 });
  room = createLogRoom({
    dir,
    readerFile,
    logs,
    redactor,
    askWhereToSave: async (name) => {
      suggested = name;
      return savePath;
    },
    reveal: (file) => void revealed.push(path.relative(folder, file)),
    onGrew: () => grown(),
    now: () => new Date(Date.UTC(2026, 10, 22)),
  });
});
afterEach(async () => {
  await room.close();
  await logs.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
async function note(id: string, ...lines: string[]): Promise<void> {
  for (const line of lines) logs.service(id).note(line);
  await logs.flush();
}
const texts = async (): Promise<string[]> =>
  value(await room.handlers['log.page'](all)).rows.map((row) => row.text);
const line = (i: number, text: string): string =>
  `${new Date(Date.UTC(2026, 10, 22) + i).toISOString()} out ${text}\n`;

describe('reading', () => {
  it('shows what the app wrote, and redacts what others wrote', async () => {
    await note('fast', 'hello', `with ${secret}`);
    fs.writeFileSync(path.join(dir, 'old.log'), `Authorization: Bearer ${secret}\n`);
    const shown = await texts();
    expect(shown).toEqual(expect.arrayContaining(['hello']));
    expect(shown.join('\n')).not.toContain(secret);
    const { rows } = value(await room.handlers['log.page'](all));
    for (const { log, segment, offset } of rows) {
      expect(value(await room.handlers['log.entry']({ log, segment, offset })).text).not.toContain(secret);
    }
    const { logs: list } = value(await room.handlers['log.list']({}));
    expect(list.map(({ log }) => log)).toEqual(['fast', 'old']);
  });

  it('tells of growth while it is watched, over a rotation too, and not afterwards', async () => {
    await note('fast', 'one');
    value(await room.handlers['log.watch']({ enabled: true }));
    for (const step of ['two', 'rotate', 'three'] as const) {
      const told = new Promise<void>((resolve) => {
        grown = resolve;
      });
      if (step === 'rotate') value(await room.handlers['log.rotate']({ log: 'fast' }));
      else await note('fast', step);
      await told;
    }
    expect(await texts()).toEqual(['one', 'two', 'three']);
    value(await room.handlers['log.watch']({ enabled: false }));
  });
});

describe('a pathological expression', () => {
  beforeEach(() => {
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(
      path.join(dir, 'fast.log'),
      Array.from({ length: 50 }, (_, i) => line(i, 'a'.repeat(2000))).join(''),
    );
  });
  const search = () =>
    room.handlers['log.count']({ filter: everything, query: endless, from: { kind: 'start' } });

  it('is given up on with a sentence, while lines are shown and the main loop is free', async () => {
    await texts();
    const loop = watchLoop();
    const began = performance.now();
    const searching = search();
    expect(await texts()).toHaveLength(50);
    expect(performance.now() - began).toBeLessThan(stuckMs);
    expect(await searching).toMatchObject({ ok: false, error: { code: 'pattern-too-slow' } });
    expect(performance.now() - began).toBeGreaterThanOrEqual(stuckMs);
    // Half a second would be a hang.
    expect(loop.end()).toBeLessThan(100);
    const filtered = await room.handlers['log.page']({ ...all, filter: { ...everything, query: endless } });
    expect(filtered).toMatchObject({ ok: false, error: { code: 'pattern-too-slow' } });
    const marks = await room.handlers['log.highlight']({ query: endless, texts: ['a'.repeat(2000)] });
    expect(marks).toMatchObject({ ok: false, error: { code: 'pattern-too-slow' } });
    expect(
      value(
        await room.handlers['log.count']({ filter: everything, query: plain('a'), from: { kind: 'start' } }),
      ).count,
    ).toBe(50);
  });

  it('is ended at once when it is cancelled, and the next search works', async () => {
    // The thread that shows them is there, and the time until the search is given up is not spent on its start.
    await texts();
    const searching = search();
    await texts();
    value(await room.handlers['log.cancel']({}));
    // Without another turn of the loop: nothing was waited for.
    const nextTurn = new Promise((resolve) => setImmediate(resolve, 'a turn later'));
    expect(await Promise.race([searching, nextTurn])).toMatchObject({
      ok: false,
      error: { code: 'cancelled' },
    });
    const found = value(
      await room.handlers['log.find']({
        filter: everything,
        query: plain('aaa'),
        from: { kind: 'end' },
        direction: 'backward',
      }),
    );
    expect(found.kind).toBe('found');
  });
});

describe('a large log', () => {
  it('is counted in slices, in constant memory, with the main loop free', async () => {
    fs.mkdirSync(dir, { recursive: true });
    const block = Array.from({ length: 10_000 }, (_, i) =>
      line(i, `INFO: request ${i} ${'x'.repeat(60)}`),
    ).join('');
    const file = fs.openSync(path.join(dir, 'fast.log'), 'w');
    for (let i = 0; i < 200; i += 1) fs.writeSync(file, block);
    fs.closeSync(file);
    await texts();
    // The thread that searches is there, too: what is measured is a slice, and not its start.
    value(await room.handlers['log.highlight']({ query: plain('a'), texts: ['a'] }));
    const before = process.memoryUsage().rss;
    const loop = watchLoop();
    let count = 0;
    let longestMs = 0;
    for (let from: Parameters<LogRoom['handlers']['log.count']>[0]['from'] = { kind: 'start' }; ; ) {
      const began = performance.now();
      const one: LogCount = value(
        await room.handlers['log.count']({ filter: everything, query: plain('request 77 '), from }),
      );
      longestMs = Math.max(longestMs, performance.now() - began);
      count += one.count;
      if (one.isDone) break;
      from = { kind: 'cursor', cursor: one.cursor };
    }
    const stretchMs = loop.end();
    expect(count).toBe(200);
    expect(longestMs).toBeLessThan(2000);
    // The budget of 20 ms is measured by the bench.
    expect(stretchMs).toBeLessThan(150);
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(150);
  });
});

describe('saving', () => {
  it('writes what the filter shows to where the user wants it, whole or not at all', async () => {
    await note('fast', 'one', `two ${secret}`);
    await note('slow', 'three');
    fs.writeFileSync(path.join(dir, 'old.log'), `${secret}\n`);
    expect(value(await room.handlers['log.save']({ filter: everything }))).toEqual({
      saved: false,
      lines: 0,
    });
    expect(suggested).toBe('mlx-stack-2026-11-22.log');
    savePath = path.join(folder, 'all.log');
    expect(value(await room.handlers['log.save']({ filter: everything }))).toEqual({ saved: true, lines: 4 });
    const saved = fs.readFileSync(savePath, 'utf8');
    expect(saved).toMatch(/^\d{4}-\S+Z fast app one\n/m);
    expect(saved).not.toContain(secret);
    expect(fs.statSync(savePath).mode & 0o777).toBe(0o600);
    savePath = path.join(folder, 'fast.txt');
    value(await room.handlers['log.save']({ filter: { ...everything, logs: ['fast'] } }));
    expect(suggested).toBe('fast-2026-11-22.log');
    expect(fs.readFileSync(savePath, 'utf8')).toMatch(/^\d{4}-\S+Z app one\n/);
    savePath = path.join(folder, 'no', 'such', 'folder.log');
    expect(await room.handlers['log.save']({ filter: everything })).toMatchObject({
      ok: false,
      error: { code: 'not-saved' },
    });
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('neither follows a planted .partial link nor touches a .partial file that was there', async () => {
    await note('fast', 'one');
    const profile = path.join(folder, 'profile');
    const mine = path.join(folder, 'mine.log.partial');
    fs.writeFileSync(profile, 'export PATH\n');
    fs.writeFileSync(mine, 'notes\n');
    savePath = path.join(folder, 'planted.log');
    fs.symlinkSync(profile, `${savePath}.partial`);
    expect(value(await room.handlers['log.save']({ filter: everything }))).toEqual({ saved: true, lines: 1 });
    expect(fs.readFileSync(profile, 'utf8')).toBe('export PATH\n');
    expect(fs.readlinkSync(`${savePath}.partial`)).toBe(profile);
    expect(fs.lstatSync(savePath).isFile()).toBe(true);
    savePath = path.join(folder, 'mine.log');
    fs.mkdirSync(savePath);
    expect(await room.handlers['log.save']({ filter: everything })).toMatchObject({ ok: false });
    expect(fs.readFileSync(mine, 'utf8')).toBe('notes\n');
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('.mlx-stack-'))).toEqual([]);
  });

  it('that is cancelled leaves nothing', async () => {
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(
      path.join(dir, 'fast.log'),
      Array.from({ length: 300_000 }, (_, i) => line(i, `line ${i}`)).join(''),
    );
    savePath = path.join(folder, 'big.log');
    const saving = room.handlers['log.save']({ filter: everything });
    while (!fs.readdirSync(folder).some((name) => name.endsWith('.partial')))
      await new Promise((resolve) => setTimeout(resolve, 1));
    value(await room.handlers['log.cancel']({}));
    expect(await saving).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(fs.readdirSync(folder)).toEqual(['logs']);
  });
});

describe('tidying up', () => {
  beforeEach(async () => {
    await note('fast', 'one');
    fs.writeFileSync(path.join(dir, 'slow.log.1.gz'), gzipSync('x\n'));
    fs.writeFileSync(path.join(dir, 'slow.log'), 'y\n');
  });

  it('rotates one log or all, each time into a new file, with nothing lost', async () => {
    expect(value(await room.handlers['log.rotate']({ log: 'fast' }))).toEqual({ rotated: 1 });
    expect(value(await room.handlers['log.rotate']({ log: 'fast' }))).toEqual({ rotated: 0 });
    await note('fast', 'two');
    expect(value(await room.handlers['log.rotate']({ log: null }))).toEqual({ rotated: 1 });
    await note('fast', 'three');
    const own = (await texts()).filter((text) => !['x', 'y'].includes(text));
    expect(own).toEqual(['one', 'two', 'three']);
    expect(fs.statSync(path.join(dir, 'fast.log')).mode & 0o777).toBe(0o600);
  });

  it('deletes the archives of one log or of all, says how much that was, and keeps the current files', async () => {
    value(await room.handlers['log.rotate']({ log: 'fast' }));
    await logs.packed();
    await note('fast', 'two');
    const size = fs.statSync(path.join(dir, 'fast.log.1.gz')).size;
    expect(value(await room.handlers['log.deleteArchives']({ log: 'fast' }))).toEqual({ freedBytes: size });
    expect(fs.readdirSync(dir).sort()).toEqual(['fast.log', 'slow.log', 'slow.log.1.gz']);
    expect(await texts()).toContain('two');
  });

  it('shows the file in the Finder, or the folder', async () => {
    value(await room.handlers['log.reveal']({ log: 'fast' }));
    value(await room.handlers['log.reveal']({ log: null }));
    expect(revealed).toEqual(['logs/fast.log', 'logs']);
  });

  it('knows the logs there are and no others', async () => {
    for (const log of ['nobody', 'fast.log', '..']) {
      for (const name of ['log.reveal', 'log.rotate', 'log.deleteArchives'] as const) {
        expect(await room.handlers[name]({ log })).toMatchObject({
          ok: false,
          error: { code: 'unknown-log' },
        });
      }
    }
    expect(revealed).toEqual([]);
  });
});
