/** Why a step of a download failed, and whether it is worth trying again. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { hubProblems, rateLimited } from '../catalogue/hub-problems.ts';
import { type Problem, problem } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { commonWords, modelWords } from '../words/index.ts';

export type Retry =
  | { readonly kind: 'never' }
  /** We ended the connection ourselves, to begin another. */
  | { readonly kind: 'at-once' }
  /** A fault that passes, or does not: a dozen of them in a row are enough. */
  | { readonly kind: 'counted' }
  /** There is no network: for as long as it takes. */
  | { readonly kind: 'offline' }
  | { readonly kind: 'rate-limit'; readonly seconds: number };

export interface Failure {
  readonly problem: Problem;
  readonly retry: Retry;
}

export const never = (found: Problem): Failure => ({ problem: found, retry: { kind: 'never' } });
export const counted = (found: Problem): Failure => ({ problem: found, retry: { kind: 'counted' } });
export const offline: Failure = { problem: hubProblems.offline, retry: { kind: 'offline' } };
export const limited = (seconds: number): Failure => ({
  problem: rateLimited(seconds),
  retry: { kind: 'rate-limit', seconds },
});

/** Ends a download from anywhere within it; what is no `Failure` is a mistake of ours. */
export class DownloadEnded extends Error {
  readonly problem: Problem;
  constructor(found: Problem) {
    super(found.code);
    this.problem = found;
  }
}

const noNetwork: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
]);
/** Every name that the system has for an error, and those of the resolver. */
const systemErrors: ReadonlySet<string> = new Set([
  ...Object.keys(constants.errno),
  ...[...getSystemErrorMap().values()].map(([name]) => name),
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * What the system, the resolver, TLS and Node's client say when a connection fails; `null` for Node's own complaints
 * (`ERR_…`), which are mistakes of ours. OpenSSL has some seventy reasons to distrust a certificate (X509_V_ERR_…), each
 * with a name of its own: whatever no other list has is one of them.
 */
export function connectionFailure(error: unknown): Failure | null {
  const code = errnoOf(error);
  if (code === null) return null;
  if (noNetwork.has(code)) return offline;
  if (code === 'EPROTO') return counted(untrusted);
  if (systemErrors.has(code)) return counted(interrupted);
  if (code.startsWith('HPE_')) return counted(hubProblems.badAnswer);
  return code.startsWith('ERR_') && !/^ERR_(TLS|SSL)/.test(code) ? null : counted(untrusted);
}

export const dropped: Failure = {
  problem: problem('hub-interrupted', modelWords.connectionMadeAnew),
  retry: { kind: 'at-once' },
};
export const interrupted = problem('hub-interrupted', modelWords.interrupted, modelWords.goesOnByItself);
export const stalled = problem('hub-stalled', modelWords.stoppedSending, modelWords.goesOnByItself);
const untrusted = problem('hub-untrusted', modelWords.certificateNotTrusted, modelWords.somethingInBetween);
export const noRanges = problem('hub-no-ranges', modelWords.noPartsAllowed, modelWords.tryWithoutProxy);
export const wrongSize = problem('hub-wrong-size', modelWords.wrongSize, modelWords.cancelAndBeginLater);
export const wrongContent = (file: string) =>
  problem('hub-wrong-content', modelWords.wrongContent(file), modelWords.tryAnotherNetwork);
export const unverified = problem(
  'download-not-verified',
  modelWords.notVerified,
  modelWords.tryAgainAllIsKept,
);
export const badRedirect = problem('hub-bad-redirect', modelWords.badRedirect, commonWords.tryAgainLater);
