/** One model of the catalogue: the form of its file, and the same as the app uses it. Pure. */
import * as z from 'zod';
import { fail, ok, type Problem, type Result } from '../contract/result.ts';
import { locatedProblem, quotable } from '../files/located-problem.ts';
import { parseYamlMapping, type YamlPath } from '../files/yaml-text.ts';
import type { KvLayout } from '../stack/kv-cache.ts';
import { catalogueWords } from '../words/index.ts';
import type { ModelParsers } from './parsers.ts';

export const quants = ['int2', 'int3', 'int4', 'int5', 'int6', 'int8', 'bf16'] as const;
export type Quant = (typeof quants)[number];

export interface ModelSource {
  /** `org/name` on Hugging Face. */
  readonly repo: string;
  readonly quant: Quant;
  /** Of all files to be downloaded, which is nearly what the weights take in memory. */
  readonly sizeBytes: number;
  readonly sizeSource: string;
}

/** A figure from somebody's Mac; one of `profile` (`m4-pro-64`) and `chip` (`Apple M2 Pro`) is said. */
export interface MeasuredElsewhere {
  readonly profile: string | null;
  readonly chip: string | null;
  readonly quant: Quant;
  readonly genTps: number;
  readonly promptTps: number | null;
  readonly peakMemoryBytes: number | null;
  readonly source: string;
}

export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  /** In billions. */
  readonly parametersB: number | null;
  /** Of a mixture of experts: what one token passes through. `null`: all of them. */
  readonly activeParametersB: number | null;
  /** The longest context; `null` until its config.json is read. */
  readonly contextTokens: number | null;
  readonly tools: boolean;
  readonly thinking: boolean;
  readonly vision: boolean;
  readonly parsers: ModelParsers;
  readonly tags: readonly string[];
  /** 0 to 100, good for an order only. */
  readonly quality: { readonly general: number; readonly agents: number; readonly basis: string };
  /** Why it is never chosen by itself; `null` when it may be. */
  readonly notRecommended: string | null;
  readonly sources: readonly ModelSource[];
  readonly vocabularySize: number | null;
  readonly kv: KvLayout | null;
  readonly measured: readonly MeasuredElsewhere[];
}

const text = (max: number) => z.string().min(1).max(max);
const positive = z.number().positive();
const bytes = z.number().int().min(0).max(1e15);
const score = z.number().min(0).max(100);
const quantSchema = z.enum(quants);

const entryIdPattern = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const repoSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/)
  .refine((repo) => !repo.includes('..'));
const parserSchema = z.string().regex(/^[a-z0-9_]{1,32}$/);

const sourceSchema = z.strictObject({
  repo: repoSchema,
  quant: quantSchema,
  size_bytes: bytes.min(1),
  size_source: text(200),
});

const kvSchema = z.strictObject({
  bytes_per_token: bytes,
  sliding_bytes_per_token: bytes.default(0),
  sliding_window_tokens: bytes.default(0),
  fixed_bytes: bytes.default(0),
  source: text(200),
});

const measuredSchema = z
  .strictObject({
    profile: text(64).optional(),
    chip: text(64).optional(),
    quant: quantSchema,
    /** Where another repository of the same quantisation was measured. */
    repo: repoSchema.optional(),
    gen_tps: positive,
    prompt_tps: positive.optional(),
    peak_memory_bytes: bytes.optional(),
    source: text(200),
  })
  .refine(({ profile, chip }) => (profile === undefined) !== (chip === undefined));

const entrySchema = z
  .strictObject({
    id: z.string().regex(entryIdPattern),
    name: text(100),
    family: text(60),
    parameters_b: positive.optional(),
    active_parameters_b: positive.optional(),
    context_tokens: z.number().int().min(256).max(100_000_000).optional(),
    capabilities: z.strictObject({ tools: z.boolean(), thinking: z.boolean(), vision: z.boolean() }),
    parsers: z
      .strictObject({ tool: parserSchema.optional(), reasoning: parserSchema.optional() })
      .default({}),
    tags: z.array(text(40)).max(20).default([]),
    quality: z.strictObject({ general: score, agents: score, basis: text(300) }),
    not_recommended: text(300).optional(),
    sources: z.array(sourceSchema).min(1).max(20),
    memory: z
      .strictObject({
        vocabulary: z.number().int().positive().max(10_000_000).optional(),
        kv: kvSchema.optional(),
      })
      .default({}),
    measured: z.array(measuredSchema).max(50).default([]),
  })
  /** A capability without its parser would be promised and never work. */
  .refine(({ capabilities, parsers }) => capabilities.tools === (parsers.tool !== undefined), {
    path: ['parsers', 'tool'],
  })
  .refine(({ capabilities, parsers }) => capabilities.thinking === (parsers.reasoning !== undefined), {
    path: ['parsers', 'reasoning'],
  });
type EntryShape = z.infer<typeof entrySchema>;

/** `fileName` is `<id>.yaml`, and names the file in a problem. */
export function parseEntry(fileText: string, fileName: string): Result<CatalogueEntry> {
  const parsed = parseYamlMapping(fileText, fileName);
  if (!parsed.ok) {
    const [first] = parsed.error;
    if (first === undefined) throw new Error('A file was refused without a reason');
    return fail(first.problem);
  }
  const checked = entrySchema.safeParse(parsed.value.value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where: YamlPath = (issue?.path ?? []).map((part) =>
      typeof part === 'symbol' ? String(part) : part,
    );
    const what = quotable(where.join('.')) ?? catalogueWords.aValue;
    return fail(refusal(fileName, parsed.value.positionOf(where), catalogueWords.isMissingOrWrong(what)));
  }
  if (`${checked.data.id}.yaml` !== fileName) {
    return fail(refusal(fileName, parsed.value.positionOf(['id']), catalogueWords.idMustBeFileName));
  }
  return ok(toEntry(checked.data));
}

function refusal(
  fileName: string,
  position: Parameters<typeof locatedProblem>[1],
  sentence: string,
): Problem {
  const hint = catalogueWords.modelLeftOut;
  return locatedProblem(fileName, position, 'catalogue-entry', sentence, hint).problem;
}

function toEntry(shape: EntryShape): CatalogueEntry {
  const { kv, vocabulary } = shape.memory;
  return {
    id: shape.id,
    name: shape.name,
    family: shape.family,
    parametersB: shape.parameters_b ?? null,
    activeParametersB: shape.active_parameters_b ?? null,
    contextTokens: shape.context_tokens ?? null,
    ...shape.capabilities,
    parsers: { tool: shape.parsers.tool ?? null, reasoning: shape.parsers.reasoning ?? null },
    tags: shape.tags,
    quality: shape.quality,
    notRecommended: shape.not_recommended ?? null,
    sources: shape.sources.map(({ repo, quant, size_bytes, size_source }) => ({
      repo,
      quant,
      sizeBytes: size_bytes,
      sizeSource: size_source,
    })),
    vocabularySize: vocabulary ?? null,
    kv:
      kv === undefined
        ? null
        : {
            bytesPerToken: kv.bytes_per_token,
            slidingBytesPerToken: kv.sliding_bytes_per_token,
            slidingWindowTokens: kv.sliding_window_tokens,
            fixedBytes: kv.fixed_bytes,
          },
    measured: shape.measured.map((figure) => ({
      profile: figure.profile ?? null,
      chip: figure.chip ?? null,
      quant: figure.quant,
      genTps: figure.gen_tps,
      promptTps: figure.prompt_tps ?? null,
      peakMemoryBytes: figure.peak_memory_bytes ?? null,
      source: figure.source,
    })),
  };
}
