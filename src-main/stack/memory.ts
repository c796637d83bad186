/** What a tier needs of the memory that the GPU may use: the one arithmetic of plan and start. Pure. */
import { type KvLayout, kvBytes } from './kv-cache.ts';

/** What the server takes besides weights and context (Rapid-MLX's sizing rule). */
export const engineOverheadBytes = 1_200_000_000;
/** A prompt is read in such steps, for each of which the scores of the whole vocabulary are held. */
export const prefillStepTokens = 2048;
const scoreBytes = 2;
/** Qwen 3's, where a model does not say. */
const usualVocabularySize = 151_936;

/**
 * The context that memory is set aside for when the stack file does not limit it. Models offer up to a million
 * tokens; hardly any conversation uses them, and no Mac could hold them for every model.
 */
export const reservedContextTokens = 32_768;

/** The engine keeps earlier conversations in memory, so that they need not be read again: half as much once more. */
const promptCacheShare = 0.5;
export const minPromptCacheBytes = 256 * 1024 ** 2;
export const maxPromptCacheBytes = 3_000_000_000;

/** Where nothing is known of a model's layers, 1.5 to 6 GB are set aside for both (the same sizing rule). */
const minKvReserveBytes = 1_500_000_000;
const maxKvReserveBytes = 6_000_000_000;
const kvReserveShareOfWeights = 0.25;

export interface TierNeed {
  readonly weightsBytes: number;
  /** `null`: the model does not say how it keeps a conversation. */
  readonly kv: KvLayout | null;
  readonly vocabularySize: number | null;
  readonly contextTokens: number;
  /** When the stack file says how large the cache of earlier conversations may be. */
  readonly promptCacheBytes?: number | undefined;
}

export interface TierMemory {
  readonly weightsBytes: number;
  /** The conversation in progress, at its longest. */
  readonly contextBytes: number;
  /** Earlier ones. */
  readonly promptCacheBytes: number;
  readonly overheadBytes: number;
  readonly totalBytes: number;
}

export function tierMemory(need: TierNeed): TierMemory {
  const { weightsBytes, kv, promptCacheBytes: chosenCacheBytes } = need;
  if (kv === null) {
    const half = kvReserveBytes(weightsBytes) / 2;
    return summed(weightsBytes, half, chosenCacheBytes ?? half, engineOverheadBytes);
  }
  const contextBytes = kvBytes(kv, need.contextTokens);
  const scores = scoresBytes(prefillStepTokens, need.vocabularySize);
  const cacheBytes = chosenCacheBytes ?? usualPromptCacheBytes(contextBytes);
  return summed(weightsBytes, contextBytes, cacheBytes, engineOverheadBytes + scores);
}

/** What reading so many tokens of a prompt at once holds beside the conversation itself. */
export function scoresBytes(tokens: number, vocabularySize: number | null): number {
  return tokens * (vocabularySize ?? usualVocabularySize) * scoreBytes;
}

function summed(
  weightsBytes: number,
  contextBytes: number,
  promptCacheBytes: number,
  overheadBytes: number,
): TierMemory {
  const totalBytes = weightsBytes + contextBytes + promptCacheBytes + overheadBytes;
  return { weightsBytes, contextBytes, promptCacheBytes, overheadBytes, totalBytes };
}

function usualPromptCacheBytes(contextBytes: number): number {
  const share = Math.round(contextBytes * promptCacheShare);
  return Math.min(maxPromptCacheBytes, Math.max(minPromptCacheBytes, share));
}

export function kvReserveBytes(weightsBytes: number): number {
  const share = Math.round(weightsBytes * kvReserveShareOfWeights);
  return Math.min(maxKvReserveBytes, Math.max(minKvReserveBytes, share));
}

/** The default of `iogpu.wired_limit_mb`: two thirds of the memory up to 32 GB, three quarters above. */
export function gpuLimitBytes(totalMemoryBytes: number): number {
  const share = totalMemoryBytes <= 32 * 1024 ** 3 ? 2 / 3 : 3 / 4;
  return Math.floor(totalMemoryBytes * share);
}

/** From which a person chooses; a model's own limit ends the row. */
export const contextSteps: readonly number[] = [4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144];
