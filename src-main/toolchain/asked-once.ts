/** What programs say of themselves: each is asked once for each state of its file. */
import { realpath, stat } from 'node:fs/promises';
import { errnoOf } from '../files/file-problems.ts';

/** By which a changed program is known. */
export interface Stamp {
  /** Behind all links. */
  readonly path: string;
  readonly mtimeMs: number;
  readonly sizeBytes: number;
}

export interface AskedOnce<T> {
  /** Asks where it was not asked yet; `null` where it does not tell. */
  of(program: string): Promise<T | null>;
  /** What it told before; nothing is asked. */
  known(program: string): Promise<T | null>;
  /** One that told nothing is asked again. */
  forgetSilent(): void;
  /** Resolves when nothing that was asked runs any more. */
  close(): Promise<void>;
}

export interface AskedOnceOptions<T> {
  /** `null` where it does not tell. */
  readonly ask: (program: string, stamp: Stamp, over: AbortSignal) => Promise<T | null>;
  /** Programs that are remembered; the oldest go first. */
  readonly max: number;
}

interface Asked<T> {
  readonly stamp: Stamp;
  readonly answer: Promise<T | null>;
  told: T | null;
}

export function createAskedOnce<T>({ ask, max }: AskedOnceOptions<T>): AskedOnce<T> {
  const over = new AbortController();
  /** By path behind all links. */
  const asked = new Map<string, Asked<T>>();

  function before(stamp: Stamp): Asked<T> | null {
    const present = asked.get(stamp.path);
    return present !== undefined && isSame(present.stamp, stamp) ? present : null;
  }

  return {
    async of(program) {
      const stamp = await stampOf(program);
      if (stamp === null || over.signal.aborted) return null;
      const present = before(stamp);
      if (present !== null) return await present.answer;
      const entry: Asked<T> = { stamp, answer: ask(program, stamp, over.signal), told: null };
      asked.delete(stamp.path);
      asked.set(stamp.path, entry);
      for (const [oldest] of asked) if (asked.size > max) asked.delete(oldest);
      entry.told = await entry.answer;
      return entry.told;
    },
    async known(program) {
      const stamp = await stampOf(program);
      return stamp === null ? null : (before(stamp)?.told ?? null);
    },
    forgetSilent() {
      for (const [path, entry] of asked) {
        void entry.answer.then((answer) => {
          if (answer === null && asked.get(path) === entry) asked.delete(path);
        });
      }
    },
    async close() {
      over.abort();
      await Promise.allSettled([...asked.values()].map(({ answer }) => answer));
    },
  };
}

export const isSame = (a: Stamp, b: Stamp) =>
  a.path === b.path && a.mtimeMs === b.mtimeMs && a.sizeBytes === b.sizeBytes;

async function stampOf(program: string): Promise<Stamp | null> {
  try {
    const path = await realpath(program);
    const { mtimeMs, size } = await stat(path);
    return { path, mtimeMs, sizeBytes: size };
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}
