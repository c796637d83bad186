/** The hash of one file, taken in order while its parts arrive in any order: from memory where they fit, else read back. */
import { createHash } from 'node:crypto';
import { mebibyte } from './limits.ts';
import type { RepoFile } from './repo-files.ts';

/** Of one step on the main thread: well below a millisecond of hashing. */
const readBytes = mebibyte;

/** A `FileHandle` is one. */
export interface ByteReader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

export interface FileHasher {
  readonly hashedBytes: number;
  /** What was just written there; taken when it is next in order, else read back later. */
  offer(position: number, bytes: Uint8Array): void;
  /** Reads on up to `endBytes`, which must be written. One at a time; throws `signal`'s reason, and what the disk says. */
  follow(endBytes: number, signal?: AbortSignal): Promise<void>;
  /** Good for one call, when the whole file is hashed. */
  matches(): boolean;
}

export function createFileHash({ sizeBytes, hash }: RepoFile, handle: ByteReader): FileHasher {
  const digest = createHash(hash.kind === 'sha256' ? 'sha256' : 'sha1');
  /** As git does it. */
  if (hash.kind === 'git-sha1') digest.update(`blob ${sizeBytes}\0`);
  let hashedBytes = 0;
  let isReading = false;

  return {
    get hashedBytes() {
      return hashedBytes;
    },
    offer(position, bytes) {
      if (isReading || position !== hashedBytes) return;
      digest.update(bytes);
      hashedBytes += bytes.byteLength;
    },
    async follow(endBytes, signal) {
      if (isReading) throw new Error('A file is hashed by one reader at a time');
      isReading = true;
      try {
        const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(0, endBytes - hashedBytes)));
        while (hashedBytes < endBytes) {
          signal?.throwIfAborted();
          const wanted = Math.min(buffer.length, endBytes - hashedBytes);
          const { bytesRead } = await handle.read(buffer, 0, wanted, hashedBytes);
          /** The file became shorter: what is missing cannot match. */
          if (bytesRead === 0) return;
          digest.update(buffer.subarray(0, bytesRead));
          hashedBytes += bytesRead;
        }
      } finally {
        isReading = false;
      }
    },
    matches: () => hashedBytes === sizeBytes && digest.digest('hex') === hash.hex,
  };
}
