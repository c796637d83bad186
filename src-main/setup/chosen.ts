/** From a plan to what stands in the stack file. Pure. */
import { baseNameOf } from '../catalogue/names.ts';
import type { PlannedTier, SetupPlan } from '../contract/setup.ts';
import { type NewTier, stackText } from '../stack/new-stack.ts';
import { firstTierPort, lastTierPort } from '../stack/ports.ts';
import type { Stack } from '../stack/stack-types.ts';
import { findModel, type PlanFacts } from './plan.ts';
import type { Chosen, Job } from './record.ts';

const maxNameLength = 200;

export function chosenTiers(plan: SetupPlan, facts: PlanFacts): Chosen[] {
  return plan.tiers.map((tier) => chosenTier(tier, facts));
}

export function chosenTier(tier: PlannedTier, facts: Pick<PlanFacts, 'request' | 'others'>): Chosen {
  const found = findModel(facts, tier.repo);
  const inCatalogue = found.ok && facts.request.models.includes(found.value.entry);
  return {
    name: tier.name,
    source: tier.repo,
    /** The CLI knows the models of the catalogue by these names. */
    model: inCatalogue ? found.value.entry.id : baseNameOf(tier.repo).slice(0, maxNameLength) || 'model',
    displayName: tier.modelName.slice(0, maxNameLength) || tier.name,
    quant: tier.quant,
    contextTokens: tier.contextTokens,
    downloadBytes: tier.downloadBytes,
  };
}

export const chosenTiersOf = (job: Job): readonly Chosen[] => (job.kind === 'setup' ? job.tiers : [job.tier]);

export const newTier = (chosen: Chosen, port: number): NewTier => ({
  name: chosen.name,
  model: chosen.model,
  displayName: chosen.displayName,
  quant: chosen.quant,
  source: chosen.source,
  contextTokens: chosen.contextTokens,
  port,
});

export function textOfStack(job: Extract<Job, { kind: 'setup' }>, ports: readonly number[]): string {
  return stackText({
    profileId: job.profileId,
    intent: job.intent,
    createdAtMs: job.createdAtMs,
    tiers: job.tiers.map((tier, index) => newTier(tier, ports[index] ?? firstTierPort + index)),
  });
}

/** Whether the stack says already what was chosen. */
export function isAsChosen(stack: Stack | null, tiers: readonly Chosen[]): boolean {
  return (
    stack !== null &&
    stack.tiers.length === tiers.length &&
    stack.tiers.every((tier, index) => {
      const chosen = tiers[index];
      return (
        chosen !== undefined &&
        tier.name === chosen.name &&
        tier.source === chosen.source &&
        tier.context === chosen.contextTokens
      );
    })
  );
}

/**
 * Ports for so many tiers, from where the CLI begins. One that a tier of the present stack has counts as free when that
 * stack is to go: its server ends before a new one starts there. `null`: there are not enough.
 */
export async function freePorts(
  count: number,
  options: {
    readonly gatewayPort: number;
    /** Not to be used. */
    readonly taken: ReadonlySet<number>;
    /** Ours, and about to be given back. */
    readonly returning: ReadonlySet<number>;
    readonly isPortFree: (port: number) => Promise<boolean>;
  },
): Promise<number[] | null> {
  const { gatewayPort, taken, returning, isPortFree } = options;
  const found: number[] = [];
  for (let port = firstTierPort; port <= lastTierPort && found.length < count; port += 1) {
    if (port === gatewayPort || taken.has(port)) continue;
    if (returning.has(port) || (await isPortFree(port))) found.push(port);
  }
  return found.length === count ? found : null;
}
