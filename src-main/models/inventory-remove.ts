/** Deletes a model folder of the app: renamed first, so that half of one never looks like a model, whenever it is cut off. */
import { randomBytes } from 'node:crypto';
import { lstat, opendir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { errnoOf, systemProblem } from '../files/file-problems.ts';
import { realFolder } from '../stack/model-folder.ts';
import { modelWords } from '../words/index.ts';

const deletedPattern = /^\.deleted-[0-9a-f]{16}$/;
const maxEntriesSwept = 4096;

/** `folder` must lie in the folder of models itself; a link is never followed, neither there nor in it. */
export async function removeModelFolder(modelDir: string, folder: string): Promise<Result<void>> {
  const name = path.basename(folder);
  const own = await realFolder(modelDir);
  if (own === null || path.join(own, name) !== folder || name.startsWith('.')) return fail(notInModelDir);
  const grave = path.join(own, `.deleted-${randomBytes(8).toString('hex')}`);
  try {
    const stats = await lstat(folder);
    if (!stats.isDirectory()) return fail(notInModelDir);
    await rename(folder, grave);
    await rm(grave, { recursive: true, force: true });
    return ok(undefined);
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? ok(undefined) : fail(systemProblem(error, name, 'deleted'));
  }
}

/** What an earlier run began to delete. */
export async function sweepDeleted(modelDir: string): Promise<void> {
  try {
    const names: string[] = [];
    for await (const entry of await opendir(modelDir)) {
      if (entry.isDirectory() && deletedPattern.test(entry.name)) names.push(entry.name);
      if (names.length >= maxEntriesSwept) break;
    }
    for (const name of names) await rm(path.join(modelDir, name), { recursive: true, force: true });
  } catch (error) {
    /** There is none, or it cannot be written: the next run tries again. */
    if (errnoOf(error) === null) throw error;
  }
}

const notInModelDir = problem('not-our-model', modelWords.notInOurFolder, modelWords.deleteWithItsApp);
