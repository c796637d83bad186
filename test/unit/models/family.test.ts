/** The family of a model that no catalogue has, by its name. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../src-main/catalogue/load.ts';
import { familyOf } from '../../../src-main/models/family.ts';

const { entries } = await loadCatalogue(path.resolve(import.meta.dirname, '../../../assets/catalogue'));
const families = [...new Set(entries.map(({ family }) => family))];

test.each([
  ['mlx-community/Qwen3-14B-4bit', 'Qwen 3'],
  ['mlx-community/Qwen3-Coder-480B-A35B-4bit', 'Qwen 3 Coder'],
  ['mlx-community/Qwen3.5-2B-8bit', 'Qwen 3.5'],
  ['someone/qwen3.6-35b-a3b-mlx', 'Qwen 3.6'],
  ['mlx-community/Qwen3.7-1B-4bit', null],
  ['mlx-community/Qwen38B-4bit', null],
  ['mlx-community/Llama-3.1-8B-4bit', 'Llama 3'],
  ['mlx-community/gpt-oss-20b-MXFP4-Q8', 'gpt-oss'],
  ['mlx-community/gemma-3-12b-it-4bit', null],
  ['mlx-community/Mistral-Small-3.2-24B-4bit', 'Mistral Small'],
  ['mlx-community/Mistral-7B-4bit', null],
  ['org/🦙', null],
])('%s is of %s', (repo, family) => expect(familyOf(repo, families)).toBe(family));

test('no model of the catalogue is put into another family by its name', () => {
  const wrong = entries.flatMap(({ family, sources }) =>
    sources
      .map(({ repo }) => [repo, family, familyOf(repo, families)] as const)
      .filter(([, , found]) => found !== null && found !== family),
  );
  expect(wrong).toEqual([]);
});

test('without families there is none', () => expect(familyOf('org/Qwen3-8B', [])).toBeNull());
