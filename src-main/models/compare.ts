/** Compares a model folder with the list of files that its repository has: names, sizes and hashes. Writes nothing. */
import { constants } from 'node:fs';
import { lstat, open, opendir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { modelWords } from '../words/index.ts';
import { createHashThread, type HashThread, stepBytes } from './hashing/hash-thread.ts';
import { maxEntriesPerFolder } from './inventory-places.ts';
import { nameIn } from './partial-folder.ts';
import { isWanted, type RepoFile } from './repo-files.ts';

export interface CompareOptions {
  /** Absolute, without links. */
  readonly folder: string;
  readonly files: readonly RepoFile[];
  readonly hasherFile: string | URL;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number) => void;
}

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * For a sentence: paths of what is missing, differs, or would be loaded by an engine and is not the repository's, and in
 * words that there is more. Throws `signal`'s reason, what the disk says, or a `HashThreadEnded`.
 */
export async function compareFolder(options: CompareOptions): Promise<string[]> {
  const { folder, files, signal, onProgress } = options;
  const thread = createHashThread(options.hasherFile, new SharedArrayBuffer(0));
  const differing: string[] = [];
  let doneBytes = 0;
  try {
    for (const file of files) {
      signal.throwIfAborted();
      const before = doneBytes;
      const isSame = await matches(folder, file, thread, signal, (bytes) => onProgress(before + bytes));
      if (!isSame) differing.push(file.path);
      doneBytes += file.sizeBytes;
      onProgress(doneBytes);
    }
  } finally {
    await thread.close();
  }
  return [...differing, ...(await strangersIn(folder, files))];
}

async function matches(
  folder: string,
  file: RepoFile,
  thread: HashThread,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const name = path.join(folder, file.path);
  if (!(await isPlainFile(name, file.sizeBytes))) return false;
  const handle = await open(name, readFlags);
  try {
    const before = await handle.stat();
    const hash = thread.begin(file, handle);
    for (let end = Math.min(stepBytes, file.sizeBytes); ; end = Math.min(end + stepBytes, file.sizeBytes)) {
      await hash.follow(end, signal);
      onBytes(end);
      if (end === file.sizeBytes || hash.isLost) break;
    }
    /** What was changed while it was read was not compared. */
    const after = await lstat(name);
    const isUntouched =
      after.ino === before.ino && after.size === before.size && after.mtimeMs === before.mtimeMs;
    return hash.matches() && isUntouched;
  } finally {
    await handle.close();
  }
}

/** Nowhere on the way to it is a link: what that leads to may change without the folder. */
export async function isPlainFile(file: string, sizeBytes: number): Promise<boolean> {
  try {
    const stats = await lstat(file);
    return stats.isFile() && stats.size === sizeBytes && (await realpath(file)) === file;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}

/** Weights and templates are found by their names, programs by what the config says. What was not looked at may be one. */
async function strangersIn(folder: string, files: readonly RepoFile[]): Promise<string[]> {
  const known = new Set(files.map((file) => file.path));
  const found: string[] = [];
  let entriesLeft = maxEntriesPerFolder;
  for await (const entry of await opendir(folder, { recursive: true })) {
    entriesLeft -= 1;
    if (entriesLeft < 0) return [...found.sort(), modelWords.moreThanLookedAt];
    const name = nameIn(folder, entry);
    const isLoaded = isWanted(name) || (name.endsWith('.py') && !name.startsWith('.'));
    if (!entry.isDirectory() && isLoaded && !known.has(name)) found.push(name);
  }
  return found.sort();
}
