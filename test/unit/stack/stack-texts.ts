/** Stack files for tests. */

/** As the CLI's catalogue path writes it (PyYAML, keys in the order of its code). */
export const cliStack = `schema_version: 1
hardware_profile: m4-max-128
name: default
intent: balanced
created: '2026-04-02T10:11:12.345678+00:00'
tiers:
- name: standard
  model: qwen3.5-9b
  quant: int4
  source: mlx-community/Qwen3.5-9B-4bit
  port: 8000
  vllm_flags:
    continuous_batching: true
    use_paged_cache: true
    enable_auto_tool_choice: true
    tool_call_parser: hermes
    reasoning_parser: qwen3
- name: fast
  model: Qwen3 0.6B
  quant: int4
  source: mlx-community/Qwen3-0.6B-4bit
  port: 8001
  vllm_flags:
    use_paged_cache: true
    enable_auto_tool_choice: true
- name: added-1
  model: llama3.2-3b
  quant: int8
  source: mlx-community/Llama-3.2-3B-Instruct-8bit
  port: 8002
  vllm_flags: {}
cloud_fallback:
  provider: openrouter
  models:
  - openai/gpt-4o
  - anthropic/claude-sonnet-4-20250514
`;

export interface TierText {
  readonly name?: string;
  readonly model?: string;
  readonly source?: string;
  readonly port?: number | string;
  readonly rest?: string;
}

/** A stack of the given tiers; values are YAML text. */
export function stackOf(...tiers: readonly TierText[]): string {
  const lines = tiers.map(
    (tier, index) =>
      `- name: ${tier.name ?? `tier-${index + 1}`}\n  model: ${tier.model ?? 'some model'}\n  source: ${
        tier.source ?? 'mlx-community/Qwen3-0.6B-4bit'
      }\n  port: ${tier.port ?? 8000 + index}\n${tier.rest ?? ''}`,
  );
  return `schema_version: 1\nname: default\ntiers:\n${lines.join('')}`;
}
