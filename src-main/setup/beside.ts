/** One choice beside the other tiers of the stack in force, worked out with the arithmetic of the plan. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { PlannedTier, TierChoice } from '../contract/setup.ts';
import { candidateWith } from '../planner/candidates.ts';
import { gigabytes } from '../planner/figures.ts';
import { intents } from '../planner/types.ts';
import { reservedContextTokens } from '../stack/memory.ts';
import type { Stack } from '../stack/stack-types.ts';
import { formatDiskBytes } from '../status/format.ts';
import { commonWords, setupWords } from '../words/index.ts';
import type { Planner } from './facts.ts';
import { diskShare, findModel, type PlanFacts, requestOf } from './plan.ts';

export interface PlannedBeside {
  readonly tier: PlannedTier;
  readonly facts: PlanFacts;
  /** The same model with that context. */
  readonly memoryWith: (contextTokens: number) => number;
  /** Why it cannot be made. */
  readonly refusal: Problem | null;
}

/** In the place of the one that has its name, if there is one. */
export async function planBeside(
  present: Stack,
  choice: TierChoice,
  planner: Planner,
): Promise<Result<PlannedBeside>> {
  const others = present.tiers
    .filter(({ name }) => name !== choice.name)
    .map(({ name, source, context, flags }) => ({
      name,
      repo: source,
      contextTokens: context ?? reservedContextTokens,
      flags,
    }));
  const replaced = present.tiers.find(({ name }) => name === choice.name);
  const place = { ...choice, flags: replaced?.flags };
  const planned = await planner.plan({
    intent: intents.find((intent) => intent === present.intent) ?? 'balanced',
    budgetPct: null,
    tiers: [...others, place],
  });
  if (!planned.ok) return planned;
  const { plan, facts } = planned.value;
  const tier = plan.tiers.at(-1);
  if (tier === undefined) throw new Error('A plan has a tier for each choice');
  if (tier.problem !== null) return fail(tier.problem);
  const { gpuLimitBytes, freeDiskBytes } = plan.machine;
  const refusal =
    tooLarge(tier.modelName, tier.memoryBytes, gpuLimitBytes) ??
    noRoom(tier.modelName, tier.downloadBytes * diskShare, freeDiskBytes);
  const found = findModel(facts, tier.repo);
  if (!found.ok) return found;
  const { entry, source } = found.value;
  const request = requestOf(facts.request, place);
  const memoryWith = (tokens: number) => candidateWith(request, entry, source, tokens).memory.totalBytes;
  return ok({ tier, facts, memoryWith, refusal });
}

export const noStack = problem('no-stack', setupWords.noStackYet, setupWords.setOneUp);

/** More than one that fits alone may be stopped and started in turn: the sum is weighed when they start. */
export const tooLarge = (name: string, needed: number, limit: number): Problem | null =>
  needed <= limit
    ? null
    : problem(
        'too-large',
        setupWords.tooLargeForGpu(name, gigabytes(needed), gigabytes(limit)),
        commonWords.chooseSmaller,
      );
const noRoom = (name: string, needed: number, free: number | null): Problem | null =>
  free === null || needed <= free
    ? null
    : problem(
        'disk-full',
        setupWords.noRoomToDownload(name, formatDiskBytes(needed), formatDiskBytes(free)),
        setupWords.makeRoomOrSmallerModel,
      );
