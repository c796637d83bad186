import { describe, expect, it } from 'vitest';
import { createGatewayKey, makeGatewayKey } from '../../../src-main/secrets/gateway-key.ts';
import { createSecretStore } from '../../../src-main/secrets/secret-store.ts';
import { createFakeKeychain } from './fake-keychain.ts';

function build(stored?: string) {
  const keychain = createFakeKeychain(stored === undefined ? {} : { gateway: stored });
  const registered = new Set<string>();
  const registerSecret = (value: string) => void registered.add(value);
  const secrets = createSecretStore({ keychain, registerSecret });
  return { keychain, registered, key: createGatewayKey({ secrets, registerSecret }) };
}

describe('the gateway’s key', () => {
  it('is made once and is the same after a relaunch', async () => {
    const { key, keychain } = build();
    expect(await key.ensure()).toMatchObject({ kept: true, problem: null });
    expect(keychain.items.get('gateway')).toBe(key.read());
    const again = build(key.read());
    await again.key.ensure();
    expect(again.key.read()).toBe(key.read());
    expect(again.keychain.calls).toEqual(['get gateway']);
  });

  it('lasts for the launch when there is no Keychain, and is registered for redaction', async () => {
    const { key, keychain, registered } = build();
    keychain.before = () => {
      throw new Error('Cannot autolaunch D-Bus without X11 $DISPLAY');
    };
    expect(await key.ensure()).toMatchObject({ kept: false, problem: { code: 'keychain-unavailable' } });
    expect(key.read()).toMatch(/^sk-mlx-/);
    expect(registered.has(key.read())).toBe(true);
  });

  it('does not overwrite a key it was not allowed to read', async () => {
    const stored = makeGatewayKey();
    const { key, keychain } = build(stored);
    keychain.before = (operation) => {
      if (operation === 'get') throw new Error('User canceled the operation.');
    };
    expect(await key.ensure()).toMatchObject({ kept: false });
    expect(keychain.items.get('gateway')).toBe(stored);
  });

  it('replaces what is no key of ours', async () => {
    const { key, keychain } = build('something else');
    expect(await key.ensure()).toMatchObject({ kept: true });
    expect(keychain.items.get('gateway')).toBe(key.read());
  });

  it('rotates to another key; a refused rotation leaves the old one in force', async () => {
    const { key, keychain } = build();
    await key.ensure();
    const first = key.read();
    expect((await key.rotate()).ok).toBe(true);
    const second = key.read();
    expect(second).not.toBe(first);
    keychain.before = () => {
      throw new Error('User canceled the operation.');
    };
    expect((await key.rotate()).ok).toBe(false);
    expect(key.read()).toBe(second);
    expect(keychain.items.get('gateway')).toBe(second);
  });
});
