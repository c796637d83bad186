/** Sizes, speeds and times of models as a person reads them. Pure. */

const thousand = 1000;

/** On the disk, as the Finder counts: 1 GB is a thousand million bytes. Memory is `formatGigabytes`. */
export function formatBytes(bytes: number): string {
  if (bytes >= thousand ** 3) {
    const gigabytes = bytes / thousand ** 3;
    return `${gigabytes >= 100 ? Math.round(gigabytes) : gigabytes.toFixed(1)} GB`;
  }
  if (bytes >= thousand ** 2) return `${Math.round(bytes / thousand ** 2)} MB`;
  return `${Math.ceil(bytes / thousand)} KB`;
}

/** "4.1 of 18.2 GB": one unit, said once where both have it. */
export function formatBytesOf(part: number, whole: number): string {
  const [number, unit] = formatBytes(part).split(' ');
  const total = formatBytes(whole);
  return total.endsWith(` ${unit}`) ? `${number} of ${total}` : `${number} ${unit} of ${total}`;
}

/** `32K`, `1M`, `40,000`. */
export function formatContext(tokens: number): string {
  if (tokens > 0 && tokens % 1024 ** 2 === 0) return `${tokens / 1024 ** 2}M`;
  return tokens > 0 && tokens % 1024 === 0 ? `${tokens / 1024}K` : tokens.toLocaleString('en-US');
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
export function formatRange(lowTps: number, highTps: number): string {
  const [low, high] = [rounded(lowTps), rounded(highTps)];
  return low === high ? low : `${low}–${high}`;
}

/** Time left in whole minutes: it is an estimate, and a jumping one tells less. */
export function minutesLeft(seconds: number): number {
  return Math.ceil(seconds / 60);
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
  return bits === undefined ? quant : `${bits}-bit`;
}
