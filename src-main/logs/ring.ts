/** The last lines of a service, in memory: bounded by lines and by bytes, taken apart only when somebody asks. */
import { textOf } from './lines.ts';

export const ringMaxLines = 2000;
export const ringMaxBytes = 256 * 1024;

export interface Ring {
  /** Whole lines, one character per byte. */
  push(lines: string): void;
  /** The last `count` lines, oldest first, decoded. */
  last(count: number): string[];
}

/**
 * Keeps blocks of lines as they come and cuts them into lines in `last` only: a flood costs the ring nothing per line.
 * Drops whole blocks, so that it may hold a block less than it could.
 */
export function createRing(maxLines: number = ringMaxLines, maxBytes: number = ringMaxBytes): Ring {
  let blocks: string[] = [];
  /** Blocks before it were dropped; the array is cut when they are many, not each time. */
  let first = 0;
  let bytes = 0;

  return {
    push(lines) {
      if (lines === '') return;
      // A block that is too large loses its first lines, never half a line.
      const fits =
        lines.length > maxBytes ? lines.slice(lines.indexOf('\n', lines.length - maxBytes - 1) + 1) : lines;
      blocks.push(fits);
      bytes += fits.length;
      // A block holds at least one line, so more blocks than lines are never needed.
      while (bytes > maxBytes || blocks.length - first > maxLines) {
        bytes -= blocks[first]?.length ?? 0;
        blocks[first] = '';
        first += 1;
      }
      if (first > 1024) {
        blocks = blocks.slice(first);
        first = 0;
      }
    },
    last(count) {
      const wanted = Math.min(count, maxLines);
      if (wanted <= 0 || bytes === 0) return [];
      const text = blocks.slice(first).join('');
      let from = text.length - 1;
      for (let lines = 0; lines < wanted && from >= 0; lines += 1)
        from = from === 0 ? -1 : text.lastIndexOf('\n', from - 1);
      return textOf(text.slice(from + 1, -1)).split('\n');
    },
  };
}
