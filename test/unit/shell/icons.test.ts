import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceStates } from '../../../src-main/contract/status.ts';

const folder = path.resolve(import.meta.dirname, '../../../assets/tray');
const names = [
  ...['off', 'starting', 'ready', 'attention'].map((state) => [`stack-${state}`, 18] as const),
  ...serviceStates.map((state) => [`state-${state}`, 16] as const),
];

/** Width and height stand in a PNG's first chunk. */
function sizeOf(file: string): [number, number] {
  const png = readFileSync(path.join(folder, file));
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

describe('tray images', () => {
  it.each(names)('%s is drawn at both densities in the size that macOS expects', (name, size) => {
    expect(sizeOf(`${name}-Template.png`)).toEqual([size, size]);
    expect(sizeOf(`${name}-Template@2x.png`)).toEqual([size * 2, size * 2]);
  });

  it('every image has its source, and every source its images', () => {
    const files = readdirSync(folder);
    const sources = files.filter((file) => file.endsWith('.svg')).map((file) => file.replace('.svg', ''));
    const images = files.filter((file) => file.endsWith('-Template.png'));
    expect(sources.toSorted()).toEqual(names.map(([name]) => name).toSorted());
    expect(images.map((file) => file.replace('-Template.png', '')).toSorted()).toEqual(sources.toSorted());
  });
});
