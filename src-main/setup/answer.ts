/** The first answer: one short question over the gateway, as a client asks it, told while it comes. Every wait has a limit. */
import * as z from 'zod';
import type { Fetch } from '../catalogue/hub.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { setupWords } from '../words/index.ts';
import type { AnswerDoor, AnswerSoFar, Question } from './deps.ts';
import { cancelled } from './until.ts';

export interface AnswerLimits {
  /** A large model reads its first prompt slowly. */
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly wholeMs: number;
}
export const answerLimits: AnswerLimits = {
  firstTokenMs: 120_000,
  betweenTokensMs: 30_000,
  wholeMs: 300_000,
};
/** Room for a model that thinks although it is asked not to. */
export const answerMaxTokens = 400;
export const answerMaxChars = 4_000;
export const answerMaxLineBytes = 256 * 1024;

const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({
            content: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
  usage: z
    .looseObject({
      completion_tokens: z.number().int().min(0),
      prompt_tokens: z.number().int().min(0).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
});

export function createAnswerDoor(options: {
  readonly fetch: Fetch;
  readonly limits?: Partial<AnswerLimits>;
}): AnswerDoor {
  const limits = { ...answerLimits, ...options.limits };

  return async (question, onAnswer, signal) => {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), limits.firstTokenMs);
    const whole = AbortSignal.timeout(limits.wholeMs);
    const over = AbortSignal.any([signal, silence.signal, whole]);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), limits.betweenTokensMs);
    };
    const askedAtMs = performance.now();
    try {
      const response = await options.fetch(
        `${question.baseUrl}/chat/completions`,
        requestFor(question, over),
      );
      if (response.status !== 200 || response.body === null) {
        await response.body?.cancel();
        return fail(refused(question.tier, response.status));
      }
      return await readAnswer(question.tier, askedAtMs, response.body, heard, onAnswer);
    } catch (error) {
      if (signal.aborted) return fail(cancelled);
      if (over.aborted) return fail(tooSlow(question.tier, limits));
      /** undici says a connection that fails or breaks as a TypeError. */
      if (error instanceof TypeError) return fail(broken(question.tier));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function requestFor(
  { apiKey, tier, text, maxTokens = answerMaxTokens }: Question,
  signal: AbortSignal,
): RequestInit {
  return {
    method: 'POST',
    signal,
    redirect: 'error',
    headers: {
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      model: tier,
      messages: [{ role: 'user', content: text }],
      max_tokens: maxTokens,
      stream: true,
      stream_options: { include_usage: true },
      chat_template_kwargs: { enable_thinking: false },
    }),
  };
}

async function readAnswer(
  tier: string,
  askedAtMs: number,
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  onAnswer: (sofar: AnswerSoFar) => void,
): Promise<Result<AnswerSoFar>> {
  let content = '';
  let thoughts = '';
  let tokens = 0;
  let promptTokens: number | null = null;
  let firstAtMs: number | null = null;
  let lastAtMs = 0;
  const speed = () => {
    const seconds = firstAtMs === null ? 0 : (lastAtMs - firstAtMs) / 1000;
    /** The first token is there when the clock begins. */
    return seconds > 0 && tokens > 1 ? (tokens - 1) / seconds : null;
  };
  const sofar = (text: string): AnswerSoFar => ({
    text,
    tokens,
    tokensPerSecond: speed(),
    promptTokens,
    firstTokenMs: firstAtMs === null ? 0 : firstAtMs - askedAtMs,
  });

  for await (const line of linesOf(body)) {
    if (line === null) return fail(notUnderstood(tier));
    if (!line.startsWith('data:')) continue;
    const payload = line.slice('data:'.length).trim();
    if (payload === '[DONE]') break;
    const chunk = parseChunk(payload);
    if (chunk === null || chunk.error !== undefined) return fail(notUnderstood(tier));
    const delta = chunk.choices[0]?.delta;
    const said = delta?.content ?? '';
    const thought = delta?.reasoning_content ?? delta?.reasoning ?? '';
    if (said !== '' || thought !== '') {
      heard();
      lastAtMs = performance.now();
      firstAtMs ??= lastAtMs;
      tokens += 1;
      content = (content + said).slice(0, answerMaxChars);
      thoughts = (thoughts + thought).slice(0, answerMaxChars);
      onAnswer(sofar(content));
    }
    /** A chunk may hold several tokens: the server's own count is better than ours. */
    if (chunk.usage) {
      tokens = Math.max(tokens, chunk.usage.completion_tokens);
      promptTokens = chunk.usage.prompt_tokens ?? null;
    }
  }
  if (tokens === 0 || (content.trim() === '' && thoughts.trim() === '')) return fail(empty(tier));
  return ok(sofar(content.trim() === '' ? thoughts : content));
}

/** `null` for a line without an end. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const part of body) {
    held += decoder.decode(part, { stream: true });
    const lines = held.split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
    if (held.length > answerMaxLineBytes) yield null;
  }
  if (held !== '') yield held;
}

function parseChunk(payload: string): z.infer<typeof chunkSchema> | null {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return null;
  }
  const checked = chunkSchema.safeParse(value);
  return checked.success ? checked.data : null;
}

const refused = (tier: string, status: number): Problem =>
  problem('answer-refused', setupWords.questionRefused(status), setupWords.lookAtLogs(tier));
const tooSlow = (tier: string, { firstTokenMs }: AnswerLimits): Problem =>
  problem(
    'answer-timed-out',
    setupWords.noAnswerWithin(tier, Math.round(firstTokenMs / 1000)),
    setupWords.tryAgainOrSmaller,
  );
const broken = (tier: string): Problem =>
  problem('answer-broken', setupWords.connectionBroke(tier), setupWords.lookAtLogs(tier));
const notUnderstood = (tier: string): Problem =>
  problem('answer-not-understood', setupWords.answeredNonsense(tier), setupWords.lookAtLogs(tier));
const empty = (tier: string): Problem =>
  problem('answer-empty', setupWords.answeredNothing(tier), setupWords.lookAtLogs(tier));
