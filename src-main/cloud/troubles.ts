/** Pure: what the relay's error codes mean to the person, with the remedy. */
import { type Problem, problem } from '../contract/result.ts';
import { faultProblem, refusalProblem } from './call.ts';

const refusedRequest = problem(
  'openrouter-refused',
  'OpenRouter refused the last request.',
  'With zero retention some models have no provider: choose another model, or another privacy setting.',
);

const troubles: Readonly<Record<string, Problem>> = {
  'openrouter-key-refused': refusalProblem(401, null),
  'openrouter-no-credit': refusalProblem(402, null),
  'openrouter-forbidden': refusalProblem(403, null),
  'openrouter-rate-limited': refusalProblem(429, null),
  'openrouter-refused': refusedRequest,
  'openrouter-failed': problem(
    'openrouter-failed',
    'OpenRouter or the model’s provider failed.',
    'Try again later; status.openrouter.ai tells about outages.',
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
