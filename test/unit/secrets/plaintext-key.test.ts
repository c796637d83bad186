import { describe, expect, it } from 'vitest';
import { readPlaintextKey, removeConfigKey } from '../../../src-main/config/config-file.ts';
import { fail, ok, problem, type Result } from '../../../src-main/contract/result.ts';
import { movePlaintextKey, type PlaintextKeyFile } from '../../../src-main/secrets/plaintext-key.ts';
import { createSecretStore } from '../../../src-main/secrets/secret-store.ts';
import { createFakeKeychain, keyA, keyB } from './fake-keychain.ts';

const context = { home: '/home', userHome: '/user' };

function fileOf(initial: string, refuse = false): PlaintextKeyFile & { text(): string } {
  let text = initial;
  return {
    text: () => text,
    readPlaintextKey: async () => readPlaintextKey(text),
    async removePlaintextKey(): Promise<Result<void>> {
      if (refuse) return fail(problem('disk-full', 'config.yaml could not be written: the disk is full.'));
      const removed = removeConfigKey(text, 'openrouter-key', context);
      if (!removed.ok) return removed;
      text = removed.value;
      return ok(undefined);
    },
  };
}

function storeOf(stored?: string) {
  const keychain = createFakeKeychain(stored === undefined ? {} : { openrouter: stored });
  return { keychain, secrets: createSecretStore({ keychain, registerSecret: () => undefined }) };
}

const yaml = (key: string) =>
  `# my settings\nopenrouter-key: ${key} # from the web site\nlitellm-port: 4100 # mine\n`;

describe('moving a plaintext key', () => {
  it('moves it and keeps every comment and every other line', async () => {
    const file = fileOf(yaml(keyA));
    const { keychain, secrets } = storeOf();
    const outcome = await movePlaintextKey(file, secrets);
    expect(outcome.kind).toBe('moved');
    expect(keychain.items.get('openrouter')).toBe(keyA);
    expect(file.text()).not.toContain(keyA);
    expect(file.text()).toContain('# my settings');
    expect(file.text()).toContain('litellm-port: 4100 # mine');
    expect(JSON.stringify(outcome)).not.toContain('a1a1');
  });

  it('does nothing without one', async () => {
    const { keychain, secrets } = storeOf(keyB);
    expect(await movePlaintextKey(fileOf('litellm-port: 4000\n'), secrets)).toEqual({ kind: 'none' });
    expect(keychain.calls).toEqual([]);
  });

  it.each(['User canceled the operation.', 'User interaction is not allowed.', 'No keychain is available.'])(
    'leaves the file as it was when the Keychain says “%s”',
    async (sentence) => {
      const file = fileOf(yaml(keyA));
      const { keychain, secrets } = storeOf();
      keychain.before = () => {
        throw new Error(sentence);
      };
      const outcome = await movePlaintextKey(file, secrets);
      expect(outcome).toMatchObject({ kind: 'left', notice: { code: 'plaintext-key-left' } });
      expect(file.text()).toBe(yaml(keyA));
      expect(JSON.stringify(outcome)).not.toContain(keyA);
    },
  );

  it('leaves the file when the Keychain does not give back what it was given', async () => {
    const file = fileOf(yaml(keyA));
    const { keychain, secrets } = storeOf();
    keychain.before = (operation) => {
      if (operation === 'get') keychain.items.clear();
    };
    expect((await movePlaintextKey(file, secrets)).kind).toBe('left');
    expect(file.text()).toBe(yaml(keyA));
  });

  it('says which key it replaces', async () => {
    const { keychain, secrets } = storeOf(keyB);
    const outcome = await movePlaintextKey(fileOf(yaml(keyA)), secrets);
    expect(keychain.items.get('openrouter')).toBe(keyA);
    expect(outcome.kind === 'moved' && outcome.notice.message).toContain('“b2b2”');
  });

  it('removes from the file what the Keychain has already', async () => {
    const file = fileOf(yaml(keyA));
    const { keychain, secrets } = storeOf(keyA);
    expect((await movePlaintextKey(file, secrets)).kind).toBe('moved');
    expect(keychain.calls).not.toContain('set openrouter');
    expect(file.text()).not.toContain(keyA);
  });

  it('says so when the file cannot be changed', async () => {
    const file = fileOf(yaml(keyA), true);
    const { keychain, secrets } = storeOf();
    expect(await movePlaintextKey(file, secrets)).toMatchObject({
      kind: 'copied',
      notice: { code: 'plaintext-key-not-removed' },
    });
    expect(keychain.items.get('openrouter')).toBe(keyA);
  });

  it('leaves alone what is no key', async () => {
    const file = fileOf(yaml('todo'));
    const { keychain, secrets } = storeOf();
    expect(await movePlaintextKey(file, secrets)).toMatchObject({
      kind: 'left',
      notice: { code: 'plaintext-key-malformed' },
    });
    expect(keychain.calls).toEqual([]);
    expect(file.text()).toBe(yaml('todo'));
  });
});
