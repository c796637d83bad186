import { describe, expect, it } from 'vitest';
import { openRouter } from '../../../src-main/cloud/openrouter.ts';
import { chooseUpstream, upstreamVariable } from '../../../src-main/cloud/upstream-choice.ts';

const choose = (address: string | undefined, isPackaged = false) =>
  chooseUpstream({ [upstreamVariable]: address }, isPackaged);

describe('where requests to OpenRouter go', () => {
  it('to OpenRouter, unless a build that is worked on is given an address on this machine', () => {
    expect(choose(undefined)).toEqual({ upstream: openRouter, problem: null });
    expect(choose('')).toEqual({ upstream: openRouter, problem: null });
    expect(choose('http://127.0.0.1:9000').upstream.origin).toBe('http://127.0.0.1:9000');
  });

  it('to OpenRouter always, when packaged: the environment is not looked at', () => {
    expect(choose('http://127.0.0.1:9000', true)).toEqual({ upstream: openRouter, problem: null });
  });

  it.each([
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1:80',
    'file:///etc',
    'x',
  ])('never to %s, and says so', (address) => {
    const { upstream, problem } = choose(address);
    expect(upstream).toEqual(openRouter);
    expect(problem?.code).toBe('upstream-not-loopback');
  });
});
