/** Versions of Python packages: reads and orders them as PEP 440 says. Pure. */

/** No real version comes near. */
export const maxVersionLength = 64;
const maxDigits = 15;

export interface PythonVersion {
  readonly epoch: number;
  readonly release: readonly number[];
  /** Ordered like the release numbers: development < alpha < beta < candidate < final < post. */
  readonly suffix: readonly number[];
  readonly local: readonly (string | number)[];
}

const pattern =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

/** `null` for what is no version at all. */
export function parseVersion(text: string): PythonVersion | null {
  if (text.length > maxVersionLength) return null;
  const match = pattern.exec(text.toLowerCase());
  if (match === null) return null;
  const [, epoch = '0', release = '', pre, preNumber, dash, post, postNumber, dev, devNumber, local] = match;
  if (/\d/.test(text) && new RegExp(`\\d{${maxDigits + 1}}`).test(text)) return null;
  return {
    epoch: Number(epoch),
    release: trimZeros(release.split('.').map(Number)),
    suffix: [
      ...preRank(pre, preNumber, dev !== undefined, dash !== undefined || post !== undefined),
      dash === undefined && post === undefined ? -1 : Number(dash ?? (postNumber || '0')),
      dev === undefined ? Number.POSITIVE_INFINITY : Number(devNumber || '0'),
    ],
    local:
      local === undefined
        ? []
        : local.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  };
}

/** `1.0.dev1` comes before `1.0a1`, `1.0a1.dev1` before `1.0a1`. */
function preRank(
  pre: string | undefined,
  number: string | undefined,
  isDev: boolean,
  isPost: boolean,
): number[] {
  if (pre === undefined) return [isDev && !isPost ? 0 : 4, 0];
  const rank = pre.startsWith('a') ? 1 : pre.startsWith('b') ? 2 : 3;
  return [rank, Number(number || '0')];
}

function trimZeros(numbers: readonly number[]): readonly number[] {
  const last = numbers.findLastIndex((number) => number !== 0);
  return numbers.slice(0, last + 1);
}

/** Negative when `a` comes before `b`. */
export function compareVersions(a: PythonVersion, b: PythonVersion): number {
  return (
    a.epoch - b.epoch ||
    compareNumbers(a.release, b.release) ||
    compareNumbers(a.suffix, b.suffix) ||
    compareLocal(a.local, b.local)
  );
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Numbers come after words, longer after shorter. */
function compareLocal(a: PythonVersion['local'], b: PythonVersion['local']): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left === right) continue;
    if (typeof left !== typeof right) return typeof left === 'number' ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Whether `text` is certainly an older version than `than`. */
export function isOlder(text: string, than: string): boolean {
  const [left, right] = [parseVersion(text), parseVersion(than)];
  return left !== null && right !== null && compareVersions(left, right) < 0;
}

/** The one spelling that package names are compared in (PEP 503). */
export const normalName = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');
