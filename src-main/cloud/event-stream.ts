/** Pure: lets an event stream through line by line, each one checked before a client sees it. */
import { type ChunkFacts, readAnswer } from './usage-reading.ts';

export interface Scanned {
  /** Whole, checked lines; may be empty. */
  readonly forward: Buffer;
  /** What is wrong with the line after them; nothing more may be sent. */
  readonly fault: 'garbage' | 'line-too-long' | 'secret' | null;
  readonly chunks: readonly ChunkFacts[];
}

export interface EventScanner {
  push(part: Buffer): Scanned;
  /** The upstream said `[DONE]`. */
  readonly done: boolean;
  /** What was sent ends between two events: another may follow. */
  readonly betweenEvents: boolean;
  /** Bytes of a line that has no end yet. */
  readonly held: number;
}

export interface ScannerOptions {
  readonly lineMaxBytes: number;
  /** Must never travel back. */
  readonly secret: string;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);
const heldPartsMax = 64;
/** `[DONE]` with blanks around it; an ordinary part is longer and need not be trimmed to know. */
const doneMaxChars = 32;

export function createEventScanner({ lineMaxBytes, secret }: ScannerOptions): EventScanner {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let done = false;
  let betweenEvents = true;

  /** `null` when it is well. */
  function check(line: string, chunks: ChunkFacts[]): Scanned['fault'] {
    if (line === '') {
      betweenEvents = true;
      return null;
    }
    if (line.startsWith(':')) return null;
    if (line.startsWith('data:')) {
      const payload = line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5);
      betweenEvents = false;
      if (payload.length <= doneMaxChars && payload.trim() === '[DONE]') {
        done = true;
        return null;
      }
      try {
        const value: unknown = JSON.parse(payload);
        if (typeof value !== 'object' || value === null) return 'garbage';
        chunks.push(readAnswer(value));
        return null;
      } catch {
        return 'garbage';
      }
    }
    if (!/^(?:event|id|retry):/.test(line)) return 'garbage';
    betweenEvents = false;
    return null;
  }

  function push(part: Buffer): Scanned {
    const last = part.lastIndexOf(lineFeed);
    if (last < 0) {
      held.push(part);
      heldBytes += part.length;
      /** A line that trickles in byte by byte must not cost a buffer per byte. */
      if (held.length >= heldPartsMax) held = [Buffer.concat(held)];
      return { forward: nothing, fault: heldBytes > lineMaxBytes ? 'line-too-long' : null, chunks: [] };
    }
    const whole = part.subarray(0, last + 1);
    const block = heldBytes === 0 ? whole : Buffer.concat([...held, whole]);
    const rest = part.subarray(last + 1);
    held = rest.length > 0 ? [rest] : [];
    heldBytes = rest.length;

    const chunks: ChunkFacts[] = [];
    let start = 0;
    while (start < block.length) {
      const end = block.indexOf(lineFeed, start);
      const before = betweenEvents;
      /** Lines end in LF or CRLF. */
      const lineEnd = end > start && block[end - 1] === carriageReturn ? end - 1 : end;
      const line = block.toString('utf8', start, lineEnd);
      const fault =
        end - start > lineMaxBytes ? 'line-too-long' : line.includes(secret) ? 'secret' : check(line, chunks);
      if (fault !== null) {
        betweenEvents = before;
        return { forward: block.subarray(0, start), fault, chunks };
      }
      start = end + 1;
    }
    return { forward: block, fault: heldBytes > lineMaxBytes ? 'line-too-long' : null, chunks };
  }

  return {
    push,
    get done() {
      return done;
    },
    get betweenEvents() {
      return betweenEvents;
    },
    get held() {
      return heldBytes;
    },
  };
}
