/** The queue of model downloads: begun, paused, taken up again and told of. */
import { mkdir, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { hubProblems } from '../catalogue/hub-problems.ts';
import { isRepoId } from '../catalogue/repo-id.ts';
import type { Download } from '../contract/models.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { systemProblem } from '../files/file-problems.ts';
import { inspectModelFolder } from '../stack/model-folder.ts';
import { modelWords } from '../words/index.ts';
import { detailOf, looksTheSame } from './download-detail.ts';
import { DownloadEnded } from './failure.ts';
import { createJob, folderTaken, type Job } from './job.ts';
import { type DownloadLimits, defaultLimits } from './limits.ts';
import { inspectPlace, nameTaken, openModelDir, refusalOfFolder, removePartial } from './partial-folder.ts';
import type { HubPause } from './patience.ts';
import { totalOf } from './ranges.ts';
import { createRecords, type Progress, partialSuffix, progressName, readProgress } from './records.ts';
import { totalBytes } from './repo-files.ts';
import { findUnfinished, folderNameOf } from './restore.ts';
import { createTransport } from './transport.ts';
import type { Downloads, DownloadsOptions } from './types.ts';

export type { Downloads, DownloadsOptions, InstalledNow } from './types.ts';

/** Lines of what is done; the models themselves are in the inventory. */
const maxDoneLines = 20;
/** The speed of a connection that says nothing has to be looked at, nobody tells of it. */
const lookMs = 1_000;

interface Entry {
  readonly repo: string;
  readonly partial: string;
  readonly folder: string;
  state: 'queued' | 'active' | 'paused' | 'failed' | 'done';
  progress: Progress;
  problem: Problem | null;
  /** Of the run under way. */
  run: { readonly job: Job; readonly stop: AbortController; readonly ended: Promise<void> } | null;
}

export function createDownloads(options: DownloadsOptions): Downloads {
  const limits: DownloadLimits = { ...defaultLimits, ...options.limits };
  const transport = options.transport ?? createTransport();
  const freeDiskBytes = options.freeDiskBytes ?? readFreeDiskBytes;
  const nameOf = options.nameOf ?? folderNameOf;
  const pause: HubPause = { untilMs: 0 };
  let entries: readonly Entry[] = [];
  let told: readonly Download[] = [];
  let telling: NodeJS.Timeout | null = null;
  let looking: NodeJS.Timeout | null = null;
  let lane: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  /** What people ask for happens one after another. */
  function inTurn<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    const next = lane.then(async () => (isClosed ? fail(closing) : await work()));
    lane = next.catch(() => undefined);
    return next;
  }

  const find = (repo: string) => entries.find((entry) => entry.repo === repo);

  async function download(repo: string, renews: Renewal = 'nothing'): Promise<Result<void>> {
    if (!isRepoId(repo) || !isUsableFolder(folderNameOf(repo))) return fail(hubProblems.badName);
    const present = find(repo);
    if (present?.state === 'queued' || present?.state === 'active') {
      const now = renewalIn(present.progress);
      return mostOf(now, renews) === now ? ok(undefined) : fail(isDownloading);
    }
    if (present?.state === 'paused' || present?.state === 'failed') return await goOn(present, renews);
    try {
      return await begin(repo, renews);
    } catch (error) {
      return fail(systemProblem(error, folderNameOf(repo), 'written'));
    }
  }

  async function begin(repo: string, renews: Renewal): Promise<Result<void>> {
    const modelDir = await openModelDir(options.modelDir());
    if (!modelDir.ok) return modelDir;
    const folder = path.join(modelDir.value, folderNameOf(repo));
    const partial = `${folder}${partialSuffix}`;
    const place = await inspectPlace(folder, repo);
    if (!place.ok) return place;
    const isPlain = renews === 'nothing';
    const isThere =
      isPlain && (place.value === 'ready' || (place.value === 'others' && (await isWhole(folder))));
    if (isPlain && !isThere && place.value === 'others') return fail(folderTaken(folder));
    const earlier = await takeUp(partial, repo);
    if (!earlier.ok) return earlier;
    const least = place.value === 'ours-damaged' ? 'what-differs' : 'nothing';
    const progress = renewing(earlier.value, mostOf(renews, least));
    const entry: Entry = { repo, partial, folder, state: 'done', progress, problem: null, run: null };
    if (isThere) {
      enter(entry);
      return ok(undefined);
    }
    await mkdir(partial, { mode: 0o700, recursive: true });
    entry.state = 'queued';
    const written = await createRecords(partial).writeProgress(progress);
    if (!written.ok) return written;
    enter(entry);
    return ok(undefined);
  }

  /** How far an earlier download of it came. */
  async function takeUp(partial: string, repo: string): Promise<Result<Progress>> {
    const nothing: Progress = {
      version: 1,
      repo,
      queuedAt: Date.now(),
      isPaused: false,
      commit: null,
      files: [],
    };
    const refusal = await refusalOfFolder(partial);
    if (refusal !== null) return fail(refusal);
    const read = await readProgress(partial);
    switch (read.kind) {
      case 'value':
        if (read.value.repo !== repo) return fail(nameTaken(partial, read.value.repo));
        return ok({ ...read.value, isPaused: false });
      case 'refused':
        return ok(nothing);
      case 'absent':
        return (await holdsOthers(partial)) ? fail(folderTaken(partial)) : ok(nothing);
    }
  }

  /** A line for each repository, that of the last time it was asked for. */
  function enter(entry: Entry): void {
    entries = [...entries.filter(({ repo }) => repo !== entry.repo), entry];
    const done = entries.filter(({ state }) => state === 'done');
    const tooMany = new Set(done.slice(0, Math.max(0, done.length - maxDoneLines)));
    entries = entries.filter((each) => !tooMany.has(each));
    schedule();
    tell();
  }

  async function goOn(entry: Entry, renews: Renewal = 'nothing'): Promise<Result<void>> {
    entry.problem = null;
    entry.state = 'queued';
    /** Someone may have cleaned the folder of models up meanwhile. */
    const earlier = await takeUp(entry.partial, entry.repo).catch((error: unknown) =>
      fail(systemProblem(error, folderNameOf(entry.repo), 'read')),
    );
    const recorded = earlier.ok
      ? await record(entry, renewing(earlier.value, mostOf(renews, renewalIn(entry.progress))))
      : earlier;
    if (!recorded.ok) stopWith(entry, recorded.error);
    schedule();
    tell();
    return recorded;
  }

  async function record(entry: Entry, progress: Progress): Promise<Result<void>> {
    entry.progress = progress;
    try {
      await mkdir(entry.partial, { mode: 0o700, recursive: true });
    } catch (error) {
      return fail(systemProblem(error, folderNameOf(entry.repo), 'written'));
    }
    return await createRecords(entry.partial).writeProgress(progress);
  }

  function stopWith(entry: Entry, why: Problem): void {
    entry.state = 'failed';
    entry.problem = why;
  }

  function schedule(): void {
    if (isClosed) return;
    for (const entry of entries) {
      const active = entries.filter(({ run }) => run !== null).length;
      if (active >= limits.parallelModels) break;
      if (entry.state === 'queued') start(entry);
    }
    const isBusy = entries.some(({ run }) => run !== null);
    if (isBusy) looking ??= setInterval(tell, lookMs);
    else if (looking !== null) {
      clearInterval(looking);
      looking = null;
    }
  }

  function start(entry: Entry): void {
    const stop = new AbortController();
    const job = createJob({
      address: options.address,
      fetch: options.fetch,
      token: options.token,
      hasherFile: options.hasherFile,
      freeDiskBytes,
      transport,
      limits,
      pause,
      partial: entry.partial,
      folder: entry.folder,
      progress: entry.progress,
      onChange: changed,
    });
    entry.state = 'active';
    entry.problem = null;
    /** It begins after `run` is set. */
    const ended = Promise.resolve().then(() => follow(entry, job, stop));
    entry.run = { job, stop, ended };
  }

  async function follow(entry: Entry, job: Job, stop: AbortController): Promise<void> {
    try {
      await job.run(stop.signal);
      entry.state = 'done';
      options.onInstalled({ repo: entry.repo, folder: entry.folder });
    } catch (error) {
      const isStopped = stop.signal.aborted && error === stop.signal.reason;
      if (!isStopped) {
        stopWith(entry, error instanceof DownloadEnded ? error.problem : unexpected);
        if (!(error instanceof DownloadEnded)) options.onBug(error);
      }
    } finally {
      entry.progress = job.progress();
      entry.run = null;
      schedule();
      tell();
    }
  }

  /** Resolves when nothing of it runs any longer. */
  async function halt(entry: Entry): Promise<void> {
    const { run } = entry;
    if (run === null) return;
    run.stop.abort();
    await run.ended;
  }

  async function pauseOne(repo: string): Promise<Result<void>> {
    const entry = find(repo);
    if (entry === undefined) return fail(unknown);
    if (entry.state !== 'queued' && entry.state !== 'active') return ok(undefined);
    entry.state = 'paused';
    await halt(entry);
    schedule();
    tell();
    /** It may have come to its end meanwhile. */
    if (find(repo)?.state !== 'paused') return ok(undefined);
    return await record(entry, { ...entry.progress, isPaused: true });
  }

  async function resumeOne(repo: string): Promise<Result<void>> {
    const entry = find(repo);
    if (entry === undefined) return fail(unknown);
    return entry.state === 'paused' || entry.state === 'failed' ? await goOn(entry) : ok(undefined);
  }

  async function cancelOne(repo: string): Promise<Result<void>> {
    const entry = find(repo);
    if (entry === undefined) return fail(unknown);
    await halt(entry);
    entries = entries.filter((each) => each !== entry);
    schedule();
    tell();
    if (entry.state === 'done') return ok(undefined);
    try {
      await removePartial(entry.partial);
      return ok(undefined);
    } catch (error) {
      return fail(systemProblem(error, path.basename(entry.partial), 'moved'));
    }
  }

  async function restore(): Promise<Result<void>> {
    for (const { modelDir, partial, progress } of await findUnfinished(options.modelDir())) {
      const { repo } = progress;
      if (find(repo) !== undefined) continue;
      const folder = path.join(modelDir, folderNameOf(repo));
      const state = progress.isPaused ? 'paused' : 'queued';
      enter({ repo, partial, folder, state, progress, problem: null, run: null });
    }
    return ok(undefined);
  }

  function describe(entry: Entry): Download {
    const figures = entry.run?.job.figures();
    const state = entry.state === 'active' ? (figures?.state ?? 'preparing') : entry.state;
    const { commit, files } = entry.progress;
    const total = figures?.totalBytes ?? (commit === null ? null : totalBytes(files));
    const onDisk = files.reduce((sum, { done }) => sum + totalOf(done), 0);
    const isDone = state === 'done';
    /** What someone took away from under it is fetched, and counted, again. */
    const doneBytes = isDone ? (total ?? 0) : Math.min(figures?.doneBytes ?? onDisk, total ?? Infinity);
    const bytesPerSecond = figures?.bytesPerSecond ?? null;
    const why = figures?.problem ?? entry.problem;
    return {
      repo: entry.repo,
      name: nameOf(entry.repo),
      state,
      detail: detailOf(state, why),
      doneBytes,
      totalBytes: total,
      bytesPerSecond,
      secondsLeft:
        bytesPerSecond === null || bytesPerSecond === 0 || total === null
          ? null
          : (total - doneBytes) / bytesPerSecond,
      problem: why,
    };
  }

  /** Many times a second while bytes arrive: a change of state is told at once, figures now and then. */
  function changed(): void {
    const news = entries.map(describe);
    const isSame =
      news.length === told.length &&
      news.every((each, index) => {
        const before = told[index];
        return before !== undefined && looksTheSame(each, before);
      });
    if (!isSame) tell();
    else telling ??= setTimeout(tell, limits.tellMs);
  }

  function tell(): void {
    if (telling !== null) clearTimeout(telling);
    telling = null;
    told = entries.map(describe);
    options.onChange(told);
  }

  async function close(): Promise<void> {
    isClosed = true;
    await lane;
    await Promise.all(entries.map(halt));
    if (telling !== null) clearTimeout(telling);
    if (looking !== null) clearInterval(looking);
    if (options.transport === undefined) transport.close();
  }

  return {
    list: () => told,
    restore: async () => void (await inTurn(restore)),
    download: (repo) => inTurn(() => download(repo)),
    replace: (repo, isAnew = false) => inTurn(() => download(repo, isAnew ? 'everything' : 'what-differs')),
    pause: (repo) => inTurn(() => pauseOne(repo)),
    resume: (repo) => inTurn(() => resumeOne(repo)),
    cancel: (repo) => inTurn(() => cancelOne(repo)),
    wake() {
      for (const { run } of entries) run?.job.wake();
    },
    close,
  };
}

/** What is fetched of a model that is there already. */
type Renewal = 'nothing' | 'what-differs' | 'everything';
const renewals: readonly Renewal[] = ['nothing', 'what-differs', 'everything'];

const mostOf = (a: Renewal, b: Renewal): Renewal => (renewals.indexOf(a) < renewals.indexOf(b) ? b : a);

/** What was asked for before. */
function renewalIn({ replaces, isAnew }: Progress): Renewal {
  if (isAnew === true) return 'everything';
  return replaces === true ? 'what-differs' : 'nothing';
}

/** What was taken over before somebody wants everything anew does not count as fetched. */
function renewing(progress: Progress, renews: Renewal): Progress {
  if (renews === 'nothing') return progress;
  const next = { ...progress, replaces: true };
  if (renews !== 'everything' || progress.isAnew === true) return next;
  return { ...next, isAnew: true, files: progress.files.map((file) => ({ ...file, done: [] })) };
}

/** As the stack finds it again, and never like a download that is not finished. */
const isUsableFolder = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && !/\.(partial|incomplete)$/i.test(name);

async function isWhole(folder: string): Promise<boolean> {
  return (await inspectModelFolder(folder)).state === 'complete';
}

/** A folder that is named like a download and is none. */
async function holdsOthers(partial: string): Promise<boolean> {
  try {
    const names = await readdir(partial);
    return names.some((name) => !name.includes(progressName));
  } catch {
    return false;
  }
}

async function readFreeDiskBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

export const isDownloading = problem('model-downloading', modelWords.isDownloading, modelWords.waitUntilHere);
const unknown = problem('download-unknown', modelWords.noSuchDownload);
const closing = problem('closing', modelWords.aboutToQuit);
const unexpected = problem(
  'download-failed',
  modelWords.endedForUnknownReason,
  modelWords.tryAgainLogMayTell,
);
