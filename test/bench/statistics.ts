/** Order statistics of a few samples. */

/** Linear between the two nearest ranks; `share` in [0, 1]. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (values: readonly number[]) => quantile(values, 0.5);
export const p95 = (values: readonly number[]) => quantile(values, 0.95);
export const largest = (values: readonly number[]) => quantile(values, 1);

export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/**
 * The median and where the true one lies with some 95 %, whatever the distribution: between two order statistics, by
 * the binomial distribution's normal approximation. Fewer than six values leave everything open between their ends.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const below = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return {
    low: sorted[below] ?? Number.NaN,
    middle: median(sorted),
    high: sorted[sorted.length - 1 - below] ?? Number.NaN,
  };
}
