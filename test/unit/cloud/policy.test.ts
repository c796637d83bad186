import { describe, expect, it } from 'vitest';
import {
  assumedAnswerTokens,
  estimateUsd,
  judgeCloud,
  judgeSpend,
  unknownPriceEstimateUsd,
} from '../../../src-main/cloud/policy.ts';
import { type CloudModel, type CloudSettings, cloudOff } from '../../../src-main/cloud/settings.ts';
import { createSpendGuard } from '../../../src-main/cloud/spend.ts';

const on: CloudSettings = { ...cloudOff, enabled: true };
const none = { todayUsd: 0, monthUsd: 0 };
const model: CloudModel = {
  id: 'a/b',
  prices: { promptUsd: 0.000003, completionUsd: 0.000015 },
  contextTokens: 200_000,
};

describe('judgeCloud', () => {
  it('is off unless turned on', () => {
    expect(judgeCloud(cloudOff, true, none)).toMatchObject({ status: 403, code: 'cloud-off' });
    expect(judgeCloud(on, true, none)).toBeNull();
  });

  it('says local only before it speaks of a key or a cap', () => {
    const settings = { ...on, localOnly: true, dailyCapUsd: 0 };
    expect(judgeCloud(settings, false, none)).toMatchObject({ status: 403, code: 'local-only' });
  });

  it('needs a key', () => {
    expect(judgeCloud(on, false, none)).toMatchObject({ status: 401, code: 'openrouter-key-missing' });
  });

  it.each([
    ['daily', { dailyCapUsd: 1 }, { todayUsd: 0.99, monthUsd: 50 }, null],
    ['daily', { dailyCapUsd: 1 }, { todayUsd: 1, monthUsd: 1 }, 'spend-cap-daily'],
    ['monthly', { monthlyCapUsd: 10 }, { todayUsd: 0, monthUsd: 10.01 }, 'spend-cap-monthly'],
    ['a cap of nothing', { dailyCapUsd: 0 }, none, 'spend-cap-daily'],
    ['daily first', { dailyCapUsd: 1, monthlyCapUsd: 1 }, { todayUsd: 2, monthUsd: 2 }, 'spend-cap-daily'],
  ])('%s cap: %j with %j spent', (_name, caps, spent, code) => {
    const refusal = judgeCloud({ ...on, ...caps }, true, spent);
    expect(refusal?.code ?? null).toBe(code);
    if (code !== null) expect(refusal).toMatchObject({ status: 402, type: 'insufficient_quota' });
  });
});

describe('judgeSpend', () => {
  const capped = { ...on, dailyCapUsd: 1 };

  it('lets one request use up the cap', () => {
    expect(
      judgeSpend(capped, { todayUsd: 0.99, monthUsd: 1 }, { reservedUsd: 0, estimateUsd: 5 }),
    ).toBeNull();
  });

  it('holds back what would break it together with the running ones, and says when to come again', () => {
    const refusal = judgeSpend(
      capped,
      { todayUsd: 0.5, monthUsd: 1 },
      { reservedUsd: 0.3, estimateUsd: 0.3 },
    );
    expect(refusal).toMatchObject({ status: 429, code: 'spend-cap-reserved', retryAfterSeconds: 5 });
    expect(judgeSpend(capped, none, { reservedUsd: 0.3, estimateUsd: 0.3 })).toBeNull();
  });

  it('holds nothing back without a cap', () => {
    expect(judgeSpend(on, none, { reservedUsd: 1e6, estimateUsd: 1e6 })).toBeNull();
  });
});

describe('estimateUsd', () => {
  it('reckons the prompt by its bytes and the answer by its bound', () => {
    expect(estimateUsd(model, 3000, 1000)).toBeCloseTo(1000 * 0.000003 + 1000 * 0.000015, 10);
    expect(estimateUsd(model, 0, null)).toBeCloseTo(assumedAnswerTokens * 0.000015, 10);
  });

  it('is bounded by the window, however large the body or the wish', () => {
    expect(estimateUsd(model, 1e9, 1e9)).toBeCloseTo(200_000 * 0.000003 + 200_000 * 0.000015, 10);
  });

  it('assumes something where no price is known', () => {
    expect(estimateUsd({ ...model, prices: null }, 10, 10)).toBe(unknownPriceEstimateUsd);
  });
});

describe('the spend guard', () => {
  it('counts a reservation until it is released, once', () => {
    let settings: CloudSettings = { ...on, dailyCapUsd: 1 };
    let todayUsd = 0;
    const guard = createSpendGuard({
      settings: () => settings,
      hasKey: () => true,
      spent: () => ({ todayUsd, monthUsd: todayUsd }),
    });
    const first = guard.admit(0.6);
    const second = guard.admit(0.6);
    expect(first.ok).toBe(true);
    expect(second.ok).toBe(false);
    if (first.ok) {
      first.value.release();
      first.value.release();
    }
    expect(guard.reservedUsd).toBe(0);
    expect(guard.admit(0.6).ok).toBe(true);
    todayUsd = 1;
    expect(guard.judge()).toMatchObject({ status: 402 });
    settings = { ...settings, localOnly: true };
    expect(guard.judge()).toMatchObject({ code: 'local-only' });
    expect(guard.admit(0)).toMatchObject({ ok: false, error: { code: 'local-only' } });
  });
});
