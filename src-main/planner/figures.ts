/** The figures of a plan as text. Pure. */
import type { TierMemory } from '../stack/memory.ts';
import { formatGigabytes } from '../status/format.ts';
import { plannerWords } from '../words/index.ts';
import type { Budget, Speed } from './types.ts';

/** The unit in which Macs are sold and the rest of the app counts: a 48 GB Mac has 48 GB here too. */
export const gigabytes = formatGigabytes;

export function contextInWords(tokens: number): string {
  return tokens % 1024 === 0 ? `${tokens / 1024}K` : `${tokens.toLocaleString('en-US')}`;
}

/** `9.1 GB with a context of 32K`. */
export function needsInWords({
  memory,
  contextTokens,
}: {
  readonly memory: Pick<TierMemory, 'totalBytes'>;
  readonly contextTokens: number;
}): string {
  return plannerWords.withContext(gigabytes(memory.totalBytes), contextInWords(contextTokens));
}

const rounded = (tps: number) => (tps < 10 ? tps.toFixed(1) : String(Math.round(tps)));

/** `about 9–15 tokens per second`; a measured speed is one number. */
export function speedInWords({ lowTps, highTps, likelyTps, basis }: Speed): string {
  if (basis === 'measured') return plannerWords.speedMeasured(rounded(likelyTps));
  return plannerWords.speedEstimated(rounded(lowTps), rounded(highTps));
}

export function budgetInWords(
  bytes: number,
  bound: Budget['bound'],
  totalBytes: number,
  pct: number,
): string {
  return bound === 'budget'
    ? plannerWords.shareOfMemory(gigabytes(bytes), pct, gigabytes(totalBytes))
    : plannerWords.allOfGpu(gigabytes(bytes));
}
