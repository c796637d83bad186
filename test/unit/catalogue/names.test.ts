import { describe, expect, test } from 'vitest';
import { chooseHub, hubVariable } from '../../../src-main/catalogue/hub.ts';
import { baseNameOf, parametersOfRepo, quantOfRepo } from '../../../src-main/catalogue/names.ts';
import { hubAddress, isRepoId } from '../../../src-main/catalogue/repo-id.ts';

describe('the name of a repository', () => {
  test.each([
    ['mlx-community/Qwen3.5-0.8B-4bit', 'int4', 0.8, null, 'Qwen3.5-0.8B'],
    ['mlx-community/Qwen3.5-4B-MLX-4bit', 'int4', 4, null, 'Qwen3.5-4B'],
    ['mlx-community/NVIDIA-Nemotron-Nano-9B-v2-4bits', 'int4', 9, null, 'NVIDIA-Nemotron-Nano-9B-v2'],
    ['mlx-community/Qwen3.6-35B-A3B-8bit', 'int8', 35, 3, 'Qwen3.6-35B-A3B'],
    ['mlx-community/gpt-oss-20b-MXFP4-Q8', 'int4', 20, null, 'gpt-oss-20b'],
    ['mlx-community/MiniMax-M2.7-4bit-mxfp4', 'int4', null, null, 'MiniMax-M2.7'],
    ['mlx-community/gemma-3-12b-it', null, 12, null, 'gemma-3-12b-it'],
    ['mlx-community/gemma-3-12b-it-bf16', 'bf16', 12, null, 'gemma-3-12b-it'],
    ['mlx-community/phi-4-4bit', 'int4', null, null, 'phi-4'],
    ['mlx-community/Qwen3-4B-4bit-DWQ', 'int4', 4, null, 'Qwen3-4B'],
    ['mlx-community/DeepSeek-V4-Flash-2bit-DQ', 'int2', null, null, 'DeepSeek-V4-Flash-2bit-DQ'],
    ['org/model-10bit', null, null, null, 'model-10bit'],
    ['org/8bitter', null, null, null, '8bitter'],
  ])('%s: %s, %s billion, %s active, “%s”', (repo, quant, totalB, activeB, base) => {
    expect(quantOfRepo(repo)).toBe(quant);
    expect(parametersOfRepo(repo)).toEqual({ totalB, activeB });
    expect(baseNameOf(repo)).toBe(base);
  });

  test.each([
    '../../etc/passwd',
    'org/../name',
    'org',
    'org/name/more',
    '-x/name',
    'org/--flag',
    'org/na me',
    'org/name\n',
    'org/name?x=1',
    'org/name#x',
    'org/name%2f..',
    `org/${'n'.repeat(97)}`,
    'örg/name',
    'org/name\0',
    '',
  ])('%j is none', (repo) => {
    expect(isRepoId(repo)).toBe(false);
  });
});

describe('the address of Hugging Face', () => {
  const choose = (value: string | undefined, isPackaged = false) =>
    chooseHub({ [hubVariable]: value }, isPackaged);

  test('is its own, or a loopback address in a build that is not packaged', () => {
    expect(choose(undefined)).toEqual({ address: hubAddress, problem: null });
    expect(choose('')).toEqual({ address: hubAddress, problem: null });
    expect(choose('http://127.0.0.1:9000/')).toEqual({ address: 'http://127.0.0.1:9000', problem: null });
    expect(choose('http://localhost:9000/hf')).toEqual({
      address: 'http://localhost:9000/hf',
      problem: null,
    });
    expect(choose('http://127.0.0.1:9000', true)).toEqual({ address: hubAddress, problem: null });
  });

  test.each([
    'https://huggingface.example',
    'http://10.0.0.1:80',
    'http://127.0.0.1.example.com',
    'http://user@127.0.0.1:9000',
    'https://127.0.0.1:9000',
    'http://127.0.0.1:9000/?a=b',
    'file:///etc',
    'nonsense',
  ])('%s is not followed, and that is told', (value) => {
    expect(choose(value)).toMatchObject({ address: hubAddress, problem: { code: 'bad-address' } });
  });
});
