import { describe, expect, it } from 'vitest';
import { createSecretStore, keychainWaitingMax } from '../../../src-main/secrets/secret-store.ts';
import { createFakeKeychain, keyA, keyB } from './fake-keychain.ts';

function build(initial: Parameters<typeof createFakeKeychain>[0] = {}, answerLimitMs?: number) {
  const keychain = createFakeKeychain(initial);
  const registered: string[] = [];
  const store = createSecretStore({
    keychain,
    registerSecret: (value) => registered.push(value),
    ...(answerLimitMs === undefined ? {} : { answerLimitMs }),
  });
  return { keychain, store, registered };
}

const throwing = (sentence: string) => () => {
  throw new Error(sentence);
};

describe('the secret store', () => {
  it('knows nothing before it asked, and shows the last four characters only', async () => {
    const { store, registered } = build({ openrouter: keyA });
    expect(store.status('openrouter').state).toBe('absent');
    expect(await store.load('openrouter')).toEqual({ state: 'present', last4: 'a1a1', problem: null });
    expect(store.read('openrouter')).toBe(keyA);
    expect(registered).toContain(keyA);
    expect(JSON.stringify(store.status('openrouter'))).not.toContain(keyA.slice(0, 20));
  });

  it('keeps accounts apart', async () => {
    const { store } = build({ openrouter: keyA });
    await store.load('openrouter');
    expect((await store.load('huggingface')).state).toBe('absent');
    expect(store.read('gateway')).toBeNull();
  });

  it('sets, overwrites and removes, and tells listeners each time', async () => {
    const { store, keychain } = build();
    const seen: string[] = [];
    const stop = store.onChange((account, status) => seen.push(`${account} ${status.state} ${status.last4}`));
    expect((await store.set('openrouter', ` ${keyA} `)).ok).toBe(true);
    expect((await store.set('openrouter', keyB)).ok).toBe(true);
    expect(keychain.items.get('openrouter')).toBe(keyB);
    expect((await store.remove('openrouter')).ok).toBe(true);
    expect(keychain.items.size).toBe(0);
    expect(store.read('openrouter')).toBeNull();
    stop();
    await store.set('openrouter', keyA);
    expect(new Set(seen)).toEqual(
      new Set(['openrouter present a1a1', 'openrouter present b2b2', 'openrouter absent null']),
    );
  });

  it('never asks the Keychain to keep what is no key', async () => {
    const { store, keychain } = build();
    expect((await store.set('openrouter', 'sk-nonsense')).ok).toBe(false);
    expect(keychain.calls).toEqual([]);
  });

  it('does not use what the Keychain holds under our name but is no key', async () => {
    const { store } = build({ openrouter: 'garbage\r\nX-Evil: 1' });
    expect(await store.load('openrouter')).toMatchObject({
      state: 'absent',
      last4: null,
      problem: { code: 'secret-malformed' },
    });
    expect(store.read('openrouter')).toBeNull();
  });

  it.each([
    ['User canceled the operation.', 'denied'],
    ['User interaction is not allowed.', 'locked'],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'unavailable'],
  ])('says which state it is in after “%s”', async (sentence, state) => {
    const { store, keychain } = build();
    keychain.before = throwing(sentence);
    expect((await store.load('openrouter')).state).toBe(state);
    const stored = await store.set('openrouter', keyA);
    expect(stored.ok).toBe(false);
    expect(store.read('openrouter')).toBeNull();
    expect(keychain.calls).toEqual(['get openrouter', 'set openrouter']);
  });

  it('keeps using the key it holds when the Keychain is locked later, and says so', async () => {
    const { store, keychain } = build({ openrouter: keyA });
    await store.load('openrouter');
    keychain.before = throwing('User interaction is not allowed.');
    expect(await store.load('openrouter')).toMatchObject({
      state: 'present',
      last4: 'a1a1',
      problem: { code: 'keychain-locked' },
    });
    expect(store.read('openrouter')).toBe(keyA);
  });

  it('deletes and makes anew an item that an older signature made', async () => {
    const { store, keychain } = build({ openrouter: keyA });
    keychain.before = (operation) => {
      if (operation === 'set' && keychain.items.has('openrouter')) {
        throw new Error('Invalid attempt to change the owner of this item.');
      }
    };
    expect((await store.set('openrouter', keyB)).ok).toBe(true);
    expect(keychain.calls).toEqual([
      'set openrouter',
      'get openrouter',
      'remove openrouter',
      'set openrouter',
    ]);
    expect(keychain.items.get('openrouter')).toBe(keyB);
  });

  it('does not delete what it could not put back', async () => {
    const { store, keychain } = build({ openrouter: keyA });
    keychain.before = (operation) => {
      if (operation !== 'remove') throw new Error('Invalid attempt to change the owner of this item.');
    };
    expect((await store.set('openrouter', keyB)).ok).toBe(false);
    expect(keychain.items.get('openrouter')).toBe(keyA);
  });

  it.each([
    ['unknown', 'Ein Fehler ist aufgetreten.', ['set openrouter']],
    [
      'known',
      'Invalid attempt to change the owner of this item.',
      ['set openrouter', 'get openrouter', 'remove openrouter', 'set openrouter', 'set openrouter'],
    ],
  ])(
    'a change of the key that fails twice, for a reason that is %s, keeps the old one',
    async (_name, sentence, calls) => {
      const { store, keychain } = build({ openrouter: keyA });
      keychain.before = (operation, value) => {
        if (operation === 'set' && value === keyB) throw new Error(sentence);
      };
      expect((await store.set('openrouter', keyB)).ok).toBe(false);
      expect(keychain.calls).toEqual(calls);
      expect(keychain.items.get('openrouter')).toBe(keyA);
    },
  );

  it('does not delete what the user only declined to change', async () => {
    const { store, keychain } = build({ openrouter: keyA });
    await store.load('openrouter');
    keychain.before = (operation) => {
      if (operation === 'set') throw new Error('User canceled the operation.');
    };
    expect((await store.set('openrouter', keyB)).ok).toBe(false);
    expect(keychain.items.get('openrouter')).toBe(keyA);
    expect(store.read('openrouter')).toBe(keyA);
  });

  it('puts the value into no message, whatever the system says', async () => {
    const { store, keychain } = build();
    keychain.before = (_operation, value) => {
      throw new Error(`could not store ${value ?? keyA}`);
    };
    const answers = [
      await store.set('openrouter', keyA),
      await store.load('openrouter'),
      await store.remove('openrouter'),
    ];
    expect(JSON.stringify(answers)).not.toContain('a1a1a1');
  });

  it('gives up waiting on a dialog, and takes the late answer', async () => {
    const { store, keychain } = build({ openrouter: keyA }, 20);
    const dialog = Promise.withResolvers<void>();
    keychain.before = () => dialog.promise;
    expect(await store.load('openrouter')).toMatchObject({
      state: 'unavailable',
      problem: { code: 'keychain-timed-out' },
    });
    const taken = new Promise<void>((resolve) => {
      store.onChange((_account, status) => status.state === 'present' && resolve());
    });
    dialog.resolve();
    await taken;
    expect(store.read('openrouter')).toBe(keyA);
    expect(store.status('openrouter').problem).toBeNull();
  });

  it('does not bring a key back that was removed while the Keychain was silent', async () => {
    const { store, keychain } = build({ openrouter: keyA }, 20);
    const dialog = Promise.withResolvers<void>();
    keychain.before = () => dialog.promise;
    await store.load('openrouter');
    const removed = await store.remove('openrouter');
    expect(removed).toMatchObject({ ok: false, error: { code: 'keychain-timed-out' } });
    dialog.resolve();
    await store.load('huggingface');
    expect(store.read('openrouter')).toBeNull();
    expect(keychain.calls).not.toContain('remove openrouter');
  });

  it('withdraws a call that never began, so that it cannot act hours later', async () => {
    const { store, keychain } = build({}, 20);
    const dialog = Promise.withResolvers<void>();
    keychain.before = (operation) => (operation === 'get' ? dialog.promise : undefined);
    const loading = store.load('openrouter');
    const stored = await store.set('openrouter', keyA);
    expect(stored.ok).toBe(false);
    await loading;
    dialog.resolve();
    await store.load('huggingface');
    expect(keychain.items.size).toBe(0);
  });

  it('lets few calls wait behind a dialog', async () => {
    const { store, keychain } = build({}, 50);
    const dialog = Promise.withResolvers<void>();
    keychain.before = () => dialog.promise;
    const answers = await Promise.all(
      Array.from({ length: keychainWaitingMax + 5 }, () => store.set('openrouter', keyA)),
    );
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
    expect(codes.filter((code) => code === 'keychain-busy').length).toBeGreaterThanOrEqual(4);
    dialog.resolve();
    await store.load('huggingface');
    expect(keychain.calls.filter((call) => call === 'set openrouter').length).toBe(1);
  });
});
