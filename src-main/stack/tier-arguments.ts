/** The exact arguments of `vllm-mlx serve` for one tier. */
import { currentReasoningParser, currentToolParser, findParsers } from '../catalogue/parsers.ts';
import { type EngineOptions, flagArguments, optionName, understands } from './engine-flags.ts';
import type { KvLayout } from './kv-cache.ts';
import {
  gpuLimitBytes,
  prefillStepTokens,
  reservedContextTokens,
  type TierMemory,
  tierMemory,
} from './memory.ts';
import type { FlagValue, Tier } from './stack-types.ts';

export interface TierModel {
  /** Absolute. */
  readonly folder: string;
  readonly weightsBytes: number;
  readonly contextTokens: number | null;
  /** From its config.json; `null` where that does not say. */
  readonly kv: KvLayout | null;
  readonly vocabularySize: number | null;
}

/** The engine's own default for the longest answer, set so that it cannot change under us. */
const maxAnswerTokens = 32_768;
/** Requests to one tier may wait for each other, so this is longer than the engine's 300 s. */
export const engineTimeoutSeconds = 600;
/** The engine's default of 256 requests at once would each grow a KV cache of their own. */
const maxBatchedRequests = 8;
const bytesPerMib = 1024 ** 2;
/** A little more than estimated: the limit also counts MLX's own buffers. */
const gpuShareMargin = 1.25;
const minGpuShare = 0.1;
/** The engine's default, and more than one process must never take. */
const maxGpuShare = 0.9;

type Flags = Map<string, FlagValue>;

/** `options`: what the installed version has, `null` where that is not known: then nothing is held back. */
export function tierArguments(
  tier: Tier,
  model: TierModel,
  totalMemoryBytes: number,
  options: EngineOptions | null,
): string[] {
  const flags = understood(wantedFlags(tier, model, totalMemoryBytes), options);
  return [
    'serve',
    model.folder,
    '--port',
    String(tier.port),
    '--host',
    '127.0.0.1',
    '--served-model-name',
    tier.name,
    '--offline',
    ...[...flags].flatMap(([name, value]) => flagArguments(name, value)),
  ];
}

/** What the stack file or the model asks for and the installed version does not have, as it would have been written. */
export function heldBackArguments(
  tier: Tier,
  model: TierModel,
  totalMemoryBytes: number,
  options: EngineOptions | null,
): string[] {
  const wanted = wantedFlags(tier, model, totalMemoryBytes);
  const kept = understood(wanted, options);
  return [...wanted]
    .filter(([name, value]) => value !== false && !kept.has(name))
    .filter(([name]) => tier.flags.has(name) || parserOptions.has(optionName(name)))
    .map(([name, value]) => flagArguments(name, value).join(' '));
}

const parserOptions: ReadonlySet<string> = new Set(['tool-call-parser', 'reasoning-parser']);

function wantedFlags(tier: Tier, model: TierModel, totalMemoryBytes: number): Flags {
  return new Map([...memoryFlags(tier, model, totalMemoryBytes), ...tier.flags, ...parserFlags(tier, model)]);
}

/** Automatic tool choice without a parser is refused by the engine. */
function understood(flags: Flags, options: EngineOptions | null): Flags {
  if (options === null) return flags;
  const kept = new Map([...flags].filter(([name, value]) => understands(options, name, value)));
  if (flags.has('tool-call-parser') && !kept.has('tool-call-parser')) kept.delete('enable-auto-tool-choice');
  return kept;
}

/** The context to offer: the model's own, or what the stack file limits it to. */
export function offeredContext(tier: Tier, model: Pick<TierModel, 'contextTokens'>): number | null {
  const limits = [tier.context, model.contextTokens].filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** The context that memory is set aside for: what the stack file says, or what conversations usually need. */
export function contextInForce(tier: Tier, model: Pick<TierModel, 'contextTokens'>): number {
  return Math.min(tier.context ?? reservedContextTokens, model.contextTokens ?? Number.POSITIVE_INFINITY);
}

/** What the tier needs with the arguments that `tierArguments` gives it. */
export function tierMemoryOf(
  tier: Tier,
  model: TierModel,
  totalMemoryBytes: number,
  contextTokens: number = contextInForce(tier, model),
): TierMemory {
  const { weightsBytes, kv, vocabularySize } = model;
  const promptCacheBytes = chosenPromptCacheBytes(tier, totalMemoryBytes);
  return tierMemory({ weightsBytes, kv, vocabularySize, contextTokens, promptCacheBytes });
}

/** Of the stack file; `undefined` where it is silent. */
export function chosenPromptCacheBytes(
  tier: Pick<Tier, 'flags'>,
  totalMemoryBytes: number,
): number | undefined {
  if (tier.flags.get('disable-prefix-cache') === true) return 0;
  const megabytes = tier.flags.get('cache-memory-mb');
  if (typeof megabytes === 'number' && megabytes >= 0) return megabytes * bytesPerMib;
  const share = tier.flags.get('cache-memory-percent');
  if (typeof share === 'number' && share >= 0) return Math.min(1, share) * totalMemoryBytes;
  return undefined;
}

/** What decides over memory is said, never left to a default of the engine; the stack file still wins. */
function memoryFlags(tier: Tier, model: TierModel, totalMemoryBytes: number): Flags {
  const context = offeredContext(tier, model) ?? maxAnswerTokens;
  const need = tierMemoryOf(tier, model, totalMemoryBytes);
  const [answerTokens, requestTokens] = answerLimits(tier, context);
  const flags: Flags = new Map<string, FlagValue>([
    ['timeout', engineTimeoutSeconds],
    ['max-tokens', answerTokens],
    ['max-request-tokens', requestTokens],
    ['prefill-step-size', prefillStepTokens],
  ]);
  /** The default is a fifth of all memory, for each tier anew: five tiers could take it all. */
  const cacheIsSet = ['cache-memory-mb', 'cache-memory-percent'].some((name) => tier.flags.has(name));
  const cacheIsOff = ['disable-prefix-cache', 'no-memory-aware-cache'].some(
    (name) => tier.flags.get(name) === true,
  );
  if (!cacheIsSet && !cacheIsOff) {
    flags.set('cache-memory-mb', Math.floor(need.promptCacheBytes / bytesPerMib));
  }
  /** These act only with continuous batching (servers.md A4). */
  if (tier.flags.get('continuous-batching') === true) {
    flags.set('max-num-seqs', maxBatchedRequests);
    flags.set('gpu-memory-utilization', gpuShare(need.totalBytes, totalMemoryBytes));
    if (tier.context !== null) flags.set('max-kv-size', context);
  }
  return flags;
}

/**
 * What an answer may have when the request does not say, and the most that it may ask for. vllm-mlx refuses to
 * start when the first is larger, so the one that the stack file sets moves the other.
 */
function answerLimits(tier: Tier, context: number): [number, number] {
  const answer = tier.flags.get('max-tokens');
  const request = tier.flags.get('max-request-tokens');
  const requestTokens = Math.max(maxAnswerTokens, typeof answer === 'number' ? answer : 0);
  const ceiling = typeof request === 'number' ? request : maxAnswerTokens;
  return [Math.min(maxAnswerTokens, context, ceiling), requestTokens];
}

function gpuShare(neededBytes: number, totalMemoryBytes: number): number {
  const share = (neededBytes * gpuShareMargin) / gpuLimitBytes(totalMemoryBytes);
  return Math.round(Math.min(maxGpuShare, Math.max(minGpuShare, share)) * 100) / 100;
}

/**
 * The parsers that the model needs, where the stack file is silent. Files of the CLI's wizard ask for automatic
 * tool choice without naming a parser, which vllm-mlx refuses: `auto` is its generic parser.
 */
function parserFlags(tier: Tier, model: TierModel): Flags {
  const known = findParsers(tier.source.startsWith('/') ? model.folder : tier.source);
  const flags: Flags = new Map();
  const autoChoice = tier.flags.get('enable-auto-tool-choice');
  const ownTool = tier.flags.get('tool-call-parser');
  const tool = ownTool ?? known.tool ?? (autoChoice === true ? 'auto' : null);
  if (autoChoice !== false && typeof tool === 'string') {
    flags.set('enable-auto-tool-choice', true);
    flags.set('tool-call-parser', currentToolParser(tool));
  } else if (autoChoice === true) {
    /** The file forbids the parser that its other line needs. */
    flags.set('enable-auto-tool-choice', false);
  }
  const reasoning = tier.flags.get('reasoning-parser') ?? known.reasoning;
  if (typeof reasoning === 'string') flags.set('reasoning-parser', currentReasoningParser(reasoning));
  return flags;
}
