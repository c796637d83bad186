/**
 * Chooses the models of a stack by the mlx-stack CLI's ranking, for whoever asks for that. Other than there, all tiers
 * together keep within the budget, agents get tools, and no model is taken that is not recommended or too slow. Pure.
 */
import { assertNever } from '../contract/result.ts';
import { plannerWords } from '../words/index.ts';
import {
  best,
  type Candidate,
  candidates,
  longContextTokens,
  longContextWays,
  usableTps,
} from './candidates.ts';
import { type CliModel, type CliRanked, chooseRolesAsCli, cliLongContextFloorGb } from './cli-ranking.ts';
import { contextInWords, gigabytes, needsInWords, speedInWords } from './figures.ts';
import type { Budget, Choice, PlannedTier, PlanRequest, Role } from './types.ts';

const bytesPerGb = 1024 ** 3;

interface CliCandidate extends CliModel {
  readonly candidate: Candidate;
}

/** `null` when nothing fits. */
export function chooseByCli(request: PlanRequest, budget: Budget): Choice | null {
  const roles = chooseRolesAsCli<CliCandidate>(budget.bytes / bytesPerGb, request.intent, (role, taken) =>
    offer(request, role, budget.bytes - sumBytes(taken)),
  );
  if (roles === null) return null;
  const { standard, fast, longctx } = roles;
  const tiers = [
    tierOf('standard', standard, budget),
    ...(fast === null ? [] : [tierOf('fast', fast, budget)]),
    ...(longctx === null ? [] : [tierOf('longctx', longctx, budget)]),
  ];
  const taken = [standard, fast, longctx].flatMap((ranked) => ranked?.model ?? []);
  const left = gigabytes(budget.bytes - sumBytes(taken));
  const notes = [
    ...(fast === null ? [plannerWords.cliNoFastModel(left, usableTps)] : []),
    ...(longctx === null ? [whyNoLongContext(budget, left, standard.model.candidate)] : []),
  ];
  return { tiers, notes };
}

/** Each model once, the way that the app would run it within these bytes. */
function offer(request: PlanRequest, role: Role, bytes: number): CliCandidate[] {
  const isHybrid = role === 'longctx';
  return request.models.flatMap((model) => {
    const alone = { ...request, models: [model] };
    const ways = isHybrid
      ? longContextWays(alone).filter(({ memory }) => memory.totalBytes <= bytes)
      : candidates(alone, bytes);
    const candidate = best(ways);
    return candidate === null ? [] : [cliModelOf(candidate, isHybrid)];
  });
}

const cliModelOf = (candidate: Candidate, isHybrid: boolean): CliCandidate => ({
  id: candidate.model.id,
  genTps: candidate.speed.likelyTps,
  memoryGb: candidate.memory.totalBytes / bytesPerGb,
  qualityOverall: candidate.model.quality.general,
  hasTools: candidate.model.tools,
  isHybrid,
  candidate,
});

const sumBytes = (taken: readonly CliCandidate[]): number =>
  taken.reduce((sum, { candidate }) => sum + candidate.memory.totalBytes, 0);

function tierOf(role: Role, ranked: CliRanked<CliCandidate>, budget: Budget): PlannedTier {
  const { model, source, contextTokens, memory, speed } = ranked.model.candidate;
  return { role, model, source, contextTokens, memory, speed, reason: reasonFor(role, ranked, budget) };
}

function reasonFor(role: Role, { model, composite }: CliRanked<CliCandidate>, budget: Budget): string {
  const needs = needsInWords(model.candidate);
  const speed = speedInWords(model.candidate.speed);
  const score = composite.toFixed(2);
  switch (role) {
    case 'standard':
      return plannerWords.cliStandard(score, needs, budget.words, speed);
    case 'fast':
      return plannerWords.cliFast(speed, needs);
    case 'longctx':
      return plannerWords.cliLongContext(score, needs, speed);
    default:
      return assertNever(role, 'reasonFor');
  }
}

function whyNoLongContext(budget: Budget, left: string, { model, contextTokens }: Candidate): string {
  const floorBytes = cliLongContextFloorGb * bytesPerGb;
  const holds = contextInWords(contextTokens);
  return budget.bytes < floorBytes
    ? plannerWords.noLongContextModelBelow(gigabytes(floorBytes), budget.words, model.name, holds)
    : plannerWords.cliNoLongContextModel(left, contextInWords(longContextTokens), model.name, holds);
}
