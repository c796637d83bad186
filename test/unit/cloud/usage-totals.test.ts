import { describe, expect, it } from 'vitest';
import { parseUsage } from '../../../src-main/cloud/usage.ts';
import type { UsageRecord } from '../../../src-main/cloud/usage-record.ts';
import {
  createUsageTotals,
  dayBefore,
  dayOf,
  modelDayOf,
  modelsPerDayMax,
  otherModels,
  summaryDays,
} from '../../../src-main/cloud/usage-totals.ts';

const at = (text: string) => new Date(text).getTime();

const record = (more: Partial<UsageRecord> = {}): UsageRecord => ({
  kind: 'request',
  at: at('2026-11-22T12:00:00'),
  model: 'a/b',
  answeredBy: null,
  outcome: 'answered',
  status: 200,
  promptTokens: 10,
  completionTokens: 20,
  costUsd: 0.25,
  estimated: false,
  firstByteMs: 100,
  totalMs: 200,
  ...more,
});

describe('usage totals', () => {
  it('counts by day and model, this day, this month', () => {
    const totals = createUsageTotals();
    totals.add(modelDayOf(record()));
    totals.add(modelDayOf(record({ costUsd: 0.5, estimated: true, firstByteMs: 300 })));
    totals.add(modelDayOf(record({ model: 'c/d', outcome: 'failed', costUsd: 0, firstByteMs: null })));
    totals.add(modelDayOf(record({ at: at('2026-11-01T00:00:00'), costUsd: 1 })));
    totals.add(modelDayOf(record({ at: at('2026-10-31T23:59:59'), costUsd: 9 })));
    const now = at('2026-11-22T23:59:59');
    expect(totals.spent(now)).toEqual({ todayUsd: 0.75, monthUsd: 1.75 });
    const summary = totals.summary(now);
    expect(summary.today).toEqual({
      requests: 3,
      failed: 1,
      promptTokens: 30,
      completionTokens: 60,
      costUsd: 0.75,
      estimatedUsd: 0.5,
      firstByteMs: 200,
    });
    expect(summary.byModel.map(({ model, costUsd }) => [model, costUsd])).toEqual([
      ['a/b', 1.75],
      ['c/d', 0],
    ]);
    expect(summary.days).toHaveLength(summaryDays);
    expect(summary.days.at(-1)).toMatchObject({ day: '2026-11-22', costUsd: 0.75 });
    expect(summary.days.find(({ day }) => day === '2026-10-31')?.costUsd).toBe(9);
    expect(summary.days[0]?.day).toBe('2026-10-24');
    expect(totals.summary(at('2026-12-01T00:00:00')).today.requests).toBe(0);
  });

  it('means the wait for an answer by model: a refusal, which comes at once, and a broken-off answer do not count', () => {
    const totals = createUsageTotals();
    totals.add(modelDayOf(record({ firstByteMs: 900 })));
    totals.add(modelDayOf(record({ at: at('2026-11-20T12:00:00'), firstByteMs: 300 })));
    totals.add(modelDayOf(record({ outcome: 'failed', status: 429, firstByteMs: 2 })));
    totals.add(modelDayOf(record({ outcome: 'cancelled', firstByteMs: 2 })));
    totals.add(modelDayOf(record({ model: 'c/d', outcome: 'failed', status: 401, firstByteMs: 2 })));
    const { byModel, todayByModel } = totals.summary(at('2026-11-22T23:59:59'));
    const waits = (rows: typeof byModel) => rows.map(({ model, firstByteMs }) => [model, firstByteMs]);
    expect(waits(byModel)).toEqual([
      ['a/b', 600],
      ['c/d', null],
    ]);
    expect(waits(todayByModel)).toEqual([
      ['a/b', 900],
      ['c/d', null],
    ]);
  });

  it('begins a new day at the user’s midnight', () => {
    const totals = createUsageTotals();
    totals.add(modelDayOf(record({ at: at('2026-11-22T23:59:59.999') })));
    expect(totals.spent(at('2026-11-22T23:59:59.999')).todayUsd).toBe(0.25);
    expect(totals.spent(at('2026-11-23T00:00:00')).todayUsd).toBe(0);
  });

  it('counts each calendar day once over a year, whatever the clocks do', () => {
    const end = at('2026-12-31T00:30:00');
    const days = Array.from({ length: 365 }, (_, index) => dayBefore(end, index));
    expect(new Set(days).size).toBe(365);
    expect(days.at(-1)).toBe('2026-01-01');
    expect(dayOf(end)).toBe('2026-12-31');
  });

  it('keeps a bounded number of models apart', () => {
    const totals = createUsageTotals();
    for (let index = 0; index < modelsPerDayMax + 20; index += 1)
      totals.add(modelDayOf(record({ model: `m/${index}` })));
    expect(totals.rows()).toHaveLength(modelsPerDayMax + 1);
    expect(totals.rows().find(({ model }) => model === otherModels)?.requests).toBe(20);
    expect(totals.spent(record().at).todayUsd).toBeCloseTo((modelsPerDayMax + 20) * 0.25, 6);
  });
});

describe('parseUsage', () => {
  it('skips and counts what is no line of ours', () => {
    const good = JSON.stringify(record());
    const text = [
      good,
      good.slice(0, 40),
      'null',
      '{}',
      '\0\0\0',
      'x'.repeat(10_000),
      JSON.stringify(record({ costUsd: -1 })),
      JSON.stringify({ ...modelDayOf(record()), day: 'yesterday' }),
      JSON.stringify(modelDayOf(record())),
      '',
    ].join('\n');
    const { rows, bad } = parseUsage(text);
    expect(bad).toBe(7);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
  });
});
