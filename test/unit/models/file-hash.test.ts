import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ByteReader, createFileHash } from '../../../src-main/models/file-hash.ts';
import type { RepoFile } from '../../../src-main/models/repo-files.ts';

const bytes = Buffer.from('What is a model? A file of numbers.');
const file = (kind: RepoFile['hash']['kind'], hex: string): RepoFile => ({
  path: 'x',
  sizeBytes: bytes.length,
  hash: { kind, hex },
});
const sha256 = file('sha256', createHash('sha256').update(bytes).digest('hex'));

/** A disk that holds `held`. */
function disk(held: Buffer): ByteReader {
  return {
    async read(buffer, offset, length, position) {
      return { bytesRead: held.copy(buffer, offset, position, Math.min(held.length, position + length)) };
    },
  };
}

describe('the hash of a file', () => {
  it('goes on where it ended', async () => {
    const hash = createFileHash(sha256, disk(bytes));
    await hash.follow(20);
    expect(hash.hashedBytes).toBe(20);
    await hash.follow(bytes.length);
    expect(hash.matches()).toBe(true);
  });

  it('is git’s own for files in git', async () => {
    const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const hash = createFileHash(file('git-sha1', blob), disk(bytes));
    await hash.follow(bytes.length);
    expect(hash.matches()).toBe(true);
  });

  it('does not match when a byte differs, one is missing, or not all was hashed', async () => {
    const other = Buffer.from(bytes);
    other[3] = 0;
    for (const held of [other, bytes.subarray(1), bytes.subarray(0, -1)]) {
      const hash = createFileHash(sha256, disk(held));
      await hash.follow(bytes.length);
      expect(hash.matches()).toBe(false);
    }
    expect(createFileHash(sha256, disk(bytes)).matches()).toBe(false);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    const hash = createFileHash(sha256, disk(bytes));
    stop.abort(new Error('stopped'));
    await expect(hash.follow(bytes.length, stop.signal)).rejects.toThrow('stopped');
  });
});
