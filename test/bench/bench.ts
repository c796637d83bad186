/** `npm run bench`: measures what the design promises, beside a bare spawn, pm2 and supervisord, all in one run. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureSystemTools, sentenceOf } from '../tools/chromium.ts';
import type { PeerState } from './contenders/peer.ts';
import { installPm2 } from './contenders/pm2.ts';
import { findSupervisord } from './contenders/supervisord.ts';
import type { BenchContext } from './context.ts';
import type { Measurement } from './measurement.ts';
import { type BenchOptions, parseBenchOptions, type RowId } from './options.ts';
import { measureAppKill } from './rows/app-kill.ts';
import { measureFirstPaint } from './rows/first-paint.ts';
import { measureFlood } from './rows/flood.ts';
import { measureLogView } from './rows/log-view.ts';
import { measureModelDownload } from './rows/model-download.ts';
import { measureParallelStart } from './rows/parallel-start.ts';
import { measureQuiet } from './rows/quiet.ts';
import { measureQuit } from './rows/quit.ts';
import { measureRelay } from './rows/relay.ts';
import { measureRendererSize } from './rows/renderer-size.ts';
import { measureRestart } from './rows/restart.ts';
import { createStage, type Stage } from './stage.ts';
import { formatTable } from './table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const resultFile = path.join(root, 'test/artefacts/bench.json');
const interrupted = 130;
const withPeers: readonly RowId[] = ['restart', 'hang', 'app-kill', 'idle', 'memory', 'parallel-start'];

/** Exit code. */
async function bench(): Promise<number> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (!options.ok) return refuse(`${options.error.message}\n${options.error.hint ?? ''}`, 2);
  const tools = ensureSystemTools();
  if (!tools.ok) return refuse(sentenceOf(tools.error), 1);
  if (!existsSync(path.join(root, 'dist/main/main.cjs'))) return refuse('Run “npm run build” first.', 1);
  const stage = createStage();
  endOnSignals(stage);
  const startedAt = new Date().toISOString();
  const beganMs = performance.now();
  const load = os.loadavg();
  try {
    const context = await prepare(stage, options.value);
    const { measurements, broken } = await measure(context);
    if (stage.ending) return interrupted;
    process.stdout.write(`${header(context, startedAt)}\n\n${formatTable(measurements)}\n`);
    for (const line of broken) process.stdout.write(`  ${line}\n`);
    const seconds = (performance.now() - beganMs) / 1000;
    await save({
      startedAt,
      seconds,
      load,
      options: options.value,
      peers: versions(context),
      measurements,
      broken,
    });
    const missed = measurements.filter(({ kept }) => kept === false).map(({ id }) => id);
    process.stdout.write(
      `\n${missed.length === 0 && broken.length === 0 ? 'Every budget that could be measured is kept.' : `Not kept: ${[...missed, ...broken].join(', ')}`} ${seconds.toFixed(0)} s; samples in ${path.relative(root, resultFile)}\n`,
    );
    return missed.length === 0 && broken.length === 0 ? 0 : 1;
  } finally {
    await stage.dispose();
  }
}

function refuse(sentence: string, code: number): number {
  process.stderr.write(`${sentence.trim()}\n`);
  return code;
}

/** The first signal cleans up; a second one does not wait for that. Rows that break meanwhile are no news. */
function endOnSignals(stage: Stage): void {
  let count = 0;
  process.on('unhandledRejection', (error) => {
    if (count > 0) return;
    process.stderr.write(`bench: ${error instanceof Error ? error.stack : String(error)}\n`);
    void stage.dispose().finally(() => process.exit(1));
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      count += 1;
      if (count > 1) process.exit(interrupted);
      void stage.dispose().finally(() => process.exit(interrupted));
    });
  }
}

async function prepare(stage: Stage, options: BenchOptions): Promise<BenchContext> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const peers: PeerState[] = [];
  if (options.rows.some((row) => withPeers.includes(row))) {
    log('fetching pm2, looking for supervisord');
    peers.push(...(await Promise.all([installPm2(stage), findSupervisord(stage)])));
  }
  return { stage, options, peers, log };
}

type Work = (context: BenchContext) => Promise<readonly Measurement[]>;

/** Rows that wait come together, the others one after another. */
function plan({ rows }: BenchOptions): [name: string, work: Work][] {
  const has = (row: RowId) => rows.includes(row);
  const quiet = { hang: has('hang'), idle: has('idle'), memory: has('memory') };
  const one =
    (measureOne: (context: BenchContext) => Promise<Measurement>): Work =>
    async (context) => [await measureOne(context)];
  const all: [wanted: boolean, name: string, work: Work][] = [
    [has('restart'), 'restart', one(measureRestart)],
    [
      quiet.hang || quiet.idle || quiet.memory,
      'hang, idle, memory',
      (context) => measureQuiet(context, quiet),
    ],
    [has('app-kill'), 'app-kill', measureAppKill],
    [has('parallel-start'), 'parallel-start', one(measureParallelStart)],
    [has('flood'), 'flood', measureFlood],
    [has('log-view'), 'log-view', measureLogView],
    [has('relay'), 'relay', measureRelay],
    [has('model-download'), 'model-download', measureModelDownload],
    [has('quit'), 'quit', one(measureQuit)],
    [has('first-paint'), 'first-paint', one(measureFirstPaint)],
    [has('renderer-size'), 'renderer-size', async () => [measureRendererSize()]],
  ];
  return all.filter(([wanted]) => wanted).map(([, name, work]) => [name, work]);
}

/** A row that breaks is reported and costs no other. */
async function measure(context: BenchContext): Promise<{ measurements: Measurement[]; broken: string[] }> {
  const measurements: Measurement[] = [];
  const broken: string[] = [];
  for (const [name, work] of plan(context.options)) {
    try {
      measurements.push(...(await work(context)));
    } catch (error) {
      if (context.stage.ending) break;
      broken.push(`${name} broke: ${error instanceof Error ? error.message : String(error)}`);
      context.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
  return { measurements, broken };
}

function versions({ peers }: BenchContext): Record<string, string> {
  return Object.fromEntries(
    peers.map((state) =>
      state.kind === 'present'
        ? [state.peer.name, state.peer.version]
        : [state.name, `not available: ${state.reason}`],
    ),
  );
}

function header(context: BenchContext, startedAt: string): string {
  const peers = Object.entries(versions(context)).map(([name, version]) => `${name} ${version}`);
  const machine = `${process.platform} ${process.arch}, ${os.cpus().length} cores, Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1)}`;
  const quick = context.options.quick ? ['quick: the figures decide nothing'] : [];
  return ['MLX Stack bench', startedAt, machine, ...peers, ...quick].join(' · ');
}

async function save(result: Record<string, unknown>): Promise<void> {
  await mkdir(path.dirname(resultFile), { recursive: true });
  const machine = {
    platform: process.platform,
    arch: process.arch,
    cpus: os.cpus().map(({ model }) => model),
    memoryBytes: os.totalmem(),
    node: process.version,
  };
  await writeFile(resultFile, `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
}

process.exitCode = await bench();
process.exit();
