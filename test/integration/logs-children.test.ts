/** Real children that flood, babble, die and leave their pipes to strangers; what they print is kept, bounded and redacted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitMark, textOf } from '../../src-main/logs/lines.ts';
import { type AllLogs, createLogs, defaultLogLimits, type LogsOptions } from '../../src-main/logs/logs.ts';
import { createRedactor, redactionMark } from '../../src-main/logs/redact.ts';
import type { LogEvent, LogLimits } from '../../src-main/logs/types.ts';
import { watchLoop } from './support/loop-watch.ts';

let dir = '';
let events: LogEvent[] = [];
const opened: AllLogs[] = [];
const children: ChildProcess[] = [];
const megabyte = 1024 * 1024;
const plainLimits: LogLimits = { ...defaultLogLimits, foldRepeats: false };

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-logs-'));
  events = [];
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const logs of opened.splice(0)) await logs.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

function openLogs(options: Partial<LogsOptions> = {}): AllLogs {
  const logs = createLogs({
    dir,
    limits: plainLimits,
    redactor: createRedactor(),
    onProblem: (event) => events.push(event),
    packQuietMs: 3_600_000,
    ...options,
  });
  opened.push(logs);
  return logs;
}

/** A child that runs the given script; its pipes are real. */
function start(script: string, ...args: string[]) {
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

/** `write(text)` for scripts: blocking, also when the pipe is full. */
const writeAll = `
const fs = require('node:fs');
const cell = new Int32Array(new SharedArrayBuffer(4));
function write(data, fd = 1) {
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length; ) {
    try { at += fs.writeSync(fd, bytes, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; Atomics.wait(cell, 0, 0, 1); }
  }
}`;

const read = (name: string): string => {
  const bytes = fs.readFileSync(path.join(dir, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};
const names = (): string[] => fs.readdirSync(dir).sort();
const everything = (service: string): string =>
  names()
    .filter((name) => name.startsWith(`${service}.log`))
    .sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
    .map(read)
    .join('');
const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (out|err|app) /;
const bodies = (text: string, mark: string): string[] =>
  text
    .split('\n')
    .filter((line) => stamp.exec(line)?.[1] === mark)
    .map((line) => line.replace(stamp, ''));

describe('what a child prints', () => {
  it('is in the file, stamped and marked, and in lastLines without stamps', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const child = start(`${writeAll} write('one\\ntwo\\n'); write('wrong\\n', 2); write('no end');`);
    log.attach(child.stdout, child.stderr);
    log.note('Started');
    expect(await log.drained(10_000)).toBe(true);
    await log.flush();
    const text = read('fast.log');
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .every((line) => stamp.test(line)),
    ).toBe(true);
    expect(bodies(text, 'out')).toEqual(['one', 'two', 'no end']);
    expect(bodies(text, 'err')).toEqual(['wrong']);
    expect(bodies(text, 'app')).toEqual(['Started']);
    expect([...log.lastLines(10)].sort()).toEqual(['no end', 'one', 'two', 'wrong']);
    expect(log.lastLines(0)).toEqual([]);
  });

  it('is redacted wherever the secret is cut', async () => {
    const secret = 'Canary-Registered-0123456789';
    const redactor = createRedactor();
    redactor.register(secret);
    const logs = openLogs({ redactor });
    const log = logs.service('fast');
    // Each half arrives as a chunk of its own: the child waits in between.
    const child = start(
      `${writeAll}
      const secret = process.argv[1];
      for (let at = 1; at < secret.length; at += 1) {
        write('key ' + secret.slice(0, at)); Atomics.wait(cell, 0, 0, 4);
        write(secret.slice(at) + ' end\\n'); Atomics.wait(cell, 0, 0, 1);
      }
      write('last ' + secret.slice(0, 12));`,
      secret,
    );
    log.attach(child.stdout, child.stderr);
    const shown = new Set<string>();
    child.stdout.on('data', () => {
      for (const line of log.lastLines(5)) shown.add(line);
    });
    expect(await log.drained(30_000)).toBe(true);
    await log.flush();
    const lines = bodies(read('fast.log'), 'out');
    expect(lines.slice(0, -1)).toEqual(
      Array.from({ length: secret.length - 1 }, () => `key ${redactionMark} end`),
    );
    expect(lines.at(-1)).toBe(`last ${redactionMark}`);
    for (const line of shown) expect(line).not.toMatch(/Canary|0123456/);
  });

  it('folds repetitions, and shows the count while the child goes on', async () => {
    const logs = openLogs({ limits: defaultLogLimits });
    const log = logs.service('fast');
    const child = start(
      // At once: a pause between two would be told of.
      `${writeAll} write('same\\n'.repeat(42)); setInterval(() => {}, 1000);`,
    );
    log.attach(child.stdout, child.stderr);
    // Written without the child saying anything more.
    while (!(fs.existsSync(path.join(dir, 'fast.log')) && read('fast.log').includes('more'))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(bodies(read('fast.log'), 'out')).toEqual(['same', '×41 more']);
    expect(log.lastLines(2)).toEqual(['same', '×41 more']);
  });

  it('shows a repetition that is still pending in lastLines', async () => {
    const log = openLogs({ limits: defaultLogLimits }).service('fast');
    const stdout = new PassThrough();
    log.attach(stdout, new PassThrough());
    stdout.write('same\nsame\nsame\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.lastLines(5)).toEqual(['same', '×2 more']);
    stdout.write('same\nother\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.lastLines(5)).toEqual(['same', '×3 more', 'other']);
  });

  it('line for line reaches the disk over many rotations, from five children at once', async () => {
    const limits = { ...plainLimits, fileMaxBytes: megabyte, archivesMax: 1000 };
    const logs = openLogs({ limits, packQuietMs: 50 });
    const count = 60_000;
    const script = `${writeAll}
      const line = (i) => 'line ' + i + ' ' + 'x'.repeat(i % 120) + ' é';
      let text = '';
      for (let i = 0; i < ${count}; i += 1) { text += line(i) + '\\n'; if (text.length > 50000) { write(text, i % 3 ? 1 : 2); text = ''; } }
      write(text);`;
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      ids.map(async (id) => {
        const child = start(script);
        const log = logs.service(id);
        log.attach(child.stdout, child.stderr);
        expect(await log.drained(100_000)).toBe(true);
        await log.flush();
      }),
    );
    await logs.packed();
    for (const id of ids) {
      const text = everything(id);
      const numbers = [...bodies(text, 'out'), ...bodies(text, 'err')]
        .map((line) => {
          const i = Number(line.split(' ')[1]);
          expect(line).toBe(`line ${i} ${'x'.repeat(i % 120)} é`);
          return i;
        })
        .sort((a, b) => a - b);
      expect(numbers.length).toBe(count);
      expect(numbers.every((number, i) => number === i)).toBe(true);
    }
    expect(names().filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(10);
    expect(events).toEqual([]);
  });
});

describe('a child that will not stop', () => {
  it('keeps caps, memory and the main loop, and is slowed down rather than lost', async () => {
    const limits = {
      ...plainLimits,
      fileMaxBytes: 2 * megabyte,
      archivesMax: 2,
      totalMaxBytes: 20 * megabyte,
    };
    const logs = openLogs({ limits });
    const script = `${writeAll}
      let i = 0;
      for (;;) { let text = ''; while (text.length < 1e6) { text += 'line ' + i + ' of a flood that never ends, with some words to fill it up\\n'; i += 1; } write(text); }`;
    const running = ['a', 'b', 'c', 'd', 'e'].map((id) => {
      const child = start(script);
      logs.service(id).attach(child.stdout, child.stderr);
      return child;
    });
    const before = process.memoryUsage.rss();
    let peak = 0;
    let largest = 0;
    let total = 0;
    const loop = watchLoop();
    const until = performance.now() + 4000;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      peak = Math.max(peak, process.memoryUsage.rss());
      const sizes = names().map(
        (name) => fs.statSync(path.join(dir, name), { throwIfNoEntry: false })?.size ?? 0,
      );
      largest = Math.max(largest, ...sizes);
      total = Math.max(
        total,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
    const stretchMs = loop.end();
    for (const child of running) child.kill('SIGKILL');
    await logs.flush();
    expect(total).toBeGreaterThan(10 * megabyte);
    expect(largest).toBeLessThanOrEqual(2 * megabyte);
    expect(total).toBeLessThanOrEqual(20 * megabyte);
    expect(peak - before).toBeLessThan(200 * megabyte);
    // The budget of 20 ms is measured by the bench; here only that the loop goes on.
    expect(stretchMs).toBeLessThan(150);
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      // The last line may have been cut by the kill, in the middle of its number.
      const whole = bodies(everything(id), 'out').slice(0, -1);
      const numbers = whole.map((line) => Number(line.split(' ')[1]));
      expect(numbers.length).toBeGreaterThan(1000);
      expect(numbers.slice(1).every((number, i) => number === (numbers[i] ?? 0) + 1)).toBe(true);
    }
  });

  it('with one line of 50 MB, which has no end: bounded, split with a mark, nothing lost', async () => {
    const logs = openLogs({ limits: { ...plainLimits, fileMaxBytes: 100 * megabyte } });
    const log = logs.service('fast');
    const child = start(
      `${writeAll} const block = 'z'.repeat(1e6); for (let i = 0; i < 50; i += 1) write(block);`,
    );
    const before = process.memoryUsage.rss();
    let peak = 0;
    child.stdout.on('data', () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    });
    log.attach(child.stdout, child.stderr);
    expect(await log.drained(40_000)).toBe(true);
    await log.flush();
    const parts = bodies(read('fast.log'), 'out');
    const mark = textOf(splitMark);
    expect(parts.slice(0, -1).every((part) => part.endsWith(mark))).toBe(true);
    expect(parts.slice(1).every((part) => part.startsWith(mark))).toBe(true);
    expect(parts.join('').replaceAll(mark, '').length).toBe(50_000_000);
    expect(peak - before).toBeLessThan(150 * megabyte);
    expect(log.lastLines(3)).toHaveLength(3);
  });

  it('printing binary: lines stay valid and the app lives', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const child = start(
      `${writeAll} const c = require('node:crypto'); for (let i = 0; i < 50; i += 1) write(c.randomBytes(100000));`,
    );
    log.attach(child.stdout, child.stderr);
    expect(await log.drained(40_000)).toBe(true);
    await log.flush();
    const bytes = fs.readFileSync(path.join(dir, 'fast.log'));
    expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toMatch(/[^\P{Cc}\n\t]/u);
    expect(bytes.length).toBeGreaterThan(5_000_000);
  });
});

describe('pipes that outlive their child', () => {
  it('a grandchild that holds the pipe keeps neither drained nor lastLines waiting', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const child = spawn('/bin/sh', ['-c', 'echo last words; sleep 30 & exit 3'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    log.attach(child.stdout, child.stderr);
    const firstData = once(child.stdout, 'data');
    await Promise.all([once(child, 'exit'), firstData]);
    try {
      expect(await log.drained(50)).toBe(false);
      expect(log.lastLines(5)).toEqual(['last words']);
      log.detach();
      expect(child.stdout.destroyed && child.stderr.destroyed).toBe(true);
      expect(await log.drained(50)).toBe(true);
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }
  });

  it('lastLines belong to the newest launch, the file to both', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const [oldOut, newOut] = [new PassThrough(), new PassThrough()];
    log.attach(oldOut, new PassThrough());
    oldOut.write('old one\n');
    await new Promise((resolve) => setImmediate(resolve));
    log.attach(newOut, new PassThrough());
    expect(log.lastLines(5)).toEqual([]);
    newOut.write('new one\n');
    oldOut.write('old two\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.lastLines(5)).toEqual(['new one']);
    await log.flush();
    expect(bodies(read('fast.log'), 'out').sort()).toEqual(['new one', 'old one', 'old two']);
  });

  it('a stream that fails, or had failed before, is over and harms nobody', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    stderr.destroy();
    log.attach(stdout, stderr);
    stdout.write('half a li');
    await new Promise((resolve) => setImmediate(resolve));
    stdout.destroy(Object.assign(new Error('read EPIPE'), { code: 'EPIPE' }));
    expect(await log.drained(5_000)).toBe(true);
    expect(log.lastLines(5)).toEqual(['half a li']);
  });

  it('close keeps what had arrived', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    const stdout = new PassThrough();
    log.attach(stdout, new PassThrough());
    stdout.write('whole\nhalf');
    await new Promise((resolve) => setImmediate(resolve));
    await logs.close();
    expect(bodies(read('fast.log'), 'out')).toEqual(['whole', 'half']);
    expect(stdout.destroyed).toBe(true);
  });
});

describe('kill -9 of the writer', () => {
  it('during rotation and packing leaves whole files that the next run goes on with', async () => {
    const script = `
      import { createLogs } from ${JSON.stringify(path.resolve('src-main/logs/logs.ts'))};
      import { createRedactor } from ${JSON.stringify(path.resolve('src-main/logs/redact.ts'))};
      const logs = createLogs({ dir: process.argv[1], limits: { fileMaxBytes: 50000, archivesMax: 4, totalMaxBytes: 1e6, foldRepeats: false }, redactor: createRedactor(), onProblem() {}, packQuietMs: 0 });
      const log = logs.service('fast');
      process.stdout.write('ready\\n');
      for (let i = 0; ; i += 1) { log.note('line ' + i + ' ' + 'x'.repeat(80)); if (i % 50 === 0) await log.flush(); if (i % 1000 === 0) await logs.packed(); }`;
    const limits = { fileMaxBytes: 50_000, archivesMax: 4, totalMaxBytes: 1_000_000, foldRepeats: false };
    for (let round = 0; round < 8; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 60 + ((round * 37) % 50)));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const logs = openLogs({ limits, packQuietMs: 0 });
      const log = logs.service('fast');
      log.note(`round ${round}`);
      await log.flush();
      await logs.packed();
      await logs.close();
      opened.pop();
      const files = names();
      expect(files.length).toBeLessThanOrEqual(5);
      expect(files.every((name) => /^fast\.log(\.\d\.gz)?$/.test(name))).toBe(true);
      const numbers = bodies(everything('fast'), 'app').filter((line) => line.startsWith('line '));
      // Each archive opens, and within one run no line is missing or twice.
      let previous = -1;
      for (const line of numbers) {
        const number = Number(line.split(' ')[1]);
        expect(number === 0 || previous === -1 || number === previous + 1 || line.length < 80).toBe(true);
        previous = number;
      }
      expect(read('fast.log').endsWith(`round ${round}\n`)).toBe(true);
    }
  });
});
