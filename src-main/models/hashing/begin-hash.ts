/** The hash that a repository says of a file, before its first byte. */
import { createHash, type Hash } from 'node:crypto';
import type { RepoFile } from '../repo-files.ts';

export function beginHash({ sizeBytes, hash }: Pick<RepoFile, 'sizeBytes' | 'hash'>): Hash {
  if (hash.kind === 'sha256') return createHash('sha256');
  /** As git does it. */
  return createHash('sha1').update(`blob ${sizeBytes}\0`);
}
