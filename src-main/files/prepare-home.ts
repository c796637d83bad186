/** Looks over home at start: makes what is missing, repairs modes, and names what must not be used. */
import { constants, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, open, opendir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, problem } from '../contract/result.ts';
import type { Paths } from '../paths.ts';
import { fileWords } from '../words/index.ts';
import { errnoOf, foreignProblem, linkProblem, systemProblem, wrongTypeProblem } from './file-problems.ts';
import { tempFilePattern } from './home-files.ts';
import { lstatOrNull } from './lstat-or-null.ts';
import type { HomeFinding } from './types.ts';

export interface HomeCheckOptions {
  /** The owner that everything must have. */
  readonly uid?: number | undefined;
}

/** More entries than this in one folder of ours are not looked at one by one. */
const maxListedEntries = 4096;

interface Look {
  readonly paths: Paths;
  readonly uid: number | undefined;
  readonly findings: HomeFinding[];
}

type Wanted = 'file' | 'folder';
/** `open`: what cannot be used is done without. */
type Unusable = 'fatal' | 'open';

/** Makes missing folders (0700), repairs modes (0700, 0600), empties the children's working directory. */
export async function prepareHome(
  paths: Paths,
  options: HomeCheckOptions = {},
): Promise<readonly HomeFinding[]> {
  const look: Look = { paths, uid: options.uid ?? process.getuid?.(), findings: [] };
  if (!(await lookAtFolder(look, paths.home))) return look.findings;
  const stacks = path.dirname(paths.stack);
  const run = path.dirname(paths.emptyCwd);
  for (const folder of [stacks, paths.logs, paths.models, paths.engines]) await lookAtFolder(look, folder);
  if ((await lookAtFolder(look, run)) && (await lookAtFolder(look, paths.emptyCwd)))
    await emptyWorkingFolder(look);
  for (const file of [
    paths.config,
    paths.litellmConfig,
    paths.desired,
    paths.setup,
    paths.ledger,
    paths.usage,
    paths.window,
  ])
    await lookAtFile(look, file);
  const caches = path.dirname(paths.discovered);
  for (const file of [paths.profile, paths.downloaded]) await lookAtFile(look, file, 'open');
  for (const folder of [caches, paths.benchmarks]) {
    if (await lookAtExisting(look, folder)) await lookAtFilesIn(look, folder, isRecord, 'open');
  }
  await lookAtFilesIn(look, stacks, (name) => /\.ya?ml$/.test(name));
  await lookAtFilesIn(look, paths.logs, (name) => /\.(log|gz)$/.test(name));
  for (const folder of [paths.home, stacks]) await removeLeftoverTemps(folder);
  return look.findings;
}

const isRecord = (name: string) => name.endsWith('.json');

const nameOf = (look: Look, file: string) =>
  file === look.paths.home ? fileWords.dataFolder(file) : path.relative(look.paths.home, file);

function report(look: Look, file: string, found: Problem, outcome: 'repaired' | 'fatal' | 'open'): void {
  look.findings.push({
    path: file,
    repaired: outcome === 'repaired',
    fatal: outcome === 'fatal',
    problem: found,
  });
}

/** True when the folder is there and may be used. */
async function lookAtFolder(look: Look, folder: string): Promise<boolean> {
  const name = nameOf(look, folder);
  try {
    const stats = await lstatOrNull(folder);
    if (stats === null) {
      await mkdir(folder, { mode: 0o700, recursive: folder === look.paths.home });
      return true;
    }
    return await lookAtEntry(look, folder, stats, 'folder');
  } catch (error) {
    report(look, folder, systemProblem(error, name, 'checked'), 'fatal');
    return false;
  }
}

/** A folder that is not made here, and without which all goes on. */
async function lookAtExisting(look: Look, folder: string): Promise<boolean> {
  try {
    const stats = await lstatOrNull(folder);
    return stats !== null && (await lookAtEntry(look, folder, stats, 'folder', 'open'));
  } catch (error) {
    report(look, folder, systemProblem(error, nameOf(look, folder), 'checked'), 'open');
    return false;
  }
}

async function lookAtFile(look: Look, file: string, unusable: Unusable = 'fatal'): Promise<void> {
  try {
    const stats = await lstatOrNull(file);
    if (stats !== null) await lookAtEntry(look, file, stats, 'file', unusable);
  } catch (error) {
    report(look, file, systemProblem(error, nameOf(look, file), 'checked'), unusable);
  }
}

async function lookAtEntry(
  look: Look,
  file: string,
  stats: Stats,
  wanted: Wanted,
  unusable: Unusable = 'fatal',
): Promise<boolean> {
  const name = nameOf(look, file);
  const found = unusableEntry(look, name, stats, wanted, file === look.paths.models);
  if (found !== null) {
    report(look, file, found, unusable);
    return false;
  }
  const mode = stats.mode & 0o777;
  const rightMode = wanted === 'folder' ? 0o700 : 0o600;
  if (mode === rightMode || (wanted === 'file' && mode === 0o400)) return true;
  await setMode(file, rightMode, wanted);
  const octal = (value: number) => value.toString(8).padStart(4, '0');
  report(
    look,
    file,
    problem('open-permissions', fileWords.hadPermissions(name, octal(mode), octal(rightMode))),
    'repaired',
  );
  return true;
}

function unusableEntry(
  look: Look,
  name: string,
  stats: Stats,
  wanted: Wanted,
  isModels: boolean,
): Problem | null {
  if (stats.isSymbolicLink()) {
    const found = linkProblem(name);
    return isModels ? { ...found, hint: fileWords.setModelDir } : found;
  }
  if (wanted === 'folder' ? !stats.isDirectory() : !stats.isFile()) return wrongTypeProblem(name, wanted);
  return look.uid !== undefined && stats.uid !== look.uid ? foreignProblem(name) : null;
}

/** Through a descriptor that follows no link; by name only where the present mode forbids opening it. */
async function setMode(file: string, mode: number, wanted: Wanted): Promise<void> {
  const directory = wanted === 'folder' ? constants.O_DIRECTORY : 0;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | directory;
  try {
    const handle = await open(file, flags);
    try {
      await handle.chmod(mode);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    await chmod(file, mode);
  }
}

async function lookAtFilesIn(
  look: Look,
  folder: string,
  isOurs: (name: string) => boolean,
  unusable: Unusable = 'fatal',
): Promise<void> {
  for (const name of await listNames(folder)) {
    if (isOurs(name)) await lookAtFile(look, path.join(folder, name), unusable);
  }
}

/** Children read whatever lies in their working directory (LiteLLM: `.env`), so nothing may lie there. */
async function emptyWorkingFolder(look: Look): Promise<void> {
  const folder = look.paths.emptyCwd;
  const name = nameOf(look, folder);
  try {
    const names = await listNames(folder);
    if (names.length === 0) return;
    for (const entry of names) await rm(path.join(folder, entry), { recursive: true, force: true });
    const message = fileWords.hadToBeEmpty(name, names.length);
    report(look, folder, problem('folder-not-empty', message), 'repaired');
    if ((await listNames(folder)).length > 0) {
      const stillThere = problem('folder-not-empty', fileWords.couldNotBeEmptied(name), fileWords.emptyIt);
      report(look, folder, stillThere, 'fatal');
    }
  } catch (error) {
    report(look, folder, systemProblem(error, name, 'checked'), 'fatal');
  }
}

/** Temp files of writes that a crash cut off. */
async function removeLeftoverTemps(folder: string): Promise<void> {
  for (const name of await listNames(folder)) {
    if (tempFilePattern.test(name)) await unlink(path.join(folder, name)).catch(() => undefined);
  }
}

/** Up to `maxListedEntries` names; none when the folder is missing or is no folder. */
async function listNames(folder: string): Promise<string[]> {
  try {
    const stats = await lstat(folder);
    if (!stats.isDirectory()) return [];
    const names: string[] = [];
    for await (const entry of await opendir(folder)) {
      names.push(entry.name);
      if (names.length >= maxListedEntries) break;
    }
    return names;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return [];
  }
}
