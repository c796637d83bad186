/** Moves an OpenRouter key that stands in config.yaml in plain text to the Keychain, and takes it out of the file. */
import { type Problem, problem, type Result } from '../contract/result.ts';
import { secretWords } from '../words/index.ts';
import { checkSecret, last4Of } from './accounts.ts';
import type { SecretStore } from './secret-store.ts';

/** The two things asked of the config room. */
export interface PlaintextKeyFile {
  readPlaintextKey(): Promise<string | null>;
  /** Removes the line; every comment and every other line stays. */
  removePlaintextKey(): Promise<Result<void>>;
}

export type PlaintextKeyOutcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'moved'; readonly notice: Problem }
  /** The Keychain has it, the file could not be changed. */
  | { readonly kind: 'copied'; readonly notice: Problem }
  /** The file is as it was. */
  | { readonly kind: 'left'; readonly notice: Problem };

export async function movePlaintextKey(
  file: PlaintextKeyFile,
  secrets: SecretStore,
): Promise<PlaintextKeyOutcome> {
  const found = await file.readPlaintextKey();
  if (found === null) return { kind: 'none' };
  const checked = checkSecret('openrouter', found);
  if (!checked.ok) return { kind: 'left', notice: notAKey(checked.error) };

  const before = await secrets.load('openrouter');
  if (secrets.read('openrouter') !== checked.value) {
    const stored = await secrets.set('openrouter', checked.value);
    if (!stored.ok) return { kind: 'left', notice: refused(stored.error) };
  }
  /** Only what the Keychain gives back is safe to remove from the file. */
  await secrets.load('openrouter');
  const kept = secrets.status('openrouter');
  if (kept.problem !== null || secrets.read('openrouter') !== checked.value) {
    return { kind: 'left', notice: refused(kept.problem) };
  }

  const removed = await file.removePlaintextKey();
  if (!removed.ok) return { kind: 'copied', notice: notRemoved(removed.error) };
  const replaced = before.last4 !== null && before.last4 !== last4Of(checked.value) ? before.last4 : null;
  return { kind: 'moved', notice: moved(replaced) };
}

function moved(replaced: string | null): Problem {
  const instead = replaced === null ? '' : secretWords.replacesOneEndingIn(replaced);
  return problem('plaintext-key-moved', secretWords.keyMoved(instead), secretWords.backupsMayHoldIt);
}

function refused(reason: Problem | null): Problem {
  const because = reason === null ? '' : ` ${reason.message}`;
  return problem(
    'plaintext-key-left',
    secretWords.keyNotMoved(because),
    reason?.hint ?? secretWords.startAgainToTry,
  );
}

function notAKey(reason: Problem): Problem {
  return problem('plaintext-key-malformed', secretWords.notAKeyInFile, reason.hint);
}

function notRemoved(reason: Problem): Problem {
  return problem(
    'plaintext-key-not-removed',
    secretWords.keyNotRemoved(reason.message),
    secretWords.deleteLineYourself,
  );
}
