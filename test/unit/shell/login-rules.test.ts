import { describe, expect, it } from 'vitest';
import {
  type LoginFacts,
  loginObstacle,
  loginOutcome,
  loginStatusOf,
} from '../../../src-main/shell/login-rules.ts';

const facts = (status: LoginFacts['status'], more: Partial<LoginFacts> = {}): LoginFacts => ({
  status,
  isPackaged: true,
  isInApplications: true,
  ...more,
});

describe('the state of the login item', () => {
  it.each([
    ['enabled', 'on'],
    ['not-registered', 'off'],
    // What macOS says of an app that it has never been asked about.
    ['not-found', 'off'],
    ['requires-approval', 'needs-approval'],
  ] as const)('%s is %s', (status, state) => {
    expect(loginStatusOf(facts(status)).state).toBe(state);
  });

  it('is unavailable to a development build, whatever macOS says', () => {
    for (const status of ['enabled', 'not-found'] as const) {
      const { state, problem } = loginStatusOf(facts(status, { isPackaged: false }));
      expect([state, problem?.code]).toEqual(['unavailable', 'login-not-packaged']);
    }
  });

  it('is unavailable outside the Applications folder, but what is on there can be turned off', () => {
    const elsewhere = { isInApplications: false };
    expect(loginStatusOf(facts('not-registered', elsewhere)).problem?.code).toBe('login-not-in-applications');
    expect(loginStatusOf(facts('enabled', elsewhere))).toEqual({ state: 'on', problem: null });
  });

  it('names the obstacle before macOS is asked', () => {
    expect(loginObstacle(facts('not-found'))).toBeNull();
    expect(loginObstacle(facts('not-found', { isPackaged: false }))?.code).toBe('login-not-packaged');
    expect(loginObstacle(facts('not-found', { isInApplications: false }))?.code).toBe(
      'login-not-in-applications',
    );
  });
});

describe('what came of the wish', () => {
  it.each([
    [true, 'enabled', 'done'],
    [true, 'requires-approval', 'needs-approval'],
    [false, 'not-registered', 'done'],
    [false, 'not-found', 'done'],
  ] as const)('%s, then %s: %s', (wanted, status, outcome) => {
    expect(loginOutcome(wanted, facts(status))).toEqual({ ok: true, value: outcome });
  });

  it.each([
    [true, 'not-registered', 'login-refused'],
    [true, 'not-found', 'login-refused'],
    [false, 'enabled', 'login-not-removed'],
    [false, 'requires-approval', 'login-not-removed'],
  ] as const)('%s, then %s: %s', (wanted, status, code) => {
    expect(loginOutcome(wanted, facts(status))).toMatchObject({ ok: false, error: { code } });
  });
});
