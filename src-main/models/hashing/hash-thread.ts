/** The main thread's side of the hash thread, which is there while a model is downloaded. */
import { Worker } from 'node:worker_threads';
import { mebibyte } from '../limits.ts';
import type { RepoFile } from '../repo-files.ts';
import type { FromHasher, ToHasher } from './protocol.ts';

/** Of one request: few of them, and whoever wants to end waits for no more than this. */
const stepBytes = 8 * mebibyte;
/** It holds one piece of a file, outside of this. */
const heapLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** The hash of one file that is being written: all of it is read back in order, close behind the writing. */
export interface FollowingHash {
  readonly hashedBytes: number;
  /**
   * Reads on up to `endBytes`, which must be written; the file must stay open until this settles. One at a time. Throws
   * `signal`'s reason, what the disk says, or a `HashThreadEnded`.
   */
  follow(endBytes: number, signal: AbortSignal): Promise<void>;
  /** Whether the whole file is hashed, and is what the repository said. */
  matches(): boolean;
  /** Nobody asks for it any more. */
  forget(): void;
}

export interface HashThread {
  begin(file: RepoFile, handle: { readonly fd: number }): FollowingHash;
  /** Resolves when it reads nothing any more. */
  close(): Promise<void>;
}

/** It ended by itself: out of memory, or a mistake of ours. */
export class HashThreadEnded extends Error {}

interface Waiting {
  readonly resolve: (answer: FromHasher) => void;
  readonly reject: (error: Error) => void;
}

/** `file` is the thread's own. It begins with the first question. */
export function createHashThread(file: string | URL): HashThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let nextId = 1;

  function begin(): Worker {
    const created = new Worker(file, { resourceLimits: heapLimits });
    created.on('message', (answer: FromHasher) => {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    });
    created.on('error', ended);
    created.on('exit', () => ended(null));
    return created;
  }

  function ended(cause: unknown): void {
    for (const { reject } of waiting.values())
      reject(new HashThreadEnded('The hash thread ended', { cause }));
    waiting.clear();
  }

  function ask(id: number, message: ToHasher): Promise<FromHasher> {
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker ??= begin();
      worker.postMessage(message);
    });
  }

  return {
    begin({ sizeBytes, hash }, { fd }) {
      const id = nextId;
      nextId += 1;
      let hashedBytes = 0;
      let hex: string | null = null;
      return {
        get hashedBytes() {
          return hashedBytes;
        },
        async follow(endBytes, signal) {
          if (waiting.has(id)) throw new Error('A file is hashed by one reader at a time');
          while (hex === null && hashedBytes <= endBytes) {
            signal.throwIfAborted();
            const end = Math.min(endBytes, hashedBytes + stepBytes);
            const file = { sizeBytes, hash };
            const answer = await ask(id, { kind: 'hash', id, file, fd, start: hashedBytes, end });
            if (answer.error !== null) {
              throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
            }
            hashedBytes = answer.hashedBytes;
            hex = answer.hex;
            if (hashedBytes < end || hashedBytes === endBytes) return;
          }
        },
        matches: () => hex === hash.hex,
        forget: () => worker?.postMessage({ kind: 'forget', id } satisfies ToHasher),
      };
    },
    async close() {
      await worker?.terminate();
    },
  };
}
