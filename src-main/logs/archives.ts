/** The files of the log folder and their sizes: keeps the caps, to the byte, by removing the oldest archive first. */
import type { Stats } from 'node:fs';
import path from 'node:path';
import { codeOf, type LogFs } from './fs.ts';
import type { LogLimits } from './types.ts';

/** Names as the CLI gives them: `<log>.log`, `<log>.log.N.gz` (1 the newest); `<log>.log.N` while not yet packed. */
const fileName = /^([A-Za-z0-9][A-Za-z0-9._-]*)\.log(?:\.([1-9][0-9]{0,5})(\.gz)?)?$/;
const unfinishedName = /\.log\.gz\.partial$/;
/** The folder is read again at most this often when the sizes in memory say that it is full: somebody may have tidied up. */
const rescanMs = 1000;

export interface Archive {
  readonly log: string;
  slot: number;
  packed: boolean;
  bytes: number;
  /** When its last line was written. */
  timeMs: number;
  removed: boolean;
}

export interface LogEntry {
  readonly name: string;
  readonly file: string;
  /** Size of the current file, including what is being written. */
  bytes: number;
  timeMs: number;
  archives: Archive[];
  /** Set while a writer has the current file open; called when the file was taken away under it. */
  onTakenAway: (() => void) | null;
}

export interface Archives {
  entry(name: string): LogEntry;
  entries(): readonly LogEntry[];
  pathOf(archive: Archive): string;
  /** The partial file that an archive is packed into. */
  unfinishedPath(log: string): string;
  /** Makes room for `bytes` in the total, and takes it: for the current file of a log, or for a file being packed. */
  take(log: LogEntry | null, bytes: number): void;
  give(log: LogEntry | null, bytes: number): void;
  /** The entry's file was found to hold another number of bytes. */
  resize(entry: LogEntry, bytes: number): void;
  /** Moves the current file to slot 1. May throw what the file system throws; whatever was done until then is accounted for. */
  rotate(entry: LogEntry): void;
  remove(archive: Archive): void;
  /** The archive now has another size, its source's when it was packed. */
  repack(archive: Archive, bytes: number): void;
  limits(): LogLimits;
  setLimits(limits: LogLimits): void;
  totalBytes(): number;
}

export interface ArchivesOptions {
  readonly dir: string;
  readonly limits: LogLimits;
  readonly fs: LogFs;
  readonly now: () => number;
}

export function createArchives({ dir, fs, now, ...options }: ArchivesOptions): Archives {
  const entries = new Map<string, LogEntry>();
  let limits = options.limits;
  let total = 0;
  /** The part of the total that is in files being packed. */
  let unfinished = 0;
  let scannedAt = 0;

  function entry(name: string): LogEntry {
    const known = entries.get(name);
    if (known) return known;
    const created: LogEntry = {
      name,
      file: path.join(dir, `${name}.log`),
      bytes: 0,
      timeMs: 0,
      archives: [],
      onTakenAway: null,
    };
    entries.set(name, created);
    return created;
  }

  const pathOf = (archive: Archive): string =>
    path.join(dir, `${archive.log}.log.${archive.slot}${archive.packed ? '.gz' : ''}`);
  const unfinishedPath = (log: string): string => path.join(dir, `${log}.log.gz.partial`);

  function readNames(): readonly string[] {
    try {
      return fs.names(dir);
    } catch {
      // The folder is made when the first line is written; what is wrong with it is said there.
      return [];
    }
  }

  function statOf(name: string): Stats | null {
    try {
      return fs.lstat(path.join(dir, name));
    } catch {
      return null;
    }
  }

  /** Takes in what is really there. A file that is being written keeps its size in memory, which is ahead of the disk. */
  function scan(removeUnfinished: boolean): void {
    const found = new Map<string, Map<number, Archive>>();
    scannedAt = now();
    for (const known of entries.values()) if (!known.onTakenAway) known.bytes = 0;
    for (const name of readNames()) {
      if (removeUnfinished && unfinishedName.test(name)) {
        tryRemove(path.join(dir, name));
        continue;
      }
      const parts = fileName.exec(name);
      const stats = parts && statOf(name);
      if (!parts?.[1] || !stats?.isFile()) continue;
      const log = entry(parts[1]);
      if (parts[2] === undefined) {
        if (!log.onTakenAway) {
          log.bytes = stats.size;
          log.timeMs = stats.mtimeMs;
        }
        continue;
      }
      const slot = Number(parts[2]);
      const packed = parts[3] !== undefined;
      const slots = found.get(log.name) ?? new Map<number, Archive>();
      found.set(log.name, slots);
      const same = log.archives.find((known) => known.slot === slot && known.packed === packed);
      const archive = same ?? {
        log: log.name,
        slot,
        packed,
        bytes: 0,
        timeMs: stats.mtimeMs,
        removed: false,
      };
      archive.bytes = stats.size;
      const twin = slots.get(slot);
      if (!twin) {
        slots.set(slot, archive);
      } else {
        // Killed between the rename of the packed archive, which is complete by then, and the removal of its source.
        const [keep, drop] = packed ? [archive, twin] : [twin, archive];
        slots.set(slot, keep);
        drop.removed = true;
        tryRemove(pathOf(drop));
      }
    }
    total = unfinished;
    for (const log of entries.values()) {
      const slots = found.get(log.name);
      const present = new Set(slots?.values());
      for (const known of log.archives) if (!present.has(known)) known.removed = true;
      log.archives = [...present].sort((a, b) => a.slot - b.slot);
      total += log.bytes + log.archives.reduce((sum, archive) => sum + archive.bytes, 0);
    }
  }

  function tryRemove(file: string): void {
    try {
      fs.remove(file);
    } catch {
      // Counted again at the next scan.
    }
  }

  function remove(archive: Archive): void {
    if (archive.removed) return;
    fs.remove(pathOf(archive));
    forget(archive);
  }

  function shift(archive: Archive, slot: number): void {
    const from = pathOf(archive);
    try {
      fs.rename(from, path.join(dir, `${archive.log}.log.${slot}${archive.packed ? '.gz' : ''}`));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      forget(archive);
      return;
    }
    archive.slot = slot;
  }

  function add(log: LogEntry | null, bytes: number): void {
    total += bytes;
    if (log) log.bytes += bytes;
    else unfinished += bytes;
  }

  function forget(archive: Archive): void {
    archive.removed = true;
    total -= archive.bytes;
    const log = entry(archive.log);
    log.archives = log.archives.filter((other) => other !== archive);
  }

  function trim(log: LogEntry, keep: number): void {
    for (const archive of log.archives.slice(keep)) remove(archive);
  }

  function rotate(log: LogEntry): void {
    trim(log, limits.archivesMax - 1);
    // Only the unbroken run from slot 1 has to move, its oldest first: no archive is ever written over.
    const run = log.archives.filter((archive, i) => archive.slot === i + 1);
    for (const archive of run.reverse()) shift(archive, archive.slot + 1);
    fs.rename(log.file, `${log.file}.1`);
    const fresh: Archive = {
      log: log.name,
      slot: 1,
      packed: false,
      bytes: log.bytes,
      timeMs: now(),
      removed: false,
    };
    log.archives = [fresh, ...log.archives];
    log.bytes = 0;
    log.onTakenAway?.();
  }

  function oldest<T extends { readonly timeMs: number }>(all: readonly T[]): T | undefined {
    return all.reduce<T | undefined>(
      (first, one) => (first && first.timeMs <= one.timeMs ? first : one),
      undefined,
    );
  }

  /** Oldest archive of all, else the oldest file nobody writes to, else the largest current file. */
  function removeOne(): boolean {
    const logs = [...entries.values()];
    const archive = oldest(logs.flatMap((log) => log.archives));
    if (archive) {
      remove(archive);
      return true;
    }
    const current = logs.filter((log) => log.bytes > 0);
    const idle = oldest(current.filter((log) => !log.onTakenAway));
    const victim = idle ?? current.sort((a, b) => b.bytes - a.bytes)[0];
    if (!victim) return false;
    fs.remove(victim.file);
    total -= victim.bytes;
    victim.bytes = 0;
    victim.onTakenAway?.();
    return true;
  }

  function makeRoom(bytes: number): void {
    if (total + bytes <= limits.totalMaxBytes) return;
    if (now() - scannedAt >= rescanMs) scan(false);
    while (total + bytes > limits.totalMaxBytes && removeOne());
  }

  scan(true);
  return {
    entry,
    entries: () => [...entries.values()],
    pathOf,
    unfinishedPath,
    take(log, bytes) {
      makeRoom(bytes);
      add(log, bytes);
    },
    give: (log, bytes) => add(log, -bytes),
    resize(log, bytes) {
      total += bytes - log.bytes;
      log.bytes = bytes;
    },
    rotate,
    remove,
    repack(archive, bytes) {
      total += bytes - archive.bytes;
      archive.bytes = bytes;
      archive.packed = true;
    },
    limits: () => limits,
    setLimits(next) {
      limits = next;
      try {
        for (const log of entries.values()) trim(log, limits.archivesMax);
        makeRoom(0);
      } catch {
        // What cannot be removed is tried again, and reported, when the next line needs the room.
      }
    },
    totalBytes: () => total,
  };
}
