/** What crosses to the window of the plan for this Mac, the way from it to a first answer, and later changes of the stack. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

const nothing = z.strictObject({});
const bytes = z.number().nonnegative();

export const intents = ['balanced', 'agent-fleet'] as const;
/** Not the rule for tier names itself: a bad one is answered with a sentence. */
const tierName = z.string().min(1).max(64);
const modelSource = z.string().min(1).max(1024);
const contextTokens = z.number().int().min(256).max(100_000_000);

const budget = {
  budgetBytes: bytes,
  /** `19.2 GB (40% of 48 GB)`. */
  budgetWords: z.string(),
};

/** One model of the stack as it is asked for. */
export const tierChoiceSchema = z.strictObject({
  name: tierName,
  /** Repository, or the folder of a model that is on this Mac. */
  repo: modelSource,
  /** `null`: what suits the Mac. */
  contextTokens: contextTokens.nullable(),
});
export type TierChoice = z.infer<typeof tierChoiceSchema>;
export const tiersMax = 16;

const speedSchema = z.strictObject({
  lowTps: z.number(),
  likelyTps: z.number(),
  highTps: z.number(),
  basis: z.enum(['measured', 'same-chip', 'scaled', 'formula']),
});

export const machineSchema = z.strictObject({
  chip: z.string(),
  gpuCores: z.number(),
  memoryBytes: bytes,
  bandwidthGbps: z.number(),
  gpuLimitBytes: bytes,
  /** The chip is not in the table, its figures are guessed. */
  isEstimate: z.boolean(),
  freeDiskBytes: bytes.nullable(),
});
export type Machine = z.infer<typeof machineSchema>;

const plannedModel = {
  repo: z.string(),
  modelName: z.string(),
  quant: z.string(),
  memoryBytes: bytes,
  speed: speedSchema,
};

export const plannedTierSchema = z.strictObject({
  name: tierName,
  ...plannedModel,
  contextTokens: z.number(),
  /** What may be chosen for it, ascending; the one in force is among them. */
  contextChoices: z.array(z.number()),
  weightsBytes: bytes,
  /** 0 where the model is on disk already. */
  downloadBytes: bytes,
  /** Why this one, in a sentence. */
  reason: z.string(),
  /** Why it cannot be as chosen. */
  problem: problemSchema.nullable(),
  /** Other models for the same place, the best first. */
  alternatives: z.array(z.strictObject({ ...plannedModel, sentence: z.string() })),
});
export type PlannedTier = z.infer<typeof plannedTierSchema>;

export const planSchema = z.strictObject({
  machine: machineSchema,
  budgetPct: z.number(),
  ...budget,
  usedBytes: bytes,
  downloadBytes: bytes,
  tiers: z.array(plannedTierSchema),
  /** Why a place has no model, each in a sentence. */
  notes: z.array(z.string()),
  /** Why it cannot be begun as it is: too large for the memory or the disk. */
  problem: problemSchema.nullable(),
});
export type SetupPlan = z.infer<typeof planSchema>;

export const setupSteps = ['engines', 'models', 'stack', 'start', 'answer'] as const;
export type SetupStepId = (typeof setupSteps)[number];

/** The part of the snapshot; it goes on whether a window is open or not. */
export const setupStatusSchema = z.strictObject({
  phase: z.enum(['idle', 'working', 'failed', 'done']),
  /** In order; empty while idle. */
  steps: z.array(
    z.strictObject({
      id: z.enum(setupSteps),
      state: z.enum(['waiting', 'working', 'done', 'failed']),
      /** In words: "2 of 3 models, 4.1 of 18.2 GB". */
      detail: z.string(),
      fraction: z.number().min(0).max(1).nullable(),
    }),
  ),
  /** The first answer as far as it has come. */
  answer: z
    .strictObject({
      tier: z.string(),
      question: z.string(),
      text: z.string(),
      tokensPerSecond: z.number().nullable(),
      isComplete: z.boolean(),
    })
    .nullable(),
  problem: problemSchema.nullable(),
});
export type SetupStatus = z.infer<typeof setupStatusSchema>;

/** What a choice for one place of the stack in force would come to. */
export const tierWeightSchema = z.strictObject({
  contextTokens: z.number(),
  /** What may be chosen, ascending; one that the GPU could not hold even alone does not fit. */
  contexts: z.array(z.strictObject({ tokens: z.number(), memoryBytes: bytes, fits: z.boolean() })),
  memoryBytes: bytes,
  /** Of all models of the stack, this one with them. */
  sumBytes: bytes,
  ...budget,
  gpuLimitBytes: bytes,
  /** Why it would be refused. */
  problem: problemSchema.nullable(),
  /** It can be had, but may not start, or crowds out others. */
  warning: problemSchema.nullable(),
});
export type TierWeight = z.infer<typeof tierWeightSchema>;

/** What a model that runs was measured at. */
export const measuredSpeedSchema = z.strictObject({
  tokensPerSecond: z.number().positive(),
  /** The sample's standard deviation, in tokens per second. */
  spread: z.number().nonnegative(),
  answers: z.number().int().positive(),
  /** Plans use it from now on. */
  isKept: z.boolean(),
});
export type MeasuredSpeed = z.infer<typeof measuredSpeedSchema>;

const tierChoices = z.array(tierChoiceSchema).min(1).max(tiersMax);
const wish = {
  intent: z.enum(intents),
  /** `null`: the one of the config. */
  budgetPct: z.number().int().min(1).max(100).nullable(),
};

export const setupCommands = {
  /** The plan for this Mac; with `tiers`, what those choices would come to instead. */
  'setup.plan': {
    input: z.strictObject({ ...wish, tiers: tierChoices.nullable() }),
    output: planSchema,
  },
  /** Engines, models, stack file, start, first answer; told by the status. */
  'setup.begin': {
    input: z.strictObject({ ...wish, tiers: tierChoices }),
    output: nothing,
  },
  /** What was downloaded stays. */
  'setup.cancel': { input: nothing, output: nothing },
  /** Goes on where it failed. */
  'setup.retry': { input: nothing, output: nothing },
  /** Puts the finished or failed setup away. */
  'setup.finish': { input: nothing, output: nothing },
  /** Changes of the stack in force: only the services that they concern are restarted. A model that lacks is downloaded. */
  'stack.addTier': { input: tierChoiceSchema, output: nothing },
  'stack.removeTier': { input: z.strictObject({ name: tierName }), output: nothing },
  'stack.renameTier': { input: z.strictObject({ name: tierName, newName: tierName }), output: nothing },
  'stack.swapModel': { input: tierChoiceSchema, output: nothing },
  'stack.setContext': { input: z.strictObject({ name: tierName, contextTokens }), output: nothing },
  /** Changes nothing: what `addTier`, `swapModel` or `setContext` would come to. */
  'stack.weighTier': {
    input: z.strictObject({
      /** The one that is to change; `null`: one more. */
      tier: tierName.nullable(),
      /** `null`: the model that it has. */
      repo: modelSource.nullable(),
      contextTokens: contextTokens.nullable(),
    }),
    output: tierWeightSchema,
  },
  /** Asks a model that runs for a few answers; it takes as long as they do. */
  'stack.measureSpeed': { input: z.strictObject({ name: tierName }), output: measuredSpeedSchema },
} as const;
