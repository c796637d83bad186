/** The models to be had: Hugging Face's list with what the catalogue and this Mac say of them. */
import type { ModelDetails } from '../catalogue/details.ts';
import { withDetails } from '../catalogue/details.ts';
import { type DiscoveredModel, type Discovery, discoveredModel, entryFor } from '../catalogue/discovery.ts';
import type { CatalogueEntry, ModelSource, Quant } from '../catalogue/entry.ts';
import type { BrowsedModel, ModelInformation } from '../contract/models.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { PlanRequest } from '../planner/types.ts';
import { catalogueWords, modelWords } from '../words/index.ts';
import { createVerdicts, type SourceVerdict } from './browse-verdict.ts';
import { familyOf } from './family.ts';
import { repoOfText } from './repo-of-text.ts';

export interface BrowseDeps {
  readonly discovery: () => Promise<Discovery>;
  readonly entries: () => Promise<readonly CatalogueEntry[]>;
  /** `null`: it is not known what this Mac is. */
  readonly request: () => Promise<PlanRequest | null>;
  /** Repositories that are whole on this Mac. */
  readonly installed: () => Promise<ReadonlySet<string>>;
}

export interface Browsed {
  readonly models: BrowsedModel[];
  readonly source: 'live' | 'cache' | 'shipped';
  readonly fetchedAt: number | null;
  readonly notice: Awaited<ReturnType<Discovery['list']>>['notice'];
}

export interface Browse {
  list(refresh: boolean): Promise<Browsed>;
  /** By name or by the address of its page; it is in the list from then on. */
  lookUp(text: string): Promise<Result<BrowsedModel>>;
  details(repo: string): Promise<Result<ModelInformation>>;
  /** As the planner takes it: with what the repository itself says of it. */
  describe(repo: string): Promise<Result<CatalogueEntry>>;
}

type Verdicts = ReturnType<typeof createVerdicts>;

/** Looked up by name and in the list since; the first ones go when there are more. */
export const maxLookedUp = 50;

export function createBrowse(deps: BrowseDeps): Browse {
  const lookedUp = new Map<string, ModelDetails>();

  async function list(refresh: boolean): Promise<Browsed> {
    const [discovery, entries] = await Promise.all([deps.discovery(), deps.entries()]);
    const [found, request, installed] = await Promise.all([
      discovery.list({ refresh }),
      deps.request(),
      deps.installed(),
    ]);
    const verdicts = request === null ? null : createVerdicts(request);
    const families = familiesIn(entries);
    const models = found.models.map((model) => {
      const known = sourceIn(entries, model.repo);
      return known === null
        ? unranked(model, verdicts, installed, families)
        : ranked(model, known, verdicts?.(known.entry, known.source) ?? null, installed);
    });
    const listed = new Set(models.map(({ repo }) => repo));
    const others = [...lookedUp.values()].filter(({ repo }) => !listed.has(repo));
    return {
      models: [...models, ...others.map((details) => looked(details, entries, verdicts, installed))],
      source: found.source,
      fetchedAt: found.fetchedAtMs,
      notice: found.notice,
    };
  }

  async function lookUp(text: string): Promise<Result<BrowsedModel>> {
    const repo = repoOfText(text);
    if (repo === null) return fail(notARepo);
    const [discovery, entries] = await Promise.all([deps.discovery(), deps.entries()]);
    const found = await discovery.details(repo);
    if (!found.ok) {
      const row = isPassing(found.error) ? await rowFor(repo) : undefined;
      return row === undefined ? found : ok(row);
    }
    const details = { ...found.value, repo: found.value.writtenRepo };
    if (!details.writesText) return fail(notText);
    const [request, installed] = await Promise.all([deps.request(), deps.installed()]);
    lookedUp.delete(details.repo);
    lookedUp.set(details.repo, details);
    const [oldest] = lookedUp.keys();
    if (lookedUp.size > maxLookedUp && oldest !== undefined) lookedUp.delete(oldest);
    return ok(looked(details, entries, request === null ? null : createVerdicts(request), installed));
  }

  /** What is known of it all the same. */
  async function rowFor(repo: string): Promise<BrowsedModel | undefined> {
    const { models } = await list(false);
    return models.find((model) => model.repo.toLowerCase() === repo.toLowerCase());
  }

  async function describeRepo(
    repo: string,
  ): Promise<Result<{ entry: CatalogueEntry; details: ModelDetails }>> {
    const [discovery, entries] = await Promise.all([deps.discovery(), deps.entries()]);
    const details = await discovery.details(repo);
    if (!details.ok) return details;
    const known = sourceIn(entries, repo);
    const entry =
      known === null
        ? entryFor(discoveredModel(repo, entries, details.value.vision), details.value)
        : withDetails(known.entry, details.value);
    return ok({ entry, details: details.value });
  }

  return {
    list,
    lookUp,
    async describe(repo) {
      const found = await describeRepo(repo);
      return found.ok ? ok(found.value.entry) : found;
    },
    async details(repo) {
      const found = await describeRepo(repo);
      if (!found.ok) return found;
      const { details, entry } = found.value;
      const source = entry.sources.find((each) => each.repo === repo);
      const request = await deps.request();
      /** Whoever looks at a model wants to know whether it would run, not that nobody has ranked it. */
      const isKnown = sourceIn(await deps.entries(), repo) !== null;
      const judged = isKnown ? entry : { ...entry, notRecommended: null };
      const verdict =
        request === null || source === undefined
          ? null
          : createVerdicts(withEntry(request, judged, isKnown))(judged, source);
      return ok({
        repo,
        name: entry.name,
        commit: details.commit,
        sizeBytes: details.sizeBytes,
        quant: details.quant ?? source?.quant ?? null,
        contextTokens: entry.contextTokens,
        memoryBytes: verdict?.memoryBytes ?? null,
        atContextTokens: verdict?.atContextTokens ?? null,
        toolParser: entry.parsers.tool,
        reasoningParser: entry.parsers.reasoning,
        verdict: verdict?.sentence ?? null,
      });
    },
  };
}

/** With what is known by now in place of what was known when the catalogue was written. */
function withEntry(request: PlanRequest, entry: CatalogueEntry, isKnown: boolean): PlanRequest {
  if (!isKnown) return request;
  return { ...request, models: request.models.map((each) => (each.id === entry.id ? entry : each)) };
}

interface Known {
  readonly entry: CatalogueEntry;
  readonly source: ModelSource;
}

function sourceIn(entries: readonly CatalogueEntry[], repo: string): Known | null {
  for (const entry of entries) {
    const source = entry.sources.find((each) => each.repo === repo);
    if (source !== undefined) return { entry, source };
  }
  return null;
}

const basics = (model: DiscoveredModel, installed: ReadonlySet<string>) => ({
  repo: model.repo,
  name: model.name,
  quant: model.quant,
  parametersB: model.parametersB,
  activeParametersB: model.activeParametersB,
  downloads: model.downloads,
  gated: model.gated,
  installed: installed.has(model.repo),
});

function ranked(
  model: DiscoveredModel,
  { entry, source }: { readonly entry: CatalogueEntry; readonly source: Pick<ModelSource, 'sizeBytes'> },
  verdict: SourceVerdict | null,
  installed: ReadonlySet<string>,
): BrowsedModel {
  return {
    ...basics(model, installed),
    family: entry.family,
    sizeBytes: source.sizeBytes,
    contextTokens: entry.contextTokens,
    tools: entry.tools,
    vision: entry.vision,
    thinking: entry.thinking,
    isRecommended: verdict?.isRecommended ?? false,
    verdict: verdict?.sentence ?? null,
    fits: verdict?.fits ?? null,
    speed: verdict?.speed ?? null,
  };
}

/** What the repository itself says. */
function looked(
  details: ModelDetails,
  entries: readonly CatalogueEntry[],
  verdicts: Verdicts | null,
  installed: ReadonlySet<string>,
): BrowsedModel {
  const { repo, downloads, gated, vision, quant, sizeBytes, contextTokens } = details;
  const model = { ...discoveredModel(repo, entries, vision), downloads, gated };
  const known = sourceIn(entries, repo);
  const entry =
    known === null
      ? { ...entryFor(model, details), notRecommended: null }
      : withDetails(known.entry, details);
  const source = entry.sources.find((each) => each.repo === repo);
  const verdict = source === undefined ? null : (verdicts?.(entry, source) ?? null);
  const family = known?.entry.family ?? familyOf(repo, familiesIn(entries));
  const row = ranked(model, { entry, source: { sizeBytes } }, verdict, installed);
  return { ...row, family, quant: quant ?? model.quant, contextTokens: contextTokens ?? entry.contextTokens };
}

const familiesIn = (entries: readonly CatalogueEntry[]): readonly string[] => [
  ...new Set(entries.map(({ family }) => family)),
];

/** Of one that is not in the catalogue only its name is known; where that says its size, that is enough for a guess. */
function unranked(
  model: DiscoveredModel,
  verdicts: Verdicts | null,
  installed: ReadonlySet<string>,
  families: readonly string[],
): BrowsedModel {
  const guessed = guessedEntry(model);
  const [source] = guessed?.sources ?? [];
  const verdict =
    verdicts === null || guessed === null || source === undefined ? null : verdicts(guessed, source);
  return {
    ...basics(model, installed),
    family: familyOf(model.repo, families),
    sizeBytes: null,
    contextTokens: null,
    tools: model.parsers.tool !== null,
    vision: model.vision,
    thinking: model.parsers.reasoning !== null,
    isRecommended: false,
    verdict: null,
    fits: verdict?.fits ?? null,
    speed: verdict?.speed ?? null,
  };
}

/** MLX keeps a scale and an offset of two bytes each for every 64 weights: half a bit more per weight. */
const bitsPerWeight: Readonly<Record<Quant, number>> = {
  int2: 2.5,
  int3: 3.5,
  int4: 4.5,
  int5: 5.5,
  int6: 6.5,
  int8: 8.5,
  bf16: 16,
};

function guessedEntry(model: DiscoveredModel): CatalogueEntry | null {
  const { repo, quant, parametersB } = model;
  if (quant === null || parametersB === null) return null;
  const weightsBytes = Math.round((parametersB * 1e9 * bitsPerWeight[quant]) / 8);
  return entryFor(model, {
    repo,
    writtenRepo: repo,
    commit: '',
    sizeBytes: weightsBytes,
    weightsBytes,
    quant,
    contextTokens: null,
    kv: null,
    vocabularySize: null,
    downloads: model.downloads,
    gated: model.gated,
    vision: model.vision,
    writesText: true,
  });
}

/** It says nothing of the repository. */
const isPassing = ({ code }: Problem): boolean =>
  ['hub-offline', 'hub-timed-out', 'hub-troubled', 'hub-rate-limited'].includes(code);

const notARepo = problem('hub-bad-name', catalogueWords.notAModelName, modelWords.nameOrAddress);
const notText = problem('hub-not-text', modelWords.writesNoText, modelWords.chooseOneForChat);
