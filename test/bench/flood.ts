/** How much a flooding child costs: throughput to disk, delay of the main loop and memory, beside an untouched pipe in the same run. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { createLogs, defaultLogLimits } from '../../src-main/logs/logs.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';

const floodRowSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  /** In words, for instance "≥ 250"; `null` for a figure that only stands beside others. */
  budget: z.string().nullable(),
  ok: z.boolean(),
});
export type FloodRow = z.infer<typeof floodRowSchema>;

interface FloodOptions {
  /** How long each of the measurements floods. */
  readonly floodMs?: number;
  /** Of each at full speed; that in the middle counts. */
  readonly rounds?: number;
  /** A folder on the disk that logs would be on; not one in memory. */
  readonly folder?: string;
}

const megabyte = 1_000_000;
export const throughputBudget = 250;
const loopBudgetMs = 20;
const steadyRate = 100;
const growthBudgetMb = 96;

/**
 * Lines of 120 bytes as servers print them, a megabyte at a time, all different from their neighbours. `rate` in MB/s,
 * 0 for as fast as the pipe takes them.
 */
const floodScript = `
const fs = require('node:fs');
const [rate, floodMs] = process.argv.slice(1).map(Number);
const lines = [];
for (let i = 0; i < 8738; i += 1)
  lines.push(('INFO:     127.0.0.1:' + (40000 + i) + ' - "POST /v1/chat/completions HTTP/1.1" 200 OK request ' + i * 7919 + ' took ' + (i % 100) + ' ms, prompt tokens: ' + i).padEnd(119, '.').slice(0, 119));
const block = Buffer.from(lines.join('\\n') + '\\n');
const cell = new Int32Array(new SharedArrayBuffer(4));
const began = performance.now();
let sent = 0;
while (performance.now() - began < floodMs) {
  for (let at = 0; at < block.length; ) {
    try { at += fs.writeSync(1, block, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; Atomics.wait(cell, 0, 0, 1); }
  }
  sent += block.length;
  const early = rate === 0 ? 0 : sent / rate / 1000 - (performance.now() - began);
  if (early > 1) Atomics.wait(cell, 0, 0, early);
}`;

interface Measured {
  readonly megabytesPerSecond: number;
  readonly loopP99Ms: number;
  readonly growthMb: number;
  readonly cpuPercent: number;
}

interface Sink {
  attach(child: { readonly stdout: Readable; readonly stderr: Readable }, index: number): void;
  finish(): Promise<void>;
}

async function measure(sink: Sink, children: number, rate: number, floodMs: number): Promise<Measured> {
  const started: ChildProcess[] = [];
  const loop = monitorEventLoopDelay({ resolution: 2 });
  let bytes = 0;
  let peak = 0;
  const rssBefore = process.memoryUsage.rss();
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  try {
    let firstByteAt = 0;
    const ended = Array.from({ length: children }, (_, index) => {
      const child = spawn(process.execPath, ['-e', floodScript, String(rate / children), String(floodMs)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.push(child);
      sink.attach(child, index);
      child.stdout.on('data', (chunk: Buffer) => {
        // Starting the children is not part of it.
        if (firstByteAt === 0) {
          firstByteAt = performance.now();
          loop.enable();
        }
        bytes += chunk.length;
      });
      return new Promise<void>((resolve) => child.once('close', () => resolve()));
    });
    const cpuBefore = process.cpuUsage();
    await Promise.all(ended);
    loop.disable();
    await sink.finish();
    const tookMs = performance.now() - firstByteAt;
    const cpu = process.cpuUsage(cpuBefore);
    return {
      megabytesPerSecond: bytes / megabyte / (tookMs / 1000),
      // What the timer itself waits is not delay.
      loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - 2),
      growthMb: (peak - rssBefore) / megabyte,
      cpuPercent: (cpu.user + cpu.system) / 10 / tookMs,
    };
  } finally {
    clearInterval(watch);
    for (const child of started) child.kill('SIGKILL');
  }
}

/** The least that a supervisor can do with output: read it, write it as it is, and begin anew where the file is full. */
function untouchedSink(dir: string): Sink {
  const files: number[] = [];
  return {
    attach(child, index) {
      const fd = fs.openSync(path.join(dir, `untouched-${index}.log`), 'a', 0o600);
      files.push(fd);
      let bytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        if (bytes + chunk.length > defaultLogLimits.fileMaxBytes) {
          fs.ftruncateSync(fd);
          bytes = 0;
        }
        bytes += fs.writeSync(fd, chunk);
      });
      child.stderr.resume();
    },
    finish() {
      for (const fd of files) fs.closeSync(fd);
      return Promise.resolve();
    },
  };
}

/** What the app does: redacted, stamped, folded, capped, rotated, with secrets registered as in use. */
function logSink(dir: string): Sink {
  const redactor = createRedactor();
  for (const secret of [
    `sk-or-v1-${'0f'.repeat(32)}`,
    `sk-mlx-${'Ab3_'.repeat(11)}`,
    'r3lay-Secret_'.repeat(3),
  ]) {
    redactor.register(secret);
  }
  const logs = createLogs({
    dir,
    limits: defaultLogLimits,
    redactor,
    onProblem: ({ problem }) => {
      throw new Error(problem.message);
    },
  });
  return {
    attach: (child, index) => logs.service(`flood-${index}`).attach(child.stdout, child.stderr),
    finish: () => logs.close(),
  };
}

/** With nothing left to be written of what came before: a gigabyte of that would be measured with it. */
async function inFreshFolder<T>(parent: string, run: (dir: string) => Promise<T>): Promise<T> {
  spawnSync('sync');
  const dir = fs.mkdtempSync(path.join(parent, 'mlx-stack-flood-'));
  try {
    return await run(dir);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * The disk of a shared machine takes half as much in one minute as in the next, and in a virtual one what follows another
 * kind of writing pays for memory that the host took back meanwhile: each has its rounds behind one another.
 */
async function middle(rounds: number, measureOnce: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = [];
  while (all.length < rounds) all.push(await measureOnce());
  const found = all.toSorted((a, b) => a.megabytesPerSecond - b.megabytesPerSecond)[all.length >> 1];
  if (found === undefined) throw new Error('no round');
  return { ...found, growthMb: Math.max(...all.map(({ growthMb }) => growthMb)) };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

async function benchFlood(options: FloodOptions = {}): Promise<FloodRow[]> {
  const {
    floodMs = 3000,
    rounds = 3,
    folder = fs.existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir(),
  } = options;
  const rows: FloodRow[] = [];
  const figure = (name: string, value: number, unit: string): void => {
    rows.push({ name, value, unit, budget: null, ok: true });
  };
  for (const children of [1, 5]) {
    const from = children === 1 ? '1 child' : `${children} children`;
    const flood = await middle(rounds, () =>
      inFreshFolder(folder, (dir) => measure(logSink(dir), children, 0, floodMs)),
    );
    const untouched = await middle(rounds, () =>
      inFreshFolder(folder, (dir) => measure(untouchedSink(dir), children, 0, floodMs)),
    );
    const steady = await inFreshFolder(folder, (dir) => measure(logSink(dir), children, steadyRate, floodMs));
    const speed = round(flood.megabytesPerSecond, 0);
    rows.push({
      name: `log flood, ${from}: redacted and rotated to disk`,
      value: speed,
      unit: 'MB/s',
      budget: `≥ ${throughputBudget}`,
      ok: speed >= throughputBudget,
    });
    figure(`log flood, ${from}: untouched pipe to disk`, round(untouched.megabytesPerSecond, 0), 'MB/s');
    figure(
      `log flood, ${from}: of the untouched pipe`,
      round(flood.megabytesPerSecond / untouched.megabytesPerSecond, 2),
      'ratio',
    );
    const msPerMegabyte = (of: Measured): number => round((of.cpuPercent * 10) / of.megabytesPerSecond, 1);
    figure(`log flood, ${from}: processor time for each MB`, msPerMegabyte(flood), 'ms');
    figure(`log flood, ${from}: processor time for each MB, untouched`, msPerMegabyte(untouched), 'ms');
    const p99 = round(steady.loopP99Ms, 1);
    rows.push({
      name: `log flood, ${from}: main loop p99 at ${round(steady.megabytesPerSecond, 0)} of ${steadyRate} MB/s`,
      value: p99,
      unit: 'ms',
      budget: `≤ ${loopBudgetMs}`,
      ok: p99 <= loopBudgetMs,
    });
    figure(`log flood, ${from}: processor time at that rate`, round(steady.cpuPercent, 0), '%');
    figure(`log flood, ${from}: main loop p99 at full speed`, round(flood.loopP99Ms, 1), 'ms');
    const growth = round(flood.growthMb, 0);
    rows.push({
      name: `log flood, ${from}: memory growth at full speed`,
      value: growth,
      unit: 'MB',
      budget: `≤ ${growthBudgetMb}`,
      ok: growth <= growthBudgetMb,
    });
  }
  return rows;
}

/**
 * In a process of its own, as the app is one: the larger the heap, the dearer is each collection of the chunks that were
 * read, and the bench's holds what all other rows have left. `env` is part of the process for whoever has to end it.
 */
export async function benchFloodApart(
  { floodMs, rounds, folder }: Required<FloodOptions>,
  env: Readonly<Record<string, string>>,
): Promise<FloodRow[]> {
  const args = [`--flood-ms=${floodMs}`, `--rounds=${rounds}`, `--folder=${folder}`, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, ...args], { env });
  return z.array(floodRowSchema).parse(JSON.parse(stdout));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'flood-ms': { type: 'string' },
      rounds: { type: 'string' },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const rows = await benchFlood({
    ...(values['flood-ms'] === undefined ? {} : { floodMs: Number(values['flood-ms']) }),
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    ...(values.folder === undefined ? {} : { folder: values.folder }),
  });
  if (values.json) return console.log(JSON.stringify(rows));
  for (const row of rows) {
    const verdict = row.budget === null ? '' : `${row.budget} ${row.ok ? 'ok' : 'MISSED'}`;
    console.log(`${row.name.padEnd(64)} ${String(row.value).padStart(8)} ${row.unit.padEnd(6)} ${verdict}`);
  }
}

if (import.meta.main) await main();
