/** The live list of OpenRouter's models with price and window, kept for a while, and which of them to offer. */
import * as z from 'zod';
import { fail, ok, type Problem, type Result } from '../contract/result.ts';
import { callOpenRouter, faultProblem, refusalProblem } from './call.ts';
import { type CallLimits, modelListLimits } from './limits.ts';
import { modelIdPattern, openRouterPaths } from './openrouter.ts';
import type { CloudModel, TokenPrices } from './settings.ts';
import type { UpstreamClient } from './upstream.ts';

export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly contextTokens: number | null;
  readonly answerMaxTokens: number | null;
  /** `null` where it varies, as for a router. */
  readonly prices: TokenPrices | null;
  /** ISO 8601 date on which it is withdrawn. */
  readonly expiresAt: string | null;
}

/** More than OpenRouter has ever listed, by far. */
export const listedModelsMax = 5_000;
export const modelListLifeMs = 6 * 60 * 60_000;

const nameMaxChars = 200;
const tokens = z.number().int().min(1).max(1e9).nullish().catch(null);

/** One that does not fit is left out; it must not cost the others. */
const modelSchema = z.object({
  id: z.string().max(256).regex(modelIdPattern),
  name: z.string().nullish().catch(null),
  context_length: tokens,
  pricing: z.object({ prompt: z.string().nullish(), completion: z.string().nullish() }).nullish().catch(null),
  top_provider: z.object({ max_completion_tokens: tokens }).nullish().catch(null),
  expiration_date: z.string().max(40).nullish().catch(null),
});
const listSchema = z.object({ data: z.array(z.unknown()) });

/** Dollars per token; OpenRouter says `-1` where the price depends on the request. */
function priceOf(text: string | null | undefined): number | null {
  const value = text === null || text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 && value < 1 ? value : null;
}

export function parseModelList(value: unknown): readonly ListedModel[] | null {
  const list = listSchema.safeParse(value);
  if (!list.success) return null;
  const models = new Map<string, ListedModel>();
  for (const entry of list.data.data.slice(0, listedModelsMax)) {
    const checked = modelSchema.safeParse(entry);
    if (!checked.success || models.has(checked.data.id)) continue;
    const { id, name, context_length, pricing, top_provider, expiration_date } = checked.data;
    const promptUsd = priceOf(pricing?.prompt);
    const completionUsd = priceOf(pricing?.completion);
    models.set(id, {
      id,
      name: (name ?? id).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, nameMaxChars),
      contextTokens: context_length ?? null,
      answerMaxTokens: top_provider?.max_completion_tokens ?? null,
      prices: promptUsd === null && completionUsd === null ? null : { promptUsd, completionUsd },
      expiresAt: expiration_date ?? null,
    });
  }
  return models.size === 0 ? null : [...models.values()];
}

export interface ModelList {
  readonly models: readonly ListedModel[];
  readonly fetchedAt: number;
  /** Why it could not be fetched anew, when it is older than it should be. */
  readonly problem: Problem | null;
}

export interface ModelLists {
  /** From memory while it is fresh; an old one rather than none. */
  read(): Promise<Result<ModelList>>;
  refresh(): Promise<Result<ModelList>>;
}

export interface ModelListsOptions {
  readonly client: UpstreamClient;
  readonly limits?: CallLimits;
  readonly now?: () => number;
}

export function createModelLists({
  client,
  limits = modelListLimits,
  now = Date.now,
}: ModelListsOptions): ModelLists {
  let last: ModelList | null = null;
  let running: Promise<Result<ModelList>> | null = null;

  async function fetchList(): Promise<Result<ModelList>> {
    const called = await callOpenRouter(
      client,
      { method: 'GET', path: openRouterPaths.models, key: null, body: null },
      limits,
    );
    if (called.kind === 'failed') return stale(faultProblem(called.fault));
    if (called.kind === 'refused') return stale(refusalProblem(called.status, called.retryAfterSeconds));
    const models = parseModelList(called.value);
    if (models === null) return stale(faultProblem('garbage'));
    last = { models, fetchedAt: now(), problem: null };
    return ok(last);
  }

  const stale = (found: Problem): Result<ModelList> =>
    last === null ? fail(found) : ok({ ...last, problem: found });

  function refresh(): Promise<Result<ModelList>> {
    running ??= fetchList().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    refresh,
    async read() {
      const age = last === null ? Number.POSITIVE_INFINITY : now() - last.fetchedAt;
      return last !== null && age >= 0 && age < modelListLifeMs ? ok(last) : refresh();
    },
  };
}

export interface ModelChoice {
  readonly offered: readonly CloudModel[];
  /** Wanted, but not in the list: misspelt or withdrawn. */
  readonly missing: readonly string[];
}

/** A moving alias (`~anthropic/claude-sonnet-latest`), of which a list that has none at all says nothing. */
export const isUnlistedAlias = (listed: readonly ListedModel[], id: string): boolean =>
  id.startsWith('~') && !listed.some((model) => model.id.startsWith('~'));

/** The wanted models with the first that OpenRouter has in front: “premium” must not be one that was renamed. */
export function premiumFirst(
  listed: readonly ListedModel[] | null,
  wanted: readonly string[],
): readonly string[] {
  const [first] = listed === null ? [] : chooseModels(listed, wanted).offered;
  return first === undefined ? wanted : [first.id, ...wanted.filter((id) => id !== first.id)];
}

export function chooseModels(listed: readonly ListedModel[], wanted: readonly string[]): ModelChoice {
  const byId = new Map(listed.map((model) => [model.id, model]));
  const offered: CloudModel[] = [];
  const missing: string[] = [];
  for (const id of new Set(wanted)) {
    const found = byId.get(id);
    if (found === undefined && isUnlistedAlias(listed, id)) {
      offered.push({ id, prices: null, contextTokens: null, answerMaxTokens: null });
    } else if (found === undefined) missing.push(id);
    else {
      const { prices, contextTokens, answerMaxTokens } = found;
      offered.push({ id, prices, contextTokens, answerMaxTokens });
    }
  }
  return { offered, missing };
}
