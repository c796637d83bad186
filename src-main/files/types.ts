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
  /**
   * Temp file in the same folder, 0600, fsync, rename; the folder is made 0700 when missing.
   * Writes to one file follow each other; one that still waits is replaced by a newer one and shares its outcome.
   */
  writeText(file: string, text: string): Promise<Result<void>>;
  /** Renames a file that cannot be used to `<file>.bad`, so that a good one may take its place. */
  setAside(file: string): Promise<Result<void>>;
}

/** Something found wrong with home at start; `repaired` tells whether it was put right. */
export interface HomeFinding {
  readonly path: string;
  readonly repaired: boolean;
  /** Nothing may be started: home, or something the app writes to in it, is a link, foreign or of the wrong type. */
  readonly fatal: boolean;
  readonly problem: Problem;
}

/** A place in a text; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A problem inside a text file. The message names file, line and column already; `position` is for an editor. */
export interface LocatedProblem {
  readonly position: TextPosition | null;
  readonly problem: Problem;
}
