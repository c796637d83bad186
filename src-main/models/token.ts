/** The Hugging Face token: kept in the Keychain, sent to Hugging Face alone, never shown. */
import { createHub, type Fetch } from '../catalogue/hub.ts';
import type { ModelsStatus } from '../contract/models.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { checkSecret } from '../secrets/accounts.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

export interface TokenDeps {
  readonly secrets: SecretStore;
  readonly registerSecret: (value: string) => void;
  /** Of Hugging Face. */
  readonly address: string;
  readonly fetch: Fetch;
  readonly onChange: () => void;
}

export interface HubToken {
  /** For questions to Hugging Face and downloads from it. */
  read(): Promise<string | null>;
  status(): ModelsStatus['token'];
  /** Asks the Keychain. */
  load(): Promise<void>;
  /** Hugging Face itself is asked for its opinion; where it cannot be, the token is kept all the same. */
  set(input: string): Promise<Result<Record<string, never>>>;
  remove(): Promise<Result<Record<string, never>>>;
  close(): void;
}

const account = 'huggingface';
const whoAmI = '/api/whoami-v2';
const maxAnswerBytes = 256 * 1024;

export function createToken(deps: TokenDeps): HubToken {
  const { secrets } = deps;
  const stop = secrets.onChange((changed) => {
    if (changed === account) deps.onChange();
  });

  return {
    read: async () => secrets.read(account),
    status() {
      const { state, last4, problem } = secrets.status(account);
      return { state, last4, problem };
    },
    async load() {
      await secrets.load(account);
    },
    async set(input) {
      const checked = checkSecret(account, input);
      if (!checked.ok) return checked;
      /** Before the hub is asked, of whose answers lines are written. */
      deps.registerSecret(checked.value);
      const { address, fetch } = deps;
      const hub = createHub({ address, fetch, token: async () => checked.value });
      const answer = await hub.get(whoAmI, maxAnswerBytes);
      if (!answer.ok && answer.error.code === 'hub-bad-token') return fail(answer.error);
      const stored = await secrets.set(account, checked.value);
      return stored.ok ? ok({}) : stored;
    },
    async remove() {
      const removed = await secrets.remove(account);
      return removed.ok ? ok({}) : removed;
    },
    close: stop,
  };
}
