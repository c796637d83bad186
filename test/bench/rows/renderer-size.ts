/** What the window loads, compressed. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Measurement } from '../measurement.ts';

const folder = path.resolve(import.meta.dirname, '../../../dist/renderer');
const budgetKb = 60;

export function measureRendererSize(): Measurement {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const sizes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
  const kb = sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024;
  return {
    id: 'renderer-size',
    title: 'renderer, gzipped',
    unit: 'KB',
    samples: { ours: [kb] },
    said: {},
    ratio: `${(kb / budgetKb).toFixed(2)} × budget`,
    budget: `≤ ${budgetKb} KB`,
    kept: kb <= budgetKb,
    notes: [`${files.length} files, source maps left out.`],
  };
}
