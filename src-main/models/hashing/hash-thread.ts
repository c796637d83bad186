/** The main thread's side of the hash thread, which is there while a model is downloaded. */
import { Worker } from 'node:worker_threads';
import { mebibyte } from '../limits.ts';
import type { RepoFile } from '../repo-files.ts';
import type { FromHasher, HasherData, HashRequest, ToHasher } from './protocol.ts';

/** Read back at a time: few requests, and bytes in memory are not kept waiting for longer than this. */
export const stepBytes = 8 * mebibyte;
/** It holds one piece of a file, outside of this. */
const heapLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** The hash of one file while its parts arrive in any order: from memory where they are next, else read back. */
export interface FollowingHash {
  /** Up to here the thread has all that it needs. */
  readonly askedBytes: number;
  /** The file became shorter than it was written: it cannot match. */
  readonly isLost: boolean;
  /**
   * `bytes`, of the shared memory, belong at `position`. Taken when all before them is on the disk, as far as
   * `writtenBytes` says, or was taken; settles when their memory is needed no more. `null`: they are read back later.
   */
  offer(position: number, bytes: Buffer, writtenBytes: number): Promise<void> | null;
  /**
   * Resolves when all up to `endBytes`, which must be written, is hashed. The file must stay open until this settles, or
   * the thread is closed. Throws `signal`'s reason, what the disk says, or a `HashThreadEnded`.
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

/** It ended by itself: out of memory, or a mistake of ours. Or it was closed. */
export class HashThreadEnded extends Error {}

interface Waiting {
  readonly resolve: (outcome: FromHasher['outcome']) => void;
  readonly reject: (error: Error) => void;
}

/** Without what `HashRequest` has of the file. */
type Part =
  | { readonly kind: 'read'; readonly start: number; readonly end: number }
  | { readonly kind: 'take'; readonly offset: number; readonly length: number };

/** `file` is the thread's own. It begins with the first question. */
export function createHashThread(file: string | URL, memory: SharedArrayBuffer): HashThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let isOver = false;
  let lastId = 0;

  function begin(): Worker {
    const data: HasherData = { memory };
    const created = new Worker(file, { workerData: data, resourceLimits: heapLimits });
    created.on('message', ({ id, outcome }: FromHasher) => {
      waiting.get(id)?.resolve(outcome);
      waiting.delete(id);
    });
    created.on('error', end);
    created.on('exit', end);
    return created;
  }

  function end(): void {
    isOver = true;
    for (const { reject } of waiting.values()) reject(new HashThreadEnded());
    waiting.clear();
  }

  function ask(request: HashRequest): Promise<FromHasher['outcome']> {
    if (isOver) return Promise.reject(new HashThreadEnded());
    return new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      worker ??= begin();
      worker.postMessage(request);
    });
  }

  const nextId = () => {
    lastId += 1;
    return lastId;
  };

  return {
    begin({ sizeBytes, hash }, { fd }) {
      const its = { hash: nextId(), file: { sizeBytes, hash } };
      let askedBytes = 0;
      let hex: string | null = null;
      let isLost = false;
      let failure: Error | null = null;
      let isBegun = false;
      /** Of what was asked last; by then all before it is answered too. */
      let last: Promise<void> = Promise.resolve();

      function take(part: Part, bytes: number): Promise<void> {
        askedBytes += bytes;
        isBegun = true;
        const id = nextId();
        last = note(ask(part.kind === 'read' ? { ...its, id, ...part, fd } : { ...its, id, ...part }));
        /** Whoever follows hears of it. */
        last.catch(() => undefined);
        return last;
      }

      async function note(asked: Promise<FromHasher['outcome']>): Promise<void> {
        const outcome = await asked;
        if (outcome.kind === 'whole') hex = outcome.hex;
        if (outcome.kind === 'lost' || outcome.kind === 'failed') isLost = true;
        if (outcome.kind !== 'failed') return;
        failure ??= Object.assign(new Error(outcome.message), { code: outcome.code });
      }

      const readBack = (endBytes: number) => {
        const end = Math.min(endBytes, askedBytes + stepBytes);
        return take({ kind: 'read', start: askedBytes, end }, end - askedBytes);
      };

      return {
        get askedBytes() {
          return askedBytes;
        },
        get isLost() {
          return isLost;
        },
        offer(position, bytes, writtenBytes) {
          if (bytes.buffer !== memory || position < askedBytes) return null;
          if (position > askedBytes && position > writtenBytes) return null;
          while (askedBytes < position) readBack(position);
          return take({ kind: 'take', offset: bytes.byteOffset, length: bytes.length }, bytes.length);
        },
        async follow(endBytes, signal) {
          /** Of an empty file, too, there is a hash. */
          if (!isBegun && sizeBytes === 0) await readBack(0);
          while (askedBytes < endBytes && !isLost) {
            signal.throwIfAborted();
            await readBack(endBytes);
          }
          await last;
          if (failure !== null) throw failure;
        },
        matches: () => hex === hash.hex,
        forget: () => worker?.postMessage({ kind: 'forget', hash: its.hash } satisfies ToHasher),
      };
    },
    async close() {
      end();
      await worker?.terminate();
    },
  };
}
