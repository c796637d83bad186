/** A stack file of the CLI opens unchanged; anything else is refused with its place and what to do. */
import { describe, expect, test } from 'vitest';
import { maxFlags, maxFlagValueLength } from '../../../src-main/stack/engine-flags.ts';
import {
  isModelSource,
  maxTiers,
  parseStack,
  setTierContext,
  setTierPort,
} from '../../../src-main/stack/stack-file.ts';
import type { Stack } from '../../../src-main/stack/stack-types.ts';
import { cliStack, stackOf } from './stack-texts.ts';

/** Loops over many texts, on machines that do much else. */
const slowMs = 30_000;

function stackFrom(text: string): Stack {
  const parsed = parseStack(text);
  if (!parsed.ok) throw new Error(parsed.error.map(({ problem }) => problem.message).join('\n'));
  return parsed.value.stack;
}

function problemOf(text: string) {
  const parsed = parseStack(text);
  if (parsed.ok) throw new Error('was accepted');
  const [first] = parsed.error;
  if (!first) throw new Error('refused without a reason');
  return { ...first.position, ...first.problem };
}

test('a file of the CLI opens', () => {
  expect(stackFrom(cliStack)).toEqual({
    name: 'default',
    hardwareProfile: 'm4-max-128',
    intent: 'balanced',
    created: '2026-04-02T10:11:12.345678+00:00',
    tiers: [
      {
        name: 'standard',
        model: 'qwen3.5-9b',
        quant: 'int4',
        source: 'mlx-community/Qwen3.5-9B-4bit',
        port: 8000,
        flags: new Map<string, string | boolean>([
          ['continuous-batching', true],
          ['use-paged-cache', true],
          ['enable-auto-tool-choice', true],
          ['tool-call-parser', 'hermes'],
          ['reasoning-parser', 'qwen3'],
        ]),
        displayName: null,
        context: null,
      },
      {
        name: 'fast',
        model: 'Qwen3 0.6B',
        quant: 'int4',
        source: 'mlx-community/Qwen3-0.6B-4bit',
        port: 8001,
        flags: new Map([
          ['use-paged-cache', true],
          ['enable-auto-tool-choice', true],
        ]),
        displayName: null,
        context: null,
      },
      {
        name: 'added-1',
        model: 'llama3.2-3b',
        quant: 'int8',
        source: 'mlx-community/Llama-3.2-3B-Instruct-8bit',
        port: 8002,
        flags: new Map(),
        displayName: null,
        context: null,
      },
    ],
    cloudFallback: {
      provider: 'openrouter',
      models: ['openai/gpt-4o', 'anthropic/claude-sonnet-4-20250514'],
    },
  });
});

test('our own additions are optional', () => {
  const stack = stackFrom(stackOf({ rest: '  display_name: "Fast, small"\n  context: 32768\n' }));
  expect(stack.tiers[0]).toMatchObject({ displayName: 'Fast, small', context: 32768, quant: null });
});

test('unknown keys are kept and told with their place', () => {
  const parsed = parseStack(`${stackOf({ rest: '  vllm_flag: {}\n' })}other: 1\n`);
  expect(parsed.ok && parsed.value.unknownKeys).toMatchObject([
    { position: { line: 9, column: 1 }, problem: { code: 'unknown-stack-key' } },
    {
      position: { line: 8, column: 3 },
      problem: { code: 'unknown-stack-key', hint: 'Did you mean vllm_flags?' },
    },
  ]);
});

test.each([
  ['an empty file', '', 'stack-empty', undefined, undefined],
  ['only a comment', '# nothing\n', 'stack-empty', undefined, undefined],
  ['a newer version', cliStack.replace('schema_version: 1', 'schema_version: 2'), 'stack-version', 1, 17],
  [
    'a version in quotes',
    cliStack.replace('schema_version: 1', "schema_version: '1'"),
    'stack-version',
    1,
    17,
  ],
  ['no version', cliStack.replace('schema_version: 1\n', ''), 'stack-version', 1, 1],
  ['no tiers', 'schema_version: 1\nname: x\n', 'stack-value', 1, 1],
  ['empty tiers', 'schema_version: 1\ntiers: []\n', 'stack-value', 2, 8],
  ['tiers without value', 'schema_version: 1\ntiers:\n', 'stack-value', 2, 7],
  ['tiers as mapping', 'schema_version: 1\ntiers:\n  a: 1\n', 'stack-value', 3, 3],
  ['a tier that is a word', 'schema_version: 1\ntiers:\n- fast\n', 'stack-value', 3, 3],
  ['a list as file', '- a\n', 'yaml-no-mapping', 1, 1],
  ['a name twice', stackOf({ name: 'a' }, { name: 'a' }), 'duplicate-tier', 8, 9],
  ['a port twice', stackOf({}, { port: 8000 }), 'duplicate-port', 11, 9],
  ['no model', 'schema_version: 1\ntiers:\n- name: a\n  source: a/b\n  port: 1\n', 'stack-value', 3, 3],
  ['flags as list', stackOf({ rest: '  vllm_flags: [a]\n' }), 'stack-value', 8, 15],
  ['a nested flag', stackOf({ rest: '  vllm_flags: {a: {b: 1}}\n' }), 'stack-value', 8, 19],
  ['a flag without value', stackOf({ rest: '  vllm_flags:\n    a:\n' }), 'stack-value', 9, 7],
  ['an infinite flag', stackOf({ rest: '  vllm_flags: {a: .inf}\n' }), 'stack-value', 8, 19],
  ['a context that is none', stackOf({ rest: '  context: 10\n' }), 'stack-value', 8, 12],
  [
    'a cloud list that is none',
    `${stackOf({})}cloud_fallback: {provider: x, models: y}\n`,
    'stack-value',
    8,
    39,
  ],
])('%s is refused with its place and a hint', (_what, text, code, line, column) => {
  const found = problemOf(text);
  expect(found).toMatchObject({ code, ...(line === undefined ? {} : { line, column }) });
  expect(found.message).toMatch(/^stacks\/default\.yaml/);
  if (code !== 'yaml-no-mapping') expect(found.hint).toBeTruthy();
});

test('the advice for a wrong version names the way out', () => {
  expect(problemOf('schema_version: 7\ntiers: []\n')).toMatchObject({
    message: 'stacks/default.yaml, line 1, column 17: schema_version is 7, but this app reads version 1.',
    hint: expect.stringContaining('anew in MLX Stack'),
  });
});

test('as many tiers as allowed, not one more', () => {
  const many = (count: number) => stackOf(...Array.from({ length: count }, () => ({})));
  expect(stackFrom(many(maxTiers)).tiers).toHaveLength(maxTiers);
  expect(problemOf(many(maxTiers + 1)).message).toContain('a list of 1 to 16 tiers');
});

describe('hostile names', () => {
  const bad = [
    '..',
    '../x',
    '-x',
    '--host',
    'A',
    'a b',
    'a_b',
    'a.b',
    'a/b',
    'é',
    '😀',
    'x'.repeat(33),
    '',
    'a\n',
    'a\0',
    "a'b",
    'x'.repeat(4096),
    'litellm',
    'gateway',
    'premium',
    'watchdog',
    '__proto__',
    '$(x)',
    'a;b',
  ];
  test.each(bad)('the tier name %j is refused', (name) => {
    expect(problemOf(stackOf({ name: JSON.stringify(name) }))).toMatchObject({
      code: 'stack-value',
      line: 4,
      column: 9,
    });
  });
  test.each(['a', '0', 'longctx', 'added-1', 'x'.repeat(32), 'a-', 'on', 'null', '1-2'])(
    'the tier name %j is good',
    (name) => {
      expect(stackFrom(stackOf({ name: JSON.stringify(name) })).tiers[0]?.name).toBe(name);
    },
  );

  const badSources = [
    'x',
    '../x',
    'a/..',
    'a/../b',
    '-a/b',
    'a/-b',
    'a/b/c',
    'a/ b',
    'a/b\n',
    'a/b\0',
    'é/b',
    './a',
    'a/.b',
    '',
    '/',
    '/a/../b',
    '/a/',
    '/a\n',
    'http://x/y',
    'a/b..c',
    `a/${'x'.repeat(200)}`,
    `/${'x'.repeat(1024)}`,
    '~/models/x',
  ];
  test.each(badSources)('the source %j is refused', (source) => {
    expect(isModelSource(source)).toBe(false);
    expect(problemOf(stackOf({ source: JSON.stringify(source) }))).toMatchObject({
      code: 'stack-value',
      line: 6,
    });
  });
  test.each(['mlx-community/Qwen3.5-9B-4bit', 'a/b', 'LiquidAI/LFM2.5-2.6B-MLX', '/Volumes/Models/My model'])(
    'the source %j is good',
    (source) => expect(stackFrom(stackOf({ source: JSON.stringify(source) })).tiers[0]?.source).toBe(source),
  );

  test.each([0, -1, 65536, '8000.5', '"8000"', 'x', '[]', '~', '1e5', '.nan'])(
    'the port %s is refused',
    (port) => {
      expect(problemOf(stackOf({ port }))).toMatchObject({ code: 'stack-value', line: 7, column: 9 });
    },
  );

  test('text for the screen holds no control characters and has an end', () => {
    for (const model of ['a\u001b[31m', 'a\nb', 'a\u0000', 'a\u2028b', 'x'.repeat(201), '']) {
      expect(problemOf(stackOf({ model: JSON.stringify(model) })).line).toBe(5);
    }
    expect(stackFrom(stackOf({ model: '"Qwen – 日本 😀 \'x\'"' })).tiers[0]?.model).toBe(
      "Qwen – 日本 😀 'x'",
    );
  });
});

describe('engine options', () => {
  const withFlag = (key: string, value = 'true') =>
    stackOf({ rest: `  vllm_flags:\n    ${key}: ${value}\n` });

  test.each([
    'host',
    'port',
    'served-model-name',
    'served_model_name',
    'api_key',
    'api-key',
    'model',
    'models_config',
    'offline',
    'trust_remote_code',
    'mcp-config',
    'help',
    'version',
  ])('%s is ours to set', (key) =>
    expect(problemOf(withFlag(key))).toMatchObject({ code: 'engine-option', line: 9, column: 5 }),
  );

  test.each([
    'hos',
    'ho',
    'h',
    'por',
    'served',
    'api',
    'mod',
    'm',
    'off',
    'trust',
    'trust_remote',
    'mcp',
    'models',
    'v',
  ])('%s is refused: argparse takes a beginning for the whole option', (key) =>
    expect(problemOf(withFlag(key)).code).toBe('engine-option'),
  );

  test.each([
    'Host',
    '"-x"',
    '"--host"',
    '"a b"',
    '"a=b"',
    '"a\\n"',
    '0a',
    'é',
    'A',
    '"__proto__"',
    `a${'b'.repeat(64)}`,
  ])('the name %s is refused', (key) => expect(problemOf(withFlag(key)).code).toBe('engine-option'));

  test.each([
    'mllm',
    'max-num-seqs',
    'continuous_batching',
    'timeout',
    'max_tokens',
    'kv_cache_quantization_bits',
  ])('%s is allowed', (key) => {
    expect([...(stackFrom(withFlag(key, '8')).tiers[0]?.flags ?? [])]).toEqual([
      [key.replaceAll('_', '-'), 8],
    ]);
  });

  test('the same option in both spellings is refused', () => {
    const text = stackOf({ rest: '  vllm_flags:\n    max_tokens: 1\n    max-tokens: 2\n' });
    expect(problemOf(text)).toMatchObject({ code: 'engine-option', line: 10, column: 5 });
  });

  test('values and their number have an end', () => {
    expect(stackFrom(withFlag('zz', 'x'.repeat(maxFlagValueLength))).tiers).toHaveLength(1);
    expect(problemOf(withFlag('zz', 'x'.repeat(maxFlagValueLength + 1))).code).toBe('stack-value');
    expect(problemOf(withFlag('zz', '"x\\0y"')).message).toContain('zz must be text');
    const many = (count: number) =>
      stackOf({
        rest: `  vllm_flags:\n${Array.from({ length: count }, (_, index) => `    a${index}: 1\n`).join('')}`,
      });
    expect(stackFrom(many(maxFlags)).tiers[0]?.flags.size).toBe(maxFlags);
    expect(problemOf(many(maxFlags + 1)).code).toBe('engine-option');
  });
});

test(
  'every truncation ends in a valid stack or a placed problem',
  () => {
    let valid = 0;
    for (let length = 0; length <= cliStack.length; length += 1) {
      const parsed = parseStack(cliStack.slice(0, length));
      if (parsed.ok) {
        valid += 1;
        expect(parsed.value.stack.tiers.length).toBeGreaterThan(0);
        for (const tier of parsed.value.stack.tiers) expect(isModelSource(tier.source)).toBe(true);
        continue;
      }
      expect(parsed.error[0]?.problem.message).toMatch(/^stacks\/default\.yaml/);
      if (length > 0) expect(parsed.error[0]?.position?.line).toBeGreaterThan(0);
    }
    expect(valid).toBeGreaterThan(0);
  },
  slowMs,
);

test(
  'every byte replaced by garbage never throws',
  () => {
    for (let index = 0; index < cliStack.length; index += 1) {
      const garbage = ['\0', '\t', '{', '"', '&', '\u{1F600}', '\n'][index % 7] ?? '';
      const parsed = parseStack(cliStack.slice(0, index) + garbage + cliStack.slice(index + 1));
      if (!parsed.ok) expect(parsed.error.length).toBeGreaterThan(0);
    }
  },
  slowMs,
);

describe('moving a tier to another port', () => {
  test('changes that number and not one byte else', () => {
    const commented = cliStack.replace('port: 8001', 'port: 8001   # taken by the editor');
    expect(setTierPort(commented, 'fast', 8050)).toEqual({
      ok: true,
      value: commented.replace('port: 8001', 'port: 8050'),
    });
  });

  test('refuses a port that is taken or none, and a tier that is not there', () => {
    const code = (name: string, port: number) => {
      const changed = setTierPort(cliStack, name, port);
      return changed.ok ? 'ok' : changed.error.code;
    };
    expect(code('fast', 8000)).toBe('duplicate-port');
    expect(code('fast', 0)).toBe('stack-value');
    expect(code('fast', 8000.5)).toBe('stack-value');
    expect(code('slow', 8050)).toBe('unknown-tier');
    expect(code('fast', 8001)).toBe('ok');
  });
});

describe('giving a tier a shorter context', () => {
  test('adds one line, or changes that number, and not one byte else', () => {
    const commented = cliStack.replace('- name: fast', '# the quick one\n- name: fast   # for the editor');
    const added = setTierContext(commented, 'fast', 16_384);
    const expected = commented.replace(
      '- name: fast   # for the editor',
      '- name: fast   # for the editor\n  context: 16384',
    );
    expect(added).toEqual({ ok: true, value: expected });
    expect(setTierContext(expected, 'fast', 8192)).toEqual({
      ok: true,
      value: expected.replace('context: 16384', 'context: 8192'),
    });
  });

  test('keeps the line ends of Windows, and a file without a last line end', () => {
    const windows = cliStack.replaceAll('\n', '\r\n');
    const changed = setTierContext(windows, 'standard', 4096);
    expect(changed).toEqual({
      ok: true,
      value: windows.replace('- name: standard\r\n', '- name: standard\r\n  context: 4096\r\n'),
    });
    const cut = stackOf({ name: 'only' }).trimEnd();
    expect(setTierContext(cut, 'only', 4096)).toEqual({
      ok: true,
      value: cut.replace('name: only', 'name: only\n  context: 4096'),
    });
  });

  test('a tier on one line is written anew, with its comments', () => {
    const flow =
      'schema_version: 1 # ours\ntiers: [{ name: a, model: m, source: org/m, port: 8000 }] # one tier\n';
    const changed = setTierContext(flow, 'a', 4096);
    if (!changed.ok) throw new Error(changed.error.message);
    expect(changed.value).toContain('# ours');
    expect(changed.value).toContain('# one tier');
    expect(parseStack(changed.value)).toMatchObject({ value: { stack: { tiers: [{ context: 4096 }] } } });
  });

  test('a value over several lines is not cut', () => {
    const folded = stackOf({ name: 'a' }).replace(
      '- name: a',
      '- display_name: >-\n    Two\n    words\n  name: a',
    );
    const changed = setTierContext(folded, 'a', 4096);
    expect(changed).toEqual({ ok: true, value: folded.replace('  name: a', '  name: a\n  context: 4096') });
  });

  test('refuses what is no context, and a tier that is not there', () => {
    const code = (name: string, tokens: number) => {
      const changed = setTierContext(cliStack, name, tokens);
      return changed.ok ? 'ok' : changed.error.code;
    };
    expect(code('fast', 100)).toBe('stack-value');
    expect(code('fast', 4096.5)).toBe('stack-value');
    expect(code('slow', 4096)).toBe('unknown-tier');
    expect(code('fast', 4096)).toBe('ok');
  });
});
