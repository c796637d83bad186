/** Pure: whether a request may go to the cloud now, and what it may cost. */
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';
import type { CloudModel, CloudSettings } from './settings.ts';

export interface Spent {
  readonly todayUsd: number;
  readonly monthUsd: number;
}

export interface Expected {
  /** What the running requests may still cost. */
  readonly reservedUsd: number;
  /** What this one may cost. */
  readonly mostUsd: number;
}

/** How long a client should wait for running requests to give back what they did not use. */
const reservedRetrySeconds = 5;

export const dollars = (usd: number) => `$${usd.toFixed(2)}`;

/** What needs no look at the request; `null` when it may go on. */
export function judgeCloud(settings: CloudSettings, hasKey: boolean, spent: Spent): ApiError | null {
  if (!settings.enabled) {
    return apiError(403, 'cloud-off', cloudWords.cloudIsOff);
  }
  if (settings.localOnly) {
    return apiError(403, 'local-only', cloudWords.localOnly);
  }
  if (!hasKey) {
    return apiError(401, 'openrouter-key-missing', cloudWords.keyMissing);
  }
  return (
    capReached('daily', settings.dailyCapUsd, spent.todayUsd) ??
    capReached('monthly', settings.monthlyCapUsd, spent.monthUsd)
  );
}

function capReached(which: 'daily' | 'monthly', cap: number | null, spentUsd: number): ApiError | null {
  if (cap === null || spentUsd < cap) return null;
  const sentence = which === 'daily' ? cloudWords.dailyCapReached : cloudWords.monthlyCapReached;
  return apiError(402, `spend-cap-${which}`, sentence(dollars(cap), dollars(spentUsd)));
}

/**
 * Holds back what would break a cap together with the requests that run already. Alone, a request is let through as
 * long as the cap is not reached, so that a cap can be used up; it is overshot by one request at most.
 */
export function judgeSpend(settings: CloudSettings, spent: Spent, expected: Expected): ApiError | null {
  const tight = (cap: number | null, spentUsd: number) =>
    cap !== null && expected.reservedUsd > 0 && spentUsd + expected.reservedUsd + expected.mostUsd > cap;
  if (!tight(settings.dailyCapUsd, spent.todayUsd) && !tight(settings.monthlyCapUsd, spent.monthUsd))
    return null;
  return apiError(429, 'spend-cap-reserved', cloudWords.capMayBeUsedUp, {
    retryAfterSeconds: reservedRetrySeconds,
  });
}

export function findModel(settings: CloudSettings, id: string): CloudModel | null {
  return settings.models.find((model) => model.id === id) ?? null;
}

/** As it is counted, not as it is held back: for a model without a price. */
export const unknownPriceEstimateUsd = 0.05;
/** An answer's length when the request sets none; most are shorter. */
export const assumedAnswerTokens = 4096;
/** JSON of English and code has three to four bytes per token. */
const bytesPerToken = 3;

export function estimateUsd(model: CloudModel, bodyBytes: number, answerTokens: number | null): number {
  const prices = model.prices;
  if (prices === null || prices.promptUsd === null || prices.completionUsd === null)
    return unknownPriceEstimateUsd;
  const window = model.contextTokens ?? Number.POSITIVE_INFINITY;
  const promptTokens = Math.min(bodyBytes / bytesPerToken, window);
  return (
    promptTokens * prices.promptUsd +
    Math.min(answerTokens ?? assumedAnswerTokens, window) * prices.completionUsd
  );
}

/**
 * Over the prices of the list: providers up to `max_price`, long prompts and what is written to a cache for long, at up
 * to twice the price.
 */
const priceReserve = 2;

export interface CostBounds {
  /** Each that may answer; the first one's prices bound all (`max_price`). */
  readonly models: readonly [CloudModel, ...CloudModel[]];
  /** What is said of a picture or a file is short; what it costs is not. */
  readonly prompt: 'text' | 'pictures' | 'other';
  readonly answerTokens: number | null;
  readonly answers: number;
}

/**
 * What a request may cost at most: no text has more tokens than bytes, no answer is longer than it was asked for, or than
 * the model gives. Infinite where a bound is unknown, so that such a request runs alone under a cap.
 */
export function mostUsd({ models, prompt, answerTokens, answers }: CostBounds, bodyBytes: number): number {
  const { promptUsd, completionUsd } = models[0].prices ?? { promptUsd: null, completionUsd: null };
  if (prompt === 'other') return Number.POSITIVE_INFINITY;
  if (models.every(isFree)) return 0;
  if (!promptUsd || !completionUsd) return Number.POSITIVE_INFINITY;
  const unbounded = Number.POSITIVE_INFINITY;
  const window = Math.max(...models.map(({ contextTokens }) => contextTokens ?? unbounded));
  const longest = Math.max(...models.map(({ answerMaxTokens }) => answerMaxTokens ?? unbounded));
  const promptTokens = prompt === 'text' ? Math.min(bodyBytes, window) : window;
  return (
    priceReserve *
    (promptTokens * promptUsd + answers * Math.min(answerTokens ?? longest, window) * completionUsd)
  );
}

const isFree = ({ prices }: CloudModel): boolean => prices?.promptUsd === 0 && prices.completionUsd === 0;

/** For an answer that was cut off before OpenRouter said what it cost. */
export function partialUsd(model: CloudModel, bodyBytes: number, answerTokens: number): number {
  return Math.min(estimateUsd(model, bodyBytes, answerTokens), estimateUsd(model, bodyBytes, null));
}
