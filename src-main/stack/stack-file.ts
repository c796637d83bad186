/** Reads a stack file (the CLI's schema_version 1, and our additions) with the place of every mistake. */
import path from 'node:path';
import * as z from 'zod';
import { hasControlCharacter, maxPort } from '../config/config-keys.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { locatedProblem, nearestName, quotable } from '../files/located-problem.ts';
import type { LocatedProblem } from '../files/types.ts';
import { setYamlValue } from '../files/yaml-edit.ts';
import { isRecord, parseYamlMapping, type YamlMapping, type YamlPath } from '../files/yaml-text.ts';
import { commonWords, stackWords } from '../words/index.ts';
import {
  flagNamePattern,
  maxFlagNameLength,
  maxFlags,
  maxFlagValueLength,
  optionName,
  whyOwned,
} from './engine-flags.ts';
import type { FlagValue, Stack, Tier } from './stack-types.ts';

export const stackFileName = 'stacks/default.yaml';
const stackSchemaVersion = 1;
export const maxTiers = 16;
export const tierNamePattern = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** They name other services, or the cloud models of the gateway. */
export const reservedTierNames: readonly string[] = ['litellm', 'gateway', 'premium', 'watchdog'];

export interface ParsedStack {
  readonly stack: Stack;
  /** Keys that nothing reads: kept, but perhaps misspelt. */
  readonly unknownKeys: readonly LocatedProblem[];
}

const maxTextLength = 200;
const maxPathLength = 1024;
const maxContextTokens = 100_000_000;
const maxCloudModels = 32;

/** `error` completes the sentence "<key> must be …". */
const text = (error: string) =>
  z
    .string({ error })
    .min(1, { error })
    .max(maxTextLength, { error })
    .refine((value) => !hasControlCharacter(value), { error });
const note = text(stackWords.textOfAtMost(maxTextLength)).nullish();

const tierNameWords = stackWords.tierName;
const nameSchema = z
  .string({ error: tierNameWords })
  .regex(tierNamePattern, { error: tierNameWords })
  .refine((name) => !reservedTierNames.includes(name), {
    error: stackWords.anotherName(reservedTierNames.join(', ')),
  });

const sourceWords = stackWords.source;
const sourceSchema = z.string({ error: sourceWords }).refine(isModelSource, { error: sourceWords });

/** `org/name` in the characters that Hugging Face allows, or an absolute path. */
export function isModelSource(source: string): boolean {
  if (source.startsWith('/')) {
    return (
      source.length <= maxPathLength &&
      !hasControlCharacter(source) &&
      path.resolve(source) === source &&
      source !== '/'
    );
  }
  const isRepository = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(source);
  return isRepository && source.length <= maxTextLength && !source.includes('..');
}

const portWords = stackWords.port(maxPort);
const portSchema = z
  .number({ error: portWords })
  .int({ error: portWords })
  .min(1, { error: portWords })
  .max(maxPort, { error: portWords });

const flagWords = stackWords.flagValue(maxFlagValueLength);
const flagValueSchema = z.union(
  [
    z
      .string()
      .max(maxFlagValueLength, { error: flagWords })
      .refine((value) => !hasControlCharacter(value), { error: flagWords }),
    z.number(),
    z.boolean(),
  ],
  { error: flagWords },
);

const contextWords = stackWords.contextTokens;
const tierSchema = z.looseObject(
  {
    name: nameSchema,
    model: text(stackWords.textOfAtMost(maxTextLength)),
    quant: note,
    source: sourceSchema,
    port: portSchema,
    vllm_flags: z.record(z.string(), flagValueSchema, { error: stackWords.optionLines }).nullish(),
    display_name: note,
    context: z
      .number({ error: contextWords })
      .int({ error: contextWords })
      .min(256, { error: contextWords })
      .max(maxContextTokens, { error: contextWords })
      .nullish(),
  },
  { error: stackWords.tier },
);

const tiersWords = stackWords.tiers(maxTiers);
const cloudWords = stackWords.providerAndModels;
const stackSchema = z.looseObject({
  name: note,
  hardware_profile: note,
  intent: note,
  created: note,
  tiers: z
    .array(tierSchema, { error: tiersWords })
    .min(1, { error: tiersWords })
    .max(maxTiers, { error: tiersWords }),
  cloud_fallback: z
    .looseObject(
      {
        provider: text(cloudWords),
        models: z.array(text(cloudWords), { error: cloudWords }).max(maxCloudModels, { error: cloudWords }),
      },
      { error: cloudWords },
    )
    .nullish(),
});
type StackShape = z.infer<typeof stackSchema>;
type TierShape = StackShape['tiers'][number];

const maxProblems = 5;

export function parseStack(fileText: string): Result<ParsedStack, readonly LocatedProblem[]> {
  const parsed = parseYamlMapping(fileText, stackFileName);
  if (!parsed.ok) return parsed;
  const mapping = parsed.value;
  const wrongVersion = checkVersion(mapping);
  if (wrongVersion !== null) return fail([wrongVersion]);
  const shape = stackSchema.safeParse(mapping.value);
  if (!shape.success)
    return fail(shape.error.issues.slice(0, maxProblems).map((issue) => shapeProblem(mapping, issue)));
  const problems = [...checkUnique(mapping, shape.data), ...checkFlags(mapping, shape.data)];
  if (problems.length > 0) return fail(problems.slice(0, maxProblems));
  return ok({ stack: toStack(shape.data), unknownKeys: unknownKeysOf(mapping, shape.data) });
}

const regenerate = stackWords.setUpAnew;

function checkVersion(mapping: YamlMapping): LocatedProblem | null {
  const version = Object.hasOwn(mapping.value, 'schema_version')
    ? mapping.value['schema_version']
    : undefined;
  if (version === stackSchemaVersion) return null;
  if (Object.keys(mapping.value).length === 0) {
    return locatedProblem(stackFileName, null, 'stack-empty', stackWords.fileEmpty, regenerate);
  }
  const sentence =
    version === undefined
      ? stackWords.versionMissing
      : stackWords.versionOther(quotable(version) ?? stackWords.somethingElse, stackSchemaVersion);
  return locatedProblem(
    stackFileName,
    mapping.positionOf(['schema_version']),
    'stack-version',
    sentence,
    regenerate,
  );
}

function toYamlPath(issuePath: readonly PropertyKey[]): YamlPath {
  return issuePath.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function shapeProblem(mapping: YamlMapping, issue: z.core.$ZodIssue): LocatedProblem {
  const where = toYamlPath(issue.path);
  const last = where[where.length - 1];
  const key = typeof last === 'string' ? quotableKey(last) : commonWords.unnamedHere;
  const shown = quotable(valueAt(mapping.value, where));
  const sentence =
    shown === null
      ? commonWords.mustBe(key, issue.message)
      : commonWords.isButMustBe(key, shown, issue.message);
  return stackProblem(mapping, where, 'stack-value', sentence);
}

function quotableKey(key: string): string {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(key) ? key : commonWords.unnamedHere;
}

function valueAt(value: unknown, where: YamlPath): unknown {
  return where.reduce<unknown>(
    (found, part) => (typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined),
    value,
  );
}

const correctIt = stackWords.correctLine;

function stackProblem(
  mapping: YamlMapping,
  where: YamlPath,
  code: string,
  sentence: string,
  hint = correctIt,
) {
  return locatedProblem(stackFileName, mapping.positionOf(where), code, sentence, hint);
}

function checkUnique(mapping: YamlMapping, shape: StackShape): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const names = new Set<string>();
  const ports = new Map<number, string>();
  for (const [index, tier] of shape.tiers.entries()) {
    if (names.has(tier.name)) {
      const sentence = stackWords.twoTiersOfName(tier.name);
      problems.push(
        stackProblem(mapping, ['tiers', index, 'name'], 'duplicate-tier', sentence, stackWords.renameOne),
      );
    }
    const holder = ports.get(tier.port);
    if (holder !== undefined) {
      const sentence = stackWords.portTakenByTier(tier.port, holder);
      problems.push(
        stackProblem(mapping, ['tiers', index, 'port'], 'duplicate-port', sentence, stackWords.ownPortEach),
      );
    }
    names.add(tier.name);
    ports.set(tier.port, tier.name);
  }
  return problems;
}

function checkFlags(mapping: YamlMapping, shape: StackShape): LocatedProblem[] {
  return shape.tiers.flatMap((_tier, index) => {
    const where = ['tiers', index, 'vllm_flags'];
    const raw = valueAt(mapping.value, where);
    const keys = isRecord(raw) ? Object.keys(raw) : [];
    if (keys.length > maxFlags) {
      return [stackProblem(mapping, where, 'engine-option', stackWords.tooManyOptions(maxFlags))];
    }
    const seen = new Set<string>();
    return keys.flatMap((key) => {
      const wrong = whyFlagIsWrong(key, seen);
      seen.add(optionName(key));
      if (wrong === null) return [];
      const position = mapping.keyPositionOf([...where, key]);
      return [locatedProblem(stackFileName, position, 'engine-option', wrong, commonWords.removeLine)];
    });
  });
}

function whyFlagIsWrong(key: string, seen: ReadonlySet<string>): string | null {
  if (!flagNamePattern.test(key) || key.length > maxFlagNameLength) {
    return stackWords.optionNameForm;
  }
  if (seen.has(optionName(key))) return stackWords.optionThereTwice(key);
  const owner = whyOwned(key);
  return owner === null ? null : stackWords.optionNotSetHere(key, owner);
}

function toStack(shape: StackShape): Stack {
  const cloud = shape.cloud_fallback;
  return {
    name: shape.name ?? 'default',
    hardwareProfile: shape.hardware_profile ?? null,
    intent: shape.intent ?? null,
    created: shape.created ?? null,
    tiers: shape.tiers.map(toTier),
    cloudFallback: cloud ? { provider: cloud.provider, models: cloud.models } : null,
  };
}

function toTier(shape: TierShape): Tier {
  return {
    name: shape.name,
    model: shape.model,
    quant: shape.quant ?? null,
    source: shape.source,
    port: shape.port,
    flags: new Map<string, FlagValue>(
      Object.entries(shape.vllm_flags ?? {}).map(([key, value]) => [optionName(key), value]),
    ),
    displayName: shape.display_name ?? null,
    context: shape.context ?? null,
  };
}

const stackKeys = ['schema_version', ...Object.keys(stackSchema.shape)];
const tierKeys = Object.keys(tierSchema.shape);
const maxUnknownKeys = 20;

function unknownKeysOf(mapping: YamlMapping, shape: StackShape): LocatedProblem[] {
  const found: [YamlPath, readonly string[]][] = [
    ...unknownIn(mapping.value, stackKeys).map((key): [YamlPath, readonly string[]] => [[key], stackKeys]),
    ...shape.tiers.flatMap((tier, index) =>
      unknownIn(tier, tierKeys).map((key): [YamlPath, readonly string[]] => [
        ['tiers', index, key],
        tierKeys,
      ]),
    ),
  ];
  return found.slice(0, maxUnknownKeys).map(([where, known]) => {
    const key = String(where[where.length - 1]);
    const nearest = nearestName(key, known);
    return locatedProblem(
      stackFileName,
      mapping.keyPositionOf(where),
      'unknown-stack-key',
      stackWords.unknownKeyKept(quotable(key) ?? commonWords.unnamedHere),
      nearest === null ? undefined : commonWords.didYouMean(nearest),
    );
  });
}

function unknownIn(value: object, known: readonly string[]): string[] {
  return Object.keys(value).filter((key) => !known.includes(key));
}

/** The file with another port for one tier, and otherwise byte for byte as it was. */
export function setTierPort(fileText: string, tierName: string, port: number): Result<string> {
  return setTierNumber(fileText, tierName, 'port', port);
}

/** The file with another longest context for one tier; all else, comments too, stays. */
export function setTierContext(fileText: string, tierName: string, tokens: number): Result<string> {
  return setTierNumber(fileText, tierName, 'context', tokens);
}

function setTierNumber(
  fileText: string,
  tierName: string,
  key: 'port' | 'context',
  value: number,
): Result<string> {
  const parsed = parseYamlMapping(fileText, stackFileName);
  if (!parsed.ok) return fail(firstProblem(parsed.error));
  const stack = parseStack(fileText);
  if (!stack.ok) return fail(firstProblem(stack.error));
  const index = stack.value.stack.tiers.findIndex((tier) => tier.name === tierName);
  if (index === -1) return fail(unknownTier(stack.value.stack, tierName));
  const changed = setYamlValue(parsed.value, ['tiers', index, key], value);
  if (!changed.ok) return changed;
  const valid = parseStack(changed.value);
  return valid.ok ? changed : fail(firstProblem(valid.error));
}

export function unknownTier({ tiers }: Stack, name: string | null): Problem {
  const names = tiers.map((tier) => tier.name).join(', ');
  const shown = quotable(name) ?? commonWords.ofThatName;
  return problem('unknown-tier', commonWords.noTier(shown), commonWords.tiersAre(names));
}

/** Of what is wrong with a stack file. */
export function firstProblem(problems: readonly LocatedProblem[]): Problem {
  return problems[0]?.problem ?? problem('stack-value', stackWords.unreadable(stackFileName));
}
