/** Tells apart why the Keychain did not answer: keytar hands on the system's sentence and no code. */
import { assertNever, type Problem, problem } from '../contract/result.ts';
import { secretWords } from '../words/index.ts';
import type { SecretAccount } from './accounts.ts';

export type KeychainFaultState = 'denied' | 'locked' | 'unavailable';

export interface KeychainFault {
  readonly state: KeychainFaultState;
  readonly cause:
    | 'cancelled'
    | 'refused'
    | 'locked'
    | 'not-there'
    | 'not-loaded'
    | 'unknown'
    | 'timed-out'
    | 'busy';
  /** An item made by an older signature cannot be changed, but may be deleted and made anew. */
  readonly mayReplace: boolean;
}

/**
 * Sentences of `SecCopyErrorMessageString` (Security framework, English) and of libsecret and GLib on Linux.
 * A Mac in another language may give others: those are `unknown`, which is handled as `unavailable`, and for which
 * nothing is deleted.
 */
const sentences: readonly (readonly [RegExp, KeychainFault])[] = [
  [/user cancell?ed|prompt.{0,20}dismissed/i, { state: 'denied', cause: 'cancelled', mayReplace: false }],
  [
    /locked collection|is locked|interaction is (?:not allowed|required)/i,
    { state: 'locked', cause: 'locked', mayReplace: false },
  ],
  [
    /passphrase you entered is not correct|no access control|change the owner|permission|not permitted|denied/i,
    { state: 'denied', cause: 'refused', mayReplace: true },
  ],
  [/already exists/i, { state: 'unavailable', cause: 'unknown', mayReplace: true }],
  [
    /native addon|cannot find (?:module|package)|was compiled against|dlopen/i,
    { state: 'unavailable', cause: 'not-loaded', mayReplace: false },
  ],
  [
    /autolaunch|could not connect|not provided by any|no keychain is available|keychain could not be found|object does not exist|connection is closed/i,
    { state: 'unavailable', cause: 'not-there', mayReplace: false },
  ],
];

export const timedOutFault: KeychainFault = { state: 'unavailable', cause: 'timed-out', mayReplace: false };
export const busyFault: KeychainFault = { state: 'unavailable', cause: 'busy', mayReplace: false };

export function faultOf(error: unknown): KeychainFault {
  const sentence = error instanceof Error ? error.message : String(error);
  const known = sentences.find(([pattern]) => pattern.test(sentence));
  return known?.[1] ?? { state: 'unavailable', cause: 'unknown', mayReplace: false };
}

/** Fixed sentences only: what the system said is not repeated, it could quote the value. */
export function faultProblem(fault: KeychainFault, account: SecretAccount): Problem {
  const name = secretWords.names[account];
  switch (fault.cause) {
    case 'cancelled':
    case 'refused':
      return problem('keychain-denied', secretWords.denied(name), secretWords.chooseAlwaysAllow);
    case 'locked':
      return problem('keychain-locked', secretWords.locked, secretWords.unlockIt);
    case 'timed-out':
      return problem('keychain-timed-out', secretWords.noAnswer(name), secretWords.answerItsDialog);
    case 'busy':
      return problem('keychain-busy', secretWords.busy, secretWords.answerItsDialog);
    case 'not-loaded':
      return problem('keychain-unavailable', secretWords.notLoaded, secretWords.installAnew);
    case 'not-there':
      return problem('keychain-unavailable', secretWords.noKeychain, secretWords.logInAgain);
    case 'unknown':
      return problem('keychain-unavailable', secretWords.gaveError(name), secretWords.tryAgainOrDeleteItem);
    default:
      return assertNever(fault.cause, 'faultProblem');
  }
}
