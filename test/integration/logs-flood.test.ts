/** One to five children flooding at full speed while their logs are read: caps to the byte, every line, and no canary anywhere on disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import type { LogAnchor } from '../../src-main/contract/logs.ts';
import { createLogs } from '../../src-main/logs/logs.ts';
import { createLane, type Lane } from '../../src-main/logs/reader/client.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';
import type { LogLimits } from '../../src-main/logs/types.ts';

const megabyte = 1024 * 1024;
const limits: LogLimits = {
  fileMaxBytes: 2 * megabyte,
  archivesMax: 3,
  totalMaxBytes: 24 * megabyte,
  foldRepeats: false,
};
const canary = 'canary/Zq7+w9LrT2=xK';
const keyCanary = `sk-or-v1-${'c4n4ry'.repeat(8)}`;
const floodMs = 1200;
const memoryMaxMb = 200;
/** However slow the machine: more than one file of them. */
const fewestLines = 60_000;

/** Numbered lines; every hundredth holds both canaries, cut by the end of a write, at another place each time. */
const script = `
const fs = require('node:fs');
const [canary, key, floodMs] = process.argv.slice(1);
const cell = new Int32Array(new SharedArrayBuffer(4));
function write(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try { at += fs.writeSync(1, bytes, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; Atomics.wait(cell, 0, 0, 1); }
  }
}
const until = performance.now() + Number(floodMs);
let i = 0;
while (performance.now() < until || i < ${fewestLines}) {
  let text = '';
  for (let k = 0; k < 100; k += 1, i += 1) text += 'line ' + i + ' INFO: 127.0.0.1 - "POST /v1/chat/completions HTTP/1.1" 200 OK\\n';
  const secret = 'line ' + i++ + ' key ' + canary + ' and ' + key + ' end\\n';
  const cut = 8 + (i / 101 * 7) % (secret.length - 9);
  write(text + secret.slice(0, cut));
  write(secret.slice(cut));
}
write('last ' + i + '\\n');`;

let dir = '';
const children: ChildProcess[] = [];
let lane: Lane | null = null;

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await lane?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const sizes = (): number[] =>
  fs.readdirSync(dir).map((name) => fs.statSync(path.join(dir, name), { throwIfNoEntry: false })?.size ?? 0);
const read = (name: string): string => {
  const bytes = fs.readFileSync(path.join(dir, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

/** As the view follows: from where it stood last. */
async function follow(reader: Lane, isOver: () => boolean): Promise<number> {
  let rows = 0;
  let from: LogAnchor = { kind: 'end' };
  for (let isLast = false; !isLast; ) {
    // Once more after the end: a busy machine may have had no time to look before.
    isLast = isOver();
    const page: Awaited<ReturnType<typeof reader.call<'page'>>> = await reader.call('page', {
      filter: { logs: null, level: 'debug', fromMs: null, toMs: null, query: null },
      from,
      before: 0,
      after: 1000,
    });
    if (!page.ok) throw new Error(page.error.message);
    rows += page.value.rows.length;
    from = { kind: 'cursor', cursor: page.value.end };
  }
  return rows;
}

it.each([1, 2, 3, 4, 5])('%i at once', async (count) => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-flood-'));
  const redactor = createRedactor();
  redactor.register(canary);
  const logs = createLogs({
    dir,
    limits,
    redactor,
    packQuietMs: 100,
    onProblem: ({ problem }) => {
      throw new Error(problem.message);
    },
  });
  lane = createLane({ dir, file: new URL('../../src-main/logs/reader/reader.ts', import.meta.url) });
  // Only when the reader's thread runs: on a busy machine the flood could be over before.
  await lane.call('list', null);
  const rssBefore = process.memoryUsage().rss;
  let peak = 0;
  let largest = 0;
  let total = 0;
  const ids = Array.from({ length: count }, (_, i) => `s${i}`);
  const ended = ids.map((id) => {
    const child = spawn(process.execPath, ['-e', script, canary, keyCanary, String(floodMs)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    logs.service(id).attach(child.stdout, child.stderr);
    return once(child, 'close');
  });
  let isOver = false;
  const following = follow(lane, () => isOver);
  const watch = setInterval(() => {
    const present = sizes();
    peak = Math.max(peak, process.memoryUsage().rss);
    largest = Math.max(largest, ...present);
    total = Math.max(
      total,
      present.reduce((sum, size) => sum + size, 0),
    );
  }, 20);
  await Promise.all(ended);
  await logs.flush();
  clearInterval(watch);
  isOver = true;
  expect(await following).toBeGreaterThan(100);
  await logs.packed();
  await logs.close();

  expect(largest).toBeLessThanOrEqual(limits.fileMaxBytes);
  expect(total).toBeGreaterThan(limits.fileMaxBytes);
  expect(total).toBeLessThanOrEqual(limits.totalMaxBytes);
  expect((peak - rssBefore) / 1e6).toBeLessThan(memoryMaxMb);
  for (const name of fs.readdirSync(dir)) {
    const text = read(name);
    for (const part of [canary, keyCanary, canary.slice(0, 12), canary.slice(-12), keyCanary.slice(9, 25)]) {
      expect(text.includes(part), `${part} in ${name}`).toBe(false);
    }
  }
  for (const id of ids) {
    const kept = fs
      .readdirSync(dir)
      .filter((name) => name.startsWith(`${id}.log`))
      .sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
      .map(read)
      .join('');
    const bodies = kept
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(29));
    const numbers = bodies.map((body) => Number(/^(?:line|last) (\d+)/.exec(body)?.[1]));
    expect(numbers.length).toBeGreaterThan(5000);
    expect(numbers.findIndex((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1)).toBe(-1);
    expect(bodies.at(-1)).toMatch(/^last \d+$/);
    expect(bodies.filter((body) => body.includes('[redacted] and [redacted] end')).length).toBeGreaterThan(
      10,
    );
  }
});
