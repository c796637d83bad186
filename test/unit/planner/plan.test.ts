import { beforeAll, describe, expect, test } from 'vitest';
import type { CatalogueEntry, ModelSource } from '../../../src-main/catalogue/entry.ts';
import type { Catalogue } from '../../../src-main/catalogue/load.ts';
import { usableTps } from '../../../src-main/planner/candidates.ts';
import { memoryOf } from '../../../src-main/planner/need.ts';
import {
  assess,
  budgetOf,
  clearlyFaster,
  longContextFloorBytes,
  makePlan,
} from '../../../src-main/planner/plan.ts';
import { speedOf } from '../../../src-main/planner/speed.ts';
import {
  type Intent,
  intents,
  type MeasuredHere,
  type Plan,
  type PlanMachine,
  type PlanRequest,
} from '../../../src-main/planner/types.ts';
import { loadShipped, machineOf, requestFor, sold } from './machines.ts';

const gb = 1e9;
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadShipped();
});

function planOf(request: PlanRequest): Plan {
  const plan = makePlan(request);
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

const everyMac = () =>
  sold.flatMap(([chip, cores, sizes]) => sizes.map((size) => machineOf(chip, cores, size)));
const standardOn = (machine: PlanMachine, intent: Intent = 'balanced') =>
  planOf(requestFor(catalogue, machine, intent)).tiers[0];

function entryOf(id: string): CatalogueEntry {
  const found = catalogue.entries.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

function sourceOf(entry: CatalogueEntry, index = 0): ModelSource {
  const source = entry.sources[index];
  if (source === undefined) throw new Error(`${entry.id} has no source`);
  return source;
}

describe('quality first', () => {
  test('16 GB gets a 4B-class standard, 24 GB 9B, 48 GB and up 27B-class or better', () => {
    for (const machine of everyMac()) {
      for (const intent of intents) {
        const size = machine.totalBytes / 1024 ** 3;
        const parameters = standardOn(machine, intent)?.model.parametersB ?? 0;
        if (size >= 48) expect(parameters, machine.profileId).toBeGreaterThanOrEqual(27);
        else if (size >= 24) expect(parameters, machine.profileId).toBeGreaterThanOrEqual(9);
        else if (size >= 16) expect(parameters, machine.profileId).toBeGreaterThanOrEqual(4);
      }
    }
  });

  test('a model of less than a billion parameters is never the standard', () => {
    for (const machine of everyMac()) {
      for (const intent of intents) {
        expect(standardOn(machine, intent)?.model.parametersB, machine.profileId).toBeGreaterThan(1);
      }
    }
  });

  test('more memory never makes the standard worse', () => {
    for (const intent of intents) {
      const scores = [8, 16, 18, 24, 32, 36, 48, 64, 96, 128, 192, 256, 512].map((memoryGb) => {
        const quality = standardOn(machineOf('Apple M3 Ultra', 80, memoryGb), intent)?.model.quality;
        return intent === 'balanced' ? quality?.general : quality?.agents;
      });
      expect(scores).toEqual(scores.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    }
  });
});

describe('every plan for every Mac', () => {
  test.each([10, 40, 75, 100])(
    'at %i %% keeps within the budget and the GPU limit, and its promises',
    (budgetPct) => {
      for (const machine of everyMac()) {
        for (const intent of intents) {
          const request = requestFor(catalogue, machine, intent, { budgetPct });
          const plan = makePlan(request);
          if (!plan.ok) {
            expect(plan.error.code).toBe('nothing-fits');
            expect(plan.error.message).toMatch(/\d GB.*\d GB/);
            continue;
          }
          const { tiers, usedBytes, budget, verdicts } = plan.value;
          const sum = tiers.reduce((bytes, tier) => bytes + tier.memory.totalBytes, 0);
          expect(usedBytes).toBe(sum);
          expect(sum).toBeLessThanOrEqual(budget.bytes);
          expect(budget.bytes).toBeLessThanOrEqual(machine.gpuLimitBytes);
          expect(budget.bytes).toBeLessThanOrEqual((machine.totalBytes * budgetPct) / 100);
          expect(new Set(tiers.map(({ model }) => model.id)).size).toBe(tiers.length);
          const [standard] = tiers;
          for (const tier of tiers) {
            expect(tier.speed.likelyTps).toBeGreaterThanOrEqual(usableTps);
            expect(tier.speed.lowTps).toBeLessThanOrEqual(tier.speed.likelyTps);
            expect(tier.speed.highTps).toBeGreaterThanOrEqual(tier.speed.likelyTps);
            expect(tier.contextTokens).toBeLessThanOrEqual(tier.model.contextTokens ?? 32_768);
            expect(tier.reason).toMatch(/^[A-Z].*\d.*\.$/);
            if (intent === 'agent-fleet') expect(tier.model.parsers.tool).not.toBeNull();
            if (tier.role === 'fast') {
              const times = tier.speed.likelyTps / (standard?.speed.likelyTps ?? 0);
              expect(times).toBeGreaterThanOrEqual(clearlyFaster);
            }
            if (tier.role === 'longctx') expect(tier.contextTokens).toBeGreaterThanOrEqual(131_072);
          }
          expect(verdicts.map(({ modelId }) => modelId)).toEqual(catalogue.entries.map(({ id }) => id));
          for (const { verdict, sentence } of verdicts) {
            if (verdict !== 'not-recommended' && verdict !== 'no-tools') expect(sentence).toMatch(/\d/);
          }
        }
      }
    },
  );

  test('says the same when asked twice', () => {
    const request = requestFor(catalogue, machineOf('Apple M4 Max', 40, 128));
    expect(makePlan(request)).toEqual(makePlan(request));
    expect(makePlan({ ...request, models: request.models.toReversed() })).toMatchObject({
      value: { tiers: planOf(request).tiers.map(({ source }) => ({ source })) },
    });
  });
});

describe('a model for long prompts', () => {
  /** Small, fast and long: with enough memory left for it whatever the budget. */
  const small = (id: string, general: number): CatalogueEntry => ({
    ...entryOf('lfm2.5-1.2b-instruct'),
    id,
    name: id,
    contextTokens: 262_144,
    tags: ['long-context'],
    quality: { general, agents: general, basis: 'made up' },
    sources: [{ repo: `org/${id}`, quant: 'int4', sizeBytes: 600_000_000, sizeSource: 'made up' }],
    kv: { bytesPerToken: 10_000, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 },
    measured: [],
  });
  const rolesWith = (budgetBytes: number) => {
    const machine = {
      ...machineOf('Apple M4 Max', 40, 64),
      totalBytes: budgetBytes,
      gpuLimitBytes: budgetBytes,
    };
    const models = { entries: [small('first', 40), small('second', 35)], problems: [] };
    const { tiers, notes } = planOf(requestFor(models, machine, 'balanced', { budgetPct: 100 }));
    return { roles: tiers.map(({ role }) => role), notes };
  };

  test('is planned with a budget of 16 GB and more, and not with less, however small it is', () => {
    expect(rolesWith(longContextFloorBytes).roles).toEqual(['standard', 'longctx']);
    expect(rolesWith(longContextFloorBytes - 1).roles).toEqual(['standard']);
    expect(rolesWith(4 * 1024 ** 3).roles).toEqual(['standard']);
  });

  test('is never planned for a Mac whose models may have less', () => {
    for (const machine of everyMac()) {
      for (const intent of intents) {
        for (const budgetPct of [40, 75, 100]) {
          const plan = makePlan(requestFor(catalogue, machine, intent, { budgetPct }));
          if (!plan.ok || plan.value.budget.bytes >= longContextFloorBytes) continue;
          expect(
            plan.value.tiers.map(({ role }) => role),
            machine.profileId,
          ).not.toContain('longctx');
        }
      }
    }
  });
});

describe('sentences', () => {
  test('give the reason of each choice', () => {
    const { tiers, notes } = planOf(requestFor(catalogue, machineOf('Apple M4 Pro', 20, 64)));
    expect(tiers.map(({ role, reason }) => `${role}: ${reason}`)).toEqual([
      'standard: The best model that fits: 18.8 GB with a context of 16K, of 25.6 GB (40% of 64 GB); about 9.1–15 tokens per second (estimate).',
      'fast: About 5.5 times as fast as Qwen3.8 27B: about 60–73 tokens per second (estimate); 6.5 GB with a context of 32K.',
    ]);
    expect(notes).toEqual([
      'No model for long prompts: 0.4 GB are left, and one that holds 128K needs more. Qwen3.8 27B holds 16K.',
    ]);
  });

  test('say from which budget on there is a model for long prompts', () => {
    const { tiers, notes } = planOf(requestFor(catalogue, machineOf('Apple M4', 10, 24)));
    expect(tiers.map(({ role }) => role)).toEqual(['standard']);
    expect(notes).toContain(
      'No model for long prompts: one is chosen from a budget of 16 GB on; models may have 9.6 GB (40% of 24 GB). Qwen3.5 9B holds 32K.',
    );
  });

  test('give the numbers of each refusal', () => {
    const machine = machineOf('Apple M4 Pro', 20, 24);
    const said = (id: string, intent: Intent = 'balanced') =>
      planOf(requestFor(catalogue, machine, intent)).verdicts.find(({ modelId }) => modelId === id)?.sentence;
    expect(said('qwen3.8-27b')).toBe(
      'Qwen3.8 27B needs at least 17.7 GB; models may have 9.6 GB (40% of 24 GB).',
    );
    expect(said('lfm2.5-2.6b', 'agent-fleet')).toBe('LFM2.5 2.6B cannot call tools, which agents need.');
    expect(said('deepseek-v4-flash')).toBe('mlx-lm does not reliably run this model yet.');
    expect(said('qwen3.5-4b')).toBe(
      'Qwen3.5 4B fits: 6.5 GB with a context of 32K; about 60–73 tokens per second (estimate).',
    );
    const slow = { ...machine, bandwidthGbps: 20, totalBytes: 48 * 1024 ** 3, gpuLimitBytes: 36 * 1024 ** 3 };
    const verdicts = planOf(requestFor(catalogue, slow)).verdicts;
    expect(verdicts.find(({ modelId }) => modelId === 'qwen3.8-27b')).toEqual({
      modelId: 'qwen3.8-27b',
      verdict: 'too-slow',
      sentence:
        'Qwen3.8 27B would write about 0.7–1.1 tokens per second (estimate); 8 are the least that is usable.',
    });
  });

  test('a Mac that nothing fits is told by how much', () => {
    const request = requestFor(catalogue, machineOf('Apple M1', 8, 8), 'balanced', { budgetPct: 5 });
    expect(makePlan(request)).toMatchObject({
      ok: false,
      error: {
        code: 'nothing-fits',
        message: 'The smallest model needs 2.3 GB; models may have 0.4 GB (5% of 8 GB).',
      },
    });
    expect(makePlan({ ...request, models: [] })).toMatchObject({ ok: false, error: { code: 'no-models' } });
  });

  test('beyond the GPU limit the budget says so', () => {
    const machine = machineOf('Apple M4 Pro', 20, 24);
    expect(budgetOf({ machine, budgetPct: 66 }).bound).toBe('budget');
    expect(budgetOf({ machine, budgetPct: 67 })).toEqual({
      bytes: machine.gpuLimitBytes,
      bound: 'gpu-limit',
      words: '16 GB (all that the GPU may use)',
    });
  });
});

describe('what was measured on this Mac', () => {
  const machine = machineOf('Apple M4 Pro', 20, 48);
  const figure = (change: Partial<MeasuredHere>): MeasuredHere => ({
    repo: 'mlx-community/Qwen3.8-27B-4bit',
    quant: 'int4',
    genTps: 12.5,
    peakMemoryBytes: null,
    peakTokens: null,
    ...change,
  });

  test('takes the place of every estimate, for that quantisation only', () => {
    const entry = entryOf('qwen3.8-27b');
    const source = sourceOf(entry);
    expect(speedOf(entry, source, machine, [figure({})])).toEqual({
      lowTps: 12.5,
      likelyTps: 12.5,
      highTps: 12.5,
      basis: 'measured',
    });
    expect(speedOf(entry, source, machine, [figure({ quant: 'int8' })]).basis).toBe('formula');
    expect(speedOf(entry, source, machine, [figure({ genTps: 0 })]).basis).toBe('formula');
    const plan = planOf(requestFor(catalogue, machine, 'balanced', { measured: [figure({})] }));
    expect(plan.tiers[0]?.reason).toContain('13 tokens per second, as measured here');
  });

  test('a measured peak replaces the rule for the overhead, whatever the context it was taken with', () => {
    const entry = entryOf('qwen3.5-9b');
    const source = sourceOf(entry);
    const peak = (peakTokens: number | null) =>
      figure({ repo: source.repo, peakMemoryBytes: 10 * gb, peakTokens });
    const at = (tokens: number, peakTokens: number | null) =>
      memoryOf(entry, source, tokens, [peak(peakTokens)]);
    const held = 8192 * 32_768 + 50_331_648;
    expect(at(8192, 8192).overheadBytes).toBe(10 * gb - source.sizeBytes - held);
    expect(at(8192, 8192).totalBytes).toBe(10 * gb + at(8192, 8192).promptCacheBytes);
    expect(at(32_768, 8192).overheadBytes).toBe(at(8192, 8192).overheadBytes);
    expect(at(32_768, 8192).contextBytes - at(8192, 8192).contextBytes).toBe((32_768 - 8192) * 32_768);
    expect(at(8192, null).overheadBytes).toBe(10 * gb - source.sizeBytes);
    /** 2,048 tokens of a prompt are read at once. */
    const short = 1024 * (entry.vocabularySize ?? 151_936) * 2;
    expect(at(8192, 1024).overheadBytes).toBe(
      10 * gb - source.sizeBytes - (1024 * 32_768 + 50_331_648) + short,
    );
    const tooSmall = figure({ repo: source.repo, peakMemoryBytes: source.sizeBytes - 1, peakTokens: 8192 });
    expect(memoryOf(entry, source, 8192, [tooSmall])).toEqual(memoryOf(entry, source, 8192, []));
    const none = memoryOf(entry, source, 8192, [figure({ repo: source.repo })]);
    expect(none).toEqual(memoryOf(entry, source, 8192, []));
  });

  test('a model that turned out too slow here is no standard any more', () => {
    const measured = [figure({ genTps: 3 })];
    const plan = planOf(requestFor(catalogue, machine, 'balanced', { measured }));
    expect(plan.tiers[0]?.model.id).not.toBe('qwen3.8-27b');
    expect(plan.verdicts.find(({ modelId }) => modelId === 'qwen3.8-27b')?.verdict).toBe('too-slow');
  });
});

describe('speed', () => {
  /** Rapid-MLX and mlx_transformers_benchmark, without the figure itself: the ranges must hold what was measured. */
  test.each([
    ['qwen3-8b', 'Apple M4 Pro', 20, 64, 51.1, 0],
    ['qwen3-8b', 'Apple M5 Max', 40, 128, 104.1, 0],
    ['qwen3.5-27b', 'Apple M3 Ultra', 80, 256, 37.7, 0],
    ['qwen3.5-27b', 'Apple M4 Pro', 20, 64, 11.8, 0],
    ['qwen3.5-9b', 'Apple M2 Pro', 19, 32, 35.7, 0],
    ['glm-4.5-air', 'Apple M3 Ultra', 80, 256, 53.6, 0],
    ['gpt-oss-20b', 'Apple M3 Ultra', 80, 256, 124, 1],
  ])(
    '%s on %s is within the range that other figures and the formula give',
    (id, chip, cores, memory, tps, index) => {
      const machine = machineOf(chip, cores, memory);
      const entry = entryOf(id);
      const others = entry.measured.filter((figure) => figure.genTps !== tps);
      const speed = speedOf({ ...entry, measured: others }, sourceOf(entry, index), machine, []);
      expect(tps).toBeGreaterThan(speed.lowTps * 0.9);
      expect(tps).toBeLessThan(speed.highTps * 1.1);
    },
  );

  test('a figure of the same chip is nearer than any other, and says so', () => {
    const entry = entryOf('qwen3.5-9b');
    const basis = (chip: string, cores: number, memory: number) =>
      speedOf(entry, sourceOf(entry), machineOf(chip, cores, memory), []).basis;
    expect(basis('Apple M4 Pro', 20, 24)).toBe('same-chip');
    expect(basis('Apple M5 Max', 40, 48)).toBe('same-chip');
    expect(basis('Apple M5 Max', 32, 36)).toBe('scaled');
    expect(basis('Apple M1 Pro', 16, 32)).toBe('scaled');
    const unknown = entryOf('phi-4');
    expect(speedOf(unknown, sourceOf(unknown), machineOf('Apple M4', 10, 32), []).basis).toBe('formula');
  });

  test('an 8-bit model is not told the speed of its 4-bit sister', () => {
    const entry = entryOf('qwen3.5-9b');
    const machine = machineOf('Apple M4 Pro', 20, 64);
    expect(speedOf(entry, sourceOf(entry, 0), machine, []).likelyTps).toBe(38.2);
    expect(speedOf(entry, sourceOf(entry, 1), machine, []).likelyTps).toBe(24.3);
  });
});

describe('quantisation', () => {
  const idsAndQuants = (quant: 'int4' | 'int8' | 'bf16', memoryGb: number) =>
    planOf(requestFor(catalogue, machineOf('Apple M4 Max', 40, memoryGb), 'balanced', { quant })).tiers.map(
      ({ model, source }) => `${model.id} ${source.quant}`,
    );

  test('is the finest that is wanted and fits; memory is not wasted on a worse model', () => {
    expect(idsAndQuants('int8', 24)).toEqual(['qwen3.5-9b int4']);
    expect(idsAndQuants('bf16', 128)).toEqual(['qwen3.8-27b int4', 'qwen3.6-35b-a3b int4']);
  });

  test('the finer one of the same model is better where it fits with a comfortable context', () => {
    const chosen = (quant: 'int4' | 'int8', memoryGb: number) =>
      planOf(
        requestFor(catalogue, machineOf('Apple M4 Max', 32, memoryGb), 'balanced', {
          quant,
          models: [entryOf('qwen3.5-9b')],
        }),
      ).tiers.map(({ source }) => source.quant);
    expect(chosen('int8', 36)).toEqual(['int8']);
    expect(chosen('int8', 32)).toEqual(['int4']);
    expect(chosen('int4', 36)).toEqual(['int4']);
  });

  test('a model that exists only finer than wanted is taken as it is', () => {
    const { tiers } = planOf(requestFor(catalogue, machineOf('Apple M3 Ultra', 80, 256)));
    expect(tiers[0]?.source).toMatchObject({ repo: 'mlx-community/Qwen3.5-122B-A10B-6bit', quant: 'int6' });
  });
});

describe('a stack put together by hand', () => {
  const request = () => requestFor(catalogue, machineOf('Apple M4 Pro', 20, 48));
  const choice = (id: string, contextTokens: number) => ({
    model: entryOf(id),
    source: sourceOf(entryOf(id)),
    contextTokens,
  });

  test('gets the same figures as a plan', () => {
    const [tier] = planOf(request()).tiers;
    const assessed = assess(request(), [choice('qwen3.8-27b', 16_384)]);
    expect(assessed.tiers[0]).toEqual({ memory: tier?.memory, speed: tier?.speed });
    expect(assessed).toMatchObject({ usedBytes: tier?.memory.totalBytes, problem: null });
  });

  test('over the budget is told with the numbers', () => {
    const assessed = assess(request(), [choice('qwen3.8-27b', 16_384), choice('qwen3.5-4b', 8192)]);
    expect(assessed.problem).toMatchObject({
      code: 'over-budget',
      message: 'These models need 24.2 GB together; models may have 19.2 GB (40% of 48 GB).',
    });
  });

  test('a context beyond the model’s own counts as its own', () => {
    const [long] = assess(request(), [choice('qwen3-8b', 1_000_000)]).tiers;
    const [own] = assess(request(), [choice('qwen3-8b', 40_960)]).tiers;
    expect(long).toEqual(own);
  });
});

describe('a thousand made-up catalogues and machines', () => {
  test('never lead beyond the budget, to a slow model, or to an agent without tools', () => {
    let state = 7;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
    const entry = (index: number): CatalogueEntry => {
      const parametersB = 1 + random(200);
      const tools = random(2) === 0;
      return {
        ...entryOf('qwen3-8b'),
        id: `m${index}`,
        name: `M${index}`,
        parametersB,
        activeParametersB: random(3) === 0 ? parametersB / 8 : null,
        contextTokens: random(4) === 0 ? null : 4096 * 2 ** random(8),
        tools,
        tags: random(3) === 0 ? ['long-context'] : [],
        quality: { general: random(100), agents: random(100), basis: 'made up' },
        sources: [
          {
            repo: `org/m${index}`,
            quant: 'int4',
            sizeBytes: parametersB * 560_000_000,
            sizeSource: 'made up',
          },
        ],
        kv:
          random(4) === 0
            ? null
            : {
                bytesPerToken: random(300_000),
                slidingBytesPerToken: random(300_000),
                slidingWindowTokens: random(4096),
                fixedBytes: random(200_000_000),
              },
        measured: [],
      };
    };
    for (let round = 0; round < 1000; round += 1) {
      const models = Array.from({ length: 1 + random(12) }, (_, index) => entry(index));
      const machine: PlanMachine = {
        ...machineOf('Apple M4 Max', 40, 8 * (1 + random(64))),
        bandwidthGbps: 50 + random(1200),
      };
      const intent = random(2) === 0 ? 'balanced' : 'agent-fleet';
      const request = requestFor({ entries: models, problems: [] }, machine, intent, {
        budgetPct: 1 + random(100),
      });
      const plan = makePlan(request);
      if (!plan.ok) continue;
      const { usedBytes, budget, tiers } = plan.value;
      expect(usedBytes).toBeLessThanOrEqual(budget.bytes);
      for (const { model, speed } of tiers) {
        expect(speed.likelyTps).toBeGreaterThanOrEqual(usableTps);
        if (intent === 'agent-fleet') expect(model.tools).toBe(true);
      }
      const [standard] = tiers;
      const better = plan.value.verdicts.filter(
        ({ modelId, verdict }) =>
          verdict === 'fits' &&
          (models.find(({ id }) => id === modelId)?.quality[intent === 'balanced' ? 'general' : 'agents'] ??
            0) >
            (standard?.model.quality[intent === 'balanced' ? 'general' : 'agents'] ?? 0) + 20,
      );
      expect(better).toEqual([]);
    }
  });
});
