/** Contexts, speeds and precisions of models as a person reads them. Pure. */
import { formatCount } from '../../words/format.ts';
import { commonWords } from '../../words/index.ts';

/** `32K`, `1M`, `40,000`. */
export function formatContext(tokens: number): string {
  if (tokens > 0 && tokens % 1024 ** 2 === 0) return `${tokens / 1024 ** 2}M`;
  return tokens > 0 && tokens % 1024 === 0 ? `${tokens / 1024}K` : formatCount(tokens);
}

/** A token is about three quarters of a word, and a page has about 500 words. */
const tokensPerPage = 667;

/** How much text that is, roughly. */
export function pagesOf(tokens: number): number {
  const pages = tokens / tokensPerPage;
  return pages < 20 ? Math.max(1, Math.round(pages)) : Math.round(pages / 10) * 10;
}

const rounded = (tps: number): string =>
  tps < 10 ? String(Number(tps.toFixed(1))) : String(Math.round(tps));

/** `13–22`, or one number where both ends read the same. */
export function formatRange({
  lowTps,
  highTps,
}: {
  readonly lowTps: number;
  readonly highTps: number;
}): string {
  const [low, high] = [rounded(lowTps), rounded(highTps)];
  return low === high ? low : `${low}–${high}`;
}

/** What may be chosen of a context: powers of two up to the model's own. */
export function contextSteps(maxTokens: number | null): readonly number[] {
  const most = maxTokens ?? 131_072;
  const steps: number[] = [];
  for (let tokens = 4096; tokens < most && steps.length < 12; tokens *= 2) steps.push(tokens);
  return [...steps, most];
}

/** `int4` as people say it. */
export function formatQuant(quant: string): string {
  const bits = /^int(\d+)$/.exec(quant)?.[1];
  return bits === undefined ? quant : commonWords.bits(bits);
}
