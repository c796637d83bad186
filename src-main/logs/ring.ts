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

/** One piece of memory, written around: it grows to what may be kept, and each byte is copied into it once. */
export function createRing(maxLines: number = ringMaxLines, maxBytes: number = ringMaxBytes): Ring {
  let memory = Buffer.alloc(0);
  /** Where the next byte goes, and how many before it are kept. */
  let end = 0;
  let kept = 0;
  /** What came before was dropped: the first line may be the end of one. */
  let isCut = false;

  /** Oldest first. */
  function* pieces(): Generator<Buffer> {
    if (kept > end) yield memory.subarray(memory.length + end - kept);
    yield memory.subarray(Math.max(0, end - kept), end);
  }

  function grow(bytes: number): void {
    const target = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(firstBytes, 2 * bytes)));
    const held = [...pieces()];
    end = 0;
    for (const piece of held) end += piece.copy(target, end);
    memory = target;
  }

  return {
    push(lines) {
      if (lines.length === 0) return;
      // Of a block that is too large only its end can be kept.
      const fits = lines.subarray(Math.max(0, lines.length - maxBytes));
      isCut ||= kept + lines.length > maxBytes;
      if (memory.length < Math.min(maxBytes, kept + fits.length)) grow(kept + fits.length);
      const first = fits.copy(memory, end);
      const second = fits.copy(memory, 0, first);
      end = second > 0 ? second : (end + first) % memory.length;
      kept = Math.min(memory.length, kept + fits.length);
    },
    last(count) {
      const wanted = Math.min(count, maxLines);
      if (wanted <= 0 || kept === 0) return [];
      const all = Buffer.concat([...pieces()]);
      const held = isCut ? all.subarray(all.indexOf(newline) + 1) : all;
      if (held.length === 0) return [];
      let first = held.length - 1;
      for (let lines = 0; lines < wanted && first >= 0; lines += 1)
        first = first === 0 ? -1 : held.lastIndexOf(newline, first - 1);
      return held.toString('utf8', first + 1, held.length - 1).split('\n');
    },
  };
}
