/** Tells apart why the Keychain did not answer: keytar hands on the system's sentence and no code. */
import { assertNever, type Problem, problem } from '../contract/result.ts';
import { type SecretAccount, secretNames } from './accounts.ts';

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
  const name = secretNames[account];
  switch (fault.cause) {
    case 'cancelled':
    case 'refused':
      return problem(
        'keychain-denied',
        `The Keychain does not let MLX Stack use the ${name}.`,
        'Try again and choose Always Allow; or delete the item “io.github.mlx-stack.app” in Keychain Access and enter it anew.',
      );
    case 'locked':
      return problem(
        'keychain-locked',
        'The Keychain is locked.',
        'Unlock it in Keychain Access, then try again.',
      );
    case 'timed-out':
      return problem(
        'keychain-timed-out',
        `The Keychain gave no answer about the ${name}.`,
        'A dialog of the Keychain may be waiting behind another window: answer it, then try again.',
      );
    case 'busy':
      return problem(
        'keychain-busy',
        'The Keychain still works on earlier requests.',
        'A dialog of the Keychain may be waiting behind another window: answer it, then try again.',
      );
    case 'not-loaded':
      return problem(
        'keychain-unavailable',
        'The part of MLX Stack that talks to the Keychain cannot be loaded.',
        'Install MLX Stack anew; until then it runs without the cloud.',
      );
    case 'not-there':
      return problem(
        'keychain-unavailable',
        'There is no Keychain that MLX Stack can use.',
        'Log out and in again; until then MLX Stack runs without the cloud.',
      );
    case 'unknown':
      return problem(
        'keychain-unavailable',
        `The Keychain gave an error about the ${name}.`,
        'Try again; if it stays, delete the item “io.github.mlx-stack.app” in Keychain Access and enter it anew.',
      );
    default:
      return assertNever(fault.cause, 'faultProblem');
  }
}
