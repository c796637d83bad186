/** What setup keeps between launches: read strictly, and never an obstacle. */
import { expect, it } from 'vitest';
import { fail, ok, problem } from '../../../src-main/contract/result.ts';
import type { HomeFiles } from '../../../src-main/files/types.ts';
import { createJobRecord, type Job, maxRecordBytes } from '../../../src-main/setup/record.ts';

function memoryFiles(initial: string | null) {
  let text = initial;
  const writes: string[] = [];
  const files: HomeFiles = {
    async readText(_file, maxBytes) {
      if (text === null) return { kind: 'absent' };
      return text.length > maxBytes
        ? { kind: 'refused', problem: problem('too-large', 'It is too large.') }
        : { kind: 'text', text };
    },
    async writeText(_file, next) {
      writes.push(next);
      text = next;
      return ok(undefined);
    },
    setAside: async () => fail(problem('none', 'Nothing is set aside.')),
  };
  return { files, writes, text: () => text };
}

const tier = {
  name: 'standard',
  source: 'mlx-community/Qwen3.5-9B-4bit',
  model: 'qwen3.5-9b',
  displayName: 'Qwen3.5 9B',
  quant: 'int4',
  contextTokens: 8192,
  downloadBytes: 5.9e9,
};
const job: Job = { kind: 'setup', intent: 'balanced', profileId: 'm4-32', createdAtMs: 1, tiers: [tier] };

it('is read as it was written, by the next launch', async () => {
  const { files } = memoryFiles(null);
  await createJobRecord(files, '/h/setup.json').write(job);
  expect(await createJobRecord(files, '/h/setup.json').read()).toEqual(job);
  const change: Job = { kind: 'swap', tier };
  await createJobRecord(files, '/h/setup.json').write(change);
  expect(await createJobRecord(files, '/h/setup.json').read()).toEqual(change);
});

it('leaves no file behind where there was never a setup, and one write at its end', async () => {
  const memory = memoryFiles(null);
  const record = createJobRecord(memory.files, '/h/setup.json');
  expect(await record.read()).toBeNull();
  await record.write(null);
  expect(memory.writes).toEqual([]);
  await record.write(job);
  await record.write(null);
  await record.write(null);
  expect(memory.writes).toHaveLength(2);
  expect(await record.read()).toBeNull();
});

it.each([
  ['no JSON', '{'],
  ['another version', JSON.stringify({ version: 2, job: null })],
  ['no tiers', JSON.stringify({ version: 1, job: { ...job, tiers: [] } })],
  [
    'more tiers than a stack has',
    JSON.stringify({ version: 1, job: { ...job, tiers: Array(17).fill(tier) } }),
  ],
  ['a stranger field', JSON.stringify({ version: 1, job: { ...job, run: 'rm' } })],
  [
    'a source of the wrong type',
    JSON.stringify({ version: 1, job: { ...job, tiers: [{ ...tier, source: 5 }] } }),
  ],
  ['too much', `{"version":1,"job":null,"x":"${'x'.repeat(maxRecordBytes)}"}`],
])('%s is as if there were none, and is put right with the next setup', async (_what, text) => {
  const memory = memoryFiles(text);
  const record = createJobRecord(memory.files, '/h/setup.json');
  expect(await record.read()).toBeNull();
  await record.write(job);
  expect(await createJobRecord(memory.files, '/h/setup.json').read()).toEqual(job);
});
