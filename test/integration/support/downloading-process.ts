/** Downloads as the app does, in a process of its own that can be killed outright: says `up`, waits for its input, says each change. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createDownloads } from '../../../src-main/models/downloads.ts';
import type { DownloadLimits } from '../../../src-main/models/limits.ts';

export interface DownloadingInput {
  readonly address: string;
  readonly modelDir: string;
  readonly hasherFile: string;
  readonly repo: string;
  readonly limits: Partial<DownloadLimits>;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);
const told = once(createInterface({ input: process.stdin }), 'line');
say('up');
const [line]: unknown[] = await told;
const { address, modelDir, hasherFile, repo, limits }: DownloadingInput = JSON.parse(String(line));

const downloads = createDownloads({
  address,
  fetch,
  token: async () => null,
  hasherFile,
  modelDir: () => modelDir,
  limits,
  onChange: (all) => {
    const failed = all.find(({ state }) => state === 'failed');
    say(failed === undefined ? 'changed' : `failed ${failed.problem?.code}`);
  },
  onInstalled: () => say('done'),
  onBug: (error) => {
    throw error;
  },
});
await downloads.restore();
await downloads.download(repo);
if (downloads.list().some(({ state }) => state === 'done')) say('done');
