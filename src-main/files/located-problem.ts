/** Builds the sentences about a place in a text file, and keeps what may be a secret out of them. */
import { problem } from '../contract/result.ts';
import { fileWords } from '../words/index.ts';
import type { LocatedProblem, TextPosition } from './types.ts';

export function locatedProblem(
  fileName: string,
  position: TextPosition | null,
  code: string,
  sentence: string,
  hint?: string,
): LocatedProblem {
  const where = position === null ? fileName : fileWords.atPlace(fileName, position.line, position.column);
  return { position, problem: problem(code, fileWords.mistakeAt(where, sentence), hint) };
}

/** Only a short plain word or number is repeated in a message: anything else could be a pasted key or control characters. */
export function quotable(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_. -]{0,39}$/.test(value)) return null;
  const looksSecret = /^(sk|hf|pk|ghp)[-_]/i.test(value) || /[A-Za-z0-9]{20,}/.test(value);
  return looksSecret ? null : `“${value}”`;
}

/** The candidate that was most likely meant, or `null` when none is near. */
export function nearestName(word: string, candidates: readonly string[]): string | null {
  if (word.length === 0 || word.length > 64) return null;
  const folded = word.toLowerCase().replaceAll('_', '-');
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(folded, candidate.toLowerCase().replaceAll('_', '-'));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
