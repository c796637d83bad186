/** Parity with the CLI: its own figures through its own formulas, to the sixth digit. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  assignTiers,
  defaultSelection,
  estimateMemoryGb,
  type LegacyDiscovered,
  type LegacyModel,
  parametersOfName,
  quantOfName,
  rankCatalogue,
  rankDiscovered,
} from '../../../src-main/planner/legacy.ts';
import { intents } from '../../../src-main/planner/types.ts';

const figure = z.tuple([z.string(), z.number(), z.number()]);
const intent = z.enum(intents);
const data = z
  .object({
    catalogue: z.array(
      z.object({
        id: z.string(),
        tools: z.boolean(),
        quality: z.number(),
        architecture: z.string(),
        gated: z.boolean(),
        figures: z.array(figure),
      }),
    ),
    discovered: z.array(
      z.object({
        repo: z.string(),
        paramsB: z.number(),
        quality: z.number().nullable(),
        figures: z.array(figure),
      }),
    ),
    bandwidth: z.record(z.string(), z.number()),
    golden: z.array(
      z.object({
        chip: z.string(),
        memoryGb: z.number(),
        profileId: z.string(),
        intent,
        budgetGb: z.number(),
        excludeGated: z.boolean(),
        tiers: z.array(z.tuple([z.string(), z.string()])),
        ranking: z.array(z.tuple([z.string(), z.number(), z.number(), z.number(), z.boolean()])),
      }),
    ),
    goldenSetup: z.array(
      z.object({
        profileId: z.string(),
        intent,
        budgetGb: z.number(),
        count: z.number(),
        defaultSelection: z.array(z.string()),
        top5: z.array(z.tuple([z.string(), z.number(), z.number().nullable(), z.number()])),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'cli-figures.json'), 'utf8')));

const models: readonly LegacyModel[] = data.catalogue.map((model) => ({
  ...model,
  quality: model.quality / 100,
  figures: model.figures.map(([profileId, genTps, memoryGb]) => ({ profileId, genTps, memoryGb })),
}));

describe('models --recommend', () => {
  test('has golden rankings to keep to', () => {
    expect(data.golden).toHaveLength(28);
    expect(data.goldenSetup).toHaveLength(8);
  });

  test.each(data.golden)('$chip $memoryGb GB, $intent, without gated: $excludeGated', (golden) => {
    const { profileId, budgetGb, excludeGated } = golden;
    const machine = { profileId, budgetGb, bandwidthGbps: data.bandwidth[golden.chip] ?? Number.NaN };
    const ranking = rankCatalogue(models, machine, golden.intent, { excludeGated });
    expect(ranking.map(({ id }) => id)).toEqual(golden.ranking.map(([id]) => id));
    for (const [index, [, composite, genTps, memoryGb, estimated]] of golden.ranking.entries()) {
      const rank = ranking[index];
      expect(Math.abs((rank?.composite ?? 0) - composite)).toBeLessThan(1e-6);
      expect(Math.abs((rank?.genTps ?? 0) - genTps)).toBeLessThan(1e-2);
      expect(rank).toMatchObject({ memoryGb, estimated });
    }
    expect(assignTiers(ranking, models, budgetGb).map(({ tier, model }) => [tier, model])).toEqual(
      golden.tiers,
    );
  });

  test('a saved benchmark beats the catalogue and is no estimate', () => {
    const machine = { profileId: 'm2-16', budgetGb: 6.4, bandwidthGbps: 100 };
    const saved = new Map([['qwen3-8b', { genTps: 500, memoryGb: 0.5 }]]);
    const [first] = rankCatalogue(models, machine, 'balanced', { saved });
    expect(first).toMatchObject({ id: 'qwen3-8b', genTps: 500, memoryGb: 0.5, estimated: false });
  });

  test('longctx only from a budget of 16 GB on; nothing fits, no tiers', () => {
    const machine = { profileId: 'm4-pro-48', budgetGb: 15.9, bandwidthGbps: 273 };
    const tiers = assignTiers(rankCatalogue(models, machine, 'balanced'), models, 15.9);
    expect(tiers.map(({ tier }) => tier)).toEqual(['standard', 'fast']);
    expect(assignTiers([], models, 100)).toEqual([]);
    expect(rankCatalogue(models, { ...machine, budgetGb: 0 }, 'balanced')).toEqual([]);
  });
});

describe('setup without a network', () => {
  /** Figures of the profile, else of the first one listed, unscaled; models that were measured come first. */
  function discoveredOn(profileId: string): LegacyDiscovered[] {
    const all = data.discovered
      .filter(({ repo }) => quantOfName(repo) === 'int4')
      .map(({ repo, paramsB, quality, figures }): LegacyDiscovered => {
        const [, genTps = null, memoryGb = null] =
          figures.find(([profile]) => profile === profileId) ?? figures[0] ?? [];
        return {
          repo,
          tools: false,
          quality,
          paramsB,
          genTps,
          memoryGb: memoryGb ?? estimateMemoryGb(paramsB, 'int4'),
        };
      });
    return [...all.filter(({ genTps }) => genTps !== null), ...all.filter(({ genTps }) => genTps === null)];
  }

  test.each(data.goldenSetup)('$profileId, $intent', (golden) => {
    const ranking = rankDiscovered(discoveredOn(golden.profileId), golden.budgetGb, golden.intent);
    expect(ranking).toHaveLength(golden.count);
    expect(
      ranking.slice(0, 5).map(({ repo, composite, genTps, memoryGb }) => [repo, composite, genTps, memoryGb]),
    ).toEqual(golden.top5);
    expect(defaultSelection(ranking, golden.budgetGb)).toEqual(golden.defaultSelection);
  });

  test('a model of unknown memory is judged by its size', () => {
    const model: LegacyDiscovered = {
      repo: 'a/b',
      tools: false,
      quality: null,
      paramsB: 9,
      genTps: null,
      memoryGb: null,
    };
    expect(rankDiscovered([model], 6, 'balanced')).toHaveLength(1);
    expect(rankDiscovered([{ ...model, paramsB: 9.1 }], 6, 'balanced')).toEqual([]);
    expect(rankDiscovered([model], 6, 'balanced')[0]?.composite).toBe(0.2);
  });
});

describe('names', () => {
  test.each([
    ['Qwen3.5-0.8B-4bit', 'int4', 0.8],
    ['NVIDIA-Nemotron-Nano-9B-v2-4bits', 'int4', 9],
    ['gemma-3-12b-it', 'unknown', 12],
    ['gemma-3-12b-it-bf16', 'bf16', 12],
    ['Qwen3.6-35B-A3B-6bit', 'int6', 35],
    ['Llama-3.2-1B-Instruct-8bit', 'int8', 1],
    ['MiniMax-M2.7-4bit-mxfp4', 'unknown', null],
    ['phi-4-4bit', 'int4', null],
    ['model-3bit', 'unknown', null],
  ])('%s is %s of %s billion', (name, quant, parameters) => {
    expect(quantOfName(name)).toBe(quant);
    expect(parametersOfName(name)).toBe(parameters);
  });

  test('an estimate of the memory has one digit', () => {
    expect(estimateMemoryGb(27, 'int4')).toBe(16.2);
    expect(estimateMemoryGb(8, 'int8')).toBe(8.8);
    expect(estimateMemoryGb(8, 'toString')).toBe(4.8);
  });
});
