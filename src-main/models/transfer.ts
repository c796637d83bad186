/** Brings the files of one model into its partial folder: ranges in parallel, recorded once they are safe, all of it verified. */
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Problem, problem } from '../contract/result.ts';
import { systemProblem } from '../files/file-problems.ts';
import { modelWords } from '../words/index.ts';
import { createBufferPool, type PoolBuffer } from './buffer-pool.ts';
import { DownloadEnded, type Failure, unverified, wrongContent } from './failure.ts';
import type { FileSource } from './file-source.ts';
import { createHashThread, type FollowingHash, HashThreadEnded } from './hashing/hash-thread.ts';
import type { DownloadLimits } from './limits.ts';
import { NotOurs, openPartialFile } from './partial-folder.ts';
import type { Patience } from './patience.ts';
import { addRange, firstGap, prefixEnd, type Range, type Ranges, removeRange, totalOf } from './ranges.ts';
import type { FileProgress } from './records.ts';
import type { RepoFile } from './repo-files.ts';
import { createSaver } from './saver.ts';
import { createSpeed } from './speed.ts';
import type { Sink } from './transport.ts';

export interface TransferOptions {
  readonly folder: string;
  /** How far an earlier run came. */
  readonly files: readonly FileProgress[];
  /** Paths of files that came from this disk: one that does not match says nothing of the network yet. */
  readonly seeded: ReadonlySet<string>;
  readonly source: FileSource;
  readonly patience: Patience;
  readonly limits: DownloadLimits;
  /** The hash thread's file. */
  readonly hasherFile: string | URL;
  /** Makes it durable; called with what is safe on the disk already. */
  readonly record: (files: readonly FileProgress[]) => Promise<void>;
  /** So many bytes arrived just now; 0 when something else changed. */
  readonly onProgress: (bytes: number) => void;
}

export interface Transfer {
  readonly doneBytes: number;
  readonly phase: 'downloading' | 'verifying' | 'waiting';
  /** Resolves when every file is there and verified. Throws a `DownloadEnded`, or `signal`'s reason. */
  run(signal: AbortSignal): Promise<void>;
}

interface FileState {
  readonly file: RepoFile;
  /** Written. */
  done: Ranges;
  /** Written, or being fetched. */
  claimed: Ranges;
  /** On the disk for certain. */
  safe: Ranges;
  hash: FollowingHash | null;
  opening: Promise<FileHandle> | null;
  isVerified: boolean;
  mismatches: number;
}

/** Whatever comes slowly is recorded so often all the same. */
const recordEveryMs = 5_000;
/** A proxy may have kept a bad copy: once more, then it is the source itself that is wrong. */
const maxMismatches = 2;
/** Those that are written and hashed while the streams fill one each. */
const sparePerStream = 2;

export function createTransfer(options: TransferOptions): Transfer {
  const { folder, source, patience, limits, onProgress } = options;
  const states: readonly FileState[] = options.files.map(({ path, sizeBytes, hash, done }) => ({
    file: { path, sizeBytes, hash },
    done,
    claimed: done,
    safe: done,
    hash: null,
    opening: null,
    isVerified: false,
    mismatches: options.seeded.has(path) ? -1 : 0,
  }));
  const saver = createSaver(saveNow);
  const pool = createBufferPool(limits.streams * (1 + sparePerStream), limits.writeBytes);
  const hashThread = createHashThread(options.hasherFile, pool.memory);
  const speed = createSpeed();
  const accounts: Account[] = [];
  let doneBytes = states.reduce((sum, { done }) => sum + totalOf(done), 0);
  let receiving = 0;
  let isFetching = false;
  let openStreams = 0;
  let hashing: Promise<void> | null = null;
  let pokeHasher = () => {};

  async function run(outer: AbortSignal): Promise<void> {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    const stop = (error: unknown) => own.abort(error);
    const timer = setInterval(() => void saver.save().catch(stop), recordEveryMs);
    signal.addEventListener('abort', () => pokeHasher(), { once: true });
    try {
      await trimToDisk();
      while (states.some(({ isVerified }) => !isVerified)) {
        isFetching = true;
        hashing = hashAll(signal).catch(stop);
        await streamAll(signal, stop);
        isFetching = false;
        pokeHasher();
        await hashing;
        signal.throwIfAborted();
      }
      await saver.save();
    } finally {
      clearInterval(timer);
      own.abort();
      await hashThread.close();
      await hashing;
      await saver.save().catch(() => undefined);
      await saver.idle();
      await Promise.all(states.map((state) => close(state).catch(() => undefined)));
    }
  }

  /** A record that outlived its bytes, on a disk that lost them, must not count. */
  async function trimToDisk(): Promise<void> {
    for (const state of states) {
      if (state.done.length === 0) continue;
      const handle = await handleOf(state);
      const { size } = await handle.stat();
      const kept = removeRange(state.done, [size, state.file.sizeBytes]);
      doneBytes -= totalOf(state.done) - totalOf(kept);
      state.done = kept;
      state.claimed = kept;
      state.safe = kept;
      await close(state);
    }
  }

  /** One is ahead of the others: what comes in order is hashed from memory, so no more of them than are of use. */
  async function streamAll(signal: AbortSignal, stop: (error: unknown) => void): Promise<void> {
    const isOver = new AbortController();
    const either = AbortSignal.any([signal, isOver.signal]);
    const first = stream(signal)
      .catch(stop)
      .finally(() => isOver.abort());
    const others = Array.from({ length: limits.streams - 1 }, async () => {
      if (await isNeeded(either)) await stream(signal).catch(stop);
    });
    await Promise.all([first, ...others]);
  }

  /** `false` when it is over before. */
  async function isNeeded(signal: AbortSignal): Promise<boolean> {
    try {
      do await delay(limits.aloneMs, undefined, { signal });
      while ((speed.bytesPerSecond() ?? 0) >= limits.fastBytesPerSecond);
      return true;
    } catch {
      return false;
    }
  }

  async function stream(signal: AbortSignal): Promise<void> {
    const account: Account = { unsafeBytes: 0, writtenBytes: 0 };
    accounts.push(account);
    openStreams += 1;
    for (;;) {
      await patience.ready(signal);
      const claim = claimNext();
      if (claim === null) return;
      const failure = await fetchRange(claim.state, claim.range, account, signal);
      if (failure === null) continue;
      if (!patience.failed(failure)) throw new DownloadEnded(failure.problem);
      onProgress(0);
    }
  }

  function claimNext(): { readonly state: FileState; readonly range: Range } | null {
    const bytes = nextSegmentBytes();
    for (const state of states) {
      const range = firstGap(state.claimed, state.file.sizeBytes, bytes);
      if (range === null) continue;
      state.claimed = addRange(state.claimed, range);
      return { state, range };
    }
    return null;
  }

  /** Shorter towards the end, so that all streams end at about the same time and the hash is not far behind them. */
  function nextSegmentBytes(): number {
    const leftBytes = states.reduce((sum, { file, claimed }) => sum + file.sizeBytes - totalOf(claimed), 0);
    const share = Math.ceil(leftBytes / (2 * Math.max(1, openStreams)));
    return Math.min(limits.segmentBytes, Math.max(limits.minSegmentBytes, share));
  }

  async function fetchRange(
    state: FileState,
    range: Range,
    account: Account,
    signal: AbortSignal,
  ): Promise<Failure | null> {
    const writer = createWriter(state, range[0], account, await pool.next());
    receiving += 1;
    try {
      const failure = await source.fetch(state.file, range, writer.sink, signal);
      await writer.end();
      return failure;
    } catch (error) {
      await writer.end().catch(() => undefined);
      throw error;
    } finally {
      receiving -= 1;
      state.claimed = removeRange(state.claimed, [writer.position, range[1]]);
      onProgress(0);
    }
  }

  /** Gathers what arrives into writes of a good size; the next is gathered while some are under way. */
  function createWriter(state: FileState, start: number, account: Account, first: PoolBuffer): Writer {
    let position = start;
    let filled = 0;
    let gathering = first;
    let gatheredSinceMs = performance.now();
    /** All of them so far. */
    let writing: Promise<void> = Promise.resolve();
    let hasFailed = false;
    let flushing: Promise<void> = Promise.resolve();

    /** One after another: the end may come while an earlier one still waits. */
    function flush(): Promise<void> {
      flushing = flushing.then(flushNow);
      return flushing;
    }

    async function flushNow(): Promise<void> {
      /** A record tells only of what is written. */
      if (hasFailed || isBehind() || isBeyondLimit()) await writing;
      if (filled === 0) return;
      while (isBeyondLimit()) await saver.save();
      begin();
      gatherInto(await pool.next());
    }

    function gatherInto(buffer: PoolBuffer): void {
      gathering = buffer;
      gatheredSinceMs = performance.now();
    }

    const isDue = () => filled === gathering.length || performance.now() - gatheredSinceMs >= limits.writeMs;

    /** Nothing is written that a crash could cost beyond the limit. */
    const isBeyondLimit = () => account.unsafeBytes > 0 && account.unsafeBytes + filled > limits.chunkBytes;

    /** Only what is written can be read back, and only then is the hash taken from memory again. */
    function isBehind(): boolean {
      if ((state.hash?.askedBytes ?? 0) >= position) return false;
      return (
        prefixEnd(addRange(state.done, [start, position])) >= position && prefixEnd(state.done) < position
      );
    }

    function begin(): void {
      account.unsafeBytes += filled;
      const written = write(state, gathering, filled, position, account);
      writing = Promise.all([writing, written]).then(() => undefined);
      /** Whoever awaits it next hears of it. */
      writing.catch(() => {
        hasFailed = true;
      });
      position += filled;
      filled = 0;
      if (!saver.isBusy && account.unsafeBytes >= limits.chunkBytes / 2) {
        saver.save().catch(() => undefined);
      }
    }

    return {
      get position() {
        return position;
      },
      sink: {
        space: () => gathering.subarray(filled),
        took(bytes) {
          filled += bytes;
          if (!isDue()) return undefined;
          if (hasFailed || isBeyondLimit() || isBehind()) return flush();
          const next = pool.take();
          if (next === null) return flush();
          begin();
          gatherInto(next);
          return undefined;
        },
      },
      async end() {
        try {
          await flush();
          await writing;
        } finally {
          pool.give(gathering);
        }
      },
    };
  }

  async function write(
    state: FileState,
    buffer: PoolBuffer,
    length: number,
    start: number,
    account: Account,
  ): Promise<void> {
    const bytes = buffer.subarray(0, length);
    let hashed: Promise<void> | null = null;
    try {
      const handle = await handleOf(state);
      state.hash ??= hashThread.begin(state.file, handle);
      hashed = state.hash.offer(start, bytes, prefixEnd(state.done));
      await writeAll(handle, bytes, start);
    } catch (error) {
      if (error instanceof DownloadEnded) throw error;
      throw new DownloadEnded(diskProblem(error, state.file, 'written'));
    } finally {
      void Promise.allSettled([hashed]).then(() => pool.give(buffer));
    }
    state.done = addRange(state.done, [start, start + length]);
    account.writtenBytes += length;
    doneBytes += length;
    patience.moved();
    speed.add(length);
    onProgress(length);
    pokeHasher();
  }

  /** Follows the streams, one file at a time: there is one thread for it. */
  async function hashAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const state = states.find(needsHashing);
      if (state !== undefined) await hashOn(state, signal);
      else if (!isFetching) return;
      else {
        await new Promise<void>((resolve) => {
          pokeHasher = resolve;
        });
      }
    }
  }

  async function hashOn(state: FileState, signal: AbortSignal): Promise<void> {
    const handle = await handleOf(state);
    state.hash ??= hashThread.begin(state.file, handle);
    const end = prefixEnd(state.done);
    try {
      await state.hash.follow(end, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HashThreadEnded) throw new DownloadEnded(unverified);
      throw new DownloadEnded(diskProblem(error, state.file, 'read'));
    }
    if (end < state.file.sizeBytes && !state.hash.isLost) return;
    if (state.hash.matches()) {
      /** What an older version of the file had beyond its end. */
      await handle.truncate(state.file.sizeBytes);
      await close(state);
      state.isVerified = true;
      onProgress(0);
    } else {
      await beginAgain(state);
    }
  }

  async function beginAgain(state: FileState): Promise<void> {
    state.mismatches += 1;
    doneBytes -= totalOf(state.done);
    state.done = [];
    state.claimed = [];
    state.hash?.forget();
    state.hash = null;
    source.forget(state.file);
    await saver.save();
    if (state.mismatches >= maxMismatches) throw new DownloadEnded(wrongContent(state.file.path));
    onProgress(0);
  }

  async function saveNow(): Promise<void> {
    const changed = states
      .filter(({ done, safe }) => done !== safe)
      .map((state) => ({ state, done: state.done }));
    const covered = accounts.map((account) => ({ account, bytes: account.writtenBytes }));
    if (changed.length > 0) await record(changed);
    for (const { account, bytes } of covered) {
      account.unsafeBytes -= bytes;
      account.writtenBytes -= bytes;
    }
  }

  async function record(
    changed: readonly { readonly state: FileState; readonly done: Ranges }[],
  ): Promise<void> {
    await Promise.all(changed.map(({ state }) => sync(state)));
    for (const { state, done } of changed) state.safe = done;
    await options.record(
      states.map(({ file, safe }) => ({ ...file, done: safe.map(([start, end]) => [start, end]) })),
    );
  }

  async function handleOf(state: FileState): Promise<FileHandle> {
    state.opening ??= openPartialFile(folder, state.file);
    try {
      return await state.opening;
    } catch (error) {
      throw new DownloadEnded(diskProblem(error, state.file, 'written'));
    }
  }

  async function sync(state: FileState): Promise<void> {
    try {
      await (await state.opening)?.datasync();
    } catch (error) {
      throw new DownloadEnded(diskProblem(error, state.file, 'written'));
    }
  }

  /** A file that is closed has nothing left to be synced. */
  async function close(state: FileState): Promise<void> {
    const { opening } = state;
    if (opening === null) return;
    await sync(state);
    state.opening = null;
    await (await opening).close();
  }

  const hasGaps = ({ claimed, file }: FileState) => firstGap(claimed, file.sizeBytes, 1) !== null;

  return {
    get doneBytes() {
      return doneBytes;
    },
    get phase() {
      if (receiving > 0) return 'downloading';
      if (patience.waitsFor !== null) return 'waiting';
      return states.some(hasGaps) ? 'downloading' : 'verifying';
    },
    run,
  };
}

/** Of one stream: what it wrote and no record says yet. */
interface Account {
  unsafeBytes: number;
  /** Of these, what is not still being written. */
  writtenBytes: number;
}

interface Writer {
  readonly sink: Sink;
  /** All before it is written, or the download has ended. */
  readonly position: number;
  end(): Promise<void>;
}

function needsHashing({ isVerified, hash, done, file }: FileState): boolean {
  const end = prefixEnd(done);
  return !isVerified && ((hash?.askedBytes ?? 0) < end || end === file.sizeBytes);
}

/** The system may write less than it was given. */
async function writeAll(handle: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, start + written);
    written += bytesWritten;
  }
}

const diskProblem = (error: unknown, file: RepoFile, action: 'read' | 'written'): Problem =>
  error instanceof NotOurs ? strangeFile(file.path) : systemProblem(error, file.path, action);

export const strangeFile = (name: string): Problem =>
  problem('download-tampered', modelWords.strangeFile(name), modelWords.cancelAndBeginAgain);
