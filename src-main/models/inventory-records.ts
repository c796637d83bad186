/** Where a folder of models comes from: our manifest in it, or the line that the CLI wrote about it. */
import path from 'node:path';
import * as z from 'zod';
import { isRepoId } from '../catalogue/repo-id.ts';
import { readJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import { realFolder } from '../stack/model-folder.ts';
import type { DownloadRecord } from './inventory.ts';
import { inspectOwnModel } from './ready.ts';

const maxCliRecordBytes = 1024 * 1024;
const maxCliRecords = 2000;

const cliSchema = z.array(z.unknown());
const cliRecordSchema = z.looseObject({
  local_path: z.string().min(1).max(4096),
  hf_repo: z.string().nullish(),
});

/** `cliFile` is `models.json` in home; without it, or when it is damaged, only our own manifests count. */
export function createRecordReader(files: HomeFiles, cliFile: string) {
  async function cliRecordOf(folder: string): Promise<DownloadRecord | null> {
    const read = await readJson(files, cliFile, cliSchema, maxCliRecordBytes);
    if (read.kind !== 'value') return null;
    for (const row of read.value.slice(0, maxCliRecords)) {
      const record = cliRecordSchema.safeParse(row);
      if (!record.success || path.basename(record.data.local_path) !== path.basename(folder)) continue;
      if ((await realFolder(record.data.local_path)) !== folder) continue;
      const repo = record.data.hf_repo ?? '';
      return { repo: isRepoId(repo) ? repo : null, isWhole: null, lacks: null };
    }
    return null;
  }

  return async function recordOf(folder: string): Promise<DownloadRecord | null> {
    const own = await inspectOwnModel(folder);
    switch (own.state) {
      case 'ready':
        return { repo: own.manifest.repo, isWhole: true, lacks: null };
      case 'damaged':
        return { repo: own.manifest?.repo ?? null, isWhole: false, lacks: own.lacks };
      case 'partial':
      case 'foreign':
        return await cliRecordOf(folder);
    }
  };
}
