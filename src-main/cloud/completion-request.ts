/** Pure: what a client may ask of OpenRouter, and the request that is sent in its place. */
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';
import { type CostBounds, findModel } from './policy.ts';
import type { CloudModel, CloudPrivacy, CloudSettings } from './settings.ts';

export interface CompletionRequest {
  readonly model: CloudModel;
  /** With those that OpenRouter may take instead of it. */
  readonly models: CostBounds['models'];
  readonly prompt: CostBounds['prompt'];
  readonly stream: boolean;
  /** The larger of both bounds that a client can set, or null when it sets none. */
  readonly answerTokens: number | null;
  /** How many of that length. */
  readonly answers: number;
  readonly body: string;
}

type Prepared =
  | { readonly ok: true; readonly value: CompletionRequest }
  | { readonly ok: false; readonly error: ApiError };
type JsonObject = Readonly<Record<string, unknown>>;

const refused = (error: ApiError): Prepared => ({ ok: false, error });

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Fields by which OpenRouter would do more than answer: settings kept on its side that may name another model, and
 * plug-ins and web search, which cost extra and are not covered by zero retention.
 */
const refusedFields = ['preset', 'plugins', 'web_search_options'] as const;

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What was checked is what is sent: the request is written anew from the parsed value, so a doubled field or odd
 * spelling cannot mean one thing here and another there.
 */
export function prepareCompletion(text: string, settings: CloudSettings): Prepared {
  const asked = parse(text);
  if (asked === null) return refused(apiError(400, 'body-not-json', cloudWords.bodyNotObject));

  const models = modelsOf(asked, settings);
  if (!models.ok) return models;

  const field = refusedFields.find((name) => asked[name] !== undefined && asked[name] !== null);
  if (field !== undefined) {
    return refused(apiError(400, 'field-not-allowed', cloudWords.fieldNotSent(field)));
  }
  if (hasServerTool(asked['tools'])) {
    return refused(apiError(400, 'field-not-allowed', cloudWords.serverToolsNotSent));
  }
  if (asked['provider'] !== undefined && asked['provider'] !== null && !isObject(asked['provider'])) {
    return refused(apiError(400, 'provider-malformed', cloudWords.providerNotObject));
  }
  if (!Array.isArray(asked['messages']) && typeof asked['prompt'] !== 'string') {
    return refused(apiError(400, 'messages-missing', cloudWords.noMessages));
  }

  const answers = answersOf(asked);
  if (answers === null) {
    return refused(apiError(400, 'n-malformed', cloudWords.answersNotInRange(answersMax)));
  }

  const [model] = models.value;
  const provider = isObject(asked['provider']) ? asked['provider'] : {};
  const stream = asked['stream'] === true;
  const sent = {
    ...asked,
    stream,
    provider: { ...provider, ...maxPriceOf(model), ...privacyOf(settings.privacy) },
    usage: { include: true },
  };
  try {
    return {
      ok: true,
      value: {
        model,
        models: models.value,
        prompt: promptOf(asked),
        stream,
        answerTokens: answerTokensOf(asked),
        answers,
        body: JSON.stringify(sent),
      },
    };
  } catch (error) {
    /** What can be parsed may still be nested too deeply to be written. */
    if (!(error instanceof RangeError)) throw error;
    return refused(apiError(400, 'body-too-deep', cloudWords.bodyTooDeep));
  }
}

type Models =
  | { readonly ok: true; readonly value: CostBounds['models'] }
  | { readonly ok: false; readonly error: ApiError };

/** `models` is OpenRouter's own fallback list: each of them may answer, so each must be allowed. */
function modelsOf(asked: JsonObject, settings: CloudSettings): Models {
  const id = asked['model'];
  if (typeof id !== 'string') {
    return { ok: false, error: apiError(400, 'model-missing', cloudWords.noModelNamed) };
  }
  const more = asked['models'] ?? [];
  if (!Array.isArray(more) || more.some((one) => typeof one !== 'string')) {
    return {
      ok: false,
      error: apiError(400, 'models-malformed', cloudWords.modelsNotNames),
    };
  }
  const model = findModel(settings, id);
  const others = more.map((one) => findModel(settings, String(one))).filter((one) => one !== null);
  if (model === null || others.length < more.length) {
    return {
      ok: false,
      error: apiError(404, 'model-not-allowed', cloudWords.modelNotChosen),
    };
  }
  return { ok: true, value: [model, ...others] };
}

function hasServerTool(tools: unknown): boolean {
  return (
    Array.isArray(tools) &&
    tools.some(
      (tool) => isObject(tool) && typeof tool['type'] === 'string' && tool['type'].startsWith('openrouter:'),
    )
  );
}

function privacyOf(privacy: CloudPrivacy): JsonObject {
  switch (privacy) {
    case 'zero-retention':
      return { zdr: true, data_collection: 'deny' };
    case 'no-training':
      return { data_collection: 'deny' };
    case 'any':
      return {};
  }
}

const tokensPerPriceUnit = 1_000_000;
/** An alias may move to another model of about the price, not to one that costs a multiple of what was shown. */
const maxPriceHeadroom = 1.5;

/** In OpenRouter's unit, dollars per million tokens. A model whose price is unknown or 0 gets no such bound. */
function maxPriceOf({ prices }: CloudModel): JsonObject {
  const bound = (usd: number | null | undefined) =>
    usd === null || usd === undefined || usd <= 0
      ? null
      : Number((usd * tokensPerPriceUnit * maxPriceHeadroom).toPrecision(6));
  const prompt = bound(prices?.promptUsd);
  const completion = bound(prices?.completionUsd);
  return prompt === null || completion === null ? {} : { max_price: { prompt, completion } };
}

const boundFields = ['max_completion_tokens', 'max_tokens'] as const;

/** Which of two fields a provider obeys is its own affair; one that cannot be understood may bound nothing. */
function answerTokensOf(asked: JsonObject): number | null {
  const bounds = boundFields
    .map((name) => asked[name])
    .filter((value) => value !== undefined && value !== null);
  const good = bounds.filter((value) => typeof value === 'number' && Number.isFinite(value) && value > 0);
  return good.length === 0 || good.length < bounds.length ? null : Math.max(...good.map(Number));
}

/** As OpenAI has it. */
const answersMax = 128;

/** `best_of` are made, too, though only `n` of them are sent. */
function answersOf(asked: JsonObject): number | null {
  const counts = [asked['n'] ?? 1, asked['best_of'] ?? 1];
  return counts.every((count) => Number.isInteger(count) && Number(count) >= 1 && Number(count) <= answersMax)
    ? Math.max(...counts.map(Number))
    : null;
}

/** What is neither text nor a picture, going in or out, has prices that the list does not tell. */
function promptOf(asked: JsonObject): CostBounds['prompt'] {
  const modalities = asked['modalities'] ?? ['text'];
  const messages = asked['messages'] ?? [];
  if (!Array.isArray(modalities) || modalities.some((one) => one !== 'text')) return 'other';
  if (!Array.isArray(messages)) return 'other';
  const kinds = new Set(messages.flatMap(partsOf));
  kinds.delete('text');
  if (kinds.size === 0) return 'text';
  return kinds.size === 1 && kinds.has('image_url') ? 'pictures' : 'other';
}

function partsOf(message: unknown): readonly unknown[] {
  const content = isObject(message) ? (message['content'] ?? '') : null;
  if (typeof content === 'string') return ['text'];
  return Array.isArray(content) ? content.map((part) => (isObject(part) ? part['type'] : null)) : [null];
}
