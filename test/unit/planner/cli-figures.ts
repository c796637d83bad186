/** The mlx-stack CLI's figures of its own catalogue on a Mac (mlx-stack-cli.md §5, §6.1), and its recommendations: `cli-catalogue.json`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { CliModel } from '../../../src-main/planner/cli-ranking.ts';
import { intents } from '../../../src-main/planner/types.ts';

const weightsSchema = z.strictObject({
  speed: z.number(),
  quality: z.number(),
  tool_calling: z.number(),
  memory_efficiency: z.number(),
});
const modelSchema = z.strictObject({
  id: z.string(),
  architecture: z.string(),
  gated: z.boolean(),
  tool_calling: z.boolean(),
  quality_overall: z.number(),
  benchmarks: z.record(z.string(), z.strictObject({ gen_tps: z.number(), memory_gb: z.number() })),
});
const recommendationSchema = z.strictObject({
  chip: z.string(),
  memory_gb: z.number(),
  profile_id: z.string(),
  intent: z.enum(intents),
  budget_pct: z.number(),
  budget_gb: z.number(),
  exclude_gated: z.boolean(),
  tiers: z.array(z.strictObject({ tier: z.enum(['standard', 'fast', 'longctx']), model: z.string() })),
  ranking: z.array(
    z.strictObject({
      id: z.string(),
      composite: z.number(),
      gen_tps: z.number(),
      memory_gb: z.number(),
      estimated: z.boolean(),
    }),
  ),
});
const fileSchema = z.strictObject({
  _about: z.string(),
  intent_weights: z.record(z.enum(intents), weightsSchema),
  chip_bandwidth_gbps: z.record(z.string(), z.number()),
  chip_bandwidth_fallback_by_memory_gb: z.array(
    z.strictObject({ max_gb: z.number().nullable(), gbps: z.number() }),
  ),
  reference_profiles_gbps: z.record(z.string(), z.number()),
  unknown_reference_gbps: z.number(),
  catalog: z.array(modelSchema),
  golden_catalog_recommendation: z.array(recommendationSchema),
});

const file = path.join(import.meta.dirname, 'cli-catalogue.json');
export const cliFacts = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

export interface CliFigures extends CliModel {
  readonly isEstimated: boolean;
}

export interface CliMac {
  readonly chip: string;
  readonly memoryGb: number;
}

/** `m4-pro-48`. */
export const cliProfileOf = ({ chip, memoryGb }: CliMac): string =>
  `${chip.replace('Apple ', '').toLowerCase().replaceAll(' ', '-')}-${memoryGb}`;

/** What the CLI knows of each model for which it has a figure. */
export function cliFiguresFor(mac: CliMac, excludeGated: boolean): CliFigures[] {
  return cliFacts.catalog
    .filter(({ gated }) => !(gated && excludeGated))
    .flatMap((model) => {
      const figure = figureOf(model.benchmarks, mac);
      if (figure === null) return [];
      return [
        {
          ...figure,
          id: model.id,
          qualityOverall: model.quality_overall,
          hasTools: model.tool_calling,
          isHybrid: model.architecture === 'mamba2-hybrid',
        },
      ];
    });
}

type Benchmarks = z.output<typeof modelSchema>['benchmarks'];

/** Of this Mac, or from a reference scaled by the memory bandwidth. */
function figureOf(
  benchmarks: Benchmarks,
  mac: CliMac,
): Pick<CliFigures, 'genTps' | 'memoryGb' | 'isEstimated'> | null {
  const own = benchmarks[cliProfileOf(mac)];
  if (own !== undefined) return { genTps: own.gen_tps, memoryGb: own.memory_gb, isEstimated: false };
  const all = Object.entries(benchmarks);
  const [profile, from] = all.find(([name]) => name in cliFacts.reference_profiles_gbps) ?? all[0] ?? [];
  if (profile === undefined || from === undefined) return null;
  const referenceGbps = cliFacts.reference_profiles_gbps[profile] ?? cliFacts.unknown_reference_gbps;
  return {
    genTps: from.gen_tps * (bandwidthOf(mac) / referenceGbps),
    memoryGb: from.memory_gb,
    isEstimated: true,
  };
}

function bandwidthOf({ chip, memoryGb }: CliMac): number {
  const known = cliFacts.chip_bandwidth_gbps[chip];
  if (known !== undefined) return known;
  const step = cliFacts.chip_bandwidth_fallback_by_memory_gb.find(
    ({ max_gb }) => max_gb === null || memoryGb <= max_gb,
  );
  if (step === undefined) throw new Error(`no bandwidth for ${memoryGb} GB`);
  return step.gbps;
}
