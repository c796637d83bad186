/** What it costs to read a log of a gigabyte, as rows of the table: beside grep, less, and the page at rest. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchContext } from '../context.ts';
import { benchLogView, type LogViewRow } from '../log-view.ts';
import { type Measurement, ratioOf, type Unit } from '../measurement.ts';

/** Enough for one needle. */
const quickMegabytes = 200;
const fullMegabytes = 1_000;

export async function measureLogView({ stage, options, log }: BenchContext): Promise<Measurement[]> {
  /** On Linux the usual temporary folder may be memory. */
  const parent = existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const folder = await mkdtemp(path.join(parent, 'mlx-bench-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  const megabytes = options.quick ? quickMegabytes : fullMegabytes;
  log(`log-view: a log of ${megabytes} MB, read and shown`);
  const rows = await benchLogView({ folder, megabytes });
  const [first, ...others] = rows.filter(isRow).map(measurementOf);
  const notes = rows.filter((row) => !isRow(row)).map(({ name, value, unit }) => `${name}: ${value} ${unit}`);
  return first === undefined ? [] : [{ ...first, notes }, ...others];
}

/** What has neither a budget nor anything beside it stands as a note below the table. */
const isRow = ({ budget, beside }: LogViewRow): boolean => budget !== null || beside !== null;

function measurementOf({ name, value, unit: named, budget, ok, beside }: LogViewRow): Measurement {
  const unit = unitOf(named);
  return {
    id: 'log-view',
    title: name,
    unit,
    samples: { ours: [value], ...(beside === null ? {} : { bare: [beside.value] }) },
    said: {},
    ratio: beside === null ? '–' : `${ratioOf(value, beside.value)} ${beside.name}`,
    budget: budget === null ? '–' : `${budget} ${unit}`,
    kept: budget === null ? null : ok,
    notes: [],
  };
}

function unitOf(unit: string): Unit {
  if (unit === 'MB/s' || unit === 'ms' || unit === 'MB') return unit;
  throw new Error(`a budget in ${unit}`);
}
