import { describe, expect, test } from 'vitest';
import { medianInterval } from '../../bench/statistics.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the interval of a median', () => {
  test('lies between the order statistics that the binomial distribution names', () => {
    // Exact for 40: the 14th and the 27th hold the median with 96.2 %, the 15th and the 26th with 91.9 %.
    expect(medianInterval(upTo(40))).toEqual({ low: 14, middle: 20.5, high: 27 });
    expect(medianInterval(upTo(100))).toEqual({ low: 41, middle: 50.5, high: 60 });
  });

  test('is all there is where there are few', () => {
    expect(medianInterval([3, 1, 2])).toEqual({ low: 1, middle: 2, high: 3 });
    expect(medianInterval([7])).toEqual({ low: 7, middle: 7, high: 7 });
    expect(medianInterval([]).middle).toBeNaN();
  });

  test('holds the true median about as often as it says', () => {
    let state = 1;
    const next = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const rounds = 2_000;
    let held = 0;
    for (let round = 0; round < rounds; round += 1) {
      // Skewed, as durations are: the median of −ln(u) is ln 2.
      const { low, high } = medianInterval(upTo(40).map(() => -Math.log(next())));
      if (low <= Math.LN2 && Math.LN2 <= high) held += 1;
    }
    expect(held / rounds).toBeGreaterThan(0.94);
    expect(held / rounds).toBeLessThan(0.98);
  });
});
