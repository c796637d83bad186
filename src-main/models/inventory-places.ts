/** Which folders on this Mac may each hold a model: those of the app, and those of other apps, without following a link. */
import { lstat, opendir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { hubSnapshots, isInside, realFolder } from '../stack/model-folder.ts';
import { type ForeignPlace, type ModelPlaces, repoOfHubFolder } from '../stack/model-places.ts';

export interface FolderToLookAt {
  /** Absolute, without links. */
  readonly folder: string;
  /** What a link in it leads to counts only in here. */
  readonly within: string;
  /** Older states of the same, to be used where this one is not whole. */
  readonly others: readonly string[];
  readonly place: 'ours' | 'hugging-face' | 'lm-studio' | 'added';
  /** As the place says it; `null` where it does not. */
  readonly repo: string | null;
  readonly name: string;
}

/** Of one folder; the rest is not looked at. */
export const maxEntriesPerFolder = 4096;
/** Of all places together. A whole disk that somebody added must not keep the app busy. */
const maxFoldersRead = 5000;
export const maxFolders = 2000;

interface Walk {
  foldersLeft: number;
  readonly found: Map<string, FolderToLookAt>;
}

/** Each folder once: what lies in two places belongs to the first of them. */
export async function foldersToLookAt({ modelDir, elsewhere }: ModelPlaces): Promise<FolderToLookAt[]> {
  const walk: Walk = { foldersLeft: maxFoldersRead, found: new Map() };
  const own = await realFolder(modelDir);
  if (own !== null) {
    for (const name of await foldersIn(walk, own)) {
      /** Removed or unfinished ones: neither is a model. */
      if (name.startsWith('.') || name.endsWith('.partial')) continue;
      add(walk, { folder: path.join(own, name), place: 'ours', repo: null, name });
    }
  }
  for (const place of elsewhere) await walkForeign(walk, place);
  return [...walk.found.values()];
}

type Found = Pick<FolderToLookAt, 'folder' | 'place' | 'repo' | 'name'> &
  Partial<Pick<FolderToLookAt, 'within' | 'others'>>;

function add(walk: Walk, found: Found): void {
  if (walk.found.size >= maxFolders || walk.found.has(found.folder)) return;
  walk.found.set(found.folder, { within: found.folder, others: [], ...found });
}

async function walkForeign(walk: Walk, { kind, root }: ForeignPlace): Promise<void> {
  const real = await realFolder(root);
  if (real === null) return;
  switch (kind) {
    case 'hugging-face':
      for (const name of await foldersIn(walk, real)) await addHubFolder(walk, kind, real, name);
      return;
    case 'lm-studio':
      for (const org of await foldersIn(walk, real)) await addChildren(walk, kind, path.join(real, org), org);
      return;
    case 'added':
      add(walk, { folder: real, place: kind, repo: null, name: path.basename(real) });
      for (const name of await foldersIn(walk, real)) {
        if (await addHubFolder(walk, kind, real, name)) continue;
        const folder = path.join(real, name);
        add(walk, { folder, place: kind, repo: null, name });
        await addChildren(walk, kind, folder, name);
      }
  }
}

async function addChildren(
  walk: Walk,
  place: 'lm-studio' | 'added',
  parent: string,
  org: string,
): Promise<void> {
  for (const name of await foldersIn(walk, parent)) {
    add(walk, { folder: path.join(parent, name), place, repo: `${org}/${name}`, name });
  }
}

/** Of a repository's snapshots the one that is in use comes first; the others are older states of the same. */
async function addHubFolder(
  walk: Walk,
  place: 'hugging-face' | 'added',
  root: string,
  name: string,
): Promise<boolean> {
  if (!name.startsWith('models--')) return false;
  walk.foldersLeft -= 1;
  const repo = repoOfHubFolder(name);
  const [first, ...others] = await hubSnapshots(path.join(root, name));
  if (first !== undefined) {
    add(walk, {
      ...first,
      others: others.map(({ folder }) => folder),
      place,
      repo,
      name: repo?.split('/')[1] ?? name.slice('models--'.length),
    });
  }
  return true;
}

/** Names of the folders in it, in order; links are none. */
async function foldersIn(walk: Walk, folder: string): Promise<string[]> {
  if (walk.foldersLeft <= 0) return [];
  walk.foldersLeft -= 1;
  const names: string[] = [];
  try {
    let entries = 0;
    for await (const entry of await opendir(folder)) {
      entries += 1;
      if (entry.isDirectory()) names.push(entry.name);
      if (entries >= maxEntriesPerFolder) break;
    }
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
  return names.sort();
}

export interface FolderContents {
  readonly sizeBytes: number;
  /** Names in the folder itself. */
  readonly names: readonly string[];
  /** The same for the same files, and hardly ever for others. */
  readonly signature: string;
}

/** What all its files take, those behind links inside `within` included; `null` when it is no folder any more. */
export async function contentsOf(folder: string, within: string): Promise<FolderContents | null> {
  const names: string[] = [];
  const marks: string[] = [];
  const waiting = [folder];
  let sizeBytes = 0;
  let entriesLeft = maxEntriesPerFolder;
  for (let next = waiting.pop(); next !== undefined && entriesLeft > 0; next = waiting.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        entriesLeft -= 1;
        if (entriesLeft < 0) break;
        const file = path.join(next, entry.name);
        if (next === folder) names.push(entry.name);
        if (entry.isDirectory()) {
          waiting.push(file);
          continue;
        }
        const stats = await fileStats(file, within);
        sizeBytes += stats?.size ?? 0;
        marks.push(`${path.relative(folder, file)}:${stats?.size ?? -1}:${stats?.mtimeMs ?? 0}`);
      }
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      if (next === folder) return null;
    }
  }
  return { sizeBytes, names: names.sort(), signature: JSON.stringify(marks.sort()) };
}

async function fileStats(file: string, within: string) {
  try {
    const real = await realpath(file);
    if (!isInside(real, within)) return null;
    const stats = await lstat(real);
    return stats.isFile() ? stats : null;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}
