/**
 * How much memory a conversation takes in a model, told from its config.json. Pure.
 *
 * A layer that attends to everything keeps keys and values of each token; one with a sliding window only the last
 * ones; linear attention and state-space layers keep a state whose size does not depend on the length.
 */

export interface KvLayout {
  /** Of all layers that keep every token. */
  readonly bytesPerToken: number;
  /** Of all layers that keep the last `slidingWindowTokens` only. */
  readonly slidingBytesPerToken: number;
  readonly slidingWindowTokens: number;
  /** States that do not grow. */
  readonly fixedBytes: number;
}

/** MLX lets the cache grow in steps of this many tokens. */
const growthStepTokens = 256;

export function kvBytes(layout: KvLayout, tokens: number): number {
  const whole = Math.ceil(Math.max(0, tokens) / growthStepTokens) * growthStepTokens;
  const sliding = Math.min(whole, layout.slidingWindowTokens);
  return whole * layout.bytesPerToken + sliding * layout.slidingBytesPerToken + layout.fixedBytes;
}

type Config = Readonly<Record<string, unknown>>;

const cacheElementBytes = 2;
/** MLX keeps the states of linear layers in 32 bits. */
const stateElementBytes = 4;
const maxLayers = 1024;

/** `null` when the file does not say enough. Multimodal models say it of their text part. */
export function readKvLayout(config: Config): KvLayout | null {
  const text = record(config['text_config']) ?? config;
  const layers = count(text, 'num_hidden_layers', maxLayers);
  if (layers === null) return null;
  const latent = latentBytesPerToken(text, layers);
  if (latent !== null) {
    return { bytesPerToken: latent, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 };
  }
  const kinds = layerKinds(text, layers);
  const heads = count(text, 'num_key_value_heads') ?? count(text, 'num_attention_heads');
  const headDim = count(text, 'head_dim') ?? impliedHeadDim(text);
  if (kinds === null || heads === null || headDim === null) return null;
  /** Gemma 4 gives the layers that see everything heads of their own. */
  const fullHeads = count(text, 'num_global_key_value_heads') ?? heads;
  const fullDim = count(text, 'global_head_dim') ?? headDim;
  const window = count(text, 'sliding_window');
  const full = kinds.filter((kind) => kind === 'full' || (kind === 'sliding' && window === null)).length;
  const sliding = window === null ? 0 : kinds.filter((kind) => kind === 'sliding').length;
  return {
    bytesPerToken: 2 * full * fullHeads * fullDim * cacheElementBytes,
    slidingBytesPerToken: 2 * sliding * heads * headDim * cacheElementBytes,
    slidingWindowTokens: sliding === 0 ? 0 : (window ?? 0),
    fixedBytes: kinds.filter((kind) => kind === 'state').length * stateBytes(text),
  };
}

export function readVocabularySize(config: Config): number | null {
  const text = record(config['text_config']) ?? config;
  return count(text, 'vocab_size') ?? count(config, 'vocab_size');
}

/** DeepSeek's compressed attention keeps one latent vector per layer and token. */
function latentBytesPerToken(text: Config, layers: number): number | null {
  const rank = count(text, 'kv_lora_rank');
  const rope = count(text, 'qk_rope_head_dim');
  return rank === null || rope === null ? null : (rank + rope) * cacheElementBytes * layers;
}

type LayerKind = 'full' | 'sliding' | 'state' | 'none';

function layerKinds(text: Config, layers: number): LayerKind[] | null {
  const kinds =
    kindsByName(text, layers) ??
    kindsByPattern(text) ??
    kindsByInterval(text, layers) ??
    Array.from({ length: layers }, (): LayerKind => 'full');
  /** The last layers of the small Gemmas use the cache of earlier ones. */
  const shared = count(text, 'num_kv_shared_layers') ?? 0;
  return shared < kinds.length ? kinds.slice(0, kinds.length - shared) : null;
}

function kindsByName(text: Config, layers: number): LayerKind[] | null {
  const names = text['layer_types'];
  if (!Array.isArray(names) || names.length !== layers) return null;
  return names.map(kindOfName);
}

function kindOfName(name: unknown): LayerKind {
  switch (name) {
    case 'full_attention':
    case 'attention':
      return 'full';
    case 'sliding_attention':
    case 'chunked_attention':
      return 'sliding';
    case 'linear_attention':
    case 'mamba':
    case 'mamba2':
    case 'conv':
      return 'state';
    case 'mlp':
    case 'moe':
      return 'none';
    default:
      /** A kind that is not known is taken for the hungriest. */
      return 'full';
  }
}

/** Nemotron: one letter per layer, `M` Mamba, `*` attention, `-` and `E` neither. */
function kindsByPattern(text: Config): LayerKind[] | null {
  const pattern = text['hybrid_override_pattern'];
  if (typeof pattern !== 'string' || !/^[ME*-]{1,1024}$/.test(pattern)) return null;
  return [...pattern].map((letter): LayerKind => {
    if (letter === '*') return 'full';
    return letter === 'M' ? 'state' : 'none';
  });
}

/** Every nth layer sees everything; the others are linear, or have a window. */
function kindsByInterval(text: Config, layers: number): LayerKind[] | null {
  const linear = count(text, 'full_attention_interval');
  const sliding = count(text, 'sliding_window_pattern');
  const interval = linear ?? sliding;
  if (interval === null || interval === 0) return null;
  const other: LayerKind = linear === null ? 'sliding' : 'state';
  return Array.from({ length: layers }, (_, index) => ((index + 1) % interval === 0 ? 'full' : other));
}

/** Of one linear-attention or Mamba layer; small convolution states are left out. */
function stateBytes(text: Config): number {
  const heads = count(text, 'linear_num_value_heads') ?? count(text, 'mamba_num_heads') ?? 0;
  const keyDim = count(text, 'linear_key_head_dim') ?? count(text, 'ssm_state_size') ?? 0;
  const valueDim = count(text, 'linear_value_head_dim') ?? count(text, 'mamba_head_dim') ?? 0;
  return heads * keyDim * valueDim * stateElementBytes;
}

function impliedHeadDim(text: Config): number | null {
  const hidden = count(text, 'hidden_size');
  const heads = count(text, 'num_attention_heads');
  return hidden === null || heads === null || heads === 0 ? null : Math.floor(hidden / heads);
}

const maxCount = 10_000_000;

function count(from: Config, key: string, max = maxCount): number | null {
  const value = from[key];
  const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max;
  return fits ? value : null;
}

function record(value: unknown): Config | null {
  return isRecord(value) ? value : null;
}

function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
