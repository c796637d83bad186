/** The folder of a download on the disk: made, filled, cleaned and put in place without ever following a link. */
import { randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { linkProblem, systemProblem, wrongTypeProblem } from '../files/file-problems.ts';
import { lstatOrNull } from '../files/lstat-or-null.ts';
import { modelWords } from '../words/index.ts';
import { inspectOwnModel } from './ready.ts';
import { manifestName, partialSuffix, progressName } from './records.ts';
import { foldersOf, type RepoFile } from './repo-files.ts';

/** A model that another one took the place of, until it is deleted. */
export const replacedPattern = /^\.mlx-stack-replaced-[0-9a-f]{16}$/;

/** The folder of models itself may be a link: that is the user's choice. Made when it is missing. */
export async function openModelDir(modelDir: string): Promise<Result<string>> {
  try {
    await mkdir(modelDir, { recursive: true, mode: 0o700 });
    return ok(await realpath(modelDir));
  } catch (error) {
    return fail(systemProblem(error, path.basename(modelDir), 'checked'));
  }
}

/** `null`: nothing, or a folder. */
export async function refusalOfFolder(folder: string): Promise<Problem | null> {
  const stats = await lstatOrNull(folder);
  if (stats === null) return null;
  if (stats.isSymbolicLink()) return linkProblem(path.basename(folder));
  return stats.isDirectory() ? null : wrongTypeProblem(path.basename(folder), 'folder');
}

const openFlags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file of an unfinished download, for reading and writing at any place. Throws what the system says, or a `NotOurs`. */
export async function openPartialFile(folder: string, file: RepoFile): Promise<FileHandle> {
  await ensureFolders(folder, file);
  const name = path.join(folder, file.path);
  const isThere = (await lstatOrNull(name)) !== null;
  const handle = isThere
    ? await open(name, openFlags)
    : await open(name, openFlags | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const stats = await handle.stat();
    /** With a second name, what is written here would be written there too. */
    if (!stats.isFile() || stats.nlink !== 1) throw new NotOurs(file.path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Something in a partial folder that no download of ours makes. */
export class NotOurs extends Error {}

/** Those between the folder and the file. Throws a `NotOurs` where something else is in the way. */
export async function ensureFolders(folder: string, file: Pick<RepoFile, 'path'>): Promise<void> {
  for (const parent of foldersOf(file.path)) await ensureFolder(path.join(folder, parent));
}

async function ensureFolder(folder: string): Promise<void> {
  const stats = await lstatOrNull(folder);
  if (stats === null) await mkdir(folder, { mode: 0o700 });
  else if (!stats.isDirectory()) throw new NotOurs(path.basename(folder));
}

/** As `RepoFile.path` has it. */
export const nameIn = (folder: string, { parentPath, name }: Dirent): string =>
  path.relative(folder, path.join(parentPath, name)).split(path.sep).join('/');

/** What an engine would load besides the verified files must not be there: weights are found by their names. */
export async function removeStrangers(folder: string, files: readonly RepoFile[]): Promise<void> {
  const known = new Set([manifestName, progressName]);
  for (const file of files) for (const each of [file.path, ...foldersOf(file.path)]) known.add(each);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    const name = path.join(entry.parentPath, entry.name);
    if (!known.has(nameIn(folder, entry))) await rm(name, { recursive: true, force: true });
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What stands where the model is to be. */
export type Place = 'free' | 'ready' | 'ours-damaged' | 'others';

export async function inspectPlace(folder: string, repo: string): Promise<Result<Place>> {
  const refusal = await refusalOfFolder(folder);
  if (refusal !== null) return fail(refusal);
  if ((await lstatOrNull(folder)) === null || (await readdir(folder)).length === 0) return ok('free');
  const own = await inspectOwnModel(folder);
  switch (own.state) {
    case 'ready':
      return own.manifest.repo === repo ? ok('ready') : fail(nameTaken(folder, own.manifest.repo));
    case 'damaged':
      return own.manifest === null || own.manifest.repo === repo
        ? ok('ours-damaged')
        : fail(nameTaken(folder, own.manifest.repo));
    case 'foreign':
    case 'partial':
      return ok('others');
  }
}

export function nameTaken(folder: string, repo: string): Problem {
  return problem(
    'model-name-taken',
    modelWords.folderHoldsAnother(path.basename(folder), repo),
    modelWords.deleteThatFirst,
  );
}

/** In one step: before it there is no model of that name, or a damaged one of ours; after it there is the whole one. */
export async function putInPlace(partial: string, folder: string): Promise<void> {
  const modelDir = path.dirname(folder);
  const stats = await lstatOrNull(folder);
  const replaced = path.join(modelDir, `.mlx-stack-replaced-${randomBytes(8).toString('hex')}`);
  if (stats !== null) await rename(folder, replaced);
  await rename(partial, folder);
  await syncFolder(modelDir);
  if (stats !== null) await rm(replaced, { recursive: true, force: true });
  await rm(path.join(folder, progressName), { force: true });
}

/** Never more than a folder that is named like a download of ours; of a link only the link. */
export async function removePartial(partial: string): Promise<void> {
  if (!partial.endsWith(partialSuffix)) throw new Error(`${partial} is not a download`);
  await rm(partial, { recursive: true, force: true });
}
