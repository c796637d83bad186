/** The log flood's figures as rows of the table. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchContext } from '../context.ts';
import { benchFloodApart, type FloodRow, throughputBudget } from '../flood.ts';
import { type Measurement, ratioOf, type Unit } from '../measurement.ts';

const quick = { floodMs: 1_000, rounds: 1 };
const full = { floodMs: 3_000, rounds: 3 };
const untouchedPipe = 'untouched pipe to disk';

export async function measureFlood({ stage, options, log }: BenchContext): Promise<Measurement[]> {
  /** On Linux the usual temporary folder may be memory. */
  const parent = existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const folder = await mkdtemp(path.join(parent, 'mlx-bench-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  log('flood: one child, then five, as fast as they can');
  const rows = await benchFloodApart(
    { folder, ...(options.quick ? quick : full) },
    { PATH: process.env['PATH'] ?? '', TMPDIR: stage.folder },
  );
  return rows.filter(({ budget }) => budget !== null).map((row) => measurementOf(row, rows));
}

/** Figures without a budget stand as notes under the throughput they belong to. */
function measurementOf(row: FloodRow, all: readonly FloodRow[]): Measurement {
  const group = row.name.split(':')[0] ?? '';
  const beside = all.filter(({ name, budget }) => name.startsWith(`${group}:`) && budget === null);
  const unit = unitOf(row.unit);
  const untouched = beside.find(({ name }) => name.endsWith(untouchedPipe));
  const bare = unit === 'MB/s' ? untouched : undefined;
  const title = row.name.slice('log flood, '.length);
  const rest = beside.filter((each) => each !== bare);
  // Then it is the machine, or what else runs on it, that is measured; memory is kept all the same.
  const isTooSlowHere =
    !row.ok && unit !== 'MB' && untouched !== undefined && untouched.value < throughputBudget;
  return {
    id: 'flood',
    title: `flood of ${title}`,
    unit,
    samples: { ours: [row.value], ...(bare === undefined ? {} : { bare: [bare.value] }) },
    said: {},
    ratio: bare === undefined ? '–' : `${ratioOf(row.value, bare.value)} untouched`,
    budget: `${row.budget} ${unit}`,
    kept: isTooSlowHere ? null : row.ok,
    notes: [
      ...(isTooSlowHere
        ? [`${group}: not decided, the untouched pipe itself is slower than the budget`]
        : []),
      ...(bare === undefined ? [] : rest.map(({ name, value, unit: of }) => `${name}: ${value} ${of}`)),
    ],
  };
}

function unitOf(unit: string): Unit {
  if (unit === 'MB/s' || unit === 'ms' || unit === 'MB') return unit;
  throw new Error(`a budget in ${unit}`);
}
