/** One small JSON question to OpenRouter, and every way it can fail as a sentence with a remedy. */
import { type Problem, problem } from '../contract/result.ts';
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
      return problem(
        'openrouter-offline',
        'OpenRouter cannot be reached.',
        'Check the Internet connection, then try again.',
      );
    case 'timed-out':
      return problem('openrouter-timed-out', 'OpenRouter did not answer in time.', 'Try again in a moment.');
    case 'tls':
      return problem(
        'openrouter-not-trusted',
        'The connection to OpenRouter is not trustworthy, so nothing was sent.',
        'Something on the network may read along: try another network, and check the Mac’s date and time.',
      );
    case 'cut':
      return problem('openrouter-cut', 'The connection to OpenRouter broke off.', 'Try again in a moment.');
    case 'garbage':
    case 'too-large':
      return problem(
        'openrouter-garbage',
        'What answered was not OpenRouter, or could not be understood.',
        'A network with a log-in page does this: open a web page first, then try again.',
      );
    case 'cancelled':
      return problem('cancelled', 'It was cancelled.');
  }
}

export function refusalProblem(status: number, retryAfterSeconds: number | null): Problem {
  switch (status) {
    case 401:
      return problem(
        'openrouter-key-refused',
        'OpenRouter does not know this key.',
        'Copy it again, or make a new one at OpenRouter; it may have been deleted there.',
      );
    case 402:
      return problem(
        'openrouter-no-credit',
        'The OpenRouter account has no credit left, or the key’s limit is reached.',
        'Add credit or raise the key’s limit at OpenRouter.',
      );
    case 403:
      return problem(
        'openrouter-forbidden',
        'OpenRouter does not allow this with this key.',
        'Use an ordinary key of your own account, not a disabled or a management one.',
      );
    case 429: {
      const wait = retryAfterSeconds === null ? 'a minute' : `${retryAfterSeconds} s`;
      return problem(
        'openrouter-rate-limited',
        'OpenRouter asks to wait: too many requests.',
        `Try again in ${wait}.`,
      );
    }
    default:
      return problem(
        'openrouter-failed',
        `OpenRouter failed (${status}).`,
        'Try again later; status.openrouter.ai tells about outages.',
      );
  }
}
