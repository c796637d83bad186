/** Asks OpenRouter about a key: whether it is good, what it may spend, and what it has spent. Costs nothing. */
import * as z from 'zod';
import { fail, ok, type Result } from '../contract/result.ts';
import { callOpenRouter, faultProblem, refusalProblem } from './call.ts';
import { type CallLimits, callLimits } from './limits.ts';
import { openRouterPaths } from './openrouter.ts';
import type { UpstreamClient } from './upstream.ts';

export interface Account {
  readonly label: string;
  /** Dollars; `null` where the key has no limit of its own. */
  readonly limitUsd: number | null;
  readonly limitLeftUsd: number | null;
  readonly limitReset: string | null;
  readonly usageUsd: number;
  readonly usageTodayUsd: number | null;
  readonly usageMonthUsd: number | null;
  readonly freeTier: boolean;
  /** ISO 8601, or `null` for a key that does not expire. */
  readonly expiresAt: string | null;
}

const usd = z.number().min(-1e9).max(1e9);
const labelMaxChars = 200;

const keySchema = z.object({
  data: z.object({
    label: z.string().nullish(),
    limit: usd.nullish(),
    limit_remaining: usd.nullish(),
    limit_reset: z.string().max(40).nullish(),
    usage: usd,
    usage_daily: usd.nullish(),
    usage_monthly: usd.nullish(),
    is_free_tier: z.boolean().nullish(),
    expires_at: z.string().max(40).nullish(),
  }),
});

export async function checkAccount(
  client: UpstreamClient,
  key: string,
  { limits = callLimits, signal }: { readonly limits?: CallLimits; readonly signal?: AbortSignal } = {},
): Promise<Result<Account>> {
  const called = await callOpenRouter(
    client,
    { method: 'GET', path: openRouterPaths.key, key, body: null },
    limits,
    signal,
  );
  if (called.kind === 'failed') return fail(faultProblem(called.fault));
  if (called.kind === 'refused') return fail(refusalProblem(called.status, called.retryAfterSeconds));
  const checked = keySchema.safeParse(called.value);
  if (!checked.success) return fail(faultProblem('garbage'));
  const { data } = checked.data;
  return ok({
    label: safeLabel(data.label ?? '', key),
    limitUsd: data.limit ?? null,
    limitLeftUsd: data.limit_remaining ?? null,
    limitReset: data.limit_reset ?? null,
    usageUsd: data.usage,
    usageTodayUsd: data.usage_daily ?? null,
    usageMonthUsd: data.usage_monthly ?? null,
    freeTier: data.is_free_tier ?? false,
    expiresAt: data.expires_at ?? null,
  });
}

/** OpenRouter names a key without a label after its own beginning and end; a whole one must never be shown. */
function safeLabel(label: string, key: string): string {
  return label
    .replaceAll(key, '[redacted]')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, labelMaxChars);
}
