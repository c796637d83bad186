/** Models that are compared with what their repository says, one after another; one that matches gets its manifest, and is ready. */
import { lstat } from 'node:fs/promises';
import { createHub, type Fetch } from '../catalogue/hub.ts';
import type { ModelCheck } from '../contract/models.ts';
import { type Problem, problem } from '../contract/result.ts';
import { errnoOf, systemProblem } from '../files/file-problems.ts';
import { commonWords, modelWords } from '../words/index.ts';
import { compareFolder } from './compare.ts';
import { DownloadEnded, unverified } from './failure.ts';
import { HashThreadEnded } from './hashing/hash-thread.ts';
import { listFiles } from './list-files.ts';
import { createRecords } from './records.ts';
import { totalBytes } from './repo-files.ts';

export interface ChecksOptions {
  readonly address: string;
  readonly fetch: Fetch;
  readonly token: () => Promise<string | null>;
  /** The file of the thread that hashes. */
  readonly hasherFile: string | URL;
  /** Something in `list()` is different. */
  readonly onChange: () => void;
  /** A model is ready that was not, or not for certain. */
  readonly onVerified: () => void;
  readonly onBug: (error: unknown) => void;
}

export interface Checked {
  readonly key: string;
  readonly name: string;
  /** Absolute, without links. */
  readonly folder: string;
  readonly repo: string;
}

export interface Checks {
  list(): ModelCheck[];
  /** One that is over is begun anew, and one that is not goes on. */
  begin(model: Checked): void;
  /** Resolves when nothing of it runs any longer, and its line is gone. */
  end(key: string): Promise<void>;
  close(): Promise<void>;
}

interface Line {
  readonly model: Checked;
  readonly stop: AbortController;
  state: ModelCheck['state'];
  doneBytes: number;
  totalBytes: number | null;
  problem: Problem | null;
  differs: boolean;
  ended: Promise<void>;
}

export function createChecks(options: ChecksOptions): Checks {
  const { onChange } = options;
  let lines: readonly Line[] = [];
  /** The disk is one, and so is the thread that hashes. */
  let lane: Promise<void> = Promise.resolve();
  let isClosed = false;

  const remove = (line: Line) => {
    lines = lines.filter((each) => each !== line);
    onChange();
  };

  async function run(line: Line): Promise<void> {
    const { stop, model } = line;
    if (stop.signal.aborted) return;
    line.state = 'checking';
    onChange();
    try {
      await check(line);
      line.state = 'matched';
      onChange();
      options.onVerified();
    } catch (error) {
      if (stop.signal.aborted) return;
      line.state = 'failed';
      line.problem = problemOf(error, model.name);
      if (line.problem === unexpected) options.onBug(error);
      onChange();
    }
  }

  async function check(line: Line): Promise<void> {
    const { folder, repo } = line.model;
    const { signal } = line.stop;
    const before = await lstat(folder);
    const { address, fetch, token } = options;
    const hub = createHub({ address, fetch, token, signal });
    const found = await listFiles(hub, repo);
    signal.throwIfAborted();
    if (!found.ok) throw new DownloadEnded(found.error);
    const { commit, files } = found.value;
    line.totalBytes = totalBytes(files);
    onChange();
    const differing = await compareFolder({
      folder,
      files,
      hasherFile: options.hasherFile,
      signal,
      onProgress: (bytes) => {
        line.doneBytes = bytes;
        onChange();
      },
    });
    signal.throwIfAborted();
    if (differing.length > 0) {
      line.differs = true;
      throw new DownloadEnded(differs(differing));
    }
    /** Another one may have taken its place meanwhile. */
    const after = await lstat(folder);
    if (after.ino !== before.ino || after.dev !== before.dev) throw new DownloadEnded(changedMeanwhile);
    const written = await createRecords(folder).writeManifest({ repo, commit, files });
    if (!written.ok) throw new DownloadEnded(written.error);
  }

  async function end(key: string): Promise<void> {
    const line = lines.find(({ model }) => model.key === key);
    if (line === undefined) return;
    line.stop.abort();
    remove(line);
    if (line.state === 'checking') await line.ended;
  }

  return {
    list: () =>
      lines.map(({ model, state, doneBytes, totalBytes, problem, differs }) => ({
        key: model.key,
        name: model.name,
        state,
        doneBytes,
        totalBytes,
        problem,
        differs,
      })),
    begin(model) {
      if (isClosed) return;
      const present = lines.find((line) => line.model.key === model.key);
      if (present?.state === 'queued' || present?.state === 'checking') return;
      const line: Line = {
        model,
        stop: new AbortController(),
        state: 'queued',
        doneBytes: 0,
        totalBytes: null,
        problem: null,
        differs: false,
        ended: Promise.resolve(),
      };
      lines = [...lines.filter((each) => each !== present), line];
      lane = lane.then(() => run(line));
      line.ended = lane;
      onChange();
    },
    end,
    async close() {
      isClosed = true;
      for (const { stop } of lines) stop.abort();
      await lane;
    },
  };
}

function problemOf(error: unknown, name: string): Problem {
  if (error instanceof DownloadEnded) return error.problem;
  if (error instanceof HashThreadEnded) return unverified;
  return errnoOf(error) === null ? unexpected : systemProblem(error, name, 'read');
}

const maxNamed = 5;

const differs = (paths: readonly string[]): Problem =>
  problem(
    'model-differs',
    modelWords.notAsRepository(commonWords.someOf(paths, maxNamed)),
    modelWords.onlyDifferingAgain,
  );

const changedMeanwhile = problem('model-changed', modelWords.changedDuringCheck, commonWords.tryAgain);
const unexpected = problem(
  'check-failed',
  modelWords.checkEndedForUnknownReason,
  modelWords.tryAgainLogMayTell,
);
