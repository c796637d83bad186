/** What the relay adds to a request, as rows of the table; nginx and a bare Node proxy stand as notes beside it. */
import type { BenchContext } from '../context.ts';
import { type Measurement, ratioOf } from '../measurement.ts';
import { benchRelay, type RelayRow } from '../relay.ts';

const bareProxy = 'bare proxy';
const quickRun = { rounds: 2, requests: 60, streams: 50 };

export async function measureRelay({ options, log }: BenchContext): Promise<Measurement[]> {
  log('relay: requests through it and direct, in quiet and beside 50 streams');
  const rows = options.quick ? await benchRelay(quickRun) : await benchRelay();
  return rows.filter(({ budget }) => budget !== null).map((row) => measurementOf(row, rows));
}

const inHundredths = ({ name, value }: RelayRow) => `${name.split(' adds to ')[0]} ${value.toFixed(2)} ms`;

/** "relay adds to …" beside what the other proxies add to the same. */
function measurementOf(row: RelayRow, all: readonly RelayRow[]): Measurement {
  const [, what = row.name] = row.name.split(' adds to ');
  const others = all.filter(({ name }) => name !== row.name && name.endsWith(` adds to ${what}`));
  const bare = others.find(({ name }) => name.startsWith(bareProxy));
  return {
    id: 'relay',
    title: `relay adds to ${what}`,
    unit: row.unit,
    samples: { ours: [row.value], ...(bare === undefined ? {} : { bare: [bare.value] }) },
    said: {},
    ratio: bare === undefined ? '–' : `${ratioOf(row.value, bare.value)} bare proxy`,
    budget: `≤ ${row.budget} ${row.unit}`,
    kept: row.ok,
    notes: [`${what}: ${[row, ...others].map(inHundredths).join(', ')}`],
  };
}
