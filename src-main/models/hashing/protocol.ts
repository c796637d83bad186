/** What the main thread and the hash thread say to each other. */
import type { RepoFile } from '../repo-files.ts';

/** Answered. The first of an `id` begins the hash of that file, and each goes on where the last one ended. */
export interface HashRequest {
  readonly kind: 'hash';
  readonly id: number;
  readonly file: Pick<RepoFile, 'sizeBytes' | 'hash'>;
  /** Stays open until the answer. */
  readonly fd: number;
  readonly start: number;
  readonly end: number;
}

/** `forget` is not answered: a hash that is not taken to its end. */
export type ToHasher = HashRequest | { readonly kind: 'forget'; readonly id: number };

export interface FromHasher {
  readonly id: number;
  /** Below `end` when the file is shorter. */
  readonly hashedBytes: number;
  /** Once the whole file is hashed. */
  readonly hex: string | null;
  /** Why the file could not be read. */
  readonly error: { readonly code: string; readonly message: string } | null;
}
