/** What a repository holds, at a pinned commit: the size of its files, and what its config.json says. */
import * as z from 'zod';
import { fail, ok, type Result } from '../contract/result.ts';
import { type KvLayout, readKvLayout, readVocabularySize } from '../stack/kv-cache.ts';
import { catalogueWords } from '../words/index.ts';
import type { CatalogueEntry, Quant } from './entry.ts';
import type { Hub } from './hub.ts';
import { hubProblems } from './hub-problems.ts';
import { quantOfRepo } from './names.ts';
import { isRepoId } from './repo-id.ts';

export interface ModelDetails {
  /** As it was asked for. */
  readonly repo: string;
  /** As Hugging Face writes it, where that differs in the size of letters only. */
  readonly writtenRepo: string;
  /** 40 hexadecimal digits: a later change of the repository is not followed. */
  readonly commit: string;
  /** Of all files. */
  readonly sizeBytes: number;
  /** Of the weight files. */
  readonly weightsBytes: number;
  readonly quant: Quant | null;
  readonly contextTokens: number | null;
  readonly kv: KvLayout | null;
  readonly vocabularySize: number | null;
  readonly downloads: number | null;
  /** Its makers ask for an account. */
  readonly gated: boolean;
  readonly vision: boolean;
  /** By its config.json: others hear, translate or sort. */
  readonly writesText: boolean;
}

export const maxRevisionBytes = 8 * 1024 * 1024;
export const maxTreeBytes = 8 * 1024 * 1024;
const maxConfigBytes = 4 * 1024 * 1024;
export const maxTreePages = 20;

const revisionSchema = z.looseObject({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  id: z.string().optional().catch(undefined),
  downloads: z.number().int().min(0).optional().catch(undefined),
  /** `false`, `auto` or `manual`. */
  gated: z.union([z.boolean(), z.string()]).optional().catch(undefined),
});
const treeSchema = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    lfs: z.looseObject({ size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }).optional(),
  }),
);
const configSchema = z.record(z.string(), z.unknown());

export async function fetchDetails(hub: Hub, repo: string): Promise<Result<ModelDetails>> {
  if (!isRepoId(repo)) return fail(hubProblems.badName);
  const revision = await parsed(hub, `/api/models/${repo}/revision/main`, maxRevisionBytes, revisionSchema);
  if (!revision.ok) return revision;
  const { sha: commit, id, downloads, gated = false } = revision.value;
  const [sizes, config] = await Promise.all([
    fetchSizes(hub, repo, commit),
    parsed(hub, `/${repo}/resolve/${commit}/config.json`, maxConfigBytes, configSchema),
  ]);
  if (!sizes.ok) return sizes;
  if (!config.ok) return config;
  const context = contextOf(config.value);
  const isSameName = id !== undefined && isRepoId(id) && id.toLowerCase() === repo.toLowerCase();
  return ok({
    repo,
    writtenRepo: isSameName ? id : repo,
    commit,
    ...sizes.value,
    quant: quantOfConfig(config.value) ?? quantOfRepo(repo),
    contextTokens: context,
    kv: readKvLayout(config.value),
    vocabularySize: readVocabularySize(config.value),
    downloads: downloads ?? null,
    gated: gated !== false,
    vision: configSchema.safeParse(config.value['vision_config']).success,
    writesText: writesText(config.value),
  });
}

async function fetchSizes(
  hub: Hub,
  repo: string,
  commit: string,
): Promise<Result<{ readonly sizeBytes: number; readonly weightsBytes: number }>> {
  let sizeBytes = 0;
  let weightsBytes = 0;
  let path: string | null = `/api/models/${repo}/tree/${commit}?recursive=true`;
  for (let page = 0; path !== null; page += 1) {
    if (page >= maxTreePages) return fail(hubProblems.tooManyFiles);
    const answer = await hub.get(path, maxTreeBytes);
    if (!answer.ok) return answer;
    const files = parseText(answer.value.text, treeSchema);
    if (!files.ok) return files;
    for (const file of files.value) {
      if (file.type !== 'file') continue;
      const bytes = file.lfs?.size ?? file.size ?? 0;
      sizeBytes += bytes;
      if (/^model.*\.safetensors$/.test(file.path)) weightsBytes += bytes;
    }
    path = answer.value.nextPath;
  }
  return weightsBytes === 0 ? fail(hubProblems.noWeights) : ok({ sizeBytes, weightsBytes });
}

async function parsed<T>(hub: Hub, path: string, maxBytes: number, schema: z.ZodType<T>): Promise<Result<T>> {
  const answer = await hub.get(path, maxBytes);
  return answer.ok ? parseText(answer.value.text, schema) : answer;
}

export function parseText<T>(text: string, schema: z.ZodType<T>): Result<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(hubProblems.badAnswer);
  }
  const checked = schema.safeParse(value);
  return checked.success ? ok(checked.data) : fail(hubProblems.badAnswer);
}

const quantizationSchema = z.looseObject({ bits: z.number() });
const bitsToQuant: Readonly<Record<number, Quant>> = {
  2: 'int2',
  3: 'int3',
  4: 'int4',
  5: 'int5',
  6: 'int6',
  8: 'int8',
};

/** MLX writes it twice, under both names. */
export function quantOfConfig(config: Readonly<Record<string, unknown>>): Quant | null {
  for (const key of ['quantization', 'quantization_config']) {
    const found = quantizationSchema.safeParse(config[key]);
    const quant = found.success ? bitsToQuant[found.data.bits] : undefined;
    if (quant !== undefined) return quant;
  }
  return null;
}

const architecturesSchema = z.array(z.string());

/** What is quantised by MLX was made for it; anything else has to say that it writes. */
export function writesText(config: Readonly<Record<string, unknown>>): boolean {
  if (quantOfConfig(config) !== null) return true;
  const named = architecturesSchema.safeParse(config['architectures']);
  return named.success && named.data.some((name) => /For(CausalLM|ConditionalGeneration)$/.test(name));
}

const contextSchema = z.number().int().min(256).max(100_000_000);

function contextOf(config: Readonly<Record<string, unknown>>): number | null {
  const text = configSchema.safeParse(config['text_config']);
  for (const from of [config, text.success ? text.data : {}]) {
    const found = contextSchema.safeParse(from['max_position_embeddings']);
    if (found.success) return found.data;
  }
  return null;
}

/** A shipped entry with what the repository itself says in place of what was known when it was written. */
export function withDetails(entry: CatalogueEntry, details: ModelDetails): CatalogueEntry {
  return {
    ...entry,
    contextTokens: details.contextTokens ?? entry.contextTokens,
    kv: details.kv ?? entry.kv,
    vocabularySize: details.vocabularySize ?? entry.vocabularySize,
    sources: entry.sources.map((source) =>
      source.repo === details.repo
        ? {
            ...source,
            quant: details.quant ?? source.quant,
            sizeBytes: details.weightsBytes,
            sizeSource: catalogueWords.sizeFrom(details.commit.slice(0, 12)),
          }
        : source,
    ),
  };
}
