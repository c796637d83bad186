/** Pure: what the relay's error codes mean to the person, with the remedy. */
import { type Problem, problem } from '../contract/result.ts';
import { cloudWords } from '../words/index.ts';
import { faultProblem, refusalProblem } from './call.ts';

const refusedRequest = problem(
  'openrouter-refused',
  cloudWords.lastRequestRefused,
  cloudWords.zeroRetentionHasFewer,
);

const troubles: Readonly<Record<string, Problem>> = {
  'openrouter-key-refused': refusalProblem(401, null),
  'openrouter-no-credit': refusalProblem(402, null),
  'openrouter-forbidden': refusalProblem(403, null),
  'openrouter-rate-limited': refusalProblem(429, null),
  'openrouter-refused': refusedRequest,
  'openrouter-failed': problem(
    'openrouter-failed',
    cloudWords.openRouterOrProviderFailed,
    cloudWords.tryLaterOutages,
  ),
  'openrouter-offline': faultProblem('offline'),
  'openrouter-timed-out': faultProblem('timed-out'),
  'openrouter-not-trusted': faultProblem('tls'),
  'openrouter-cut': faultProblem('cut'),
  'openrouter-garbage': faultProblem('garbage'),
  'openrouter-too-large': faultProblem('too-large'),
};

/** `null` for what is no trouble of OpenRouter's. */
export function troubleOf(code: string): Problem | null {
  return Object.hasOwn(troubles, code) ? (troubles[code] ?? null) : null;
}
