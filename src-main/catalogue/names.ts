/** What the name of a repository says of the model in it. Pure. */
import type { Quant } from './entry.ts';

const bitsToQuant: ReadonlyMap<string, Quant> = new Map<string, Quant>([
  ['2', 'int2'],
  ['3', 'int3'],
  ['4', 'int4'],
  ['5', 'int5'],
  ['6', 'int6'],
  ['8', 'int8'],
]);

/** `-4bit`, `-8bits`, `-bf16`, `-MXFP4-Q8` (its experts, nearly all of it, have 4 bits); `null`: it does not say. */
export function quantOfRepo(repo: string): Quant | null {
  const name = lastPart(repo).toLowerCase();
  const bits =
    /(?:^|[-_.])([2-8])-?bits?(?=$|[-_.])/.exec(name)?.[1] ??
    /(?:^|[-_.])int([248])(?=$|[-_.])/.exec(name)?.[1];
  if (bits !== undefined) return bitsToQuant.get(bits) ?? null;
  if (/(?:^|[-_.])(?:mxfp4|nvfp4|fp4)(?=$|[-_.])/.test(name)) return 'int4';
  if (/(?:^|[-_.])(?:mxfp8|fp8)(?=$|[-_.])/.test(name)) return 'int8';
  return /(?:^|[-_.])(?:bf16|fp16|f16)(?=$|[-_.])/.test(name) ? 'bf16' : null;
}

/** The model without its quantisation, for putting variants of one model together. */
export function baseNameOf(repo: string): string {
  return lastPart(repo).replace(
    /(?:[-_.](?:[2-8]-?bits?|bf16|fp16|f16|int[248]|mxfp[48]|nvfp4|fp[48]|q[2-8]|dwq|mlx|gs\d+))+$/i,
    '',
  );
}

/** In billions; of `35B-A3B` the first, and never the `4b` of `4bit`. */
export function parametersOfRepo(repo: string): { totalB: number | null; activeB: number | null } {
  const name = lastPart(repo);
  const total = /(?:^|[-_])(\d{1,4}(?:\.\d{1,3})?)B(?=$|[-_.])/i.exec(name)?.[1];
  const active = /(?:^|[-_])A(\d{1,4}(?:\.\d{1,3})?)B(?=$|[-_.])/i.exec(name)?.[1];
  return { totalB: numberOf(total), activeB: numberOf(active) };
}

const numberOf = (text: string | undefined) => (text === undefined ? null : Number(text));
const lastPart = (repo: string) => repo.slice(repo.lastIndexOf('/') + 1);
