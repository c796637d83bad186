/** Reads the lock that `uv pip compile --generate-hashes` writes: every package with its version and hashes. Pure. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { toolchainWords } from '../words/index.ts';
import { normalName, parseVersion } from './versions.ts';

export interface LockedPackage {
  /** In the one spelling. */
  readonly name: string;
  readonly version: string;
  /** Hex. */
  readonly hashes: readonly string[];
}

/** Both engines together have some three hundred packages with some twenty wheels each. */
export const maxLockBytes = 4 * 1024 * 1024;
export const maxLockedPackages = 2_000;

const pinPattern =
  /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[A-Za-z0-9,._ -]*\])?==([^\s;\\]+)((?:\s*--hash=sha256:[0-9a-f]{64})*)$/;

/** Only `name==version` with SHA-256 is a lock: addresses, files, options and bare names are refused. */
export function parseLock(text: string): Result<readonly LockedPackage[]> {
  if (text.length > maxLockBytes) return fail(notLocked(toolchainWords.lockTooLarge));
  const packages = new Map<string, LockedPackage>();
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const raw of lines) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const [, name = '', version = '', rest = ''] = pinPattern.exec(line) ?? [];
    if (name === '' || parseVersion(version) === null) {
      return fail(notLocked(toolchainWords.lockHasLine(line.slice(0, 80))));
    }
    const hashes = [...rest.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, hash = '']) => hash);
    if (hashes.length === 0) return fail(notLocked(toolchainWords.noChecksum(name.slice(0, 80))));
    const key = normalName(name);
    if (packages.has(key)) return fail(notLocked(toolchainWords.packageTwice(key.slice(0, 80))));
    packages.set(key, { name: key, version, hashes });
    if (packages.size > maxLockedPackages) return fail(notLocked(toolchainWords.tooManyPackages));
  }
  return packages.size === 0 ? fail(notLocked(toolchainWords.lockEmpty)) : ok([...packages.values()]);
}

const notLocked = (why: string): Problem =>
  problem('lock-unusable', toolchainWords.lockUnusable(why), toolchainWords.updateUvAndTry);
