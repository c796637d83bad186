/** What is remembered of one cloud request: figures, never words. */
import * as z from 'zod';

const usageOutcomes = ['answered', 'failed', 'cancelled'] as const;

const count = z.number().int().min(0).max(1e12);
const milliseconds = z.number().min(0).max(1e9);

export const usageRecordSchema = z.object({
  kind: z.literal('request'),
  /** Epoch milliseconds. */
  at: z.number().min(0).max(8.64e15),
  /** As it was asked for. */
  model: z.string().min(1).max(256),
  /** As OpenRouter named it in the answer. */
  answeredBy: z.string().max(256).nullable(),
  outcome: z.enum(usageOutcomes),
  status: z.number().int(),
  promptTokens: count,
  completionTokens: count,
  costUsd: z.number().min(0).max(1e6),
  /** OpenRouter did not say what it cost; this is our own reckoning. */
  estimated: z.boolean(),
  /** Until the first byte of the answer; `null` when none came. */
  firstByteMs: milliseconds.nullable(),
  totalMs: milliseconds,
});
export type UsageRecord = z.infer<typeof usageRecordSchema>;
