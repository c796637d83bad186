/** Which models of a list are shown, and in which order. Pure. */
import type { BrowsedModel } from '../../bridge.ts';

export const orders = ['best', 'popular', 'smallest'] as const;
export type Order = (typeof orders)[number];

export const abilities = ['tools', 'vision', 'thinking'] as const;
export const traits = [...abilities, 'fits', 'installed'] as const;
export type Trait = (typeof traits)[number];

export interface BrowseFilter {
  readonly text: string;
  readonly family: string | null;
  readonly quant: string | null;
  /** Each of them must hold. */
  readonly traits: ReadonlySet<Trait>;
  readonly order: Order;
}

export const everything: BrowseFilter = {
  text: '',
  family: null,
  quant: null,
  traits: new Set(),
  order: 'best',
};

export function filterModels(models: readonly BrowsedModel[], filter: BrowseFilter): readonly BrowsedModel[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter(
    (model) =>
      (filter.family === null || model.family === filter.family) &&
      (filter.quant === null || model.quant === filter.quant) &&
      [...filter.traits].every((trait) => model[trait] === true) &&
      containsAll(`${model.name} ${model.repo}`.toLowerCase(), words),
  );
  return found.sort(comparisons[filter.order]);
}

const containsAll = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.includes(word));

const popularity = (a: BrowsedModel, b: BrowsedModel): number => (b.downloads ?? 0) - (a.downloads ?? 0);

/** Chosen for this Mac, then known to run on it, then known at all. */
function rank({ isRecommended, verdict, fits }: BrowsedModel): number {
  if (isRecommended) return 0;
  if (verdict === null) return fits === false ? 3 : 2;
  return fits === true ? 1 : 3;
}

/** Of those that are known to run here the larger one answers better. */
const ability = (a: BrowsedModel, b: BrowsedModel): number =>
  rank(a) === 1 ? (b.parametersB ?? 0) - (a.parametersB ?? 0) : 0;

const comparisons: Readonly<Record<Order, (a: BrowsedModel, b: BrowsedModel) => number>> = {
  best: (a, b) => rank(a) - rank(b) || ability(a, b) || popularity(a, b) || a.repo.localeCompare(b.repo),
  popular: (a, b) => popularity(a, b) || a.repo.localeCompare(b.repo),
  smallest: (a, b) =>
    (a.sizeBytes ?? Number.POSITIVE_INFINITY) - (b.sizeBytes ?? Number.POSITIVE_INFINITY) ||
    a.repo.localeCompare(b.repo),
};

/** The families, or the precisions, that there are, the largest first. */
export function valuesOf(models: readonly BrowsedModel[], key: 'family' | 'quant'): readonly string[] {
  const counts = new Map<string, number>();
  for (const { [key]: value } of models) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, more]) => more - many || a.localeCompare(b)).map(([name]) => name);
}

/** Whether this is the whole name of one of them; Hugging Face does not tell capitals apart either. */
export const hasModel = (models: readonly BrowsedModel[], text: string): boolean =>
  models.some(({ repo }) => repo.toLowerCase() === text.trim().toLowerCase());

/** No name in a list has a slash but that of a repository, and no address is without one. */
export const isLookUp = (text: string): boolean => /\S\/\S/.test(text);
