import { beforeAll, expect, test } from 'vitest';
import type { Catalogue } from '../../../src-main/catalogue/load.ts';
import { makePlan } from '../../../src-main/planner/plan.ts';
import type { Intent } from '../../../src-main/planner/types.ts';
import { stackText } from '../../../src-main/stack/new-stack.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import { tierMemoryOf } from '../../../src-main/stack/tier-arguments.ts';
import { loadShipped, machineOf, requestFor, sold } from '../planner/machines.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadShipped();
});

function plannedStack(chip: string, cores: number, memoryGb: number, intent: Intent) {
  const machine = machineOf(chip, cores, memoryGb);
  const plan = makePlan(requestFor(catalogue, machine, intent));
  if (!plan.ok) throw new Error(plan.error.message);
  const text = stackText({
    profileId: machine.profileId,
    intent,
    createdAtMs: Date.parse('2026-11-22T10:00:00Z'),
    tiers: plan.value.tiers.map(({ role, model, source, contextTokens }, index) => ({
      name: role,
      model: model.id,
      displayName: model.name,
      quant: source.quant,
      source: source.repo,
      contextTokens,
      port: 8000 + index,
    })),
  });
  return { text, machine, tiers: plan.value.tiers };
}

test('the file says what was planned', () => {
  expect(plannedStack('Apple M4 Max', 40, 64, 'balanced').text).toBe(
    `# MLX Stack: one tier per model. Changes made here are taken up at once.
schema_version: 1
name: default
hardware_profile: m4-max-64
intent: balanced
created: 2026-11-22T10:00:00.000Z
tiers:
  - name: standard
    model: qwen3.8-27b
    display_name: Qwen3.8 27B
    quant: int4
    source: mlx-community/Qwen3.8-27B-4bit
    port: 8000
    context: 16384
    vllm_flags:
      enable_auto_tool_choice: true
      tool_call_parser: qwen3_xml
      reasoning_parser: qwen3
  - name: fast
    model: qwen3.5-4b
    display_name: Qwen3.5 4B
    quant: int4
    source: mlx-community/Qwen3.5-4B-MLX-4bit
    port: 8001
    context: 32768
    vllm_flags:
      enable_auto_tool_choice: true
      tool_call_parser: qwen3_xml
      reasoning_parser: qwen3
`,
  );
});

test('for every Mac it parses, and starting it needs exactly the memory that was planned', () => {
  for (const [chip, cores, sizes] of sold) {
    for (const memoryGb of sizes) {
      for (const intent of ['balanced', 'agent-fleet'] as const) {
        const { text, machine, tiers } = plannedStack(chip, cores, memoryGb, intent);
        const parsed = parseStack(text);
        if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
        expect(parsed.value.unknownKeys).toEqual([]);
        for (const [index, tier] of parsed.value.stack.tiers.entries()) {
          const planned = tiers[index];
          if (planned === undefined) throw new Error('a tier too many');
          const { contextTokens, kv, vocabularySize } = planned.model;
          const model = {
            folder: '/m',
            weightsBytes: planned.source.sizeBytes,
            contextTokens,
            kv,
            vocabularySize,
          };
          expect(tierMemoryOf(tier, model, machine.totalBytes)).toEqual(planned.memory);
          if (intent === 'agent-fleet') expect(tier.flags.get('tool-call-parser')).toBeTypeOf('string');
        }
      }
    }
  }
});
