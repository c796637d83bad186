/** Pure: whether a request's line and headers may come in at all. Everything not named here is refused. */
import { timingSafeEqual } from 'node:crypto';
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
    return refused(apiError(431, 'too-many-headers', 'The request has too many headers.'));
  }
  const hosts = valuesOf(rawHeaders, 'host');
  if (hosts.length !== 1 || hosts[0] !== options.authority) {
    return refused(apiError(403, 'host-not-allowed', 'This address is not served here.'));
  }
  if (comesFromBrowser(rawHeaders)) {
    return refused(apiError(403, 'origin-not-allowed', 'Web pages are not served here.'));
  }
  const secrets = valuesOf(rawHeaders, relaySecretHeader);
  if (secrets.length !== 1 || !isSecret(secrets[0] ?? '', options.secret)) {
    return refused(apiError(401, 'relay-secret-wrong', 'Only the gateway of MLX Stack is served here.'));
  }
  const known = Object.hasOwn(routes, head.target) ? routes[head.target] : undefined;
  if (known === undefined)
    return refused(apiError(404, 'path-not-allowed', 'There is nothing at this path.'));
  if (head.method !== known.method) {
    return refused(apiError(405, 'method-not-allowed', `Only ${known.method} is served here.`), known.method);
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
    return apiError(400, 'ambiguous-length', 'The request says twice how long it is.');
  }
  if (encodings.length === 1 && encodings[0]?.toLowerCase() !== 'chunked') {
    return apiError(400, 'transfer-encoding', 'Only chunked bodies are understood.');
  }
  if (valuesOf(rawHeaders, 'upgrade').length > 0) {
    return apiError(400, 'upgrade-not-allowed', 'Only plain requests are served here.');
  }
  const length = lengths[0];
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return apiError(400, 'content-length', 'The request’s length is not a number.');
  }
  const hasBody = encodings.length > 0 || (length !== undefined && Number(length) > 0);
  if (method === 'GET') return hasBody ? apiError(400, 'body-not-allowed', 'A GET has no body here.') : null;
  if (!hasBody) return apiError(411, 'body-missing', 'The request has no body.');
  if (length !== undefined && Number(length) > bodyMaxBytes) return bodyTooLarge(bodyMaxBytes);
  if (valuesOf(rawHeaders, 'content-encoding').length > 0) {
    return apiError(415, 'content-encoding', 'The body must not be compressed.');
  }
  const types = valuesOf(rawHeaders, 'content-type');
  const isJson = types.length === 1 && /^application\/json(?:\s*;|$)/i.test(types[0] ?? '');
  return isJson ? null : apiError(415, 'content-type', 'The body must be application/json.');
}

export function bodyTooLarge(bodyMaxBytes: number): ApiError {
  return apiError(
    413,
    'body-too-large',
    `The request is larger than ${Math.floor(bodyMaxBytes / (1024 * 1024))} MB.`,
  );
}
