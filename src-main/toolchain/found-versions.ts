/** Which version a program is that has no metadata beside it. */
import { type AskDeps, askEngine, versionQuestion } from './ask-engine.ts';
import { type AskedOnce, createAskedOnce } from './asked-once.ts';
import { parseVersion } from './versions.ts';

/** A first start imports much from a cold disk. */
export const versionLimitMs = 30_000;
const maxAsked = 8;

export type FoundVersions = AskedOnce<string>;

export const createFoundVersions = (deps: AskDeps): FoundVersions =>
  createAskedOnce({
    max: maxAsked,
    async ask(program, _, over) {
      const { exitCode, stdout } = await askEngine(program, versionQuestion, deps, versionLimitMs, over);
      const words = stdout.split(/[\s=,()]+/);
      const version = words.find((word) => /\d\.\d/.test(word) && parseVersion(word) !== null);
      return exitCode === 0 ? (version ?? null) : null;
    },
  });
