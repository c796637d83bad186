/** The only file that knows keytar: loaded when first needed, so that the app also runs where it cannot be loaded. */
import { keychainService, type SecretAccount } from './accounts.ts';

/** Rejects with whatever the system said; `keychain-faults.ts` tells the reasons apart. */
export interface Keychain {
  get(account: SecretAccount): Promise<string | null>;
  set(account: SecretAccount, value: string): Promise<void>;
  remove(account: SecretAccount): Promise<void>;
}

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

function isKeytar(value: unknown): value is Keytar {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['getPassword', 'setPassword', 'deletePassword'].every(
      (name) => typeof Reflect.get(value, name) === 'function',
    )
  );
}

/** A CommonJS module: bundled it is the module itself, imported by Node it is the default export. */
async function loadKeytar(): Promise<Keytar> {
  const loaded: unknown = await import('keytar');
  if (isKeytar(loaded)) return loaded;
  const inner: unknown =
    typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'default') : null;
  if (isKeytar(inner)) return inner;
  throw new Error('Failed to load keytar native addon');
}

export function createKeychain(): Keychain {
  return {
    async get(account) {
      return (await loadKeytar()).getPassword(keychainService, account);
    },
    async set(account, value) {
      await (await loadKeytar()).setPassword(keychainService, account, value);
    },
    async remove(account) {
      await (await loadKeytar()).deletePassword(keychainService, account);
    },
  };
}
