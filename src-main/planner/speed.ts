/**
 * How fast a model would write on a Mac. Each token means reading all weights that it passes through, and the
 * conversation so far, so memory bandwidth decides. Pure.
 */
import type { CatalogueEntry, MeasuredElsewhere, ModelSource } from '../catalogue/entry.ts';
import { bandwidthOf, type Chip, parseChip } from '../hardware/chips.ts';
import { kvBytes } from '../stack/kv-cache.ts';
import type { MeasuredHere, PlanMachine, Speed } from './types.ts';

/**
 * The share of the bandwidth that is reached: 0.55 is llmfit's default for dense models, 0.9 the best that was
 * measured; experts are scattered in memory, where 0.25 to 0.55 was (SUNK, Rapid-MLX; servers.md F).
 */
const denseEfficiency = { low: 0.55, high: 0.9 } as const;
const expertsEfficiency = { low: 0.25, high: 0.55 } as const;
/** The conversation that is read with each token: a few pages. */
const typicalTokens = 4096;

/** How far figures of other Macs may be off. */
const sameChipMargin = { low: 0.9, high: 1.1 } as const;
const scaledMargin = { low: 0.75, high: 1.15 } as const;
const scaledExpertsMargin = { low: 0.55, high: 1.1 } as const;
/**
 * Larger chips reach a smaller share of their bandwidth: Qwen3.5 27B is 3.4 times as fast on an M3 Ultra as on an
 * M2 Pro, with 4.1 times the bandwidth; from M4 Pro to M5 Max it is 2.0 of 2.25.
 */
const scalingExponent = 0.87;

export function speedOf(
  model: CatalogueEntry,
  source: ModelSource,
  machine: PlanMachine,
  measured: readonly MeasuredHere[],
): Speed {
  const here = measured.find(({ repo, quant }) => repo === source.repo && quant === source.quant);
  if (here !== undefined && here.genTps > 0) {
    return { lowTps: here.genTps, likelyTps: here.genTps, highTps: here.genTps, basis: 'measured' };
  }
  const figure = nearestFigure(model, source, machine);
  if (figure !== null) return figure;
  const efficiency = model.activeParametersB === null ? denseEfficiency : expertsEfficiency;
  const perTokenGb = bytesPerToken(model, source) / 1e9;
  const lowTps = (machine.bandwidthGbps * efficiency.low) / perTokenGb;
  const highTps = (machine.bandwidthGbps * efficiency.high) / perTokenGb;
  return { lowTps, likelyTps: Math.sqrt(lowTps * highTps), highTps, basis: 'formula' };
}

function bytesPerToken(model: CatalogueEntry, source: ModelSource): number {
  const { activeParametersB, parametersB, kv } = model;
  const share = activeParametersB === null || parametersB === null ? 1 : activeParametersB / parametersB;
  return source.sizeBytes * share + (kv === null ? 0 : kvBytes(kv, typicalTokens));
}

/** The figure from the Mac whose bandwidth is nearest, the same chip before all others. */
function nearestFigure(model: CatalogueEntry, source: ModelSource, machine: PlanMachine): Speed | null {
  const own = parseChip(machine.chip);
  let nearest: { readonly genTps: number; readonly ratio: number; readonly isSame: boolean } | null = null;
  for (const figure of model.measured) {
    const from = figure.quant === source.quant ? originOf(figure) : null;
    if (from === null) continue;
    const ratio = machine.bandwidthGbps / from.gbps;
    const isSame = ratio === 1 && isSameChip(own, from.chip);
    const isNearer = nearest === null || distance(ratio) < distance(nearest.ratio);
    if (isNearer || (isSame && nearest?.isSame === false)) nearest = { genTps: figure.genTps, ratio, isSame };
  }
  if (nearest === null) return null;
  const { genTps, ratio, isSame } = nearest;
  const likelyTps = genTps * ratio ** scalingExponent;
  const elsewhere = model.activeParametersB === null ? scaledMargin : scaledExpertsMargin;
  const margin = isSame ? sameChipMargin : elsewhere;
  return {
    lowTps: likelyTps * margin.low,
    likelyTps,
    highTps: likelyTps * margin.high,
    basis: isSame ? 'same-chip' : 'scaled',
  };
}

const distance = (ratio: number) => Math.abs(Math.log(ratio));

function isSameChip(a: Chip | null, b: Chip): boolean {
  return a !== null && a.generation === b.generation && a.variant === b.variant;
}

function originOf({
  chip,
  profile,
}: MeasuredElsewhere): { readonly chip: Chip; readonly gbps: number } | null {
  const known = chip === null ? profileParts(profile ?? '') : { chip, memoryGb: Number.POSITIVE_INFINITY };
  const parsed = known === null ? null : parseChip(known.chip);
  if (known === null || parsed === null) return null;
  return { chip: parsed, gbps: bandwidthOf(parsed, null, known.memoryGb).gbps };
}

/** `m4-pro-64`: the chip and the memory. */
function profileParts(profile: string): { readonly chip: string; readonly memoryGb: number } | null {
  const match = /^m(\d{1,3})(?:-(pro|max|ultra))?-(\d{1,4})$/.exec(profile);
  if (match === null) return null;
  const [, generation, word, memory] = match;
  const variant = word === undefined ? '' : ` ${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  return { chip: `Apple M${generation}${variant}`, memoryGb: Number(memory) };
}
