/** The models on this Mac as they are shown: each once, however many places have a copy. Pure. */
import type { FoundModel, InstalledModel } from '../contract/models.ts';

/**
 * One for each repository and quantisation, in the order of what was found. A folder of which nobody knows where it
 * comes from is alike to no other.
 */
export function rowsOf(found: readonly FoundModel[]): InstalledModel[] {
  const copies = Map.groupBy(found, sameness);
  return found.flatMap((model) => {
    const alike = copies.get(sameness(model)) ?? [];
    if (shownOf(alike) !== model) return [];
    const tiers = [...new Set([model, ...alike].flatMap((each) => each.tiers))];
    return [{ ...model, tiers, others: alike.filter((each) => each !== model) }];
  });
}

const sameness = ({ key, repo, quant }: FoundModel): string =>
  repo === null ? key : JSON.stringify([repo, quant]);

/** The one that a tier uses; then one that is whole; then ours, which comes first. */
const shownOf = (copies: readonly FoundModel[]): FoundModel | undefined =>
  copies.find(({ tiers }) => tiers.length > 0) ??
  copies.find(({ state }) => state !== 'incomplete') ??
  copies[0];
