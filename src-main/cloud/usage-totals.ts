/** Pure: cloud usage by day and model, from records and from the days that were summed up earlier. */
import * as z from 'zod';
import type { CloudFigures } from '../contract/cloud.ts';
import { noFigures } from '../status/no-cloud.ts';
import { cloudWords } from '../words/index.ts';
import type { UsageRecord } from './usage-record.ts';

const count = z.number().int().min(0).max(1e12);
const amount = z.number().min(0).max(1e12);

export const modelDaySchema = z.object({
  kind: z.literal('day'),
  /** Of the user's calendar, `2026-11-22`. */
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  model: z.string().min(1).max(256),
  requests: count,
  failed: count,
  promptTokens: count,
  completionTokens: count,
  costUsd: amount,
  /** The part of the cost that is our own reckoning. */
  estimatedUsd: amount,
  /** Of the requests that got an answer: how many, and their waits for the first byte together. */
  answered: count,
  firstByteMsSum: amount,
});
export type ModelDay = z.infer<typeof modelDaySchema>;

export interface UsageSummary {
  readonly today: CloudFigures;
  readonly month: CloudFigures;
  /** This month by model, the dearest first. */
  readonly byModel: readonly (CloudFigures & { readonly model: string })[];
  /** Today by model, in no order. */
  readonly todayByModel: readonly (CloudFigures & { readonly model: string })[];
  /** The last 30 days, oldest first, days without use included. */
  readonly days: readonly (CloudFigures & { readonly day: string })[];
}

export const summaryDays = 30;
/** Models told apart on one day; the rest are summed up under one name. */
export const modelsPerDayMax = 50;
export const otherModels = cloudWords.otherModels;

const two = (value: number) => String(value).padStart(2, '0');

/** The user's calendar: a cap ends at their midnight. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const monthOf = (day: string) => day.slice(0, 7);

/** Noon keeps clear of the hours that daylight saving removes and repeats. */
export function dayBefore(at: number, days: number): string {
  const date = new Date(at);
  return dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() - days, 12).getTime());
}

export function modelDayOf(record: UsageRecord): ModelDay {
  /** A refusal comes at once: it says nothing of how long an answer takes. */
  const firstByteMs = record.outcome === 'answered' ? record.firstByteMs : null;
  return {
    kind: 'day',
    day: dayOf(record.at),
    model: record.model,
    requests: 1,
    failed: record.outcome === 'failed' ? 1 : 0,
    promptTokens: record.promptTokens,
    completionTokens: record.completionTokens,
    costUsd: record.costUsd,
    estimatedUsd: record.estimated ? record.costUsd : 0,
    answered: firstByteMs === null ? 0 : 1,
    firstByteMsSum: firstByteMs ?? 0,
  };
}

function plus(a: ModelDay, b: ModelDay): ModelDay {
  return {
    ...a,
    requests: a.requests + b.requests,
    failed: a.failed + b.failed,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    costUsd: a.costUsd + b.costUsd,
    estimatedUsd: a.estimatedUsd + b.estimatedUsd,
    answered: a.answered + b.answered,
    firstByteMsSum: a.firstByteMsSum + b.firstByteMsSum,
  };
}

export interface UsageTotals {
  add(row: ModelDay): void;
  /** Forgets days before this one. */
  dropBefore(day: string): void;
  rows(): readonly ModelDay[];
  spent(now: number): { readonly todayUsd: number; readonly monthUsd: number };
  summary(now: number): UsageSummary;
}

export function createUsageTotals(): UsageTotals {
  const days = new Map<string, Map<string, ModelDay>>();
  /** Asked several times for each request: summed up when a day begins, and added to after that. */
  let known: { readonly day: string; todayUsd: number; monthUsd: number } | null = null;

  function add(row: ModelDay): void {
    if (known !== null && monthOf(row.day) === monthOf(known.day)) {
      known.monthUsd += row.costUsd;
      if (row.day === known.day) known.todayUsd += row.costUsd;
    }
    const models = days.get(row.day) ?? new Map<string, ModelDay>();
    days.set(row.day, models);
    const model = models.has(row.model) || models.size < modelsPerDayMax ? row.model : otherModels;
    const before = models.get(model);
    models.set(model, before === undefined ? { ...row, model } : plus(before, row));
  }

  const rowsOf = (day: string): ModelDay[] => [...(days.get(day)?.values() ?? [])];
  const rowsOfMonth = (month: string): ModelDay[] =>
    [...days].flatMap(([day, models]) => (day.startsWith(`${month}-`) ? [...models.values()] : []));
  const costOf = (rows: readonly ModelDay[]) => rows.reduce((usd, row) => usd + row.costUsd, 0);

  return {
    add,
    dropBefore(first) {
      known = null;
      for (const day of days.keys()) if (day < first) days.delete(day);
    },
    rows: () => [...days.keys()].sort().flatMap(rowsOf),
    spent(now) {
      const day = dayOf(now);
      if (known?.day !== day) {
        known = {
          day,
          todayUsd: costOf(rowsOf(day)),
          monthUsd: costOf(rowsOfMonth(monthOf(day))),
        };
      }
      return { todayUsd: known.todayUsd, monthUsd: known.monthUsd };
    },
    summary(now) {
      const today = dayOf(now);
      const month = rowsOfMonth(monthOf(today));
      const byModel = Map.groupBy(month, (row) => row.model);
      return {
        today: figuresOf(rowsOf(today)),
        month: figuresOf(month),
        byModel: [...byModel]
          .map(([model, rows]) => ({ model, ...figuresOf(rows) }))
          .sort((a, b) => b.costUsd - a.costUsd || b.requests - a.requests || (a.model < b.model ? -1 : 1)),
        todayByModel: rowsOf(today).map((row) => ({ model: row.model, ...figuresOf([row]) })),
        days: Array.from({ length: summaryDays }, (_, index) => {
          const day = dayBefore(now, summaryDays - 1 - index);
          return { day, ...figuresOf(rowsOf(day)) };
        }),
      };
    },
  };
}

function figuresOf(rows: readonly ModelDay[]): CloudFigures {
  const [first, ...rest] = rows;
  if (first === undefined) return noFigures;
  const {
    requests,
    failed,
    promptTokens,
    completionTokens,
    costUsd,
    estimatedUsd,
    answered,
    firstByteMsSum,
  } = rest.reduce(plus, first);
  const firstByteMs = answered === 0 ? null : firstByteMsSum / answered;
  return { requests, failed, promptTokens, completionTokens, costUsd, estimatedUsd, firstByteMs };
}
