/** The models of mlx-community on Hugging Face: read page by page, kept in home, and never missed when offline. */
import * as z from 'zod';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import { catalogueWords } from '../words/index.ts';
import { fetchDetails, type ModelDetails, parseText } from './details.ts';
import type { CatalogueEntry, Quant } from './entry.ts';
import type { Hub } from './hub.ts';
import { baseNameOf, parametersOfRepo, quantOfRepo } from './names.ts';
import { findParsers, type ModelParsers } from './parsers.ts';
import { isRepoId } from './repo-id.ts';

export interface DiscoveredModel {
  readonly repo: string;
  /** Without organisation and quantisation. */
  readonly name: string;
  readonly quant: Quant | null;
  readonly parametersB: number | null;
  readonly activeParametersB: number | null;
  /** `null`: not known. */
  readonly downloads: number | null;
  readonly vision: boolean;
  readonly gated: boolean;
  readonly parsers: ModelParsers;
  /** Of the catalogue entry that has this repository. */
  readonly catalogueId: string | null;
}

export interface Discovered {
  /** Those of the catalogue with measured figures first, then by downloads. */
  readonly models: readonly DiscoveredModel[];
  readonly source: 'live' | 'cache' | 'shipped';
  /** Epoch milliseconds; `null` for the shipped list. */
  readonly fetchedAtMs: number | null;
  /** Why it is not live, or not whole. */
  readonly notice: Problem | null;
}

export interface Discovery {
  /** The kept list while it is fresh, unless `refresh` is asked for. */
  list(options?: { readonly refresh?: boolean }): Promise<Discovered>;
  details(repo: string): Promise<Result<ModelDetails>>;
}

export interface DiscoveryOptions {
  readonly hub: Hub;
  readonly files: HomeFiles;
  readonly cacheFile: string;
  readonly shipped: readonly CatalogueEntry[];
  readonly nowMs: () => number;
}

const discoveryAuthor = 'mlx-community';
/** Models that see are listed apart from those that only read. */
const discoveryTasks = ['text-generation', 'image-text-to-text'] as const;
export const pageSize = 100;
/** The most downloaded thousand of each; whoever looks for another names it. */
export const maxPages = 10;
export const maxPageBytes = 4 * 1024 * 1024;
const maxCacheBytes = 2 * 1024 * 1024;
export const freshMs = 6 * 60 * 60_000;
const maxKeptDetails = 200;

const rowSchema = z.looseObject({
  id: z.string(),
  downloads: z.number().int().min(0).optional(),
  private: z.boolean().optional(),
  /** `false`, `auto` or `manual`. */
  gated: z.union([z.boolean(), z.string()]).optional(),
});

const keptSchema = z.strictObject({
  version: z.literal(1),
  fetchedAtMs: z.number(),
  models: z
    .array(
      z.strictObject({
        repo: z.string().refine(isRepoId),
        downloads: z.number().nullable(),
        vision: z.boolean(),
        gated: z.boolean(),
      }),
    )
    .max(pageSize * maxPages * discoveryTasks.length),
});
type Kept = z.infer<typeof keptSchema>;
type Row = Kept['models'][number];

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { hub, files, cacheFile, shipped, nowMs } = options;
  const detailsOf = new Map<string, ModelDetails>();
  let underWay: Promise<Discovered> | null = null;

  async function list({ refresh = false } = {}): Promise<Discovered> {
    const kept = await readKept();
    if (!refresh && kept !== null && isFresh(kept)) return fromRows(kept, 'cache', null);
    underWay ??= fetchAll(kept).finally(() => {
      underWay = null;
    });
    return await underWay;
  }

  /** A clock that was set back must not keep a list for ever. */
  const isFresh = ({ fetchedAtMs }: Kept) => Math.abs(nowMs() - fetchedAtMs) < freshMs;

  async function readKept(): Promise<Kept | null> {
    const read = await readJson(files, cacheFile, keptSchema, maxCacheBytes);
    return read.kind === 'value' ? read.value : null;
  }

  async function fetchAll(kept: Kept | null): Promise<Discovered> {
    const rows: Row[] = [];
    for (const task of discoveryTasks) {
      const found = await fetchTask(task);
      if (!found.ok) return instead(found.error, kept);
      rows.push(...found.value);
    }
    const live: Kept = { version: 1, fetchedAtMs: nowMs(), models: withoutRepeats(rows) };
    await writeJson(files, cacheFile, live);
    return fromRows(live, 'live', null);
  }

  async function fetchTask(task: (typeof discoveryTasks)[number]): Promise<Result<Row[]>> {
    const query = new URLSearchParams({
      author: discoveryAuthor,
      pipeline_tag: task,
      sort: 'downloads',
      direction: '-1',
      limit: String(pageSize),
    });
    const rows: Row[] = [];
    let path: string | null = `/api/models?${query}`;
    for (let page = 0; path !== null && page < maxPages; page += 1) {
      const answer = await hub.get(path, maxPageBytes);
      if (!answer.ok) return answer;
      const checked = parseText(answer.value.text, z.array(z.unknown()));
      if (!checked.ok) return checked;
      rows.push(...checked.value.slice(0, pageSize).flatMap((row) => readRow(row, task)));
      path = answer.value.nextPath;
    }
    return ok(rows);
  }

  function instead(why: Problem, kept: Kept | null): Discovered {
    if (kept !== null) {
      const day = new Date(kept.fetchedAtMs).toISOString().slice(0, 10);
      return fromRows(kept, 'cache', notLive(why, catalogueWords.listOf(day)));
    }
    return {
      models: arranged(shipped.flatMap(shippedModels)),
      source: 'shipped',
      fetchedAtMs: null,
      notice: notLive(why, catalogueWords.shippedList),
    };
  }

  function fromRows(kept: Kept, source: 'live' | 'cache', notice: Problem | null): Discovered {
    const listed = kept.models.map(toModel);
    const repos = new Set(listed.map(({ repo }) => repo));
    /** What the catalogue knows and the list lacks is there all the same: it is beyond the last page, or elsewhere. */
    const others = shipped.flatMap(shippedModels).filter(({ repo }) => !repos.has(repo));
    return { models: arranged([...listed, ...others]), source, fetchedAtMs: kept.fetchedAtMs, notice };
  }

  const toModel = ({ repo, downloads, vision, gated }: Row): DiscoveredModel => ({
    ...discoveredModel(repo, shipped, vision),
    downloads,
    gated,
  });

  function shippedModels(entry: CatalogueEntry): DiscoveredModel[] {
    return entry.sources.map(({ repo }) =>
      toModel({ repo, downloads: null, vision: entry.vision, gated: false }),
    );
  }

  function arranged(models: readonly DiscoveredModel[]): DiscoveredModel[] {
    const isMeasured = ({ catalogueId, quant }: DiscoveredModel) =>
      shipped.some(
        ({ id, measured }) => id === catalogueId && measured.some((figure) => figure.quant === quant),
      );
    return models.toSorted(
      (a, b) => Number(isMeasured(b)) - Number(isMeasured(a)) || (b.downloads ?? 0) - (a.downloads ?? 0),
    );
  }

  async function details(repo: string): Promise<Result<ModelDetails>> {
    const known = detailsOf.get(repo);
    if (known !== undefined) return ok(known);
    const found = await fetchDetails(hub, repo);
    if (!found.ok) return fail(found.error);
    detailsOf.set(repo, found.value);
    const [oldest] = detailsOf.keys();
    if (detailsOf.size > maxKeptDetails && oldest !== undefined) detailsOf.delete(oldest);
    return found;
  }

  return { list, details };
}

/** Private ones cannot be downloaded, and a name that is none is not shown. */
function readRow(row: unknown, task: (typeof discoveryTasks)[number]): Row[] {
  const checked = rowSchema.safeParse(row);
  if (!checked.success || checked.data.private === true || !isRepoId(checked.data.id)) return [];
  const { id, downloads, gated } = checked.data;
  return [
    {
      repo: id,
      downloads: downloads ?? null,
      vision: task === 'image-text-to-text',
      gated: gated !== undefined && gated !== false,
    },
  ];
}

/** Of several repositories of one model in one quantisation the most downloaded, and each repository once. */
function withoutRepeats(rows: readonly Row[]): Row[] {
  const kept = new Map<string, Row>();
  for (const row of rows.toSorted((a, b) => (b.downloads ?? 0) - (a.downloads ?? 0))) {
    const quant = quantOfRepo(row.repo);
    const key = quant === null ? row.repo : `${baseNameOf(row.repo).toLowerCase()} ${quant}`;
    if (!kept.has(key)) kept.set(key, row);
  }
  return [...kept.values()];
}

const notLive = (why: Problem, instead: string) => problem(why.code, `${why.message} ${instead}`, why.hint);

/** What the catalogue, or else the name alone, says of a repository. */
export function discoveredModel(
  repo: string,
  shipped: readonly CatalogueEntry[],
  vision = false,
): DiscoveredModel {
  const entry = shipped.find(({ sources }) => sources.some((source) => source.repo === repo));
  const { totalB, activeB } = parametersOfRepo(repo);
  return {
    repo,
    name: entry?.name ?? baseNameOf(repo),
    quant: entry?.sources.find((source) => source.repo === repo)?.quant ?? quantOfRepo(repo),
    parametersB: entry?.parametersB ?? totalB,
    activeParametersB: entry?.activeParametersB ?? activeB,
    downloads: null,
    vision: entry?.vision ?? vision,
    gated: false,
    parsers: entry?.parsers ?? findParsers(repo),
    catalogueId: entry?.id ?? null,
  };
}

/** For choosing by hand: a model that is not in the catalogue has no rank, and is never chosen by itself. */
export function entryFor(model: DiscoveredModel, details: ModelDetails): CatalogueEntry {
  return {
    id: details.repo,
    name: model.name,
    family: catalogueWords.unknownFamily,
    parametersB: model.parametersB,
    activeParametersB: model.activeParametersB,
    contextTokens: details.contextTokens,
    tools: model.parsers.tool !== null,
    thinking: model.parsers.reasoning !== null,
    vision: model.vision,
    parsers: model.parsers,
    tags: [],
    quality: { general: 0, agents: 0, basis: catalogueWords.notRanked },
    notRecommended: catalogueWords.notInCatalogue,
    sources: [
      {
        repo: details.repo,
        /** Weights that are not quantised say nothing of it. */
        quant: details.quant ?? 'bf16',
        sizeBytes: details.weightsBytes,
        sizeSource: catalogueWords.sizeFrom(details.commit.slice(0, 12)),
      },
    ],
    vocabularySize: details.vocabularySize,
    kv: details.kv,
    measured: [],
  };
}
