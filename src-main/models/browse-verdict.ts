/** What this Mac makes of one model in one quantisation, in figures and a sentence. Pure. */
import type { CatalogueEntry, ModelSource } from '../catalogue/entry.ts';
import type { BrowsedModel } from '../contract/models.ts';
import { candidateWith, longest, shortestContextTokens, usableTps } from '../planner/candidates.ts';
import { gigabytes, needsInWords, speedInWords } from '../planner/figures.ts';
import { contextLimit } from '../planner/need.ts';
import { budgetOf, makePlan } from '../planner/plan.ts';
import type { PlanRequest, Speed } from '../planner/types.ts';
import { plannerWords } from '../words/index.ts';

export interface SourceVerdict {
  readonly isRecommended: boolean;
  readonly sentence: string;
  readonly fits: boolean;
  readonly speed: BrowsedModel['speed'];
  readonly memoryBytes: number;
  readonly atContextTokens: number;
}

/** The plan is made once, however many models are looked at. */
export function createVerdicts(
  request: PlanRequest,
): (entry: CatalogueEntry, source: ModelSource) => SourceVerdict {
  const plan = makePlan(request);
  const chosen = new Map(plan.ok ? plan.value.tiers.map((tier) => [tier.source.repo, tier] as const) : []);
  const budget = budgetOf(request);

  return (entry, source) => {
    const tier = chosen.get(source.repo);
    if (tier !== undefined) {
      return {
        isRecommended: true,
        sentence: tier.reason,
        fits: true,
        speed: shownSpeed(tier.speed),
        memoryBytes: tier.memory.totalBytes,
        atContextTokens: tier.contextTokens,
      };
    }
    const fitting = longest(request, entry, source, budget.bytes);
    const shortest = Math.min(contextLimit(entry), shortestContextTokens);
    const { memory, speed, contextTokens } = fitting ?? candidateWith(request, entry, source, shortest);
    const sentence = (): string => {
      if (entry.notRecommended !== null) return entry.notRecommended;
      if (request.intent === 'agent-fleet' && !entry.tools) {
        return plannerWords.cannotCallTools(entry.name);
      }
      if (fitting === null) {
        return plannerWords.tooLarge(entry.name, gigabytes(memory.totalBytes), budget.words);
      }
      if (speed.likelyTps < usableTps) {
        return plannerWords.tooSlow(entry.name, speedInWords(speed), usableTps);
      }
      return plannerWords.fits(entry.name, needsInWords({ memory, contextTokens }), speedInWords(speed));
    };
    return {
      isRecommended: false,
      sentence: sentence(),
      fits: fitting !== null,
      speed: shownSpeed(speed),
      memoryBytes: memory.totalBytes,
      atContextTokens: contextTokens,
    };
  };
}

const shownSpeed = ({ lowTps, highTps, basis }: Speed) => ({
  lowTps,
  highTps,
  isMeasured: basis === 'measured',
});
