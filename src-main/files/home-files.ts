/** Reads and writes the small files in home: bounded, atomic, and never through a symbolic link. */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { fileWords } from '../words/index.ts';
import {
  errnoOf,
  foreignProblem,
  linkProblem,
  systemProblem,
  tooLargeProblem,
  wrongTypeProblem,
} from './file-problems.ts';
import { lstatOrNull } from './lstat-or-null.ts';
import type { HomeFiles, ReadText } from './types.ts';

/** What of `node:fs/promises` is used, so that a test can make any step of a write fail. */
export type FileSystem = Pick<typeof nodeFs, 'lstat' | 'mkdir' | 'open' | 'rename' | 'unlink'>;

export interface HomeFilesOptions {
  readonly home: string;
  /** The owner that every file must have. */
  readonly uid?: number | undefined;
  readonly fs?: FileSystem;
}

/** The largest file written through this door; what is larger (logs, models) has doors of its own. */
export const maxWriteBytes = 4 * 1024 * 1024;

/** What temp files are called, so that those a crash left behind can be told from the user's files. */
export const tempFilePattern = /^\..+\.[0-9a-f]{16}\.mlx-stack-tmp$/;

const tempNameFor = (name: string) => `.${name}.${randomBytes(8).toString('hex')}.mlx-stack-tmp`;

/** O_NONBLOCK: opening a named pipe must not wait for a writer. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

interface Write {
  text: string;
  readonly done: Promise<Result<void>>;
  readonly resolve: (result: Result<void>) => void;
  readonly reject: (bug: unknown) => void;
}

/** One running and at most one waiting write per file. */
interface Lane {
  waiting: Write | null;
}

export function createHomeFiles(options: HomeFilesOptions): HomeFiles {
  const home = path.resolve(options.home);
  const uid = options.uid ?? process.getuid?.();
  const fs = options.fs ?? nodeFs;
  const lanes = new Map<string, Lane>();

  const nameOf = (file: string) => path.relative(home, file) || path.basename(home);
  const isForeign = (stats: Stats) => uid !== undefined && stats.uid !== uid;

  /** Home and each folder below it down to the file's own, outermost first; `null` when the file is not inside home. */
  function foldersOf(file: string): string[] | null {
    const relative = path.relative(home, file);
    const inside = relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`);
    if (!inside || path.isAbsolute(relative) || !path.isAbsolute(file) || file.includes('\0')) return null;
    const parts = relative.split(path.sep).slice(0, -1);
    return [home, ...parts.map((_, index) => path.join(home, ...parts.slice(0, index + 1)))];
  }

  function outsideProblem(file: string): Problem {
    return problem('outside-home', fileWords.outsideHome(path.basename(file)));
  }

  /** `absent` when a folder is missing and may not be made. */
  async function checkFolders(file: string, make: boolean): Promise<Problem | 'absent' | null> {
    const folders = foldersOf(file);
    if (folders === null) return outsideProblem(file);
    for (const folder of folders) {
      const stats = await lstatOrNull(folder, fs.lstat);
      if (stats === null) {
        if (!make) return 'absent';
        await fs.mkdir(folder, { mode: 0o700, recursive: folder === home });
        continue;
      }
      if (stats.isSymbolicLink()) return linkProblem(nameOf(folder));
      if (!stats.isDirectory()) return wrongTypeProblem(nameOf(folder), 'folder');
      if (isForeign(stats)) return foreignProblem(nameOf(folder));
    }
    return null;
  }

  async function checkTarget(file: string): Promise<Problem | 'absent' | null> {
    const stats = await lstatOrNull(file, fs.lstat);
    if (stats === null) return 'absent';
    if (stats.isSymbolicLink()) return linkProblem(nameOf(file));
    if (!stats.isFile()) return wrongTypeProblem(nameOf(file), 'file');
    return isForeign(stats) ? foreignProblem(nameOf(file)) : null;
  }

  async function readBytes(file: string, maxBytes: number): Promise<Result<Buffer>> {
    const handle = await fs.open(file, readFlags);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return fail(wrongTypeProblem(nameOf(file), 'file'));
      if (isForeign(stats)) return fail(foreignProblem(nameOf(file)));
      if (stats.size > maxBytes) return fail(tooLargeProblem(nameOf(file), maxBytes));
      /** One byte more than allowed: the file may have grown since. */
      const buffer = Buffer.alloc(Math.min(stats.size, maxBytes) + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > maxBytes) return fail(tooLargeProblem(nameOf(file), maxBytes));
      return ok(buffer.subarray(0, length));
    } finally {
      await handle.close();
    }
  }

  async function readText(file: string, maxBytes: number): Promise<ReadText> {
    try {
      const folders = await checkFolders(file, false);
      if (folders === 'absent') return { kind: 'absent' };
      if (folders !== null) return { kind: 'refused', problem: folders };
      const bytes = await readBytes(file, maxBytes);
      if (!bytes.ok) return { kind: 'refused', problem: bytes.error };
      const text = decodeUtf8(bytes.value);
      if (text !== null) return { kind: 'text', text };
      return { kind: 'refused', problem: notTextProblem(nameOf(file)) };
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return { kind: 'absent' };
      return { kind: 'refused', problem: systemProblem(error, nameOf(file), 'read') };
    }
  }

  /** The name in a folder is durable only after the folder itself is synced. */
  async function syncFolder(folder: string): Promise<void> {
    const handle = await fs.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async function replaceFile(file: string, text: string): Promise<void> {
    const folder = path.dirname(file);
    const temp = path.join(folder, tempNameFor(path.basename(file)));
    const handle = await fs.open(temp, createFlags, 0o600);
    try {
      try {
        await handle.writeFile(text, 'utf8');
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.rename(temp, file);
    } catch (error) {
      await fs.unlink(temp).catch(() => undefined);
      throw error;
    }
    await syncFolder(folder);
  }

  async function writeNow(file: string, text: string): Promise<Result<void>> {
    if (Buffer.byteLength(text) > maxWriteBytes) return fail(tooLargeProblem(nameOf(file), maxWriteBytes));
    try {
      const folders = await checkFolders(file, true);
      if (folders !== null && folders !== 'absent') return fail(folders);
      const target = await checkTarget(file);
      if (target !== null && target !== 'absent') return fail(target);
      await replaceFile(file, text);
      return ok(undefined);
    } catch (error) {
      return fail(systemProblem(error, nameOf(file), 'written'));
    }
  }

  async function drain(file: string, lane: Lane): Promise<void> {
    for (let write = lane.waiting; write !== null; write = lane.waiting) {
      lane.waiting = null;
      await writeNow(file, write.text).then(write.resolve, write.reject);
    }
    lanes.delete(file);
  }

  function writeText(file: string, text: string): Promise<Result<void>> {
    const running = lanes.get(file);
    if (running?.waiting) {
      running.waiting.text = text;
      return running.waiting.done;
    }
    const { promise: done, resolve, reject } = Promise.withResolvers<Result<void>>();
    const write: Write = { text, done, resolve, reject };
    if (running) {
      running.waiting = write;
      return done;
    }
    const lane: Lane = { waiting: write };
    lanes.set(file, lane);
    void drain(file, lane);
    return done;
  }

  async function setAside(file: string): Promise<Result<void>> {
    try {
      const folders = await checkFolders(file, false);
      if (folders === 'absent') return ok(undefined);
      if (folders !== null) return fail(folders);
      const target = await checkTarget(file);
      if (target === 'absent') return ok(undefined);
      if (target !== null) return fail(target);
      await fs.rename(file, `${file}.bad`);
      await syncFolder(path.dirname(file));
      return ok(undefined);
    } catch (error) {
      return fail(systemProblem(error, nameOf(file), 'moved'));
    }
  }

  return { readText, writeText, setAside };
}

/** A byte-order mark is dropped; anything that is not UTF-8 gives `null`. */
function decodeUtf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function notTextProblem(name: string): Problem {
  return problem('not-text', fileWords.notText(name), fileWords.saveAsText);
}
