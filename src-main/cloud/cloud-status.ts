/** Pure: the cloud's part of the snapshot, from what the room knows. */
import type { Config } from '../config/config-keys.ts';
import type { CloudCondition, CloudFigures, CloudModelEntry, CloudStatus } from '../contract/cloud.ts';
import type { Problem } from '../contract/result.ts';
import type { SecretStatus } from '../secrets/secret-store.ts';
import { noFigures } from '../status/no-cloud.ts';
import type { Account } from './account.ts';
import { isUnlistedAlias, type ListedModel } from './models.ts';
import type { Spent } from './policy.ts';
import type { TokenPrices } from './settings.ts';
import type { UsageSummary } from './usage-totals.ts';

export type CloudConfig = Pick<
  Config,
  'cloud' | 'localOnly' | 'cloudDailyCapUsd' | 'cloudMonthlyCapUsd' | 'cloudPrivacy'
>;

export interface CloudKnowledge {
  readonly config: CloudConfig;
  readonly isListening: boolean;
  readonly secret: SecretStatus;
  readonly account: Account | null;
  readonly checkedAt: number | null;
  readonly keyProblem: Problem | null;
  readonly spent: Spent;
  readonly usage: UsageSummary;
  readonly wanted: readonly string[];
  /** `null` while it was not fetched. */
  readonly listed: readonly ListedModel[] | null;
  readonly signIn: CloudStatus['signIn'];
  readonly trouble: Problem | null;
}

export function conditionOf(
  known: Pick<CloudKnowledge, 'config' | 'isListening' | 'secret' | 'spent'>,
): CloudCondition {
  const { config, spent } = known;
  if (!known.isListening) return 'unavailable';
  if (known.secret.last4 === null) return 'no-key';
  if (!config.cloud) return 'off';
  if (config.localOnly) return 'local-only';
  if (config.cloudDailyCapUsd !== null && spent.todayUsd >= config.cloudDailyCapUsd) return 'cap-daily';
  if (config.cloudMonthlyCapUsd !== null && spent.monthUsd >= config.cloudMonthlyCapUsd) return 'cap-monthly';
  return 'ready';
}

export function cloudStatus(known: CloudKnowledge): CloudStatus {
  const { config, secret, account, usage } = known;
  return {
    condition: conditionOf(known),
    key: {
      state: secret.state,
      last4: secret.last4,
      checkedAt: known.checkedAt,
      problem: known.keyProblem ?? secret.problem,
    },
    account: account === null ? null : shownAccount(account),
    enabled: config.cloud,
    localOnly: config.localOnly,
    dailyCapUsd: config.cloudDailyCapUsd,
    monthlyCapUsd: config.cloudMonthlyCapUsd,
    privacy: config.cloudPrivacy,
    usage: {
      today: figures(usage.today),
      month: figures(usage.month),
      byModel: usage.byModel.map((month) => ({
        model: month.model,
        month: figures(month),
        today: figures(usage.todayByModel.find(({ model }) => model === month.model) ?? noFigures),
      })),
      days: usage.days.map(({ day, requests, costUsd }) => ({ day, requests, costUsd })),
    },
    models: known.wanted.map((id) => chosenModel(id, known.listed)),
    signIn: known.signIn,
    trouble: known.trouble,
  };
}

function shownAccount(account: Account): CloudStatus['account'] {
  const { label, limitUsd, limitLeftUsd, limitReset, usageUsd, freeTier, expiresAt } = account;
  return { label, limitUsd, limitLeftUsd, limitReset, usageUsd, freeTier, expiresAt };
}

function figures(of: CloudFigures): CloudFigures {
  const { requests, failed, promptTokens, completionTokens, costUsd, estimatedUsd, firstByteMs } = of;
  return { requests, failed, promptTokens, completionTokens, costUsd, estimatedUsd, firstByteMs };
}

function chosenModel(id: string, listed: readonly ListedModel[] | null): CloudStatus['models'][number] {
  const found = listed?.find((model) => model.id === id);
  return found === undefined
    ? {
        id,
        name: id,
        contextTokens: null,
        promptUsdPerMillion: null,
        completionUsdPerMillion: null,
        listed: listed === null || isUnlistedAlias(listed, id) ? null : false,
      }
    : { ...listedEntry(found), listed: true };
}

export function listedEntry({ id, name, contextTokens, prices }: ListedModel): CloudModelEntry {
  return {
    id,
    name,
    contextTokens,
    promptUsdPerMillion: perMillion(prices?.promptUsd),
    completionUsdPerMillion: perMillion(prices?.completionUsd),
  };
}

/** Without the last digits that the multiplication makes up. */
function perMillion(usd: TokenPrices['promptUsd'] | undefined): number | null {
  return usd === null || usd === undefined ? null : Number((usd * 1_000_000).toPrecision(6));
}
