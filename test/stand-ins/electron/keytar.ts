/** `keytar`: a keychain in the app's memory, so that no run touches a person's own; the real one when it is asked for. */
import { settings } from './settings.ts';

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

function inMemory(): Keytar {
  const kept = new Map<string, string>();
  const nameOf = (service: string, account: string) => JSON.stringify([service, account]);
  return {
    getPassword: async (service, account) => kept.get(nameOf(service, account)) ?? null,
    setPassword: async (service, account, password) => void kept.set(nameOf(service, account), password),
    deletePassword: async (service, account) => kept.delete(nameOf(service, account)),
  };
}

async function ofTheSystem(): Promise<Keytar> {
  const real: { readonly default: Keytar } = await import('keytar');
  return real.default;
}

/** Loaded with the first question, as the app itself does: what keeps it from loading is an error of that question. */
let chosen: Promise<Keytar> | null = null;
function keytar(): Promise<Keytar> {
  chosen ??= settings.keychain === 'system' ? ofTheSystem() : Promise.resolve(inMemory());
  return chosen;
}

export const getPassword: Keytar['getPassword'] = async (...args) => (await keytar()).getPassword(...args);
export const setPassword: Keytar['setPassword'] = async (...args) => (await keytar()).setPassword(...args);
export const deletePassword: Keytar['deletePassword'] = async (...args) =>
  (await keytar()).deletePassword(...args);
