/** The one door to the files in home: reads are bounded, writes are atomic, links are never followed. Types only. */
import type { Problem, Result } from '../contract/result.ts';

export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  /** Too large, a symbolic link, not a regular file, not ours, not UTF-8, or the system refused. */
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface HomeFiles {
  /** Reads a whole small file; more than `maxBytes` is refused, never cut. */
  readText(file: string, maxBytes: number): Promise<ReadText>;
  /** Temp file in the same folder, 0600, fsync, rename; the folder is made 0700 when missing. */
  writeText(file: string, text: string): Promise<Result<void>>;
}

/** Something found wrong with home at start; `repaired` tells whether it was put right. */
export interface HomeFinding {
  readonly path: string;
  readonly repaired: boolean;
  readonly problem: Problem;
}
