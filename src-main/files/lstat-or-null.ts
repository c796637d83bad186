import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { errnoOf } from './file-problems.ts';

/** `null`: there is nothing. Any other refusal is thrown. `look` takes the place of the system's own `lstat`. */
export async function lstatOrNull(file: string, look: typeof lstat = lstat): Promise<Stats | null> {
  try {
    return await look(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
