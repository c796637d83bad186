/** What a row of the bench yields: raw samples per contender, and the verdict over them. */

export const contenders = ['ours', 'bare', 'pm2', 'supervisord'] as const;
export type Contender = (typeof contenders)[number];

export type Unit = 'ms' | '%' | 'MB' | 'KB' | 'MB/s';

export interface Measurement {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** In the order in which they were taken. */
  readonly samples: Readonly<Partial<Record<Contender, readonly number[]>>>;
  /** In place of a figure: what a contender did instead, or why it could not run. */
  readonly said: Readonly<Partial<Record<Contender, string>>>;
  readonly ratio: string;
  readonly budget: string;
  /** `null`: nothing to keep, or it could not be decided. */
  readonly kept: boolean | null;
  /** What else is worth knowing, a sentence each. */
  readonly notes: readonly string[];
}

export function ratioOf(value: number, base: number): string {
  return Number.isFinite(value / base) ? `${(value / base).toFixed(2)} ×` : '–';
}
