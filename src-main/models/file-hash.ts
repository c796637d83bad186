/** The hash of one file on the disk, read in small steps. */
import { beginHash } from './hashing/begin-hash.ts';
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
  /** Reads on up to `endBytes`. One at a time; throws `signal`'s reason, and what the disk says. */
  follow(endBytes: number, signal?: AbortSignal): Promise<void>;
  /** Good for one call, when the whole file is hashed. */
  matches(): boolean;
}

export function createFileHash(file: RepoFile, handle: ByteReader): FileHasher {
  const { sizeBytes, hash } = file;
  const digest = beginHash(file);
  let hashedBytes = 0;
  let isReading = false;

  return {
    get hashedBytes() {
      return hashedBytes;
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
