/** The app's secrets: kept in the Keychain, held in this process's memory, shown to others by their last four characters. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { secretWords } from '../words/index.ts';
import { checkSecret, last4Of, type SecretAccount } from './accounts.ts';
import type { Keychain } from './keychain.ts';
import { busyFault, faultOf, faultProblem, type KeychainFault, timedOutFault } from './keychain-faults.ts';

export type SecretState = 'present' | 'absent' | 'denied' | 'locked' | 'unavailable';

/** All that anyone but the users of `read` may know. */
export interface SecretStatus {
  readonly state: SecretState;
  /** `null` unless present. */
  readonly last4: string | null;
  /** Why it is not there, or why the last attempt to change it failed. */
  readonly problem: Problem | null;
}

export interface SecretStore {
  /** As known in memory; `absent` before the first `load`. */
  status(account: SecretAccount): SecretStatus;
  /** Asks the Keychain. What is held already stays held when the Keychain cannot be asked. */
  load(account: SecretAccount): Promise<SecretStatus>;
  /** Checks the format, then keeps it; nothing is held that the Keychain did not take. */
  set(account: SecretAccount, value: string): Promise<Result<SecretStatus>>;
  /** Forgets it at once; a failure says that the Keychain may still have it. */
  remove(account: SecretAccount): Promise<Result<SecretStatus>>;
  /** The value itself, for the one place that sends it; never to be stored, logged or sent to a window. */
  read(account: SecretAccount): string | null;
  onChange(listener: (account: SecretAccount, status: SecretStatus) => void): () => void;
}

export interface SecretStoreOptions {
  readonly keychain: Keychain;
  /** Told every value before it is used, so that the logs can take it out. */
  readonly registerSecret: (value: string) => void;
  readonly answerLimitMs?: number;
}

/** A dialog of the Keychain waits for a person, and may wait for ever (memry#766). */
const keychainAnswerLimitMs = 30_000;
/** A blocked call holds one of the four threads of Node's pool: calls follow each other, and few may wait. */
export const keychainWaitingMax = 8;

interface Held {
  readonly status: SecretStatus;
  readonly value: string | null;
}

type Answer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly fault: KeychainFault };

const nothing: Held = { status: { state: 'absent', last4: null, problem: null }, value: null };

export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { keychain, registerSecret } = options;
  const answerLimitMs = options.answerLimitMs ?? keychainAnswerLimitMs;
  const held = new Map<SecretAccount, Held>();
  const listeners = new Set<(account: SecretAccount, status: SecretStatus) => void>();
  /** Grows with each `remove`: what an earlier call finds or stores late is not taken up again. */
  const removals = new Map<SecretAccount, number>();
  let lane: Promise<void> = Promise.resolve();
  let waiting = 0;

  const heldOf = (account: SecretAccount) => held.get(account) ?? nothing;
  const removalsOf = (account: SecretAccount) => removals.get(account) ?? 0;

  function hold(account: SecretAccount, next: Held): SecretStatus {
    if (next.value !== null) registerSecret(next.value);
    held.set(account, next);
    for (const listener of listeners) listener(account, next.status);
    return next.status;
  }

  const holdValue = (account: SecretAccount, value: string) =>
    hold(account, { status: { state: 'present', last4: last4Of(value), problem: null }, value });

  function holdFault(account: SecretAccount, fault: KeychainFault): SecretStatus {
    const before = heldOf(account);
    const found = faultProblem(fault, account);
    if (before.value !== null)
      return hold(account, { ...before, status: { ...before.status, problem: found } });
    return hold(account, { status: { state: fault.state, last4: null, problem: found }, value: null });
  }

  /**
   * Calls follow each other, so their effects on memory keep the Keychain's order. One that has begun when the time
   * is up ends late and is taken then; one that has not begun is withdrawn.
   */
  async function ask<T>(call: () => Promise<T>): Promise<Answer<T>> {
    if (waiting >= keychainWaitingMax) return { kind: 'failed', fault: busyFault };
    waiting += 1;
    let withdrawn = false;
    const answer = lane.then(async (): Promise<Answer<T>> => {
      waiting -= 1;
      if (withdrawn) return { kind: 'failed', fault: timedOutFault };
      try {
        return { kind: 'answered', value: await call() };
      } catch (error) {
        return { kind: 'failed', fault: faultOf(error) };
      }
    });
    lane = answer.then(() => undefined);
    const limit = Promise.withResolvers<Answer<T>>();
    const timer = setTimeout(() => {
      withdrawn = true;
      limit.resolve({ kind: 'failed', fault: timedOutFault });
    }, answerLimitMs);
    try {
      return await Promise.race([answer, limit.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function load(account: SecretAccount): Promise<SecretStatus> {
    const removalsBefore = removalsOf(account);
    const answer = await ask(async () => {
      const found = await keychain.get(account);
      if (removalsOf(account) !== removalsBefore) return;
      if (found === null) {
        hold(account, nothing);
        return;
      }
      const checked = checkSecret(account, found);
      if (checked.ok) holdValue(account, checked.value);
      else
        hold(account, { status: { state: 'absent', last4: null, problem: unusable(account) }, value: null });
    });
    return answer.kind === 'answered' ? heldOf(account).status : holdFault(account, answer.fault);
  }

  /**
   * What was stored by an older signature of the app may refuse to be changed: then it is made anew, and where that
   * fails, too, the old value is put back.
   */
  async function overwrite(account: SecretAccount, value: string): Promise<void> {
    try {
      await keychain.set(account, value);
    } catch (error) {
      if (!faultOf(error).mayReplace) throw error;
      const old = heldOf(account).value ?? (await keychain.get(account));
      await keychain.remove(account);
      try {
        await keychain.set(account, value);
      } catch (second) {
        const isBack = old !== null && (await isDone(keychain.set(account, old)));
        if (!isBack) hold(account, nothing);
        throw second;
      }
    }
  }

  async function set(account: SecretAccount, input: string): Promise<Result<SecretStatus>> {
    const checked = checkSecret(account, input);
    if (!checked.ok) return checked;
    registerSecret(checked.value);
    const removalsBefore = removalsOf(account);
    const answer = await ask(async () => {
      await overwrite(account, checked.value);
      if (removalsOf(account) === removalsBefore) holdValue(account, checked.value);
    });
    if (answer.kind === 'answered') return ok(heldOf(account).status);
    holdFault(account, answer.fault);
    return fail(faultProblem(answer.fault, account));
  }

  async function remove(account: SecretAccount): Promise<Result<SecretStatus>> {
    removals.set(account, removalsOf(account) + 1);
    hold(account, nothing);
    const answer = await ask(async () => {
      await keychain.remove(account);
      hold(account, nothing);
    });
    if (answer.kind === 'answered') return ok(heldOf(account).status);
    const found = faultProblem(answer.fault, account);
    hold(account, { status: { state: answer.fault.state, last4: null, problem: found }, value: null });
    return fail(found);
  }

  return {
    status: (account) => heldOf(account).status,
    load,
    set,
    remove,
    read: (account) => heldOf(account).value,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const isDone = (act: Promise<void>): Promise<boolean> =>
  act.then(
    () => true,
    () => false,
  );

function unusable(account: SecretAccount): Problem {
  return problem(
    'secret-malformed',
    secretWords.keptIsNotOne(secretWords.names[account]),
    secretWords.enterItAnew,
  );
}
