import { describe, expect, test } from 'vitest';
import { parseEntry } from '../../../src-main/catalogue/entry.ts';

const good = `id: small-1b
name: Small 1B
family: Small
parameters_b: 1.2
context_tokens: 32768
capabilities:
  tools: true
  thinking: false
  vision: false
parsers:
  tool: hermes
tags: [lightweight]
quality:
  general: 20
  agents: 10
  basis: a guess
sources:
  - repo: org/Small-1B-4bit
    quant: int4
    size_bytes: 700000000
    size_source: the repository
memory:
  vocabulary: 151936
  kv:
    bytes_per_token: 114688
    source: config.json
measured:
  - profile: m4-pro-64
    quant: int4
    gen_tps: 300
    source: a benchmark
`;

function problemOf(text: string, name = 'small-1b.yaml'): string {
  const parsed = parseEntry(text, name);
  return parsed.ok ? 'none' : parsed.error.message;
}

describe('a catalogue file', () => {
  test('becomes an entry; what it does not say is null', () => {
    expect(parseEntry(good, 'small-1b.yaml')).toEqual({
      ok: true,
      value: {
        id: 'small-1b',
        name: 'Small 1B',
        family: 'Small',
        parametersB: 1.2,
        activeParametersB: null,
        contextTokens: 32_768,
        tools: true,
        thinking: false,
        vision: false,
        parsers: { tool: 'hermes', reasoning: null },
        tags: ['lightweight'],
        quality: { general: 20, agents: 10, basis: 'a guess' },
        notRecommended: null,
        sources: [
          { repo: 'org/Small-1B-4bit', quant: 'int4', sizeBytes: 700_000_000, sizeSource: 'the repository' },
        ],
        vocabularySize: 151_936,
        kv: { bytesPerToken: 114_688, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 },
        measured: [
          {
            profile: 'm4-pro-64',
            chip: null,
            quant: 'int4',
            genTps: 300,
            promptTps: null,
            peakMemoryBytes: null,
            source: 'a benchmark',
          },
        ],
      },
    });
  });

  test.each([
    ['a missing name', 'name: Small 1B\n', '', 'name'],
    ['a quantisation that nobody knows', 'quant: int4\n    size', 'quant: int7\n    size', 'sources.0.quant'],
    ['a repository that is a path', 'org/Small-1B-4bit', '../../etc', 'sources.0.repo'],
    ['a repository with a flag for a name', 'org/Small-1B-4bit', '--model/x', 'sources.0.repo'],
    ['a size of text', 'size_bytes: 700000000', 'size_bytes: big', 'sources.0.size_bytes'],
    ['a size of nothing', 'size_bytes: 700000000', 'size_bytes: 0', 'sources.0.size_bytes'],
    ['tools without a parser', 'parsers:\n  tool: hermes\n', '', 'parsers.tool'],
    ['a parser without tools', 'tools: true', 'tools: false', 'parsers.tool'],
    ['thinking without a parser', 'thinking: false', 'thinking: true', 'parsers.reasoning'],
    ['a score beyond the scale', 'general: 20', 'general: 120', 'quality.general'],
    ['a figure from nowhere', '  - profile: m4-pro-64\n    quant', '  - quant', 'measured.0'],
    ['a key that nobody knows', 'family: Small', 'family: Small\nfamilly: Small', 'a value'],
  ])('with %s is refused by name, line and value', (_what, part, replacement, value) => {
    expect(good).toContain(part);
    const message = problemOf(good.replace(part, replacement));
    expect(message).toMatch(/^small-1b\.yaml, line \d+, column \d+: /);
    expect(message).toContain(value);
  });

  test.each(['', '[]', 'id: [', 'id: &a {b: *a}', '\t', '- a'])('%j is no entry', (text) => {
    expect(problemOf(text)).not.toBe('none');
  });

  test('must have the name of its file', () => {
    expect(problemOf(good, 'other.yaml')).toContain('id must be the name of the file');
  });

  test('cut off anywhere is refused or whole, never a bug', () => {
    for (let length = 0; length < good.length; length += 1) {
      const parsed = parseEntry(good.slice(0, length), 'small-1b.yaml');
      if (parsed.ok) expect(parsed.value.id).toBe('small-1b');
      else expect(parsed.error.message).toContain('small-1b.yaml');
    }
  });
});
