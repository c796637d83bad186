/** What the main thread and the hash thread say to each other. */
import type { RepoFile } from '../repo-files.ts';

export interface HasherData {
  /** What is to be hashed from memory lies here. */
  readonly memory: SharedArrayBuffer;
}

interface Hashing {
  /** Of the request: answers come in order. */
  readonly id: number;
  /** Of the hash; its first request begins it, and each goes on where the last one ended. */
  readonly hash: number;
  readonly file: Pick<RepoFile, 'sizeBytes' | 'hash'>;
}

export type HashRequest =
  | (Hashing & {
      readonly kind: 'read';
      /** Stays open until the answer. */
      readonly fd: number;
      readonly start: number;
      readonly end: number;
    })
  | (Hashing & {
      readonly kind: 'take';
      /** In the memory; it stays as it is until the answer. */
      readonly offset: number;
      readonly length: number;
    });

/** `forget` is not answered: a hash that is not taken to its end. */
export type ToHasher = HashRequest | { readonly kind: 'forget'; readonly hash: number };

export interface FromHasher {
  readonly id: number;
  readonly outcome:
    | { readonly kind: 'hashed' }
    /** The whole file is hashed. */
    | { readonly kind: 'whole'; readonly hex: string }
    /** The file is shorter than it was said to be: what is missing cannot match. */
    | { readonly kind: 'lost' }
    /** What the system says. */
    | { readonly kind: 'failed'; readonly code: string; readonly message: string };
}
