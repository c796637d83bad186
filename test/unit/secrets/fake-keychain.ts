/** A Keychain in memory whose every answer the test decides. */
import type { SecretAccount } from '../../../src-main/secrets/accounts.ts';
import type { Keychain } from '../../../src-main/secrets/keychain.ts';

export interface FakeKeychain extends Keychain {
  readonly items: Map<SecretAccount, string>;
  readonly calls: string[];
  /** Called before each operation; may throw, or wait. */
  before: (operation: 'get' | 'set' | 'remove', value?: string) => void | Promise<void>;
}

export function createFakeKeychain(initial: Partial<Record<SecretAccount, string>> = {}): FakeKeychain {
  const items = new Map<SecretAccount, string>();
  for (const account of ['openrouter', 'gateway', 'huggingface'] as const) {
    const value = initial[account];
    if (value !== undefined) items.set(account, value);
  }
  const fake: FakeKeychain = {
    items,
    calls: [],
    before: () => undefined,
    async get(account) {
      fake.calls.push(`get ${account}`);
      await fake.before('get');
      return items.get(account) ?? null;
    },
    async set(account, value) {
      fake.calls.push(`set ${account}`);
      await fake.before('set', value);
      items.set(account, value);
    },
    async remove(account) {
      fake.calls.push(`remove ${account}`);
      await fake.before('remove');
      items.delete(account);
    },
  };
  return fake;
}

/** The shape of real ones; worthless. */
export const keyA = `sk-or-v1-${'a1'.repeat(32)}`;
export const keyB = `sk-or-v1-${'b2'.repeat(32)}`;
