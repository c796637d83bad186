/** Looks for a secret in all places where it must not be: files, what every process shows of itself, and its memory. */
import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** As it is, and as it looks after the encodings that data usually gets. */
function formsOf(secret: string): Buffer[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    Buffer.from(secret),
    Buffer.from(base64.slice(0, -2)),
    Buffer.from(Buffer.from(secret).toString('hex')),
    Buffer.from(secret, 'utf16le'),
    /** A part of it is as bad: most of the characters after the prefix. */
    Buffer.from(secret.slice(-40, -4)),
  ];
}

export function holdsSecret(content: string | Buffer, secrets: readonly string[]): boolean {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return secrets.some((secret) => formsOf(secret).some((form) => bytes.includes(form)));
}

/** Every file below `folder`, archives unpacked; the names of those that hold a secret. */
export function searchFiles(folder: string, secrets: readonly string[]): string[] {
  const entries: Dirent[] = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    if (holdsSecret(entry.name, secrets)) return [file];
    if (!entry.isFile()) return [];
    const content = readIfThere(file);
    if (content === null) return [];
    const unpacked = file.endsWith('.gz') ? unpackIfWhole(content) : null;
    const found = holdsSecret(content, secrets) || (unpacked !== null && holdsSecret(unpacked, secrets));
    return found ? [file] : [];
  });
}

function unpackIfWhole(content: Buffer): Buffer | null {
  try {
    return gunzipSync(content);
  } catch {
    return null;
  }
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    /** Gone meanwhile, or another user's. */
    return null;
  }
}

export interface ProcessSearch {
  readonly found: readonly string[];
  /** How many processes could be looked at. */
  readonly looked: number;
}

/** Environment and arguments of every process on this machine (Linux). */
export function searchProcesses(secrets: readonly string[]): ProcessSearch {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  let looked = 0;
  const found = pids.flatMap((pid) => {
    const environment = readIfThere(`/proc/${pid}/environ`);
    const commandLine = readIfThere(`/proc/${pid}/cmdline`);
    if (environment === null || commandLine === null) return [];
    looked += 1;
    return [
      ...(holdsSecret(environment, secrets) ? [`environment of ${pid}`] : []),
      ...(holdsSecret(commandLine, secrets) ? [`arguments of ${pid}`] : []),
    ];
  });
  return { found, looked };
}

const pageBytes = 4096;
const pageEntryBytes = 8;
/** Of a page's entry in `pagemap`, high half: it is in memory, or in the swap space. */
const isUsed = 0b11 << 30;

export interface MemorySearch {
  readonly found: boolean;
  /** How much could be read; a process that is gone or another user's has nothing to read. */
  readonly readBytes: number;
}

/** All that a process has written (Linux): what a core file of it would hold. */
export function searchMemory(pid: number, secrets: readonly string[]): MemorySearch {
  const maps = readIfThere(`/proc/${pid}/maps`)?.toString('latin1') ?? '';
  const memory = openIfThere(`/proc/${pid}/mem`);
  const pages = openIfThere(`/proc/${pid}/pagemap`);
  let readBytes = 0;
  let found = false;
  for (const line of maps.split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === '' || memory === null || pages === null) continue;
    for (const run of usedRuns(pages, Number.parseInt(from, 16), Number.parseInt(to, 16))) {
      const piece = readAt(memory, run.from, run.to - run.from);
      readBytes += piece.length;
      found ||= holdsSecret(piece, secrets);
    }
  }
  for (const handle of [memory, pages]) if (handle !== null) closeSync(handle);
  return { found, readBytes };
}

/** Most of what a process sets aside it never touches. */
function usedRuns(pages: number, from: number, to: number): { from: number; to: number }[] {
  const entries = readAt(
    pages,
    (from / pageBytes) * pageEntryBytes,
    ((to - from) / pageBytes) * pageEntryBytes,
  );
  const runs: { from: number; to: number }[] = [];
  for (let index = 0; index < entries.length / pageEntryBytes; index += 1) {
    if ((entries.readUInt32LE(index * pageEntryBytes + 4) & isUsed) === 0) continue;
    const at = from + index * pageBytes;
    const last = runs.at(-1);
    if (last?.to === at) last.to += pageBytes;
    else runs.push({ from: at, to: at + pageBytes });
  }
  return runs;
}

/** What could be read: a region may be gone since the map was read, or belong to a device. */
function readAt(handle: number, position: number, length: number): Buffer {
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(handle, bytes, 0, length, position));
  } catch {
    return Buffer.alloc(0);
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch {
    return null;
  }
}
