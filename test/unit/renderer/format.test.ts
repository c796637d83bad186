/** Numbers and dates as the words' language has them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  counted,
  formatCompact,
  formatCount,
  formatDay,
  formatLogTime,
  formatMoment,
  formatPrice,
  formatShare,
  joinFacts,
  joinSentences,
} from '../../../src-renderer/words/format.ts';

describe('numbers', () => {
  it('are counts, long and short', () => {
    expect([0, 1234, 1_048_576].map(formatCount)).toEqual(['0', '1,234', '1,048,576']);
    expect([0, 420, 6810, 363_200, 262_144, 1_048_576].map(formatCompact)).toEqual([
      '0',
      '420',
      '6.81K',
      '363K',
      '262K',
      '1.05M',
    ]);
  });

  it('are counted with the form that belongs to the number', () => {
    const forms = { one: 'model', other: 'models' };
    expect([0, 1, 2, 1001].map((count) => counted(count, forms))).toEqual([
      '0 models',
      '1 model',
      '2 models',
      '1,001 models',
    ]);
    expect(counted(1, { other: 'sheep' })).toBe('1 sheep');
  });

  it('are prices, and shares that are whole only when all is there', () => {
    expect([3, 0.25, 0.0375].map(formatPrice)).toEqual(['$3.00', '$0.25', '$0.0375']);
    expect([0, 0.335, 0.9999, 1].map(formatShare)).toEqual(['0%', '33%', '99%', '100%']);
  });
});

describe('dates', () => {
  const time = new Date(2026, 10, 22, 9, 41, 7, 5);
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are without the day as long as it is today', () => {
    vi.setSystemTime(new Date(2026, 10, 22, 23, 0));
    expect(formatLogTime(time.getTime())).toBe('09:41:07.005');
    expect(formatMoment(time.getTime())).toMatch(/^0?9:41:07/);
    vi.setSystemTime(new Date(2026, 10, 23, 0, 1));
    expect(formatLogTime(time.getTime())).toBe(`${formatDay(time.getTime())} 09:41:07.005`);
    expect(formatMoment(time.getTime())).toMatch(/2026.*9:41/);
    expect(formatDay(time.getTime())).toMatch(/^(Nov 22|22 Nov)$/);
  });
});

it('joins what there is to say, and nothing else', () => {
  expect(joinFacts('a', '', null, undefined, false, 'b')).toBe('a · b');
  expect(joinSentences('One.', undefined, 'Two.')).toBe('One. Two.');
});
