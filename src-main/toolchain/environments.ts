/** The environments on disk, one folder per installation: which is in use, which can be gone back to, what is debris. */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { EngineName } from '../contract/engines.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import {
  errnoOf,
  foreignProblem,
  linkProblem,
  systemProblem,
  wrongTypeProblem,
} from '../files/file-problems.ts';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';
import { toolchainWords } from '../words/index.ts';
import { maxVersionLength } from './versions.ts';

/** Written last of all: an environment without it was never finished. */
const recordName = 'mlx-stack-environment.json';
const maxRecordBytes = 1024 * 1024;
const recordSchema = z.strictObject({
  schema: z.literal(1),
  version: z.string().max(maxVersionLength),
  createdAt: z.number().int(),
  python: z.string(),
  uv: z.string().nullable(),
  excludeNewer: z.string(),
  /** What the program's `--help` names: each option with its choices. */
  options: z.record(z.string(), z.array(z.string()).nullable()),
});
export type EnvironmentRecord = z.infer<typeof recordSchema>;

export interface Environment {
  /** The folder's name. */
  readonly id: string;
  readonly record: EnvironmentRecord;
}

/** The random part keeps an installation away from what an ended one may still be writing. */
const idPattern = /^[0-9][0-9A-Za-z.+!_-]{0,63}-[0-9a-f]{8}$/;
const linkPattern = /^\.current\.[0-9a-f]{16}$/;
const currentName = 'current';

/** A dying installation may still write into what is being removed. */
const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

export interface Environments {
  folderOf(name: EngineName, id: string): string;
  programOf(name: EngineName, id: string): string;
  /** Makes the engine's own folder and names a new environment in it, which is not made yet. */
  prepare(name: EngineName, version: string): Promise<Result<string>>;
  /** Where the link of the environment in use points, whatever that is. */
  currentId(name: EngineName): Promise<string | null>;
  read(name: EngineName, id: string): Promise<EnvironmentRecord | null>;
  finish(name: EngineName, id: string, record: EnvironmentRecord): Promise<Result<void>>;
  /** At once and whole: a program that is started now or a moment later is either the old or the new one. */
  switchTo(name: EngineName, id: string): Promise<Result<void>>;
  /** The newest complete one that was made before the one in use; where that is damaged, the newest there is. */
  previous(name: EngineName): Promise<Environment | null>;
  discard(name: EngineName, id: string): Promise<void>;
  /** Removes all but the one in use and the one before it. Only while no installation runs. */
  tidy(name: EngineName): Promise<boolean>;
}

export function createEnvironments(options: {
  readonly engines: string;
  readonly files: HomeFiles;
}): Environments {
  const { engines, files } = options;
  const folder = (name: EngineName) => path.join(engines, name);
  const folderOf = (name: EngineName, id: string) => path.join(engines, name, id);
  const programOf = (name: EngineName, id: string) => path.join(folderOf(name, id), 'bin', name);

  async function prepare(name: EngineName, version: string): Promise<Result<string>> {
    const id = `${version}-${randomBytes(4).toString('hex')}`;
    if (!idPattern.test(id)) throw new Error(`No folder name can be made of the version ${version}`);
    for (const place of [engines, folder(name)]) {
      const found = await ownFolder(place);
      if (found !== null) return fail(found);
    }
    return ok(id);
  }

  async function currentId(name: EngineName): Promise<string | null> {
    try {
      const target = await readlink(path.join(folder(name), currentName));
      return path.basename(target) === target && target !== '.' && target !== '..' ? target : null;
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      return null;
    }
  }

  async function read(name: EngineName, id: string): Promise<EnvironmentRecord | null> {
    const file = path.join(folderOf(name, id), recordName);
    const found = await readJson(files, file, recordSchema, maxRecordBytes);
    return found.kind === 'value' ? found.value : null;
  }

  async function switchTo(name: EngineName, id: string): Promise<Result<void>> {
    const next = path.join(folder(name), `.current.${randomBytes(8).toString('hex')}`);
    try {
      await symlink(id, next);
      try {
        await rename(next, path.join(folder(name), currentName));
      } catch (error) {
        await unlink(next).catch(() => undefined);
        throw error;
      }
      return ok(undefined);
    } catch (error) {
      return fail(systemProblem(error, `engines/${name}/${currentName}`, 'written'));
    }
  }

  async function complete(name: EngineName): Promise<Environment[]> {
    const ids = (await namesIn(folder(name))).filter((entry) => idPattern.test(entry));
    const records = await Promise.all(
      ids.map(async (id) => ({
        id,
        record: (await isFile(programOf(name, id))) ? await read(name, id) : null,
      })),
    );
    return records.flatMap(({ id, record }) => (record === null ? [] : [{ id, record }]));
  }

  async function previous(name: EngineName): Promise<Environment | null> {
    const current = await currentId(name);
    if (current === null) return null;
    const all = await complete(name);
    const present = all.find(({ id }) => id === current);
    const before = present?.record.createdAt ?? Number.POSITIVE_INFINITY;
    const older = all.filter(({ record }) => record.createdAt < before);
    return older.toSorted((a, b) => b.record.createdAt - a.record.createdAt)[0] ?? null;
  }

  /** The record first: half removed it must not look whole. */
  async function discard(name: EngineName, id: string): Promise<void> {
    const place = folderOf(name, id);
    await unlink(path.join(place, recordName)).catch(() => undefined);
    await rm(place, removal).catch(() => undefined);
  }

  async function tidy(name: EngineName): Promise<boolean> {
    const kept = [await currentId(name), (await previous(name))?.id ?? null];
    let removedWhole = false;
    for (const entry of await namesIn(folder(name))) {
      if (linkPattern.test(entry)) await unlink(path.join(folder(name), entry)).catch(() => undefined);
      if (!idPattern.test(entry) || kept.includes(entry)) continue;
      removedWhole ||= (await read(name, entry)) !== null;
      await discard(name, entry);
    }
    return removedWhole;
  }

  return {
    folderOf,
    programOf,
    prepare,
    currentId,
    read,
    finish: (name, id, record) => writeJson(files, path.join(folderOf(name, id), recordName), record),
    switchTo,
    previous,
    discard,
    tidy,
  };
}

export function optionsFrom(record: EnvironmentRecord): EngineOptions {
  return new Map(Object.entries(record.options));
}

/** Makes it where it lacks; `null` when it may be written to. */
async function ownFolder(place: string): Promise<Problem | null> {
  const name = path.basename(place);
  try {
    await mkdir(place, { mode: 0o700, recursive: true });
    const stats = await lstat(place);
    if (stats.isSymbolicLink()) return linkProblem(name);
    if (!stats.isDirectory()) return wrongTypeProblem(name, 'folder');
    if (stats.uid !== process.getuid?.()) return foreignProblem(name);
    if ((stats.mode & 0o077) !== 0) await chmod(place, 0o700);
    return null;
  } catch (error) {
    return systemProblem(error, name, 'written');
  }
}

const isFile = (place: string): Promise<boolean> =>
  stat(place).then(
    (stats) => stats.isFile(),
    () => false,
  );

async function namesIn(place: string): Promise<readonly string[]> {
  try {
    return await readdir(place);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return [];
  }
}

export const nothingToGoBackTo = problem('no-previous-engine', toolchainWords.nothingToGoBackTo);
