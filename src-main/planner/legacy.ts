/**
 * The CLI's formulas, to the digit: for people who want the stack that the CLI would have given them, and to compare.
 * They reward small models (log speed, and 20 % for memory that is left over); `plan.ts` does not. Pure.
 */
import type { Intent } from './types.ts';

export interface LegacyFigures {
  readonly genTps: number;
  readonly memoryGb: number;
}

export interface LegacyModel {
  readonly id: string;
  readonly tools: boolean;
  /** 0 to 1. */
  readonly quality: number;
  /** Only `mamba2-hybrid` models may become `longctx`. */
  readonly architecture: string;
  readonly gated: boolean;
  /** By profile, in the order of the file. */
  readonly figures: readonly (LegacyFigures & { readonly profileId: string })[];
}

export interface LegacyMachine {
  readonly profileId: string;
  readonly bandwidthGbps: number;
  readonly budgetGb: number;
}

export interface LegacyRank extends LegacyFigures {
  readonly id: string;
  readonly composite: number;
  readonly estimated: boolean;
}

export interface LegacyTier {
  readonly tier: 'standard' | 'fast' | 'longctx';
  readonly model: string;
}

interface Weights {
  readonly speed: number;
  readonly quality: number;
  readonly tools: number;
  readonly memory: number;
}

const weights: Readonly<Record<Intent, Weights>> = {
  balanced: { speed: 0.25, quality: 0.4, tools: 0.15, memory: 0.2 },
  'agent-fleet': { speed: 0.3, quality: 0.2, tools: 0.35, memory: 0.15 },
};

const referenceGbps: ReadonlyMap<string, number> = new Map([
  ['m4-pro-48', 273],
  ['m4-max-128', 546],
  ['m5-max-128', 546],
]);
const unknownReferenceGbps = 400;
const fullSpeedTps = 200;
const longContextBudgetGb = 16;
const longContextArchitecture = 'mamba2-hybrid';

function compositeOf(
  intent: Intent,
  model: { readonly tools: boolean; readonly quality: number },
  genTps: number,
  memoryGb: number,
  budgetGb: number,
): number {
  const { speed, quality, tools, memory } = weights[intent];
  const spare = budgetGb <= 0 || memoryGb <= 0 ? 0 : clamp((budgetGb - memoryGb) / budgetGb);
  return (
    speed * speedScore(genTps) + quality * model.quality + tools * (model.tools ? 1 : 0) + memory * spare
  );
}

const speedScore = (tps: number) =>
  tps <= 0 ? 0 : Math.min(1, Math.log(1 + tps) / Math.log(1 + fullSpeedTps));
const clamp = (share: number) => Math.min(1, Math.max(0, share));

/** `models --recommend`: everything that fits, the best first. `saved` are benchmarks of this machine. */
export function rankCatalogue(
  models: readonly LegacyModel[],
  machine: LegacyMachine,
  intent: Intent,
  options: { readonly excludeGated?: boolean; readonly saved?: ReadonlyMap<string, LegacyFigures> } = {},
): LegacyRank[] {
  return models
    .filter((model) => options.excludeGated !== true || !model.gated)
    .flatMap((model) => {
      const figures = figuresFor(model, machine, options.saved?.get(model.id));
      if (figures === null || figures.memoryGb > machine.budgetGb) return [];
      const { genTps, memoryGb, estimated } = figures;
      const composite = compositeOf(intent, model, genTps, memoryGb, machine.budgetGb);
      return [{ id: model.id, composite, genTps, memoryGb, estimated }];
    })
    .toSorted((a, b) => b.composite - a.composite || compareText(a.id, b.id));
}

/** Not by the rules of a language: the CLI sorts by code points. */
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function figuresFor(
  model: LegacyModel,
  machine: LegacyMachine,
  saved: LegacyFigures | undefined,
): (LegacyFigures & { readonly estimated: boolean }) | null {
  if (saved !== undefined) return { ...saved, estimated: false };
  const own = model.figures.find(({ profileId }) => profileId === machine.profileId);
  if (own !== undefined) return { genTps: own.genTps, memoryGb: own.memoryGb, estimated: false };
  const reference = model.figures.find(({ profileId }) => referenceGbps.has(profileId)) ?? model.figures[0];
  if (reference === undefined) return null;
  const gbps = referenceGbps.get(reference.profileId) ?? unknownReferenceGbps;
  return {
    genTps: reference.genTps * (machine.bandwidthGbps / gbps),
    memoryGb: reference.memoryGb,
    estimated: true,
  };
}

export function assignTiers(
  ranking: readonly LegacyRank[],
  models: readonly LegacyModel[],
  budgetGb: number,
): LegacyTier[] {
  const [standard, ...others] = ranking;
  if (standard === undefined) return [];
  const [fast] = others.toSorted((a, b) => b.genTps - a.genTps || compareText(a.id, b.id));
  const hybrids = new Set(
    models.filter(({ architecture }) => architecture === longContextArchitecture).map(({ id }) => id),
  );
  const longctx =
    budgetGb < longContextBudgetGb ? undefined : others.find(({ id }) => id !== fast?.id && hybrids.has(id));
  return [
    { tier: 'standard', model: standard.id },
    ...(fast === undefined ? [] : [{ tier: 'fast' as const, model: fast.id }]),
    ...(longctx === undefined ? [] : [{ tier: 'longctx' as const, model: longctx.id }]),
  ];
}

export interface LegacyDiscovered {
  readonly repo: string;
  readonly tools: boolean;
  /** `null`: not known. */
  readonly quality: number | null;
  readonly paramsB: number;
  readonly genTps: number | null;
  readonly memoryGb: number | null;
}

export interface LegacyDiscoveredRank {
  readonly repo: string;
  /** To four digits. */
  readonly composite: number;
  readonly genTps: number | null;
  readonly memoryGb: number | null;
}

const unknownQuality = 0.5;
const unknownMemoryFactor = 1.5;

/** `setup`: the models that it found, in its order, those of equal score as they came. */
export function rankDiscovered(
  models: readonly LegacyDiscovered[],
  budgetGb: number,
  intent: Intent,
): LegacyDiscoveredRank[] {
  return models
    .filter(({ memoryGb, paramsB }) =>
      memoryGb === null ? paramsB <= unknownMemoryFactor * budgetGb : memoryGb <= budgetGb,
    )
    .map(({ repo, tools, quality, genTps, memoryGb }) => {
      const scored = { tools, quality: quality ?? unknownQuality };
      const composite = compositeOf(intent, scored, genTps ?? 0, memoryGb ?? 0, budgetGb);
      return { repo, composite: Math.round(composite * 10_000) / 10_000, genTps, memoryGb };
    })
    .toSorted((a, b) => b.composite - a.composite);
}

/** The best, and the fastest of the others if both fit; no third is tried. */
export function defaultSelection(ranking: readonly LegacyDiscoveredRank[], budgetGb: number): string[] {
  const [first, ...others] = ranking;
  if (first === undefined || (first.memoryGb ?? 0) > budgetGb) return [];
  const [fastest] = others.toSorted((a, b) => (b.genTps ?? 0) - (a.genTps ?? 0));
  const fits = fastest !== undefined && (first.memoryGb ?? 0) + (fastest.memoryGb ?? 0) <= budgetGb;
  return fits ? [first.repo, fastest.repo] : [first.repo];
}

const bytesPerParameter: Readonly<Record<string, number>> = {
  int4: 0.6,
  int5: 0.75,
  int6: 0.9,
  int8: 1.1,
  fp16: 2,
  bf16: 2,
};

/** The CLI's memory for a model of which nothing was measured. */
export function estimateMemoryGb(paramsB: number, quant: string): number {
  const perParameter = Object.hasOwn(bytesPerParameter, quant) ? bytesPerParameter[quant] : undefined;
  return Math.round(paramsB * (perParameter ?? 0.6) * 10) / 10;
}

/** From the end of a repository's name: `-4bit`, `-8bit`, `-bf16`. */
export function quantOfName(name: string): string {
  const match = /-(?:(\d)bits?|(bf16|fp16))$/i.exec(name);
  if (match === null) return 'unknown';
  const [, bits, float] = match;
  if (float !== undefined) return float.toLowerCase();
  return bits !== undefined && ['4', '5', '6', '8'].includes(bits) ? `int${bits}` : 'unknown';
}

/** The last `<number>B` of a name, in billions; never the `4b` of `4bit`. */
export function parametersOfName(name: string): number | null {
  const matches = [...name.matchAll(/(?<![\w.])(\d+(?:\.\d+)?)B(?!it|\w)/gi)];
  const last = matches.at(-1)?.[1];
  return last === undefined ? null : Number(last);
}
