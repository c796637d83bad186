/** What Hugging Face's refusals and silences mean, each in a sentence of its own. */
import { type Problem, problem } from '../contract/result.ts';
import { catalogueWords, commonWords } from '../words/index.ts';

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
  return problem('hub-rate-limited', catalogueWords.asksToWait(seconds), catalogueWords.tokenAllowsMore);
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
  badName: problem('hub-bad-name', catalogueWords.notAModelName, catalogueWords.modelNameForm),
  tooManyFiles: problem('hub-too-many-files', catalogueWords.farTooManyFiles),
  noWeights: problem('hub-not-mlx', catalogueWords.noMlxWeights, catalogueWords.lookAtMlxCommunity),
  offline: problem('hub-offline', catalogueWords.offline, commonWords.checkConnection),
  timedOut: problem('hub-timed-out', catalogueWords.noAnswerInTime, commonWords.tryAgainSoon),
  troubled: problem('hub-troubled', catalogueWords.hubTroubled, commonWords.tryAgainSoon),
  badAnswer: problem('hub-bad-answer', catalogueWords.badAnswer, commonWords.tryAgainLater),
  missing: problem('hub-missing', catalogueWords.noSuchModel, catalogueWords.checkItsName),
  missingForYou: problem('hub-missing', catalogueWords.noSuchModelForYou, catalogueWords.checkNameAndToken),
  missingRevision: problem(
    'hub-missing-revision',
    catalogueWords.versionGone,
    catalogueWords.beginAgainForPresent,
  ),
  missingFile: problem('hub-missing-file', catalogueWords.fileGone, catalogueWords.beginAgainForPresent),
  hidden: problem('hub-hidden', catalogueWords.hiddenModel, catalogueWords.signInIfYouMay),
  gated: problem('hub-gated', catalogueWords.licenceFirst, catalogueWords.acceptThenSignIn),
  noAccess: problem('hub-no-access', catalogueWords.accountHasNoAccess, catalogueWords.acceptLicence),
  badToken: problem('hub-bad-token', catalogueWords.tokenNotAccepted, catalogueWords.enterNewToken),
  disabled: problem('hub-disabled', catalogueWords.modelBlocked, catalogueWords.chooseAnotherModel),
} as const;
