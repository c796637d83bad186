/** The files of the log folder as the reader sees them: each log is a row of segments, oldest first, known by how they begin. */
import fs from 'node:fs';
import path from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { firstStamp, readHead } from './line-format.ts';

/** As the sink and the CLI name them: `<log>.log`, `<log>.log.N` while not yet packed, `<log>.log.N.gz`; 1 is the newest. */
const fileName = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.log(?:\.([1-9][0-9]{0,5})(\.gz)?)?$/;
/** A folder with more is nobody's; the rest is not shown. */
const logsMax = 100;
const segmentsMax = 500;
const trailerBytes = 8;
/** Looks at a folder that changes under the eyes. */
const attemptsMax = 5;
/** What tells one segment from another. */
const beginningBytes = 256;
/** So far a line with a time is looked for when the first has none. */
const lookBytes = 64 * 1024;
/** Enough packed bytes to unpack the beginning. */
const packedLookBytes = 8 * 1024;

const newline = 10;

export interface Segment {
  /**
   * The time of its first line, or a number made of that line where it has no time (and smaller than any time). It stays
   * the same when the file is renamed, packed, or copied and emptied, and is the same in every thread.
   */
  readonly id: number;
  readonly log: string;
  readonly file: string;
  readonly packed: boolean;
  readonly dev: number;
  readonly ino: number;
  /** Of what it holds when unpacked; what gzip says of it until it was read once. */
  bytes: number;
  /** On disk. */
  readonly diskBytes: number;
  readonly mtimeMs: number;
  /** What counts as the time of lines that have none: that of the first line that has one, or of the file. */
  readonly otherwiseMs: number;
  readonly isCurrent: boolean;
}

export interface LogFiles {
  readonly name: string;
  /** Oldest first. Files that are empty, or hold no whole line yet, are not among them. */
  readonly segments: readonly Segment[];
}

interface Found {
  readonly file: string;
  /** 0: the current file. */
  readonly slot: number;
  readonly packed: boolean;
  readonly stats: fs.Stats;
}

interface Known {
  readonly beginning: number;
  readonly firstMs: number | null;
  bytes: number;
}

export interface Folder {
  /** Looks at the folder again. */
  refresh(): void;
  logs(): readonly LogFiles[];
}

export function openFolder(dir: string): Folder {
  let logs: readonly LogFiles[] = [];
  /** Of archives: a file that is rotated away never changes. */
  let archives = new Map<string, Known>();

  function list(names: readonly string[]): Map<string, Found[]> {
    const found = new Map<string, Found[]>();
    for (const name of names) {
      const [, log, slot, gz] = fileName.exec(name) ?? [];
      if (log === undefined) continue;
      const file = path.join(dir, name);
      const stats = statOf(file);
      if (!stats?.isFile() || stats.size === 0) continue;
      const files = found.get(log) ?? [];
      if (files.length >= segmentsMax || (files.length === 0 && found.size >= logsMax)) continue;
      found.set(log, files);
      files.push({ file, slot: slot === undefined ? 0 : Number(slot), packed: gz !== undefined, stats });
    }
    return found;
  }

  function segmentsOf(log: string, files: readonly Found[], seen: Map<string, Known>): Segment[] {
    const taken = new Set<number>();
    const segments: Segment[] = [];
    const oldestFirst = files
      // Of an archive and its packed copy, both there for a moment, the packed one is complete.
      .filter((one) => one.packed || !files.some((other) => other.packed && other.slot === one.slot))
      .sort((a, b) => b.slot - a.slot);
    for (const { file, slot, packed, stats } of oldestFirst) {
      const key = `${stats.dev}:${stats.ino}:${packed}`;
      const known = slot === 0 ? null : archives.get(key);
      const one = known ?? look(file, packed, stats);
      if (!one) continue;
      seen.set(key, one);
      let id = one.beginning;
      while (taken.has(id)) id += 1;
      taken.add(id);
      segments.push({
        id,
        log,
        file,
        packed,
        dev: stats.dev,
        ino: stats.ino,
        get bytes() {
          return one.bytes;
        },
        set bytes(bytes: number) {
          one.bytes = bytes;
        },
        diskBytes: stats.size,
        mtimeMs: stats.mtimeMs,
        otherwiseMs: one.firstMs ?? Math.floor(stats.mtimeMs),
        isCurrent: slot === 0,
      });
    }
    return segments;
  }

  return {
    refresh() {
      let names = namesIn(dir);
      for (let attempt = 1; ; attempt += 1) {
        const seen = new Map<string, Known>();
        logs = [...list(names)]
          .map(([name, files]) => ({ name, segments: segmentsOf(name, files, seen) }))
          .filter(({ segments }) => segments.length > 0)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        archives = seen;
        // Rotated or packed while it was looked at: some file may have been missed under both of its names.
        const namesNow = namesIn(dir);
        const isSame = namesNow.length === names.length && namesNow.every((name, i) => name === names[i]);
        if (isSame || attempt === attemptsMax) return;
        names = namesNow;
      }
    },
    logs: () => logs,
  };
}

function namesIn(dir: string): readonly string[] {
  try {
    return fs.readdirSync(dir).sort();
  } catch {
    // No folder, no logs; whoever writes them says what is wrong with it.
    return [];
  }
}

function statOf(file: string): fs.Stats | null {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** How a file begins and how much it holds; `null` when it cannot be read or holds no whole line yet. */
function look(file: string, packed: boolean, stats: fs.Stats): Known | null {
  try {
    const fd = openPlain(file);
    try {
      const { dev, ino } = fs.fstatSync(fd);
      if (dev !== stats.dev || ino !== stats.ino) return null;
      const { size } = stats;
      const start = readStart(fd, packed ? packedLookBytes : beginningBytes);
      const unpacked = packed ? unpackStart(start) : start;
      const beginning = beginningOf(unpacked);
      if (beginning === null) return null;
      const firstMs =
        beginning.timeMs ?? firstStamp((packed ? unpacked : readStart(fd, lookBytes)).toString('latin1'));
      if (!packed) return { beginning: beginning.id, firstMs, bytes: size };
      const trailer = Buffer.alloc(trailerBytes);
      fs.readSync(fd, trailer, 0, trailerBytes, Math.max(0, size - trailerBytes));
      // Modulo 4 GB; good enough for a scroll bar, and corrected when the file is read.
      return { beginning: beginning.id, firstMs, bytes: trailer.readUInt32LE(4) };
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return null;
  }
}

function readStart(fd: number, length: number): Buffer {
  const start = Buffer.alloc(length);
  return start.subarray(0, fs.readSync(fd, start, 0, length, 0));
}

const unpackStart = (start: Buffer): Buffer => gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });

function beginningOf(bytes: Buffer): { readonly id: number; readonly timeMs: number | null } | null {
  const start = bytes.subarray(0, beginningBytes);
  const end = start.indexOf(newline);
  if (end < 0 && start.length < beginningBytes) return null;
  const line = start.toString('latin1', 0, end < 0 ? beginningBytes : end);
  const { timeMs } = readHead(line);
  return { id: timeMs ?? hashOf(line), timeMs };
}

/** Of a segment's id; hashes are smaller than the times of any computer that has one. */
export const isTime = (id: number): boolean => id > 0xffff_ffff + segmentsMax;

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
/** Never a link, and a FIFO in place of a file does not block. */
export const openPlain = (file: string): number => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
