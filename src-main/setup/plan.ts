/** The plan for this Mac as the window shows it: what is recommended, or what somebody's own choice comes to. Pure. */
import type { CatalogueEntry, ModelSource } from '../catalogue/entry.ts';
import { type Problem, problem, type Result } from '../contract/result.ts';
import type { Machine, PlannedTier, SetupPlan, TierChoice } from '../contract/setup.ts';
import { alternativesFor } from '../planner/alternatives.ts';
import { type Candidate, candidateWith, longest, shortestContextTokens } from '../planner/candidates.ts';
import { needsInWords, speedInWords } from '../planner/figures.ts';
import { contextLimit } from '../planner/need.ts';
import { assess, budgetOf, makePlan } from '../planner/plan.ts';
import type { Plan, PlanRequest } from '../planner/types.ts';
import { contextSteps } from '../stack/memory.ts';
import type { Tier } from '../stack/stack-types.ts';
import { chosenPromptCacheBytes } from '../stack/tier-arguments.ts';
import { formatDiskBytes } from '../status/format.ts';
import { commonWords, setupWords } from '../words/index.ts';
import { tierNameProblem } from './tier-names.ts';

export interface PlanFacts {
  readonly request: PlanRequest;
  readonly machine: Pick<Machine, 'gpuCores' | 'isEstimate' | 'freeDiskBytes'>;
  /** Repositories, and folders of other apps, whose model is whole on this Mac. */
  readonly onDisk: ReadonlySet<string>;
  /** What is there of models that are being downloaded, by repository. */
  readonly begunBytes: ReadonlyMap<string, number>;
  /** Models that the catalogue does not know, by repository or folder; or why nothing is known of them. */
  readonly others: ReadonlyMap<string, Result<CatalogueEntry>>;
}

export const maxAlternatives = 6;
/** Room for what is downloaded, and some more: a full disk harms the whole Mac (the CLI's share). */
export const diskShare = 1.2;

export interface PlaceChoice extends TierChoice {
  /** Options of its place in the stack file, which stay whatever model it is given. */
  readonly flags?: Tier['flags'] | undefined;
}

/** As the start will count it. */
export function requestOf(request: PlanRequest, { flags }: PlaceChoice): PlanRequest {
  if (flags === undefined) return request;
  return { ...request, promptCacheBytes: chosenPromptCacheBytes({ flags }, request.machine.totalBytes) };
}

/** Without choices: what is recommended. */
export function planFor(facts: PlanFacts, choices: readonly PlaceChoice[] | null): SetupPlan {
  const recommended = makePlan(facts.request);
  return choices === null ? recommendedPlan(facts, recommended) : chosenPlan(facts, choices, recommended);
}

interface Place {
  readonly name: string;
  readonly candidate: Candidate;
  readonly promptCacheBytes?: number | undefined;
  readonly reason: string;
  readonly problem: Problem | null;
}

function recommendedPlan(facts: PlanFacts, plan: Result<Plan>): SetupPlan {
  if (!plan.ok) return { ...summed(facts, [], []), problem: plan.error };
  const places = plan.value.tiers.map(({ role, model, source, contextTokens, reason }) => ({
    name: role,
    candidate: candidateWith(facts.request, model, source, contextTokens),
    reason,
    problem: null,
  }));
  return summed(facts, places, plan.value.notes);
}

function chosenPlan(facts: PlanFacts, choices: readonly PlaceChoice[], recommended: Result<Plan>): SetupPlan {
  const found = choices.map((choice) => ({ choice, model: findModel(facts, choice.repo) }));
  const contexts = contextsFor(facts.request, found);
  const places = found.map(({ choice, model }, index): Place | PlannedTier => {
    const others = choices.filter((_, other) => other < index).map(({ name }) => name);
    const wrongName = tierNameProblem(choice.name, others);
    if (!model.ok) return tierOfUnknown(choice, wrongName ?? model.error);
    const { entry, source } = model.value;
    const tokens = contexts[index] ?? shortestContextTokens;
    const request = requestOf(facts.request, choice);
    const candidate = candidateWith(request, entry, source, tokens);
    return {
      name: choice.name,
      candidate,
      promptCacheBytes: request.promptCacheBytes,
      reason: reasonFor(facts.request, choice.name, candidate, recommended),
      problem: wrongName,
    };
  });
  return summed(facts, places, []);
}

interface Found {
  readonly entry: CatalogueEntry;
  readonly source: ModelSource;
}

export function findModel(facts: Pick<PlanFacts, 'request' | 'others'>, repo: string): Result<Found> {
  for (const entry of facts.request.models) {
    const source = entry.sources.find((one) => one.repo === repo);
    if (source !== undefined) return { ok: true, value: { entry, source } };
  }
  const other = facts.others.get(repo);
  if (other !== undefined && !other.ok) return other;
  const source = other?.value.sources[0];
  return other === undefined || source === undefined
    ? { ok: false, error: unknownModel(repo) }
    : { ok: true, value: { entry: other.value, source } };
}

const unknownModel = (repo: string): Problem =>
  problem(
    'unknown-model',
    setupWords.unknownModel(/^[\w./-]{1,200}$/.test(repo) ? repo : commonWords.ofThatName),
    setupWords.chooseOrLookUnderModels,
  );

/** Where nothing is asked for: the longest comfortable one that fits beside the others. */
function contextsFor(
  request: PlanRequest,
  found: readonly { readonly choice: PlaceChoice; readonly model: Result<Found> }[],
): number[] {
  const shortest = ({ entry }: Found) => Math.min(contextLimit(entry), shortestContextTokens);
  const tokens = found.map(({ choice, model }) => {
    if (!model.ok) return 0;
    const limit = contextLimit(model.value.entry);
    return choice.contextTokens === null ? shortest(model.value) : Math.min(choice.contextTokens, limit);
  });
  const bytes = found.map(({ choice, model }, index) => {
    if (!model.ok) return 0;
    const { entry, source } = model.value;
    return candidateWith(requestOf(request, choice), entry, source, tokens[index] ?? 0).memory.totalBytes;
  });
  for (const [index, { choice, model }] of found.entries()) {
    if (choice.contextTokens !== null || !model.ok) continue;
    const others = bytes.reduce((sum, one, other) => (other === index ? sum : sum + one), 0);
    const room = budgetOf(request).bytes - others;
    const fitting = longest(requestOf(request, choice), model.value.entry, model.value.source, room);
    if (fitting === null) continue;
    tokens[index] = fitting.contextTokens;
    bytes[index] = fitting.memory.totalBytes;
  }
  return tokens;
}

function reasonFor(
  request: PlanRequest,
  name: string,
  candidate: Candidate,
  recommended: Result<Plan>,
): string {
  const { model, source, contextTokens, speed } = candidate;
  const same = recommended.ok
    ? recommended.value.tiers.find(
        (tier) =>
          tier.role === name && tier.source.repo === source.repo && tier.contextTokens === contextTokens,
      )
    : undefined;
  if (same !== undefined) return same.reason;
  const noTools = request.intent === 'agent-fleet' && !model.tools ? setupWords.cannotCallTools : '';
  const warning = model.notRecommended === null ? '' : ` ${model.notRecommended}`;
  return `${setupWords.yourChoice(needsInWords(candidate), speedInWords(speed))}${noTools}${warning}`;
}

function tierOfUnknown({ name, repo, contextTokens }: TierChoice, why: Problem): PlannedTier {
  return {
    name,
    repo,
    modelName: repo.slice(repo.lastIndexOf('/') + 1),
    quant: '',
    contextTokens: contextTokens ?? 0,
    contextChoices: [contextTokens ?? 0],
    memoryBytes: 0,
    weightsBytes: 0,
    downloadBytes: 0,
    speed: { lowTps: 0, likelyTps: 0, highTps: 0, basis: 'formula' },
    reason: '',
    problem: why,
    alternatives: [],
  };
}

function summed(
  facts: PlanFacts,
  places: readonly (Place | PlannedTier)[],
  notes: readonly string[],
): SetupPlan {
  const { request, machine } = facts;
  const known = places.filter((place) => 'candidate' in place);
  const assessed = assess(
    request,
    known.map(({ candidate, promptCacheBytes }) => ({ ...candidate, promptCacheBytes })),
  );
  const repos = new Set<string>();
  const tiers = places.map((place): PlannedTier => {
    if (!('candidate' in place)) return place;
    const { repo } = place.candidate.source;
    /** A model that two tiers have is downloaded once. */
    const isFirst = !repos.has(repo);
    repos.add(repo);
    return plannedTier(facts, place, known, isFirst ? missingBytes(facts, place.candidate.source) : 0);
  });
  const downloadBytes = tiers.reduce((sum, tier) => sum + tier.downloadBytes, 0);
  return {
    machine: {
      ...machine,
      chip: request.machine.chip,
      memoryBytes: request.machine.totalBytes,
      bandwidthGbps: request.machine.bandwidthGbps,
      gpuLimitBytes: request.machine.gpuLimitBytes,
    },
    budgetPct: request.budgetPct,
    budgetBytes: assessed.budget.bytes,
    budgetWords: assessed.budget.words,
    usedBytes: assessed.usedBytes,
    downloadBytes,
    tiers,
    notes: [...notes],
    problem:
      assessed.problem ??
      diskProblem(downloadBytes, machine.freeDiskBytes) ??
      tiers.find((tier) => tier.problem !== null)?.problem ??
      null,
  };
}

function missingBytes(facts: PlanFacts, source: ModelSource): number {
  if (facts.onDisk.has(source.repo)) return 0;
  return Math.max(0, source.sizeBytes - (facts.begunBytes.get(source.repo) ?? 0));
}

function diskProblem(downloadBytes: number, freeBytes: number | null): Problem | null {
  const needed = downloadBytes * diskShare;
  if (freeBytes === null || downloadBytes === 0 || needed <= freeBytes) return null;
  return problem(
    'disk-full',
    setupWords.notEnoughDisk(
      formatDiskBytes(downloadBytes),
      formatDiskBytes(needed),
      formatDiskBytes(freeBytes),
    ),
    setupWords.makeRoomOrSmallerModels,
  );
}

function plannedTier(
  facts: PlanFacts,
  place: Place,
  places: readonly Place[],
  downloadBytes: number,
): PlannedTier {
  const { request } = facts;
  const { model, source, contextTokens, memory, speed } = place.candidate;
  const others = places.filter((other) => other !== place);
  const othersBytes = others.reduce((sum, { candidate }) => sum + candidate.memory.totalBytes, 0);
  const standard = others.find(({ name }) => name === 'standard');
  const alternatives = alternativesFor(
    request,
    {
      name: place.name,
      present: place.candidate,
      bytes: budgetOf(request).bytes - othersBytes,
      taken: new Set(others.map(({ candidate }) => candidate.model.id)),
      standardTps: standard?.candidate.speed.likelyTps ?? null,
    },
    maxAlternatives,
  );
  return {
    name: place.name,
    repo: source.repo,
    modelName: model.name,
    quant: source.quant,
    contextTokens,
    contextChoices: contextChoices(model, contextTokens),
    memoryBytes: memory.totalBytes,
    weightsBytes: memory.weightsBytes,
    downloadBytes,
    speed,
    reason: place.reason,
    problem: place.problem,
    alternatives: alternatives.map(({ candidate, sentence }) => ({
      repo: candidate.source.repo,
      modelName: candidate.model.name,
      quant: candidate.source.quant,
      memoryBytes: candidate.memory.totalBytes,
      speed: candidate.speed,
      sentence,
    })),
  };
}

/** The usual steps, the model's own limit at their end, and the one in force, whatever it is. */
function contextChoices(model: CatalogueEntry, contextTokens: number): number[] {
  const limit = contextLimit(model);
  const steps = contextSteps.filter((tokens) => tokens >= shortestContextTokens && tokens < limit);
  return [...new Set([...steps, limit, contextTokens])].toSorted((a, b) => a - b);
}
