/** A search over blocks of lines finds what the same search finds line by line, whatever the pattern. */
import { isAscii } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { compileQuery, type Matcher, rangesMax } from '../../../src-main/logs/reader/query.ts';

function compile(text: string, isPattern = true, matchCase = false): Matcher {
  const compiled = compileQuery({ text, isPattern, matchCase });
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.value;
}

const lines = [
  'INFO: started',
  'ERROR: "a quote" that [ends]',
  'foo\tbar baz',
  'foobarbaz',
  '',
  'x',
  'path C:\\temp\\new 100% (done)',
  'caffè Ärger ×3 more…',
  'ÄRGER again',
  'a1b22c333 foo',
  'bar',
  'end of foo',
];

const patterns = [
  'foo',
  'FOO',
  'foo\\s*bar',
  'foo[^x]*baz',
  'foo\\W',
  '\\D\\d{2}',
  '^foo',
  '^(?:bar|x)$',
  'foo$',
  '^$',
  'o.*b',
  '\\bbar\\b',
  '[^a-z]',
  '[\\s]b',
  '[\\W]d',
  '(?<=foo)bar',
  '(?=b)b',
  '(?!f)foo',
  '(?<name>a)\\d',
  '(a|b)\\d+',
  'è',
  'caff.',
  'ä',
  '[Ää]rger',
  'r ×',
  'x|^b',
  '"[^"]*"',
  '\\[ends\\]',
  '100%',
  '\\\\temp',
  '[^]',
  'a.b',
  '.{8}',
  'f(o)\\1',
  '(?:)',
  '\\x41',
  '…$',
];

/** Lines of a block that a search for candidates leads to. */
function linesFound(matcher: Matcher, block: string): Set<number> {
  const found = new Set<number>();
  for (let at = matcher.next(block, 0); at >= 0 && at < block.length; ) {
    found.add(block.slice(0, at).split('\n').length - 1);
    const next = block.indexOf('\n', at) + 1;
    if (next === 0) break;
    at = matcher.next(block, next);
  }
  return found;
}

describe('a search', () => {
  it.each(patterns)('for the pattern %s misses no line of a block', (pattern) => {
    for (const matchCase of [true, false]) {
      for (const some of [lines, lines.filter((line) => isAscii(Buffer.from(line)))]) {
        const matcher = compile(pattern, true, matchCase);
        const block = Buffer.from(`${some.join('\n')}\n`);
        const usable = matcher.reach === 'bytes' || (matcher.reach === 'ascii' && isAscii(block));
        if (!usable) continue;
        const found = linesFound(matcher, block.toString('latin1'));
        const wanted = some.flatMap((line, i) => (matcher.test(line) ? [i] : []));
        expect([...found]).toEqual(expect.arrayContaining(wanted));
        if (matcher.isExact) expect([...found].sort((a, b) => a - b)).toEqual(wanted);
      }
    }
  });

  it('for plain text takes every character as it is', () => {
    for (const text of ['[ends]', '(done)', 'C:\\temp', '100%', 'Ärger', '×3', '.', '$']) {
      const matcher = compile(text, false, true);
      expect(lines.filter((line) => matcher.test(line))).toEqual(lines.filter((line) => line.includes(text)));
    }
    expect(compile('foo', false).reach).toBe('bytes');
    expect(compile('ärger', false).test('ÄRGER')).toBe(true);
    expect(compile('ärger', false, true).test('ÄRGER')).toBe(false);
  });

  it('goes line by line only where it has to', () => {
    expect(compile('request \\d+').reach).toBe('bytes');
    expect(compile('request .*5').reach).toBe('ascii');
    expect(compile('(?<=a)b').reach).toBe('lines');
  });

  it('refuses what is no expression, in a sentence', () => {
    const bad = compileQuery({ text: '(unclosed', isPattern: true, matchCase: false });
    expect(bad).toMatchObject({ ok: false, error: { code: 'bad-pattern' } });
    expect(compileQuery({ text: '(unclosed', isPattern: false, matchCase: false }).ok).toBe(true);
  });

  it('marks every match of a line, a bounded number, and never an empty one', () => {
    expect(compile('o').ranges('foo bog')).toEqual([
      [1, 2],
      [2, 3],
      [5, 6],
    ]);
    expect(compile('x*').ranges('axxb')).toEqual([[1, 3]]);
    expect(compile('a').ranges('a'.repeat(500))).toHaveLength(rangesMax);
  });
});
