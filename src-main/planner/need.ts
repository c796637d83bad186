/** What a model would need with a given context: the arithmetic of the start, or better what was measured. Pure. */
import type { CatalogueEntry, ModelSource } from '../catalogue/entry.ts';
import { kvBytes } from '../stack/kv-cache.ts';
import {
  prefillStepTokens,
  reservedContextTokens,
  scoresBytes,
  type TierMemory,
  tierMemory,
} from '../stack/memory.ts';
import type { MeasuredHere } from './types.ts';

/** What is planned for a model that does not say its longest context yet. */
export const contextLimit = (model: CatalogueEntry): number => model.contextTokens ?? reservedContextTokens;

export function memoryOf(
  model: CatalogueEntry,
  source: ModelSource,
  contextTokens: number,
  measured: readonly MeasuredHere[],
  promptCacheBytes?: number,
): TierMemory {
  const { kv, vocabularySize } = model;
  const weightsBytes = source.sizeBytes;
  const estimated = tierMemory({ weightsBytes, kv, vocabularySize, contextTokens, promptCacheBytes });
  const here = measured.find(({ repo, quant }) => repo === source.repo && quant === source.quant);
  return here === undefined ? estimated : correctedBy(here, model, estimated);
}

/** The measured peak takes the place of the rule for the overhead; the context is counted for the one that is asked. */
function correctedBy(here: MeasuredHere, model: CatalogueEntry, estimated: TierMemory): TierMemory {
  const { peakMemoryBytes, peakTokens } = here;
  const { weightsBytes, contextBytes, promptCacheBytes } = estimated;
  /** Less than the weights is of a model that was not loaded as it is now. */
  if (peakMemoryBytes === null || peakMemoryBytes < weightsBytes) return estimated;
  const held = model.kv === null || peakTokens === null ? 0 : kvBytes(model.kv, peakTokens);
  /** A shorter prompt than is read at once has not shown what a whole step of a long one holds. */
  const notShown = Math.max(0, prefillStepTokens - (peakTokens ?? prefillStepTokens));
  const shownBytes = Math.max(0, peakMemoryBytes - weightsBytes - held);
  const overheadBytes = shownBytes + scoresBytes(notShown, model.vocabularySize);
  const totalBytes = weightsBytes + contextBytes + promptCacheBytes + overheadBytes;
  return { ...estimated, overheadBytes, totalBytes };
}
