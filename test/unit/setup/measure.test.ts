/** What is measured of a model that runs: from whom, when not, and what is kept of it. */
import { describe, expect, it } from 'vitest';
import { fail, ok, problem, type Result } from '../../../src-main/contract/result.ts';
import type { ServiceState } from '../../../src-main/contract/status.ts';
import type { NewMeasured } from '../../../src-main/models/measured.ts';
import type { AnswerDoor, Question } from '../../../src-main/setup/deps.ts';
import {
  countedAnswers,
  createMeasure,
  leastTokens,
  measuredTokens,
} from '../../../src-main/setup/measure.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import { createStatusStore } from '../../../src-main/status/store.ts';
import { emptySnapshot } from '../../../src-main/supervisor/stack-control.ts';
import { tier } from '../status/snapshots.ts';

const repo = 'mlx-community/Qwen3.5-9B-4bit';
const stackText = `schema_version: 1
tiers:
  - {name: standard, model: a, quant: int4, source: ${repo}, port: 8001}
  - {name: folder, model: b, source: /models/of/another, port: 8002}
`;

interface Options {
  readonly state?: ServiceState;
  readonly speeds?: readonly number[];
  readonly tokens?: number;
  readonly requests?: number;
  readonly ask?: AnswerDoor;
  readonly keep?: () => Result<never>;
  /** As the server tells them, before and after. */
  readonly peaks?: readonly [number | null, number | null];
  readonly promptTokens?: number | null;
}

function create({
  state = 'healthy',
  speeds = [30, 40, 50],
  tokens = measuredTokens,
  peaks = [6_000_000_000, 6_200_000_000],
  promptTokens = 1000,
  ...more
}: Options = {}) {
  const parsed = parseStack(stackText);
  if (!parsed.ok) throw new Error('the stack');
  const status = createStatusStore(emptySnapshot({ version: '0', home: '/h', phase: 'running' }, 1, 1));
  const services = parsed.value.stack.tiers.map(({ name, port }) => tier(name, state, { port }));
  status.update({ services });
  const asked: Question[] = [];
  const kept: NewMeasured[] = [];
  const looked: number[][] = [];
  const peaksOf: number[] = [];
  const answer: AnswerDoor = async (question) => {
    asked.push(question);
    /** The first is the one that warms up. */
    const tokensPerSecond = asked.length === 1 ? 1 : (speeds[asked.length - 2] ?? null);
    return ok({ text: 'x', tokens, tokensPerSecond, promptTokens, firstTokenMs: 500 });
  };
  const measure = createMeasure({
    status,
    stack: { present: () => parsed.value.stack },
    ask: more.ask ?? answer,
    measuring: {
      async requests(ports) {
        looked.push([...ports]);
        return more.requests ?? 0;
      },
      async peakMemoryBytes(port) {
        peaksOf.push(port);
        return peaks[asked.length === 0 ? 0 : 1];
      },
      async keep(figure) {
        if (more.keep !== undefined) return more.keep();
        kept.push(figure);
        return ok({});
      },
    },
  });
  return { measure, asked, kept, looked, peaksOf };
}

const codeOf = async ({ measure }: ReturnType<typeof create>, name = 'standard') => {
  const result = await measure.measure(name);
  return result.ok ? null : result.error.code;
};

describe('a speed', () => {
  it('is the mean of answers after the first, which warms up; it is kept with the repository', async () => {
    const world = create();
    expect(await world.measure.measure('standard')).toEqual({
      ok: true,
      value: { tokensPerSecond: 40, spread: 10, answers: countedAnswers, isKept: true },
    });
    expect(world.kept).toMatchObject([{ repo, quant: 'int4', genTps: 40, promptTps: 2000 }]);
    expect(world.looked).toEqual([[8001, 8002]]);
  });

  it('is asked of the server itself, without a key, with another prompt each time', async () => {
    const world = create();
    await world.measure.measure('standard');
    expect(world.asked).toHaveLength(1 + countedAnswers);
    for (const { baseUrl, apiKey, tier } of world.asked) {
      expect([baseUrl, apiKey, tier]).toEqual(['http://127.0.0.1:8001/v1', null, 'standard']);
    }
    expect(new Set(world.asked.map(({ text }) => text)).size).toBe(1 + countedAnswers);
    expect(world.asked.slice(1).every(({ maxTokens }) => maxTokens === measuredTokens)).toBe(true);
  });

  it('of a model in a folder of another app is told, and not kept', async () => {
    const world = create();
    expect(await world.measure.measure('folder')).toMatchObject({ ok: true, value: { isKept: false } });
    expect(world.kept).toEqual([]);
  });
});

describe('the peak of memory', () => {
  const peakOf = async (options: Options) => {
    const world = create(options);
    expect(await codeOf(world)).toBeNull();
    return world.kept[0]?.peak;
  };

  it('is kept with the longest conversation of the measurement', async () => {
    const world = create();
    expect(await codeOf(world)).toBeNull();
    expect(world.kept[0]?.peak).toEqual({ bytes: 6_200_000_000, tokens: 1000 + measuredTokens });
    expect(world.peaksOf).toEqual([8001, 8001]);
  });

  it.each([
    ['was reached before, with a conversation that nobody knows', [6e9, 6e9]],
    ['has fallen, which a peak cannot', [6e9, 5e9]],
    ['is not told before', [null, 6e9]],
    ['is not told after', [6e9, null]],
  ] as const)('that %s is not', async (_what, peaks) => {
    expect(await peakOf({ peaks })).toBeNull();
  });

  it('is not kept where the server has not counted the question', async () => {
    expect(await peakOf({ promptTokens: null })).toBeNull();
  });
});

describe('nothing is measured or kept', () => {
  it.each(['stopped', 'starting', 'failed', 'unresponsive'] as const)('of one that is %s', async (state) => {
    const world = create({ state });
    expect(await codeOf(world)).toBe('measure-not-running');
    expect(world.asked).toEqual([]);
  });

  it('of one that is not in the stack', async () => {
    expect(await codeOf(create(), 'nobody')).toBe('unknown-tier');
  });

  it('while others are served', async () => {
    const world = create({ requests: 1 });
    expect(await codeOf(world)).toBe('measure-others');
    expect(world.asked).toEqual([]);
  });

  it('of an answer that is too short, or whose speed is not known', async () => {
    const short = create({ tokens: leastTokens - 1 });
    expect(await codeOf(short)).toBe('measure-too-short');
    const unknown = create({ speeds: [30] });
    expect(await codeOf(unknown)).toBe('measure-too-short');
    expect([...short.kept, ...unknown.kept]).toEqual([]);
  });

  it('where the answer breaks off, or the file cannot be written, and says why', async () => {
    const broken = create({ ask: async () => fail(problem('answer-broken', 'It broke.')) });
    expect(await codeOf(broken)).toBe('answer-broken');
    expect(await codeOf(create({ keep: () => fail(problem('disk-full', 'Full.')) }))).toBe('disk-full');
  });

  it('twice at a time; and the end of the app ends it', async () => {
    const ask: AnswerDoor = (_question, _onAnswer, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(fail(problem('setup-cancelled', 'Cancelled.'))));
      });
    const world = create({ ask });
    const first = codeOf(world);
    expect(await codeOf(world, 'folder')).toBe('measure-busy');
    world.measure.close();
    expect(await first).toBe('setup-cancelled');
    expect(await codeOf(create())).toBeNull();
  });
});
