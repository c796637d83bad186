/** How fast a model that runs really writes on this Mac: a few answers from its own server, kept for the plans to come. */
import { randomInt } from 'node:crypto';
import { isRepoId } from '../catalogue/repo-id.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { MeasuredSpeed } from '../contract/setup.ts';
import type { MeasuredPeak } from '../models/measured.ts';
import { unknownTier } from '../stack/stack-file.ts';
import type { StatusStore } from '../status/store.ts';
import { commonWords, setupWords } from '../words/index.ts';
import { noStack } from './beside.ts';
import type { AnswerDoor, AnswerSoFar, MeasuringDoor, StackDoor } from './deps.ts';

/** The first answer after a start compiles what the others find ready, so it does not count. */
export const countedAnswers = 3;
/** As the CLI asks for (mlx-stack-cli.md §8). */
export const measuredTokens = 100;
const warmUpTokens = 8;
/** A model that says less has said too little for a speed. */
export const leastTokens = 32;
/** About a thousand tokens, other ones each time: a prompt that the server has in its cache costs nothing to read. */
const promptNumbers = 300;

export interface MeasureDeps {
  readonly status: Pick<StatusStore, 'snapshot'>;
  readonly stack: Pick<StackDoor, 'present'>;
  readonly ask: AnswerDoor;
  readonly measuring: MeasuringDoor;
}

export interface Measure {
  measure(name: string): Promise<Result<MeasuredSpeed>>;
  /** Ends the one under way. */
  close(): void;
}

export function createMeasure(deps: MeasureDeps): Measure {
  const over = new AbortController();
  /** Two at a time would measure each other. */
  let isMeasuring = false;

  async function measureTier(name: string): Promise<Result<MeasuredSpeed>> {
    const present = deps.stack.present();
    if (present === null) return fail(noStack);
    const tier = present.tiers.find((one) => one.name === name);
    if (tier === undefined) return fail(unknownTier(present, name));
    const serving = deps.status
      .snapshot()
      .services.filter(({ kind, state }) => kind === 'tier' && (state === 'healthy' || state === 'degraded'));
    const service = serving.find(({ id }) => id === name);
    if (service === undefined) return fail(notRunning(name));
    const { requests, peakMemoryBytes, keep } = deps.measuring;
    if ((await requests(serving.map(({ port }) => port))) > 0) return fail(othersAreServed);
    const before = await peakMemoryBytes(service.port);
    const answers = await askAll(name, service.port);
    if (!answers.ok) return answers;
    const peak = risenPeak(before, await peakMemoryBytes(service.port), answers.value);
    const genTps = answers.value.map(({ tokensPerSecond }) => tokensPerSecond);
    const tokensPerSecond = meanOf(genTps);
    const { source, quant } = tier;
    /** The plan knows a folder of another app by its path alone, which may hold another model tomorrow. */
    const isKept = isRepoId(source);
    if (isKept) {
      const promptTps = meanOf(answers.value.map((each) => each.promptTps));
      const kept = await keep({ repo: source, quant, genTps: tokensPerSecond, promptTps, peak });
      if (!kept.ok) return kept;
    }
    return ok({ tokensPerSecond, spread: deviationOf(genTps), answers: genTps.length, isKept });
  }

  /** From the server itself: the gateway would let another model answer in its place. */
  async function askAll(tier: string, port: number): Promise<Result<Timed[]>> {
    const question = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: null, tier };
    const ask = (maxTokens: number) =>
      deps.ask({ ...question, text: questionText(), maxTokens }, () => {}, over.signal);
    const warm = await ask(warmUpTokens);
    if (!warm.ok) return warm;
    const timed: Timed[] = [];
    while (timed.length < countedAnswers) {
      const answer = await ask(measuredTokens);
      if (!answer.ok) return answer;
      const one = timedOf(answer.value);
      if (one === null) return fail(tooShort(tier));
      timed.push(one);
    }
    return ok(timed);
  }

  return {
    async measure(name) {
      if (isMeasuring) return fail(measuringAlready);
      isMeasuring = true;
      try {
        return await measureTier(name);
      } finally {
        isMeasuring = false;
      }
    },
    close: () => over.abort(),
  };
}

interface Timed {
  readonly tokensPerSecond: number;
  readonly promptTps: number;
  /** Question and answer together; `null` where the server has not counted the question. */
  readonly conversationTokens: number | null;
}

function timedOf({ tokens, tokensPerSecond, promptTokens, firstTokenMs }: AnswerSoFar): Timed | null {
  if (tokensPerSecond === null || tokens < leastTokens) return null;
  const promptTps = promptTokens === null || firstTokenMs === 0 ? 0 : (promptTokens / firstTokenMs) * 1000;
  return {
    tokensPerSecond,
    promptTps,
    conversationTokens: promptTokens === null ? null : promptTokens + tokens,
  };
}

/**
 * The server tells the peak since its start. One that our answers did not raise is of somebody's conversation of
 * unknown length, and says nothing of what a conversation of a known one takes.
 */
function risenPeak(
  before: number | null,
  after: number | null,
  answers: readonly Timed[],
): MeasuredPeak | null {
  const lengths = answers.flatMap(({ conversationTokens }) => conversationTokens ?? []);
  if (before === null || after === null || after <= before || lengths.length === 0) return null;
  return { bytes: after, tokens: Math.max(...lengths) };
}

const questionText = () =>
  setupWords.measuringQuestion(
    Array.from({ length: promptNumbers }, () => randomInt(1000, 10_000)).join(' '),
  );

const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Of a sample. */
function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}

const notRunning = (name: string): Problem =>
  problem('measure-not-running', setupWords.notRunning(name), setupWords.startThenMeasure);
const tooShort = (name: string): Problem =>
  problem('measure-too-short', setupWords.saidTooLittle(name), commonWords.tryAgain);
const othersAreServed = problem('measure-others', setupWords.othersAreServed, setupWords.measureWhenQuiet);
const measuringAlready = problem('measure-busy', setupWords.measuringAlready, setupWords.waitUntilMeasured);
