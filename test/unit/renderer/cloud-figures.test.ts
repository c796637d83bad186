import { describe, expect, it } from 'vitest';
import { matches, parseCap } from '../../../src-renderer/views/cloud/figures.ts';

describe('what stands in a cap’s field', () => {
  it.each([
    ['', null],
    ['  ', null],
    ['2', 2],
    ['0', 0],
    ['$0.50', 0.5],
    ['0,25', 0.25],
    ['12.3456', 12.3456],
  ])('“%s” is %s', (text, usd) => expect(parseCap(text)).toBe(usd));

  it.each(['much', '-1', '1e3', '1.2.3', '9999999', '.', '1 000'])('“%s” is neither', (text) =>
    expect(parseCap(text)).toBeUndefined(),
  );
});

describe('the search for a model', () => {
  it('wants every word, in any order and case', () => {
    expect(matches('OpenAI: GPT-5.4 openai/gpt-5.4', '5.4 gpt')).toBe(true);
    expect(matches('OpenAI: GPT-5.4 openai/gpt-5.4', 'gpt mini')).toBe(false);
    expect(matches('anything', '')).toBe(true);
  });
});
