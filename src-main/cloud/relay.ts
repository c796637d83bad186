/** The loopback door between the gateway and OpenRouter: adds the key, keeps the user's limits, and counts. */
import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { useAllCompilers } from '../compilers.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { cloudWords } from '../words/index.ts';
import { type Delivered, deliver, sendError } from './answer.ts';
import { type ApiError, apiError, errorBody } from './api-error.ts';
import { type CompletionRequest, prepareCompletion } from './completion-request.ts';
import { type RelayLimits, relayLimits } from './limits.ts';
import { openRouter, openRouterPaths, type Upstream } from './openrouter.ts';
import { estimateUsd, mostUsd, partialUsd } from './policy.ts';
import { createBodyBudget, readBody } from './request-body.ts';
import { guardRequest, relayFallbackHeader, relaySecretHeader } from './request-guard.ts';
import type { CloudSettings } from './settings.ts';
import type { Reservation, SpendGuard } from './spend.ts';
import { createUpstreamClient } from './upstream.ts';
import { faultError } from './upstream-errors.ts';
import type { UsageRecord } from './usage-record.ts';

/** What others may want to react to; none of it holds content. */
export type RelayEvent =
  /** Not let through: `code` is that of the answer, for instance `spend-cap-daily`. */
  | { readonly kind: 'refused'; readonly code: string }
  /** OpenRouter refused or failed: `code` is that of the answer, for instance `openrouter-key-refused`. */
  | { readonly kind: 'failed'; readonly code: string };

export interface RelayOptions {
  /** Asked for each request, so that a removed key is used no more. */
  readonly getKey: () => string | null;
  readonly settings: () => CloudSettings;
  readonly spend: SpendGuard;
  /** Whether a request that was meant for a local model may go on; asked before anything else is. */
  readonly judgeFallback?: () => ApiError | null;
  /** Called in the same turn in which the reservation ends, so that no cost is overlooked in between. */
  readonly record: (record: UsageRecord) => void;
  readonly onEvent?: (event: RelayEvent) => void;
  readonly log: (line: string) => void;
  /** OpenRouter itself, unless a loopback address of `loopbackUpstream`. */
  readonly upstream?: Upstream;
  readonly limits?: Partial<RelayLimits>;
  readonly now?: () => number;
}

export interface RelayAddress {
  readonly port: number;
  /** For the gateway's `api_base`. */
  readonly baseUrl: string;
  readonly secretHeader: string;
  /** Another with each launch; for the gateway's environment. */
  readonly secret: string;
}

export interface Relay {
  listen(): Promise<Result<RelayAddress>>;
  /** Requests on their way to OpenRouter. */
  readonly running: number;
  close(): Promise<void>;
}

const relaySecretBytes = 32;
const busyRetrySeconds = 2;

export function createRelay(options: RelayOptions): Relay {
  const { getKey, settings, spend, record, log } = options;
  const limits: RelayLimits = { ...relayLimits, ...options.limits };
  const now = options.now ?? Date.now;
  const tell = options.onEvent ?? (() => undefined);
  const secret = randomBytes(relaySecretBytes).toString('base64url');
  const secretBytes = Buffer.from(secret);
  const budget = createBodyBudget(limits.bodiesMaxBytes);
  const upstream = createUpstreamClient({
    upstream: options.upstream ?? openRouter,
    connectLimitMs: limits.connectLimitMs,
    connectionsMax: limits.runningMax,
  });
  /** Connections whose answer has begun or is awaited: a parser error there cannot be answered any more. */
  const answering = new WeakSet<Duplex>();
  let running = 0;
  let hasForwarded = false;
  let authority = '';

  const server = http.createServer({
    maxHeaderSize: limits.headerMaxBytes,
    headersTimeout: limits.headersLimitMs,
    requestTimeout: limits.requestLimitMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  });
  server.maxConnections = limits.connectionsMax;
  /** Node would drop the rest without a word; the size limit bounds them, and the guard counts. */
  server.maxHeadersCount = 0;

  function refuse(request: IncomingMessage, response: ServerResponse, error: ApiError, allow?: string): void {
    tell({ kind: 'refused', code: error.code });
    log(`Refused with ${error.status} ${error.code}.`);
    const headers = allow === undefined ? {} : { allow };
    if (request.complete) {
      sendError(response, error, headers);
      return;
    }
    sendWhileItTalks(request, response, error, headers, limits.lingerMs);
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): Promise<void> {
    const guarded = guardRequest(
      { method: request.method ?? '', target: request.url ?? '', rawHeaders: request.rawHeaders },
      { authority, secret: secretBytes, headersMax: limits.headersMax, bodyMaxBytes: limits.bodyMaxBytes },
    );
    if (!guarded.ok) return refuse(request, response, guarded.error, guarded.allow);
    if (guarded.route === 'models') return sendModels(response, settings());

    const isFallback = request.headers[relayFallbackHeader] !== undefined;
    const refusal = (isFallback ? options.judgeFallback?.() : null) ?? spend.judge();
    if (refusal !== null) return refuse(request, response, refusal);
    if (expectsContinue) response.writeContinue();
    const body = await readBody(request, limits.bodyMaxBytes, budget);
    if (body.kind === 'gone') return;
    if (body.kind === 'refused') return refuse(request, response, body.error);
    try {
      await complete(request, response, body.text, body.bytes);
    } finally {
      budget.give(body.bytes);
    }
  }

  async function complete(
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
    bytes: number,
  ): Promise<void> {
    const prepared = prepareCompletion(text, settings());
    if (!prepared.ok) return refuse(request, response, prepared.error);
    const wanted = prepared.value;
    if (running >= limits.runningMax) return refuse(request, response, tooMany());
    const admitted = spend.admit({
      estimateUsd: estimateUsd(wanted.model, bytes, wanted.answerTokens) * wanted.answers,
      mostUsd: mostUsd(wanted, bytes),
    });
    if (!admitted.ok) return refuse(request, response, admitted.error);
    const key = getKey();
    if (key === null || key === '') {
      admitted.value.release();
      return refuse(request, response, apiError(401, 'openrouter-key-missing', cloudWords.relayHasNoKey));
    }
    /** Whoever uses no cloud keeps the memory. */
    if (!hasForwarded) useAllCompilers();
    hasForwarded = true;
    running += 1;
    try {
      await forward(response, wanted, bytes, key, admitted.value);
    } finally {
      running -= 1;
      admitted.value.release();
    }
  }

  async function forward(
    response: ServerResponse,
    wanted: CompletionRequest,
    bytes: number,
    key: string,
    reservation: Reservation,
  ): Promise<void> {
    const at = now();
    const startedMs = performance.now();
    const call = upstream.send({
      method: 'POST',
      path: openRouterPaths.completions,
      key,
      body: wanted.body,
      accept: wanted.stream ? 'text/event-stream' : 'application/json',
      firstByteLimitMs: limits.firstByteLimitMs,
    });
    const onClose = () => {
      if (!response.writableFinished) call.cancel();
    };
    if (response.destroyed) call.cancel();
    else response.on('close', onClose);
    const sent = await call.answer;
    const firstByteMs = sent.ok ? performance.now() - startedMs : null;
    const delivered = sent.ok
      ? await deliver({ response, answer: sent.value, key, limits, cancel: call.cancel })
      : unanswered(response, sent.error);
    response.off('close', onClose);

    const { usage, outcome } = delivered;
    const known = delivered.free ? 0 : (usage?.costUsd ?? null);
    /** In one turn with the record, so that the next request sees either the reservation or the cost. */
    reservation.release();
    record({
      kind: 'request',
      at,
      model: wanted.model.id,
      answeredBy: delivered.answeredBy,
      outcome,
      status: delivered.status,
      promptTokens: usage?.promptTokens ?? 0,
      completionTokens: usage?.completionTokens ?? delivered.parts,
      costUsd:
        known ??
        (outcome === 'answered' ? reservation.estimateUsd : partialUsd(wanted.model, bytes, delivered.parts)),
      estimated: known === null,
      firstByteMs,
      totalMs: performance.now() - startedMs,
    });
    if (delivered.code !== null) {
      tell({ kind: 'failed', code: delivered.code });
      log(`${wanted.model.id}: ${outcome} with ${delivered.status} ${delivered.code}.`);
    }
  }

  function onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    answering.add(socket);
    response.on('close', () => answering.delete(socket));
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    serve(request, response, expectsContinue).catch((bug: unknown) => {
      /** Only the name: a message could quote what was parsed. */
      log(`A request ended in a bug: ${bug instanceof Error ? bug.name : 'unknown'}.`);
      if (!response.headersSent) sendError(response, apiError(500, 'relay-bug', cloudWords.relayFailed));
      else response.destroy();
    });
  }

  server.on('request', (request, response) => onRequest(request, response, false));
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('checkExpectation', (request, response) =>
    refuse(request, response, apiError(417, 'expectation', cloudWords.onlyContinue)),
  );
  server.on('clientError', (error, socket) => {
    if (answering.has(socket) || !socket.writable || errnoOf(error) === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    answerParserError(socket, parserError(errnoOf(error)), limits.lingerMs);
  });

  function listen(): Promise<Result<RelayAddress>> {
    const { promise, resolve } = Promise.withResolvers<Result<RelayAddress>>();
    // For good: a connection that cannot be taken in later, with no descriptor left, must not end the app.
    server.on('error', (error) => {
      log(`The port: ${errnoOf(error) ?? 'unknown'}.`);
      resolve(fail(cannotListen(error)));
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('The relay has no port');
      authority = `127.0.0.1:${address.port}`;
      resolve(
        ok({
          port: address.port,
          baseUrl: `http://${authority}/api/v1`,
          secretHeader: relaySecretHeader,
          secret,
        }),
      );
    });
    return promise;
  }

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const grace = setTimeout(() => server.closeAllConnections(), limits.closeGraceMs);
    server.closeIdleConnections();
    await closed;
    clearTimeout(grace);
    upstream.close();
  }

  return {
    listen,
    get running() {
      return running;
    },
    close,
  };
}

function unanswered(response: ServerResponse, fault: Parameters<typeof faultError>[0]): Delivered {
  const error = faultError(fault);
  const cancelled = fault === 'cancelled';
  if (!cancelled) sendError(response, error);
  return {
    outcome: cancelled ? 'cancelled' : 'failed',
    status: error.status,
    code: cancelled ? null : error.code,
    usage: null,
    answeredBy: null,
    parts: 0,
    /** A model may have begun before the connection was lost; without a connection none has. */
    free: fault === 'offline' || fault === 'tls',
  };
}

/** The models that may be asked for, from memory: nothing is asked of OpenRouter. */
function sendModels(response: ServerResponse, settings: CloudSettings): void {
  const body = JSON.stringify({
    object: 'list',
    data: settings.models.map(({ id }) => ({ id, object: 'model' })),
  });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Refuses a request whose body still arrives: a connection closed with unread bytes is reset, and the client would
 * lose the answer. So the rest is thrown away for a moment before the end.
 */
function sendWhileItTalks(
  request: IncomingMessage,
  response: ServerResponse,
  error: ApiError,
  headers: Record<string, string>,
  lingerMs: number,
): void {
  const body = errorBody(error);
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    ...headers,
  });
  response.write(body);
  const finish = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, lingerMs);
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}

function parserError(code: string | null): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') return apiError(431, 'headers-too-large', cloudWords.headersTooLarge);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return apiError(408, 'request-too-slow', cloudWords.tookTooLong);
  return apiError(400, 'not-http', cloudWords.notUnderstood);
}

function answerParserError(socket: Duplex, error: ApiError, lingerMs: number): void {
  const body = errorBody(error);
  const head = [
    `HTTP/1.1 ${error.status} ${http.STATUS_CODES[error.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

function tooMany(): ApiError {
  return apiError(503, 'relay-busy', cloudWords.tooManyRequests, {
    retryAfterSeconds: busyRetrySeconds,
  });
}

function cannotListen(error: Error): Problem {
  return problem(
    'relay-cannot-listen',
    cloudWords.relayCannotListen(errnoOf(error) ?? 'unknown'),
    cloudWords.startAgainWithoutCloud,
  );
}
