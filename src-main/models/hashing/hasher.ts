/** The hash thread: reads parts of open files, in order, and takes them into the hash of each. */
import type { Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { beginHash } from './begin-hash.ts';
import type { FromHasher, HashRequest, ToHasher } from './protocol.ts';

/** Still in the processor's cache when it is hashed. */
const pieceBytes = 256 * 1024;

function start(port: NonNullable<typeof parentPort>): void {
  const hashes = new Map<number, Hash>();
  const piece = Buffer.allocUnsafeSlow(pieceBytes);

  function read({ fd, start: begin, end }: HashRequest, hash: Hash): number {
    let position = begin;
    while (position < end) {
      const bytesRead = readSync(fd, piece, 0, Math.min(pieceBytes, end - position), position);
      /** The file became shorter: what is missing cannot match. */
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      position += bytesRead;
    }
    return position;
  }

  function answer(request: HashRequest): FromHasher {
    const { id, file } = request;
    const hash = hashes.get(id) ?? beginHash(file);
    hashes.set(id, hash);
    try {
      const hashedBytes = read(request, hash);
      if (hashedBytes < file.sizeBytes) return { id, hashedBytes, hex: null, error: null };
      hashes.delete(id);
      return { id, hashedBytes, hex: hash.digest('hex'), error: null };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
      const { code, message } = error;
      return { id, hashedBytes: request.start, hex: null, error: { code, message } };
    }
  }

  port.on('message', (message: ToHasher) => {
    if (message.kind === 'forget') hashes.delete(message.id);
    else port.postMessage(answer(message));
  });
}

if (parentPort) start(parentPort);
