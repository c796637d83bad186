/** The keys over the app's life: read at start without holding it up, moved out of config.yaml, rotated on the user's wish. */
import type { ConfigStore } from '../config/config-store.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { Notice } from '../contract/status.ts';
import { secretWords } from '../words/index.ts';
import type { SecretAccount } from './accounts.ts';
import type { GatewayKey } from './gateway-key.ts';
import { movePlaintextKey } from './plaintext-key.ts';
import type { SecretState, SecretStore } from './secret-store.ts';

/**
 * How long servers wait for the Keychain at start. It answers within milliseconds, or asks the person, and that may
 * take for ever: then the gateway starts with a key of its own and is restarted when the answer comes.
 */
const keychainStartLimitMs = 3_000;

export interface KeysControlDeps {
  readonly secrets: SecretStore;
  readonly gatewayKey: GatewayKey;
  readonly config: Pick<ConfigStore, 'state' | 'readPlaintextKey' | 'remove'>;
  readonly registerSecret: (value: string) => void;
  readonly note: (found: Problem, severity?: Notice['severity']) => void;
  /** A key is another than it was: whoever uses it must look again. */
  readonly onChange: () => void;
  readonly startLimitMs?: number;
}

export interface KeysControl {
  /** Resolves when all keys are known, or after the limit; what comes later is told by `onChange`. */
  open(): Promise<void>;
  /** Moves a key that stands in config.yaml by now. */
  configChanged(): Promise<void>;
  rotateGatewayKey(): Promise<Result<Record<string, never>>>;
  /** About a key that the Keychain did not give, once more; when it does, about all that it still owes. */
  askAgain(account: SecretAccount): Promise<Result<Record<string, never>>>;
}

export function createKeysControl(deps: KeysControlDeps): KeysControl {
  const { secrets, gatewayKey, config, note } = deps;
  let moving: Promise<void> = Promise.resolve();
  /** What the Keychain owed an answer about when it was asked at start. */
  const owed = new Set<SecretAccount>();

  async function movePlaintext(): Promise<void> {
    if (!config.state().value.config.hasPlaintextKey) return;
    const outcome = await movePlaintextKey(
      {
        async readPlaintextKey() {
          const found = await config.readPlaintextKey();
          /** Whatever it is, it was meant to be a secret. */
          if (found !== null) deps.registerSecret(found);
          return found;
        },
        removePlaintextKey: () => config.remove('openrouter-key'),
      },
      secrets,
    );
    if (outcome.kind === 'none') return;
    note(outcome.notice, outcome.kind === 'moved' ? 'info' : 'warning');
  }

  async function readAll(): Promise<void> {
    const kept = await gatewayKey.ensure();
    if (!kept.kept) {
      owed.add('gateway');
      note(keyNotKept(kept.problem));
    }
    const { state } = await secrets.load('openrouter');
    if (isFault(state)) owed.add('openrouter');
    await movePlaintext();
  }

  /** The first key that comes late says that the person has answered: the other one is asked for again. */
  async function takeLate(): Promise<void> {
    if (owed.delete('openrouter')) {
      await secrets.load('openrouter');
      await movePlaintext();
    }
    deps.onChange();
  }

  secrets.onChange((account, { state }) => {
    if (state === 'present' && owed.delete(account)) moving = moving.then(takeLate);
  });

  async function open(): Promise<void> {
    let late = false;
    const reading = readAll().then(() => {
      if (late) deps.onChange();
    });
    moving = reading;
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      late = true;
      limit.resolve();
    }, deps.startLimitMs ?? keychainStartLimitMs);
    await Promise.race([reading, limit.promise]);
    clearTimeout(timer);
  }

  return {
    open,
    configChanged() {
      moving = moving.then(async () => {
        const before = secrets.read('openrouter');
        await movePlaintext();
        if (secrets.read('openrouter') !== before) deps.onChange();
      });
      return moving;
    },
    async rotateGatewayKey() {
      const rotated = await gatewayKey.rotate();
      if (!rotated.ok) return rotated;
      deps.onChange();
      return ok({});
    },
    async askAgain(account) {
      const asked = await secrets.load(account);
      // Each further question could be a further dialog: who has just said no is not asked again.
      if (asked.problem !== null) return fail(asked.problem);
      if (!gatewayKey.status().kept) await gatewayKey.ensure();
      for (const other of storedForUser) {
        if (isFault(secrets.status(other).state)) await secrets.load(other);
      }
      await moving;
      // Also where the answer is that there is none.
      deps.onChange();
      return ok({});
    },
  };
}

/** What the user put into the Keychain; the key of the gateway is made by us. */
const storedForUser = ['openrouter', 'huggingface'] as const satisfies readonly SecretAccount[];

const isFault = (state: SecretState): boolean => state !== 'present' && state !== 'absent';

function keyNotKept(reason: Problem | null): Problem {
  return problem(
    'gateway-key-not-kept',
    reason?.message ?? secretWords.keychainUnusable,
    secretWords.keyNotKept(reason?.hint ?? '').trim(),
  );
}
