/** Answers in OpenRouter's shapes. */
import type { ServerResponse } from 'node:http';

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    /** Headers that a careless proxy would hand on. */
    'x-upstream-internal': 'cf-ray 8f00ba4',
    'set-cookie': '__cf_bm=stand-in; Path=/; HttpOnly',
    'access-control-allow-origin': '*',
    ...headers,
  });
  response.end(body);
}

export function sendRefusal(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(
    response,
    status,
    { error: { code: status, message, metadata: { error_type: `http_${status}` } } },
    headers,
  );
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
