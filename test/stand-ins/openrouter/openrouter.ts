/** A stand-in for OpenRouter on loopback: its real paths, bodies and refusals, and its failures on demand. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { listModels } from './catalogue.ts';
import { complete } from './completions.ts';
import { sendJson, sendRefusal } from './replies.ts';
import { createSignInDesk } from './sign-in.ts';
import type { ApiKey, Behaviour, SeenRequest } from './types.ts';

export interface OpenRouterStandIn {
  readonly origin: string;
  /** Changed in place by a test. */
  readonly behaviour: Behaviour;
  readonly seen: readonly SeenRequest[];
  /** Completions whose client is still there. */
  readonly running: number;
  /** Resolves when no completion runs. */
  idle(): Promise<void>;
  issueKey(more?: Partial<Omit<ApiKey, 'key'>>): ApiKey;
  revokeKey(key: string): void;
  /** Closes kept connections, as a server does that has had enough of them. */
  dropIdle(): void;
  close(): Promise<void>;
}

export interface OpenRouterOptions {
  readonly behaviour?: Partial<Behaviour>;
  readonly keys?: readonly string[];
  /** Serves https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

const bodyMaxBytes = 64 * 1024 * 1024;
const seenMax = 10_000;
const minuteMs = 60_000;

export async function startOpenRouter(options: OpenRouterOptions = {}): Promise<OpenRouterStandIn> {
  const behaviour: Behaviour = {
    fault: { kind: 'none' },
    parts: 5,
    partDelayMs: 0,
    partBytes: 0,
    thinkMs: 0,
    costUsd: null,
    perMinute: Number.POSITIVE_INFINITY,
    signIn: 'approve',
    ...options.behaviour,
  };
  const keys = new Map<string, ApiKey>();
  const recent = new Map<string, number[]>();
  const seen: SeenRequest[] = [];
  const idleWaiters = new Set<() => void>();
  let running = 0;
  let answers = 0;

  function issueKey(
    more: Partial<Omit<ApiKey, 'key'>> = {},
    value = `sk-or-v1-${randomBytes(32).toString('hex')}`,
  ): ApiKey {
    const key: ApiKey = { key: value, label: 'stand-in', limit: null, limitReset: null, usage: 0, ...more };
    keys.set(value, key);
    return key;
  }
  for (const value of options.keys ?? []) issueKey({}, value);
  const desk = createSignInDesk(behaviour, issueKey);

  /** `null` after an answer was given instead. */
  function keyOf(request: IncomingMessage, response: ServerResponse): ApiKey | null {
    const value = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const key = value === undefined ? undefined : keys.get(value);
    if (key !== undefined) return key;
    sendRefusal(response, 401, value === undefined ? 'No cookie auth credentials found' : 'User not found.');
    return null;
  }

  function isTooFast(key: ApiKey): boolean {
    const now = Date.now();
    const times = (recent.get(key.key) ?? []).filter((at) => now - at < minuteMs);
    times.push(now);
    recent.set(key.key, times);
    return times.length > behaviour.perMinute;
  }

  function misbehaves(request: IncomingMessage, response: ServerResponse): boolean {
    const { fault } = behaviour;
    switch (fault.kind) {
      case 'status': {
        const retry = fault.retryAfter === undefined ? undefined : { 'retry-after': fault.retryAfter };
        sendRefusal(response, fault.status, fault.message ?? `Stand-in failure ${fault.status}`, retry);
        return true;
      }
      case 'silent':
        return true;
      case 'cut':
        request.socket.destroy();
        return true;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('\u0000\u0001{"data": [[[ not json');
        return true;
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html><body>Please log in to the hotel’s network</body></html>');
        return true;
      case 'redirect':
        response.writeHead(307, { location: fault.location });
        response.end();
        return true;
      default:
        return false;
    }
  }

  async function serveCompletion(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
  ): Promise<void> {
    const key = keyOf(request, response);
    if (key === null) return;
    if (isTooFast(key)) {
      return sendRefusal(response, 429, 'Rate limit exceeded: free-models-per-min', { 'retry-after': '7' });
    }
    running += 1;
    response.on('close', () => {
      running -= 1;
      if (running > 0) return;
      for (const waiter of idleWaiters) waiter();
      idleWaiters.clear();
    });
    answers += 1;
    await complete({ body, response, key, behaviour, id: `gen-${answers}` });
  }

  function serveKey(request: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(request, response);
    if (key === null) return;
    const { label, limit, usage, limitReset } = key;
    sendJson(response, 200, {
      data: {
        label,
        limit,
        limit_remaining: limit === null ? null : Math.max(0, limit - usage),
        limit_reset: limitReset,
        include_byok_in_limit: false,
        usage,
        usage_daily: usage,
        usage_weekly: usage,
        usage_monthly: usage,
        byok_usage: 0,
        is_free_tier: false,
        is_management_key: false,
        is_provisioning_key: false,
        expires_at: null,
        creator_user_id: 'user_stand_in',
        rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
      },
    });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    if (seen.length < seenMax)
      seen.push({ method: request.method ?? '', target: request.url ?? '', headers, body });
    const url = new URL(request.url ?? '/', 'http://stand-in');
    if (url.pathname === '/auth' && request.method === 'GET') return desk.page(url, response);
    if (misbehaves(request, response)) return;
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /api/v1/chat/completions':
        return serveCompletion(request, response, body);
      case 'GET /api/v1/models':
        return sendJson(response, 200, listModels());
      case 'GET /api/v1/key':
        return serveKey(request, response);
      case 'GET /api/v1/credits':
        return sendRefusal(response, 403, 'Only management keys can fetch credits for an account');
      case 'POST /api/v1/auth/keys':
        return desk.exchange(body, response);
      case 'GET /api/v1/auth/keys':
        return sendRefusal(response, 405, 'Method Not Allowed');
      default:
        return sendRefusal(response, 404, 'Not Found');
    }
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      process.stderr.write(`The stand-in for OpenRouter failed: ${String(error)}\n`);
      response.destroy();
    });
  };
  const server =
    options.tls === undefined ? http.createServer(onRequest) : https.createServer(options.tls, onRequest);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The stand-in has no port');

  return {
    origin: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    behaviour,
    seen,
    get running() {
      return running;
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.add(resolve))),
    issueKey: (more) => issueKey(more),
    dropIdle: () => server.closeIdleConnections(),
    revokeKey: (key) => void keys.delete(key),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > bodyMaxBytes) throw new Error('The request is too large for the stand-in');
    parts.push(part);
  }
  if (bytes === 0) return null;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return null;
  }
}
