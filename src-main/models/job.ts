/** One model's way from its name to a verified folder: list, room on the disk, transfer, manifest, the final name. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createHub } from '../catalogue/hub.ts';
import { hubProblems } from '../catalogue/hub-problems.ts';
import { type Problem, problem } from '../contract/result.ts';
import { systemProblem } from '../files/file-problems.ts';
import { formatDiskBytes } from '../status/format.ts';
import { commonWords, modelWords } from '../words/index.ts';
import { counted, DownloadEnded, type Failure, limited, never, offline } from './failure.ts';
import { createFileSource } from './file-source.ts';
import type { DownloadLimits } from './limits.ts';
import { type FileList, listFiles } from './list-files.ts';
import { inspectPlace, NotOurs, putInPlace, removeStrangers } from './partial-folder.ts';
import { createPatience, type HubPause } from './patience.ts';
import { totalOf } from './ranges.ts';
import { lacksOf } from './ready.ts';
import { createRecords, type FileProgress, manifestName, type Progress } from './records.ts';
import { totalBytes } from './repo-files.ts';
import { seed } from './seed.ts';
import { createSpeed } from './speed.ts';
import { createTransfer, strangeFile, type Transfer } from './transfer.ts';
import type { Transport } from './transport.ts';
import type { DownloadsOptions } from './types.ts';

export interface JobOptions
  extends Required<Pick<DownloadsOptions, 'address' | 'fetch' | 'token' | 'freeDiskBytes' | 'hasherFile'>> {
  readonly transport: Transport;
  readonly limits: DownloadLimits;
  readonly pause: HubPause;
  /** Both absolute, in one folder. */
  readonly partial: string;
  readonly folder: string;
  /** As it was recorded last. */
  readonly progress: Progress;
  readonly onChange: () => void;
}

export interface JobFigures {
  readonly state: 'preparing' | 'downloading' | 'verifying' | 'waiting';
  readonly doneBytes: number;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
  /** Why it waits. */
  readonly problem: Problem | null;
}

export interface Job {
  figures(): JobFigures;
  /** What is safe on the disk. */
  progress(): Progress;
  wake(): void;
  /** Throws a `DownloadEnded`, or `signal`'s reason. */
  run(signal: AbortSignal): Promise<void>;
}

/** Room for what is downloaded, and some for all else that happens meanwhile. */
const diskReserve = 0.2;

export function createJob(options: JobOptions): Job {
  const { address, transport, limits, pause, partial, folder, onChange } = options;
  const { repo } = options.progress;
  const records = createRecords(partial);
  const speed = createSpeed();
  let connections = new AbortController();
  const patience = createPatience({ limits, pause, onChange });
  let progress = options.progress;
  let transfer: Transfer | null = null;

  const known = () => (progress.commit === null ? null : totalBytes(progress.files));
  const onDisk = () => progress.files.reduce((sum, { done }) => sum + totalOf(done), 0);

  async function run(signal: AbortSignal): Promise<void> {
    const token = await options.token();
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) throw new DownloadEnded(hubProblems.badToken);
    await list(token, signal);
    /** Of an end that did not succeed: it must never speak for what is changed from here on. */
    await rm(path.join(partial, manifestName), { force: true });
    const seeded = new Set<string>();
    const takesOver = progress.replaces === true && progress.isAnew !== true;
    if (takesOver) await takeWhatIsThere('clone', seeded, signal);
    await checkDisk();
    if (takesOver) await takeWhatIsThere('copy', seeded, signal);
    signal.throwIfAborted();
    const { commit } = progress;
    if (commit === null) throw new Error('A list of files has a commit');
    const source = createFileSource({
      address,
      repo,
      commit,
      token,
      transport,
      stallMs: limits.stallMs,
      connections: () => connections.signal,
    });
    transfer = createTransfer({
      folder: partial,
      files: progress.files,
      seeded,
      source,
      patience,
      limits,
      hasherFile: options.hasherFile,
      record: (files) => save({ ...progress, files: [...files] }),
      onProgress: (bytes) => {
        if (bytes > 0) speed.add(bytes);
        onChange();
      },
    });
    await transfer.run(signal);
    signal.throwIfAborted();
    await install(commit);
  }

  /** A list that is known is kept: a newer version of the model is another download. */
  async function list(token: string | null, signal: AbortSignal): Promise<void> {
    if (progress.commit !== null) return;
    let limitSeconds = 0;
    const hub = createHub({
      address,
      fetch: options.fetch,
      token: async () => token,
      signal,
      onRateLimit: (seconds) => {
        limitSeconds = seconds;
      },
    });
    for (;;) {
      await patience.ready(signal);
      const found = await listFiles(hub, repo);
      signal.throwIfAborted();
      if (found.ok) return await keep(found.value);
      if (!patience.failed(failureOf(found.error, limitSeconds))) throw new DownloadEnded(found.error);
    }
  }

  async function keep({ commit, files }: FileList): Promise<void> {
    patience.moved();
    await save({ ...progress, commit, files: files.map((file) => ({ ...file, done: [] })) });
    onChange();
  }

  async function takeWhatIsThere(
    by: 'clone' | 'copy',
    seeded: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    let found: readonly FileProgress[];
    try {
      found = await seed({ folder, partial, files: progress.files, by, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new DownloadEnded(
        error instanceof NotOurs ? strangeFile(repo) : systemProblem(error, repo, 'written'),
      );
    }
    if (found.length === 0) return;
    for (const file of found) seeded.add(file.path);
    const taken = new Map(found.map((file) => [file.path, file]));
    await save({ ...progress, files: progress.files.map((file) => taken.get(file.path) ?? file) });
    onChange();
  }

  async function save(next: Progress): Promise<void> {
    const written = await records.writeProgress(next);
    if (!written.ok) throw new DownloadEnded(written.error);
    progress = next;
  }

  async function checkDisk(): Promise<void> {
    const total = known() ?? 0;
    const needed = Math.ceil(total * (1 + diskReserve) - onDisk());
    const free = await options.freeDiskBytes(partial);
    if (free !== null && free < needed) throw new DownloadEnded(noRoom(needed, free));
  }

  async function install(commit: string): Promise<void> {
    try {
      const files = progress.files.map(({ path, sizeBytes, hash }) => ({ path, sizeBytes, hash }));
      await removeStrangers(partial, files);
      const lacks = await lacksOf(partial, files);
      if (lacks !== null) throw new DownloadEnded(changedMeanwhile(lacks));
      const place = await inspectPlace(folder, repo);
      if (!place.ok) throw new DownloadEnded(place.error);
      if (place.value === 'others' && progress.replaces !== true)
        throw new DownloadEnded(folderTaken(folder));
      const written = await records.writeManifest({ repo, commit, files });
      if (!written.ok) throw new DownloadEnded(written.error);
      await putInPlace(partial, folder);
    } catch (error) {
      if (error instanceof DownloadEnded) throw error;
      throw new DownloadEnded(systemProblem(error, repo, 'moved'));
    }
  }

  function figures(): JobFigures {
    if (transfer === null) {
      const waitsFor = patience.waitsFor;
      return {
        state: waitsFor === null ? 'preparing' : 'waiting',
        doneBytes: onDisk(),
        totalBytes: known(),
        bytesPerSecond: null,
        problem: waitsFor,
      };
    }
    const state = transfer.phase;
    return {
      state,
      doneBytes: transfer.doneBytes,
      totalBytes: known(),
      bytesPerSecond: state === 'downloading' ? speed.bytesPerSecond() : null,
      problem: state === 'waiting' ? patience.waitsFor : null,
    };
  }

  return {
    figures,
    progress: () => progress,
    wake() {
      const before = connections;
      connections = new AbortController();
      before.abort();
      speed.clear();
      patience.wake();
    },
    run,
  };
}

/** Which of the hub's refusals pass by themselves. */
function failureOf(found: Problem, limitSeconds: number): Failure {
  switch (found.code) {
    case 'hub-offline':
      return offline;
    case 'hub-rate-limited':
      return limited(limitSeconds);
    case 'hub-timed-out':
    case 'hub-troubled':
    case 'hub-bad-answer':
      return counted(found);
    default:
      return never(found);
  }
}

export function noRoom(neededBytes: number, freeBytes: number): Problem {
  return problem(
    'disk-too-small',
    modelWords.notEnoughDisk(formatDiskBytes(neededBytes), formatDiskBytes(freeBytes)),
    commonWords.freeSpace,
  );
}

export function folderTaken(folder: string): Problem {
  return problem(
    'model-folder-taken',
    modelWords.folderTaken(path.basename(folder)),
    modelWords.moveAwayInFinder,
  );
}

const changedMeanwhile = (lacks: string): Problem =>
  problem('download-tampered', modelWords.changedMeanwhile(lacks), commonWords.tryAgain);
