/** Why a step of a download failed, and whether it is worth trying again. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { hubProblems, rateLimited } from '../catalogue/hub-problems.ts';
import { type Problem, problem } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';

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
  problem: problem('hub-interrupted', 'The connection is made anew.'),
  retry: { kind: 'at-once' },
};
export const interrupted = problem(
  'hub-interrupted',
  'The connection to Hugging Face was interrupted.',
  'It goes on by itself where it ended.',
);
export const stalled = problem(
  'hub-stalled',
  'Hugging Face stopped sending.',
  'It goes on by itself where it ended.',
);
const untrusted = problem(
  'hub-untrusted',
  'The connection to Hugging Face is not secure: its certificate cannot be trusted.',
  'A sign-in page of the network, or a program that inspects traffic, may be in between.',
);
export const noRanges = problem(
  'hub-no-ranges',
  'Something between here and Hugging Face does not allow a file to be fetched in parts.',
  'Try another network, or without a proxy.',
);
export const wrongSize = problem(
  'hub-wrong-size',
  'Hugging Face sends a file of another size than its list says.',
  'Cancel the download and begin it again later.',
);
export const wrongContent = (file: string) =>
  problem(
    'hub-wrong-content',
    `${file} arrived twice with a content that differs from what the repository says, so the model is not used.`,
    'Something on the network may change what is sent; try another network.',
  );
export const unverified = problem(
  'download-not-verified',
  'The downloaded files could not be verified.',
  'Try again; what is there is kept.',
);
export const badRedirect = problem(
  'hub-bad-redirect',
  'Hugging Face points to a place that is not safe to download from.',
  'Something on the network may answer in its place; try again later.',
);
