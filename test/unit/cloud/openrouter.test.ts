import { describe, expect, it } from 'vitest';
import {
  defaultPremiumModels,
  isKnownUpstream,
  loopbackUpstream,
  modelIdPattern,
  openRouter,
} from '../../../src-main/cloud/openrouter.ts';
import { challengeOf, isSignInUrl, signInUrl } from '../../../src-main/cloud/sign-in.ts';
import { createUpstreamClient, faultOfError } from '../../../src-main/cloud/upstream.ts';
import { refusalError, sentenceOf } from '../../../src-main/cloud/upstream-errors.ts';

describe('another upstream', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['https://[::1]:8080', 'https://[::1]:8080'],
    ['http://localhost:8080', 'http://127.0.0.1:8080'],
    ['http://2130706433:8080', 'http://127.0.0.1:8080'],
  ])('%s is on this machine', (text, origin) => {
    expect(loopbackUpstream(text)).toEqual({ ok: true, value: { origin } });
  });

  it.each([
    'https://openrouter.ai.evil.example',
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
    'http://user:pass@127.0.0.1:1',
    'http://127.0.0.1:1/api',
    'http://127.0.0.1:1?x',
    'http://127.0.0.1:1#x',
    'http://0.0.0.0:1',
    'http://127.0.0.2:1',
    'http://169.254.169.254',
    'http://[::ffff:1.2.3.4]:1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'javascript:1',
    '127.0.0.1:8080',
    '',
  ])('%s is refused', (text) => {
    expect(loopbackUpstream(text)).toMatchObject({ ok: false, error: { code: 'upstream-not-loopback' } });
  });

  it('is checked once more where connections are made', () => {
    expect(isKnownUpstream(openRouter)).toBe(true);
    expect(isKnownUpstream({ ...openRouter, ca: 'mine' })).toBe(false);
    const upstream = { origin: 'https://evil.example' };
    expect(() => createUpstreamClient({ upstream, connectLimitMs: 1, connectionsMax: 1 })).toThrow();
  });
});

describe('names and sentences', () => {
  it('knows the default models as model ids', () => {
    for (const id of defaultPremiumModels) expect(id).toMatch(modelIdPattern);
    for (const id of ['a', 'a/b\r\n', '../x/y', 'a/b c', '/a/b']) expect(id).not.toMatch(modelIdPattern);
  });

  it('repeats OpenRouter’s sentence without the key, on one line, bounded', () => {
    const key = `sk-or-v1-${'ab'.repeat(32)}`;
    const said = sentenceOf(
      JSON.stringify({ error: { message: `bad ${key}\r\n\u2028sk-or-v1-short ${'x'.repeat(2000)}` } }),
      key,
    );
    expect(said).toMatch(/^bad \[redacted\] \[redacted\] x+$/);
    expect(said?.length).toBe(500);
    for (const text of ['', 'x', '[]', 'null', '{"error":5}', '{"error":{"message":{}}}']) {
      expect(sentenceOf(text, key)).toBeNull();
    }
  });

  it('says nothing of OpenRouter’s about a refused key: it may hold its hash', () => {
    expect(refusalError(401, 'deadbeef', null).message).not.toContain('deadbeef');
  });

  it.each([
    ['ENOTFOUND', 'offline'],
    ['ECONNREFUSED', 'offline'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['EPROTO', 'tls'],
    ['HPE_INVALID_CONSTANT', 'garbage'],
    ['ETIMEDOUT', 'timed-out'],
    ['ECONNRESET', 'cut'],
  ])('takes %s for %s', (code, fault) => {
    expect(faultOfError(Object.assign(new Error('x'), { code }))).toBe(fault);
  });
});

describe('the sign-in address', () => {
  const address = {
    origin: openRouter.origin,
    port: 4711,
    state: 'A'.repeat(43),
    challenge: 'B'.repeat(43),
    wanted: { label: 'MLX Stack & co', limitUsd: 5, limitPeriod: 'monthly' },
  } as const;

  it('asks for a capped key and comes back to this machine', () => {
    const url = new URL(signInUrl(address));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      callback_url: `http://localhost:4711/openrouter/${'A'.repeat(43)}`,
      code_challenge: 'B'.repeat(43),
      code_challenge_method: 'S256',
      key_label: 'MLX Stack & co',
      limit: '5',
      usage_limit_type: 'monthly',
    });
    expect(isSignInUrl(url.href, openRouter.origin)).toBe(true);
  });

  it.each([
    'https://evil.example/auth',
    'https://openrouter.ai/auth',
    'https://openrouter.ai/auth?callback_url=http://evil.example/',
    'https://user@openrouter.ai/auth?callback_url=http://localhost:1/openrouter/x',
    'javascript:alert(1)',
    'file:///Applications',
  ])('lets nothing else be opened: %s', (url) => {
    expect(isSignInUrl(url, openRouter.origin)).toBe(false);
  });

  it('makes the challenge of RFC 7636’s example', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });
});
