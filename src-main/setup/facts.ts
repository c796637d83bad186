/** Gathers what a plan is made from: this Mac, the catalogue, what is on disk, and models that the catalogue does not know. */
import path from 'node:path';
import type { CatalogueEntry, Quant } from '../catalogue/entry.ts';
import { baseNameOf, parametersOfRepo, quantOfRepo } from '../catalogue/names.ts';
import { findParsers } from '../catalogue/parsers.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import type { SetupPlan } from '../contract/setup.ts';
import type { Snapshot } from '../contract/status.ts';
import type { Hardware } from '../hardware/hardware.ts';
import type { Intent, MeasuredHere, Ranking } from '../planner/types.ts';
import type { ModelFolderFacts } from '../stack/model-folder.ts';
import { isModelSource } from '../stack/stack-file.ts';
import { catalogueWords, commonWords, setupWords } from '../words/index.ts';
import type { ModelsDoor } from './deps.ts';
import { type PlaceChoice, type PlanFacts, planFor } from './plan.ts';

export interface FactsDeps {
  readonly hardware: Pick<Hardware, 'profile' | 'memory'>;
  readonly catalogue: () => Promise<readonly CatalogueEntry[]>;
  readonly measured: () => Promise<readonly MeasuredHere[]>;
  readonly models: Pick<ModelsDoor, 'find' | 'describe'>;
  readonly settings: () => {
    readonly ranking: Ranking;
    readonly quant: Quant;
    readonly budgetPct: number;
    readonly modelDir: string;
  };
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  readonly downloads: () => Snapshot['models']['downloads'];
}

export interface PlanQuery {
  readonly intent: Intent;
  readonly budgetPct: number | null;
  readonly tiers: readonly PlaceChoice[] | null;
}

export interface Planned {
  readonly plan: SetupPlan;
  readonly facts: PlanFacts;
}

export interface Planner {
  plan(query: PlanQuery): Promise<Result<Planned>>;
}

/** What asks the system or the network is not asked anew while somebody moves a slider. */
const machineFreshMs = 30_000;
const refusalFreshMs = 30_000;
const maxRemembered = 200;

export function createPlanner(deps: FactsDeps): Planner {
  let machine: { readonly atMs: number; readonly facts: Promise<Result<MachineFacts>> } | null = null;
  /** Of models that the catalogue does not know. */
  const described = new Map<string, { readonly atMs: number; readonly found: Result<CatalogueEntry> }>();

  function readMachine(): Promise<Result<MachineFacts>> {
    const atMs = performance.now();
    if (machine === null || atMs - machine.atMs > machineFreshMs) machine = { atMs, facts: askMachine() };
    return machine.facts;
  }

  async function askMachine(): Promise<Result<MachineFacts>> {
    const [profile, memory] = await Promise.all([deps.hardware.profile(), deps.hardware.memory()]);
    if (!profile.ok) {
      machine = null;
      return profile;
    }
    const { chip, profileId, bandwidthGbps, gpuCores, isEstimate } = profile.value;
    return ok({
      machine: { chip, profileId, bandwidthGbps, ...memory },
      more: { gpuCores, isEstimate },
    });
  }

  async function describe(source: string): Promise<Result<CatalogueEntry>> {
    if (!isModelSource(source)) return fail(notAModel);
    const onDisk = await deps.models.find(source);
    if (onDisk !== null) return ok(entryOfFolder(source, onDisk));
    if (path.isAbsolute(source)) return fail(folderMissing(source));
    const known = described.get(source);
    const isFresh =
      known !== undefined && (known.found.ok || performance.now() - known.atMs < refusalFreshMs);
    if (isFresh) return known.found;
    const found = await deps.models.describe(source);
    described.delete(source);
    described.set(source, { atMs: performance.now(), found });
    const [oldest] = described.keys();
    if (described.size > maxRemembered && oldest !== undefined) described.delete(oldest);
    return found;
  }

  async function plan({ intent, budgetPct, tiers }: PlanQuery): Promise<Result<Planned>> {
    const settings = deps.settings();
    const [found, models, measured, freeDiskBytes] = await Promise.all([
      readMachine(),
      deps.catalogue(),
      deps.measured(),
      deps.freeDiskBytes(settings.modelDir),
    ]);
    if (!found.ok) return found;
    const known = new Set(models.flatMap(({ sources }) => sources.map(({ repo }) => repo)));
    const unknown = [...new Set((tiers ?? []).map(({ repo }) => repo))].filter((repo) => !known.has(repo));
    const others = new Map(
      await Promise.all(unknown.map(async (repo) => [repo, await describe(repo)] as const)),
    );
    const facts: PlanFacts = {
      request: {
        machine: found.value.machine,
        intent,
        ranking: settings.ranking,
        budgetPct: budgetPct ?? settings.budgetPct,
        quant: settings.quant,
        models,
        measured,
      },
      machine: { ...found.value.more, freeDiskBytes },
      onDisk: new Set(),
      begunBytes: new Map(deps.downloads().map(({ repo, doneBytes }) => [repo, doneBytes])),
      others,
    };
    /** Whether its models are on disk changes nothing in a plan but what is to be downloaded. */
    const first = planFor(facts, tiers);
    const onDisk = await wholeOf(first.tiers.map(({ repo }) => repo));
    const complete = { ...facts, onDisk };
    return ok({ plan: onDisk.size === 0 ? first : planFor(complete, tiers), facts: complete });
  }

  async function wholeOf(repos: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await Promise.all(
      [...new Set(repos)]
        .filter(isModelSource)
        .map(async (repo) => [repo, await deps.models.find(repo)] as const),
    );
    return new Set(found.flatMap(([repo, folder]) => (folder === null ? [] : [repo])));
  }

  return { plan };
}

interface MachineFacts {
  readonly machine: PlanFacts['request']['machine'];
  readonly more: Pick<PlanFacts['machine'], 'gpuCores' | 'isEstimate'>;
}

/** For choosing by hand: a model that is there, but not in the catalogue. */
function entryOfFolder(source: string, facts: ModelFolderFacts): CatalogueEntry {
  const parsers = findParsers(source);
  const { totalB, activeB } = parametersOfRepo(source);
  return {
    id: source,
    name: baseNameOf(source),
    family: setupWords.onThisMac,
    parametersB: totalB,
    activeParametersB: activeB,
    contextTokens: facts.contextTokens,
    tools: parsers.tool !== null,
    thinking: parsers.reasoning !== null,
    vision: false,
    parsers,
    tags: [],
    quality: { general: 0, agents: 0, basis: catalogueWords.notRanked },
    notRecommended: catalogueWords.notInCatalogue,
    sources: [
      {
        repo: source,
        quant: quantOfRepo(source) ?? 'int4',
        sizeBytes: facts.weightsBytes,
        sizeSource: setupWords.filesOnThisMac,
      },
    ],
    vocabularySize: facts.vocabularySize,
    kv: facts.kv,
    measured: [],
  };
}

const notAModel = problem('bad-model', setupWords.notAModelName, setupWords.modelNameForm);
const folderMissing = (folder: string) =>
  problem(
    'model-missing',
    commonWords.noWholeModelIn(path.basename(folder)),
    setupWords.chooseOrLookForFolder,
  );
