/** Sends a file, or the part of it that is asked for, with the faults that are asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Content } from './content.ts';
import type { Fault } from './faults.ts';

const slowStepMs = 20;

interface Part {
  readonly start: number;
  readonly end: number;
}

/** `null`: no such range. */
function partOf(header: string | undefined, size: number): Part | 'whole' | null {
  if (header === undefined) return 'whole';
  const found = /^bytes=(\d+)-(\d*)$/.exec(header);
  if (found === null) return 'whole';
  const start = Number(found[1]);
  const end = found[2] === '' ? size : Math.min(size, Number(found[2]) + 1);
  return start < end ? { start, end } : null;
}

export function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: Content,
  headers: Readonly<Record<string, string>>,
  fault: Fault,
): void {
  const { sizeBytes } = content;
  const asked = fault.ignoresRange ? 'whole' : partOf(request.headers.range, sizeBytes);
  if (asked === null) {
    response.writeHead(416, { 'content-range': `bytes */${sizeBytes}` }).end();
    return;
  }
  const part = asked === 'whole' ? { start: 0, end: sizeBytes } : asked;
  const total = sizeBytes + (fault.rangeBytesMore ?? 0);
  response.writeHead(asked === 'whole' ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': String(part.end - part.start),
    ...(asked === 'whole' ? {} : { 'content-range': `bytes ${part.start}-${part.end - 1}/${total}` }),
    ...headers,
  });
  if (request.method === 'HEAD') response.end();
  else void pour(response, content, part, fault);
}

async function pour(response: ServerResponse, content: Content, part: Part, fault: Fault): Promise<void> {
  let sent = 0;
  const limit = Math.min(
    fault.cutAfterBytes ?? Number.POSITIVE_INFINITY,
    fault.stallAfterBytes ?? Number.POSITIVE_INFINITY,
  );
  const rate = fault.bytesPerSecond ?? null;
  const step = rate === null ? null : Math.max(1, Math.round((rate * slowStepMs) / 1000));
  const beganMs = performance.now();
  for (const piece of pieces(content, part, step)) {
    if (response.destroyed) return;
    const bytes = sent === 0 && fault.otherContent ? withOtherByte(piece) : piece;
    const allowed = bytes.subarray(0, limit - sent);
    if (allowed.length > 0 && !response.write(allowed)) await drained(response);
    sent += allowed.length;
    if (sent >= limit) {
      if (fault.cutAfterBytes !== undefined) cut(response);
      return;
    }
    if (rate === null || fault.slowUntil?.aborted === true) continue;
    // By the clock, since a timer comes later than it is asked for.
    const aheadMs = (sent / rate) * 1000 - (performance.now() - beganMs);
    if (aheadMs >= 1) await delay(aheadMs);
  }
  response.end();
}

/** What was sent arrives; then the connection breaks. */
function cut(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) return;
  if (socket.writableLength === 0) socket.destroy();
  else socket.once('drain', () => socket.destroy());
}

function* pieces(content: Content, { start, end }: Part, step: number | null): Iterable<Buffer> {
  for (const piece of content.pieces(start, end)) {
    if (step === null) yield piece;
    else for (let at = 0; at < piece.length; at += step) yield piece.subarray(at, at + step);
  }
}

function withOtherByte(piece: Buffer): Buffer {
  const copy = Buffer.from(piece);
  copy[0] = ((copy[0] ?? 0) % 255) + 1;
  return copy;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off('drain', end).off('close', end);
      resolve();
    };
    response.on('drain', end).on('close', end);
  });
}
