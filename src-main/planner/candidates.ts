/** The ways to run a model on a Mac, and how good each is by the app's own measure. Pure. */
import type { CatalogueEntry, ModelSource, Quant } from '../catalogue/entry.ts';
import { contextSteps, type TierMemory } from '../stack/memory.ts';
import { contextLimit, memoryOf } from './need.ts';
import { speedOf } from './speed.ts';
import type { Intent, PlanRequest, Speed } from './types.ts';

/** Slower than people read, and far too slow for a model that thinks first. */
export const usableTps = 8;
export const longContextTokens = 131_072;
const longContextTag = 'long-context';
const comfortableContextTokens = 32_768;
export const shortestContextTokens = 4096;

/** What a shorter context than is comfortable costs in the comparison of models, in points. */
const contextPenalty: Readonly<Record<Intent, Readonly<Record<number, number>>>> = {
  balanced: { 16384: 2, 8192: 5, 4096: 10 },
  'agent-fleet': { 16384: 4, 8192: 10, 4096: 20 },
};

/** How much coarser or finer weights change what a model can do, in points of the same scale as its quality. */
const quantMerit: Readonly<Record<Quant, number>> = {
  int2: -10,
  int3: -4,
  int4: 0,
  int5: 0.4,
  int6: 0.6,
  int8: 1,
  bf16: 1.2,
};
const quantBits: Readonly<Record<Quant, number>> = {
  int2: 2,
  int3: 3,
  int4: 4,
  int5: 5,
  int6: 6,
  int8: 8,
  bf16: 16,
};

/** A way to run a model. */
export interface Candidate {
  readonly model: CatalogueEntry;
  readonly source: ModelSource;
  readonly contextTokens: number;
  readonly memory: TierMemory;
  readonly speed: Speed;
  readonly quality: number;
  readonly score: number;
}

/** All ways to run a model within the memory that is given, as `standard`. */
export function candidates(request: PlanRequest, bytes: number): Candidate[] {
  return request.models
    .filter((model) => isEligible(request, model))
    .flatMap((model) =>
      sourcesFor(request, model).flatMap((source) => longest(request, model, source, bytes) ?? []),
    )
    .filter(({ speed }) => speed.likelyTps >= usableTps);
}

export function isEligible({ intent }: PlanRequest, model: CatalogueEntry): boolean {
  return model.notRecommended === null && (intent === 'balanced' || model.tools);
}

/** Those no finer than wanted; where a model has only finer ones, the coarsest of them. */
export function sourcesFor({ quant }: PlanRequest, { sources }: CatalogueEntry): readonly ModelSource[] {
  const bits = quantBits[quant];
  const wanted = sources.filter((source) => quantBits[source.quant] <= bits);
  if (wanted.length > 0) return wanted;
  const least = Math.min(...sources.map((source) => quantBits[source.quant]));
  return sources.filter((source) => quantBits[source.quant] === least);
}

/** With the longest comfortable context that fits. */
export function longest(
  request: PlanRequest,
  model: CatalogueEntry,
  source: ModelSource,
  bytes: number,
): Candidate | null {
  const limit = Math.min(contextLimit(model), comfortableContextTokens);
  const steps = contextSteps.filter((tokens) => tokens >= shortestContextTokens && tokens <= limit);
  for (const tokens of [...steps, limit].toSorted((a, b) => b - a)) {
    const candidate = candidateWith(request, model, source, tokens);
    if (candidate.memory.totalBytes <= bytes) return candidate;
  }
  return null;
}

export function candidateWith(
  request: PlanRequest,
  model: CatalogueEntry,
  source: ModelSource,
  contextTokens: number,
): Candidate {
  const memory = memoryOf(model, source, contextTokens, request.measured, request.promptCacheBytes);
  const speed = speedOf(model, source, request.machine, request.measured);
  const { general, agents } = model.quality;
  const quality = (request.intent === 'agent-fleet' ? agents : general) + quantMerit[source.quant];
  const score = quality - penaltyFor(request.intent, contextTokens);
  return { model, source, contextTokens, memory, speed, quality, score };
}

function penaltyFor(intent: Intent, contextTokens: number): number {
  const step = contextSteps.findLast((tokens) => tokens <= contextTokens) ?? shortestContextTokens;
  return contextPenalty[intent][step] ?? 0;
}

/** The highest score; then the finer weights, the faster, and the name, so that the same always wins. */
export function best(found: readonly Candidate[]): Candidate | null {
  const [first] = found.toSorted(
    (a, b) =>
      b.score - a.score ||
      b.source.sizeBytes - a.source.sizeBytes ||
      b.speed.likelyTps - a.speed.likelyTps ||
      a.source.repo.localeCompare(b.source.repo),
  );
  return first ?? null;
}

/** All ways to run a model that is meant for long prompts with one, whatever memory that takes. */
export function longContextWays(request: PlanRequest): Candidate[] {
  return request.models
    .filter(
      (model) =>
        isEligible(request, model) &&
        model.tags.includes(longContextTag) &&
        contextLimit(model) >= longContextTokens,
    )
    .flatMap((model) =>
      sourcesFor(request, model).map((source) => candidateWith(request, model, source, longContextTokens)),
    )
    .filter(({ speed }) => speed.likelyTps >= usableTps);
}
