/** Reads a request's body into memory: bounded for each request, and for all of them together. */
import type { IncomingMessage } from 'node:http';
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';
import { bodyTooLarge } from './request-guard.ts';

export interface BodyBudget {
  /** `false`: there is no room for so many bytes more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly usedBytes: number;
}

export function createBodyBudget(maxBytes: number): BodyBudget {
  let usedBytes = 0;
  return {
    take(bytes) {
      if (usedBytes + bytes > maxBytes) return false;
      usedBytes += bytes;
      return true;
    },
    give(bytes) {
      usedBytes -= bytes;
    },
    get usedBytes() {
      return usedBytes;
    },
  };
}

export type ReadBody =
  | { readonly kind: 'read'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'refused'; readonly error: ApiError }
  /** The client went away. */
  | { readonly kind: 'gone' };

/** A body that takes longer than this for all its parts is put together in between, so that crumbs cost little. */
const partsMax = 256;
const busyRetrySeconds = 2;

/** What was taken from the budget is given back by the caller for `read`, and here otherwise. */
export function readBody(request: IncomingMessage, maxBytes: number, budget: BodyBudget): Promise<ReadBody> {
  return new Promise((resolve) => {
    let parts: Buffer[] = [];
    let bytes = 0;
    let settled = false;
    const settle = (result: ReadBody) => {
      if (settled) return;
      settled = true;
      request.off('data', onData);
      parts = [];
      if (result.kind !== 'read') budget.give(bytes);
      resolve(result);
    };
    const onData = (part: Buffer) => {
      if (bytes + part.length > maxBytes) return settle({ kind: 'refused', error: bodyTooLarge(maxBytes) });
      if (!budget.take(part.length)) return settle({ kind: 'refused', error: busy() });
      bytes += part.length;
      parts.push(part);
      if (parts.length >= partsMax) parts = [Buffer.concat(parts)];
    };
    request.on('data', onData);
    request.on('end', () => {
      const text = decodeUtf8(Buffer.concat(parts));
      settle(text === null ? { kind: 'refused', error: notText() } : { kind: 'read', text, bytes });
    });
    request.on('error', () => settle({ kind: 'gone' }));
    request.on('close', () => settle({ kind: 'gone' }));
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const notText = () => apiError(400, 'body-not-text', cloudWords.bodyNotText);
const busy = () =>
  apiError(503, 'relay-busy', cloudWords.tooManyLargeRequests, {
    retryAfterSeconds: busyRetrySeconds,
  });
