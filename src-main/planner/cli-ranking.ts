/** The ranking of the mlx-stack CLI's catalogue (mlx-stack-cli.md §6.1, whose numbers these are): memory saved is a merit. Pure. */
import type { Intent, Role } from './types.ts';

export interface CliModel {
  readonly id: string;
  /** Tokens per second that one answer is written with. */
  readonly genTps: number;
  readonly memoryGb: number;
  /** 0 to 100. */
  readonly qualityOverall: number;
  readonly hasTools: boolean;
  /** Meant for long prompts; in the CLI's catalogue the architecture `mamba2-hybrid`. */
  readonly isHybrid: boolean;
}

export interface CliRanked<M extends CliModel> {
  readonly model: M;
  /** 0 to 1. */
  readonly composite: number;
}

type Merit = 'speed' | 'quality' | 'tools' | 'memory';
const merits = ['speed', 'quality', 'tools', 'memory'] as const satisfies readonly Merit[];

/** Each sums to 1. */
export const cliWeights: Readonly<Record<Intent, Readonly<Record<Merit, number>>>> = {
  balanced: { speed: 0.25, quality: 0.4, tools: 0.15, memory: 0.2 },
  'agent-fleet': { speed: 0.3, quality: 0.2, tools: 0.35, memory: 0.15 },
};
/** From here on faster is no better. */
const fullSpeedTps = 200;
const fullQuality = 100;
/** With a smaller budget there is no `longctx`. */
export const cliLongContextFloorGb = 16;

/** The models that fit one by one, the best first. */
export function rankAsCli<M extends CliModel>(
  models: readonly M[],
  budgetGb: number,
  intent: Intent,
): CliRanked<M>[] {
  return models
    .filter(({ memoryGb }) => memoryGb <= budgetGb)
    .map((model) => ({ model, composite: compositeOf(model, budgetGb, intent) }))
    .toSorted((a, b) => b.composite - a.composite || byId(a, b));
}

function compositeOf(model: CliModel, budgetGb: number, intent: Intent): number {
  const { genTps, memoryGb, qualityOverall, hasTools } = model;
  const scores: Readonly<Record<Merit, number>> = {
    speed: genTps <= 0 ? 0 : Math.min(1, Math.log1p(genTps) / Math.log1p(fullSpeedTps)),
    quality: qualityOverall / fullQuality,
    tools: hasTools ? 1 : 0,
    memory: budgetGb <= 0 || memoryGb <= 0 ? 0 : Math.max(0, (budgetGb - memoryGb) / budgetGb),
  };
  return merits.reduce((sum, merit) => sum + cliWeights[intent][merit] * scores[merit], 0);
}

/** By code units, as Python compares ASCII. */
function byId<M extends CliModel>(a: CliRanked<M>, b: CliRanked<M>): number {
  if (a.model.id === b.model.id) return 0;
  return a.model.id < b.model.id ? -1 : 1;
}

export interface CliRoles<M extends CliModel> {
  readonly standard: CliRanked<M>;
  readonly fast: CliRanked<M> | null;
  readonly longctx: CliRanked<M> | null;
}

/**
 * Each role from what `offer` still has for it once others are taken; no model twice. The CLI itself offers all models
 * to every role, so that its tiers together may exceed the budget. `null` when nothing fits.
 */
export function chooseRolesAsCli<M extends CliModel>(
  budgetGb: number,
  intent: Intent,
  offer: (role: Role, taken: readonly M[]) => readonly M[],
): CliRoles<M> | null {
  const ranked = (role: Role, taken: readonly M[]) =>
    rankAsCli(offer(role, taken), budgetGb, intent).filter(({ model }) =>
      taken.every(({ id }) => id !== model.id),
    );
  const [standard] = ranked('standard', []);
  if (standard === undefined) return null;
  const [fast = null] = ranked('fast', [standard.model]).toSorted(
    (a, b) => b.model.genTps - a.model.genTps || byId(a, b),
  );
  if (budgetGb < cliLongContextFloorGb) return { standard, fast, longctx: null };
  const taken = [standard.model, ...(fast === null ? [] : [fast.model])];
  const longctx = ranked('longctx', taken).find(({ model }) => model.isHybrid) ?? null;
  return { standard, fast, longctx };
}
