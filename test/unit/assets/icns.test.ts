import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type IcnsImage, icnsTypes, packIcns } from '../../../assets/icns.ts';

const file = path.resolve(import.meta.dirname, '../../../assets/icon/icon.icns');

interface Entry {
  readonly type: string;
  readonly data: Buffer;
}

function entriesOf(icns: Buffer): Entry[] {
  expect(icns.toString('latin1', 0, 4)).toBe('icns');
  expect(icns.readUInt32BE(4)).toBe(icns.length);
  const entries: Entry[] = [];
  for (let at = 8; at < icns.length; ) {
    const length = icns.readUInt32BE(at + 4);
    entries.push({ type: icns.toString('latin1', at, at + 4), data: icns.subarray(at + 8, at + length) });
    at += length;
  }
  return entries;
}

/** The channels of an `ARGB` entry, as Apple's reader unpacks them. */
function unpackChannels(data: Buffer): number[] {
  expect(data.toString('latin1', 0, 4)).toBe('ARGB');
  const bytes: number[] = [];
  for (let at = 4; at < data.length; ) {
    const head = data.readUInt8(at);
    if (head >= 0x80) {
      bytes.push(...Array<number>(head - 125).fill(data.readUInt8(at + 1)));
      at += 2;
    } else {
      bytes.push(...data.subarray(at + 1, at + 2 + head));
      at += 2 + head;
    }
  }
  return bytes;
}

describe('the app icon', () => {
  it('has every size that macOS shows, each once', () => {
    const types = entriesOf(readFileSync(file)).map(({ type }) => type);
    expect(types).toEqual(['ic04', 'ic05', 'ic11', 'ic12', 'ic07', 'ic13', 'ic08', 'ic14', 'ic09', 'ic10']);
  });

  it('has images of the size that their type says', () => {
    const entries = new Map(entriesOf(readFileSync(file)).map(({ type, data }) => [type, data]));
    for (const { size, kind, types } of icnsTypes) {
      for (const type of types) {
        const data = entries.get(type) ?? Buffer.alloc(0);
        if (kind === 'png')
          expect([type, data.readUInt32BE(16), data.readUInt32BE(20)]).toEqual([type, size, size]);
        else expect(unpackChannels(data)).toHaveLength(size * size * 4);
      }
    }
  });

  it('is transparent in the corners and solid in the middle, also at 16 pixels', () => {
    const small = entriesOf(readFileSync(file)).find(({ type }) => type === 'ic04');
    const alpha = unpackChannels(small?.data ?? Buffer.alloc(0)).slice(0, 16 * 16);
    expect(alpha[0]).toBe(0);
    expect(alpha[8 * 16 + 8]).toBe(255);
  });
});

describe('the channels of a small image', () => {
  const pngs = icnsTypes
    .filter(({ kind }) => kind === 'png')
    .map(({ size }): IcnsImage => ({ kind: 'png', size, png: new Uint8Array([1]) }));
  const image = (size: number, value: (at: number) => number): IcnsImage => ({
    kind: 'rgba',
    size,
    rgba: Uint8Array.from({ length: size * size * 4 }, (_, at) => value(at)),
  });
  const channelsOf = (first: IcnsImage) =>
    unpackChannels(entriesOf(packIcns([...pngs, image(32, () => 0), first]))[0]?.data ?? Buffer.alloc(0));

  it.each([
    ['one colour, longer than the longest run', () => 7],
    ['noise without runs, longer than the longest literal', (at: number) => (at * 37 + (at >> 3)) % 251],
    ['runs of two, which are no runs', (at: number) => (at >> 3) % 256],
    ['runs of three', (at: number) => Math.floor(at / 12) % 256],
  ])('survive packing: %s', (_name, value) => {
    const given = image(16, value);
    const rgba = given.kind === 'rgba' ? given.rgba : new Uint8Array();
    const channel = (offset: number) => Array.from({ length: 256 }, (_, at) => rgba[at * 4 + offset]);
    expect(channelsOf(given)).toEqual([3, 0, 1, 2].flatMap(channel));
  });

  it('an image that is missing or of another size is refused', () => {
    expect(() => packIcns(pngs)).toThrow('no rgba image of 16 pixels');
    expect(() =>
      packIcns([...pngs, image(32, () => 0), { kind: 'rgba', size: 16, rgba: new Uint8Array(4) }]),
    ).toThrow('another length');
  });
});
