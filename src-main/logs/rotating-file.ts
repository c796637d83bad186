/** One log file that never grows beyond its cap, is never a link, and is written on as soon as the disk allows it again. */
import fs from 'node:fs';
import path from 'node:path';
import { type Problem, problem } from '../contract/result.ts';
import { commonWords, logWords } from '../words/index.ts';
import type { Archives, LogEntry } from './archives.ts';
import { codeOf, type LogFs } from './fs.ts';
import type { LogEvent } from './types.ts';

/** How often, while lines arrive, it is checked that the name still belongs to the open file. */
const identityCheckMs = 1000;
/** After a failure no attempt is made for this long. */
const fileRetryMs = 1000;

/** Of a file that was removed, so much of what was written since the last look is written again, the newest. */
const carriedMaxBytes = 256 * 1024;

const newline = 10;
const nothing = Buffer.alloc(0);
const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
// O_NONBLOCK: opening a FIFO that somebody put there must not block the app.
const openFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

export interface RotatingFile {
  readonly name: string;
  /**
   * Writes whole lines; answers how many bytes reached the file, fewer than given only while it is failing. Never
   * rejects. One call at a time; the buffer must not change meanwhile.
   */
  append(lines: Buffer): Promise<number>;
  /** The same, at once: for the few lines that must survive a crash in the next moment. */
  appendSync(lines: Buffer): number;
  failing(): boolean;
  /** The next `append` is an attempt, however short ago the last one failed. */
  retryNow(): void;
  close(): void;
}

export interface RotatingFileOptions {
  readonly name: string;
  readonly archives: Archives;
  readonly fs: LogFs;
  readonly now: () => number;
  readonly onEvent: (event: LogEvent) => void;
  readonly onRotate: () => void;
}

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function describeWriteFailure(code: string, file: string): Problem {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return problem('disk-full', logWords.diskFullNotWritten(file), logWords.logGoesOnWithSpace);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return problem('log-not-writable', logWords.permissionRefused(file), logWords.giveYourselfPermission);
    case 'ELOOP':
    case 'not-a-plain-file':
      return problem('log-not-a-file', logWords.logIsLink(file), logWords.removeIt);
    case 'not-ours':
      return problem('log-not-ours', commonWords.belongsToAnother(file), logWords.removeIt);
    default:
      return problem('log-write-failed', logWords.logNotWritten(file, code), logWords.logGoesOn);
  }
}

export function createRotatingFile(options: RotatingFileOptions): RotatingFile {
  const { archives, fs: files, now, name, onEvent, onRotate } = options;
  const entry: LogEntry = archives.entry(name);
  let fd: number | null = null;
  /** The file was rotated or removed by the caps: the descriptor belongs to an old file. */
  let takenAway = false;
  let inFlight = false;
  let checkedAt = 0;
  let identity = { dev: 0, ino: 0 };
  /** The file's size at the last look: all behind it went where it belongs only if the next look finds the same file. */
  let checkedBytes = 0;
  /** Lines that went into a file that had been removed. */
  let carried: Buffer = nothing;
  let failure: { readonly problem: Problem; readonly retryAt: number } | null = null;
  let noticedRemoval = false;

  function release(): void {
    if (fd !== null) files.close(fd);
    fd = null;
    takenAway = false;
    entry.onTakenAway = null;
  }

  function onTakenAway(): void {
    takenAway = true;
    if (!inFlight) release();
  }

  function checkFolder(): void {
    const folder = path.dirname(entry.file);
    const stats = files.lstat(folder);
    if (!stats) files.makeFolder(folder);
    else if (!stats.isDirectory()) throw new Refused('not-a-plain-file');
  }

  function open(): number {
    checkFolder();
    const opened = files.open(entry.file, openFlags, 0o600);
    try {
      const stats = files.stat(opened);
      // A second name for the file (a hard link) would let the log appear, and grow, somewhere else.
      if (!stats.isFile() || stats.nlink !== 1) throw new Refused('not-a-plain-file');
      if (stats.uid !== process.getuid?.()) throw new Refused('not-ours');
      if ((stats.mode & 0o777) !== 0o600) files.chmod(opened, 0o600);
      identity = { dev: stats.dev, ino: stats.ino };
      archives.resize(entry, stats.size);
      checkedAt = now();
      if (stats.size > 0) endLastLine(opened, stats.size);
      checkedBytes = entry.bytes;
      if (carried.length > 0) bringBack(opened);
    } catch (error) {
      files.close(opened);
      throw error;
    }
    fd = opened;
    takenAway = false;
    entry.onTakenAway = onTakenAway;
    return opened;
  }

  /** A file whose writer was killed may end in the middle of a line. */
  function endLastLine(opened: number, size: number): void {
    const last = Buffer.alloc(1);
    files.readAt(opened, last, size - 1);
    const full = size >= fileMaxBytes() || archives.totalBytes() >= archives.limits().totalMaxBytes;
    if (last[0] === newline || full) return;
    files.writeSync(opened, Buffer.from('\n'), 0, 1);
    archives.resize(entry, size + 1);
  }

  /** Whole lines; none where the file has only another name now. */
  function readCarried(opened: number): Buffer {
    const { nlink, size } = files.stat(opened);
    const from = Math.max(checkedBytes, size - carriedMaxBytes);
    if (nlink > 0 || size <= from) return nothing;
    const bytes = Buffer.alloc(size - from);
    const lines = bytes.subarray(0, files.readAt(opened, bytes, from));
    return from === checkedBytes ? lines : lines.subarray(lines.indexOf(newline) + 1);
  }

  function bringBack(opened: number): void {
    const lines = carried;
    carried = nothing;
    const room = Math.min(
      fileMaxBytes() - entry.bytes,
      archives.limits().totalMaxBytes - archives.totalBytes(),
    );
    if (lines.length > room) return;
    const written = files.writeSync(opened, lines, 0, lines.length);
    archives.resize(entry, entry.bytes + written);
  }

  /** Somebody may have removed, replaced or shortened the file: what the name stands for is what counts. */
  function checkIdentity(): void {
    checkedAt = now();
    const stats = files.lstat(entry.file);
    if (stats && stats.dev === identity.dev && stats.ino === identity.ino) {
      archives.resize(entry, stats.size);
      checkedBytes = stats.size;
      return;
    }
    if (fd !== null) carried = readCarried(fd);
    archives.resize(entry, stats?.isFile() ? stats.size : 0);
    release();
    noticedRemoval = true;
  }

  function currentFd(): number {
    if (fd !== null && takenAway) release();
    if (fd !== null && now() - checkedAt >= identityCheckMs) checkIdentity();
    return fd ?? open();
  }

  function fileMaxBytes(): number {
    const { fileMaxBytes, totalMaxBytes } = archives.limits();
    return Math.min(fileMaxBytes, totalMaxBytes);
  }

  /** How many bytes of `lines` from `from` on go into the current file; whole lines, unless one is larger than a file. */
  function portion(lines: Buffer, from: number): number {
    const rest = lines.length - from;
    for (;;) {
      const room = fileMaxBytes() - entry.bytes;
      if (rest <= room) return rest;
      const end = room <= 0 ? -1 : lines.lastIndexOf(newline, from + room - 1);
      if (end >= from) return end + 1 - from;
      if (entry.bytes === 0) return Math.min(rest, room);
      checkIdentity();
      if (entry.bytes > 0 && fd !== null) {
        archives.rotate(entry);
        onRotate();
      }
      if (fd === null) open();
    }
  }

  /** Chooses the file and takes the room; from then on the bytes count, before they are written. */
  function prepare(lines: Buffer, from: number): { readonly fd: number; readonly bytes: number } {
    currentFd();
    const bytes = portion(lines, from);
    archives.take(entry, bytes);
    // Taking room may have removed this very file, when nothing else was left to remove.
    return { fd: fd ?? reopenFor(bytes), bytes };
  }

  function reopenFor(bytes: number): number {
    const opened = open();
    archives.resize(entry, entry.bytes + bytes);
    return opened;
  }

  function undo(target: number, bytes: number): void {
    // Taken away meanwhile: its bytes went with it.
    if (takenAway) return;
    archives.give(entry, bytes);
    try {
      // Half a line must not stay: what is written again would be appended to it.
      files.truncate(target, entry.bytes);
    } catch {
      // Then half a line stays.
    }
  }

  function fail(error: unknown): void {
    const code = error instanceof Refused ? error.code : codeOf(error);
    const found = describeWriteFailure(code, entry.file);
    const known = failure?.problem.code === found.code;
    failure = { problem: found, retryAt: now() + fileRetryMs };
    if (!known) onEvent({ log: name, state: 'failing', problem: found });
  }

  function succeed(): void {
    entry.timeMs = now();
    if (failure) {
      const { problem: ended } = failure;
      failure = null;
      noticedRemoval = false;
      onEvent({ log: name, state: 'recovered', problem: ended });
    } else if (noticedRemoval) {
      noticedRemoval = false;
      onEvent({
        log: name,
        state: 'recovered',
        problem: problem('log-removed', logWords.logReplaced(entry.file)),
      });
    }
  }

  const waiting = (): boolean => failure !== null && now() < failure.retryAt;

  const writeAll = (target: number, lines: Buffer, from: number, bytes: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const step = (done: number): void => {
        files.write(target, lines, from + done, bytes - done, (error, written) => {
          if (error) reject(error);
          else if (done + written < bytes) step(done + written);
          else resolve();
        });
      };
      step(0);
    });

  return {
    name,
    async append(lines) {
      if (waiting()) return 0;
      let done = 0;
      try {
        while (done < lines.length) {
          const next = prepare(lines, done);
          inFlight = true;
          try {
            await writeAll(next.fd, lines, done, next.bytes);
          } catch (error) {
            undo(next.fd, next.bytes);
            throw error;
          } finally {
            inFlight = false;
            if (takenAway) release();
          }
          done += next.bytes;
        }
        succeed();
      } catch (error) {
        fail(error);
      }
      return done;
    },
    appendSync(lines) {
      if (waiting()) return 0;
      let done = 0;
      try {
        while (done < lines.length) {
          const next = prepare(lines, done);
          try {
            let written = 0;
            while (written < next.bytes) {
              written += files.writeSync(next.fd, lines, done + written, next.bytes - written);
            }
          } catch (error) {
            undo(next.fd, next.bytes);
            throw error;
          }
          done += next.bytes;
        }
        succeed();
      } catch (error) {
        fail(error);
      }
      return done;
    },
    failing: () => failure !== null,
    retryNow() {
      if (failure) failure = { ...failure, retryAt: 0 };
    },
    close() {
      if (inFlight) takenAway = true;
      else release();
    },
  };
}
