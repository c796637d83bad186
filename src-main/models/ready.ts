/** Whether a folder is a model that we downloaded and that is still whole. */
import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { modelWords } from '../words/index.ts';
import { type Manifest, manifestName, partialSuffix, readManifest } from './records.ts';
import type { RepoFile } from './repo-files.ts';

export type OwnModel =
  /** By name a download that is not finished. */
  | { readonly state: 'partial' }
  /** Without our manifest: of another origin. */
  | { readonly state: 'foreign' }
  | { readonly state: 'ready'; readonly manifest: Manifest }
  /** `manifest` is `null` when it cannot be read itself. */
  | { readonly state: 'damaged'; readonly lacks: string; readonly manifest: Manifest | null };

/** Looks at names and sizes only: a few milliseconds, fit for every start. */
export async function inspectOwnModel(folder: string): Promise<OwnModel> {
  if (folder.endsWith(partialSuffix)) return { state: 'partial' };
  const real = await realFolder(folder);
  if (real === null || (await lstatOrNull(path.join(real, manifestName))) === null)
    return { state: 'foreign' };
  const read = await readManifest(real);
  if (read.kind === 'absent') return { state: 'foreign' };
  if (read.kind === 'refused') {
    return { state: 'damaged', lacks: modelWords.listOfFilesDamaged, manifest: null };
  }
  const lacks = await lacksOf(real, read.value.files);
  return lacks === null
    ? { state: 'ready', manifest: read.value }
    : { state: 'damaged', lacks, manifest: read.value };
}

export async function isReady(folder: string): Promise<boolean> {
  return (await inspectOwnModel(folder)).state === 'ready';
}

/** What is missing or of another size, in words; `null` when nothing is. */
export async function lacksOf(folder: string, files: readonly RepoFile[]): Promise<string | null> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, stats: await lstatOrNull(path.join(folder, file.path)) })),
  );
  let missing = 0;
  for (const { file, stats } of found) {
    if (stats === null || !stats.isFile()) missing += 1;
    else if (stats.size < file.sizeBytes) return modelWords.isCutOff(file.path);
    else if (stats.size > file.sizeBytes) return modelWords.wasChanged(file.path);
  }
  if (missing === 0) return null;
  return modelWords.filesMissing(missing, files.length);
}

/** The user may have put a link in the folder's place. */
async function realFolder(folder: string): Promise<string | null> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

async function lstatOrNull(file: string): Promise<Stats | null> {
  try {
    return await lstat(file);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}
