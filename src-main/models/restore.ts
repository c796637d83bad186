/** What earlier runs left in the folder of models: downloads to go on with, and crumbs to sweep up. */
import type { Dirent } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { lstatOrNull } from '../files/lstat-or-null.ts';
import { inspectPlace, putInPlace, replacedPattern } from './partial-folder.ts';
import { lacksOf } from './ready.ts';
import {
  manifestName,
  type Progress,
  partialSuffix,
  progressName,
  readManifest,
  readProgress,
} from './records.ts';

export interface Unfinished {
  readonly modelDir: string;
  readonly partial: string;
  readonly progress: Progress;
}

/** More folders than anybody has models; what is beyond is found when it is asked for. */
const maxModelDirEntries = 4_096;

/** The earliest asked for first. Nothing when there is no such folder, or it cannot be read. */
export async function findUnfinished(modelDir: string): Promise<readonly Unfinished[]> {
  const found: Unfinished[] = [];
  try {
    const folder = await realpath(modelDir);
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.slice(0, maxModelDirEntries)) {
      if (!entry.isDirectory()) continue;
      const progress = await look(folder, entry);
      if (progress !== null) {
        found.push({ modelDir: folder, partial: path.join(folder, entry.name), progress });
      }
    }
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
  return found.toSorted((a, b) => a.progress.queuedAt - b.progress.queuedAt);
}

async function look(modelDir: string, { name }: Dirent): Promise<Progress | null> {
  const folder = path.join(modelDir, name);
  if (replacedPattern.test(name)) await rm(folder, { recursive: true, force: true });
  else if (name.endsWith(partialSuffix)) {
    const read = await readProgress(folder);
    if (read.kind !== 'value' || `${folderNameOf(read.value.repo)}${partialSuffix}` !== name) return null;
    return (await finish(folder, read.value)) ? null : read.value;
  } else if ((await lstatOrNull(path.join(folder, manifestName))) !== null) {
    /** The app ended between giving the folder its name and this. */
    await rm(path.join(folder, progressName), { force: true });
  }
  return null;
}

/** The app ended when the old model was out of its place and the new one, whole and verified, not yet in it. */
async function finish(partial: string, { repo, commit, replaces }: Progress): Promise<boolean> {
  if (replaces !== true) return false;
  const folder = partial.slice(0, -partialSuffix.length);
  const place = await inspectPlace(folder, repo);
  if (!place.ok || place.value !== 'free') return false;
  const read = await readManifest(partial);
  if (read.kind !== 'value' || read.value.repo !== repo || read.value.commit !== commit) return false;
  if ((await lacksOf(partial, read.value.files)) !== null) return false;
  await putInPlace(partial, folder);
  return true;
}

/** As the stack looks for it: the last part of the repository's name. */
export const folderNameOf = (repo: string): string => repo.slice(repo.lastIndexOf('/') + 1);
