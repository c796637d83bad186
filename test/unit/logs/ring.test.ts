/** The last lines in memory, and that memory's bounds. */
import { describe, expect, it } from 'vitest';
import { createRing } from '../../../src-main/logs/ring.ts';
import { seededRandom } from '../../integration/support/hostile-names.ts';

describe('ring', () => {
  it('gives the last lines, oldest first', () => {
    const ring = createRing();
    expect(ring.last(5)).toEqual([]);
    ring.push(Buffer.from('one\ntwo\n'));
    ring.push(Buffer.from('three\n'));
    ring.push(Buffer.from(''));
    expect(ring.last(2)).toEqual(['two', 'three']);
    expect(ring.last(10)).toEqual(['one', 'two', 'three']);
    expect(ring.last(0)).toEqual([]);
    expect(ring.last(-1)).toEqual([]);
  });

  it('keeps empty lines, and one empty line is one line', () => {
    const ring = createRing();
    ring.push(Buffer.from('\n'));
    expect(ring.last(3)).toEqual(['']);
    ring.push(Buffer.from('\na\n\n'));
    expect(ring.last(9)).toEqual(['', '', 'a', '']);
    expect(ring.last(2)).toEqual(['a', '']);
  });

  it('decodes UTF-8', () => {
    const ring = createRing();
    ring.push(Buffer.from('é 漢\n'));
    expect(ring.last(1)).toEqual(['é 漢']);
  });

  it('holds no more lines than it may', () => {
    const ring = createRing(3);
    for (let i = 0; i < 5000; i += 1) ring.push(Buffer.from(`${i}\n`));
    expect(ring.last(100)).toEqual(['4997', '4998', '4999']);
    ring.push(Buffer.from('a\nb\nc\nd\n'));
    expect(ring.last(100)).toEqual(['b', 'c', 'd']);
  });

  it('is what the end of the whole text is, wherever its memory begins anew', () => {
    const random = seededRandom(7);
    for (const maxBytes of [16, 100, 5000]) {
      const ring = createRing(1000, maxBytes);
      let whole = '';
      for (let i = 0; i < 400; i += 1) {
        const lines = Array.from(
          { length: 1 + Math.floor(random() * 4) },
          (_, line) => `${i}.${line} ${'é'.repeat(Math.floor((random() ** 4 * maxBytes) / 2))}\n`,
        ).join('');
        ring.push(Buffer.from(lines));
        whole += lines;
        const bytes = Buffer.from(whole);
        const end = bytes.subarray(Math.max(0, bytes.length - maxBytes));
        const complete = end.length < bytes.length ? end.subarray(end.indexOf('\n') + 1) : end;
        expect(ring.last(1000)).toEqual(complete.toString('utf8').split('\n').slice(0, -1));
      }
    }
  });

  it('holds no more bytes than it may, and whole lines of a block that is too large', () => {
    const ring = createRing(1000, 64);
    for (let i = 0; i < 100; i += 1) ring.push(Buffer.from(`${'x'.repeat(20)}${i}\n`));
    expect(ring.last(100).join('\n').length).toBeLessThanOrEqual(64);
    ring.push(Buffer.from(`${'long '.repeat(30)}\nkept one\nkept two\n`));
    expect(ring.last(100).slice(-2)).toEqual(['kept one', 'kept two']);
    expect(ring.last(100).join('')).not.toContain('long');
  });
});
