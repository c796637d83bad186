/** What models need: layouts told from the config.json of real models, and the arithmetic against what was measured. */
import { describe, expect, test } from 'vitest';
import {
  type KvLayout,
  kvBytes,
  readKvLayout,
  readVocabularySize,
} from '../../../src-main/stack/kv-cache.ts';
import {
  contextSteps,
  engineOverheadBytes,
  maxPromptCacheBytes,
  minPromptCacheBytes,
  tierMemory,
} from '../../../src-main/stack/memory.ts';
import { formatGigabytes } from '../../../src-main/status/format.ts';

const gb = 1e9;

function repeated(...parts: readonly (readonly [count: number, name: string])[]): string[] {
  return parts.flatMap(([count, name]) => Array.from({ length: count }, () => name));
}
const times = (count: number, names: readonly string[]) => Array.from({ length: count }, () => names).flat();

const hybrid = repeated([3, 'linear_attention'], [1, 'full_attention']);
const gemma = repeated([5, 'sliding_attention'], [1, 'full_attention']);

/** The parts of their files that count. */
const configs = {
  'Qwen3-8B': {
    num_hidden_layers: 36,
    num_key_value_heads: 8,
    num_attention_heads: 32,
    head_dim: 128,
    vocab_size: 151_936,
  },
  'Qwen3-0.6B': {
    num_hidden_layers: 28,
    num_key_value_heads: 8,
    num_attention_heads: 16,
    head_dim: 128,
    vocab_size: 151_936,
  },
  'Llama-3.2-1B': {
    num_hidden_layers: 16,
    num_key_value_heads: 8,
    num_attention_heads: 32,
    hidden_size: 2048,
    vocab_size: 128_256,
  },
  'Qwen3.5-9B': {
    model_type: 'qwen3_5',
    text_config: {
      num_hidden_layers: 32,
      num_key_value_heads: 4,
      head_dim: 256,
      layer_types: times(8, hybrid),
      linear_num_value_heads: 32,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
      vocab_size: 248_320,
    },
  },
  'Qwen3.8-27B': {
    text_config: {
      num_hidden_layers: 64,
      num_key_value_heads: 4,
      head_dim: 256,
      full_attention_interval: 4,
      linear_num_value_heads: 48,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
      vocab_size: 248_320,
    },
  },
  'gpt-oss-20b': {
    num_hidden_layers: 24,
    num_key_value_heads: 8,
    head_dim: 64,
    sliding_window: 128,
    layer_types: times(12, ['sliding_attention', 'full_attention']),
    vocab_size: 201_088,
  },
  'gemma-4-31b': {
    text_config: {
      num_hidden_layers: 60,
      num_key_value_heads: 16,
      head_dim: 256,
      num_global_key_value_heads: 4,
      global_head_dim: 512,
      sliding_window: 1024,
      layer_types: times(10, gemma),
      vocab_size: 262_144,
    },
  },
  'gemma-4-e2b': {
    text_config: {
      num_hidden_layers: 35,
      num_key_value_heads: 1,
      head_dim: 256,
      global_head_dim: 512,
      sliding_window: 512,
      num_kv_shared_layers: 20,
      layer_types: times(7, repeated([4, 'sliding_attention'], [1, 'full_attention'])),
    },
  },
  'Nemotron-3-30B-A3B': {
    num_hidden_layers: 52,
    num_key_value_heads: 2,
    head_dim: 128,
    hybrid_override_pattern: 'MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME',
    mamba_num_heads: 64,
    mamba_head_dim: 64,
    ssm_state_size: 128,
  },
  'GLM-4.7-Flash': {
    num_hidden_layers: 47,
    num_key_value_heads: 20,
    num_attention_heads: 20,
    kv_lora_rank: 512,
    qk_rope_head_dim: 64,
  },
} as const satisfies Record<string, Record<string, unknown>>;

describe('the layout of a conversation', () => {
  test('as real models say it: bytes per token, of windows, of states', () => {
    const lines = Object.entries(configs).map(([name, config]) => {
      const kv = readKvLayout(config);
      return kv === null
        ? `${name}: unknown`
        : `${name}: ${kv.bytesPerToken}, ${kv.slidingBytesPerToken} up to ${kv.slidingWindowTokens}, ${kv.fixedBytes}`;
    });
    expect(lines).toEqual([
      'Qwen3-8B: 147456, 0 up to 0, 0',
      'Qwen3-0.6B: 114688, 0 up to 0, 0',
      'Llama-3.2-1B: 32768, 0 up to 0, 0',
      'Qwen3.5-9B: 32768, 0 up to 0, 50331648',
      'Qwen3.8-27B: 65536, 0 up to 0, 150994944',
      'gpt-oss-20b: 24576, 24576 up to 128, 0',
      'gemma-4-31b: 81920, 819200 up to 1024, 0',
      'gemma-4-e2b: 6144, 12288 up to 512, 0',
      'Nemotron-3-30B-A3B: 6144, 0 up to 0, 48234496',
      'GLM-4.7-Flash: 54144, 0 up to 0, 0',
    ]);
    expect(readVocabularySize(configs['Qwen3.5-9B'])).toBe(248_320);
    expect(readVocabularySize(configs['GLM-4.7-Flash'])).toBeNull();
  });

  test.each([
    {},
    { num_hidden_layers: 36 },
    { num_hidden_layers: '36', num_key_value_heads: 8, head_dim: 128 },
    { num_hidden_layers: 36.5, num_key_value_heads: 8, head_dim: 128 },
    { num_hidden_layers: 1e9, num_key_value_heads: 8, head_dim: 128 },
    { num_hidden_layers: 2, num_key_value_heads: 8, hidden_size: 64 },
    { num_hidden_layers: 2, num_key_value_heads: 8, hidden_size: 64, num_attention_heads: 0 },
    { num_hidden_layers: 2, num_key_value_heads: -1, head_dim: 64 },
    { num_hidden_layers: 2, num_key_value_heads: 8, head_dim: 64, num_kv_shared_layers: 2 },
    { text_config: [], num_hidden_layers: null },
  ])('%j does not say it', (config) => {
    expect(readKvLayout(config)).toBeNull();
  });

  test('a kind of layer that nobody knows is taken for one that keeps everything', () => {
    const layers = { num_hidden_layers: 2, num_key_value_heads: 2, head_dim: 64 };
    expect(readKvLayout({ ...layers, layer_types: ['new_attention', 'full_attention'] })).toEqual(
      readKvLayout(layers),
    );
    expect(readKvLayout({ ...layers, layer_types: ['sliding_attention', 'full_attention'] })).toEqual(
      readKvLayout(layers),
    );
  });
});

describe('a conversation', () => {
  const layout: KvLayout = {
    bytesPerToken: 1000,
    slidingBytesPerToken: 100,
    slidingWindowTokens: 512,
    fixedBytes: 7,
  };

  test('grows in steps of 256 tokens; windows stop, states never grow', () => {
    expect(kvBytes(layout, 0)).toBe(7);
    expect(kvBytes(layout, 1)).toBe(256 * 1100 + 7);
    expect(kvBytes(layout, 256)).toBe(256 * 1100 + 7);
    expect(kvBytes(layout, 257)).toBe(512 * 1100 + 7);
    expect(kvBytes(layout, 1024)).toBe(1024 * 1000 + 512 * 100 + 7);
  });

  test('never shrinks with a longer context, for a thousand layouts', () => {
    let state = 1;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
    for (let round = 0; round < 1000; round += 1) {
      const some: KvLayout = {
        bytesPerToken: random(500_000),
        slidingBytesPerToken: random(500_000),
        slidingWindowTokens: random(8192),
        fixedBytes: random(1e9),
      };
      const weightsBytes = random(2 ** 30) * 100;
      const needs = contextSteps.map(
        (contextTokens) =>
          tierMemory({ weightsBytes, kv: some, vocabularySize: random(300_000), contextTokens }).totalBytes,
      );
      const bytes = contextSteps.map((tokens) => kvBytes(some, tokens));
      expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
      for (const need of needs) expect(need).toBeGreaterThan(weightsBytes + engineOverheadBytes);
    }
  });
});

describe('what a tier needs', () => {
  const needs = (name: keyof typeof configs, weightsGb: number, contextTokens: number) =>
    tierMemory({
      weightsBytes: weightsGb * gb,
      kv: readKvLayout(configs[name]),
      vocabularySize: readVocabularySize(configs[name]),
      contextTokens,
    });

  test('is the sum of its parts', () => {
    const need = needs('Qwen3.8-27B', 16.08, 8192);
    expect(need).toEqual({
      weightsBytes: 16.08 * gb,
      contextBytes: 8192 * 65_536 + 150_994_944,
      promptCacheBytes: Math.round((8192 * 65_536 + 150_994_944) / 2),
      overheadBytes: engineOverheadBytes + 2048 * 248_320 * 2,
      totalBytes: need.weightsBytes + need.contextBytes + need.promptCacheBytes + need.overheadBytes,
    });
  });

  /** Peaks: Rapid-MLX at 8 K (servers.md G); mlx_transformers_benchmark at 4 K on an M4 Pro with 24 GB. */
  test.each([
    ['Qwen3.5-9B', 5.98, 8192, 8.7],
    ['Qwen3.8-27B', 16.08, 8192, 20],
    ['Qwen3-8B', 4.62, 4096, 6.48 * 1.0737],
  ] as const)(
    '%s with %f GB of weights at %i tokens comes within a tenth of the measured %f GB',
    (name, weights, tokens, measured) => {
      const estimated = needs(name, weights, tokens).totalBytes / gb;
      expect(estimated).toBeGreaterThan(measured * 0.9);
      expect(estimated).toBeLessThan(measured * 1.1);
    },
  );

  /** A small model with a long context is mostly context: half again for earlier conversations, and what any model takes. */
  test('Qwen3 0.6B with 32K is 0.35 GB of weights and 7.5 GB around them, every part of which is named', () => {
    const { weightsBytes, contextBytes, promptCacheBytes, overheadBytes, totalBytes } = needs(
      'Qwen3-0.6B',
      0.35,
      32_768,
    );
    expect(contextBytes).toBe(28 * 2 * 8 * 128 * 2 * 32_768);
    expect(promptCacheBytes).toBe(contextBytes / 2);
    expect(overheadBytes).toBe(engineOverheadBytes + 2048 * 151_936 * 2);
    expect(
      [weightsBytes, contextBytes, promptCacheBytes, overheadBytes, totalBytes].map(formatGigabytes),
    ).toEqual(['0.3 GB', '3.5 GB', '1.8 GB', '1.7 GB', '7.3 GB']);
  });

  /** Peak of one conversation, with no cache of earlier ones: mlx_transformers_benchmark, 4 K on an M4 Pro with 24 GB. */
  test('Qwen3 0.6B without that cache comes within a tenth of its measured 2.42 GB', () => {
    const estimated = tierMemory({
      weightsBytes: 0.35 * gb,
      kv: readKvLayout(configs['Qwen3-0.6B']),
      vocabularySize: 151_936,
      contextTokens: 4096,
      promptCacheBytes: 0,
    }).totalBytes;
    expect(estimated / 2_415_919_104).toBeGreaterThan(0.9);
    expect(estimated / 2_415_919_104).toBeLessThan(1.1);
  });

  test('the cache of earlier conversations has a floor and a ceiling, and is what the file says', () => {
    const kv = readKvLayout(configs['Qwen3-8B']);
    const cache = (contextTokens: number, promptCacheBytes?: number) =>
      tierMemory({ weightsBytes: gb, kv, vocabularySize: null, contextTokens, promptCacheBytes })
        .promptCacheBytes;
    expect(cache(256)).toBe(minPromptCacheBytes);
    expect(cache(262_144)).toBe(maxPromptCacheBytes);
    expect(cache(262_144, 0)).toBe(0);
    expect(cache(256, 5 * gb)).toBe(5 * gb);
  });

  test('a model of which nothing is known gets the flat reserve, whatever the context', () => {
    const flat = (contextTokens: number) =>
      tierMemory({ weightsBytes: 16 * gb, kv: null, vocabularySize: 1, contextTokens }).totalBytes;
    expect(flat(4096)).toBe(21.2 * gb);
    expect(flat(262_144)).toBe(21.2 * gb);
  });
});
