import { describe, expect, it } from 'vitest';
import {
  chooseModels,
  listedModelsMax,
  parseModelList,
  premiumFirst,
} from '../../../src-main/cloud/models.ts';
import { defaultPremiumModels } from '../../../src-main/cloud/openrouter.ts';
import { listModels } from '../../stand-ins/openrouter/catalogue.ts';

describe('parseModelList', () => {
  it('reads price and window', () => {
    const models = parseModelList(listModels()) ?? [];
    expect(models.find(({ id }) => id === '~anthropic/claude-sonnet-latest')).toEqual({
      id: '~anthropic/claude-sonnet-latest',
      name: 'Anthropic: Claude Sonnet (latest)',
      contextTokens: 1_000_000,
      answerMaxTokens: 64_000,
      prices: { promptUsd: 0.000003, completionUsd: 0.000015 },
      expiresAt: null,
    });
    expect(models.find(({ id }) => id === 'openrouter/auto')?.prices).toBeNull();
  });

  it.each([null, 5, {}, { data: {} }, { data: [] }, { data: [{ id: '../x' }] }])(
    'takes %j for no list',
    (value) => {
      expect(parseModelList(value)).toBeNull();
    },
  );

  it('leaves out what does not fit, and keeps the rest', () => {
    const models = parseModelList({
      data: [
        null,
        { id: 5 },
        { id: 'a/b\r\nX: 1' },
        { id: 'ok/one', name: 5, context_length: -3, pricing: { prompt: 'NaN', completion: '1e9' } },
        { id: 'ok/one', name: 'again' },
        { id: 'ok/two', name: 'A\nB', pricing: { prompt: '0.000001', completion: '' } },
      ],
    });
    expect(models).toMatchObject([
      { id: 'ok/one', name: 'ok/one', contextTokens: null, prices: null },
      { id: 'ok/two', name: 'A B', prices: { promptUsd: 0.000001, completionUsd: null } },
    ]);
  });

  it('reads a bounded number', () => {
    const data = Array.from({ length: listedModelsMax + 10 }, (_, index) => ({ id: `a/m${index}` }));
    expect(parseModelList({ data })).toHaveLength(listedModelsMax);
  });
});

describe('chooseModels', () => {
  it('offers the defaults that the live list has, and names the rest', () => {
    const listed = parseModelList(listModels()) ?? [];
    expect(chooseModels(listed, defaultPremiumModels).missing).toEqual([]);
    const choice = chooseModels(listed, ['~openai/gpt-latest', 'gone/model', '~openai/gpt-latest']);
    expect(choice.offered).toEqual([
      {
        id: '~openai/gpt-latest',
        prices: { promptUsd: 0.0000025, completionUsd: 0.000015 },
        contextTokens: 400_000,
        answerMaxTokens: 128_000,
      },
    ]);
    expect(choice.missing).toEqual(['gone/model']);
  });
});

describe('the model behind “premium”', () => {
  const listOf = (...ids: readonly string[]) => parseModelList({ data: ids.map((id) => ({ id })) });
  const wanted = ['~anthropic/claude-sonnet-latest', 'openai/gpt', 'google/gemini'];

  it('is the next one when the first was renamed, so that it does not answer 404', () => {
    const listed = listOf('~anthropic/claude-sonnet-newest', 'google/gemini', 'openai/gpt');
    expect(premiumFirst(listed, wanted)).toEqual([
      'openai/gpt',
      '~anthropic/claude-sonnet-latest',
      'google/gemini',
    ]);
  });

  it.each([
    ['while the list is unknown', null],
    ['when it is listed', listOf('google/gemini', '~anthropic/claude-sonnet-latest')],
    ['when none is listed', listOf('~x/y', 'a/b')],
    ['when the list says nothing of aliases', listOf('openai/gpt')],
  ])('stays the first %s', (_when, listed) => {
    expect(premiumFirst(listed, wanted)).toEqual(wanted);
  });

  it('may be an alias that the list says nothing of: it is offered, at an unknown price', () => {
    expect(chooseModels(listOf('openai/gpt') ?? [], wanted)).toMatchObject({
      offered: [{ id: '~anthropic/claude-sonnet-latest', prices: null }, { id: 'openai/gpt' }],
      missing: ['google/gemini'],
    });
  });
});
