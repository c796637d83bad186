import { afterEach, describe, expect, it, vi } from 'vitest';

const compared = vi.hoisted(() => ({ lengths: [] as number[] }));
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const timingSafeEqual: typeof real.timingSafeEqual = (a, b) => {
    compared.lengths.push(a.byteLength, b.byteLength);
    return real.timingSafeEqual(a, b);
  };
  return { ...real, timingSafeEqual };
});

const { guardRequest, isSecret, relaySecretHeader } = await import(
  '../../../src-main/cloud/request-guard.ts'
);

const options = {
  authority: '127.0.0.1:1234',
  secret: Buffer.from('the secret'),
  headersMax: 8,
  bodyMaxBytes: 1024,
};

const good = (secret = 'the secret') => ({
  method: 'POST',
  target: '/api/v1/chat/completions',
  rawHeaders: [
    ...['Host', '127.0.0.1:1234', relaySecretHeader, secret],
    ...['Content-Type', 'application/json; charset=utf-8', 'Content-Length', '2'],
  ],
});

afterEach(() => {
  compared.lengths.length = 0;
});

describe('guardRequest', () => {
  it('lets the gateway in', () => {
    expect(guardRequest(good(), options)).toEqual({ ok: true, route: 'completions' });
    const models = {
      ...good(),
      method: 'GET',
      target: '/api/v1/models',
      rawHeaders: good().rawHeaders.slice(0, 4),
    };
    expect(guardRequest(models, options)).toEqual({ ok: true, route: 'models' });
  });

  it.each(['', 'x', 'the secre', 'the secreT', 'the secret2', 'the secret\0', 'é'.repeat(4000)])(
    'compares the secret “%s” in constant time: as many bytes as the true one has',
    (secret) => {
      expect(guardRequest(good(secret), options)).toMatchObject({ ok: false, error: { status: 401 } });
      expect(compared.lengths).toEqual([10, 10]);
    },
  );

  it('takes no other text for the secret whose bytes are cut, padded or folded', () => {
    const secret = Buffer.from('abc');
    expect(isSecret('abc', secret)).toBe(true);
    for (const sent of ['ab', 'ab\0', 'abcd', 'abc\0', 'ABC', '\u0161bc', 'ab\u0163']) {
      expect(isSecret(sent, secret), JSON.stringify(sent)).toBe(false);
    }
  });

  it('tells a stranger neither which paths nor which methods there are', () => {
    for (const target of ['/api/v1/chat/completions', '/nothing']) {
      expect(guardRequest({ ...good('wrong'), target, method: 'PUT' }, options)).toMatchObject({
        error: { status: 401 },
      });
    }
  });

  it.each([
    ['a GET with a body', { ...good(), method: 'GET', target: '/api/v1/models' }, 'body-not-allowed'],
    ['no body', { ...good(), rawHeaders: good().rawHeaders.slice(0, 6) }, 'body-missing'],
    [
      'a body too large',
      { ...good(), rawHeaders: [...good().rawHeaders.slice(0, 7), '1025'] },
      'body-too-large',
    ],
    ['an inherited name', { ...good(), target: 'toString' }, 'path-not-allowed'],
    [
      'an origin in odd case',
      { ...good(), rawHeaders: [...good().rawHeaders, 'oRiGiN', 'x'] },
      'origin-not-allowed',
    ],
    [
      'too many headers',
      { ...good(), rawHeaders: [...good().rawHeaders, ...Array.from({ length: 10 }, () => 'x')] },
      'too-many-headers',
    ],
  ])('refuses %s', (_name, head, code) => {
    expect(guardRequest(head, options)).toMatchObject({ ok: false, error: { code } });
  });
});
