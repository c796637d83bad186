/** What the cloud's state amounts to, in the words that the tray and the window share. Pure. */
import type { CloudCondition, CloudStatus } from '../contract/cloud.ts';

/** `$1,234.50`; an amount too small for cents is not shown as nothing. Without `Intl`, whose tables take 5 MB. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.01) return '<$0.01';
  const amount = Math.abs(usd)
    .toFixed(2)
    .replace(/\B(?=(\d{3})+\.)/g, ',');
  return `${usd <= -0.005 ? '-' : ''}$${amount}`;
}

export const cloudWords: Readonly<Record<CloudCondition, string>> = {
  unavailable: 'Not available',
  'no-key': 'Not set up',
  off: 'Off',
  'local-only': 'Local only',
  'cap-daily': 'Daily cap reached',
  'cap-monthly': 'Monthly cap reached',
  ready: 'OpenRouter',
};

const today = (usd: number) => `${formatUsd(usd)} today`;

/** One line: "OpenRouter · $0.02 today". What was spent is said whatever the state. */
export function cloudLine({ condition, usage }: CloudStatus): string {
  const spent = usage.today.requests > 0 || condition === 'ready' || condition.startsWith('cap-');
  return spent ? `${cloudWords[condition]} · ${today(usage.today.costUsd)}` : cloudWords[condition];
}

/** "3 requests today · $3.40 this month". */
export function cloudUse({ usage }: CloudStatus): string {
  const { requests } = usage.today;
  const count = `${requests} ${requests === 1 ? 'request' : 'requests'} today`;
  return `${count} · ${formatUsd(usage.month.costUsd)} this month`;
}

/** What it means for the next request. */
export function cloudSentence({ condition, dailyCapUsd, monthlyCapUsd }: CloudStatus): string {
  switch (condition) {
    case 'unavailable':
      return 'The cloud relay could not be started: everything stays on this Mac.';
    case 'no-key':
      return 'Everything stays on this Mac. With an OpenRouter key, models in the cloud can answer too.';
    case 'off':
      return 'Everything stays on this Mac until you turn the cloud on.';
    case 'local-only':
      return 'Nothing is sent to the cloud while Local only is on.';
    case 'cap-daily':
      return `Nothing is sent to the cloud until tomorrow: today’s cap of ${formatUsd(dailyCapUsd ?? 0)} is reached.`;
    case 'cap-monthly':
      return `Nothing is sent to the cloud until next month: this month’s cap of ${formatUsd(monthlyCapUsd ?? 0)} is reached.`;
    case 'ready':
      return 'Requests for “premium”, and those that no local model answered, go to OpenRouter.';
  }
}
