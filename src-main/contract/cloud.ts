/** What the window and the menu may know of the cloud: never the key itself, only its last four characters. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

export const cloudPrivacies = ['zero-retention', 'no-training', 'any'] as const;
export const secretStates = ['present', 'absent', 'denied', 'locked', 'unavailable'] as const;

/** Why a request would go to the cloud now, or would not; the first that applies. */
export const cloudConditions = [
  /** The relay has no port. */
  'unavailable',
  'no-key',
  'off',
  'local-only',
  'cap-daily',
  'cap-monthly',
  'ready',
] as const;
export type CloudCondition = (typeof cloudConditions)[number];

const count = z.number().int();
const figuresSchema = z.strictObject({
  requests: count,
  failed: count,
  promptTokens: count,
  completionTokens: count,
  costUsd: z.number(),
  /** The part of the cost that OpenRouter did not name and is our own reckoning. */
  estimatedUsd: z.number(),
  /** Mean wait for the first byte of an answer; `null` without one. */
  firstByteMs: z.number().nullable(),
});
export type CloudFigures = z.infer<typeof figuresSchema>;

const accountSchema = z.strictObject({
  label: z.string(),
  /** Dollars; `null` where the key has no limit of its own. */
  limitUsd: z.number().nullable(),
  limitLeftUsd: z.number().nullable(),
  limitReset: z.string().nullable(),
  usageUsd: z.number(),
  freeTier: z.boolean(),
  /** ISO 8601. */
  expiresAt: z.string().nullable(),
});

/** A model of OpenRouter's list; prices in dollars per million tokens, `null` where they vary or are not known. */
export const cloudModelSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  contextTokens: z.number().nullable(),
  promptUsdPerMillion: z.number().nullable(),
  completionUsdPerMillion: z.number().nullable(),
});
export type CloudModelEntry = z.infer<typeof cloudModelSchema>;

export const cloudStatusSchema = z.strictObject({
  condition: z.enum(cloudConditions),
  key: z.strictObject({
    state: z.enum(secretStates),
    last4: z.string().nullable(),
    /** When OpenRouter last said that the key is good. */
    checkedAt: z.number().nullable(),
    /** Why there is none, or why OpenRouter refused it. */
    problem: problemSchema.nullable(),
  }),
  account: accountSchema.nullable(),
  enabled: z.boolean(),
  localOnly: z.boolean(),
  dailyCapUsd: z.number().nullable(),
  monthlyCapUsd: z.number().nullable(),
  privacy: z.enum(cloudPrivacies),
  usage: z.strictObject({
    today: figuresSchema,
    month: figuresSchema,
    /** This month, the dearest first. */
    byModel: z.array(z.strictObject({ model: z.string(), today: figuresSchema, month: figuresSchema })),
    /** The last 30 days, oldest first. */
    days: z.array(z.strictObject({ day: z.string(), requests: count, costUsd: z.number() })),
  }),
  /** The chosen models in order; the first answers to `premium`. `listed` is `null` while the list is not known. */
  models: z.array(cloudModelSchema.extend({ listed: z.boolean().nullable() })),
  signIn: z.strictObject({ waiting: z.boolean(), problem: problemSchema.nullable() }),
  /** What OpenRouter refused most recently, until it answers again. */
  trouble: problemSchema.nullable(),
});
export type CloudStatus = z.infer<typeof cloudStatusSchema>;

/** The highest cap that can be set; whoever spends more wants none. */
export const capMaxUsd = 100_000;
export const chosenModelsMax = 20;
