/** Pure: what the client is told when OpenRouter refuses, fails, or says nothing. */
import { type ApiError, apiError } from './api-error.ts';
import type { UpstreamFault } from './upstream.ts';

export function faultError(fault: UpstreamFault): ApiError {
  switch (fault) {
    case 'offline':
      return apiError(
        503,
        'openrouter-offline',
        'OpenRouter cannot be reached: this Mac seems to be offline.',
      );
    case 'timed-out':
      return apiError(504, 'openrouter-timed-out', 'OpenRouter did not answer in time.');
    case 'tls':
      return apiError(
        502,
        'openrouter-not-trusted',
        'The connection to OpenRouter is not trustworthy: its certificate cannot be verified.',
      );
    case 'cut':
    case 'cancelled':
      return apiError(
        502,
        'openrouter-cut',
        'OpenRouter ended the connection before the answer was complete.',
      );
    case 'garbage':
      return apiError(502, 'openrouter-garbage', 'OpenRouter’s answer could not be understood.');
    case 'too-large':
      return apiError(502, 'openrouter-too-large', 'OpenRouter’s answer was too large.');
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
  const said = sentence === null ? '' : ` It says: ${sentence}`;
  const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds };
  switch (status) {
    case 401:
      return apiError(
        401,
        'openrouter-key-refused',
        'OpenRouter does not accept the key. Enter it anew in MLX Stack’s Cloud view.',
      );
    case 402:
      return apiError(
        402,
        'openrouter-no-credit',
        `The OpenRouter account has no credit left, or the key’s limit is reached.${said}`,
      );
    case 403:
      return apiError(403, 'openrouter-forbidden', `OpenRouter does not allow this request.${said}`);
    case 429:
      return apiError(
        429,
        'openrouter-rate-limited',
        `OpenRouter asks to wait: too many requests.${said}`,
        retry,
      );
    default:
      if (passed.has(status))
        return apiError(status, 'openrouter-refused', `OpenRouter refused the request.${said}`, retry);
      return apiError(
        status === 503 ? 503 : 502,
        'openrouter-failed',
        `OpenRouter or the model’s provider failed (${status}).${said}`,
        retry,
      );
  }
}
