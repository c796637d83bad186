/** What Hugging Face's refusals and silences mean, each in a sentence of its own. */
import { type Problem, problem } from '../contract/result.ts';

/** What of an answer is looked at. */
export interface Refusal {
  readonly status: number;
  /** `null` when the header is not there. */
  header(name: string): string | null;
}

/** https://huggingface.co/docs/hub/api and huggingface_hub's `hf_raise_for_status` tell the cases apart by these headers. */
export function refusalOf({ status, header }: Refusal, hasToken: boolean): Problem {
  const code = header('x-error-code');
  const message = header('x-error-message') ?? '';
  if (status === 429) return rateLimited(rateLimitSeconds(header('ratelimit')));
  if (message.startsWith('Access to this resource is disabled')) return hubProblems.disabled;
  if (code === 'GatedRepo') return hasToken ? hubProblems.noAccess : hubProblems.gated;
  if (code === 'RevisionNotFound') return hubProblems.missingRevision;
  if (code === 'EntryNotFound') return hubProblems.missingFile;
  if (status === 401 && hasToken) {
    const isToken = code === null || message.startsWith('Invalid credentials');
    return isToken ? hubProblems.badToken : hubProblems.noAccess;
  }
  /** Without a token, a repository that is private, gated or not there at all is answered alike. */
  if (status === 401) return hubProblems.hidden;
  if (status === 404)
    return hasToken && code === 'RepoNotFound' ? hubProblems.missingForYou : hubProblems.missing;
  if (status === 403 && hasToken) return hubProblems.noAccess;
  return status >= 500 ? hubProblems.troubled : hubProblems.badAnswer;
}

const defaultRateLimitSeconds = 60;

/** `"api";r=0;t=55`: the seconds after `t`. */
export function rateLimitSeconds(header: string | null): number {
  return Number(/;\s*t=(\d{1,6})/.exec(header ?? '')?.[1] ?? defaultRateLimitSeconds);
}

export function rateLimited(seconds: number): Problem {
  return problem(
    'hub-rate-limited',
    `Hugging Face asks to wait for ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    'Signed in with a token, more is allowed.',
  );
}

/**
 * fetch says all that goes wrong as a TypeError: with a cause when the connection fails or breaks, without one when the
 * answer is against its rules, such as a redirect to an address with a password. Anything else would be a mistake of ours.
 */
export function fetchProblem(error: unknown): Problem {
  if (!(error instanceof TypeError)) throw error;
  return error.cause === undefined ? hubProblems.badAnswer : hubProblems.offline;
}

export const hubProblems = {
  offline: problem(
    'hub-offline',
    'Hugging Face cannot be reached.',
    'Check the Internet connection, then try again.',
  ),
  timedOut: problem('hub-timed-out', 'Hugging Face did not answer in time.', 'Try again in a moment.'),
  troubled: problem(
    'hub-troubled',
    'Hugging Face has a problem of its own at the moment.',
    'Try again in a moment.',
  ),
  badAnswer: problem(
    'hub-bad-answer',
    'The answer of Hugging Face is not what it should be.',
    'Something on the network may answer in its place; try again later.',
  ),
  missing: problem('hub-missing', 'There is no such model on Hugging Face.', 'Check its name.'),
  missingForYou: problem(
    'hub-missing',
    'There is no such model on Hugging Face, or your account may not see it.',
    'Check its name, and that the token belongs to an account with access to it.',
  ),
  missingRevision: problem(
    'hub-missing-revision',
    'This version of the model is no longer on Hugging Face.',
    'Cancel the download and begin it again to get the present version.',
  ),
  missingFile: problem(
    'hub-missing-file',
    'A file of this model is no longer on Hugging Face.',
    'Cancel the download and begin it again to get the present version.',
  ),
  hidden: problem(
    'hub-hidden',
    'This model is not there, or it is private or needs a licence to be accepted.',
    'Sign in with a Hugging Face token if you have access to it.',
  ),
  gated: problem(
    'hub-gated',
    'This model asks for its licence to be accepted first.',
    'Accept it on its page at Hugging Face, then sign in with a token.',
  ),
  noAccess: problem(
    'hub-no-access',
    'Your Hugging Face account has no access to this model yet.',
    'Accept its licence on its page at Hugging Face.',
  ),
  badToken: problem('hub-bad-token', 'Hugging Face does not accept the token.', 'Enter a new one.'),
  disabled: problem(
    'hub-disabled',
    'Hugging Face has blocked this model.',
    'Choose another model; its page at Hugging Face may say why.',
  ),
} as const;
