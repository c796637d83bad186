/**
 * Which output parsers of vllm-mlx a model needs for tool calls and thinking, told from its repository name.
 *
 * Sources: the parsers registered in vllm-mlx (tool_parsers/*, reasoning/__init__.py, August 2026) and the models'
 * own cards. Both options are argparse choices: a name that vllm-mlx does not know ends it with a usage error, so a
 * family without a parser there gets none.
 */

export interface ModelParsers {
  /** For `--tool-call-parser`, or `null`. */
  readonly tool: string | null;
  /** For `--reasoning-parser`, or `null`. */
  readonly reasoning: string | null;
}

interface Family extends ModelParsers {
  readonly name: RegExp;
}

const none: ModelParsers = { tool: null, reasoning: null };

/** The first that matches the last part of the repository name counts. */
const families: readonly Family[] = [
  /** Coder models do not think; the 480B and 30B ones and Next write calls as XML, which both names parse alike. */
  { name: /^qwen3-coder-next\b/, tool: 'qwen3_xml', reasoning: null },
  { name: /^qwen3-coder\b/, tool: 'qwen3_coder', reasoning: null },
  /** 3.6 mixture-of-experts: documented with the Coder's name of the same parser. */
  { name: /^qwen3\.6-\d+b-a\d+b\b/, tool: 'qwen3_coder', reasoning: 'qwen3' },
  /** 3.5 and later write XML calls; the hermes parser expects JSON and finds nothing. */
  { name: /^qwen3\.[5-9]\b/, tool: 'qwen3_xml', reasoning: 'qwen3' },
  /** The 2507 instruct models have no thinking mode. */
  { name: /^qwen3-.*\binstruct\b/, tool: 'hermes', reasoning: null },
  { name: /^qwen3-\d/, tool: 'hermes', reasoning: 'qwen3' },
  { name: /^(meta-)?llama-3\b/, tool: 'llama', reasoning: null },
  { name: /^gemma-4\b/, tool: 'gemma4', reasoning: 'gemma4' },
  { name: /^phi-4\b/, tool: 'hermes', reasoning: null },
  { name: /^gpt-oss\b/, tool: 'harmony', reasoning: 'harmony' },
  { name: /^(mistral|devstral|ministral)-/, tool: 'mistral', reasoning: null },
  { name: /^glm-4\.[5-7]\b/, tool: 'glm47', reasoning: 'glm4' },
  { name: /^deepseek-r1\b/, tool: null, reasoning: 'deepseek_r1' },
  { name: /^nvidia-nemotron-3\b/, tool: 'nemotron', reasoning: 'qwen3' },
  { name: /^minimax-m2\b/, tool: 'minimax', reasoning: null },
];

/** `source` is a repository id or a folder; quantisation and other suffixes do not matter. */
export function findParsers(source: string): ModelParsers {
  const parts = source.split('/').filter((part) => part !== '');
  const name = (parts[parts.length - 1] ?? '').toLowerCase();
  const { tool, reasoning } = families.find((family) => family.name.test(name)) ?? none;
  return { tool, reasoning };
}

/** Names that stack files of the CLI carry and that vllm-mlx has no more. */
const renamedToolParsers: ReadonlyMap<string, string> = new Map([['llama3_json', 'llama']]);
const renamedReasoningParsers: ReadonlyMap<string, string> = new Map([['nemotron', 'qwen3']]);

export const currentToolParser = (name: string) => renamedToolParsers.get(name) ?? name;
export const currentReasoningParser = (name: string) => renamedReasoningParsers.get(name) ?? name;
