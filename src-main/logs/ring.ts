/** The last lines of a service, in memory: bounded by lines and by bytes, taken apart only when somebody asks. */

const ringMaxLines = 2000;
const ringMaxBytes = 256 * 1024;

export interface Ring {
  /** Whole lines; copied. */
  push(lines: Buffer): void;
  /** The last `count` lines, oldest first, decoded. */
  last(count: number): string[];
}

const newline = 10;
const firstBytes = 4096;

/** Appends to one piece of memory of at most twice what it keeps, so that each byte is moved once at most. */
export function createRing(maxLines: number = ringMaxLines, maxBytes: number = ringMaxBytes): Ring {
  let memory = Buffer.alloc(0);
  let from = 0;
  let to = 0;
  /** What came before `from` was dropped: the first line may be the end of one. */
  let isCut = false;

  function makeRoom(bytes: number): void {
    const kept = Math.min(to - from, maxBytes);
    isCut ||= kept < to - from;
    const wanted = Math.max(2 * maxBytes, bytes);
    const target =
      memory.length < wanted
        ? Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(firstBytes, 2 * (kept + bytes))))
        : memory;
    memory.copy(target, 0, to - kept, to);
    memory = target;
    from = 0;
    to = kept;
  }

  return {
    push(lines) {
      // Of a block that is too large only its end can be kept.
      const fits = lines.subarray(Math.max(0, lines.length - maxBytes));
      if (memory.length - to < fits.length) makeRoom(fits.length);
      to += fits.copy(memory, to);
      if (fits.length === lines.length) return;
      from = to - fits.length;
      isCut = true;
    },
    last(count) {
      const wanted = Math.min(count, maxLines);
      if (wanted <= 0 || to === from) return [];
      const isWhole = !isCut && to - from <= maxBytes;
      const start = Math.max(from, to - maxBytes);
      const held = memory.subarray(isWhole ? start : memory.indexOf(newline, start) + 1, to);
      if (held.length === 0) return [];
      let first = held.length - 1;
      for (let lines = 0; lines < wanted && first >= 0; lines += 1)
        first = first === 0 ? -1 : held.lastIndexOf(newline, first - 1);
      return held.toString('utf8', first + 1, held.length - 1).split('\n');
    },
  };
}
