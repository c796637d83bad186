import { describe, expect, it } from 'vitest';
import { faultOf, faultProblem } from '../../../src-main/secrets/keychain-faults.ts';

describe('faultOf', () => {
  it.each([
    ['User canceled the operation.', 'denied', false],
    ['The user name or passphrase you entered is not correct.', 'denied', true],
    ['The specified item has no access control.', 'denied', true],
    ['Invalid attempt to change the owner of this item.', 'denied', true],
    ['User interaction is not allowed.', 'locked', false],
    ['User interaction is required, but is currently not allowed.', 'locked', false],
    ['Cannot create an item in a locked collection', 'locked', false],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'unavailable', false],
    ['Could not connect: No such file or directory', 'unavailable', false],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'unavailable', false],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'unavailable', false],
    ['No keychain is available. You may need to restart your computer.', 'unavailable', false],
    ['Failed to load keytar native addon, checked ["../build/Release"]', 'unavailable', false],
    ['The specified item already exists in the keychain.', 'unavailable', true],
    ['An unknown error occurred.', 'unavailable', false],
    ['Die Benutzerinteraktion ist nicht erlaubt.', 'unavailable', false],
  ])('%s', (sentence, state, mayReplace) => {
    expect(faultOf(new Error(sentence))).toMatchObject({ state, mayReplace });
  });

  it('takes anything that was thrown', () => {
    expect(faultOf('a string')).toMatchObject({ state: 'unavailable', cause: 'unknown' });
    expect(faultOf(null)).toMatchObject({ state: 'unavailable', cause: 'unknown' });
  });

  it('has a sentence and a remedy for every state, and repeats nothing of what the system said', () => {
    for (const sentence of [
      'User canceled the operation. SECRET',
      'is locked SECRET',
      'autolaunch SECRET',
      'SECRET',
    ]) {
      const found = faultProblem(faultOf(new Error(sentence)), 'openrouter');
      expect(found.code).toMatch(/^keychain-/);
      expect(found.hint).toBeTruthy();
      expect(JSON.stringify(found)).not.toContain('SECRET');
    }
  });
});
