/** Repositories as mlx-community has them: config, tokenizer, weights with a real safetensors head, index of the shards. */
import { createHash } from 'node:crypto';
import type { CatalogueEntry, ModelSource } from '../../../src-main/catalogue/entry.ts';
import { type Content, gitSha1Of, joined, seededContent, sha256Of, textContent } from './content.ts';

export interface HubFile {
  readonly path: string;
  readonly content: Content;
  /** Large files are kept apart from git, and named by their SHA-256. */
  readonly isLarge: boolean;
  /** SHA-256 of a large file, git's hash of any other; of the true content. */
  readonly hash: () => string;
  /** Git's hash of what git holds. */
  readonly oid: () => string;
}

export interface HubRepo {
  readonly id: string;
  readonly commit: string;
  readonly isPrivate: boolean;
  readonly gated: false | 'auto' | 'manual';
  /** Blocked by the hub itself. */
  readonly isDisabled: boolean;
  readonly downloads: number;
  readonly task: 'text-generation' | 'image-text-to-text';
  readonly files: readonly HubFile[];
}

export function hubFile(path: string, content: Content, isLarge = false): HubFile {
  const hash = once(() => (isLarge ? sha256Of(content) : gitSha1Of(content)));
  return {
    path,
    content,
    isLarge,
    hash,
    oid: once(() => (isLarge ? gitSha1Of(pointer(hash(), content)) : hash())),
  };
}

const pointer = (sha256: string, { sizeBytes }: Content): Content =>
  textContent(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`);

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export const commitOf = (id: string): string => createHash('sha1').update(`commit of ${id}`).digest('hex');

export type RepoOptions = Partial<Omit<HubRepo, 'id' | 'files'>> & {
  /** Of all weights, beside their heads. */
  readonly weightsBytes?: number;
  readonly shards?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Beside those of every model. */
  readonly more?: readonly HubFile[];
};

export function modelRepo(id: string, options: RepoOptions = {}): HubRepo {
  const { weightsBytes = 256 * 1024, shards = 1, config = {}, more = [], ...rest } = options;
  return {
    id,
    commit: commitOf(id),
    isPrivate: false,
    gated: false,
    isDisabled: false,
    downloads: 1_000,
    task: 'text-generation',
    ...rest,
    files: [...smallFiles(id, config), ...weightFiles(id, weightsBytes, shards), ...more],
  };
}

function smallFiles(id: string, config: Readonly<Record<string, unknown>>): HubFile[] {
  const quantization = { group_size: 64, bits: 4 };
  const json = (value: unknown) => textContent(`${JSON.stringify(value, null, 4)}\n`);
  return [
    hubFile(
      '.gitattributes',
      textContent(
        '*.safetensors filter=lfs diff=lfs merge=lfs -text\ntokenizer.json filter=lfs diff=lfs merge=lfs -text\n',
      ),
    ),
    hubFile('README.md', textContent(`---\nlibrary_name: mlx\ntags:\n- mlx\n---\n# ${id}\n`)),
    hubFile(
      'config.json',
      json({
        architectures: ['Qwen3ForCausalLM'],
        model_type: 'qwen3',
        hidden_size: 1024,
        num_hidden_layers: 28,
        num_attention_heads: 16,
        num_key_value_heads: 8,
        head_dim: 128,
        max_position_embeddings: 40960,
        vocab_size: 151936,
        quantization,
        quantization_config: quantization,
        ...config,
      }),
    ),
    hubFile('generation_config.json', json({ temperature: 0.6, top_p: 0.95 })),
    hubFile('tokenizer_config.json', json({ model_max_length: 131072, tokenizer_class: 'Qwen2Tokenizer' })),
    hubFile(
      'chat_template.jinja',
      textContent('{%- for message in messages %}{{ message.content }}{% endfor %}\n'),
    ),
    hubFile('special_tokens_map.json', json({ eos_token: '<|im_end|>' })),
    hubFile('tokenizer.json', seededContent(`${id} tokenizer`, 48 * 1024), true),
  ];
}

function weightFiles(id: string, weightsBytes: number, shards: number): HubFile[] {
  const number = (index: number) => String(index).padStart(5, '0');
  const name = (index: number) =>
    shards === 1 ? 'model.safetensors' : `model-${number(index + 1)}-of-${number(shards)}.safetensors`;
  const each = Math.ceil(weightsBytes / shards);
  const files = Array.from({ length: shards }, (_, index) =>
    hubFile(name(index), safetensors(`${id} ${index}`, `model.layers.${index}.weight`, each), true),
  );
  const map = Object.fromEntries(files.map((file, index) => [`model.layers.${index}.weight`, file.path]));
  const index = {
    metadata: { total_size: each * shards, total_parameters: each * shards * 2 },
    weight_map: map,
  };
  return [
    ...files,
    hubFile('model.safetensors.index.json', textContent(`${JSON.stringify(index, null, 4)}\n`)),
  ];
}

/** A length, a head of JSON, and the numbers. */
function safetensors(seed: string, tensor: string, bytes: number): Content {
  const head = Buffer.from(
    JSON.stringify({ [tensor]: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const start = Buffer.concat([length, head]);
  const first: Content = {
    sizeBytes: start.length,
    *pieces(from, to) {
      yield start.subarray(from, to);
    },
  };
  return joined(first, seededContent(seed, bytes));
}

/** Sizes for show: about a five-thousandth of the real ones. */
const scale = 1 / 5_000;
const maxShownBytes = 6 * 1024 * 1024;
const realShardBytes = 5_000_000_000;

export function catalogueRepos(entries: readonly CatalogueEntry[]): HubRepo[] {
  return entries.flatMap((entry, index) =>
    entry.sources.map((source) =>
      modelRepo(source.repo, {
        weightsBytes: Math.min(maxShownBytes, Math.max(64 * 1024, Math.round(source.sizeBytes * scale))),
        shards: Math.min(4, Math.ceil(source.sizeBytes / realShardBytes)),
        downloads: 90_000 - index * 1_000,
        task: entry.vision ? 'image-text-to-text' : 'text-generation',
        config: configOf(entry, source),
      }),
    ),
  );
}

const bitsOf: Readonly<Record<ModelSource['quant'], number | null>> = {
  int2: 2,
  int3: 3,
  int4: 4,
  int5: 5,
  int6: 6,
  int8: 8,
  bf16: null,
};

/** What the catalogue says of a conversation's memory, in the words of a config.json. */
function configOf(entry: CatalogueEntry, { quant }: ModelSource): Record<string, unknown> {
  const bits = bitsOf[quant];
  const quantization = bits === null ? undefined : { group_size: 64, bits };
  const text = {
    ...layersFor(entry.kv?.bytesPerToken ?? null, entry.kv?.slidingBytesPerToken ?? 0),
    ...(entry.kv !== null && entry.kv.slidingBytesPerToken > 0
      ? { sliding_window: entry.kv.slidingWindowTokens }
      : {}),
    ...(entry.contextTokens === null ? {} : { max_position_embeddings: entry.contextTokens }),
    ...(entry.vocabularySize === null ? {} : { vocab_size: entry.vocabularySize }),
  };
  const whole = { quantization, quantization_config: quantization };
  return entry.vision
    ? { ...whole, text_config: { model_type: 'text', ...text }, vision_config: { model_type: 'vision' } }
    : { ...whole, ...text };
}

const elementBytes = 2;
const headDim = 64;

function layersFor(bytesPerToken: number | null, slidingBytesPerToken: number): Record<string, unknown> {
  if (bytesPerToken === null || bytesPerToken === 0) return {};
  for (const full of [16, 8, 12, 10, 24, 28, 32, 36, 48, 40, 4, 6, 5, 1]) {
    const heads = bytesPerToken / (2 * full * elementBytes * headDim);
    const sliding = slidingBytesPerToken / (2 * heads * elementBytes * headDim);
    if (!Number.isInteger(heads) || !Number.isInteger(sliding)) continue;
    const layers = [
      ...Array.from({ length: full }, () => 'full_attention'),
      ...Array.from({ length: sliding }, () => 'sliding_attention'),
    ];
    return {
      num_hidden_layers: layers.length,
      layer_types: layers,
      num_key_value_heads: heads,
      num_attention_heads: heads,
      head_dim: headDim,
    };
  }
  return {};
}
