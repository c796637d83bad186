/** Figures that were measured on this Mac: the saved benchmarks of the CLI and of this app. */
import path from 'node:path';
import * as z from 'zod';
import { type CatalogueEntry, type Quant, quants } from '../catalogue/entry.ts';
import { quantOfRepo } from '../catalogue/names.ts';
import { isRepoId } from '../catalogue/repo-id.ts';
import { fail, type Problem, type Result } from '../contract/result.ts';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import type { MeasuredHere } from '../planner/types.ts';

export interface Measured {
  readonly figures: readonly MeasuredHere[];
  /** Why there are none although there is a file; `null` also without a file. */
  readonly problem: Problem | null;
}

export const maxBenchmarkBytes = 1024 * 1024;
export const maxBenchmarks = 1000;
/** No Mac writes that fast: the figure is damaged. */
const maxTps = 100_000;
const bytesPerGb = 1e9;
const maxMemoryBytes = 1e13;

const fileSchema = z.record(z.string(), z.unknown());

/** The CLI's fields, then ours. The CLI always writes a memory of 0, which says nothing. */
const figureSchema = z.looseObject({
  model_id: z.string().min(1).max(200),
  quant: z.string().max(20).nullish(),
  gen_tps: z.number().positive().max(maxTps),
  memory_gb: z
    .number()
    .min(0)
    .max(maxMemoryBytes / bytesPerGb)
    .nullish(),
  repo: z.string().max(200).nullish(),
  peak_memory_bytes: z.number().min(0).max(maxMemoryBytes).nullish(),
  peak_tokens: z.number().int().min(0).max(1e9).nullish(),
});
type Figure = z.infer<typeof figureSchema>;

/** What the stack calls its models: the CLI's names of those that are in no catalogue. */
export interface NamedModel {
  readonly model: string;
  readonly source: string;
}

export async function readMeasured(
  files: HomeFiles,
  folder: string,
  profileId: string,
  known: { readonly entries: readonly CatalogueEntry[]; readonly named: readonly NamedModel[] },
): Promise<Measured> {
  const read = await readJson(files, path.join(folder, `${profileId}.json`), fileSchema, maxBenchmarkBytes);
  if (read.kind === 'refused') return { figures: [], problem: read.problem };
  if (read.kind === 'absent') return { figures: [], problem: null };
  const figures = new Map<string, MeasuredHere>();
  for (const row of Object.values(read.value).slice(0, maxBenchmarks)) {
    /** A line that is not one costs only itself. */
    const figure = figureSchema.safeParse(row);
    const here = figure.success ? toMeasured(figure.data, known) : null;
    if (here !== null) figures.set(`${here.repo} ${here.quant}`, here);
  }
  return { figures: [...figures.values()], problem: null };
}

/** The highest use of memory. */
export interface MeasuredPeak {
  readonly bytes: number;
  /** Of the conversation that it was reached with, question and answer together. */
  readonly tokens: number;
}

/** What this app measured; speeds in tokens per second. */
export interface NewMeasured {
  readonly repo: string;
  readonly quant: string | null;
  readonly genTps: number;
  readonly promptTps: number;
  /** `null` where it is not known what it was reached with. */
  readonly peak: MeasuredPeak | null;
}

const rounded = (value: number) => Math.round(value * 100) / 100;

/** The same question is a few tokens longer or shorter each time, as its numbers fall. */
const sameLengthShare = 0.9;

/** Into the CLI's file beside its own figures, which stay; a file that is not understood is left as it is. */
export async function saveMeasured(
  files: HomeFiles,
  folder: string,
  profileId: string,
  { repo, quant, genTps, promptTps, peak }: NewMeasured,
): Promise<Result<void>> {
  const file = path.join(folder, `${profileId}.json`);
  const read = await readJson(files, file, fileSchema, maxBenchmarkBytes);
  if (read.kind === 'refused') return fail(read.problem);
  const key = keyOf(repo, quant);
  const present = Object.entries(read.kind === 'value' ? read.value : {});
  const others = present.filter((line) => keyOfLine(line) !== key);
  const earlier = present.filter((line) => !others.includes(line)).map(([, row]) => peakOf(row));
  const figure = {
    model_id: repo,
    repo,
    quant,
    prompt_tps: rounded(promptTps),
    gen_tps: rounded(genTps),
    ...memoryFields(moreTelling(peak, earlier.findLast((each) => each !== null) ?? null)),
  };
  /** The last of two figures of one model counts, and the last of so many is read. */
  const kept = others.slice(-(maxBenchmarks - 1));
  return await writeJson(files, file, Object.fromEntries([...kept, [key, figure]]));
}

/** Two quantisations of one model stand beside each other. */
function keyOf(repo: string, quant: string | null): string {
  const known = quantOf(quant) ?? quantOfRepo(repo);
  return known === null ? repo : `${repo} ${known}`;
}

/** By what a line says of itself: before, the repository alone was the key. */
function keyOfLine([key, row]: readonly [string, unknown]): string {
  const figure = figureSchema.safeParse(row);
  if (!figure.success) return key;
  const { repo, model_id, quant } = figure.data;
  const source = repo ?? model_id;
  return isRepoId(source) ? keyOf(source, quant ?? null) : key;
}

function peakOf(row: unknown): MeasuredPeak | null {
  const figure = figureSchema.safeParse(row);
  const { peak_memory_bytes: bytes, peak_tokens: tokens } = figure.success ? figure.data : {};
  return bytes && tokens ? { bytes, tokens } : null;
}

/** One that was reached with a much shorter conversation tells less than the one there is. */
function moreTelling(found: MeasuredPeak | null, earlier: MeasuredPeak | null): MeasuredPeak | null {
  if (found === null || earlier === null) return found ?? earlier;
  return found.tokens < earlier.tokens * sameLengthShare ? earlier : found;
}

/** A memory of 0 is the CLI's word for one that was not measured. */
const memoryFields = (peak: MeasuredPeak | null) =>
  peak === null
    ? { memory_gb: 0 }
    : {
        memory_gb: rounded(peak.bytes / bytesPerGb),
        peak_memory_bytes: peak.bytes,
        peak_tokens: peak.tokens,
      };

type Known = Parameters<typeof readMeasured>[3];

function toMeasured(figure: Figure, known: Known): MeasuredHere | null {
  const source = sourceOf(figure, known);
  if (source === null) return null;
  const peakBytes = figure.peak_memory_bytes ?? (figure.memory_gb ?? 0) * bytesPerGb;
  return {
    ...source,
    genTps: figure.gen_tps,
    peakMemoryBytes: peakBytes > 0 ? peakBytes : null,
    peakTokens: peakBytes > 0 ? (figure.peak_tokens ?? null) : null,
  };
}

/** Ours name the repository; the CLI's an id of its catalogue, a repository, or the name of the stack file. */
function sourceOf(figure: Figure, { entries, named }: Known): { repo: string; quant: Quant } | null {
  const quant = quantOf(figure.quant ?? null);
  const inStack = named.find(({ model }) => model === figure.model_id)?.source;
  for (const repo of [figure.repo, figure.model_id, inStack]) {
    if (repo === null || repo === undefined || !isRepoId(repo)) continue;
    const source = entries.flatMap(({ sources }) => sources).find((each) => each.repo === repo);
    const itsQuant = source?.quant ?? quant ?? quantOfRepo(repo);
    return itsQuant === null ? null : { repo, quant: itsQuant };
  }
  const sources = entries.find(({ id }) => id === figure.model_id)?.sources ?? [];
  const source = quant === null ? undefined : sources.find((each) => each.quant === quant);
  return source === undefined ? null : { repo: source.repo, quant: source.quant };
}

function quantOf(text: string | null): Quant | null {
  if (text === 'fp16') return 'bf16';
  return quants.find((quant) => quant === text) ?? null;
}
