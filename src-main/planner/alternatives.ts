/** Other models for one place of a stack, the best first. Pure. */
import { plannerWords } from '../words/index.ts';
import {
  type Candidate,
  candidateWith,
  isEligible,
  longContextTokens,
  longest,
  sourcesFor,
  usableTps,
} from './candidates.ts';
import { needsInWords, speedInWords } from './figures.ts';
import { contextLimit } from './need.ts';
import { clearlyFaster, fastScore } from './plan.ts';
import type { PlanRequest } from './types.ts';

export interface Place {
  /** Of the tier: `fast` and `longctx` have wishes of their own. */
  readonly name: string;
  /** What stands there now. */
  readonly present: Candidate;
  /** What models in it may take: the budget without the other places. */
  readonly bytes: number;
  /** Ids of the models in the other places. */
  readonly taken: ReadonlySet<string>;
  /** Of `standard`, where there is one beside this. */
  readonly standardTps: number | null;
}

export interface Alternative {
  readonly candidate: Candidate;
  /** How it compares with what stands there now. */
  readonly sentence: string;
}

/** Once for each model, and the present one in its other quantisations. */
export function alternativesFor(request: PlanRequest, place: Place, max: number): Alternative[] {
  const { present } = place;
  const ranked = request.models
    .filter((model) => isEligible(request, model) && !place.taken.has(model.id))
    .flatMap((model) => {
      const isPresent = model.id === present.model.id;
      const sources = isPresent ? model.sources : sourcesFor(request, model);
      const ways = sources
        .filter((source) => source.repo !== present.source.repo)
        .flatMap((source) => wayTo(request, place, model, source) ?? [])
        .toSorted(byScore);
      return isPresent ? ways : ways.slice(0, 1);
    });
  return ranked
    .toSorted(byScore)
    .slice(0, max)
    .map((candidate) => ({ candidate, sentence: comparison(candidate, present) }));
}

type Model = PlanRequest['models'][number];

function wayTo(
  request: PlanRequest,
  place: Place,
  model: Model,
  source: Model['sources'][number],
): Candidate | null {
  const isLong = place.name === 'longctx' && contextLimit(model) >= longContextTokens;
  const found = isLong
    ? candidateWith(request, model, source, longContextTokens)
    : longest(request, model, source, place.bytes);
  if (found === null || found.memory.totalBytes > place.bytes || found.speed.likelyTps < usableTps)
    return null;
  if (place.name === 'longctx' && !isLong) return null;
  if (place.name !== 'fast' || place.standardTps === null) return found;
  const times = found.speed.likelyTps / place.standardTps;
  return times < clearlyFaster ? null : { ...found, score: fastScore(found, times) };
}

const byScore = (a: Candidate, b: Candidate) =>
  b.score - a.score || b.speed.likelyTps - a.speed.likelyTps || a.source.repo.localeCompare(b.source.repo);

/** In points of quality, and as a ratio of speeds: less is not noticed. */
const noticedPoints = 1.5;
const noticedRatio = 1.25;

function comparison(candidate: Candidate, present: Candidate): string {
  const points = candidate.quality - present.quality;
  const ratio = candidate.speed.likelyTps / present.speed.likelyTps;
  const words = [
    points >= noticedPoints
      ? plannerWords.betterAnswers
      : points <= -noticedPoints
        ? plannerWords.simplerAnswers
        : null,
    ratio >= noticedRatio ? plannerWords.faster : ratio <= 1 / noticedRatio ? plannerWords.slower : null,
  ].filter((word) => word !== null);
  const beginning = words.length === 0 ? plannerWords.aboutAsGood : words.join(', ');
  const sentenceStart = `${beginning.charAt(0).toUpperCase()}${beginning.slice(1)}`;
  return plannerWords.comparison(sentenceStart, needsInWords(candidate), speedInWords(candidate.speed));
}
