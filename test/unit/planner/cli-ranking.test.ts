/** Acceptance 9: the mlx-stack CLI's recommendations for its own catalogue are reproduced by its ranking as the app has it. */
import { describe, expect, test } from 'vitest';
import {
  type CliModel,
  chooseRolesAsCli,
  cliLongContextFloorGb,
  cliWeights,
  rankAsCli,
} from '../../../src-main/planner/cli-ranking.ts';
import { type Intent, intents } from '../../../src-main/planner/types.ts';
import { cliFacts, cliFiguresFor, cliProfileOf } from './cli-figures.ts';

/** The recommendations are written with six places. */
const compositeTolerance = 1e-6;

const goldens = cliFacts.golden_catalog_recommendation.map(
  (golden) =>
    [
      `${golden.profile_id}, ${golden.intent}, ${golden.exclude_gated ? 'without' : 'with'} gated models`,
      golden,
    ] as const,
);

test('the recommendations are of every size, both intents, with gated models and without', () => {
  expect(goldens).toHaveLength(28);
  expect(new Set(goldens.map(([name]) => name)).size).toBe(28);
});

describe('the CLI’s own recommendation', () => {
  test.each(goldens)('for %s', (_name, golden) => {
    const mac = { chip: golden.chip, memoryGb: golden.memory_gb };
    expect(cliProfileOf(mac)).toBe(golden.profile_id);
    const budgetGb = (mac.memoryGb * golden.budget_pct) / 100;
    expect(budgetGb).toBeCloseTo(golden.budget_gb, 9);
    const models = cliFiguresFor(mac, golden.exclude_gated);
    const ranked = rankAsCli(models, budgetGb, golden.intent);
    expect(ranked.map(({ model }) => model.id)).toEqual(golden.ranking.map(({ id }) => id));
    for (const [index, { model, composite }] of ranked.entries()) {
      const wanted = golden.ranking[index];
      expect(Math.abs(composite - (wanted?.composite ?? Number.NaN)), model.id).toBeLessThanOrEqual(
        compositeTolerance,
      );
      expect(model.genTps, model.id).toBeCloseTo(wanted?.gen_tps ?? Number.NaN, 3);
      expect([model.memoryGb, model.isEstimated]).toEqual([wanted?.memory_gb, wanted?.estimated]);
    }
    const roles = chooseRolesAsCli(budgetGb, golden.intent, () => models);
    const tiers =
      roles === null
        ? []
        : [
            { tier: 'standard', model: roles.standard.model.id },
            ...(roles.fast === null ? [] : [{ tier: 'fast', model: roles.fast.model.id }]),
            ...(roles.longctx === null ? [] : [{ tier: 'longctx', model: roles.longctx.model.id }]),
          ];
    expect(tiers).toEqual(golden.tiers);
  });
});

const someModel = (id: string, change: Partial<CliModel> = {}): CliModel => ({
  id,
  genTps: 50,
  memoryGb: 5,
  qualityOverall: 60,
  hasTools: true,
  isHybrid: false,
  ...change,
});
const compositeOf = (change: Partial<CliModel>, budgetGb = 10, intent: Intent = 'balanced') =>
  rankAsCli([someModel('a', change)], budgetGb, intent)[0]?.composite;

test('the weights are the CLI’s, and sum to 1', () => {
  for (const intent of intents) {
    const { speed, quality, tools, memory } = cliWeights[intent];
    expect({ speed, quality, tool_calling: tools, memory_efficiency: memory }).toEqual(
      cliFacts.intent_weights[intent],
    );
    expect(speed + quality + tools + memory).toBeCloseTo(1, 12);
  }
});

test('each merit ends at its bounds', () => {
  const nothing = { genTps: 0, qualityOverall: 0, hasTools: false, memoryGb: 10 };
  expect(compositeOf(nothing)).toBe(0);
  expect(compositeOf({ ...nothing, genTps: -5 })).toBe(0);
  expect(compositeOf({ ...nothing, genTps: 200 })).toBeCloseTo(0.25, 12);
  expect(compositeOf({ ...nothing, genTps: 4000 })).toBeCloseTo(0.25, 12);
  expect(compositeOf({ ...nothing, qualityOverall: 100 })).toBeCloseTo(0.4, 12);
  expect(compositeOf({ ...nothing, hasTools: true }, 10, 'agent-fleet')).toBeCloseTo(0.35, 12);
  expect(compositeOf({ ...nothing, memoryGb: 5 })).toBeCloseTo(0.1, 12);
  expect(compositeOf({ ...nothing, memoryGb: 0 })).toBe(0);
  expect(compositeOf({ ...nothing, memoryGb: 0 }, 0)).toBe(0);
});

test('what is larger than the budget is left out, what is as large stays, and equals go by their id', () => {
  const ids = rankAsCli(
    [someModel('b'), someModel('c', { memoryGb: 10 }), someModel('a'), someModel('d', { memoryGb: 10.01 })],
    10,
    'balanced',
  ).map(({ model }) => model.id);
  expect(ids).toEqual(['a', 'b', 'c']);
});

test('a role takes only what is still offered to it, and no model twice', () => {
  const models = [
    someModel('best', { qualityOverall: 90 }),
    someModel('quick', { genTps: 90 }),
    someModel('long', { isHybrid: true }),
  ];
  const idsOf = (budgetGb: number, without: string | null) => {
    const roles = chooseRolesAsCli(budgetGb, 'balanced', (role) =>
      models.filter(({ id }) => role === 'standard' || id !== without),
    );
    return [roles?.standard, roles?.fast, roles?.longctx].map((ranked) => ranked?.model.id ?? null);
  };
  expect(idsOf(cliLongContextFloorGb, null)).toEqual(['best', 'quick', 'long']);
  expect(idsOf(cliLongContextFloorGb, 'quick')).toEqual(['best', 'long', null]);
  expect(idsOf(cliLongContextFloorGb - 0.01, null)).toEqual(['best', 'quick', null]);
  expect(chooseRolesAsCli(1, 'balanced', () => models)).toBeNull();
});
