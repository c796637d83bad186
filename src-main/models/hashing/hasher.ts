/** The hash thread: takes files, in order, into the hash of each, from the memory it shares or from the disk. */
import type { Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { beginHash } from './begin-hash.ts';
import type { FromHasher, HasherData, HashRequest, ToHasher } from './protocol.ts';

/** Still in the processor's cache when it is hashed. */
const pieceBytes = 256 * 1024;

interface Open {
  readonly hash: Hash;
  hashedBytes: number;
}

function start(port: NonNullable<typeof parentPort>, { memory }: HasherData): void {
  const files = new Map<number, Open>();
  const piece = Buffer.allocUnsafeSlow(pieceBytes);

  /** `false` when there is less of it. */
  function read(open: Open, fd: number, begin: number, end: number): boolean {
    for (let position = begin; position < end; ) {
      const bytesRead = readSync(fd, piece, 0, Math.min(pieceBytes, end - position), position);
      if (bytesRead === 0) return false;
      add(open, piece.subarray(0, bytesRead));
      position += bytesRead;
    }
    return true;
  }

  function add(open: Open, bytes: Buffer): void {
    open.hash.update(bytes);
    open.hashedBytes += bytes.length;
  }

  function begin(request: HashRequest): Open {
    const open = files.get(request.hash) ?? { hash: beginHash(request.file), hashedBytes: 0 };
    files.set(request.hash, open);
    return open;
  }

  function perform(request: HashRequest): FromHasher['outcome'] {
    const open = begin(request);
    try {
      if (request.kind === 'take') add(open, Buffer.from(memory, request.offset, request.length));
      else if (!read(open, request.fd, request.start, request.end)) return { kind: 'lost' };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
      return { kind: 'failed', code: error.code, message: error.message };
    }
    if (open.hashedBytes < request.file.sizeBytes) return { kind: 'hashed' };
    files.delete(request.hash);
    return { kind: 'whole', hex: open.hash.digest('hex') };
  }

  port.on('message', (message: ToHasher) => {
    if (message.kind === 'forget') files.delete(message.hash);
    else port.postMessage({ id: message.id, outcome: perform(message) } satisfies FromHasher);
  });
}

if (parentPort) start(parentPort, workerData);
