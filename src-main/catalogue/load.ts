/** Reads the shipped catalogue: one file per model, each on its own, so that a bad one costs only itself. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, problem } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { catalogueWords } from '../words/index.ts';
import { type CatalogueEntry, parseEntry } from './entry.ts';

export interface Catalogue {
  /** By family, then size, then name. */
  readonly entries: readonly CatalogueEntry[];
  /** One for each file that cannot be used. */
  readonly problems: readonly Problem[];
}

const maxCatalogueFiles = 1000;

export async function loadCatalogue(folder: string): Promise<Catalogue> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return { entries: [], problems: [missing] };
  }
  const entries: CatalogueEntry[] = [];
  const problems: Problem[] = [];
  const repos = new Map<string, string>();
  for (const name of names.slice(0, maxCatalogueFiles)) {
    const read = await readEntry(path.join(folder, name), name);
    const twice = read.ok ? read.value.sources.find(({ repo }) => repos.has(repo)) : undefined;
    if (!read.ok) problems.push(read.error);
    else if (twice !== undefined) problems.push(duplicate(name, twice.repo, repos.get(twice.repo) ?? ''));
    else {
      entries.push(read.value);
      for (const { repo } of read.value.sources) repos.set(repo, name);
    }
  }
  return { entries: entries.toSorted(byFamily), problems };
}

async function readEntry(file: string, name: string) {
  try {
    return parseEntry(await readFile(file, 'utf8'), name);
  } catch (error) {
    const code = errnoOf(error);
    if (code === null) throw error;
    return {
      ok: false,
      error: problem('catalogue-entry', catalogueWords.fileUnreadable(name, code)),
    } as const;
  }
}

function byFamily(a: CatalogueEntry, b: CatalogueEntry): number {
  return (
    a.family.localeCompare(b.family) ||
    (a.parametersB ?? 0) - (b.parametersB ?? 0) ||
    a.name.localeCompare(b.name)
  );
}

const duplicate = (name: string, repo: string, first: string) =>
  problem('catalogue-entry', catalogueWords.repositoryTwice(name, repo, first));

const missing = problem('catalogue-missing', catalogueWords.listMissing, catalogueWords.installAgain);
