/** The command line of `vllm-mlx`: every flag of `serve` with its type and choices, and which combinations it refuses. */
import type { OptionSpec, OptionValue } from './command-line.ts';

/** Of its package; the program itself does not tell it. */
export const VLLM_MLX_VERSION = '0.6.0';

const flag = (name: string, help = ''): OptionSpec => ({ names: [name], type: 'flag', help });
const text = (name: string, help = ''): OptionSpec => ({ names: [name], type: 'text', help });
const integer = (name: string, help = '', choices?: readonly string[]): OptionSpec =>
  choices ? { names: [name], type: 'integer', choices, help } : { names: [name], type: 'integer', help };
const number = (name: string, help = ''): OptionSpec => ({ names: [name], type: 'number', help });
const choice = (name: string, choices: readonly string[], help = ''): OptionSpec => ({
  names: [name],
  type: 'text',
  choices,
  help,
});

export const TOOL_CALL_PARSERS = [
  'auto',
  'generic',
  'deepseek',
  'deepseek_v3',
  'deepseek_r1',
  'functionary',
  'meetkai',
  'gemma4',
  'glm47',
  'glm4',
  'granite',
  'granite3',
  'harmony',
  'gpt-oss',
  'hermes',
  'nous',
  'kimi',
  'kimi_k2',
  'moonshot',
  'llama',
  'llama3',
  'llama4',
  'minimax',
  'minimax_m2',
  'mistral',
  'nemotron',
  'nemotron3',
  'poolside_v1',
  'qwen3_xml',
  'qwen3.5',
  'qwen3_coder',
  'qwen',
  'qwen3',
  'step3p5',
  'step',
  'xlam',
] as const;

export const REASONING_PARSERS = [
  'qwen3',
  'deepseek_r1',
  'gpt_oss',
  'harmony',
  'gemma4',
  'glm4',
  'mistral',
  'poolside_v1',
  'step3p5',
] as const;

export const SUBCOMMANDS = [
  'serve',
  'bench',
  'bench-detok',
  'bench-kv-cache',
  'download',
  'model',
  'bench-serve',
] as const;

export const SERVE_OPTIONS: readonly OptionSpec[] = [
  text('--models-config', 'Path to a YAML model registry; excludes MODEL'),
  number('--memory-budget-gb', 'Weight budget for --models-config'),
  text('--served-model-name', 'Model name used in the API (default: the model path)'),
  text('--host', 'Host to bind (default: 127.0.0.1)'),
  integer('--port', 'Port to bind (default: 8000)'),
  integer('--max-num-seqs', 'Max concurrent sequences (default: 256)'),
  integer('--prefill-batch-size', 'Prefill batch size (default: 8)'),
  integer('--completion-batch-size', 'Completion batch size (default: 32)'),
  flag('--enable-prefix-cache', 'Enable prefix caching (default: enabled)'),
  flag('--disable-prefix-cache', 'Disable prefix caching'),
  integer('--prefix-cache-size', 'Max entries in the prefix cache (default: 100, legacy mode only)'),
  flag('--prefix-trie-cache', 'Keep prefixes in a trie'),
  integer('--prefix-trie-cache-size', 'Entries of the trie (default: 32)'),
  integer('--prefix-trie-cache-memory-mb', 'Memory limit of the trie'),
  integer('--cache-memory-mb', 'Cache memory limit in MB (default: about 20 percent of RAM)'),
  number('--cache-memory-percent', 'Fraction of RAM for the cache (default: 0.20)'),
  flag('--no-memory-aware-cache', 'Use the entry-count based cache'),
  flag('--kv-cache-quantization', 'Quantize stored KV caches'),
  integer('--kv-cache-quantization-bits', 'Bits of KV cache quantization (default: 8)', ['4', '8']),
  integer('--kv-cache-quantization-group-size', 'Group size of KV cache quantization (default: 64)'),
  integer('--kv-cache-min-quantize-tokens', 'Least tokens to quantize (default: 256)'),
  text('--ssd-cache-dir', 'Directory of the SSD cache tier'),
  number('--ssd-cache-max-gb', 'Size limit of the SSD cache (default: 10)'),
  text('--warm-prompts', 'JSON file of prompts to run at start-up'),
  integer('--stream-interval', 'Tokens to batch before streaming (default: 1)'),
  integer('--max-kv-size', 'KV cache limit per sequence; uses RotatingKVCache'),
  integer('--max-tokens', 'Default max tokens (default: 32768)'),
  integer('--max-request-tokens', 'Most max_tokens a request may ask for (default: 32768)'),
  flag('--continuous-batching', 'Serve several requests at once'),
  number('--gpu-memory-utilization', 'Fraction of device memory for Metal (default: 0.90)'),
  flag('--use-paged-cache', 'Paged KV cache (experimental)'),
  integer('--paged-cache-block-size', 'Tokens per cache block (default: 64)'),
  integer('--max-cache-blocks', 'Most cache blocks (default: 1000)'),
  integer('--chunked-prefill-tokens', 'Prefill tokens per step (0 = off)'),
  flag('--enable-mtp', 'Multi-token prediction'),
  integer('--mtp-num-draft-tokens', 'Draft tokens per MTP step (default: 1)'),
  flag('--mtp-optimistic', 'Skip the MTP acceptance check'),
  integer('--prefill-step-size', 'Chunk size of prefill (default: 2048)'),
  integer('--mllm-prefill-step-size', 'The same for multimodal models (default: 0)'),
  flag('--specprefill', 'Sparse prefill with a draft model'),
  integer('--specprefill-threshold', 'Least tokens for it (default: 8192)'),
  number('--specprefill-keep-pct', 'Fraction of tokens kept (default: 0.3)'),
  text('--specprefill-draft-model', 'Path to its draft model'),
  text('--mllm-draft-model', 'Path to a multimodal draft model'),
  choice('--mllm-draft-kind', ['mtp'], 'Kind of --mllm-draft-model'),
  integer('--mllm-draft-block-size', 'Block size of --mllm-draft-model'),
  flag('--default-mllm-draft', 'Draft by default'),
  text('--mcp-config', 'Path to an MCP configuration'),
  text('--api-key', 'API key (none: no authentication)'),
  integer('--rate-limit', 'Requests per minute and client (0 = off)'),
  number('--timeout', 'Request timeout in seconds (default: 300)'),
  flag('--enable-metrics', 'Expose Prometheus metrics on /metrics'),
  number('--auto-unload-idle-seconds', 'Unload the model after so many idle seconds (0 = off)'),
  flag('--lazy-load-model', 'Load the model on the first request'),
  integer('--max-audio-upload-mb', 'Largest audio upload in MiB (default: 25)'),
  integer('--max-tts-input-chars', 'Longest speech input (default: 4096)'),
  flag('--enable-auto-tool-choice', 'Enable tool calls; needs --tool-call-parser'),
  choice('--tool-call-parser', TOOL_CALL_PARSERS, 'Tool call parser of the model'),
  choice('--reasoning-parser', REASONING_PARSERS, 'Reasoning parser of the model'),
  flag('--mllm', 'Load the model as multimodal'),
  flag('--trust-remote-code', 'Run code that comes with the model'),
  number('--default-temperature'),
  number('--default-top-p'),
  integer('--default-top-k'),
  number('--default-min-p'),
  number('--default-presence-penalty'),
  number('--default-repetition-penalty'),
  integer('--default-thinking-token-budget', 'Cap on reasoning tokens'),
  { names: ['--default-chat-template-kwargs'], type: 'json-object', help: 'JSON object' },
  text('--embedding-model', 'Embedding model to load at start-up'),
  integer('--embedding-max-length'),
  text('--embedding-overflow-policy', 'What to do with long input (default: truncate)'),
  text('--rerank-model', 'Reranker to load at start-up'),
  integer('--download-timeout', 'Seconds per file (default: 300)'),
  integer('--download-retries', 'Attempts (default: 3)'),
  flag('--offline', 'Only use models that are on disk'),
];

export interface ServeSettings {
  readonly model: string | null;
  readonly modelsConfig: string | null;
  readonly servedModelName: string;
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | null;
  readonly rateLimitPerMinute: number;
  readonly timeoutSeconds: number;
  readonly metrics: boolean;
  readonly continuousBatching: boolean;
  readonly maxNumSeqs: number;
  readonly maxTokens: number;
  readonly maxRequestTokens: number;
  readonly maxKvSize: number | null;
  readonly streamInterval: number;
  readonly toolCallParser: string | null;
  readonly reasoningParser: string | null;
  readonly thinkingTokenBudget: number | null;
  readonly chatTemplateKwargs: string | null;
  readonly mllm: boolean;
  readonly trustRemoteCode: boolean;
  readonly offline: boolean;
  readonly downloadTimeoutSeconds: number;
  readonly downloadRetries: number;
  readonly lazyLoad: boolean;
  readonly autoUnloadIdleSeconds: number;
  readonly audioUploadLimitMb: number;
  readonly speechInputLimitChars: number;
}

/** What the program prints to stdout, as lines, before it ends with exit code 1. */
export type Settings =
  | { readonly ok: true; readonly value: ServeSettings }
  | { readonly ok: false; readonly error: readonly string[] };

export function readServeSettings(
  values: ReadonlyMap<string, OptionValue>,
  positionals: readonly string[],
): Settings {
  const numeric = (name: string, fallback: number) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : fallback;
  };
  const optionalNumber = (name: string) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : null;
  };
  const optionalText = (name: string) => {
    const value = values.get(name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const on = (name: string) => values.get(name) === true;
  const refuse = (...lines: string[]): Settings => ({ ok: false, error: lines });

  const model = positionals[0] ?? null;
  const modelsConfig = optionalText('--models-config');
  if (modelsConfig && model) {
    return refuse('Error: use either positional MODEL or --models-config, not both');
  }
  if (!modelsConfig && !model) return refuse('Error: MODEL is required unless --models-config is provided');
  if (modelsConfig && optionalText('--served-model-name')) {
    return refuse('Error: --served-model-name cannot be used with --models-config');
  }
  if (values.has('--memory-budget-gb') && !modelsConfig) {
    return refuse('Error: --memory-budget-gb requires --models-config');
  }
  if (on('--enable-auto-tool-choice') && !optionalText('--tool-call-parser')) {
    return refuse(
      'Error: --enable-auto-tool-choice requires --tool-call-parser',
      'Example: --enable-auto-tool-choice --tool-call-parser mistral',
    );
  }
  const utilization = numeric('--gpu-memory-utilization', 0.9);
  if (!(utilization > 0 && utilization <= 1)) {
    return refuse('Error: --gpu-memory-utilization must be between 0.0 (exclusive) and 1.0 (inclusive)');
  }
  const maxTokens = numeric('--max-tokens', 32768);
  const maxRequestTokens = numeric('--max-request-tokens', 32768);
  if (maxTokens < 1) return refuse('Error: --max-tokens must be at least 1');
  if (maxRequestTokens < 1) return refuse('Error: --max-request-tokens must be at least 1');
  if (maxTokens > maxRequestTokens) return refuse('Error: --max-tokens cannot exceed --max-request-tokens');
  if (values.has('--mllm-draft-model') && !on('--mllm')) {
    return refuse('Error: --mllm-draft-model requires --mllm');
  }
  if (values.has('--mllm-draft-model') && on('--continuous-batching')) {
    return refuse('Error: --mllm-draft-model is supported only without --continuous-batching');
  }
  return {
    ok: true,
    value: {
      model,
      modelsConfig,
      servedModelName: optionalText('--served-model-name') ?? model ?? 'default',
      host: optionalText('--host') ?? '127.0.0.1',
      port: numeric('--port', 8000),
      apiKey: optionalText('--api-key'),
      rateLimitPerMinute: numeric('--rate-limit', 0),
      timeoutSeconds: numeric('--timeout', 300),
      metrics: on('--enable-metrics'),
      continuousBatching: on('--continuous-batching'),
      maxNumSeqs: numeric('--max-num-seqs', 256),
      maxTokens,
      maxRequestTokens,
      maxKvSize: optionalNumber('--max-kv-size'),
      streamInterval: Math.max(1, numeric('--stream-interval', 1)),
      toolCallParser: on('--enable-auto-tool-choice') ? optionalText('--tool-call-parser') : null,
      reasoningParser: optionalText('--reasoning-parser'),
      thinkingTokenBudget: optionalNumber('--default-thinking-token-budget'),
      chatTemplateKwargs: optionalText('--default-chat-template-kwargs'),
      mllm: on('--mllm'),
      trustRemoteCode: on('--trust-remote-code'),
      offline: on('--offline'),
      downloadTimeoutSeconds: numeric('--download-timeout', 300),
      downloadRetries: numeric('--download-retries', 3),
      lazyLoad: on('--lazy-load-model'),
      autoUnloadIdleSeconds: numeric('--auto-unload-idle-seconds', 0),
      audioUploadLimitMb: numeric('--max-audio-upload-mb', 25),
      speechInputLimitChars: numeric('--max-tts-input-chars', 4096),
    },
  };
}
