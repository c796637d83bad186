/** The text of a new stack file, which the CLI reads as well. Pure. */
import { stringify } from 'yaml';
import { findParsers } from '../catalogue/parsers.ts';
import { stackWords } from '../words/index.ts';

export interface NewTier {
  readonly name: string;
  /** What the CLI calls the model. */
  readonly model: string;
  readonly displayName: string | null;
  readonly quant: string;
  /** Hugging Face repository, or the full path of a folder. */
  readonly source: string;
  /** The repository that a folder came from: its own name may not tell the model. */
  readonly repo?: string | undefined;
  readonly contextTokens: number;
  readonly port: number;
}

export interface NewStack {
  readonly profileId: string;
  readonly intent: string;
  readonly createdAtMs: number;
  readonly tiers: readonly NewTier[];
}

const header = stackWords.stackFileHeader;

/**
 * Parsers stand in the file although the app would find them: the CLI does not. Batching of requests is not asked for,
 * as in the CLI's own setup, for as long as vllm-mlx #211 is open.
 */
export function stackText(stack: NewStack): string {
  const document = {
    schema_version: 1,
    name: 'default',
    hardware_profile: stack.profileId,
    intent: stack.intent,
    created: new Date(stack.createdAtMs).toISOString(),
    tiers: stack.tiers.map(tierFields),
  };
  return header + stringify(document, { lineWidth: 0 });
}

/** A tier as it stands in the file. */
export function tierFields(tier: NewTier) {
  return { name: tier.name, ...modelFields(tier), port: tier.port, ...choiceFields(tier) };
}

/** What changes with the model, all but its options. */
export function modelFields(tier: Omit<NewTier, 'name' | 'port'>) {
  return {
    model: tier.model,
    ...(tier.displayName === null ? {} : { display_name: tier.displayName }),
    quant: tier.quant,
    source: tier.source,
  };
}

const choiceFields = (tier: NewTier) => ({ context: tier.contextTokens, vllm_flags: parserFlags(tier) });

export function parserFlags({
  source,
  repo,
}: Pick<NewTier, 'source' | 'repo'>): Record<string, string | boolean> {
  const { tool, reasoning } = findParsers(repo ?? source);
  return {
    ...(tool === null ? {} : { enable_auto_tool_choice: true, tool_call_parser: tool }),
    ...(reasoning === null ? {} : { reasoning_parser: reasoning }),
  };
}
