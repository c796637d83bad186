/** Looks for a secret in all places where it must not be: files, and what every process shows of itself. */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
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
