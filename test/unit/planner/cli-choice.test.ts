/** Whoever asks for the mlx-stack CLI's ranking gets it, with everything that the app promises of a plan. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../../src-main/catalogue/load.ts';
import { candidates, usableTps } from '../../../src-main/planner/candidates.ts';
import { rankAsCli } from '../../../src-main/planner/cli-ranking.ts';
import { makePlan } from '../../../src-main/planner/plan.ts';
import { type Intent, intents, type Plan, type PlanMachine } from '../../../src-main/planner/types.ts';
import { loadShipped, machineOf, requestFor, sold } from './machines.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadShipped();
});

const bytesPerGb = 1024 ** 3;

function planBy(
  ranking: 'quality' | 'cli',
  machine: PlanMachine,
  intent: Intent = 'balanced',
  budgetPct = 40,
): Plan {
  const plan = makePlan(requestFor(catalogue, machine, intent, { ranking, budgetPct }));
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

const tiersOf = ({ tiers }: Plan) => tiers.map(({ role, model }) => [role, model.id]);

const everyMac = () =>
  sold.flatMap(([chip, cores, sizes]) => sizes.map((size) => machineOf(chip, cores, size)));

describe('on every Mac', () => {
  test.each(intents)(
    'all tiers together keep within the budget, and to what a plan promises: %s',
    (intent) => {
      for (const machine of everyMac()) {
        for (const budgetPct of [10, 40, 75, 100]) {
          const plan = makePlan(requestFor(catalogue, machine, intent, { ranking: 'cli', budgetPct }));
          if (!plan.ok) {
            expect(plan.error.code).toBe('nothing-fits');
            expect(makePlan(requestFor(catalogue, machine, intent, { budgetPct }))).toEqual(plan);
            continue;
          }
          const { tiers, usedBytes, budget, verdicts, notes } = plan.value;
          const sum = tiers.reduce((bytes, tier) => bytes + tier.memory.totalBytes, 0);
          expect(usedBytes).toBe(sum);
          expect(sum, `${machine.profileId} at ${budgetPct} %`).toBeLessThanOrEqual(budget.bytes);
          expect(new Set(tiers.map(({ model }) => model.id)).size).toBe(tiers.length);
          expect(tiers[0]?.role).toBe('standard');
          expect(tiers.length + notes.length).toBe(3);
          for (const { role, model, speed, contextTokens, reason } of tiers) {
            expect(model.notRecommended).toBeNull();
            expect(speed.likelyTps).toBeGreaterThanOrEqual(usableTps);
            if (intent === 'agent-fleet') expect(model.tools).toBe(true);
            if (role === 'longctx') {
              expect(budget.bytes).toBeGreaterThanOrEqual(16 * bytesPerGb);
              expect(contextTokens).toBeGreaterThanOrEqual(131_072);
            }
            expect(reason).toMatch(
              /^[A-Z].*by the ranking of the mlx-stack CLI, which your settings ask for.*\d.*\.$/,
            );
            expect(verdicts.find(({ modelId }) => modelId === model.id)).toEqual({
              modelId: model.id,
              verdict: 'chosen',
              sentence: reason,
            });
          }
        }
      }
    },
  );
});

test('standard has the highest score, fast the highest speed of what still fits', () => {
  const machine = machineOf('Apple M4 Max', 40, 64);
  const { tiers, budget } = planBy('cli', machine);
  const [standard, fast] = tiers;
  if (standard === undefined || fast === undefined) throw new Error('too few tiers');
  const request = requestFor(catalogue, machine, 'balanced', { ranking: 'cli' });
  const ways = candidates(request, budget.bytes);
  const ranked = rankAsCli(
    ways.map(({ model, speed, memory }) => ({
      id: model.id,
      genTps: speed.likelyTps,
      memoryGb: memory.totalBytes / bytesPerGb,
      qualityOverall: model.quality.general,
      hasTools: model.tools,
      isHybrid: false,
    })),
    budget.bytes / bytesPerGb,
    'balanced',
  );
  expect(standard.model.id).toBe(ranked[0]?.model.id);
  const others = candidates(request, budget.bytes - standard.memory.totalBytes).filter(
    ({ model }) => model.id !== standard.model.id,
  );
  expect(fast.speed.likelyTps).toBe(Math.max(...others.map(({ speed }) => speed.likelyTps)));
});

test('where the budget is large a model for long prompts is chosen too', () => {
  const { tiers } = planBy('cli', machineOf('Apple M3 Ultra', 80, 256));
  expect(tiers.map(({ role }) => role)).toEqual(['standard', 'fast', 'longctx']);
});

test('memory saved counts as a merit: a smaller model wins than by quality', () => {
  const machine = machineOf('Apple M4 Pro', 20, 48);
  const parametersOf = (plan: Plan) => plan.tiers[0]?.model.parametersB ?? 0;
  expect(parametersOf(planBy('cli', machine))).toBeLessThan(parametersOf(planBy('quality', machine)));
});

test('a model is taken in the preferred precision, where it comes in that and fits so', () => {
  const models = catalogue.entries.filter(({ id }) => id === 'qwen3.5-9b');
  const quantOn = (machine: PlanMachine, quant: 'int4' | 'int8') => {
    const plan = makePlan(requestFor(catalogue, machine, 'balanced', { ranking: 'cli', quant, models }));
    return plan.ok ? plan.value.tiers.map(({ source }) => source.quant) : [];
  };
  const large = machineOf('Apple M4 Max', 40, 128);
  expect(quantOn(large, 'int4')).toEqual(['int4']);
  expect(quantOn(large, 'int8')).toEqual(['int8']);
  expect(quantOn(machineOf('Apple M4', 10, 24), 'int8')).toEqual(['int4']);
});

test('says the same when asked twice, whatever the order of the models', () => {
  const request = requestFor(catalogue, machineOf('Apple M4 Max', 40, 128), 'balanced', { ranking: 'cli' });
  const plan = makePlan(request);
  expect(makePlan(request)).toEqual(plan);
  const reversed = makePlan({ ...request, models: request.models.toReversed() });
  if (!plan.ok || !reversed.ok) throw new Error('no plan');
  expect(tiersOf(reversed.value)).toEqual(tiersOf(plan.value));
});

test('each choice, and each place without one, has its reason in a sentence', () => {
  const { tiers, notes } = planBy('cli', machineOf('Apple M4 Pro', 20, 48));
  expect(tiers.map(({ role, reason }) => `${role}: ${reason}`)).toEqual([
    'standard: The highest score, 0.72, by the ranking of the mlx-stack CLI, which your settings ask for: 6.5 GB with a context of 32K, of 19.2 GB (40% of 48 GB); about 60–73 tokens per second (estimate).',
    'fast: The fastest of the others, by the ranking of the mlx-stack CLI, which your settings ask for: about 295–360 tokens per second (estimate); 7.3 GB with a context of 32K.',
  ]);
  expect(notes).toEqual([
    'No model for long prompts: of those that are meant for them, none holds 128K in what is left, 5.4 GB, at a usable speed. Qwen3.5 4B holds 32K.',
  ]);
  const small = planBy('cli', machineOf('Apple M4', 10, 16));
  expect(small.notes).toEqual([
    'No fast model: of what is left, 0.7 GB, none of the others fits and writes 8 tokens per second or more.',
    'No model for long prompts: one is chosen from a budget of 16 GB on; models may have 6.4 GB (40% of 16 GB). Qwen3.5 4B holds 16K.',
  ]);
  const [, , longctx] = planBy('cli', machineOf('Apple M3 Ultra', 80, 256)).tiers;
  expect(longctx?.reason).toMatch(
    /^The highest score among models for long prompts, 0\.\d\d, by the ranking/,
  );
});
