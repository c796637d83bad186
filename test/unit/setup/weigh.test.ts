/** What a choice for the stack comes to: the figures of plan and start, and what is said of them. */
import { describe, expect, it } from 'vitest';
import type { TierWeight } from '../../../src-main/contract/setup.ts';
import { tierWeightSchema } from '../../../src-main/contract/setup.ts';
import type { ServiceSpec } from '../../../src-main/stack/spec.ts';
import type { ServiceView } from '../../../src-main/supervisor/supervisor.ts';
import { newMachine } from '../../../src-main/supervisor/transitions.ts';
import { createWorld, type World, type WorldOptions } from './fakes.ts';

const gib = 1024 ** 3;
const nine = 'mlx-community/Qwen3.5-9B-4bit';
const large = 'mlx-community/Qwen3.8-27B-4bit';

const text = `schema_version: 1
tiers:
  - {name: standard, model: a, source: org/a-4bit, port: 8000, context: 8192}
  - {name: extra, model: b, source: org/b-4bit, port: 8001}
`;

function view(id: string, memoryGib: number, more: Partial<ServiceSpec> = {}, runs = true): ServiceView {
  const machine = newMachine('on', { wallMs: 0, monotonicMs: 0, random: 0 });
  return {
    spec: {
      id,
      kind: 'tier',
      name: id,
      model: id,
      port: 8000,
      executable: { path: '/bin/vllm-mlx' },
      args: [],
      env: {},
      cwd: '/',
      requirements: [],
      health: { kind: 'vllm-mlx', servedModelName: id },
      memoryBytes: memoryGib * gib,
      startLimitMs: 1,
      stopGraceMs: 1,
      fingerprint: id,
      ...more,
    },
    machine: runs ? { ...machine, state: 'healthy', launchId: `launch-${id}` } : machine,
  };
}

const contexts = [
  { tokens: 4096, memoryBytes: 6 * gib },
  { tokens: 8192, memoryBytes: 8 * gib },
  { tokens: 32_768, memoryBytes: 20 * gib },
  { tokens: 131_072, memoryBytes: 40 * gib },
];
const standard = view('standard', 8, { contexts, contextTokens: 8192 });
const gateway = view('gateway', 0, { kind: 'gateway' });

/** 48 GB: models may have 19.2 GB of it, the GPU 36 GB. */
async function createWeighing(views: readonly ServiceView[], more: WorldOptions = {}): Promise<World> {
  return await createWorld({ text, views: () => views, ...more });
}

async function weigh(
  world: World,
  tier: string | null,
  contextTokens: number | null,
  repo: string | null = null,
): Promise<TierWeight> {
  const answer = await world.setup.handlers['stack.weighTier']({ tier, repo, contextTokens });
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return tierWeightSchema.parse(answer.value);
}
const refusalOf = async (
  world: World,
  tier: string | null,
  contextTokens: number | null,
  repo: string | null = null,
) => {
  const answer = await world.setup.handlers['stack.weighTier']({ tier, repo, contextTokens });
  return answer.ok ? null : answer.error.code;
};

describe('another context of the model that a tier has', () => {
  it('is told as the service would be started with it, and changes nothing', async () => {
    const world = await createWeighing([standard, view('extra', 3), gateway]);
    expect(await weigh(world, 'standard', null)).toMatchObject({
      contextTokens: 8192,
      memoryBytes: 8 * gib,
      sumBytes: 11 * gib,
      gpuLimitBytes: 36 * gib,
      problem: null,
      warning: null,
    });
    const weight = await weigh(world, 'standard', 4096);
    expect([weight.memoryBytes, weight.sumBytes]).toEqual([6 * gib, 9 * gib]);
    expect(weight.contexts).toEqual(contexts.map((each) => ({ ...each, fits: each.tokens < 131_072 })));
    expect(world.calls).toEqual([]);
    expect(world.text()).toBe(text);
  });

  it('over the budget warns with sum and budget', async () => {
    const world = await createWeighing([standard, view('extra', 3), gateway]);
    const { warning, problem, budgetBytes, budgetWords } = await weigh(world, 'standard', 32_768);
    expect(problem).toBeNull();
    expect(budgetBytes).toBe(Math.floor(48 * gib * 0.4));
    expect(budgetWords).toBe('19.2 GB (40% of 48 GB)');
    expect(warning).toMatchObject({
      code: 'over-budget',
      message: 'These models need 23 GB together; models may have 19.2 GB (40% of 48 GB).',
    });
  });

  it('that would not be let in beside what runs warns with the words of the start, and its remedies', async () => {
    const world = await createWeighing([standard, view('extra', 20), gateway]);
    expect((await weigh(world, 'standard', 32_768)).warning).toEqual({
      code: 'not-enough-memory',
      message: 'standard needs about 20 GB, but 20 GB of 36 GB are taken.',
      hint: 'Use a context of 8K (8 GB), stop extra (20 GB) first, or start it anyway and expect the Mac to slow down.',
    });
  });

  it('is weighed against what is free now and what the tier itself gives back', async () => {
    const memoryNow = { availableBytes: 5 * gib, pressure: 'normal' } as const;
    const running = await createWeighing([standard], { memoryNow, memoryGb: 128 });
    expect((await weigh(running, 'standard', 8192)).warning).toBeNull();
    expect((await weigh(running, 'standard', 32_768)).warning?.message).toBe(
      'standard needs about 20 GB, but only 13 GB of memory are free now.',
    );
    const stopped = view('standard', 8, { contexts, contextTokens: 8192 }, false);
    const world = await createWeighing([stopped], { memoryNow, memoryGb: 128 });
    expect((await weigh(world, 'standard', 8192)).warning?.message).toBe(
      'standard needs about 8 GB, but only 5 GB of memory are free now.',
    );
  });

  it('that the GPU cannot hold even alone is refused, and so it is when it is asked for', async () => {
    const world = await createWeighing([standard, gateway]);
    const weight = await weigh(world, 'standard', 131_072);
    expect(weight.problem).toMatchObject({
      code: 'too-large',
      message: 'standard needs 40 GB; the GPU of this Mac may use 36 GB.',
    });
    expect(weight.warning).toBeNull();
    const asked = { name: 'standard', contextTokens: 131_072 };
    expect(await world.setup.handlers['stack.setContext'](asked)).toMatchObject({
      ok: false,
      error: weight.problem,
    });
    expect(world.text()).toBe(text);
  });

  it('is written where it is asked for, and nothing else in the file changes', async () => {
    const world = await createWeighing([standard, gateway]);
    const set = await world.setup.handlers['stack.setContext']({ name: 'standard', contextTokens: 4096 });
    expect(set.ok).toBe(true);
    expect(world.text()).toBe(text.replace('8192', '4096'));
    expect(world.calls).toEqual(['stack.edit', 'stack.refresh']);
  });

  it('that is none of those offered, or of a tier that is not there, is refused', async () => {
    const world = await createWeighing([standard]);
    expect(await refusalOf(world, 'standard', 5000)).toBe('no-such-context');
    expect(await refusalOf(world, 'none', 4096)).toBe('unknown-tier');
    expect(await refusalOf(world, null, 4096)).toBe('unknown-tier');
    expect(await refusalOf(await createWorld(), 'standard', null)).toBe('no-stack');
  });
});

describe('another model', () => {
  const planned = async (
    world: World,
    tiers: { name: string; repo: string; contextTokens: number | null }[],
  ) => {
    const answer = await world.setup.handlers['setup.plan']({ intent: 'balanced', budgetPct: null, tiers });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };

  it('is counted as the plan counts it, with every context; the one that it replaces does not count', async () => {
    const world = await createWeighing([standard, view('extra', 3), gateway]);
    const weight = await weigh(world, 'standard', 8192, nine);
    const { tiers } = await planned(world, [{ name: 'standard', repo: nine, contextTokens: 8192 }]);
    expect(weight.memoryBytes).toBe(tiers[0]?.memoryBytes);
    expect(weight.sumBytes).toBe(weight.memoryBytes + 3 * gib);
    expect(weight.contexts.map(({ tokens }) => tokens)).toEqual(tiers[0]?.contextChoices);
    const [at8] = weight.contexts.filter(({ tokens }) => tokens === 8192);
    expect(at8?.memoryBytes).toBe(weight.memoryBytes);
  });

  it('as one more comes on top, in the context that suits where none is asked for', async () => {
    const world = await createWeighing([standard, view('extra', 3), gateway]);
    const weight = await weigh(world, null, null, nine);
    expect(weight.sumBytes).toBe(weight.memoryBytes + 11 * gib);
    expect(weight.contexts.map(({ tokens }) => tokens)).toContain(weight.contextTokens);
  });

  it('is counted with the options of its place, which stay', async () => {
    const plain = await createWeighing([standard]);
    const usual = await weigh(plain, 'standard', 32_768, nine);
    const withFlags = async (flags: string) => {
      const at = text.replace('context: 8192', `context: 8192, vllm_flags: {${flags}}`);
      return await weigh(await createWeighing([standard], { text: at }), 'standard', 32_768, nine);
    };
    const without = await withFlags('disable_prefix_cache: true');
    const large = await withFlags('cache_memory_mb: 4096');
    expect(large.memoryBytes - without.memoryBytes).toBe(4 * gib);
    expect(usual.memoryBytes).toBeGreaterThan(without.memoryBytes);
    expect(usual.memoryBytes).toBeLessThan(large.memoryBytes);
    const at = (weight: TierWeight, tokens: number) =>
      weight.contexts.find((each) => each.tokens === tokens)?.memoryBytes ?? 0;
    expect(at(large, 8192) - at(without, 8192)).toBe(4 * gib);
    expect(at(large, 32_768)).toBe(large.memoryBytes);
    expect((await withFlags('cache_memory_percent: 0.5')).memoryBytes - without.memoryBytes).toBe(24 * gib);
  });

  it('that is too large, or unknown, is refused as it would be when it is asked for', async () => {
    const world = await createWeighing([standard], { memoryGb: 16 });
    const { problem } = await weigh(world, 'standard', 4096, large);
    const refused = await world.setup.handlers['stack.swapModel']({
      name: 'standard',
      repo: large,
      contextTokens: 4096,
    });
    expect(problem?.code).toBe('too-large');
    expect(refused).toMatchObject({ ok: false, error: problem });
    expect(await refusalOf(world, 'standard', 4096, 'org/nobody-knows-it')).toBe('hub-missing');
  });

  it('of a tier whose own is not here yet is counted as the plan does', async () => {
    const at = text.replace('org/a-4bit', nine);
    const world = await createWeighing([view('standard', 1.2, { contexts: [] })], { text: at });
    const { tiers } = await planned(world, [{ name: 'standard', repo: nine, contextTokens: 16_384 }]);
    expect((await weigh(world, 'standard', 16_384)).memoryBytes).toBe(tiers[0]?.memoryBytes);
  });
});
