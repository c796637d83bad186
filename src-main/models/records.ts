/** What a model folder holds beside the model: how far its download came, and at the end what it must contain. */
import path from 'node:path';
import * as z from 'zod';
import { isRepoId } from '../catalogue/repo-id.ts';
import type { Result } from '../contract/result.ts';
import { createHomeFiles } from '../files/home-files.ts';
import { type ReadJson, readJson, writeJson } from '../files/json-files.ts';
import { areSoundRanges } from './ranges.ts';
import { isSafePath, maxModelFiles, type RepoFile } from './repo-files.ts';

/** A folder of this name is a download that is not finished, whatever it holds. */
export const partialSuffix = '.partial';
/** In a partial folder only; it never says more than what is safe on the disk. */
export const progressName = '.mlx-stack-download.json';
/** Says that the folder is ours and whole: it is written when every file was verified, before the folder gets its name. */
export const manifestName = '.mlx-stack.json';
/** Thousands of files with their hashes. */
export const maxRecordBytes = 4 * 1024 * 1024;

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const hash = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sha256'), hex: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.strictObject({ kind: z.literal('git-sha1'), hex: z.string().regex(/^[0-9a-f]{40}$/) }),
]);
const fileShape = { path: z.string().refine(isSafePath), sizeBytes: size, hash };

const manifestSchema = z.strictObject({
  version: z.literal(1),
  repo: z.string().refine(isRepoId),
  commit,
  /** Epoch milliseconds. */
  finishedAt: z.number(),
  files: z.array(z.strictObject(fileShape)).min(1).max(maxModelFiles),
});
export type Manifest = z.infer<typeof manifestSchema>;
export interface Verified extends Pick<Manifest, 'repo' | 'commit'> {
  readonly files: readonly RepoFile[];
}

const progressSchema = z.strictObject({
  version: z.literal(1),
  repo: z.string().refine(isRepoId),
  /** Epoch milliseconds; of several downloads the earliest goes first. */
  queuedAt: z.number(),
  isPaused: z.boolean(),
  /** Whatever is in the folder of its name stays in use until this takes its place, and what of it matches is taken. */
  replaces: z.boolean().optional(),
  /** Nothing of it is taken, not even what matches. */
  isAnew: z.boolean().optional(),
  /** `null` until the list of files is known. */
  commit: commit.nullable(),
  files: z
    .array(
      z
        .strictObject({ ...fileShape, done: z.array(z.tuple([size, size])).max(10_000) })
        .refine(({ done, sizeBytes }) => areSoundRanges(done, sizeBytes)),
    )
    .max(maxModelFiles),
});
export type Progress = z.infer<typeof progressSchema>;
export type FileProgress = Progress['files'][number];

/** Bounded, and never through a link: the folder may lie anywhere and hold anything. */
export const readManifest = (folder: string): Promise<ReadJson<Manifest>> =>
  readJson(
    createHomeFiles({ home: folder }),
    path.join(folder, manifestName),
    manifestSchema,
    maxRecordBytes,
  );

export const readProgress = (folder: string): Promise<ReadJson<Progress>> =>
  readJson(
    createHomeFiles({ home: folder }),
    path.join(folder, progressName),
    progressSchema,
    maxRecordBytes,
  );

export interface Records {
  writeProgress(progress: Progress): Promise<Result<void>>;
  /** As of now. */
  writeManifest(verified: Verified): Promise<Result<void>>;
}

/** Every write is whole and on the disk before it is said to be done. */
export function createRecords(folder: string): Records {
  const files = createHomeFiles({ home: folder });
  return {
    writeProgress: (progress) => writeJson(files, path.join(folder, progressName), progress),
    writeManifest: (verified) =>
      writeJson(files, path.join(folder, manifestName), {
        ...verified,
        version: 1,
        finishedAt: Date.now(),
      } satisfies Omit<Manifest, 'files'>),
  };
}
