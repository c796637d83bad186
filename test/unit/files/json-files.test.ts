/** A record that is not what it should be is refused with its place, never half used. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { parseJson } from '../../../src-main/files/json-files.ts';
import { findJsonMistake } from '../../../src-main/files/json-mistake.ts';

const schema = z.strictObject({ version: z.literal(1), names: z.array(z.string()) });
const good = '{\n  "version": 1,\n  "names": ["a", "b"]\n}\n';

test('a good record is a value', () => {
  expect(parseJson(good, schema, 'r.json')).toEqual({
    kind: 'value',
    value: { version: 1, names: ['a', 'b'] },
  });
});

test('every truncation is refused with line and column', () => {
  for (let length = 0; length < good.trimEnd().length; length += 1) {
    const parsed = parseJson(good.slice(0, length), schema, 'r.json');
    expect(parsed.kind).toBe('refused');
    if (parsed.kind === 'refused')
      expect(parsed.problem.message).toMatch(/^r\.json, line [1-4], column \d+:/);
  }
});

test.each([
  ['{\n  "version": x\n}', 2, 14],
  ['{\n  "version": 1,\n}', 3, 1],
  ['{"a": 1} 2', 1, 10],
  ['{"a" 1}', 1, 6],
  ['[1, 2', 1, 6],
  ['[1 2]', 1, 4],
  ['["a\n"]', 1, 2],
  ['{"a": [1}]', 1, 9],
  ["{'a': 1}", 1, 2],
  ['', 1, 1],
])('the place of the mistake in %j', (text, line, column) => {
  const parsed = parseJson(text, schema, 'r.json');
  expect(parsed.kind === 'refused' && parsed.problem.message).toContain(`line ${line}, column ${column}:`);
});

test('the place is at the end exactly when JSON only ends too early', () => {
  for (let length = 0; length <= good.length; length += 1) {
    const text = good.slice(0, length);
    const insideText = (text.split('"').length - 1) % 2 === 1;
    if (!insideText) expect(findJsonMistake(text)).toBe(text.length);
  }
});

test('a wrong value is named by its path, not repeated', () => {
  const parsed = parseJson('{"version": 1, "names": ["a", {"canary": 1}]}', schema, 'r.json');
  expect(parsed.kind === 'refused' && parsed.problem.message).toContain('names.1');
  expect(JSON.stringify(parsed)).not.toContain('canary');
});

test('absurd nesting is refused', () => {
  expect(parseJson('['.repeat(100_000), schema, 'r.json').kind).toBe('refused');
  expect(parseJson(`${'['.repeat(5000)}${']'.repeat(5000)}`, schema, 'r.json').kind).toBe('refused');
});
