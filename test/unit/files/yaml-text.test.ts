/** Any text that can stand in a user's YAML file ends in a plain mapping or in a placed sentence, within bounds. */
import { describe, expect, test } from 'vitest';
import {
  maxFlowBrackets,
  maxReportedProblems,
  maxYamlBytes,
  maxYamlDepth,
  parseYamlMapping,
} from '../../../src-main/files/yaml-text.ts';
import { threadTimeMs } from '../../tools/thread-time.ts';

/** Loops over many texts, on machines that do much else. */
const slowMs = 30_000;

const parse = (text: string) => parseYamlMapping(text, 'some.yaml');

function firstProblem(text: string) {
  const parsed = parse(text);
  if (parsed.ok) throw new Error(`was accepted: ${JSON.stringify(parsed.value.value).slice(0, 200)}`);
  const [first] = parsed.error;
  if (!first) throw new Error('refused without a reason');
  return first;
}

test.each([
  ['nothing', ''],
  ['only comments', '# a\n# b\n'],
  ['only blank lines', '\n\n  \n'],
  ['an empty document', '---\n'],
  ['null', '~\n'],
])('%s is an empty mapping', (_what, text) => {
  const parsed = parse(text);
  expect(parsed.ok && parsed.value.value).toEqual({});
});

test('values, keys and missing things are found with line and column', () => {
  const parsed = parse('# head\na: 1\nlist:\n  - name: x\n    port: 2\n  - name: y\n');
  if (!parsed.ok) throw new Error('refused');
  expect(parsed.value.positionOf(['a'])).toEqual({ line: 2, column: 4 });
  expect(parsed.value.keyPositionOf(['a'])).toEqual({ line: 2, column: 1 });
  expect(parsed.value.positionOf(['list', 0, 'port'])).toEqual({ line: 5, column: 11 });
  expect(parsed.value.positionOf(['list', 1, 'port'])).toEqual({ line: 6, column: 5 });
  expect(parsed.value.positionOf(['list', 7])).toEqual({ line: 4, column: 3 });
  expect(parsed.value.keyPositionOf(['list', 1, 'name'])).toEqual({ line: 6, column: 5 });
});

test.each([
  ['a tab as indentation', 'a:\n\tb: 1\n', 'yaml-syntax', 2, 'tab'],
  ['an open quote', 'a: 1\nb: "x\n', 'yaml-syntax', 2, 'closing quote'],
  ['an open bracket', 'a: [1, 2\nb: 3\n', 'yaml-syntax', 2, ''],
  ['two colons', 'a: b: c\n', 'yaml-syntax', 1, 'quotes'],
  ['bad indentation', 'a:\n    b: 1\n  c: 2\n', 'yaml-syntax', 3, ''],
  ['the same key twice', 'a: 1\nb: 2\na: 3\n', 'duplicate-key', 3, 'twice'],
  ['the same key twice, deeper', 'x:\n  a: 1\n  a: 3\n', 'duplicate-key', 3, 'twice'],
  ['an anchor', 'a: &x 1\n', 'yaml-alias', 1, 'anchors'],
  ['an alias without anchor', 'a: *x\n', 'yaml-alias', 1, ''],
  ['an unknown tag', 'a: !ruby/object 1\n', 'yaml-syntax', 1, 'tags'],
  ['a language tag', 'a: !!js/function "x"\n', 'yaml-syntax', 1, 'tags'],
  ['a list', '- a\n- b\n', 'yaml-no-mapping', 1, 'key: value'],
  ['plain words', 'hello\nworld\n', 'yaml-no-mapping', 1, 'key: value'],
  ['two documents', 'a: 1\n---\nb: 2\n', 'yaml-syntax', 2, 'second document'],
  ['a list as key', '? [a, b]\n: 1\n', 'yaml-key', 1, 'one word'],
  ['a NUL', 'a: 1\nb: \0\n', 'yaml-not-text', 2, 'control character'],
  ['an escape sequence', 'a: \u001b[31m\n', 'yaml-not-text', 1, 'control character'],
])('%s is refused with its place', (_what, text, code, line, words) => {
  const { position, problem } = firstProblem(text);
  expect(problem.code).toBe(code);
  expect(position?.line).toBe(line);
  expect(position?.column).toBeGreaterThan(0);
  expect(problem.message).toContain(`some.yaml, line ${line}, column ${position?.column}:`);
  expect(problem.message + (problem.hint ?? '')).toContain(words);
});

test('a YAML 1.1 header brings neither merge keys nor other types back', () => {
  const parsed = parse('%YAML 1.1\n---\na: yes\n<<: {b: 1}\nc: 2026-01-01\n');
  expect(parsed.ok && parsed.value.value).toEqual({ a: 'yes', '<<': { b: 1 }, c: '2026-01-01' });
});

test('a key named like a part of every object stays plain data', () => {
  const parsed = parse('__proto__: {polluted: true}\nconstructor: 1\n');
  if (!parsed.ok) throw new Error('refused');
  expect(Object.keys(parsed.value.value)).toEqual(['__proto__', 'constructor']);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('no more mistakes are listed than anyone reads', () => {
  const parsed = parse('a: b: c\n'.repeat(100));
  expect(!parsed.ok && parsed.error.length).toBe(maxReportedProblems);
});

test('the messages never repeat the text of the file', () => {
  const canary = 'sk-or-v1-canary0123456789';
  const texts = [
    `a: *${canary}`,
    `a: !${canary} x`,
    `a: "${canary}`,
    `a: '${canary}\n`,
    `${canary}: 1\n${canary}: 2\n`,
    `a: x: ${canary}`,
    `&${canary} a: 1`,
    `a: "\\q${canary}"`,
    `- ${canary}`,
    `%${canary}\n---\na: 1`,
    `a: @${canary}`,
    `a: |${canary}\n x`,
    `? [${canary}]\n: 1`,
  ];
  for (const text of texts) {
    const parsed = parse(text);
    if (parsed.ok) continue;
    expect(JSON.stringify(parsed.error)).not.toContain('canary');
  }
  expect(texts.filter((text) => !parse(text).ok).length).toBeGreaterThan(10);
});

describe('bounds', () => {
  test('one byte over the size is refused, the size itself is not', () => {
    const fill = (bytes: number) => `a: 1 #${'x'.repeat(bytes - 6)}`;
    expect(parse(fill(maxYamlBytes)).ok).toBe(true);
    expect(firstProblem(fill(maxYamlBytes + 1)).problem.code).toBe('yaml-too-large');
    expect(firstProblem(`a: ${'é'.repeat(maxYamlBytes / 2)}`).problem.code).toBe('yaml-too-large');
  });

  test('nesting up to the limit is accepted, one more is refused', () => {
    const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
    expect(parse(nested(maxYamlDepth - 1)).ok).toBe(true);
    expect(firstProblem(nested(maxYamlDepth)).problem.code).toBe('yaml-too-deep');
    let block = '';
    for (let level = 0; level < 200; level += 1) block += `${' '.repeat(level)}a:\n`;
    expect(firstProblem(block).problem.code).toBe('yaml-too-deep');
  });

  test('brackets are counted before parsing, wherever they stand', () => {
    for (const opening of ['[', '{', '[{']) {
      const { problem, position } = firstProblem(`a: 1\nb: ${opening.repeat(maxFlowBrackets + 1)}`);
      expect(problem.code).toBe('yaml-too-deep');
      expect(position).toEqual({ line: 2, column: 4 + maxFlowBrackets });
    }
    expect(firstProblem(`a: "${'['.repeat(1000)}"`).problem.code).toBe('yaml-too-deep');
  });

  const row = (unit: string) => unit.repeat(Math.floor(maxYamlBytes / Buffer.byteLength(unit)));
  test.each([
    ['open brackets', row('[')],
    ['closing brackets', row(']')],
    ['closing braces', row('}')],
    ['dashes', row('- ')],
    ['question marks', row('? ')],
    ['one key again and again', row('a:\n')],
    ['many keys', Array.from({ length: 6000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['commas', `a: [${row('a,').slice(8)}]`],
    ['anchors', row('&a ')],
    ['aliases', `a: &a x\n${row('b: *a\n').slice(16)}`],
    ['tags', row('! ')],
    ['documents', row('---\n')],
    ['quotes', row('"')],
    ['directives', row('%a\n')],
    ['tabs', row('\t')],
    ['carriage returns', row('\r')],
    ['backslashes', `a: "${row('\\').slice(8)}`],
    ['colons', row(': ')],
    ['nested anchors', 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\ne: [*d,*d]\n'],
  ])(
    'a whole file of %s ends soon',
    (_what, text) => {
      const started = threadTimeMs();
      const parsed = parse(text);
      /** Measured on an idle machine: at most 1.1 s. */
      expect(threadTimeMs() - started).toBeLessThan(8000);
      if (!parsed.ok) expect(parsed.error.length).toBeGreaterThan(0);
    },
    slowMs,
  );

  test(
    'random bytes never throw',
    () => {
      let seed = 42;
      const random = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return seed / 2_147_483_648;
      };
      const alphabet = 'ab:-[]{}#&*!|>\'"%@`,? \n\n  \t\\~';
      for (let round = 0; round < 2000; round += 1) {
        let text = '';
        const length = Math.floor(random() * 60);
        for (let index = 0; index < length; index += 1)
          text += alphabet[Math.floor(random() * alphabet.length)] ?? '';
        const parsed = parse(text);
        if (!parsed.ok) expect(parsed.error[0]?.problem.message).toMatch(/^some\.yaml/);
      }
    },
    slowMs,
  );
});
