/** Which options a vllm-mlx has that we did not install: its `--help`, read once for each state of its file and kept. */
import * as z from 'zod';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';
import { type AskDeps, askEngine, helpQuestion } from './ask-engine.ts';
import { type AskedOnce, createAskedOnce, isSame, type Stamp } from './asked-once.ts';
import { maxOptions, neededOptions, parseHelp } from './help.ts';

/** A first start imports much from a cold disk. A start waits so long for it, once; then nothing is held back. */
export const helpLimitMs = 30_000;
/** One is in use, the others were; the newest come first. */
export const maxKept = 8;
const maxRecordBytes = 1024 * 1024;

const keptSchema = z.strictObject({
  /** Behind all links. */
  path: z.string(),
  mtimeMs: z.number(),
  sizeBytes: z.number(),
  options: z.record(z.string(), z.array(z.string()).nullable()),
});
type Kept = z.infer<typeof keptSchema>;
const recordSchema = z.strictObject({ schema: z.literal(1), programs: z.array(keptSchema) });

/** One whose help has nothing that we understand tells nothing. */
export type FoundOptions = AskedOnce<EngineOptions>;

export interface FoundOptionsDeps extends AskDeps {
  readonly files: HomeFiles;
  /** Where they are kept from one launch to the next. */
  readonly file: string;
  readonly log: (message: string) => void;
  readonly limitMs?: number | undefined;
}

export function createFoundOptions(deps: FoundOptionsDeps): FoundOptions {
  let kept: Promise<readonly Kept[]> | null = null;

  function known(): Promise<readonly Kept[]> {
    kept ??= load();
    return kept;
  }

  async function load(): Promise<readonly Kept[]> {
    const found = await readJson(deps.files, deps.file, recordSchema, maxRecordBytes);
    return found.kind === 'value' ? found.value.programs : [];
  }

  async function read(program: string, stamp: Stamp, over: AbortSignal): Promise<EngineOptions | null> {
    const same = (await known()).find((one) => isSame(one, stamp));
    if (same !== undefined) return new Map(Object.entries(same.options));
    const outcome = await askEngine(
      program,
      helpQuestion('vllm-mlx'),
      deps,
      deps.limitMs ?? helpLimitMs,
      over,
    );
    if (outcome.how === 'cancelled') return null;
    const options = outcome.exitCode === 0 ? parseHelp(outcome.stdout) : new Map();
    // A wrapper that prints something of its own would have every option held back.
    if (!neededOptions['vllm-mlx'].every((option) => options.has(option))) {
      deps.log(
        `Engines: the options of ${stamp.path} could not be read (${outcome.how}, exit code ${outcome.exitCode ?? 'none'})`,
      );
      return null;
    }
    await keep(stamp, options);
    return options;
  }

  async function keep(stamp: Stamp, options: EngineOptions): Promise<void> {
    const others = (await known()).filter((one) => one.path !== stamp.path);
    const entry = {
      ...stamp,
      options: Object.fromEntries(
        [...options].slice(0, maxOptions).map(([name, choices]) => [name, choices && [...choices]]),
      ),
    };
    const programs = [entry, ...others].slice(0, maxKept);
    kept = Promise.resolve(programs);
    // Without it the next launch asks again.
    await writeJson(deps.files, deps.file, { schema: 1, programs });
  }

  return createAskedOnce({ ask: read, max: maxKept });
}
