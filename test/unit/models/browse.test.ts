/** The models to be had, as this Mac sees them: the plan's choice, what fits and what not, and what is only guessed. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelDetails } from '../../../src-main/catalogue/details.ts';
import {
  type Discovered,
  type DiscoveredModel,
  discoveredModel,
} from '../../../src-main/catalogue/discovery.ts';
import { loadCatalogue } from '../../../src-main/catalogue/load.ts';
import { browsedModelSchema, modelDetailsSchema } from '../../../src-main/contract/models.ts';
import { fail, ok, problem, type Result } from '../../../src-main/contract/result.ts';
import { createBrowse, maxLookedUp } from '../../../src-main/models/browse.ts';
import { createVerdicts } from '../../../src-main/models/browse-verdict.ts';
import { makePlan } from '../../../src-main/planner/plan.ts';
import { type MeasuredHere, type PlanRequest, rankings } from '../../../src-main/planner/types.ts';
import { gpuLimitBytes } from '../../../src-main/stack/memory.ts';
import { hostileNames } from '../../integration/support/hostile-names.ts';

const { entries } = await loadCatalogue(path.resolve(import.meta.dirname, '../../../assets/catalogue'));
const gib = 1024 ** 3;

function requestFor(memoryGb: number, more: Partial<PlanRequest> = {}): PlanRequest {
  const totalBytes = memoryGb * gib;
  return {
    machine: {
      chip: 'Apple M4 Pro',
      profileId: `m4-pro-${memoryGb}`,
      totalBytes,
      gpuLimitBytes: gpuLimitBytes(totalBytes),
      bandwidthGbps: 273,
    },
    intent: 'balanced',
    ranking: 'quality',
    budgetPct: 40,
    quant: 'int4',
    models: entries,
    measured: [],
    ...more,
  };
}

interface Options {
  readonly request?: PlanRequest | null;
  readonly models?: readonly DiscoveredModel[];
  readonly details?: (repo: string) => Result<ModelDetails>;
  readonly installed?: readonly string[];
  readonly notice?: Discovered['notice'];
}

function browse({ request = requestFor(48), models, details, installed = [], notice = null }: Options = {}) {
  const shipped = entries.flatMap(({ sources }) => sources.map(({ repo }) => discoveredModel(repo, entries)));
  const asked: boolean[] = [];
  const made = createBrowse({
    discovery: async () => ({
      list: async ({ refresh = false } = {}) => {
        asked.push(refresh);
        return { models: models ?? shipped, source: 'live' as const, fetchedAtMs: 5, notice };
      },
      details: async (repo) => details?.(repo) ?? fail(problem('hub-missing', 'There is none.')),
    }),
    entries: async () => entries,
    request: async () => request,
    installed: async () => new Set(installed),
  });
  return { ...made, asked };
}

const modelOf = (list: Awaited<ReturnType<ReturnType<typeof browse>['list']>>, repo: string) => {
  const found = list.models.find((model) => model.repo === repo);
  if (found === undefined) throw new Error(`${repo} is not listed`);
  return found;
};

const kv = { bytesPerToken: 98_304, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 };
/** What the hub says of any model. */
const detailsOf =
  (more: Partial<ModelDetails> = {}) =>
  (repo: string): Result<ModelDetails> =>
    ok({
      repo,
      writtenRepo: repo,
      commit: 'c'.repeat(40),
      sizeBytes: 5_020_000_000,
      weightsBytes: 5_000_000_000,
      quant: 'int4',
      contextTokens: 65_536,
      kv,
      vocabularySize: 100_000,
      downloads: 12,
      gated: false,
      vision: false,
      writesText: true,
      ...more,
    });

describe('the list', () => {
  test.each(rankings)(
    'recommends what a plan by %s chooses, with its reason, and nothing else',
    async (ranking) => {
      for (const memoryGb of [16, 24, 48, 128, 512]) {
        const request = requestFor(memoryGb, { ranking });
        const plan = makePlan(request);
        if (!plan.ok) throw new Error(plan.error.message);
        const list = await browse({ request }).list(false);
        const recommended = list.models.filter(({ isRecommended }) => isRecommended);
        expect(recommended.map(({ repo }) => repo).sort()).toEqual(
          plan.value.tiers.map(({ source }) => source.repo).sort(),
        );
        for (const { source, reason } of plan.value.tiers)
          expect(modelOf(list, source.repo).verdict).toBe(reason);
        expect(list.models).toHaveLength(entries.flatMap(({ sources }) => sources).length);
        for (const model of list.models) expect(browsedModelSchema.safeParse(model).success).toBe(true);
      }
    },
  );

  test('each quantisation is judged by itself', async () => {
    const list = await browse({ request: requestFor(24) }).list(false);
    const four = modelOf(list, 'mlx-community/Qwen3.5-9B-4bit');
    const eight = modelOf(list, 'mlx-community/Qwen3.5-9B-8bit');
    expect([four.fits, eight.fits]).toEqual([true, false]);
    expect(eight.verdict).toMatch(/^Qwen3\.5 9B needs at least [\d.]+ GB; models may have /);
    expect(four.speed?.lowTps ?? 0).toBeGreaterThan(eight.speed?.highTps ?? Number.POSITIVE_INFINITY);
  });

  test('says why: too large, too slow, not for this', async () => {
    const small = await browse({ request: requestFor(16) }).list(false);
    const large = modelOf(small, 'mlx-community/gpt-oss-120b-MXFP4-Q8');
    expect(large).toMatchObject({ fits: false, isRecommended: false });
    expect(large.verdict).toContain('needs at least');
    const slowMac = requestFor(128);
    const slow = await browse({
      request: { ...slowMac, budgetPct: 90, machine: { ...slowMac.machine, bandwidthGbps: 68 } },
    }).list(false);
    expect(modelOf(slow, 'mlx-community/gemma-4-31b-it-4bit')).toMatchObject({ fits: true });
    expect(modelOf(slow, 'mlx-community/gemma-4-31b-it-4bit').verdict).toContain('would write');
    const agents = await browse({ request: requestFor(48, { intent: 'agent-fleet' }) }).list(false);
    const [entry] = entries;
    const [source] = entry?.sources ?? [];
    if (entry === undefined || source === undefined) throw new Error('the catalogue is empty');
    const forAgents = createVerdicts(requestFor(48, { intent: 'agent-fleet' }));
    expect(forAgents({ ...entry, tools: false, notRecommended: null }, source).sentence).toBe(
      `${entry.name} cannot call tools, which agents need.`,
    );
    const unwanted = entries.find(({ notRecommended }) => notRecommended !== null);
    if (unwanted === undefined) throw new Error('the catalogue recommends everything');
    expect(modelOf(agents, unwanted.sources[0]?.repo ?? '').verdict).toBe(unwanted.notRecommended);
  });

  test('what was measured here is shown as such', async () => {
    const repo = 'mlx-community/Qwen3.5-9B-4bit';
    const measured: MeasuredHere[] = [
      { repo, quant: 'int4', genTps: 41, peakMemoryBytes: null, peakTokens: null },
    ];
    const list = await browse({ request: requestFor(48, { measured }) }).list(false);
    expect(modelOf(list, repo).speed).toEqual({ lowTps: 41, highTps: 41, isMeasured: true });
    expect(modelOf(list, 'mlx-community/Qwen3.5-9B-8bit').speed?.isMeasured).toBe(false);
  });

  test('without a known Mac nothing is said of it, and the rest is there', async () => {
    const list = await browse({ request: null, installed: ['mlx-community/Qwen3-8B-4bit'] }).list(true);
    const model = modelOf(list, 'mlx-community/Qwen3-8B-4bit');
    expect(model).toMatchObject({
      verdict: null,
      fits: null,
      speed: null,
      isRecommended: false,
      installed: true,
    });
    expect(model.sizeBytes).toBe(4_620_000_000);
    expect(modelOf(list, 'mlx-community/Qwen3.5-9B-4bit').installed).toBe(false);
  });

  test('of a model that is not in the catalogue the size is guessed from its name, and no verdict is given', async () => {
    const models = ['org/Tiny-1B-4bit', 'org/Huge-400B-4bit', 'org/Nameless', 'org/Half-8B'].map((repo) =>
      discoveredModel(repo, entries),
    );
    const list = await browse({ models, request: requestFor(16) }).list(false);
    expect(
      list.models.map(({ fits, speed, verdict, sizeBytes }) => [fits, speed !== null, verdict, sizeBytes]),
    ).toEqual([
      [true, true, null, null],
      [false, true, null, null],
      [null, false, null, null],
      [null, false, null, null],
    ]);
  });

  test('asks anew only when it is told to, and hands on why the list is not live', async () => {
    const notice = problem('hub-offline', 'No network.');
    const { list, asked } = browse({ notice });
    expect(await list(false)).toMatchObject({ notice, fetchedAt: 5, source: 'live' });
    await list(true);
    expect(asked).toEqual([false, true]);
  });

  test('names of any form make no model of the catalogue of them', async () => {
    const models = hostileNames(400).map((repo) => discoveredModel(repo, entries));
    const list = await browse({ models }).list(false);
    expect(list.models).toHaveLength(models.length);
    for (const model of list.models) {
      expect(model.isRecommended || model.verdict !== null).toBe(false);
      expect(browsedModelSchema.safeParse(model).success).toBe(true);
    }
  });
});

describe('details', () => {
  test('count the conversation as the model’s own config.json says', async () => {
    const found = await browse({ details: detailsOf() }).details('org/New-9B-4bit');
    if (!found.ok) throw new Error(found.error.message);
    expect(found.value).toMatchObject({
      repo: 'org/New-9B-4bit',
      name: 'New-9B',
      sizeBytes: 5_020_000_000,
      quant: 'int4',
      contextTokens: 65_536,
      atContextTokens: 32_768,
      toolParser: null,
    });
    expect(found.value.verdict).toMatch(/^New-9B fits: /);
    const weights = 5_000_000_000;
    expect(found.value.memoryBytes).toBeGreaterThan(weights + 32_768 * kv.bytesPerToken);
    const twice = await browse({
      details: detailsOf({ kv: { ...kv, bytesPerToken: 2 * kv.bytesPerToken } }),
    }).details('org/New-9B-4bit');
    const more = twice.ok ? (twice.value.memoryBytes ?? 0) - (found.value.memoryBytes ?? 0) : 0;
    expect(more).toBeGreaterThanOrEqual(32_768 * kv.bytesPerToken);
    expect(modelDetailsSchema.safeParse(found.value).success).toBe(true);
  });

  test('of a model of the catalogue take the place of what was known when it was written', async () => {
    const repo = 'mlx-community/Qwen3.5-9B-4bit';
    const found = await browse({ details: detailsOf({ contextTokens: 8192 }) }).details(repo);
    expect(found.ok && found.value).toMatchObject({
      name: 'Qwen3.5 9B',
      contextTokens: 8192,
      atContextTokens: 8192,
      toolParser: 'qwen3_xml',
      reasoningParser: 'qwen3',
    });
    const described = await browse({ details: detailsOf({ contextTokens: 8192 }) }).describe(repo);
    expect(described.ok && described.value).toMatchObject({ id: 'qwen3.5-9b', contextTokens: 8192 });
  });

  test('of one that is far too large say so', async () => {
    const found = await browse({ details: detailsOf({ weightsBytes: 400e9 }) }).details('org/Huge-800B-4bit');
    expect(found.ok && found.value.verdict).toMatch(/^Huge-800B needs at least /);
  });

  test('without a known Mac have no verdict, and a refusal is handed on', async () => {
    const found = await browse({ request: null, details: detailsOf() }).details('org/New-9B-4bit');
    expect(found.ok && found.value).toMatchObject({
      verdict: null,
      memoryBytes: null,
      atContextTokens: null,
    });
    const refused = await browse().details('org/None');
    expect(!refused.ok && refused.error.code).toBe('hub-missing');
  });
});

describe('looked up by name', () => {
  const unlike = { quant: 'int6', kv: null, vocabularySize: null, gated: true, vision: true } as const;
  const details = (more: Partial<ModelDetails> = {}) => detailsOf({ ...unlike, ...more });

  test('a model that no list has is told of as one that is found, and is in the list from then on', async () => {
    const made = browse({ details: details(), installed: ['someone/Qwen3-Own-9B'] });
    const found = await made.lookUp('https://huggingface.co/someone/Qwen3-Own-9B');
    if (!found.ok) throw new Error(found.error.message);
    expect(browsedModelSchema.safeParse(found.value).success).toBe(true);
    expect(found.value).toMatchObject({
      repo: 'someone/Qwen3-Own-9B',
      name: 'Qwen3-Own-9B',
      family: 'Qwen 3',
      quant: 'int6',
      parametersB: 9,
      sizeBytes: 5_020_000_000,
      contextTokens: 65_536,
      downloads: 12,
      gated: true,
      vision: true,
      installed: true,
      fits: true,
      isRecommended: false,
    });
    expect(found.value.verdict).toMatch(/^Qwen3-Own-9B fits: /);
    const list = await made.list(false);
    expect(modelOf(list, 'someone/Qwen3-Own-9B')).toEqual(found.value);
  });

  test('one of the list stays one row, with the capitals that Hugging Face gives it', async () => {
    const repo = 'mlx-community/Qwen3.5-9B-4bit';
    const made = browse({ details: details({ writtenRepo: repo, quant: 'int4' }) });
    const found = await made.lookUp(repo.toUpperCase());
    expect(found.ok && found.value).toMatchObject({ repo, name: 'Qwen3.5 9B', family: 'Qwen 3.5' });
    const rows = (await made.list(false)).models.filter(
      (each) => each.repo.toLowerCase() === repo.toLowerCase(),
    );
    expect(rows).toHaveLength(1);
  });

  test('without the network one of the list is shown as it is there, and any other is refused', async () => {
    const offline = browse({ details: () => fail(problem('hub-offline', 'No network.')) });
    const found = await offline.lookUp('https://huggingface.co/mlx-community/qwen3.5-9b-4bit');
    const list = await offline.list(false);
    expect(found).toEqual(ok(modelOf(list, 'mlx-community/Qwen3.5-9B-4bit')));
    const other = await offline.lookUp('someone/Qwen3-Own-9B');
    expect(!other.ok && other.error.code).toBe('hub-offline');
    const gone = await browse().lookUp('mlx-community/Qwen3.5-9B-4bit');
    expect(!gone.ok && gone.error.code).toBe('hub-missing');
  });

  test('too large is said with its figures, and a Mac that is not known says nothing', async () => {
    const huge = await browse({ details: details({ weightsBytes: 400e9 }) }).lookUp('org/Huge-800B');
    expect(huge.ok && huge.value).toMatchObject({ fits: false });
    expect(huge.ok && huge.value.verdict).toMatch(/^Huge-800B needs at least /);
    const unknown = await browse({ request: null, details: details() }).lookUp('org/Any-9B');
    expect(unknown.ok && unknown.value).toMatchObject({ fits: null, verdict: null, speed: null });
  });

  test('what is no model for text is refused, and what is no name does not reach the hub', async () => {
    const asked: string[] = [];
    const made = browse({
      details: (repo) => {
        asked.push(repo);
        return details({ writesText: false })(repo);
      },
    });
    const deaf = await made.lookUp('org/Whisper-4bit');
    expect(!deaf.ok && deaf.error.code).toBe('hub-not-text');
    for (const text of hostileNames(80)) {
      if (/^[\w.-]+\/[\w.-]+$/.test(text.trim())) continue;
      const refused = await made.lookUp(text);
      expect([text, !refused.ok && refused.error.code]).toEqual([text, 'hub-bad-name']);
    }
    expect(asked).toEqual(['org/Whisper-4bit']);
    expect((await made.list(false)).models.some(({ repo }) => repo === 'org/Whisper-4bit')).toBe(false);
  });

  test('so many are kept, and the oldest goes first', async () => {
    const made = browse({ details: details() });
    for (let index = 0; index <= maxLookedUp; index += 1) await made.lookUp(`org/Own-${index}-9B`);
    const kept = (await made.list(false)).models.filter(({ repo }) => repo.startsWith('org/Own-'));
    expect(kept).toHaveLength(maxLookedUp);
    expect(kept.some(({ repo }) => repo === 'org/Own-0-9B')).toBe(false);
  });
});

test('verdicts need no plan that works out', () => {
  const request = requestFor(8, { budgetPct: 1 });
  expect(makePlan(request).ok).toBe(false);
  const [entry] = entries;
  const [source] = entry?.sources ?? [];
  if (entry === undefined || source === undefined) throw new Error('the catalogue is empty');
  expect(createVerdicts(request)(entry, source)).toMatchObject({ isRecommended: false, fits: false });
});
