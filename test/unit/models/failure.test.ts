/** Every way a connection can fail has a sentence, and a mistake of ours is none of them. */
import { describe, expect, it } from 'vitest';
import { fetchProblem } from '../../../src-main/catalogue/hub-problems.ts';
import { connectionFailure } from '../../../src-main/models/failure.ts';

const failureOf = (code: string) => connectionFailure(Object.assign(new Error(code), { code }));

describe('a connection', () => {
  it.each([
    ['ENOTFOUND', 'hub-offline', 'offline'],
    ['EAI_AGAIN', 'hub-offline', 'offline'],
    ['ECONNREFUSED', 'hub-offline', 'offline'],
    ['ECONNRESET', 'hub-interrupted', 'counted'],
    /** A host name of more than 255 characters, which a redirect can name. */
    ['EINVAL', 'hub-interrupted', 'counted'],
    ['EMFILE', 'hub-interrupted', 'counted'],
    ['ENOBUFS', 'hub-interrupted', 'counted'],
    ['EPERM', 'hub-interrupted', 'counted'],
    ['EAI_FAIL', 'hub-interrupted', 'counted'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'hub-interrupted', 'counted'],
    ['EPROTO', 'hub-untrusted', 'counted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'hub-untrusted', 'counted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'hub-untrusted', 'counted'],
    /** What Node says of a certificate that was signed by one that may sign none. */
    ['UNSPECIFIED', 'hub-untrusted', 'counted'],
    ['INVALID_CA', 'hub-untrusted', 'counted'],
    ['HPE_INVALID_HEADER', 'hub-bad-answer', 'counted'],
  ])('that ends with %s is told as %s', (code, problem, retry) => {
    expect(failureOf(code)).toMatchObject({ problem: { code: problem }, retry: { kind: retry } });
  });

  it.each(['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_CHAR'])('%s is a mistake of ours', (code) => {
    expect(failureOf(code)).toBeNull();
  });

  it('any other error is none of a connection', () => {
    expect(connectionFailure(new Error('x'))).toBeNull();
    expect(connectionFailure('x')).toBeNull();
  });
});

describe('fetch', () => {
  it('failed to connect, or was answered against its rules', () => {
    expect(fetchProblem(new TypeError('fetch failed', { cause: new Error('x') })).code).toBe('hub-offline');
    expect(fetchProblem(new TypeError('cannot redirect to a URL with credentials')).code).toBe(
      'hub-bad-answer',
    );
    expect(() => fetchProblem(new RangeError('ours'))).toThrow('ours');
  });
});
