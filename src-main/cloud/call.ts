/** One small JSON question to OpenRouter, and every way it can fail as a sentence with a remedy. */
import { type Problem, problem } from '../contract/result.ts';
import { cloudWords, commonWords } from '../words/index.ts';
import type { CallLimits } from './limits.ts';
import { readWhole, type UpstreamClient, type UpstreamFault } from './upstream.ts';

export interface CallRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly key: string | null;
  readonly body: object | null;
}

export type Called =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'failed'; readonly fault: UpstreamFault };

export async function callOpenRouter(
  client: UpstreamClient,
  { method, path, key, body }: CallRequest,
  { answerMaxBytes, limitMs }: CallLimits,
  signal?: AbortSignal,
): Promise<Called> {
  const startedMs = performance.now();
  const call = client.send({
    method,
    path,
    key,
    body: body === null ? null : JSON.stringify(body),
    accept: 'application/json',
    firstByteLimitMs: limitMs,
  });
  signal?.addEventListener('abort', call.cancel, { once: true });
  if (signal?.aborted) call.cancel();
  try {
    const sent = await call.answer;
    if (!sent.ok) return { kind: 'failed', fault: sent.error };
    const { status, contentType, retryAfterSeconds, stream } = sent.value;
    if (status !== 200) {
      call.cancel();
      return { kind: 'refused', status, retryAfterSeconds };
    }
    const leftMs = Math.max(1, limitMs - (performance.now() - startedMs));
    const text = await readWhole(stream, {
      maxBytes: answerMaxBytes,
      silenceLimitMs: leftMs,
      totalLimitMs: leftMs,
    });
    if (!text.ok) return { kind: 'failed', fault: signal?.aborted ? 'cancelled' : text.error };
    if (contentType !== 'application/json') return { kind: 'failed', fault: 'garbage' };
    return { kind: 'answered', value: JSON.parse(text.value) };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'failed', fault: 'garbage' };
    throw error;
  } finally {
    signal?.removeEventListener('abort', call.cancel);
  }
}

export function faultProblem(fault: UpstreamFault): Problem {
  switch (fault) {
    case 'offline':
      return problem('openrouter-offline', cloudWords.offline, commonWords.checkConnection);
    case 'timed-out':
      return problem('openrouter-timed-out', cloudWords.noAnswerInTime, commonWords.tryAgainSoon);
    case 'tls':
      return problem('openrouter-not-trusted', cloudWords.notTrustworthy, cloudWords.tryAnotherNetwork);
    case 'cut':
      return problem('openrouter-cut', cloudWords.brokeOff, commonWords.tryAgainSoon);
    case 'garbage':
    case 'too-large':
      return problem('openrouter-garbage', cloudWords.notOpenRouter, cloudWords.openWebPageFirst);
    case 'cancelled':
      return problem('cancelled', commonWords.cancelled);
  }
}

export function refusalProblem(status: number, retryAfterSeconds: number | null): Problem {
  switch (status) {
    case 401:
      return problem('openrouter-key-refused', cloudWords.keyUnknown, cloudWords.copyKeyAgain);
    case 402:
      return problem('openrouter-no-credit', cloudWords.noCredit, cloudWords.addCredit);
    case 403:
      return problem('openrouter-forbidden', cloudWords.notAllowedWithKey, cloudWords.useOrdinaryKey);
    case 429: {
      const wait = retryAfterSeconds === null ? cloudWords.aMinute : cloudWords.seconds(retryAfterSeconds);
      return problem('openrouter-rate-limited', cloudWords.asksToWait, cloudWords.tryAgainIn(wait));
    }
    default:
      return problem('openrouter-failed', cloudWords.failedWith(status), cloudWords.tryLaterOutages);
  }
}
