/** Which version a program is that has no metadata beside it: asked once for each state of its file. */
import { type AskDeps, askEngine, versionQuestion } from './ask-engine.ts';
import { isSame, type Stamp, stampOf } from './found-options.ts';
import { parseVersion } from './versions.ts';

/** A first start imports much from a cold disk. */
const versionLimitMs = 30_000;
export const maxAsked = 8;

export interface FoundVersions {
  /** Runs it where it was not asked yet; `null` where it does not tell. */
  of(program: string): Promise<string | null>;
  /** What it said before; nothing is run. */
  known(program: string): Promise<string | null>;
  /** One that told nothing is asked again. */
  forgetSilent(): void;
  /** Resolves when nothing that was asked runs any more. */
  close(): Promise<void>;
}

interface Asked {
  readonly stamp: Stamp;
  readonly version: Promise<string | null>;
  told: string | null;
}

export function createFoundVersions(deps: AskDeps): FoundVersions {
  const over = new AbortController();
  /** By path behind all links. */
  const asked = new Map<string, Asked>();

  async function ask(program: string): Promise<string | null> {
    const { exitCode, stdout } = await askEngine(program, versionQuestion, deps, versionLimitMs, over.signal);
    const word = stdout.split(/[\s=,()]+/).find((each) => /\d\.\d/.test(each) && parseVersion(each) !== null);
    return exitCode === 0 ? (word ?? null) : null;
  }

  async function before(program: string): Promise<{ stamp: Stamp | null; asked: Asked | null }> {
    const stamp = await stampOf(program);
    const present = stamp === null ? undefined : asked.get(stamp.path);
    return {
      stamp,
      asked: stamp !== null && present !== undefined && isSame(present.stamp, stamp) ? present : null,
    };
  }

  return {
    async of(program) {
      const { stamp, asked: present } = await before(program);
      if (present !== null) return await present.version;
      if (stamp === null) return null;
      const entry: Asked = { stamp, version: ask(program), told: null };
      asked.delete(stamp.path);
      asked.set(stamp.path, entry);
      for (const [oldest] of asked) if (asked.size > maxAsked) asked.delete(oldest);
      entry.told = await entry.version;
      return entry.told;
    },
    async known(program) {
      return (await before(program)).asked?.told ?? null;
    },
    forgetSilent() {
      for (const [path, entry] of asked) {
        void entry.version.then((version) => {
          if (version === null) asked.delete(path);
        });
      }
    },
    async close() {
      over.abort();
      await Promise.allSettled([...asked.values()].map(({ version }) => version));
    },
  };
}
