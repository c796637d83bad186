/** The last lines of a file of any size, read from its end in constant memory. */

import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { codeOf } from './fs.ts';

const blockBytes = 64 * 1024;
/** No more is ever held, however long the lines are; then fewer lines are answered, the first one cut. */
export const tailMaxBytes = 8 * 1024 * 1024;

/**
 * At most `count` lines, oldest first; 0 reads nothing. A line that the file ends without a newline counts. Lines are
 * divided at `\n` only, and bytes that are no UTF-8 are replaced.
 */
export async function tailLines(
  file: string,
  count: number,
  maxBytes: number = tailMaxBytes,
): Promise<Result<string[]>> {
  if (count <= 0) return ok([]);
  let handle: fs.FileHandle;
  try {
    // O_NONBLOCK: a FIFO in place of the file must not block.
    handle = await fs.open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return fail(describeReadFailure(codeOf(error), file));
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return fail(describeReadFailure('not-a-plain-file', file));
    return ok(await readTail(handle, stats.size, count, maxBytes));
  } catch (error) {
    return fail(describeReadFailure(codeOf(error), file));
  } finally {
    await handle.close();
  }
}

async function readTail(
  handle: fs.FileHandle,
  size: number,
  count: number,
  maxBytes: number,
): Promise<string[]> {
  const blocks: Buffer[] = [];
  let from = size;
  let held = 0;
  // The newline that ends the last line begins no further one.
  let newlines = -1;
  while (from > 0 && newlines < count && held < maxBytes) {
    const length = Math.min(blockBytes, from, maxBytes - held);
    const block = await readExactly(handle, from - length, length);
    // Cut meanwhile (a truncated log): what is there no longer counts.
    if (!block) return readTail(handle, (await handle.stat()).size, count, maxBytes);
    if (from === size && block.at(-1) !== 10) newlines = 0;
    from -= length;
    held += length;
    blocks.unshift(block);
    newlines += countNewlines(block);
  }
  const all = Buffer.concat(blocks);
  const end = all.at(-1) === 10 ? all.length - 1 : all.length;
  if (all.length === 0) return [];
  let start = end;
  for (let lines = 0; lines < count && start >= 0; lines += 1)
    start = start === 0 ? -1 : all.lastIndexOf(10, start - 1);
  // Cut by `maxBytes`: not within a character.
  let first = start + 1;
  while (from > 0 && start < 0 && first < end && ((all[first] ?? 0) & 0xc0) === 0x80) first += 1;
  return all.toString('utf8', first, end).split('\n');
}

async function readExactly(handle: fs.FileHandle, position: number, length: number): Promise<Buffer | null> {
  const block = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(block, filled, length - filled, position + filled);
    if (bytesRead === 0) return null;
    filled += bytesRead;
  }
  return block;
}

function countNewlines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) lines += 1;
  return lines;
}

function describeReadFailure(code: string, file: string): Problem {
  switch (code) {
    case 'ENOENT':
      return problem('log-absent', `There is no ${file} yet.`);
    case 'ELOOP':
    case 'not-a-plain-file':
      return problem(
        'log-not-a-file',
        `${file} is a link or not a plain file, and links are never followed.`,
      );
    case 'EACCES':
    case 'EPERM':
      return problem('log-not-readable', `${file} cannot be read: permission was refused.`);
    default:
      return problem('log-read-failed', `${file} cannot be read (${code}).`);
  }
}
