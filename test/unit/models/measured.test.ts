/** Saved benchmarks: the CLI's format and ours, each line on its own, and nothing that a damaged file could say is believed. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../src-main/catalogue/load.ts';
import type { HomeFiles } from '../../../src-main/files/types.ts';
import {
  maxBenchmarkBytes,
  maxBenchmarks,
  type NewMeasured,
  readMeasured,
  saveMeasured,
} from '../../../src-main/models/measured.ts';
import { hostileNames } from '../../integration/support/hostile-names.ts';

const { entries } = await loadCatalogue(path.resolve(import.meta.dirname, '../../../assets/catalogue'));
const repo = 'mlx-community/Qwen3.5-9B-4bit';

async function read(content: unknown, named: { model: string; source: string }[] = []) {
  const asked: { file: string; maxBytes: number }[] = [];
  const files: Pick<HomeFiles, 'readText'> = {
    async readText(file, maxBytes) {
      asked.push({ file, maxBytes });
      if (content === null) return { kind: 'absent' };
      return { kind: 'text', text: typeof content === 'string' ? content : JSON.stringify(content) };
    },
  };
  const refuse = async () => {
    throw new Error('nothing is written');
  };
  const measured = await readMeasured(
    { ...files, writeText: refuse, setAside: refuse },
    '/home/benchmarks',
    'm4-pro-48',
    { entries, named },
  );
  return { ...measured, asked };
}

const figure = (more: object = {}) => ({
  model_id: 'qwen3.5-9b',
  quant: 'int4',
  prompt_tps: 400.5,
  gen_tps: 35.7,
  memory_gb: 0.0,
  ...more,
});

describe('a file of the CLI', () => {
  test('names a model of the catalogue; its memory of 0 says nothing', async () => {
    const { figures, problem, asked } = await read({ 'qwen3.5-9b': figure() });
    expect(figures).toEqual([{ repo, quant: 'int4', genTps: 35.7, peakMemoryBytes: null, peakTokens: null }]);
    expect(problem).toBeNull();
    expect(asked).toEqual([{ file: '/home/benchmarks/m4-pro-48.json', maxBytes: maxBenchmarkBytes }]);
  });

  test('names a repository, or what the stack file calls the model', async () => {
    const by = async (model_id: string, named: { model: string; source: string }[] = []) =>
      (await read({ x: figure({ model_id }) }, named)).figures.map((each) => `${each.repo} ${each.quant}`);
    expect(await by(repo)).toEqual([`${repo} int4`]);
    expect(await by('org/Other-8bit')).toEqual(['org/Other-8bit int4']);
    expect(await by('Qwen3.5 9B', [{ model: 'Qwen3.5 9B', source: repo }])).toEqual([`${repo} int4`]);
    expect(await by('Qwen3.5 9B', [{ model: 'Qwen3.5 9B', source: '/a/folder' }])).toEqual([]);
    expect(await by('nobody-knows-it')).toEqual([]);
  });

  test('the quantisation decides which repository of a model it was', async () => {
    const by = async (quant: unknown) =>
      (await read({ x: figure({ quant }) })).figures.map((each) => each.repo);
    expect(await by('int8')).toEqual(['mlx-community/Qwen3.5-9B-8bit']);
    expect(await by('bf16')).toEqual([]);
    expect(await by(null)).toEqual([]);
    expect(await by('unknown')).toEqual([]);
    const { figures } = await read({ x: figure({ model_id: 'org/Name-bf16', quant: 'fp16' }) });
    expect(figures[0]?.quant).toBe('bf16');
    const named = await read({ x: figure({ model_id: 'org/Name-8bit', quant: 'unknown' }) });
    expect(named.figures[0]?.quant).toBe('int8');
  });
});

test('ours say the repository, and the memory that was used', async () => {
  const peak = { repo: 'org/Mine-4bit', peak_memory_bytes: 6_100_000_000, peak_tokens: 1124 };
  expect((await read({ x: figure(peak) })).figures).toEqual([
    {
      repo: 'org/Mine-4bit',
      quant: 'int4',
      genTps: 35.7,
      peakMemoryBytes: 6_100_000_000,
      peakTokens: 1124,
    },
  ]);
  const [old] = (await read({ x: figure({ memory_gb: 7.5, peak_tokens: 10 }) })).figures;
  expect([old?.peakMemoryBytes, old?.peakTokens]).toEqual([7_500_000_000, 10]);
});

test('of two figures of one model the later counts', async () => {
  const { figures } = await read({ a: figure(), b: figure({ gen_tps: 40 }) });
  expect(figures.map(({ genTps }) => genTps)).toEqual([40]);
});

describe('what this app measured', () => {
  const mine: NewMeasured = {
    repo: 'org/Mine-4bit',
    quant: 'int4',
    genTps: 41.666_666,
    promptTps: 812.345,
    peak: null,
  };

  async function save(content: unknown, figure = mine) {
    const before = content === null ? null : typeof content === 'string' ? content : JSON.stringify(content);
    let text = before;
    const files: HomeFiles = {
      readText: async () => (text === null ? { kind: 'absent' } : { kind: 'text', text }),
      async writeText(file, next) {
        expect(file).toBe('/home/benchmarks/m4-pro-48.json');
        text = next;
        return { ok: true, value: undefined };
      },
      setAside: async () => {
        throw new Error('nothing is moved');
      },
    };
    const saved = await saveMeasured(files, '/home/benchmarks', 'm4-pro-48', figure);
    return { saved, before, text };
  }

  test('is read again, and stands beside what the CLI saved, in its own form', async () => {
    const { saved, text } = await save({ 'qwen3.5-9b': figure({ own: 1 }) });
    expect(saved.ok).toBe(true);
    expect(JSON.parse(text ?? '')).toEqual({
      'qwen3.5-9b': figure({ own: 1 }),
      'org/Mine-4bit int4': {
        model_id: 'org/Mine-4bit',
        repo: 'org/Mine-4bit',
        quant: 'int4',
        prompt_tps: 812.35,
        gen_tps: 41.67,
        memory_gb: 0,
      },
    });
    expect((await read(text)).figures.map((each) => [each.repo, each.genTps])).toEqual([
      [repo, 35.7],
      ['org/Mine-4bit', 41.67],
    ]);
    expect((await save(null)).saved.ok).toBe(true);
  });

  test('takes the place of what was measured of that model before, whoever did', async () => {
    const { text } = await save({ [repo]: figure({ repo }), 'qwen3.5-9b': figure() }, { ...mine, repo });
    expect((await read(text)).figures).toMatchObject([{ repo, genTps: 41.67 }]);
  });

  test('of two quantisations of one model stands beside the other, also where the key did not say it yet', async () => {
    const first = await save(
      { 'org/Mine': figure({ repo: 'org/Mine', quant: 'int8' }) },
      { ...mine, repo: 'org/Mine' },
    );
    const second = await save(JSON.parse(first.text ?? ''), { ...mine, repo: 'org/Mine', quant: 'bf16' });
    expect(Object.keys(JSON.parse(second.text ?? ''))).toEqual([
      'org/Mine',
      'org/Mine int4',
      'org/Mine bf16',
    ]);
    const again = await save(JSON.parse(second.text ?? ''), { ...mine, repo: 'org/Mine', quant: 'int8' });
    expect(Object.keys(JSON.parse(again.text ?? ''))).toEqual([
      'org/Mine int4',
      'org/Mine bf16',
      'org/Mine int8',
    ]);
    expect((await read(again.text)).figures.map((each) => [each.repo, each.quant, each.genTps])).toEqual([
      ['org/Mine', 'int4', 41.67],
      ['org/Mine', 'bf16', 41.67],
      ['org/Mine', 'int8', 41.67],
    ]);
  });

  test('of a tier that does not say its quantisation goes by the name of the repository', async () => {
    const { text } = await save({ [mine.repo]: figure({ repo: mine.repo }) }, { ...mine, quant: null });
    expect(Object.keys(JSON.parse(text ?? ''))).toEqual(['org/Mine-4bit int4']);
  });

  describe('with the peak of memory', () => {
    const peak = (bytes: number, tokens: number) => ({ ...mine, peak: { bytes, tokens } });
    const peakIn = async (text: string | null) => {
      const [found] = (await read(text)).figures;
      return [found?.peakMemoryBytes, found?.peakTokens, found?.genTps];
    };

    test('is read again; the CLI reads the same in its own field', async () => {
      const { text } = await save(null, peak(6_123_456_789, 1124));
      expect(JSON.parse(text ?? '')['org/Mine-4bit int4']).toMatchObject({
        memory_gb: 6.12,
        peak_memory_bytes: 6_123_456_789,
        peak_tokens: 1124,
      });
      expect(await peakIn(text)).toEqual([6_123_456_789, 1124, 41.67]);
    });

    test.each([
      ['none', mine, [6e9, 1124]],
      ['one of a much shorter conversation', peak(5e9, 900), [6e9, 1124]],
      ['one of about the same', peak(5.5e9, 1100), [5.5e9, 1100]],
      ['one of a longer', peak(7e9, 8000), [7e9, 8000]],
    ])('%s after one that was measured', async (_what, next, [bytes, tokens]) => {
      const earlier = await save(null, peak(6e9, 1124));
      const { text } = await save(JSON.parse(earlier.text ?? ''), { ...next, genTps: 50 });
      expect(await peakIn(text)).toEqual([bytes, tokens, 50]);
    });

    test('takes none from another quantisation', async () => {
      const earlier = await save(null, { ...peak(6e9, 1124), repo: 'org/Mine' });
      const { text } = await save(JSON.parse(earlier.text ?? ''), {
        ...mine,
        repo: 'org/Mine',
        quant: 'int8',
      });
      expect(JSON.parse(text ?? '')['org/Mine int8'].memory_gb).toBe(0);
    });
  });

  test('never takes the place of a file that is not understood', async () => {
    const { saved, before, text } = await save('{"a":');
    expect(saved).toMatchObject({ ok: false, error: { code: 'record-unreadable' } });
    expect(text).toBe(before);
  });

  test('is read also from a file that has more than are read', async () => {
    const many = Object.fromEntries(
      Array.from({ length: maxBenchmarks + 5 }, (_, index) => [`org/M${index}-4bit`, figure()]),
    );
    const { text } = await save(many);
    expect(Object.keys(JSON.parse(text ?? ''))).toHaveLength(maxBenchmarks);
    expect((await read(text)).figures.at(-1)?.genTps).toBe(41.67);
  });
});

describe('what is damaged', () => {
  test('a line costs only itself', async () => {
    const bad = [
      null,
      7,
      'x',
      [],
      {},
      figure({ gen_tps: 0 }),
      figure({ gen_tps: -1 }),
      figure({ gen_tps: 1e300 }),
      figure({ gen_tps: '35' }),
      figure({ model_id: 7 }),
      figure({ memory_gb: -1 }),
      figure({ memory_gb: 1e9 }),
      figure({ peak_tokens: 1.5 }),
    ];
    const lines = Object.fromEntries(bad.map((line, index) => [`bad${index}`, line]));
    expect((await read(lines)).figures).toEqual([]);
    expect((await read({ ...lines, good: figure() })).figures).toHaveLength(1);
  });

  test('a file that is none is told, and costs the figures only', async () => {
    for (const text of ['', '{', '[]', '7', '{"a":']) {
      const { figures, problem } = await read(text);
      expect([text, figures, problem?.code]).toEqual([text, [], 'record-unreadable']);
    }
    expect(await read(null)).toMatchObject({ figures: [], problem: null });
  });

  test('of too many lines the first are read', async () => {
    const lines = Array.from({ length: maxBenchmarks + 5 }, (_, index) => [
      `k${index}`,
      figure({ model_id: `org/M${index}-4bit` }),
    ]);
    const { figures } = await read(Object.fromEntries(lines));
    expect(figures).toHaveLength(maxBenchmarks);
    expect(figures.at(-1)?.repo).toBe(`org/M${maxBenchmarks - 1}-4bit`);
  });

  test('hostile names are no repositories', async () => {
    const names = hostileNames(500);
    const lines = names.map((name, index) => [
      `k${index}`,
      figure({ model_id: name, repo: name, quant: name }),
    ]);
    const { figures } = await read(Object.fromEntries(lines));
    for (const each of figures) expect(each.repo).toMatch(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/);
    expect(
      (await read({ ['__proto__']: figure(), constructor: figure() })).figures.length,
    ).toBeLessThanOrEqual(1);
  });
});
