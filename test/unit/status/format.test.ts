import { describe, expect, it } from 'vitest';
import {
  formatDiskBytes,
  formatDiskBytesOf,
  formatDuration,
  formatGigabytes,
  formatGigabytesOf,
  hostOf,
  shorten,
} from '../../../src-main/status/format.ts';

const gib = 2 ** 30;

describe('formatGigabytes', () => {
  it('has one decimal, none when it is whole', () => {
    expect(formatGigabytes(2.6 * gib)).toBe('2.6 GB');
    expect(formatGigabytes(64 * gib)).toBe('64 GB');
    expect(formatGigabytes(8.96 * gib)).toBe('9 GB');
    expect(formatGigabytes(0)).toBe('0 GB');
  });

  it('says the unit once', () => {
    expect(formatGigabytesOf(4.1 * gib, 64 * gib)).toBe('4.1 of 64 GB');
  });
});

describe('formatDiskBytes', () => {
  it('counts in thousands, and says the unit once', () => {
    expect(formatDiskBytes(18_240_000_000)).toBe('18.2 GB');
    expect(formatDiskBytes(340_000_000)).toBe('340 MB');
    expect([0, 1, 999, 120_000, 960_000, 699.6e6, 412.3e9].map(formatDiskBytes)).toEqual([
      '0 MB',
      '1 KB',
      '1 KB',
      '120 KB',
      '1 MB',
      '700 MB',
      '412.3 GB',
    ]);
    expect(formatDiskBytesOf(4_100_000_000, 18_240_000_000)).toBe('4.1 of 18.2 GB');
    expect(formatDiskBytesOf(340_000_000, 18_240_000_000)).toBe('340 MB of 18.2 GB');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [150_000, '2m 30s'],
    [3_600_000, '1h 0m'],
    [7_500_000, '2h 5m'],
    [86_400_000 * 2 + 3_600_000 * 4, '2d 4h'],
  ])('%i ms is %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('does not run backwards when the clock does', () => {
    expect(formatDuration(-5000)).toBe('0s');
  });
});

describe('shorten', () => {
  it('leaves what fits and cuts the rest at the limit', () => {
    expect(shorten('ten signs!', 10)).toBe('ten signs!');
    expect(shorten('eleven sign', 10)).toBe('eleven si…');
  });

  it('does not split a character that takes two units', () => {
    expect(shorten('𝒂𝒃𝒄𝒅', 3)).toBe('𝒂𝒃…');
  });
});

describe('hostOf', () => {
  it('is the host and port of an address', () => {
    expect(hostOf('http://127.0.0.1:4000/v1')).toBe('127.0.0.1:4000');
    expect(hostOf('not an address')).toBe('not an address');
  });
});
