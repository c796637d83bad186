/** Pure: what the client is told when OpenRouter refuses, fails, or says nothing. */
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';
import type { UpstreamFault } from './upstream.ts';

export function faultError(fault: UpstreamFault): ApiError {
  switch (fault) {
    case 'offline':
      return apiError(503, 'openrouter-offline', cloudWords.macOffline);
    case 'timed-out':
      return apiError(504, 'openrouter-timed-out', cloudWords.noAnswerInTime);
    case 'tls':
      return apiError(502, 'openrouter-not-trusted', cloudWords.certificateNotVerified);
    case 'cut':
    case 'cancelled':
      return apiError(502, 'openrouter-cut', cloudWords.endedBeforeComplete);
    case 'garbage':
      return apiError(502, 'openrouter-garbage', cloudWords.answerNotUnderstood);
    case 'too-large':
      return apiError(502, 'openrouter-too-large', cloudWords.answerTooLarge);
  }
}

const messageMaxChars = 500;

/** OpenRouter's own sentence, when it has one: bounded, on one line, and never with the key. */
export function sentenceOf(text: string, key: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const error: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'error') : null;
  const message: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error;
  if (typeof message !== 'string') return null;
  const line = message
    .replaceAll(key, '[redacted]')
    .replace(/sk-or-v1-[A-Za-z0-9_-]*/g, '[redacted]')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line === '' ? null : line.slice(0, messageMaxChars);
}

/** Statuses that say something about the request or the moment; any other is a failure of the way. */
const passed = new Set([400, 404, 408, 413, 422]);

export function refusalError(
  status: number,
  sentence: string | null,
  retryAfterSeconds: number | null,
): ApiError {
  const said = sentence === null ? '' : cloudWords.itSays(sentence);
  const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds };
  switch (status) {
    case 401:
      return apiError(401, 'openrouter-key-refused', cloudWords.keyNotAccepted);
    case 402:
      return apiError(402, 'openrouter-no-credit', cloudWords.noCreditSaying(said));
    case 403:
      return apiError(403, 'openrouter-forbidden', cloudWords.requestNotAllowed(said));
    case 429:
      return apiError(429, 'openrouter-rate-limited', cloudWords.asksToWaitSaying(said), retry);
    default:
      if (passed.has(status))
        return apiError(status, 'openrouter-refused', cloudWords.requestRefused(said), retry);
      return apiError(
        status === 503 ? 503 : 502,
        'openrouter-failed',
        cloudWords.failedSaying(status, said),
        retry,
      );
  }
}
