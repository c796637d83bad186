/** What is kept in the Keychain, under which names, and what each value must look like. */
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { secretWords } from '../words/index.ts';

/** The appId: what Keychain Access shows as the item's name, and what must never change between versions. */
export const keychainService = 'io.github.mlx-stack.app';

const secretAccounts = ['openrouter', 'gateway', 'huggingface'] as const;
export type SecretAccount = (typeof secretAccounts)[number];

/** Longer input is not looked at: no key is that long, and a pasted document is not a key. */
export const secretMaxChars = 512;

const openRouterV1 = /^sk-or-v1-[0-9a-f]{64}$/;
/** Only version 1 has a documented length; a later one is taken on its prefix, OpenRouter's own check decides. */
const openRouterLater = /^sk-or-v(?:[2-9]|\d{2})-[A-Za-z0-9_-]{32,256}$/;
const gateway = /^sk-mlx-[A-Za-z0-9_-]{43}$/;
const huggingFace = /^hf_[A-Za-z0-9]{16,256}$/;

/** The value without blanks around it, or why it cannot be one. The sentence never quotes the input. */
export function checkSecret(account: SecretAccount, input: string): Result<string> {
  if (input.length > secretMaxChars) return malformed(account, secretWords.farTooLong);
  const value = input.trim();
  if (value === '') return malformed(account, secretWords.nothingEntered);
  switch (account) {
    case 'openrouter':
      if (openRouterV1.test(value) || openRouterLater.test(value)) return ok(value);
      return value.startsWith('sk-or-v1-')
        ? malformed(account, secretWords.cutWhileCopying)
        : malformed(account, secretWords.openRouterKeysBegin);
    case 'gateway':
      return gateway.test(value) ? ok(value) : malformed(account, secretWords.gatewayKeysBegin);
    case 'huggingface':
      return huggingFace.test(value) ? ok(value) : malformed(account, secretWords.huggingFaceTokensBegin);
  }
}

function malformed(account: SecretAccount, hint: string): Result<never> {
  return fail(problem('secret-malformed', secretWords.notOne[account], hint));
}

/** Enough to recognise a key by, not enough to use it. */
export const last4Of = (value: string): string => value.slice(-4);
