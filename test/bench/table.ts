/** The bench's table, as text. */
import { contenders, type Measurement, type Unit } from './measurement.ts';
import { median, p95 } from './statistics.ts';

const decimals: Record<Unit, number> = { ms: 0, '%': 3, MB: 1, KB: 1, 'MB/s': 0 };

function figure(values: readonly number[], unit: Unit): string {
  const digits = decimals[unit];
  const middle = median(values).toFixed(digits);
  return values.length === 1 ? `${middle} ${unit}` : `${middle} / ${p95(values).toFixed(digits)} ${unit}`;
}

/** Contenders that were measured equally often share one number. */
function counts(measurement: Measurement): string {
  const lengths = contenders.flatMap((name) => measurement.samples[name]?.length ?? []);
  return [...new Set(lengths)].join('/') || '–';
}

function cells(measurement: Measurement): string[] {
  const { samples, said, unit } = measurement;
  const figures = contenders.map((name) => {
    const values = samples[name];
    return values === undefined || values.length === 0 ? (said[name] ?? '–') : figure(values, unit);
  });
  const verdict = measurement.kept === null ? '–' : measurement.kept ? 'yes' : 'NO';
  return [measurement.title, ...figures, counts(measurement), measurement.ratio, measurement.budget, verdict];
}

const header = ['median / p95', ...contenders, 'n', 'ratio', 'budget', 'kept'];

export function formatTable(measurements: readonly Measurement[]): string {
  const rows = [header, ...measurements.map(cells)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' │ ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('─┼─');
  const [head = [], ...body] = rows;
  const notes = measurements.flatMap(({ id, notes: all }) => all.map((note) => `  ${id}: ${note}`));
  return [line(head), rule, ...body.map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
