import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkSecret, keychainService, secretMaxChars } from '../../../src-main/secrets/accounts.ts';
import { makeGatewayKey } from '../../../src-main/secrets/gateway-key.ts';
import { keyA } from './fake-keychain.ts';

it('the Keychain knows the app by its bundle id, whatever its version', () => {
  const builder = path.resolve(import.meta.dirname, '../../../electron-builder.yml');
  expect(keychainService).toBe(parse(readFileSync(builder, 'utf8')).appId);
});

describe('checkSecret', () => {
  it('takes a whole key and drops the blanks and line breaks that copying adds', () => {
    expect(checkSecret('openrouter', `  ${keyA}\r\n`)).toEqual({ ok: true, value: keyA });
  });

  it.each([
    ['empty', ''],
    ['blanks only', ' \t\n'],
    ['another service’s key', `sk-${'a'.repeat(48)}`],
    ['cut short', keyA.slice(0, -3)],
    ['too long by one', `${keyA}0`],
    ['two lines', `${keyA}\n${keyA}`],
    ['a header smuggled in', `${keyA}\r\nX-Evil: 1`],
    ['not ASCII', `${keyA.slice(0, -1)}é`],
    ['a NUL inside', `${keyA.slice(0, -1)}\0`],
    ['a document', 'x'.repeat(secretMaxChars + 1)],
  ])('refuses %s, and quotes nothing of it', (_name, input) => {
    const checked = checkSecret('openrouter', input);
    expect(checked.ok).toBe(false);
    const text = JSON.stringify(checked);
    expect(text).toContain('secret-malformed');
    expect(text).not.toContain('a1a1');
  });

  it('says that a key may have been cut while copying', () => {
    const checked = checkSecret('openrouter', keyA.slice(0, -3));
    expect(checked.ok ? '' : checked.error.hint).toContain('cut while copying');
  });

  it('takes a later key version, whose length nobody knows yet', () => {
    expect(checkSecret('openrouter', `sk-or-v2-${'Zz_-'.repeat(20)}`).ok).toBe(true);
  });

  it('takes the gateway keys that are made here, each another', () => {
    const first = makeGatewayKey();
    expect(checkSecret('gateway', first)).toEqual({ ok: true, value: first });
    expect(first).toMatch(/^sk-mlx-[A-Za-z0-9_-]{43}$/);
    expect(makeGatewayKey()).not.toBe(first);
  });

  it('takes a Hugging Face token and nothing else', () => {
    expect(checkSecret('huggingface', `hf_${'Ab1'.repeat(11)}`).ok).toBe(true);
    expect(checkSecret('huggingface', keyA).ok).toBe(false);
  });
});
