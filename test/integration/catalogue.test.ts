/** The catalogue that is shipped, and what a bad file in it costs. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../src-main/catalogue/load.ts';
import { findParsers } from '../../src-main/catalogue/parsers.ts';
import { temporaryFolder } from './support/rig.ts';

const shipped = path.resolve(import.meta.dirname, '../../assets/catalogue');

describe('the shipped catalogue', () => {
  it('has no bad file, and each model once', async () => {
    const { entries, problems } = await loadCatalogue(shipped);
    expect(problems).toEqual([]);
    expect(entries.length).toBe(readdirSync(shipped).length);
    expect(entries.length).toBeGreaterThan(30);
  });

  it('names the parsers that a stack with the model would get', async () => {
    const { entries } = await loadCatalogue(shipped);
    for (const entry of entries) {
      for (const { repo } of entry.sources) expect([repo, findParsers(repo)]).toEqual([repo, entry.parsers]);
    }
  });

  it('says of every size and score where it is from, and sizes agree with the parameters', async () => {
    const { entries } = await loadCatalogue(shipped);
    for (const { id, sources, parametersB, activeParametersB } of entries) {
      for (const { sizeBytes, quant } of sources) {
        if (parametersB === null) continue;
        const bytesPerParameter = sizeBytes / (parametersB * 1e9);
        const bits = { int2: 2, int3: 3, int4: 4, int5: 5, int6: 6, int8: 8, bf16: 16 }[quant];
        expect(bytesPerParameter * 8, id).toBeGreaterThan(bits * 0.95);
        // Small models keep their embedding and their eyes in more bits.
        expect(bytesPerParameter * 8, id).toBeLessThan(bits * 1.6);
      }
      expect(activeParametersB ?? 0, id).toBeLessThan(parametersB ?? Number.POSITIVE_INFINITY);
    }
  });

  it('lists families together, small models first', async () => {
    const { entries } = await loadCatalogue(shipped);
    const qwen = entries.filter(({ family }) => family === 'Qwen 3.5').map(({ id }) => id);
    expect(qwen).toEqual(['qwen3.5-4b', 'qwen3.5-9b', 'qwen3.5-27b', 'qwen3.5-122b-a10b']);
    const families = entries.map(({ family }) => family);
    expect(families.filter((family, index) => family !== families[index - 1]).length).toBe(
      new Set(families).size,
    );
  });
});

describe('a folder with bad files', () => {
  it('names each and keeps the rest', async () => {
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    const before = (await loadCatalogue(folder)).entries.length;
    writeFileSync(path.join(folder, 'broken.yaml'), 'id: broken\nname: [');
    writeFileSync(path.join(folder, 'qwen3-8b.yaml'), 'id: qwen3-8b\n');
    writeFileSync(path.join(folder, 'notes.txt'), 'not a model');
    const { entries, problems } = await loadCatalogue(folder);
    expect(entries.length).toBe(before - 1);
    expect(problems.map(({ message }) => message.split(/[,:]/)[0])).toEqual(['broken.yaml', 'qwen3-8b.yaml']);
    expect(entries.some(({ id }) => id === 'qwen3-8b')).toBe(false);
  });

  it('takes a repository that is there twice only once', async () => {
    const folder = temporaryFolder();
    cpSync(path.join(shipped, 'qwen3-8b.yaml'), path.join(folder, 'qwen3-8b.yaml'));
    const text = readFileSync(path.join(shipped, 'qwen3-8b.yaml'), 'utf8');
    writeFileSync(path.join(folder, 'zz.yaml'), text.replace('id: qwen3-8b', 'id: zz'));
    const { entries, problems } = await loadCatalogue(folder);
    expect(entries.map(({ id }) => id)).toEqual(['qwen3-8b']);
    expect(problems[0]?.message).toBe(
      'zz.yaml has the repository mlx-community/Qwen3-8B-4bit, which qwen3-8b.yaml has already.',
    );
  });

  it('that is not there is told', async () => {
    expect(await loadCatalogue(path.join(temporaryFolder(), 'none'))).toMatchObject({
      entries: [],
      problems: [{ code: 'catalogue-missing' }],
    });
  });
});
