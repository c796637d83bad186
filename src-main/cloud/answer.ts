/** Hands OpenRouter's answer to the client: checked, in step with the client's reading, and never half an event. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiError, errorBody, errorEvent } from './api-error.ts';
import { createEventScanner } from './event-stream.ts';
import type { RelayLimits } from './limits.ts';
import { watchSilence } from './silence.ts';
import { faultOfError, readWhole, type UpstreamAnswer, type UpstreamFault } from './upstream.ts';
import { faultError, refusalError, sentenceOf } from './upstream-errors.ts';
import { type AnswerUsage, readAnswer } from './usage-reading.ts';

export interface Delivered {
  /** `cancelled`: the client went away. */
  readonly outcome: 'answered' | 'failed' | 'cancelled';
  readonly status: number;
  /** Why it failed, for the log. */
  readonly code: string | null;
  readonly usage: AnswerUsage | null;
  readonly answeredBy: string | null;
  /** Parts of the answer that arrived: about as many tokens. */
  readonly parts: number;
  /** Nothing was charged for it: OpenRouter refused before a model worked. */
  readonly free: boolean;
}

export interface DeliverOptions {
  readonly response: ServerResponse;
  readonly answer: UpstreamAnswer;
  readonly key: string;
  readonly limits: RelayLimits;
  /** Closes the connection to the upstream. */
  readonly cancel: () => void;
}

export function sendError(
  response: ServerResponse,
  error: ApiError,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const body = errorBody(error);
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    ...headers,
  });
  response.end(body);
}

const failedWith = (error: ApiError, free: boolean): Delivered => ({
  outcome: 'failed',
  status: error.status,
  code: error.code,
  usage: null,
  answeredBy: null,
  parts: 0,
  free,
});

export async function deliver(options: DeliverOptions): Promise<Delivered> {
  const { answer, response } = options;
  if (answer.status !== 200) return deliverRefusal(options);
  if (answer.contentType === 'text/event-stream') return deliverStream(options);
  if (answer.contentType === 'application/json') return deliverWhole(options);
  options.cancel();
  const error = faultError('garbage');
  sendError(response, error);
  return failedWith(error, false);
}

/** A refusal's body is small and soon there. */
const refusalLimitMs = 10_000;

async function deliverRefusal({ answer, response, key, limits, cancel }: DeliverOptions): Promise<Delivered> {
  const text = await readWhole(answer.stream, {
    maxBytes: limits.errorBodyMaxBytes,
    silenceLimitMs: Math.min(refusalLimitMs, limits.silenceLimitMs),
    totalLimitMs: refusalLimitMs,
  });
  if (!text.ok) cancel();
  const error = refusalError(
    answer.status,
    text.ok ? sentenceOf(text.value, key) : null,
    answer.retryAfterSeconds,
  );
  sendError(response, error);
  return failedWith(error, true);
}

async function deliverWhole({ answer, response, key, limits, cancel }: DeliverOptions): Promise<Delivered> {
  const text = await readWhole(answer.stream, {
    maxBytes: limits.answerMaxBytes,
    silenceLimitMs: limits.silenceLimitMs,
    totalLimitMs: limits.totalLimitMs,
  });
  const failed = (fault: UpstreamFault): Delivered => {
    cancel();
    const error = faultError(fault);
    const outcome = response.destroyed ? 'cancelled' : 'failed';
    sendError(response, error);
    return { ...failedWith(error, false), outcome, code: outcome === 'failed' ? error.code : null };
  };
  if (!text.ok) return failed(text.error);
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    return failed('garbage');
  }
  if (typeof value !== 'object' || value === null || text.value.includes(key)) return failed('garbage');
  const facts = readAnswer(value);
  if (facts.failed) {
    const status = statusOf(value);
    const error = refusalError(status, sentenceOf(text.value, key), answer.retryAfterSeconds);
    sendError(response, error);
    return { ...failedWith(error, facts.usage === null), usage: facts.usage, answeredBy: facts.model };
  }
  if (response.destroyed) {
    const gone = failedWith(faultError('cancelled'), false);
    return { ...gone, outcome: 'cancelled', code: null, usage: facts.usage };
  }
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text.value),
    'cache-control': 'no-store',
  });
  response.end(text.value);
  return {
    outcome: 'answered',
    status: 200,
    code: null,
    usage: facts.usage,
    answeredBy: facts.model,
    parts: facts.hasContent ? 1 : 0,
    free: false,
  };
}

/** OpenRouter may answer 200 with an error inside once it has begun. */
function statusOf(value: object): number {
  const error: unknown = Reflect.get(value, 'error');
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 502;
}

/** `false`: wait for `drain`. Node would send it in a later tick of its own, one for each part. */
function writeAtOnce(response: ServerResponse, part: Buffer): boolean {
  const { socket } = response;
  socket?.cork();
  const wanted = response.write(part);
  socket?.uncork();
  return wanted;
}

function deliverStream({ answer, response, key, limits, cancel }: DeliverOptions): Promise<Delivered> {
  const upstream: IncomingMessage = answer.stream;
  const scanner = createEventScanner({ lineMaxBytes: limits.lineMaxBytes, secret: key });
  let usage: AnswerUsage | null = null;
  let answeredBy: string | null = null;
  let parts = 0;
  let finished = false;
  let upstreamError = false;

  return new Promise((resolve) => {
    let settled = false;
    const settle = (outcome: Delivered['outcome'], error: ApiError | null) => {
      if (settled) return;
      settled = true;
      silence.stop();
      clearTimeout(total);
      clearTimeout(stall);
      upstream.off('data', onData);
      resolve({
        outcome,
        status: response.headersSent ? 200 : (error?.status ?? 200),
        code: error?.code ?? null,
        usage,
        answeredBy,
        parts,
        free: false,
      });
    };
    const break_ = (fault: UpstreamFault) => {
      if (settled) return;
      const error = faultError(fault);
      settle('failed', error);
      cancel();
      if (!response.headersSent) sendError(response, error);
      else response.end((scanner.betweenEvents ? '' : '\n') + errorEvent(error));
    };
    const silence = watchSilence(limits.silenceLimitMs, () => break_('timed-out'));
    const total = setTimeout(() => break_('timed-out'), limits.totalLimitMs);
    let stall: NodeJS.Timeout | undefined;
    const abandon = () => {
      settle('cancelled', null);
      cancel();
      response.destroy();
    };

    const begin = () => {
      if (response.headersSent) return;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-store',
      });
    };
    const onData = (part: Buffer) => {
      const scanned = scanner.push(part);
      for (const chunk of scanned.chunks) {
        if (chunk.usage !== null) usage = chunk.usage;
        if (chunk.model !== null) answeredBy = chunk.model;
        if (chunk.hasContent) parts += 1;
        finished ||= chunk.finished;
        upstreamError ||= chunk.failed;
      }
      let full = false;
      if (scanned.forward.length > 0) {
        begin();
        full = !writeAtOnce(response, scanned.forward);
      }
      if (scanned.fault !== null) return break_(scanned.fault === 'line-too-long' ? 'too-large' : 'garbage');
      if (!full) {
        silence.heard();
        return;
      }
      /** The client reads slower than the model writes: the upstream waits, and its silence is ours. */
      upstream.pause();
      silence.pause();
      clearTimeout(stall);
      stall = setTimeout(abandon, limits.clientStallLimitMs);
    };
    upstream.on('data', onData);
    response.on('drain', () => {
      if (settled) return;
      clearTimeout(stall);
      silence.heard();
      upstream.resume();
    });
    response.on('close', () => {
      if (response.writableFinished) return;
      settle('cancelled', null);
      cancel();
    });
    upstream.on('end', () => {
      if (scanner.held > 0 || !(scanner.done || finished || upstreamError)) return break_('cut');
      begin();
      settle(upstreamError ? 'failed' : 'answered', upstreamError ? refusalError(502, null, null) : null);
      response.end();
    });
    upstream.on('error', (error) => break_(faultOfError(error)));
    upstream.on('close', () => break_('cut'));
  });
}
