/** Numbers of the Cloud view as a person reads them. Pure. */
import type { CloudFigures } from '../../bridge.ts';

export const tokensOf = ({ promptTokens, completionTokens }: CloudFigures): number =>
  promptTokens + completionTokens;

/** What stands in a cap's field: dollars, `null` for an empty one, `undefined` for what is neither. */
export function parseCap(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, '').replace(',', '.');
  if (trimmed === '') return null;
  return /^\d{1,6}(\.\d{1,4})?$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** Words of the search, each of which must be in the name or the id. */
export function matches(text: string, wanted: string): boolean {
  const haystack = text.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
