import { describe, expect, test } from 'vitest';
import { bandwidthOf, parseChip } from '../../../src-main/hardware/chips.ts';

function bandwidth(brand: string, gpuCores: number | null, memoryGb: number): string {
  const chip = parseChip(brand);
  if (chip === null) return 'refused';
  const { gbps, isEstimate } = bandwidthOf(chip, gpuCores, memoryGb);
  return `${gbps}${isEstimate ? ' (estimate)' : ''}`;
}

describe('memory bandwidth', () => {
  test.each([
    ['Apple M1', 8, 8, '68.25'],
    ['Apple M1 Pro', 16, 32, '200'],
    ['Apple M1 Max', 32, 64, '400'],
    ['Apple M1 Ultra', 64, 128, '800'],
    ['Apple M2', 10, 24, '100'],
    ['Apple M2 Ultra', 76, 192, '800'],
    ['Apple M3 Pro', 18, 36, '150'],
    ['Apple M3 Max', 30, 36, '300'],
    ['Apple M3 Max', 40, 64, '400'],
    ['Apple M3 Ultra', 80, 512, '819'],
    ['Apple M4', 10, 32, '120'],
    ['Apple M4 Pro', 20, 48, '273'],
    ['Apple M4 Max', 32, 36, '410'],
    ['Apple M4 Max', 40, 128, '546'],
    ['Apple M5', 10, 16, '153'],
    ['Apple M5 Pro', 20, 64, '307'],
    ['Apple M5 Max', 32, 36, '460'],
    ['Apple M5 Max', 40, 128, '614'],
    ['Apple M5 Ultra', 80, 256, '1200'],
    ['Apple M6', 10, 16, '153'],
    ['Apple M6', 10, 32, '170'],
    ['Apple M1 (Virtual)', 8, 7, '68.25'],
  ])('%s with %i GPU cores and %i GB: %s GB/s', (brand, cores, memory, expected) => {
    expect(bandwidth(brand, cores, memory)).toBe(expected);
  });

  test('of several versions the slowest is assumed, and said to be a guess, while the cores are not known', () => {
    expect(bandwidth('Apple M3 Max', null, 64)).toBe('300 (estimate)');
    expect(bandwidth('Apple M4 Max', null, 36)).toBe('410 (estimate)');
    expect(bandwidth('Apple M4 Pro', null, 48)).toBe('273');
  });

  test('where only the faster version is sold with so much memory, it is that one', () => {
    expect(bandwidth('Apple M3 Max', null, 128)).toBe('400');
    expect(bandwidth('Apple M5 Max', null, 128)).toBe('614');
    expect(bandwidth('Apple M4 Max', 32, 128)).toBe('410');
  });

  test('a chip that is not known is estimated by its memory, but for no faster than the newest of its kind', () => {
    expect(bandwidth('Apple M9 Max', 60, 64)).toBe('400 (estimate)');
    expect(bandwidth('Apple M6 Pro', 20, 48)).toBe('307 (estimate)');
    expect(bandwidth('Apple M7', 10, 32)).toBe('170 (estimate)');
    expect(bandwidth('Apple M4 Ultra', 80, 512)).toBe('800 (estimate)');
    expect(bandwidth('Apple M8 Extreme', 160, 1024)).toBe('800 (estimate)');
    expect(bandwidth('Apple M4 Extreme', 160, 8)).toBe('68 (estimate)');
  });

  test.each([
    'Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz',
    'VirtualApple @ 2.50GHz',
    'Apple A18',
    'Apple Mx',
    '',
  ])('“%s” is no chip for MLX', (brand) => {
    expect(parseChip(brand)).toBeNull();
  });
});
