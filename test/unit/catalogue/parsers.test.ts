/** Model families and the parsers that vllm-mlx takes for them. */
import { expect, test } from 'vitest';
import {
  currentReasoningParser,
  currentToolParser,
  findParsers,
} from '../../../src-main/catalogue/parsers.ts';
import { threadTimeMs } from '../../tools/thread-time.ts';

const rows: readonly (readonly [string, string | null, string | null])[] = [
  ['Qwen3-0.6B-4bit', 'hermes', 'qwen3'],
  ['LFM2.5-1.2B-Instruct-4bit', null, null],
  ['Llama-3.2-1B-Instruct-4bit', 'llama', null],
  ['Qwen3-1.7B-4bit', 'hermes', 'qwen3'],
  ['Llama-3.2-3B-Instruct-4bit', 'llama', null],
  ['Qwen3-4B-Instruct-2507-4bit', 'hermes', null],
  ['Qwen3.5-4B-MLX-4bit', 'qwen3_xml', 'qwen3'],
  ['gemma-4-e2b-it-4bit', 'gemma4', 'gemma4'],
  ['gemma-4-e4b-it-4bit', 'gemma4', 'gemma4'],
  ['Qwen3-8B-4bit', 'hermes', 'qwen3'],
  ['Meta-Llama-3.1-8B-Instruct-4bit', 'llama', null],
  ['Qwen3.5-9B-4bit', 'qwen3_xml', 'qwen3'],
  ['Qwen3.5-9B-8bit', 'qwen3_xml', 'qwen3'],
  ['gemma-4-12B-it-4bit', 'gemma4', 'gemma4'],
  ['phi-4-4bit', 'hermes', null],
  ['gpt-oss-20b-MXFP4-Q8', 'harmony', 'harmony'],
  ['Mistral-Small-3.1-24B-Instruct-2503-4bit', 'mistral', null],
  ['Devstral-Small-2-24B-Instruct-2512-4bit', 'mistral', null],
  ['gemma-4-26b-a4b-it-4bit', 'gemma4', 'gemma4'],
  ['Qwen3.5-27B-4bit', 'qwen3_xml', 'qwen3'],
  ['Qwen3.6-27B-4bit', 'qwen3_xml', 'qwen3'],
  ['Qwen3.8-27B-4bit', 'qwen3_xml', 'qwen3'],
  ['GLM-4.7-Flash-4bit', 'glm47', 'glm4'],
  ['Qwen3-Coder-30B-A3B-Instruct-4bit', 'qwen3_coder', null],
  ['NVIDIA-Nemotron-3.5-Lightning-30B-A3B-4bit', 'nemotron', 'qwen3'],
  ['gemma-4-31b-it-4bit', 'gemma4', 'gemma4'],
  ['Qwen3.6-35B-A3B-4bit', 'qwen3_coder', 'qwen3'],
  ['Qwen3-Coder-Next-4bit', 'qwen3_xml', null],
  ['GLM-4.5-Air-4bit', 'glm47', 'glm4'],
  ['gpt-oss-120b-MXFP4-Q8', 'harmony', 'harmony'],
  ['Mistral-Small-4-119B-2603-4bit', 'mistral', null],
  ['DeepSeek-V4-Flash-2bit-DQ', null, null],
  ['Qwen3.5-122B-A10B-6bit', 'qwen3_xml', 'qwen3'],
  ['MiniMax-M2.7-4bit-mxfp4', 'minimax', null],
  ['DeepSeek-R1-0528-Qwen3-8B-4bit', null, 'deepseek_r1'],
  ['Qwen3-Embedding-0.6B-4bit', null, null],
];

test.each(rows)('%s: tool parser %s, reasoning parser %s', (name, tool, reasoning) => {
  expect(findParsers(`mlx-community/${name}`)).toEqual({ tool, reasoning });
  expect(findParsers(`/Volumes/Models/${name}/`)).toEqual({ tool, reasoning });
});

/** The choices that vllm-mlx registers; any other value ends it with a usage error. */
const toolChoices = [
  'gemma4',
  'glm47',
  'harmony',
  'hermes',
  'llama',
  'minimax',
  'mistral',
  'nemotron',
  'qwen3_coder',
  'qwen3_xml',
];
const reasoningChoices = ['deepseek_r1', 'gemma4', 'glm4', 'harmony', 'qwen3'];

test('only parsers that vllm-mlx registers are ever named', () => {
  for (const [name] of rows) {
    const { tool, reasoning } = findParsers(name);
    if (tool !== null) expect(toolChoices).toContain(tool);
    if (reasoning !== null) expect(reasoningChoices).toContain(reasoning);
  }
});

test('the names of parsers in old stack files are replaced by the present ones', () => {
  expect(currentToolParser('llama3_json')).toBe('llama');
  expect(currentToolParser('hermes')).toBe('hermes');
  expect(currentReasoningParser('nemotron')).toBe('qwen3');
  expect(currentReasoningParser('qwen3')).toBe('qwen3');
});

test('a hostile name costs no time and gets no parser', () => {
  const started = threadTimeMs();
  for (const name of ['', '/', '//', '../..', `qwen3-${'-'.repeat(100_000)}`, 'a'.repeat(100_000)]) {
    expect(findParsers(name)).toEqual({ tool: null, reasoning: null });
  }
  expect(threadTimeMs() - started).toBeLessThan(1000);
});
