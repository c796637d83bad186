/** Pure: whether a request's line and headers may come in at all. Everything not named here is refused. */
import { timingSafeEqual } from 'node:crypto';
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';
import { openRouterPaths } from './openrouter.ts';

/** Lower case; the gateway sends it with each request. */
export const relaySecretHeader = 'x-mlx-stack-relay';
/** Sent by the gateway with requests that were meant for a local model and got no answer there. */
export const relayFallbackHeader = 'x-mlx-stack-fallback';

export type RelayRoute = 'completions' | 'models';

export interface RequestHead {
  readonly method: string;
  /** As it stood in the request line. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
}

export interface GuardOptions {
  /** `127.0.0.1:PORT`. */
  readonly authority: string;
  readonly secret: Buffer;
  readonly headersMax: number;
  readonly bodyMaxBytes: number;
}

export type Guarded =
  | { readonly ok: true; readonly route: RelayRoute }
  | { readonly ok: false; readonly error: ApiError; readonly allow?: string };

const routes: Readonly<Record<string, { readonly route: RelayRoute; readonly method: string }>> = {
  [openRouterPaths.completions]: { route: 'completions', method: 'POST' },
  [openRouterPaths.models]: { route: 'models', method: 'GET' },
};

/** Always as many bytes as the secret has, so that the comparison takes the same time whatever was sent. */
export function isSecret(sent: string, secret: Buffer): boolean {
  const given = Buffer.alloc(secret.length);
  given.write(sent, 'utf8');
  return timingSafeEqual(given, secret) && Buffer.byteLength(sent) === secret.length;
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}

/** Browsers send these and no engine does: a page of any origin has no business here. */
const browserHeaders: ReadonlySet<string> = new Set([
  'origin',
  'cookie',
  'sec-fetch-site',
  'sec-websocket-key',
]);

function comesFromBrowser(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((name, at) => at % 2 === 0 && browserHeaders.has(name.toLowerCase()));
}

const refused = (error: ApiError, allow?: string): Guarded =>
  allow === undefined ? { ok: false, error } : { ok: false, error, allow };

export function guardRequest(head: RequestHead, options: GuardOptions): Guarded {
  const { rawHeaders } = head;
  if (rawHeaders.length > options.headersMax * 2) {
    return refused(apiError(431, 'too-many-headers', cloudWords.tooManyHeaders));
  }
  const hosts = valuesOf(rawHeaders, 'host');
  if (hosts.length !== 1 || hosts[0] !== options.authority) {
    return refused(apiError(403, 'host-not-allowed', cloudWords.addressNotServed));
  }
  if (comesFromBrowser(rawHeaders)) {
    return refused(apiError(403, 'origin-not-allowed', cloudWords.webPagesNotServed));
  }
  const secrets = valuesOf(rawHeaders, relaySecretHeader);
  if (secrets.length !== 1 || !isSecret(secrets[0] ?? '', options.secret)) {
    return refused(apiError(401, 'relay-secret-wrong', cloudWords.onlyGatewayServed));
  }
  const known = Object.hasOwn(routes, head.target) ? routes[head.target] : undefined;
  if (known === undefined) return refused(apiError(404, 'path-not-allowed', cloudWords.nothingAtPath));
  if (head.method !== known.method) {
    return refused(
      apiError(405, 'method-not-allowed', cloudWords.onlyMethodServed(known.method)),
      known.method,
    );
  }
  const body = guardBodyHeaders(head.method, rawHeaders, options.bodyMaxBytes);
  return body === null ? { ok: true, route: known.route } : refused(body);
}

function guardBodyHeaders(
  method: string,
  rawHeaders: readonly string[],
  bodyMaxBytes: number,
): ApiError | null {
  const lengths = valuesOf(rawHeaders, 'content-length');
  const encodings = valuesOf(rawHeaders, 'transfer-encoding');
  /** Node's parser refuses these too; two readers of one request must never differ on where it ends. */
  if (encodings.length + lengths.length > 1) {
    return apiError(400, 'ambiguous-length', cloudWords.lengthTwice);
  }
  if (encodings.length === 1 && encodings[0]?.toLowerCase() !== 'chunked') {
    return apiError(400, 'transfer-encoding', cloudWords.onlyChunked);
  }
  if (valuesOf(rawHeaders, 'upgrade').length > 0) {
    return apiError(400, 'upgrade-not-allowed', cloudWords.onlyPlainRequests);
  }
  const length = lengths[0];
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return apiError(400, 'content-length', cloudWords.lengthNotNumber);
  }
  const hasBody = encodings.length > 0 || (length !== undefined && Number(length) > 0);
  if (method === 'GET') return hasBody ? apiError(400, 'body-not-allowed', cloudWords.getHasNoBody) : null;
  if (!hasBody) return apiError(411, 'body-missing', cloudWords.noBody);
  if (length !== undefined && Number(length) > bodyMaxBytes) return bodyTooLarge(bodyMaxBytes);
  if (valuesOf(rawHeaders, 'content-encoding').length > 0) {
    return apiError(415, 'content-encoding', cloudWords.bodyCompressed);
  }
  const types = valuesOf(rawHeaders, 'content-type');
  const isJson = types.length === 1 && /^application\/json(?:\s*;|$)/i.test(types[0] ?? '');
  return isJson ? null : apiError(415, 'content-type', cloudWords.bodyNotJson);
}

export function bodyTooLarge(bodyMaxBytes: number): ApiError {
  return apiError(
    413,
    'body-too-large',
    cloudWords.requestTooLarge(Math.floor(bodyMaxBytes / (1024 * 1024))),
  );
}
