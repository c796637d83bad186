/**
 * Chooses the models of a stack. Quality first: `standard` is the best model that fits and still answers at a usable
 * speed. `fast` is clearly faster. `longctx` takes what is left, where that holds 128 K and the budget is not small. Memory is a bound, never a
 * merit: a model is not better for being small. Who asks for the CLI's ranking gets that instead. Pure.
 */
import type { CatalogueEntry, ModelSource } from '../catalogue/entry.ts';
import { assertNever, fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { contextSteps, type TierMemory } from '../stack/memory.ts';
import { commonWords, plannerWords } from '../words/index.ts';
import {
  best,
  type Candidate,
  candidates,
  candidateWith,
  isEligible,
  longContextTokens,
  longContextWays,
  longest,
  shortestContextTokens,
  sourcesFor,
  usableTps,
} from './candidates.ts';
import { chooseByCli } from './cli-choice.ts';
import { cliLongContextFloorGb } from './cli-ranking.ts';
import { budgetInWords, contextInWords, gigabytes, needsInWords, speedInWords } from './figures.ts';
import { contextLimit, memoryOf } from './need.ts';
import { speedOf } from './speed.ts';
import type {
  Budget,
  Choice,
  Intent,
  ModelVerdict,
  Plan,
  PlanMachine,
  PlannedTier,
  PlanRequest,
  Role,
  Speed,
} from './types.ts';

/** Less would not be noticed as another model. */
export const clearlyFaster = 2;
/** A fast model that is much worse is of no use as its stand-in. */
const fastQualityShare = 0.6;
/** What twice the speed is worth beside quality, in points. */
const fastMeritPerDoubling = 5;
/** Of the budget, as the CLI has it (mlx-stack-cli.md §6.1): with less, one good model beats two poor ones. */
export const longContextFloorBytes = cliLongContextFloorGb * 1024 ** 3;
const longContextQualityGap = 12;

interface ContextWishes {
  /** `standard` may give way to this, so that a fast model fits beside it. */
  readonly standardFloorTokens: number;
  readonly fastFloorTokens: number;
}

/** Agents begin with a prompt of 10 to 20 thousand tokens. */
const contextWishes: Readonly<Record<Intent, ContextWishes>> = {
  balanced: {
    standardFloorTokens: 16_384,
    fastFloorTokens: 8192,
  },
  'agent-fleet': {
    standardFloorTokens: 32_768,
    fastFloorTokens: 16_384,
  },
};

export function budgetOf({
  machine,
  budgetPct,
}: {
  readonly machine: Pick<PlanMachine, 'totalBytes' | 'gpuLimitBytes'>;
  readonly budgetPct: number;
}): Budget {
  const share = Math.floor((machine.totalBytes * budgetPct) / 100);
  const bound = share <= machine.gpuLimitBytes ? 'budget' : 'gpu-limit';
  const bytes = Math.min(share, machine.gpuLimitBytes);
  return { bytes, bound, words: budgetInWords(bytes, bound, machine.totalBytes, budgetPct) };
}

export function makePlan(request: PlanRequest): Result<Plan> {
  const budget = budgetOf(request);
  const choice = choose(request, budget);
  if (choice === null) return fail(nothingFits(request, budget));
  const { tiers, notes } = choice;
  return ok({
    budget,
    usedBytes: tiers.reduce((sum, tier) => sum + tier.memory.totalBytes, 0),
    tiers,
    verdicts: request.models.map((model) => verdictOf(request, model, tiers, budget)),
    notes,
  });
}

function choose(request: PlanRequest, budget: Budget): Choice | null {
  switch (request.ranking) {
    case 'quality':
      return chooseByQuality(request, budget);
    case 'cli':
      return chooseByCli(request, budget);
    default:
      return assertNever(request.ranking, 'choose');
  }
}

function chooseByQuality(request: PlanRequest, budget: Budget): Choice | null {
  const standard = best(candidates(request, budget.bytes));
  if (standard === null) return null;
  const withFast = makeRoomForFast(request, standard, budget.bytes);
  const used = withFast.standard.memory.totalBytes + (withFast.fast?.memory.totalBytes ?? 0);
  const taken = [withFast.standard, ...(withFast.fast === null ? [] : [withFast.fast])];
  const longctx = findLongContext(request, taken, budget, used);
  const left = budget.bytes - used - (longctx?.memory.totalBytes ?? 0);
  const extended = longctx === null ? extendContext(request, withFast.standard, left) : withFast.standard;
  const tiers = describe(request, budget, { standard: extended, fast: withFast.fast, longctx });
  const usedBytes = tiers.reduce((sum, tier) => sum + tier.memory.totalBytes, 0);
  return { tiers, notes: notesFor(budget, usedBytes, extended, withFast.fast, longctx) };
}

/** The model stays; its context gives way by one step where that makes room for a fast one. */
function makeRoomForFast(
  request: PlanRequest,
  standard: Candidate,
  bytes: number,
): { readonly standard: Candidate; readonly fast: Candidate | null } {
  const shorter = contextSteps.findLast((tokens) => tokens < standard.contextTokens);
  const floor = contextWishes[request.intent].standardFloorTokens;
  const ways =
    shorter === undefined || shorter < floor
      ? [standard]
      : [standard, candidateWith(request, standard.model, standard.source, shorter)];
  for (const way of ways) {
    const fast = findFast(request, way, bytes - way.memory.totalBytes);
    if (fast !== null) return { standard: way, fast };
  }
  return { standard, fast: null };
}

function findFast(request: PlanRequest, standard: Candidate, bytes: number): Candidate | null {
  const { fastFloorTokens } = contextWishes[request.intent];
  const faster = (candidate: Candidate) => candidate.speed.likelyTps / standard.speed.likelyTps;
  return best(
    candidates(request, bytes)
      .filter(
        (candidate) =>
          candidate.model.id !== standard.model.id &&
          candidate.contextTokens >= Math.min(fastFloorTokens, contextLimit(candidate.model)) &&
          faster(candidate) >= clearlyFaster &&
          candidate.quality >= standard.quality * fastQualityShare,
      )
      .map((candidate) => ({ ...candidate, score: fastScore(candidate, faster(candidate)) })),
  );
}

/** `times` as fast as `standard`, at least twice. */
export const fastScore = ({ score }: Candidate, times: number): number =>
  score + fastMeritPerDoubling * Math.log2(times / clearlyFaster);

function findLongContext(
  request: PlanRequest,
  taken: readonly Candidate[],
  budget: Budget,
  usedBytes: number,
): Candidate | null {
  const [standard] = taken;
  if (standard === undefined || budget.bytes < longContextFloorBytes) return null;
  return best(
    longContextWays(request).filter(
      ({ model, memory, quality }) =>
        taken.every((other) => other.model.id !== model.id) &&
        memory.totalBytes <= budget.bytes - usedBytes &&
        quality >= standard.quality - longContextQualityGap,
    ),
  );
}

/** Without a model of its own for long prompts, what is left goes into the context of `standard`. */
function extendContext(request: PlanRequest, standard: Candidate, bytes: number): Candidate {
  const room = standard.memory.totalBytes + bytes;
  const limit = Math.min(contextLimit(standard.model), longContextTokens);
  const longer = contextSteps
    .filter((tokens) => tokens > standard.contextTokens && tokens <= limit)
    .map((tokens) => candidateWith(request, standard.model, standard.source, tokens))
    .findLast(({ memory }) => memory.totalBytes <= room);
  return longer ?? standard;
}

type Chosen = Readonly<Record<Role, Candidate | null>> & { readonly standard: Candidate };

function describe(request: PlanRequest, budget: Budget, chosen: Chosen): PlannedTier[] {
  const { standard, fast, longctx } = chosen;
  const tier = (role: Role, candidate: Candidate, reason: string): PlannedTier => {
    const { model, source, contextTokens, memory, speed } = candidate;
    return { role, model, source, contextTokens, memory, speed, reason };
  };
  const what = request.intent === 'agent-fleet' ? plannerWords.bestForAgents : plannerWords.best;
  return [
    tier(
      'standard',
      standard,
      plannerWords.bestThatFits(what, needsInWords(standard), budget.words, speedInWords(standard.speed)),
    ),
    ...(fast === null
      ? []
      : [
          tier(
            'fast',
            fast,
            plannerWords.timesAsFast(
              times(fast, standard),
              standard.model.name,
              speedInWords(fast.speed),
              needsInWords(fast),
            ),
          ),
        ]),
    ...(longctx === null
      ? []
      : [
          tier(
            'longctx',
            longctx,
            plannerWords.takesLongPrompts(needsInWords(longctx), speedInWords(longctx.speed)),
          ),
        ]),
  ];
}

const times = (fast: Candidate, standard: Candidate) =>
  (Math.round((fast.speed.likelyTps / standard.speed.likelyTps) * 2) / 2).toString();

function notesFor(
  budget: Budget,
  usedBytes: number,
  standard: Candidate,
  fast: Candidate | null,
  longctx: Candidate | null,
): string[] {
  const left = gigabytes(budget.bytes - usedBytes);
  const notes: string[] = [];
  if (fast === null) {
    const quickest = Math.round(standard.speed.likelyTps * clearlyFaster);
    notes.push(plannerWords.noFastModel(left, quickest));
  }
  if (longctx === null) notes.push(whyNoLongContext(budget, left, standard));
  return notes;
}

function whyNoLongContext(budget: Budget, left: string, standard: Candidate): string {
  const { name } = standard.model;
  const holds = contextInWords(standard.contextTokens);
  if (standard.contextTokens >= longContextTokens) return plannerWords.noLongContextModelNeeded(name, holds);
  return budget.bytes < longContextFloorBytes
    ? plannerWords.noLongContextModelBelow(gigabytes(longContextFloorBytes), budget.words, name, holds)
    : plannerWords.noLongContextModel(left, contextInWords(longContextTokens), name, holds);
}

function verdictOf(
  request: PlanRequest,
  model: CatalogueEntry,
  tiers: readonly PlannedTier[],
  budget: Budget,
): ModelVerdict {
  const modelId = model.id;
  const chosen = tiers.find((tier) => tier.model.id === modelId);
  if (chosen !== undefined) return { modelId, verdict: 'chosen', sentence: chosen.reason };
  if (model.notRecommended !== null) {
    return { modelId, verdict: 'not-recommended', sentence: model.notRecommended };
  }
  if (request.intent === 'agent-fleet' && !model.tools) {
    return { modelId, verdict: 'no-tools', sentence: plannerWords.cannotCallTools(model.name) };
  }
  const ways = sourcesFor(request, model);
  const fitting = ways.flatMap((source) => longest(request, model, source, budget.bytes) ?? []);
  const usable = best(fitting.filter(({ speed }) => speed.likelyTps >= usableTps));
  if (usable !== null) {
    return {
      modelId,
      verdict: 'fits',
      sentence: plannerWords.fits(model.name, needsInWords(usable), speedInWords(usable.speed)),
    };
  }
  const slow = best(fitting);
  if (slow !== null) {
    const sentence = plannerWords.tooSlow(model.name, speedInWords(slow.speed), usableTps);
    return { modelId, verdict: 'too-slow', sentence };
  }
  return { modelId, verdict: 'too-large', sentence: tooLarge(request, model, budget) };
}

function tooLarge(request: PlanRequest, model: CatalogueEntry, budget: Budget): string {
  const tokens = Math.min(contextLimit(model), shortestContextTokens);
  const needs = sourcesFor(request, model).map(
    (source) => memoryOf(model, source, tokens, request.measured).totalBytes,
  );
  return plannerWords.tooLarge(model.name, gigabytes(Math.min(...needs)), budget.words);
}

function nothingFits(request: PlanRequest, budget: Budget): Problem {
  const eligible = request.models.filter((model) => isEligible(request, model));
  const withTools = request.intent === 'agent-fleet';
  if (eligible.length === 0) {
    return problem('no-models', plannerWords.noModels(withTools), plannerWords.lookUnderModels);
  }
  const least = eligible.flatMap((model) =>
    sourcesFor(request, model).map(
      (source) =>
        memoryOf(model, source, Math.min(contextLimit(model), shortestContextTokens), request.measured)
          .totalBytes,
    ),
  );
  return problem(
    'nothing-fits',
    plannerWords.nothingFits(withTools, gigabytes(Math.min(...least)), budget.words),
    plannerWords.giveMoreMemory,
  );
}

export interface TierChoice {
  readonly model: CatalogueEntry;
  readonly source: ModelSource;
  readonly contextTokens: number;
  readonly promptCacheBytes?: number | undefined;
}

export interface Assessment {
  readonly budget: Budget;
  readonly usedBytes: number;
  readonly tiers: readonly { readonly memory: TierMemory; readonly speed: Speed }[];
  /** Why this should not be done; `null` when all is well. */
  readonly problem: Problem | null;
}

/** The same figures for what somebody chose by hand. */
export function assess(request: PlanRequest, choices: readonly TierChoice[]): Assessment {
  const budget = budgetOf(request);
  const tiers = choices.map(({ model, source, contextTokens, promptCacheBytes }) => ({
    memory: memoryOf(
      model,
      source,
      Math.min(contextTokens, contextLimit(model)),
      request.measured,
      promptCacheBytes,
    ),
    speed: speedOf(model, source, request.machine, request.measured),
  }));
  const usedBytes = tiers.reduce((sum, { memory }) => sum + memory.totalBytes, 0);
  return {
    budget,
    usedBytes,
    tiers,
    problem: usedBytes <= budget.bytes ? null : overBudget(usedBytes, budget),
  };
}

export const overBudget = (usedBytes: number, budget: Budget) =>
  problem(
    'over-budget',
    plannerWords.overBudget(gigabytes(usedBytes), budget.words),
    budget.bound === 'budget' ? plannerWords.chooseSmallerOrGiveMore : commonWords.chooseSmaller,
  );
