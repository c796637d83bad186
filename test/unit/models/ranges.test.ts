import { describe, expect, it } from 'vitest';
import {
  addRange,
  areSoundRanges,
  firstGap,
  prefixEnd,
  type Range,
  type Ranges,
  removeRange,
  totalOf,
} from '../../../src-main/models/ranges.ts';

describe('ranges', () => {
  it('grow together where they touch or overlap', () => {
    expect(addRange([], [5, 9])).toEqual([[5, 9]]);
    expect(addRange([[0, 5]], [5, 9])).toEqual([[0, 9]]);
    expect(
      addRange(
        [
          [0, 2],
          [8, 9],
        ],
        [4, 6],
      ),
    ).toEqual([
      [0, 2],
      [4, 6],
      [8, 9],
    ]);
    expect(
      addRange(
        [
          [0, 2],
          [4, 6],
          [8, 9],
        ],
        [1, 8],
      ),
    ).toEqual([[0, 9]]);
    expect(addRange([[0, 2]], [7, 7])).toEqual([[0, 2]]);
  });

  it('are cut where something is taken away', () => {
    expect(removeRange([[0, 9]], [3, 5])).toEqual([
      [0, 3],
      [5, 9],
    ]);
    expect(
      removeRange(
        [
          [0, 4],
          [6, 9],
        ],
        [2, 7],
      ),
    ).toEqual([
      [0, 2],
      [7, 9],
    ]);
    expect(removeRange([[0, 4]], [4, 9])).toEqual([[0, 4]]);
    expect(removeRange([[0, 4]], [3, 2])).toEqual([[0, 4]]);
  });

  it('tell the first gap, never beyond the end and never more than asked for', () => {
    expect(firstGap([], 10, 4)).toEqual([0, 4]);
    expect(
      firstGap(
        [
          [0, 3],
          [5, 10],
        ],
        10,
        100,
      ),
    ).toEqual([3, 5]);
    expect(firstGap([[0, 3]], 10, 100)).toEqual([3, 10]);
    expect(firstGap([[2, 3]], 10, 100)).toEqual([0, 2]);
    expect(firstGap([[0, 10]], 10, 4)).toBeNull();
    expect(firstGap([], 0, 4)).toBeNull();
  });

  it('tell how far it goes without a gap', () => {
    expect(prefixEnd([])).toBe(0);
    expect(prefixEnd([[1, 4]])).toBe(0);
    expect(
      prefixEnd([
        [0, 4],
        [5, 6],
      ]),
    ).toBe(4);
  });

  it('are sound only in order, apart, not empty, within the file', () => {
    const unsound: Ranges[] = [
      [[0, 0]],
      [[3, 2]],
      [
        [0, 4],
        [4, 5],
      ],
      [
        [5, 6],
        [0, 1],
      ],
      [[0, 11]],
      [
        [0, 2],
        [1, 3],
      ],
    ];
    for (const ranges of unsound) expect(areSoundRanges(ranges, 10), JSON.stringify(ranges)).toBe(false);
    expect(
      areSoundRanges(
        [
          [0, 4],
          [5, 10],
        ],
        10,
      ),
    ).toBe(true);
    expect(areSoundRanges([], 0)).toBe(true);
  });

  it('are what a set of bytes would be, whatever is added and taken away', () => {
    const size = 40;
    const random = seededRandom(7);
    for (let round = 0; round < 40; round += 1) {
      let ranges: Ranges = [];
      const bytes = new Set<number>();
      for (let step = 0; step < 30; step += 1) {
        const start = Math.floor(random() * size);
        const range: Range = [start, start + Math.floor(random() * (size - start + 1))];
        const isAdded = random() < 0.6;
        ranges = isAdded ? addRange(ranges, range) : removeRange(ranges, range);
        for (let at = range[0]; at < range[1]; at += 1) {
          if (isAdded) bytes.add(at);
          else bytes.delete(at);
        }
        expect(areSoundRanges(ranges, size)).toBe(true);
        expect(totalOf(ranges)).toBe(bytes.size);
        expect(
          ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at)),
        ).toEqual([...bytes].sort((a, b) => a - b));
        const gap = firstGap(ranges, size, 5);
        const firstMissing = Array.from({ length: size }, (_, at) => at).find((at) => !bytes.has(at));
        expect(gap?.[0]).toBe(firstMissing);
        if (gap !== null) for (let at = gap[0]; at < gap[1]; at += 1) expect(bytes.has(at)).toBe(false);
      }
    }
  });
});

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
