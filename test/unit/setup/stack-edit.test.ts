/** Edits of the stack file keep what is not theirs; hostile names are refused, or come out as they went in. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Result } from '../../../src-main/contract/result.ts';
import { addTier, removeTier, renameTier, swapModel } from '../../../src-main/setup/stack-edit.ts';
import type { NewTier } from '../../../src-main/stack/new-stack.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import { hostileName, pick, seeded } from './seeded.ts';

const file = `# my stack
schema_version: 1
name: default
future_key: {kept: true} # of a later version
tiers: # the models
  # the good one
  - name: standard # clients say so
    model: qwen3.5-9b
    display_name: Qwen3.5 9B
    quant: int4
    source: mlx-community/Qwen3.5-9B-4bit
    port: 8000
    note: mine
    vllm_flags:
      enable-auto-tool-choice: true # agents
      tool_call_parser: qwen3_xml
      reasoning_parser: qwen3
      max_tokens: 1000 # short
  # the quick one
  - name: fast
    model: qwen3-0.6b
    quant: int4
    source: mlx-community/Qwen3-0.6B-4bit
    port: 8001
# the end
`;

const newTier: NewTier = {
  name: 'extra',
  model: 'llama-3.2-1b-instruct',
  displayName: 'Llama 3.2 1B Instruct',
  quant: 'int4',
  source: 'mlx-community/Llama-3.2-1B-Instruct-4bit',
  contextTokens: 8192,
  port: 8002,
};

function edited(result: Result<string>): string {
  if (!result.ok) throw new Error(result.error.message);
  expect(parseStack(result.value).ok).toBe(true);
  return result.value;
}
const refusal = (result: Result<string>) => (result.ok ? null : result.error.code);
const comments = (text: string) => text.match(/#.*$/gm) ?? [];
const lines = (text: string) => text.split('\n');

describe('the stack file', () => {
  it('gets a tier at its end and stays as it is otherwise', () => {
    const text = edited(addTier(file, newTier));
    expect(lines(text).filter((line) => !lines(file).includes(line))).toEqual([
      '  - name: extra',
      '    model: llama-3.2-1b-instruct',
      '    display_name: Llama 3.2 1B Instruct',
      '    source: mlx-community/Llama-3.2-1B-Instruct-4bit',
      '    port: 8002',
      '    context: 8192',
      '      enable_auto_tool_choice: true',
      '      tool_call_parser: llama',
    ]);
    expect(lines(file).filter((line) => !lines(text).includes(line))).toEqual([]);
    expect(text.endsWith('# the end\n')).toBe(true);
  });

  it('loses a tier with its lines and nothing else', () => {
    const text = edited(removeTier(file, 'standard'));
    expect(parse(text).tiers.map(({ name }: { name: string }) => name)).toEqual(['fast']);
    expect(text).toBe(
      file.slice(0, file.indexOf('  - name: standard')) + file.slice(file.indexOf('  # the quick one')),
    );
    expect(edited(removeTier(file, 'fast'))).toBe(
      `${file.slice(0, file.indexOf('  - name: fast'))}# the end\n`,
    );
  });

  it('renames a tier in its place', () => {
    expect(edited(renameTier(file, 'standard', 'smart'))).toBe(
      file.replace('name: standard # clients', 'name: smart # clients'),
    );
    expect(edited(renameTier(file, 'fast', 'fast'))).toBe(file);
  });

  it('takes another model: its parsers come, the old ones go, all other options and keys stay', () => {
    const { name: _name, port: _port, ...model } = newTier;
    const text = edited(swapModel(file, 'standard', model));
    expect(parse(text).tiers[0]).toEqual({
      name: 'standard',
      model: 'llama-3.2-1b-instruct',
      display_name: 'Llama 3.2 1B Instruct',
      quant: 'int4',
      source: 'mlx-community/Llama-3.2-1B-Instruct-4bit',
      port: 8000,
      note: 'mine',
      context: 8192,
      vllm_flags: { enable_auto_tool_choice: true, tool_call_parser: 'llama', max_tokens: 1000 },
    });
    expect(parse(text).tiers[1]).toEqual(parse(file).tiers[1]);
    expect(comments(text)).toEqual(comments(file).filter((comment) => comment !== '# agents'));
  });

  it('of a model without parsers keeps none of the old one, and no empty list of options', () => {
    const plain = { ...newTier, source: 'org/unheard-of-4bit', model: 'unheard-of', displayName: null };
    const text = edited(swapModel(file, 'standard', plain));
    expect(parse(text).tiers[0].vllm_flags).toEqual({ max_tokens: 1000 });
    expect(parse(text).tiers[0]).not.toHaveProperty('display_name');
    const only = file.replace(/ {6}max_tokens.*\n/, '');
    expect(parse(edited(swapModel(only, 'standard', plain))).tiers[0]).not.toHaveProperty('vllm_flags');
  });

  it('gives a tier without options those of its new model', () => {
    const text = edited(swapModel(file, 'fast', newTier));
    expect(parse(text).tiers[1].vllm_flags).toEqual({
      enable_auto_tool_choice: true,
      tool_call_parser: 'llama',
    });
    expect(comments(text)).toEqual(comments(file));
  });

  it('tells the parsers of a folder by the repository it came from', () => {
    const folder = { ...newTier, source: '/cache/snapshots/0123abcd', repo: 'mlx-community/Qwen3.5-9B-4bit' };
    const text = edited(addTier(file, folder));
    expect(parse(text).tiers[2]).toMatchObject({
      source: '/cache/snapshots/0123abcd',
      vllm_flags: { tool_call_parser: 'qwen3_xml', reasoning_parser: 'qwen3' },
    });
  });

  it('with the same model takes another context only', () => {
    const same = { ...newTier, source: 'mlx-community/Qwen3.5-9B-4bit', contextTokens: 65_536 };
    const text = edited(swapModel(file, 'standard', same));
    expect(lines(text).filter((line) => !lines(file).includes(line))).toEqual(['    context: 65536']);
    expect(edited(swapModel(text, 'standard', same))).toBe(text);
  });

  it('refuses what cannot be', () => {
    expect(refusal(addTier(file, { ...newTier, name: 'fast' }))).toBe('tier-name-taken');
    expect(refusal(addTier(file, { ...newTier, name: 'gateway' }))).toBe('tier-name-reserved');
    expect(refusal(addTier(file, { ...newTier, port: 8000 }))).toBe('duplicate-port');
    expect(refusal(addTier(file, { ...newTier, source: '../x' }))).toBe('stack-value');
    expect(refusal(removeTier(file, 'none'))).toBe('unknown-tier');
    expect(refusal(removeTier(edited(removeTier(file, 'fast')), 'standard'))).toBe('last-tier');
    expect(refusal(renameTier(file, 'none', 'x'))).toBe('unknown-tier');
    expect(refusal(renameTier(file, 'fast', 'standard'))).toBe('tier-name-taken');
    expect(refusal(swapModel(file, 'none', newTier))).toBe('unknown-tier');
    expect(refusal(addTier('tiers: 5\n', newTier))).toBe('stack-version');
  });

  it('has at most sixteen tiers', () => {
    let text = file;
    for (let index = 2; index < 16; index += 1)
      text = edited(addTier(text, { ...newTier, name: `t${index}`, port: 9000 + index }));
    expect(refusal(addTier(text, { ...newTier, name: 'one-more', port: 9100 }))).toBe('too-many-tiers');
  });
});

describe('whatever is asked for', () => {
  const shapes = [
    file,
    file.replaceAll('\n', '\r\n'),
    'schema_version: 1\ntiers:\n- {name: standard, model: m, source: a/b, port: 8000}\n- name: fast\n  model: m\n  source: a/c\n  port: 8001',
    '{schema_version: 1, tiers: [{name: standard, model: m, source: a/b, port: 8000}, {name: fast, model: n, source: a/c, port: 8001}]} # one line\n',
    "schema_version: 1\ntiers:\n  -\n    name: 'standard'\n    model: >-\n      some\n      model\n    source: a/b\n    port: 8000\n    vllm_flags: {tool_call_parser: x}\n  - # second\n    name: fast\n    model: m\n    source: a/c\n    port: 8001\n...\n",
  ];

  it.each([1, 2, 3, 4, 5, 6])(
    'the file means exactly what was asked, or is not touched: hostile edits, seed %i',
    (seed) => {
      const random = seeded(seed);
      const outcomes = { done: 0, refused: 0 };
      for (let round = 0; round < 150; round += 1) {
        const text = pick(random, shapes);
        const before = parse(text);
        const name = random() < 0.5 ? pick(random, ['standard', 'fast']) : hostileName(random);
        const newName = random() < 0.3 ? pick(random, ['x', 'on', 'no', '1e3', '007']) : hostileName(random);
        const source =
          random() < 0.4
            ? pick(random, ['org/Model-4bit', 'a/z', '/Users/me/My Models/it’s "one" #1: x'])
            : hostileName(random);
        const model = {
          ...newTier,
          name: newName,
          model: random() < 0.5 ? 'plain' : hostileName(random),
          displayName: random() < 0.5 ? null : hostileName(random),
          source,
        };
        const kind = pick(random, ['add', 'remove', 'rename', 'swap'] as const);
        const label = `round ${round}: ${kind} ${JSON.stringify({ name, newName, model })}`;
        const result = {
          add: () => addTier(text, model),
          remove: () => removeTier(text, name),
          rename: () => renameTier(text, name, newName),
          swap: () => swapModel(text, name, model),
        }[kind]();
        if (!result.ok) {
          outcomes.refused += 1;
          expect(result.error.message, label).not.toMatch(/[\0\n\r]/);
          expect(result.error.message.length, label).toBeLessThan(400);
          continue;
        }
        outcomes.done += 1;
        const after = parse(result.value);
        const index = before.tiers.findIndex((tier: { name: string }) => tier.name === name);
        const others = (tiers: unknown[], without: number) => tiers.filter((_, at) => at !== without);
        expect(parseStack(result.value).ok, label).toBe(true);
        expect({ ...after, tiers: 0 }, label).toEqual({ ...before, tiers: 0 });
        if (kind === 'add') {
          expect(after.tiers.slice(0, 2), label).toEqual(before.tiers);
          expect(after.tiers[2], label).toMatchObject({
            name: newName,
            source,
            model: model.model,
            port: 8002,
          });
        } else if (kind === 'remove') {
          expect(after.tiers, label).toEqual(others(before.tiers, index));
        } else {
          expect(others(after.tiers, index), label).toEqual(others(before.tiers, index));
          expect(after.tiers[index], label).toMatchObject(
            kind === 'rename'
              ? { ...before.tiers[index], name: newName }
              : { name, source, model: model.model, port: before.tiers[index].port },
          );
        }
      }
      expect(outcomes.done).toBeGreaterThan(15);
      expect(outcomes.refused).toBeGreaterThan(50);
    },
  );
});
