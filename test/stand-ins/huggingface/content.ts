/** The bytes of a file: the same on every run, any part of them at once, and none of them zero. */
import { createHash } from 'node:crypto';

export interface Content {
  readonly sizeBytes: number;
  /** Pieces of `[start, end)` that are only to be read. */
  pieces(start: number, end: number): Iterable<Buffer>;
}

const blockBytes = 1024 * 1024;
/** Apart from the size of a block, so that blocks differ. */
const turnBytes = 7919;
const bases = new Map<string, Buffer>();
const maxBases = 8;

export function seededContent(seed: string, sizeBytes: number): Content {
  return {
    sizeBytes,
    *pieces(start, end) {
      const twice = baseOf(seed);
      for (let position = start; position < end; ) {
        const block = Math.floor(position / blockBytes);
        const within = position - block * blockBytes;
        const length = Math.min(blockBytes - within, end - position);
        const turn = (block * turnBytes) % blockBytes;
        yield twice.subarray(turn + within, turn + within + length);
        position += length;
      }
    },
  };
}

export function textContent(text: string): Content {
  const bytes = Buffer.from(text);
  return {
    sizeBytes: bytes.length,
    *pieces(start, end) {
      if (start < end) yield bytes.subarray(start, end);
    },
  };
}

export function joined(first: Content, second: Content): Content {
  const { sizeBytes: border } = first;
  return {
    sizeBytes: border + second.sizeBytes,
    *pieces(start, end) {
      if (start < border) yield* first.pieces(start, Math.min(end, border));
      if (end > border) yield* second.pieces(Math.max(0, start - border), end - border);
    },
  };
}

/** The whole of it, for small files and for tests. */
export const bytesOf = (content: Content): Buffer => Buffer.concat([...content.pieces(0, content.sizeBytes)]);

export function sha256Of(content: Content): string {
  const hash = createHash('sha256');
  for (const piece of content.pieces(0, content.sizeBytes)) hash.update(piece);
  return hash.digest('hex');
}

/** As `git hash-object` says it. */
export function gitSha1Of(content: Content): string {
  const hash = createHash('sha1').update(`blob ${content.sizeBytes}\0`);
  for (const piece of content.pieces(0, content.sizeBytes)) hash.update(piece);
  return hash.digest('hex');
}

/** One block twice in a row, so that a turned block is one piece. */
function baseOf(seed: string): Buffer {
  const known = bases.get(seed);
  if (known !== undefined) return known;
  const block = Buffer.alloc(blockBytes);
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0) || 1;
  for (let index = 0; index < blockBytes; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[index] = 1 + ((state >>> 0) % 255);
  }
  const twice = Buffer.concat([block, block]);
  const [oldest] = bases.keys();
  if (bases.size >= maxBases && oldest !== undefined) bases.delete(oldest);
  bases.set(seed, twice);
  return twice;
}
