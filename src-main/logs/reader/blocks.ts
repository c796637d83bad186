/** Blocks of whole lines out of a segment, forward or backward, from a plain or a packed file. */
import fs from 'node:fs';
import { openPlain, type Segment } from './segments.ts';
import { createUnpacker, type Unpacker } from './unpacker.ts';

/**
 * Bytes without a line end for this long are cut: at each multiple of it that has no line end in so many bytes before.
 * A rule that needs no more than a look around, so that reading forward and backward cut at the same places.
 */
export const cutBytes = 128 * 1024;
/**
 * V8 makes strings of this size in its nursery, several times faster than larger ones, and texts are what is searched. A
 * block that holds no whole line grows; the cut rule ends that soon.
 */
const blockBytes = 64 * 1024;
/** Archives that are kept partly unpacked. */
const unpackersMax = 4;
/** A last line without its end, in a file that was written so recently, may still be growing. */
const growingMs = 2000;

const newline = 10;

export interface Block {
  /** Offset in the segment of the first byte. */
  readonly base: number;
  /** Whole lines, the first of which begins at 0. */
  readonly bytes: Buffer;
}

/** Watches over one operation at a time. */
export interface Gate {
  /** Called before each reading; may throw an `Interruption` when the operation has something to show for its time. */
  onStep(hasProgress: boolean): void;
  /** Finding the place is done; from here on the operation has a slice of time, a long one when nobody waits for it. */
  startClock(isLong?: boolean): void;
  stopClock(): void;
}

/** What the last block was read into, to be read into again: a search does not leave its whole way to be collected. */
export interface BlockMemory {
  bytes: Buffer | null;
}

export interface BlockReader {
  /**
   * The first block from `offset`, which must be a line's start; `null` at the end of the segment. The first of an
   * operation is never interrupted: each log comes forward with each operation.
   */
  after(segment: Segment, offset: number, isFirst: boolean, memory?: BlockMemory): Promise<Block | null>;
  /** The block that ends at `offset`; `null` at its start. */
  before(segment: Segment, offset: number, isFirst: boolean, memory?: BlockMemory): Promise<Block | null>;
  /** Where the last whole line ends. */
  end(segment: Segment): Promise<number>;
  /** Bytes anywhere, for a look around. */
  look(segment: Segment, offset: number, length: number): Promise<Buffer>;
  /** Whether a file was not what it had been listed as: rotated, packed or removed since. Asked once. */
  wasStale(): boolean;
  /** After each operation: lets go of the plain files and of what is known of their ends; archives stay partly unpacked. */
  release(): void;
  close(): void;
}

/** The end of a line that begins at `start` and has no line end before it. */
export const cutAfter = (start: number): number => Math.ceil(start / cutBytes) * cutBytes + cutBytes;

export function createBlockReader({ onStep }: Pick<Gate, 'onStep'>): BlockReader {
  const plain = new Map<string, number>();
  const ends = new Map<Segment, number>();
  let isStale = false;
  const unpackers = new Map<string, { readonly segment: Segment; readonly unpacker: Unpacker }>();

  function unpackerOf(segment: Segment): Unpacker {
    const key = `${segment.dev}:${segment.ino}`;
    const known = unpackers.get(key);
    unpackers.delete(key);
    const one = known ?? {
      segment,
      unpacker: createUnpacker(
        () => openListed(segment),
        () => onStep(false),
      ),
    };
    unpackers.set(key, one);
    const [oldestKey, oldest] = unpackers.entries().next().value ?? [];
    if (unpackers.size > unpackersMax && oldestKey !== undefined) {
      oldest?.unpacker.close();
      unpackers.delete(oldestKey);
    }
    return one.unpacker;
  }

  function open(segment: Segment): number {
    const key = `${segment.dev}:${segment.ino}`;
    const known = plain.get(key);
    if (known !== undefined) return known;
    const fd = openListed(segment);
    plain.set(key, fd);
    return fd;
  }

  async function read(
    segment: Segment,
    offset: number,
    length: number,
    memory?: BlockMemory,
  ): Promise<Buffer> {
    if (length <= 0) return Buffer.alloc(0);
    try {
      if (segment.packed) return await unpackerOf(segment).read(offset, length);
      const fd = open(segment);
      const known = memory?.bytes ?? null;
      const block = known && known.length >= length ? known : Buffer.allocUnsafeSlow(length);
      if (memory) memory.bytes = block;
      let filled = 0;
      while (filled < length) {
        const count = fs.readSync(fd, block, filled, length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return block.subarray(0, filled);
    } catch (error) {
      if (isInterruption(error)) throw error;
      // Gone, replaced or not readable: the next look at the folder knows.
      isStale = true;
      return Buffer.alloc(0);
    }
  }

  async function end(segment: Segment): Promise<number> {
    const known = ends.get(segment);
    if (known !== undefined) return known;
    const found = await findEnd(segment);
    ends.set(segment, found);
    return found;
  }

  async function findEnd(segment: Segment): Promise<number> {
    if (segment.packed) {
      try {
        segment.bytes = await unpackerOf(segment).size();
      } catch (error) {
        if (isInterruption(error)) throw error;
        isStale = true;
        segment.bytes = 0;
      }
      return segment.bytes;
    }
    if (!segment.isCurrent || segment.bytes === 0 || Date.now() - segment.mtimeMs > growingMs) {
      return segment.bytes;
    }
    const tail = await read(
      segment,
      Math.max(0, segment.bytes - cutBytes),
      Math.min(cutBytes, segment.bytes),
    );
    const last = tail.lastIndexOf(newline);
    return last < 0 ? segment.bytes : segment.bytes - (tail.length - 1 - last);
  }

  function release(): void {
    for (const fd of plain.values()) fs.closeSync(fd);
    plain.clear();
    ends.clear();
  }

  return {
    end,
    look: read,
    async after(segment, offset, isFirst, memory) {
      const limit = segment.packed ? Number.MAX_SAFE_INTEGER : await end(segment);
      for (let length = blockBytes; ; length *= 2) {
        onStep(!isFirst);
        const bytes = await read(segment, offset, Math.min(length, limit - offset), memory);
        if (bytes.length === 0) return null;
        if (bytes.length < length) return { base: offset, bytes };
        const last = bytes.lastIndexOf(newline) + 1;
        const usable = last > 0 ? last : cutAfter(offset) - offset;
        if (usable <= bytes.length) return { base: offset, bytes: bytes.subarray(0, usable) };
      }
    },
    async before(segment, offset, isFirst, memory) {
      for (let length = blockBytes; offset > 0; length *= 2) {
        onStep(!isFirst);
        const base = Math.max(0, offset - length);
        const bytes = await read(segment, base, offset - base, memory);
        if (bytes.length < offset - base) return null;
        const start = base === 0 ? 0 : firstBoundary(bytes, base);
        if (start < bytes.length) return { base: base + start, bytes: bytes.subarray(start) };
      }
      return null;
    },
    wasStale() {
      const was = isStale;
      isStale = false;
      return was;
    },
    release,
    close() {
      release();
      for (const { unpacker } of unpackers.values()) unpacker.close();
      unpackers.clear();
    },
  };
}

/** Only the file that was listed: between the two it may have been rotated away. */
function openListed({ file, dev, ino }: Segment): number {
  const fd = openPlain(file);
  const stats = fs.fstatSync(fd);
  if (stats.isFile() && stats.dev === dev && stats.ino === ino) return fd;
  fs.closeSync(fd);
  throw new Error('another file by now');
}

/** The first place in `bytes` where a line is known to begin. */
function firstBoundary(bytes: Buffer, base: number): number {
  const line = bytes.indexOf(newline) + 1;
  const cut = cutAfter(base) - base;
  return line > 0 && line <= cut ? line : Math.min(cut, bytes.length);
}

/** Thrown to end an operation: cancelled, or its time is up. */
export class Interruption extends Error {}
export const isInterruption = (error: unknown): error is Interruption => error instanceof Interruption;
