/** Which bytes of a file are there: half-open ranges, in order, apart from each other. Pure. */

/** From the first up to, and without, the second. */
export type Range = readonly [start: number, end: number];
export type Ranges = readonly Range[];

const isEmptyRange = ([start, end]: Range): boolean => start >= end;

export function addRange(ranges: Ranges, added: Range): Ranges {
  if (isEmptyRange(added)) return ranges;
  let [start, end] = added;
  const before: Range[] = [];
  const after: Range[] = [];
  for (const range of ranges) {
    if (range[1] < start) before.push(range);
    else if (range[0] > end) after.push(range);
    else {
      start = Math.min(start, range[0]);
      end = Math.max(end, range[1]);
    }
  }
  return [...before, [start, end], ...after];
}

export function removeRange(ranges: Ranges, [start, end]: Range): Ranges {
  if (start >= end) return ranges;
  return ranges.flatMap((range): Range[] => {
    const left: Range = [range[0], Math.min(range[1], start)];
    const right: Range = [Math.max(range[0], end), range[1]];
    return [left, right].filter((part) => !isEmptyRange(part));
  });
}

export const totalOf = (ranges: Ranges): number => ranges.reduce((sum, [start, end]) => sum + end - start, 0);

/** The first bytes below `size` that are in none, at most `maxBytes` of them. */
export function firstGap(ranges: Ranges, size: number, maxBytes: number): Range | null {
  let start = 0;
  for (const range of ranges) {
    if (range[0] > start) return cut([start, Math.min(range[0], size)], maxBytes);
    start = Math.max(start, range[1]);
  }
  return start < size ? cut([start, size], maxBytes) : null;
}

const cut = ([start, end]: Range, maxBytes: number): Range => [start, Math.min(end, start + maxBytes)];

/** How far the file is there from its beginning without a gap. */
export function prefixEnd(ranges: Ranges): number {
  const [first] = ranges;
  return first !== undefined && first[0] === 0 ? first[1] : 0;
}

/** In order, apart, not empty, within the file: what a record must be to be believed. */
export function areSoundRanges(ranges: Ranges, size: number): boolean {
  let previousEnd = -1;
  for (const [start, end] of ranges) {
    if (start <= previousEnd || start >= end || end > size) return false;
    previousEnd = end;
  }
  return true;
}
