import { describe, expect, it } from 'vitest';
import { prepareCompletion } from '../../../src-main/cloud/completion-request.ts';
import type { CloudSettings } from '../../../src-main/cloud/settings.ts';
import { cloudOff } from './cloud-off.ts';

const settings: CloudSettings = {
  ...cloudOff,
  enabled: true,
  models: [
    {
      id: 'a/b',
      prices: { promptUsd: 0.000003, completionUsd: 0.000015 },
      contextTokens: null,
      answerMaxTokens: null,
    },
    { id: 'a/free', prices: { promptUsd: 0, completionUsd: 0 }, contextTokens: null, answerMaxTokens: null },
  ],
};

function sentFor(asked: object, more: Partial<CloudSettings> = {}): Record<string, unknown> {
  const prepared = prepareCompletion(JSON.stringify({ model: 'a/b', messages: [], ...asked }), {
    ...settings,
    ...more,
  });
  if (!prepared.ok) throw new Error(prepared.error.code);
  return JSON.parse(prepared.value.body);
}

describe('prepareCompletion', () => {
  it('keeps what it does not know and adds usage and privacy', () => {
    const sent = sentFor({
      temperature: 0.5,
      tools: [{ type: 'function', function: { name: 'x' } }],
      stream: true,
    });
    expect(sent).toMatchObject({
      model: 'a/b',
      temperature: 0.5,
      stream: true,
      usage: { include: true },
      provider: { zdr: true, data_collection: 'deny' },
    });
    expect(sent['tools']).toHaveLength(1);
  });

  it('bounds the price by what was shown, so that an alias cannot become dear unseen', () => {
    expect(sentFor({ provider: { max_price: { prompt: 1000 } } })['provider']).toMatchObject({
      max_price: { prompt: 4.5, completion: 22.5 },
    });
    expect(sentFor({ model: 'a/free' })['provider']).not.toHaveProperty('max_price');
  });

  it('leaves a stricter wish of the client in place where the user demands nothing', () => {
    expect(sentFor({ provider: { zdr: true } }, { privacy: 'any' })['provider']).toMatchObject({ zdr: true });
    expect(sentFor({ provider: { zdr: true } }, { privacy: 'no-training' })['provider']).toMatchObject({
      zdr: true,
      data_collection: 'deny',
    });
  });

  it('takes stream only as true, since anything else could be read two ways', () => {
    expect(sentFor({ stream: 'yes' })['stream']).toBe(false);
    expect(sentFor({ stream: 1 })['stream']).toBe(false);
  });

  it('cannot be led by __proto__', () => {
    const text = '{"__proto__":{"model":"a/b","messages":[]},"messages":[]}';
    expect(prepareCompletion(text, settings)).toMatchObject({ ok: false, error: { code: 'model-missing' } });
  });

  it.each([
    [{ max_tokens: 100 }, 100],
    [{ max_tokens: 100, max_completion_tokens: 50 }, 100],
    [{ max_tokens: '100000', max_completion_tokens: 50 }, null],
    [{ max_tokens: -5 }, null],
    [{ max_tokens: 'many' }, null],
    [{}, null],
  ])('reads the bound of the answer from %j', (asked, tokens) => {
    const prepared = prepareCompletion(JSON.stringify({ model: 'a/b', messages: [], ...asked }), settings);
    expect(prepared.ok && prepared.value.answerTokens).toBe(tokens);
  });
});
