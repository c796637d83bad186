/** Appends lines to usage.jsonl so that a crash can spoil the last line only; never through a link. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, type Result } from '../contract/result.ts';
import { foreignProblem, systemProblem, wrongTypeProblem } from '../files/file-problems.ts';

const appendFlags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const lineFeed = 0x0a;

/** One write for all lines, on disk when it resolves. The value is the file's new size. */
export async function appendLines(file: string, lines: readonly string[]): Promise<Result<number>> {
  const name = path.basename(file);
  try {
    const handle = await open(file, appendFlags, 0o600);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return fail(wrongTypeProblem(name, 'file'));
      if (process.getuid !== undefined && stats.uid !== process.getuid()) return fail(foreignProblem(name));
      /** A line that a crash cut short must not swallow the next one. */
      const last = Buffer.alloc(1);
      if (stats.size > 0) await handle.read(last, 0, 1, stats.size - 1);
      const torn = stats.size > 0 && last[0] !== lineFeed;
      const text = `${torn ? '\n' : ''}${lines.join('\n')}\n`;
      await handle.writeFile(text, 'utf8');
      await handle.datasync();
      return ok(stats.size + Buffer.byteLength(text));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return fail(systemProblem(error, name, 'written'));
  }
}
