/** Which of several copies of a model is shown as it, and that none is lost. */
import { describe, expect, test } from 'vitest';
import type { FoundModel } from '../../../src-main/contract/models.ts';
import { rowsOf } from '../../../src-main/models/inventory-rows.ts';

const found = (key: string, more: Partial<FoundModel> = {}): FoundModel => ({
  key,
  name: 'M',
  repo: 'org/M-4bit',
  place: 'ours',
  folder: `/${key}`,
  sizeBytes: 1,
  quant: 'int4',
  contextTokens: null,
  state: 'ready',
  lacks: null,
  tiers: [],
  isDeletable: false,
  ...more,
});

const shown = (models: readonly FoundModel[]) =>
  rowsOf(models).map(({ key, others }) => [key, ...others.map((other) => other.key)].join(' '));

const ours = found('ours', { isDeletable: true });
const hub = found('hub', { place: 'hugging-face' });
const studio = found('studio', { place: 'lm-studio' });

describe('of copies of one model', () => {
  test('ours is shown, then the first found, with the others in their order', () => {
    expect(shown([ours, hub, studio])).toEqual(['ours hub studio']);
    expect(shown([hub, studio])).toEqual(['hub studio']);
    expect(shown([ours])).toEqual(['ours']);
  });

  test('the one that a tier uses is shown before ours', () => {
    const used = { ...studio, tiers: ['standard'] };
    expect(shown([ours, hub, used])).toEqual(['studio ours hub']);
    expect(rowsOf([ours, used])[0]?.others).toEqual([ours]);
    const both = [{ ...ours, tiers: ['fast'] }, used];
    expect(shown(both)).toEqual(['ours studio']);
    expect(rowsOf(both)[0]?.tiers).toEqual(['fast', 'standard']);
  });

  test('a whole one is shown before one that is not, unless a tier uses that', () => {
    const broken = { ...ours, state: 'incomplete' as const };
    expect(shown([broken, hub])).toEqual(['hub ours']);
    expect(shown([{ ...broken, tiers: ['standard'] }, hub])).toEqual(['ours hub']);
    expect(shown([broken, { ...hub, state: 'incomplete' as const }])).toEqual(['ours hub']);
  });
});

test('another quantisation, another repository and a folder of unknown origin are models of their own', () => {
  const models = [
    ours,
    { ...hub, quant: 'int8' },
    { ...studio, repo: 'other/M-4bit' },
    found('a', { repo: null }),
    found('b', { repo: null }),
    found('c', { quant: null }),
  ];
  expect(shown(models)).toEqual(['ours', 'hub', 'studio', 'a', 'b', 'c']);
  expect(rowsOf([])).toEqual([]);
});

test('every folder stands in exactly one row, each repository and quantisation in one', () => {
  const models = Array.from({ length: 60 }, (_, index) =>
    found(`k${index}`, {
      repo: index % 7 === 0 ? null : `org/${index % 5}`,
      quant: ['int4', 'int8', null][index % 3] ?? null,
      tiers: index % 11 === 0 ? ['standard'] : [],
      state: index % 4 === 0 ? 'incomplete' : 'ready',
    }),
  );
  const rows = rowsOf(models);
  const keys = rows.flatMap(({ key, others }) => [key, ...others.map((other) => other.key)]);
  expect(keys.toSorted()).toEqual(models.map(({ key }) => key).toSorted());
  const named = rows.filter(({ repo }) => repo !== null).map(({ repo, quant }) => `${repo} ${quant}`);
  expect(new Set(named).size).toBe(named.length);
});
