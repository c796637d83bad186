/** What the cloud's state amounts to, in the words that the tray and the window share. Pure. */
import type { CloudStatus } from '../contract/cloud.ts';
import { statusWords } from '../words/index.ts';

/** `$1,234.50`; an amount too small for cents is not shown as nothing. Without `Intl`, whose tables take 5 MB. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.01) return '<$0.01';
  const amount = Math.abs(usd)
    .toFixed(2)
    .replace(/\B(?=(\d{3})+\.)/g, ',');
  return `${usd <= -0.005 ? '-' : ''}$${amount}`;
}

/** One line: "OpenRouter · $0.02 today". What was spent is said whatever the state. */
export function cloudLine({ condition, usage }: CloudStatus): string {
  const word = statusWords.cloudConditions[condition];
  const isSpentShown = usage.today.requests > 0 || condition === 'ready' || condition.startsWith('cap-');
  return isSpentShown ? `${word} · ${statusWords.spentToday(formatUsd(usage.today.costUsd))}` : word;
}

/** "3 requests today · $3.40 this month". */
export function cloudUse({ usage }: CloudStatus): string {
  const requests = statusWords.requestsToday(usage.today.requests);
  return `${requests} · ${statusWords.spentThisMonth(formatUsd(usage.month.costUsd))}`;
}

/** What it means for the next request. */
export function cloudSentence({ condition, dailyCapUsd, monthlyCapUsd }: CloudStatus): string {
  switch (condition) {
    case 'unavailable':
      return statusWords.cloudUnavailable;
    case 'no-key':
      return statusWords.cloudNoKey;
    case 'off':
      return statusWords.cloudOff;
    case 'local-only':
      return statusWords.cloudLocalOnly;
    case 'cap-daily':
      return statusWords.cloudDailyCap(formatUsd(dailyCapUsd ?? 0));
    case 'cap-monthly':
      return statusWords.cloudMonthlyCap(formatUsd(monthlyCapUsd ?? 0));
    case 'ready':
      return statusWords.cloudReady;
  }
}
