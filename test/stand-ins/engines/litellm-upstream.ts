/** One call from the proxy to a deployment, as the openai client makes it: whole or streamed, with its time limits. */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Deployment } from './litellm-config.ts';
import { type CallFailure, exceptionFor, providerException } from './litellm-routing.ts';
import { isRecord, type Json, parseJson, recordOf, textOf } from './values.ts';

export const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

export type UpstreamAnswer =
  | { readonly kind: 'whole'; readonly body: Json }
  /** The first chunk is already here: a stream that dies before it is a failed call. */
  | {
      readonly kind: 'stream';
      readonly first: Buffer;
      readonly rest: AsyncIterator<unknown>;
      readonly abort: () => void;
    }
  | { readonly kind: 'failed'; readonly failure: CallFailure };

export interface Upstream {
  readonly call: (
    deployment: Deployment,
    path: string,
    body: Json,
    gone: AbortSignal,
  ) => Promise<UpstreamAnswer>;
  readonly close: () => void;
}

/** What is meant for the proxy itself and never sent on. */
const PROXY_FIELDS = new Set([
  'mock_testing_fallbacks',
  'fallbacks',
  'context_window_fallbacks',
  'num_retries',
  'metadata',
  'litellm_metadata',
  'timeout',
]);

export function upstreamBody(deployment: Deployment, body: Json): Json {
  const passed = Object.fromEntries(Object.entries(body).filter(([name]) => !PROXY_FIELDS.has(name)));
  const usage = deployment.provider === 'openrouter' ? { usage: { include: true } } : {};
  return { ...passed, ...usage, model: deployment.upstreamModel };
}

export function upstreamHeaders(deployment: Deployment): Readonly<Record<string, string>> {
  const attribution =
    deployment.provider === 'openrouter'
      ? { 'http-referer': 'https://litellm.ai', 'x-title': 'liteLLM' }
      : {};
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'AsyncOpenAI/Python 2.0.0',
    ...attribution,
    authorization: `Bearer ${deployment.apiKey}`,
    ...deployment.extraHeaders,
  };
}

function upstreamMessage(text: string): string {
  const parsed = parseJson(text);
  const body = recordOf(parsed?.value);
  return textOf(recordOf(body['error'])['message']) ?? textOf(body['detail']) ?? text.slice(0, 1000);
}

function failureOf(
  deployment: Deployment,
  status: number,
  message: string,
  retryAfter?: string,
): CallFailure {
  const type = exceptionFor(status);
  const seconds = Number(retryAfter);
  return {
    status,
    type,
    message: `litellm.${type}: ${type}: ${providerException(deployment)} - ${message}`,
    ...(retryAfter !== undefined && Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
  };
}

async function readAll(response: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > ANSWER_LIMIT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function createUpstream(): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });

  const call: Upstream['call'] = async (deployment, path, body, gone) => {
    const failed = (status: number, message: string, retryAfter?: string): UpstreamAnswer => ({
      kind: 'failed',
      failure: failureOf(deployment, status, message, retryAfter),
    });
    const url = URL.parse(`${deployment.apiBase}${path}`);
    /** A stand-in never leaves the machine. */
    if (url?.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
      return failed(500, 'Connection error.');
    }
    const streams = body['stream'] === true;
    const limitMs = streams ? deployment.streamTimeoutMs : deployment.timeoutMs;
    const aborter = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      aborter.abort();
    }, limitMs);
    const onGone = () => aborter.abort();
    gone.addEventListener('abort', onGone, { once: true });
    const settle = () => {
      clearTimeout(timer);
      gone.removeEventListener('abort', onGone);
    };
    const payload = Buffer.from(JSON.stringify(upstreamBody(deployment, body)));
    let handedOver = false;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = request(url, {
          method: 'POST',
          agent,
          signal: aborter.signal,
          headers: { ...upstreamHeaders(deployment), 'content-length': String(payload.length) },
        });
        outgoing.on('response', resolve);
        outgoing.on('error', reject);
        outgoing.end(payload);
      });
      const status = response.statusCode ?? 500;
      if (status !== 200) {
        const text = await readAll(response);
        return failed(status, upstreamMessage(text ?? ''), response.headers['retry-after']);
      }
      if (!streams) {
        const text = await readAll(response);
        const parsed = text === null ? null : parseJson(text);
        if (!parsed || !isRecord(parsed.value)) return failed(500, 'Invalid response object: not JSON');
        return { kind: 'whole', body: parsed.value };
      }
      const chunks: AsyncIterator<unknown> = response[Symbol.asyncIterator]();
      const first = await chunks.next();
      if (first.done || !Buffer.isBuffer(first.value)) return failed(500, 'Connection error.');
      handedOver = true;
      clearTimeout(timer);
      return {
        kind: 'stream',
        first: first.value,
        rest: chunks,
        abort: () => {
          settle();
          aborter.abort();
        },
      };
    } catch {
      if (timedOut) return failed(408, `Request timed out. - timeout value=${limitMs / 1000}`);
      return failed(500, 'Connection error.');
    } finally {
      if (!handedOver) settle();
    }
  };
  return { call, close: () => agent.destroy() };
}
