/** Takes what a model folder has already into the download that is to take its place: copied, and verified there like all the rest. */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, open, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errnoOf } from '../files/file-problems.ts';
import { isPlainFile } from './compare.ts';
import { ensureFolders } from './partial-folder.ts';
import type { FileProgress } from './records.ts';

export interface SeedOptions {
  readonly folder: string;
  readonly partial: string;
  readonly files: readonly FileProgress[];
  /**
   * `clone`: only where the disk can let two files share what they hold until one is changed (APFS), which costs neither
   * time nor room. `copy`: byte by byte.
   */
  readonly by: 'clone' | 'copy';
  readonly signal: AbortSignal;
}

/** Files of which nothing is there yet and that the folder has in the right size, now with all of it there, unverified. */
export async function seed({ folder, partial, files, by, signal }: SeedOptions): Promise<FileProgress[]> {
  const real = await realpath(folder).catch(() => null);
  if (real === null) return [];
  const seeded: FileProgress[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    if (file.done.length > 0 || file.sizeBytes === 0) continue;
    const from = path.join(real, file.path);
    if (!(await isPlainFile(from, file.sizeBytes))) continue;
    const to = path.join(partial, file.path);
    await ensureFolders(partial, file);
    await rm(to, { force: true });
    if (await bring(from, to, by, signal)) seeded.push({ ...file, done: [[0, file.sizeBytes]] });
  }
  return seeded;
}

/** `false`: it is to be downloaded after all. */
async function bring(from: string, to: string, by: 'clone' | 'copy', signal: AbortSignal): Promise<boolean> {
  try {
    if (by === 'clone') {
      await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    } else {
      await pipeline(createReadStream(from), createWriteStream(to, { flags: 'wx', mode: 0o600 }), { signal });
    }
    await chmod(to, 0o600);
    const handle = await open(to, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    await rm(to, { force: true });
    signal.throwIfAborted();
    const code = errnoOf(error);
    /** A full disk does not get better by downloading. */
    if (code === null || code === 'ENOSPC' || code === 'EDQUOT') throw error;
    return false;
  }
}
