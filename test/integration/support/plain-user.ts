/** Acts without root's powers, which no mode of a folder holds back: CI runs as root. */
import { chownSync } from 'node:fs';
import { vi } from 'vitest';

/** Nobody's. */
const strangerUid = 65_534;
const isRoot = process.getuid?.() === 0;
/** Who acts in `asPlainUser`. */
export const plainUid = isRoot ? strangerUid : (process.getuid?.() ?? 0);

/** The folders that the tests make are root's. */
export function giveToPlainUser(...files: readonly string[]): void {
  if (isRoot) for (const file of files) chownSync(file, plainUid, -1);
}

/** What runs meanwhile in this process, asynchronous work included, is that user's. */
export async function asPlainUser<T>(act: () => Promise<T>): Promise<T> {
  if (!isRoot) return act();
  const who = vi.spyOn(process, 'getuid').mockReturnValue(plainUid);
  process.seteuid?.(plainUid);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
    who.mockRestore();
  }
}
