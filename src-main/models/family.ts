/** The family of a model by its name, for one that is in no catalogue. Pure. */
import { baseNameOf } from '../catalogue/names.ts';

const partsOf = (name: string): readonly string[] => name.toLowerCase().match(/[a-z]+|\d+(?:\.\d+)*/g) ?? [];

/** The longest of these families that the name begins with; `null` where it begins with none. */
export function familyOf(repo: string, families: readonly string[]): string | null {
  const name = partsOf(baseNameOf(repo));
  let best: { readonly family: string; readonly length: number } | null = null;
  for (const family of families) {
    const parts = partsOf(family);
    const isLonger = parts.length > (best?.length ?? 0);
    if (isLonger && parts.every((part, index) => isAlike(part, name[index] ?? '', parts, families))) {
      best = { family, length: parts.length };
    }
  }
  return best?.family ?? null;
}

/** A version may go on after a point, `3.1` for `3`, unless families of that name are told apart by what follows it. */
function isAlike(
  part: string,
  inName: string,
  [word = '']: readonly string[],
  families: readonly string[],
): boolean {
  if (part === inName) return true;
  if (!/^\d+$/.test(part) || !inName.startsWith(`${part}.`)) return false;
  return !families.some((other) => {
    const [otherWord, version = ''] = partsOf(other);
    return otherWord === word && version.startsWith(`${part}.`);
  });
}
