import { describe, expect, it } from 'vitest';
import {
  parseConfig,
  parsedDefaults,
  readPlaintextKey,
  removeConfigKey,
} from '../../../src-main/config/config-file.ts';
import { ok, type Problem } from '../../../src-main/contract/result.ts';
import { createGatewayKey, makeGatewayKey } from '../../../src-main/secrets/gateway-key.ts';
import { createKeysControl } from '../../../src-main/secrets/keys-control.ts';
import { createSecretStore } from '../../../src-main/secrets/secret-store.ts';
import { createFakeKeychain, keyA, keyB } from './fake-keychain.ts';

const context = { home: '/home', userHome: '/user' };
const kept = makeGatewayKey();

function setUp(
  yaml = '',
  stored: Parameters<typeof createFakeKeychain>[0] = { gateway: kept },
  limits: { readonly answerLimitMs?: number } = {},
) {
  let text = yaml;
  const notes: Problem[] = [];
  const registered: string[] = [];
  let changes = 0;
  const keychain = createFakeKeychain(stored);
  const registerSecret = (value: string) => void registered.push(value);
  const secrets = createSecretStore({ keychain, registerSecret, ...limits });
  const gatewayKey = createGatewayKey({ secrets, registerSecret });
  const keys = createKeysControl({
    secrets,
    gatewayKey,
    registerSecret,
    config: {
      state: () => {
        const parsed = parseConfig(text, context);
        const value = parsed.ok ? parsed.value : parsedDefaults(context);
        return { value, source: 'file', problems: [] };
      },
      readPlaintextKey: async () => readPlaintextKey(text),
      async remove(key) {
        const removed = removeConfigKey(text, key, context);
        if (!removed.ok) return removed;
        text = removed.value;
        return ok(undefined);
      },
    },
    note: (found) => notes.push(found),
    onChange: () => {
      changes += 1;
    },
    startLimitMs: 20,
  });
  return {
    keys,
    secrets,
    gatewayKey,
    keychain,
    notes,
    registered,
    changes: () => changes,
    text: () => text,
    write: (next: string) => {
      text = next;
    },
  };
}

describe('the keys at start', () => {
  it('are those of the Keychain, and nobody is disturbed', async () => {
    const { keys, gatewayKey, secrets, notes, changes } = setUp('', { gateway: kept, openrouter: keyA });
    await keys.open();
    expect(gatewayKey.read()).toBe(kept);
    expect(secrets.read('openrouter')).toBe(keyA);
    expect([notes, changes()]).toEqual([[], 0]);
  });

  it('do not hold up the servers when the Keychain asks the person: the answer is told when it comes', async () => {
    const { keys, gatewayKey, keychain, changes } = setUp();
    const answer = Promise.withResolvers<void>();
    keychain.before = () => answer.promise;
    await keys.open();
    expect(gatewayKey.read()).not.toBe(kept);
    expect(changes()).toBe(0);
    answer.resolve();
    await expect.poll(changes).toBe(1);
    expect(gatewayKey.read()).toBe(kept);
  });

  it('are taken up when the person answers the Keychain’s dialog only after it was given up', async () => {
    const stored = { gateway: kept, openrouter: keyA };
    const { keys, gatewayKey, secrets, keychain, changes } = setUp('', stored, { answerLimitMs: 30 });
    const answer = Promise.withResolvers<void>();
    keychain.before = () => answer.promise;
    await keys.open();
    await expect.poll(() => secrets.status('openrouter').state).toBe('unavailable');
    await expect.poll(changes).toBe(1);
    expect(gatewayKey.read()).not.toBe(kept);
    answer.resolve();
    await expect.poll(changes).toBe(2);
    expect(gatewayKey.read()).toBe(kept);
    expect(gatewayKey.status()).toMatchObject({ kept: true, problem: null });
    expect(secrets.read('openrouter')).toBe(keyA);
  });

  it('without a Keychain: one of this launch, and a notice that says what that means', async () => {
    const { keys, gatewayKey, keychain, notes } = setUp();
    keychain.before = () => {
      throw new Error('Cannot autolaunch D-Bus without X11 $DISPLAY');
    };
    await keys.open();
    expect(gatewayKey.read()).toMatch(/^sk-mlx-/);
    expect(notes.map(({ code }) => code)).toEqual(['gateway-key-not-kept']);
    expect(notes[0]?.hint).toContain('another one each time');
  });
});

describe('a key in config.yaml', () => {
  it('is moved at start, and again when one is written there later', async () => {
    const { keys, secrets, notes, text, write, changes } = setUp(`# mine\nopenrouter-key: ${keyA}\n`);
    await keys.open();
    expect(text()).toBe('# mine\n');
    expect(secrets.read('openrouter')).toBe(keyA);
    write(`openrouter-key: ${keyB}\n`);
    await keys.configChanged();
    expect(secrets.read('openrouter')).toBe(keyB);
    expect(text()).toBe('');
    expect(changes()).toBe(1);
    expect(notes.map(({ code }) => code)).toEqual(['plaintext-key-moved', 'plaintext-key-moved']);
  });

  it('is known to the redaction before anything else is done with it, also when it is no key', async () => {
    const { keys, registered, text, notes } = setUp('openrouter-key: my-old-password\n');
    await keys.open();
    expect(registered).toContain('my-old-password');
    expect(text()).toContain('my-old-password');
    expect(JSON.stringify(notes)).not.toContain('my-old-password');
  });
});

describe('another key for the gateway', () => {
  it('is told once the Keychain has it, and not when it refuses', async () => {
    const { keys, gatewayKey, keychain, changes } = setUp();
    await keys.open();
    expect(await keys.rotateGatewayKey()).toEqual({ ok: true, value: {} });
    const rotated = gatewayKey.read();
    expect(rotated).not.toBe(kept);
    expect(keychain.items.get('gateway')).toBe(rotated);
    expect(changes()).toBe(1);
    keychain.before = () => {
      throw new Error('Cannot complete: the collection is locked');
    };
    expect(await keys.rotateGatewayKey()).toMatchObject({ ok: false });
    expect(gatewayKey.read()).toBe(rotated);
    expect(changes()).toBe(1);
  });
});

describe('a Keychain that said no, asked again', () => {
  const locked = () => {
    throw new Error('Cannot complete: the collection is locked');
  };

  it('gives all that it owed once it says yes, and whoever uses it is told', async () => {
    const { keys, gatewayKey, secrets, keychain, changes } = setUp('', {
      gateway: kept,
      openrouter: keyA,
      huggingface: `hf_${'c'.repeat(34)}`,
    });
    keychain.before = locked;
    await keys.open();
    await secrets.load('huggingface');
    expect(secrets.status('openrouter').state).toBe('locked');
    keychain.before = () => undefined;
    expect(await keys.askAgain('openrouter')).toEqual({ ok: true, value: {} });
    expect(secrets.read('openrouter')).toBe(keyA);
    expect(secrets.status('huggingface').state).toBe('present');
    expect(gatewayKey.read()).toBe(kept);
    expect(changes()).toBeGreaterThan(0);
  });

  it('is asked one question only while it says no, and its reason is the answer', async () => {
    const { keys, keychain, changes } = setUp('', { gateway: kept, openrouter: keyA });
    keychain.before = locked;
    await keys.open();
    keychain.calls.length = 0;
    const refused = await keys.askAgain('openrouter');
    expect(refused).toMatchObject({ ok: false, error: { code: 'keychain-locked' } });
    expect(keychain.calls).toEqual(['get openrouter']);
    expect(changes()).toBe(0);
  });

  it('that has no key says so, which is no failure', async () => {
    const { keys, secrets, keychain } = setUp();
    keychain.before = locked;
    await keys.open();
    keychain.before = () => undefined;
    expect(await keys.askAgain('openrouter')).toEqual({ ok: true, value: {} });
    expect(secrets.status('openrouter')).toMatchObject({ state: 'absent', problem: null });
  });
});
