import { describe, expect, it } from 'vitest';
import { prepareCompletion } from '../../../src-main/cloud/completion-request.ts';
import {
  assumedAnswerTokens,
  estimateUsd,
  judgeCloud,
  judgeSpend,
  mostUsd,
  unknownPriceEstimateUsd,
} from '../../../src-main/cloud/policy.ts';
import type { CloudModel, CloudSettings } from '../../../src-main/cloud/settings.ts';
import { createSpendGuard } from '../../../src-main/cloud/spend.ts';
import { cloudOff } from './cloud-off.ts';

const on: CloudSettings = { ...cloudOff, enabled: true };
const none = { todayUsd: 0, monthUsd: 0 };
const model: CloudModel = {
  id: 'a/b',
  prices: { promptUsd: 0.000003, completionUsd: 0.000015 },
  contextTokens: 200_000,
  answerMaxTokens: 64_000,
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
    expect(judgeSpend(capped, { todayUsd: 0.99, monthUsd: 1 }, { reservedUsd: 0, mostUsd: 5 })).toBeNull();
  });

  it('holds back what would break it together with the running ones, and says when to come again', () => {
    const refusal = judgeSpend(capped, { todayUsd: 0.5, monthUsd: 1 }, { reservedUsd: 0.3, mostUsd: 0.3 });
    expect(refusal).toMatchObject({ status: 429, code: 'spend-cap-reserved', retryAfterSeconds: 5 });
    expect(judgeSpend(capped, none, { reservedUsd: 0.3, mostUsd: 0.3 })).toBeNull();
  });

  it('holds nothing back without a cap', () => {
    expect(judgeSpend(on, none, { reservedUsd: 1e6, mostUsd: 1e6 })).toBeNull();
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
    const first = guard.admit({ estimateUsd: 0.1, mostUsd: 0.6 });
    const second = guard.admit({ estimateUsd: 0.1, mostUsd: 0.6 });
    expect(first.ok).toBe(true);
    expect(second.ok).toBe(false);
    if (first.ok) {
      first.value.release();
      first.value.release();
    }
    expect(guard.reservedUsd).toBe(0);
    expect(guard.admit({ estimateUsd: 0.1, mostUsd: 0.6 }).ok).toBe(true);
    todayUsd = 1;
    expect(guard.judge()).toMatchObject({ status: 402 });
    settings = { ...settings, localOnly: true };
    expect(guard.judge()).toMatchObject({ code: 'local-only' });
    expect(guard.admit({ estimateUsd: 0, mostUsd: 0 })).toMatchObject({
      ok: false,
      error: { code: 'local-only' },
    });
  });
});

describe('a cap is overshot by one request at most', () => {
  const text = (asked: object) =>
    JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], ...asked });
  const picture = { type: 'image_url', image_url: { url: 'https://example.com/x.png' } };
  const withPart = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });

  /** How many of `count` equal requests are let through at once, and what each may cost. */
  function admitted(asked: object, model: CloudModel, count = 100) {
    const settings = { ...on, dailyCapUsd: 2, models: [model] };
    const guard = createSpendGuard({ settings: () => settings, hasKey: () => true, spent: () => none });
    const prepared = prepareCompletion(text(asked), settings);
    if (!prepared.ok) throw new Error(prepared.error.code);
    const cost = { estimateUsd: 0, mostUsd: mostUsd(prepared.value, text(asked).length) };
    const passed = Array.from({ length: count }, () => guard.admit(cost)).filter(({ ok }) => ok);
    return { passed: passed.length, mostUsd: cost.mostUsd };
  }

  it.each([
    ['a model without a price', { max_tokens: 100_000 }, { ...model, prices: null }],
    ['half a price', {}, { ...model, prices: { promptUsd: 0.000003, completionUsd: null } }],
    ['no known longest answer and no window', {}, { ...model, contextTokens: null, answerMaxTokens: null }],
    ['a file, whose pages cost extra', withPart({ type: 'file', file: {} }), model],
    ['an answer in pictures', { modalities: ['image', 'text'] }, model],
    ['messages of no known form', { messages: ['Hi'] }, model],
  ])('%s: one at a time', (_name, asked, one) => {
    expect(admitted(asked, one)).toEqual({ passed: 1, mostUsd: Number.POSITIVE_INFINITY });
  });

  it.each([
    ['64 answers and two bounds', { n: 64, max_completion_tokens: 1, max_tokens: 100_000 }, 64 * 100_000],
    ['answers that are only made', { best_of: 64, max_tokens: 1000 }, 64 * 1000],
    ['no bound', {}, 64_000],
    ['a bound that is no number', { max_tokens: '9', max_completion_tokens: 1 }, 64_000],
    ['small ones', { max_tokens: 500 }, 500],
  ])('%s: so many that the cap would hold', (_name, asked, answerTokens) => {
    const { passed, mostUsd: each } = admitted(asked, model);
    expect(each).toBeGreaterThan(answerTokens * 0.000015);
    expect(passed).toBe(Math.min(100, Math.max(1, Math.floor(2 / each))));
  });

  it('takes a picture’s short address for a window full of tokens', () => {
    expect(admitted(withPart(picture), model).mostUsd).toBeGreaterThan(200_000 * 0.000003);
  });

  it('counts the longest answer of all models that may answer', () => {
    const models = [model, { ...model, id: 'c/d', answerMaxTokens: 150_000 }];
    const prepared = prepareCompletion(text({ models: ['c/d'] }), { ...on, models });
    expect(prepared.ok && mostUsd(prepared.value, 0)).toBeGreaterThan(150_000 * 0.000015);
  });

  it('holds nothing back for a free model', () => {
    const free = { ...model, prices: { promptUsd: 0, completionUsd: 0 } };
    expect(admitted({}, free)).toEqual({ passed: 100, mostUsd: 0 });
  });

  it.each([0, 129, 1.5, '64'])('refuses to make %j answers', (n) => {
    expect(prepareCompletion(text({ n }), { ...on, models: [model] })).toMatchObject({
      ok: false,
      error: { code: 'n-malformed' },
    });
  });
});
