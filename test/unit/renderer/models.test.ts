import { describe, expect, it } from 'vitest';
import {
  everything,
  filterModels,
  hasModel,
  isLookUp,
  type Trait,
  valuesOf,
} from '../../../src-renderer/views/models/browse-filter.ts';
import {
  contextSteps,
  formatContext,
  formatQuant,
  formatRange,
  pagesOf,
} from '../../../src-renderer/views/models/figures.ts';
import { createListing } from '../../../src-renderer/views/models/library.ts';
import { modelWords as words } from '../../../src-renderer/words/index.ts';
import { browsedModels, manyModels } from '../../e2e/setup-fixture.ts';

describe('figures', () => {
  it('are contexts, and how much that is', () => {
    expect([32_768, 1_048_576, 40_960, 200_000, 0].map(formatContext)).toEqual([
      '32K',
      '1M',
      '40K',
      '200,000',
      '0',
    ]);
    expect([256, 4096, 32_768].map(pagesOf)).toEqual([1, 6, 50]);
  });

  it('are ranges of speed', () => {
    const range = (lowTps: number, highTps: number) => formatRange({ lowTps, highTps });
    expect(range(12.6, 22.4)).toBe('13–22');
    expect(range(9.14, 15)).toBe('9.1–15');
    expect(range(281, 281)).toBe('281');
  });

  it('are bits, and whatever else a quantisation is called', () => {
    expect(['int4', 'bf16', 'mixed'].map(formatQuant)).toEqual(['4-bit', 'bf16', 'mixed']);
  });

  it('are the contexts to choose from, the model’s own the last', () => {
    expect(contextSteps(40_960)).toEqual([4096, 8192, 16_384, 32_768, 40_960]);
    expect(contextSteps(2048)).toEqual([2048]);
    expect(contextSteps(null).at(-1)).toBe(131_072);
    expect(contextSteps(Number.MAX_SAFE_INTEGER).length).toBeLessThanOrEqual(13);
  });

  it('are times that do not jump', () => {
    expect([12, 61, 3599, 7260].map(words.timeLeft)).toEqual([
      'less than a minute left',
      'about 2 min left',
      'about 1 h 0 min left',
      'about 2 h 1 min left',
    ]);
  });
});

describe('the filter', () => {
  const names = (...given: Parameters<typeof filterModels>) => filterModels(...given).map(({ name }) => name);

  it('puts what is chosen for this Mac first, then what is known to fit, and what is too large last', () => {
    const all = names(browsedModels, everything);
    expect(all.slice(0, 5)).toEqual([
      'Qwen3.8 27B',
      'Qwen3.5 4B',
      'Qwen3.6 35B-A3B',
      'Gemma 4 12B',
      'Qwen3 0.6B',
    ]);
    expect(all.slice(-2)).toEqual(['GLM 4.5 Air', 'Llama 3.3 70B Instruct']);
    expect(all).toHaveLength(browsedModels.length);
  });

  it('puts the larger first of those that are known to fit, popular or not', () => {
    const known = browsedModels.filter(({ verdict, isRecommended }) => verdict !== null && !isRecommended);
    const unpopular = known.map((model) => ({ ...model, downloads: null }));
    expect(names(unpopular, everything)).toEqual([
      'Qwen3.6 35B-A3B',
      'Gemma 4 12B',
      'Qwen3 0.6B',
      'GLM 4.5 Air',
    ]);
  });

  it('finds every word, in any order, in the name or the repository', () => {
    expect(names(browsedModels, { ...everything, text: ' 4BIT  gemma' })).toEqual(['Gemma 4 12B']);
    expect(names(browsedModels, { ...everything, text: 'gemma qwen' })).toEqual([]);
  });

  it('wants each trait to hold, and takes the unknown for a no', () => {
    const traits = (...wanted: Trait[]) =>
      filterModels(browsedModels, { ...everything, traits: new Set(wanted) });
    expect(traits('vision', 'tools').map(({ name }) => name)).toEqual(['Gemma 4 12B']);
    expect(traits('installed').map(({ name }) => name)).toEqual(['Qwen3 0.6B']);
    expect(traits('fits').every(({ fits }) => fits === true)).toBe(true);
  });

  it('orders by popularity, and by size with the unknown last', () => {
    expect(names(browsedModels, { ...everything, order: 'popular' })[0]).toBe('Qwen3.6 35B-A3B');
    const smallest = filterModels(browsedModels, { ...everything, order: 'smallest' });
    expect(smallest[0]?.name).toBe('Qwen3 0.6B');
    expect(smallest.at(-1)?.sizeBytes).toBeNull();
  });

  it('leaves the list as it is, and knows its families, the largest first', () => {
    const before = [...manyModels];
    filterModels(manyModels, { ...everything, order: 'smallest' });
    expect(manyModels).toEqual(before);
    expect(valuesOf(browsedModels, 'family')).toEqual(['Mistral', 'Qwen', 'Gemma', 'GLM', 'Llama']);
  });
});

describe('a name in the filter', () => {
  it('is one of the list whatever its capitals, or may be looked up', () => {
    expect(hasModel(browsedModels, ' MLX-community/qwen3-0.6b-8BIT ')).toBe(true);
    expect(hasModel(browsedModels, 'mlx-community/qwen3-0.6b')).toBe(false);
    expect(['org/name', 'https://huggingface.co/org/name', 'qwen', 'a / b', '/', ''].map(isLookUp)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('may be looked for by its precision, of which the most frequent comes first', () => {
    const eight = filterModels(browsedModels, { ...everything, quant: 'int8' });
    expect(eight).toEqual(browsedModels.filter(({ quant }) => quant === 'int8'));
    expect(eight.length).toBeGreaterThan(0);
    expect(valuesOf(browsedModels, 'quant')[0]).toBe('int4');
  });
});

describe('a listing', () => {
  it('is changed until it is read again, and not before it was read', async () => {
    const listing = createListing<number>(async () => ({ ok: true, value: 1 }));
    listing.change((value) => value + 1);
    expect(listing.value.peek()).toBeNull();
    await listing.read();
    listing.change((value) => value + 1);
    expect(listing.value.peek()).toBe(2);
    await listing.read();
    expect(listing.value.peek()).toBe(1);
  });

  it('keeps what it had when a reading fails, and takes no answer that is late', async () => {
    const answers: ((value: number | null) => void)[] = [];
    const listing = createListing<number>(
      () =>
        new Promise((resolve) =>
          answers.push((value) =>
            resolve(
              value === null
                ? { ok: false, error: { code: 'offline', message: 'No network.' } }
                : { ok: true, value },
            ),
          ),
        ),
    );
    const first = listing.read();
    const second = listing.read(true);
    answers[1]?.(2);
    await second;
    answers[0]?.(1);
    await first;
    expect(listing.value.peek()).toBe(2);
    const third = listing.read();
    expect(listing.isReading.peek()).toBe(true);
    answers[2]?.(null);
    await third;
    expect([listing.value.peek(), listing.problem.peek()?.code, listing.isReading.peek()]).toEqual([
      2,
      'offline',
      false,
    ]);
  });
});
