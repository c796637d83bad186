import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceStates } from '../../../src-main/contract/status.ts';
import { readPicture } from '../assets/read-png.ts';

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

/** What WCAG asks of a picture that means something. */
const leastContrast = 3;
/** Ink and ground in grey: macOS tints a template by the bar it stands on. */
const bars = [
  ['a light bar', 0, 255],
  ['a light bar over a grey picture', 0, 225],
  ['a dark bar', 255, 30],
  ['a dark bar over a grey picture', 255, 60],
  ['a chosen row', 255, 90],
] as const;

/** Of greys from 0 to 255, as WCAG reckons it. */
function contrast(a: number, b: number): number {
  const [darker = 0, lighter = 0] = [a, b]
    .map((grey) => (grey / 255 <= 0.04045 ? grey / 255 / 12.92 : ((grey / 255 + 0.055) / 1.055) ** 2.4))
    .toSorted((one, other) => one - other);
  return (lighter + 0.05) / (darker + 0.05);
}

describe('tray images in their smallest size', () => {
  const templates = names.map(
    ([name]) => [name, readPicture(readFileSync(path.join(folder, `${name}-Template.png`)))] as const,
  );

  it.each(templates)(
    '%s is black on nothing, which macOS tints, and is to be seen on every bar',
    (_name, image) => {
      expect(image.isBlack).toBe(true);
      expect(image.alpha[0]).toBe(0);
      const full = Math.max(...image.alpha) / 255;
      for (const [bar, ink, ground] of bars)
        expect(contrast(ink * full + ground * (1 - full), ground), bar).toBeGreaterThanOrEqual(leastContrast);
      const strokes = image.alpha.filter((alpha) => alpha >= 96).length;
      expect(strokes / image.alpha.length).toBeGreaterThan(0.08);
    },
  );

  it('no two of a kind look alike: many pixels differ much, whatever the colours', () => {
    const alike = templates.flatMap(([name, { width, alpha }], at) =>
      templates
        .slice(at + 1)
        .filter(([, other]) => other.width === width)
        .map(([otherName, other]) => ({
          pair: `${name}, ${otherName}`,
          differing: alpha.filter((value, pixel) => Math.abs(value - (other.alpha[pixel] ?? 0)) >= 64).length,
        }))
        .filter(({ differing }) => differing < 15),
    );
    expect(alike).toEqual([]);
  });
});
