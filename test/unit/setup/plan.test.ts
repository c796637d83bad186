/** The plan that the window shows: recommended and chosen, with everything that speaks against a choice in numbers. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../../src-main/catalogue/entry.ts';
import type { Catalogue } from '../../../src-main/catalogue/load.ts';
import { fail, ok, problem, type Result } from '../../../src-main/contract/result.ts';
import { planSchema, type SetupPlan, type TierChoice } from '../../../src-main/contract/setup.ts';
import { contextInWords, gigabytes } from '../../../src-main/planner/figures.ts';
import type { Intent } from '../../../src-main/planner/types.ts';
import { maxAlternatives, type PlanFacts, planFor } from '../../../src-main/setup/plan.ts';
import { formatDiskBytes } from '../../../src-main/status/format.ts';
import { loadShipped, machineOf, requestFor, sold } from '../planner/machines.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadShipped();
});

interface Options {
  readonly chip?: string;
  readonly cores?: number;
  readonly memoryGb?: number;
  readonly intent?: Intent;
  readonly budgetPct?: number;
  readonly freeDiskBytes?: number | null;
  readonly onDisk?: readonly string[];
  readonly begunBytes?: ReadonlyMap<string, number>;
  readonly others?: ReadonlyMap<string, Result<CatalogueEntry>>;
}

function factsFor(options: Options = {}): PlanFacts {
  const { chip = 'Apple M4 Pro', cores = 20, memoryGb = 48, intent = 'balanced', budgetPct = 40 } = options;
  return {
    request: requestFor(catalogue, machineOf(chip, cores, memoryGb), intent, { budgetPct }),
    machine: { gpuCores: cores, isEstimate: false, freeDiskBytes: options.freeDiskBytes ?? null },
    onDisk: new Set(options.onDisk),
    begunBytes: options.begunBytes ?? new Map(),
    others: options.others ?? new Map(),
  };
}

const choice = (name: string, repo: string, contextTokens: number | null = null): TierChoice => ({
  name,
  repo,
  contextTokens,
});
const nine = 'mlx-community/Qwen3.5-9B-4bit';
const choicesOf = (plan: SetupPlan): TierChoice[] =>
  plan.tiers.map(({ name, repo, contextTokens }) => choice(name, repo, contextTokens));

function inWords(plan: SetupPlan): string {
  const { chip, memoryBytes, bandwidthGbps } = plan.machine;
  const tiers = plan.tiers.flatMap((tier) => [
    `  ${tier.name}: ${tier.modelName} ${tier.quant}, ${contextInWords(tier.contextTokens)} of ${tier.contextChoices.map(contextInWords).join(' ')}`,
    `    ${gigabytes(tier.memoryBytes)}, of which weights ${gigabytes(tier.weightsBytes)}; download ${formatDiskBytes(tier.downloadBytes)}`,
    `    ${tier.reason}`,
    ...tier.alternatives.map((other) => `    or ${other.modelName} ${other.quant}. ${other.sentence}`),
  ]);
  return [
    `${chip}, ${gigabytes(memoryBytes)}, ${bandwidthGbps} GB/s: uses ${gigabytes(plan.usedBytes)} of ${plan.budgetWords}; download ${formatDiskBytes(plan.downloadBytes)}`,
    ...tiers,
    ...plan.notes.map((note) => `  ${note}`),
    ...(plan.problem === null ? [] : [`  ${plan.problem.message} ${plan.problem.hint}`]),
  ].join('\n');
}

describe('the recommended plan', () => {
  it('reads sensibly for Macs small and large: golden-setup-plans.txt', async () => {
    const machines: readonly Options[] = [
      { chip: 'Apple M1', cores: 8, memoryGb: 8 },
      { chip: 'Apple M2', cores: 10, memoryGb: 16 },
      { chip: 'Apple M4', cores: 10, memoryGb: 24 },
      { chip: 'Apple M4 Pro', cores: 20, memoryGb: 48 },
      { chip: 'Apple M4 Max', cores: 40, memoryGb: 128, intent: 'agent-fleet' },
      { chip: 'Apple M3 Ultra', cores: 80, memoryGb: 512, budgetPct: 80 },
    ];
    const texts = machines.map((machine) => inWords(planFor(factsFor(machine), null)));
    await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('golden-setup-plans.txt');
  });

  it('keeps to the contract and within the budget, and says the same of itself when it is chosen', () => {
    for (const [chip, cores, sizes] of sold) {
      for (const memoryGb of sizes) {
        for (const intent of ['balanced', 'agent-fleet'] as const) {
          const facts = factsFor({ chip, cores, memoryGb, intent });
          const plan = planFor(facts, null);
          planSchema.parse(plan);
          expect(plan.usedBytes).toBeLessThanOrEqual(plan.budgetBytes);
          if (plan.tiers.length === 0) {
            expect(plan.problem?.code).toBe('nothing-fits');
            continue;
          }
          const chosen = planFor(facts, choicesOf(plan));
          expect(chosen).toEqual({ ...plan, notes: [] });
        }
      }
    }
  });

  it('offers only what fits in the place, does not repeat the models of the others, and each choice of them is within the budget', () => {
    const facts = factsFor({ chip: 'Apple M4 Max', cores: 40, memoryGb: 128 });
    const plan = planFor(facts, null);
    expect(plan.tiers.map(({ name }) => name)).toContain('fast');
    for (const [index, tier] of plan.tiers.entries()) {
      expect(tier.alternatives.length).toBeGreaterThan(0);
      expect(tier.alternatives.length).toBeLessThanOrEqual(maxAlternatives);
      for (const { repo, memoryBytes } of tier.alternatives) {
        const swapped = choicesOf(plan).map((one, other) => (other === index ? choice(one.name, repo) : one));
        const then = planFor(facts, swapped);
        expect(then.problem, `${tier.name} with ${repo}`).toBeNull();
        if (tier.name === 'standard') expect(then.tiers[index]?.memoryBytes).toBe(memoryBytes);
      }
    }
  });

  it('a Mac too small for everything gets the numbers, and still its own figures', () => {
    const plan = planFor(factsFor({ chip: 'Apple M1', cores: 8, memoryGb: 8, budgetPct: 10 }), null);
    expect(plan).toMatchObject({ tiers: [], usedBytes: 0, machine: { chip: 'Apple M1' } });
    expect(plan.problem?.code).toBe('nothing-fits');
    expect(plan.problem?.message).toMatch(/needs [\d.]+ GB; models may have [\d.]+ GB \(10% of 8/);
  });

  it('a model that is there is not downloaded, one that is begun only for its rest', () => {
    const plan = planFor(factsFor(), null);
    const [first] = plan.tiers;
    if (first === undefined) throw new Error('no tier');
    const { repo, downloadBytes } = first;
    expect(downloadBytes).toBeGreaterThan(1e9);
    expect(planFor(factsFor({ onDisk: [repo] }), null).tiers[0]?.downloadBytes).toBe(0);
    const begun = planFor(factsFor({ begunBytes: new Map([[repo, 1e9]]) }), null);
    expect(begun.tiers[0]?.downloadBytes).toBe(downloadBytes - 1e9);
    expect(begun.downloadBytes).toBe(plan.downloadBytes - 1e9);
  });
});

describe('a choice', () => {
  it('without a context gets the longest comfortable one that fits beside the others', () => {
    const alone = planFor(factsFor({ memoryGb: 24 }), [choice('standard', nine)]);
    expect(alone.tiers[0]?.contextTokens).toBe(32_768);
    const beside = planFor(factsFor({ memoryGb: 32, budgetPct: 35 }), [
      choice('standard', nine),
      choice('small', 'mlx-community/Qwen3-0.6B-4bit', 4096),
    ]);
    expect(beside.tiers[0]?.contextTokens).toBeLessThan(32_768);
    expect(beside.problem).toBeNull();
  });

  it('with more context than the model has gets the limit of the model', () => {
    const plan = planFor(factsFor(), [choice('standard', nine, 100_000_000)]);
    expect(plan.tiers[0]?.contextTokens).toBe(262_144);
    expect(plan.tiers[0]?.contextChoices).toEqual([4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144]);
  });

  it('over the budget is told in numbers; with more budget the same choice is well', () => {
    const choices = [choice('standard', nine, 32_768)];
    const small = planFor(factsFor({ memoryGb: 16 }), choices);
    expect(small.problem).toMatchObject({ code: 'over-budget' });
    expect(small.problem?.message).toMatch(
      /^These models need [\d.]+ GB together; models may have 6\.4 GB \(40% of 16(\.0)? GB\)\.$/,
    );
    expect(small.problem?.hint).toContain('larger share');
    expect(planFor(factsFor({ memoryGb: 16, budgetPct: 66 }), choices).problem).toBeNull();
  });

  it('over what the GPU may use is not helped by a larger share, and that is not advised', () => {
    const plan = planFor(factsFor({ memoryGb: 16, budgetPct: 100 }), [
      choice('standard', 'mlx-community/Qwen3.8-27B-4bit', 4096),
    ]);
    expect(plan.problem?.message).toContain('all that the GPU may use');
    expect(plan.problem?.hint).not.toContain('share');
  });

  it('more than the disk holds is told in numbers, with a fifth to spare', () => {
    const [tier] = planFor(factsFor(), [choice('standard', nine, 4096)]).tiers;
    const downloadBytes = tier?.downloadBytes ?? 0;
    const withFree = (freeDiskBytes: number) =>
      planFor(factsFor({ freeDiskBytes }), [choice('standard', nine, 4096)]).problem;
    expect(withFree(Math.ceil(downloadBytes * 1.2))).toBeNull();
    const refusal = withFree(downloadBytes * 1.2 - 1);
    expect(refusal?.code).toBe('disk-full');
    expect(refusal?.message).toContain(formatDiskBytes(downloadBytes));
    expect(refusal?.message).toContain(formatDiskBytes(downloadBytes * 1.2));
  });

  it.each([
    ['', 'tier-name-invalid'],
    ['Standard', 'tier-name-invalid'],
    ['-x', 'tier-name-invalid'],
    ['../x', 'tier-name-invalid'],
    ['a\nb', 'tier-name-invalid'],
    ['a'.repeat(33), 'tier-name-invalid'],
    ['gateway', 'tier-name-reserved'],
    ['premium', 'tier-name-reserved'],
    ['fast', 'tier-name-taken'],
  ])('with the name %j is refused for it', (name, code) => {
    const small = 'mlx-community/Qwen3-0.6B-4bit';
    const plan = planFor(factsFor(), [choice('fast', nine, 4096), choice(name, small, 4096)]);
    expect(plan.tiers[1]?.problem?.code).toBe(code);
    expect(plan.tiers[0]?.problem).toBeNull();
    expect(plan.problem?.code).toBe(code);
  });

  it('of a model that nothing is known of says so, and the others keep their figures', () => {
    const offline = problem('hub-offline', 'Hugging Face cannot be reached.');
    const facts = factsFor({ others: new Map([['org/hidden', fail(offline)]]) });
    const plan = planFor(facts, [choice('a', nine, 4096), choice('b', 'org/hidden'), choice('c', 'x\ny')]);
    planSchema.parse(plan);
    expect(plan.tiers[0]?.memoryBytes).toBeGreaterThan(1e9);
    expect(plan.tiers[1]?.problem).toEqual(offline);
    expect(plan.tiers[2]?.problem?.code).toBe('unknown-model');
    expect(plan.tiers[2]?.problem?.message).not.toContain('\n');
  });

  it('of a model outside the catalogue is counted like the others', () => {
    const [entry] = catalogue.entries;
    const [source] = entry?.sources ?? [];
    if (entry === undefined || source === undefined) throw new Error('no entry');
    const other: CatalogueEntry = {
      ...entry,
      id: 'org/other',
      notRecommended: 'Not ranked: it is not in the catalogue.',
      sources: [{ ...source, repo: 'org/other', sizeBytes: 5e9 }],
    };
    const plan = planFor(factsFor({ others: new Map([['org/other', ok(other)]]) }), [
      choice('standard', 'org/other', 8192),
    ]);
    expect(plan.tiers[0]).toMatchObject({ weightsBytes: 5e9, downloadBytes: 5e9, problem: null });
    expect(plan.tiers[0]?.reason).toContain('not in the catalogue');
  });

  it('for agents, of a model that calls no tools, warns', () => {
    const model = catalogue.entries.find(({ tools }) => !tools)?.sources[0]?.repo ?? '';
    const plan = planFor(factsFor({ intent: 'agent-fleet', memoryGb: 128 }), [
      choice('standard', model, 4096),
    ]);
    expect(plan.tiers[0]?.reason).toContain('cannot call tools');
  });

  it('of one model twice downloads it once', () => {
    const plan = planFor(factsFor(), [choice('a', nine, 4096), choice('b', nine, 4096)]);
    expect(plan.downloadBytes).toBe(plan.tiers[0]?.downloadBytes);
    expect(plan.tiers[1]?.downloadBytes).toBe(0);
  });
});
