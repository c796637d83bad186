/** The file operations that the logs use, as one object, so that a full or broken disk can be played in a test. */
import fs from 'node:fs';

export type WriteDone = (error: Error | null, written: number) => void;

export interface LogFs {
  open(file: string, flags: number, mode: number): number;
  close(fd: number): void;
  stat(fd: number): fs.Stats;
  /** Of the name itself, never of what a link points to; `null` when there is none. */
  lstat(file: string): fs.Stats | null;
  chmod(fd: number, mode: number): void;
  truncate(fd: number, bytes: number): void;
  readAt(fd: number, buffer: Buffer, position: number): number;
  writeSync(fd: number, buffer: Buffer, offset: number, length: number): number;
  write(fd: number, buffer: Buffer, offset: number, length: number, done: WriteDone): void;
  rename(from: string, to: string): void;
  /** No error when there is nothing to remove. */
  remove(file: string): void;
  makeFolder(folder: string): void;
  names(folder: string): readonly string[];
}

export const nodeLogFs: LogFs = {
  open: (file, flags, mode) => fs.openSync(file, flags, mode),
  close: (fd) => fs.closeSync(fd),
  stat: (fd) => fs.fstatSync(fd),
  lstat: (file) => fs.lstatSync(file, { throwIfNoEntry: false }) ?? null,
  chmod: (fd, mode) => fs.fchmodSync(fd, mode),
  truncate: (fd, bytes) => fs.ftruncateSync(fd, bytes),
  readAt: (fd, buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
  writeSync: (fd, buffer, offset, length) => fs.writeSync(fd, buffer, offset, length),
  write: (fd, buffer, offset, length, done) => fs.write(fd, buffer, offset, length, null, done),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.rmSync(file, { force: true }),
  makeFolder: (folder) => void fs.mkdirSync(folder, { recursive: true, mode: 0o700 }),
  names: (folder) => fs.readdirSync(folder),
};

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
