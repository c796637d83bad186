/** Sends requests to OpenRouter: TLS always verified, redirects never followed, every wait bounded. */
import http from 'node:http';
import type https from 'node:https';
import { errnoOf } from '../files/file-problems.ts';
import { loadHttps } from '../secure-connections.ts';
import { createKeptConnections, type KeptConnections } from './kept-connections.ts';
import { attribution, isKnownUpstream, type Upstream } from './openrouter.ts';
import { watchSilence } from './silence.ts';

/** Why there is no answer, or no whole one. */
export type UpstreamFault = 'offline' | 'timed-out' | 'tls' | 'cut' | 'garbage' | 'too-large' | 'cancelled';

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly key: string | null;
  readonly body: string | null;
  readonly accept: 'application/json' | 'text/event-stream';
  readonly firstByteLimitMs: number;
}

export interface UpstreamAnswer {
  readonly status: number;
  /** Lower case, without parameters. */
  readonly contentType: string;
  readonly retryAfterSeconds: number | null;
  readonly stream: http.IncomingMessage;
}

export type Sent =
  | { readonly ok: true; readonly value: UpstreamAnswer }
  | { readonly ok: false; readonly error: UpstreamFault };

export interface UpstreamCall {
  readonly answer: Promise<Sent>;
  /** Closes the connection, whatever it is doing. */
  cancel(): void;
}

export interface UpstreamClient {
  send(request: UpstreamRequest): UpstreamCall;
  close(): void;
}

export interface UpstreamClientOptions {
  readonly upstream: Upstream;
  readonly connectLimitMs: number;
  readonly connectionsMax: number;
}

const answerHeadersMaxBytes = 16 * 1024;
const attributionList = Object.entries(attribution).flat();
const retryAfterMaxSeconds = 86_400;

const offlineCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ECONNREFUSED',
  'EADDRNOTAVAIL',
]);
const tlsCode = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH)/;

export function faultOfError(error: unknown): UpstreamFault {
  const code = errnoOf(error) ?? '';
  if (offlineCodes.has(code)) return 'offline';
  if (tlsCode.test(code)) return 'tls';
  if (code.startsWith('HPE_')) return 'garbage';
  return code === 'ETIMEDOUT' ? 'timed-out' : 'cut';
}

export function createUpstreamClient({
  upstream,
  connectLimitMs,
  connectionsMax,
}: UpstreamClientOptions): UpstreamClient {
  if (!isKnownUpstream(upstream)) throw new Error('The upstream is neither OpenRouter nor on this machine');
  const origin = new URL(upstream.origin);
  const secure = origin.protocol === 'https:';
  let kept: KeptConnections | null = null;

  function connections(): KeptConnections {
    kept ??= createKeptConnections({ secure, connectionsMax, ca: upstream.ca });
    return kept;
  }

  function optionsOf({ method, path, key, body, accept }: UpstreamRequest): https.RequestOptions {
    return {
      agent: connections().agent,
      host: origin.hostname.replace(/^\[|\]$/g, ''),
      port: origin.port === '' ? (secure ? 443 : 80) : Number(origin.port),
      method,
      path,
      maxHeaderSize: answerHeadersMaxBytes,
      /** As a list, which Node writes as it is, instead of looking at each one several times. */
      headers: [
        ...['host', origin.host, 'accept', accept, 'accept-encoding', 'identity', 'user-agent', 'MLX-Stack'],
        ...attributionList,
        ...(key === null ? [] : ['authorization', `Bearer ${key}`]),
        ...(body === null
          ? []
          : ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]),
      ],
    };
  }

  function send(wanted: UpstreamRequest): UpstreamCall {
    const { promise, resolve } = Promise.withResolvers<Sent>();
    let current: http.ClientRequest | null = null;
    let cancelled = false;
    let settled = false;

    const settle = (sent: Sent) => {
      if (settled) return;
      settled = true;
      clearTimeout(connecting);
      clearTimeout(thinking);
      resolve(sent);
    };
    const giveUp = (fault: UpstreamFault) => {
      settle({ ok: false, error: fault });
      current?.destroy();
    };
    let connecting: NodeJS.Timeout | undefined;
    const thinking = setTimeout(() => giveUp('timed-out'), wanted.firstByteLimitMs);

    function attempt(mayRepeat: boolean): void {
      connections().dropDoubtful();
      const outgoing = (secure ? loadHttps() : http).request(optionsOf(wanted));
      current = outgoing;
      outgoing.on('socket', (socket) => {
        if (!socket.connecting || settled) return;
        connecting ??= setTimeout(() => giveUp('timed-out'), connectLimitMs);
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          clearTimeout(connecting);
          connecting = undefined;
        });
      });
      outgoing.on('response', (stream) => settle({ ok: true, value: headOf(stream) }));
      outgoing.on('error', (error) => {
        /** A kept connection that the other side closed just now: nothing was answered, so it is asked once more. */
        const stale =
          mayRepeat && outgoing.reusedSocket && !settled && !cancelled && faultOfError(error) === 'cut';
        if (stale) attempt(false);
        else settle({ ok: false, error: cancelled ? 'cancelled' : faultOfError(error) });
      });
      if (wanted.body === null) outgoing.end();
      else outgoing.end(wanted.body);
    }
    /**
     * A GET may be asked twice. Anything else is sent once, whatever becomes of it (RFC 9110 §9.2.2): whether a
     * connection that ends without an answer was read nobody knows, and a POST sent again could be billed twice. So
     * the doubt comes first: a kept connection is taken only when its end has not arrived by now.
     */
    if (wanted.method === 'GET') attempt(true);
    else if (connections().dropDoubtful() !== 'unseen') attempt(false);
    else
      afterNextPoll(() => {
        if (!settled) attempt(false);
      });

    return {
      answer: promise,
      cancel() {
        cancelled = true;
        giveUp('cancelled');
      },
    };
  }

  return { send, close: () => kept?.close() };
}

/** The system has been asked by then what arrived: the first may still run in the turn that is now. */
function afterNextPoll(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

function headOf(stream: http.IncomingMessage): UpstreamAnswer {
  /** Without a listener, an upstream that cuts would end the process; whoever reads has listeners of its own. */
  stream.on('error', () => undefined);
  const encoded = (stream.headers['content-encoding'] ?? 'identity') !== 'identity';
  return {
    status: stream.statusCode ?? 0,
    /** Compression was not asked for: what comes compressed is not what was asked for. */
    contentType: encoded ? '' : (stream.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''),
    retryAfterSeconds: retryAfterOf(stream.headers['retry-after']),
    stream,
  };
}

/** Seconds, or a date. */
function retryAfterOf(value: string | undefined): number | null {
  if (value === undefined) return null;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), retryAfterMaxSeconds) : null;
}

export type WholeText =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly error: UpstreamFault };

/** Reads an answer to its end, within bounds. */
export function readWhole(
  stream: http.IncomingMessage,
  {
    maxBytes,
    silenceLimitMs,
    totalLimitMs,
  }: { maxBytes: number; silenceLimitMs: number; totalLimitMs: number },
): Promise<WholeText> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const settle = (result: WholeText) => {
      silence.stop();
      clearTimeout(total);
      resolve(result);
      if (!result.ok) stream.destroy();
    };
    const silence = watchSilence(silenceLimitMs, () => settle({ ok: false, error: 'timed-out' }));
    const total = setTimeout(() => settle({ ok: false, error: 'timed-out' }), totalLimitMs);
    stream.on('data', (part: Buffer) => {
      silence.heard();
      bytes += part.length;
      if (bytes > maxBytes) settle({ ok: false, error: 'too-large' });
      else parts.push(part);
    });
    stream.on('end', () => settle({ ok: true, value: Buffer.concat(parts).toString('utf8') }));
    stream.on('error', (error) => settle({ ok: false, error: faultOfError(error) }));
    stream.on('close', () => settle({ ok: false, error: 'cut' }));
  });
}
