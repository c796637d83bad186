/** What a plan is made from and what it says. Types only. */
import type { CatalogueEntry, ModelSource, Quant } from '../catalogue/entry.ts';
import type { TierMemory } from '../stack/memory.ts';

export const intents = ['balanced', 'agent-fleet'] as const;
export type Intent = (typeof intents)[number];

/** What makes one model better than another: the quality of its answers, or the mlx-stack CLI's formula. */
export const rankings = ['quality', 'cli'] as const;
export type Ranking = (typeof rankings)[number];

export interface PlanMachine {
  /** `Apple M4 Pro`. */
  readonly chip: string;
  readonly profileId: string;
  readonly totalBytes: number;
  /** What the GPU may use of it. */
  readonly gpuLimitBytes: number;
  readonly bandwidthGbps: number;
}

/** A figure that was measured on this Mac. */
export interface MeasuredHere {
  readonly repo: string;
  readonly quant: Quant;
  readonly genTps: number;
  /** Highest use of memory, and the length of the conversation at that moment; `null` where not recorded. */
  readonly peakMemoryBytes: number | null;
  readonly peakTokens: number | null;
}

export interface PlanRequest {
  readonly machine: PlanMachine;
  readonly intent: Intent;
  readonly ranking: Ranking;
  /** Share of the memory that models may have, 1 to 100. */
  readonly budgetPct: number;
  /** The finest quantisation wanted. */
  readonly quant: Quant;
  readonly models: readonly CatalogueEntry[];
  readonly measured: readonly MeasuredHere[];
  /** Of earlier conversations, where the stack file has its own for the place that is planned. */
  readonly promptCacheBytes?: number | undefined;
}

export type SpeedBasis =
  /** On this Mac. */
  | 'measured'
  /** On another Mac with this chip. */
  | 'same-chip'
  /** On another chip, and scaled by the memory bandwidth. */
  | 'scaled'
  /** From size and bandwidth alone. */
  | 'formula';

/** Tokens per second that one answer is written with. */
export interface Speed {
  readonly lowTps: number;
  readonly likelyTps: number;
  readonly highTps: number;
  readonly basis: SpeedBasis;
}

export type Role = 'standard' | 'fast' | 'longctx';

export interface PlannedTier {
  readonly role: Role;
  readonly model: CatalogueEntry;
  readonly source: ModelSource;
  readonly contextTokens: number;
  readonly memory: TierMemory;
  readonly speed: Speed;
  /** Why this one, in a sentence. */
  readonly reason: string;
}

/** The models of a plan, by whichever ranking. */
export interface Choice {
  /** `standard` first; together within the budget. */
  readonly tiers: readonly PlannedTier[];
  /** Why a role has no model, each in a sentence. */
  readonly notes: readonly string[];
}

export type Verdict = 'chosen' | 'fits' | 'too-large' | 'too-slow' | 'no-tools' | 'not-recommended';

/** What this Mac makes of a model, chosen or not. */
export interface ModelVerdict {
  readonly modelId: string;
  readonly verdict: Verdict;
  readonly sentence: string;
}

export interface Budget {
  readonly bytes: number;
  /** Which of the two bounds it is. */
  readonly bound: 'budget' | 'gpu-limit';
  /** In words: `20.6 GB (40% of 51.5 GB)`. */
  readonly words: string;
}

export interface Plan extends Choice {
  readonly budget: Budget;
  readonly usedBytes: number;
  /** One for each model of the request, in its order. */
  readonly verdicts: readonly ModelVerdict[];
}
