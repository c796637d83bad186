/** An option that the installed vllm-mlx does not have never reaches it: argparse would end the server. */
import { describe, expect, it } from 'vitest';
import { derivePaths } from '../../../src-main/paths.ts';
import { defineServices } from '../../../src-main/stack/definition.ts';
import { type EngineOptions, understands } from '../../../src-main/stack/engine-flags.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import { parseHelp } from '../../../src-main/toolchain/help.ts';

const all = `
  --port PORT
  --host HOST
  --served-model-name NAME
  --offline
  --timeout S
  --max-tokens N
  --max-request-tokens N
  --prefill-step-size N
  --cache-memory-mb MB
  --continuous-batching
  --max-num-seqs N
  --gpu-memory-utilization X
  --enable-auto-tool-choice
  --tool-call-parser {auto,hermes,qwen3_xml}
  --reasoning-parser {qwen3}
  --prefix-trie-cache
  --kv-cache-quantization-bits {4,8}
`;

function define(help: string | null, flags: string) {
  const parsed = parseStack(`schema_version: 1
name: default
hardware_profile: m4
intent: balanced
created: 2026-04-02T10:00:00+00:00
tiers:
  - name: standard
    model: Qwen
    quant: int4
    source: mlx-community/Qwen3.5-9B-4bit
    port: 8000
    vllm_flags: {${flags}}
`);
  if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
  const { services, problems } = defineServices({
    config: { litellmPort: 4000 },
    stack: parsed.value.stack,
    facts: {
      executables: { vllmMlx: { path: '/e/bin/vllm-mlx' }, litellm: { path: '/l/bin/litellm' } },
      vllmMlxOptions: help === null ? null : parseHelp(help),
      models: {
        standard: {
          folder: '/m/q',
          weightsBytes: 6e9,
          contextTokens: 32_768,
          kv: null,
          vocabularySize: null,
        },
      },
      paths: derivePaths('/Users/me/.mlx-stack'),
      gatewayKey: 'sk-x',
      cloud: null,
      totalMemoryBytes: 64 * 1024 ** 3,
      user: {},
    },
  });
  return { args: services[0]?.args ?? [], fingerprint: services[0]?.fingerprint, problems };
}

const without = (...names: string[]) =>
  all
    .split('\n')
    .filter((line) => !names.some((name) => line.startsWith(`  --${name} `) || line === `  --${name}`))
    .join('\n');

describe('the arguments for an installed version', () => {
  it('are all of them where it has all, and where nothing is known of it', () => {
    const known = define(all, 'prefix_trie_cache: true');
    const unknown = define(null, 'prefix_trie_cache: true');
    expect(known).toEqual(unknown);
    expect(known.args).toContain('--prefix-trie-cache');
    expect(known.problems).toEqual([]);
  });

  it('lack what the stack file sets and it does not have, which is said', () => {
    const { args, problems } = define(without('prefix-trie-cache'), 'prefix_trie_cache: true, timeout: 700');
    expect(args).not.toContain('--prefix-trie-cache');
    expect(args).toEqual(expect.arrayContaining(['--timeout', '700']));
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'engine-lacks-option',
        message: expect.stringContaining('“--prefix-trie-cache”: the tier “standard”'),
      }),
    ]);
  });

  it('lack what the app would add by itself, without a word', () => {
    const { args, problems } = define(without('cache-memory-mb', 'prefill-step-size'), '');
    expect(args).not.toContain('--cache-memory-mb');
    expect(args).not.toContain('--prefill-step-size');
    expect(problems).toEqual([]);
  });

  it('lack a parser that is none of its choices, and what would need it', () => {
    const older = all.replace('{auto,hermes,qwen3_xml}', '{auto,hermes}');
    const { args, problems } = define(older, '');
    expect(define(all, '').args).toEqual(expect.arrayContaining(['--tool-call-parser', 'qwen3_xml']));
    expect(args).not.toContain('--tool-call-parser');
    expect(args).not.toContain('--enable-auto-tool-choice');
    expect(args).toContain('--reasoning-parser');
    expect(problems).toEqual([
      expect.objectContaining({ message: expect.stringContaining('“--tool-call-parser qwen3_xml”') }),
    ]);
  });

  it('change with the version only where they differ, so that only then a server is restarted', () => {
    expect(define(without('prefix-trie-cache'), '').fingerprint).toBe(define(all, '').fingerprint);
    expect(define(without('prefix-trie-cache'), 'prefix_trie_cache: true').fingerprint).not.toBe(
      define(all, 'prefix_trie_cache: true').fingerprint,
    );
  });
});

describe('an option', () => {
  const options: EngineOptions = parseHelp(all);
  it.each([
    ['prefix-trie-cache', true, true],
    ['prefix_trie_cache', true, true],
    ['prefix-trie', true, true],
    ['max-', 1, false],
    ['nothing', true, false],
    ['nothing', false, true],
    ['kv-cache-quantization-bits', 8, true],
    ['kv-cache-quantization-bits', 2, false],
    ['reasoning-parser', 'qwen3', true],
    ['reasoning-parser', 'gemma4', false],
  ] as const)('%s: %s → %s', (name, value, expected) => {
    expect(understands(options, name, value)).toBe(expected);
  });
});
