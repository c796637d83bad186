/** The test's own judgement of a model's files: by Node's hashes alone, whatever the product's say. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RepoFile } from '../../../src-main/models/repo-files.ts';

/** The first file whose content is not what the repository said, or `null`. */
export function findTampered(folder: string, files: readonly RepoFile[]): string | null {
  const bad = files.find((file) => !isIntact(path.join(folder, file.path), file));
  return bad?.path ?? null;
}

function isIntact(name: string, { sizeBytes, hash }: RepoFile): boolean {
  if (!lstatSync(name, { throwIfNoEntry: false })?.isFile()) return false;
  const bytes = readFileSync(name);
  const digest =
    hash.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes.length}\0`);
  return bytes.length === sizeBytes && digest.update(bytes).digest('hex') === hash.hex;
}
