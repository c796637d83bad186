/** What is kept in the Keychain, under which names, and what each value must look like. */
import { fail, ok, problem, type Result } from '../contract/result.ts';

/** The appId: what Keychain Access shows as the item's name, and what must never change between versions. */
export const keychainService = 'io.github.mlx-stack.app';

const secretAccounts = ['openrouter', 'gateway', 'huggingface'] as const;
export type SecretAccount = (typeof secretAccounts)[number];

/** What the person calls it. */
export const secretNames: Readonly<Record<SecretAccount, string>> = {
  openrouter: 'OpenRouter key',
  gateway: 'gateway’s API key',
  huggingface: 'Hugging Face token',
};

/** Longer input is not looked at: no key is that long, and a pasted document is not a key. */
export const secretMaxChars = 512;

const openRouterV1 = /^sk-or-v1-[0-9a-f]{64}$/;
/** Only version 1 has a documented length; a later one is taken on its prefix, OpenRouter's own check decides. */
const openRouterLater = /^sk-or-v(?:[2-9]|\d{2})-[A-Za-z0-9_-]{32,256}$/;
const gateway = /^sk-mlx-[A-Za-z0-9_-]{43}$/;
const huggingFace = /^hf_[A-Za-z0-9]{16,256}$/;

/** The value without blanks around it, or why it cannot be one. The sentence never quotes the input. */
export function checkSecret(account: SecretAccount, input: string): Result<string> {
  if (input.length > secretMaxChars) return malformed(account, 'That is far too long to be one.');
  const value = input.trim();
  if (value === '') return malformed(account, 'Nothing was entered.');
  switch (account) {
    case 'openrouter':
      if (openRouterV1.test(value) || openRouterLater.test(value)) return ok(value);
      return value.startsWith('sk-or-v1-')
        ? malformed(
            account,
            'A whole key has 64 characters after “sk-or-v1-”: it may have been cut while copying.',
          )
        : malformed(account, 'OpenRouter’s keys begin with “sk-or-v1-”.');
    case 'gateway':
      return gateway.test(value) ? ok(value) : malformed(account, 'The gateway’s keys begin with “sk-mlx-”.');
    case 'huggingface':
      return huggingFace.test(value)
        ? ok(value)
        : malformed(account, 'Hugging Face’s tokens begin with “hf_”.');
  }
}

function malformed(account: SecretAccount, hint: string): Result<never> {
  const article = account === 'openrouter' ? 'an' : 'a';
  const name = account === 'gateway' ? 'gateway API key' : secretNames[account];
  return fail(problem('secret-malformed', `This is not ${article} ${name}.`, hint));
}

/** Enough to recognise a key by, not enough to use it. */
export const last4Of = (value: string): string => value.slice(-4);
