/** What uv says while it works and when it fails, on stderr. Pure. */
import { type Problem, problem } from '../contract/result.ts';
import { commonWords, toolchainWords } from '../words/index.ts';

export type UvEvent =
  | { readonly kind: 'download-began'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'download-ended'; readonly name: string }
  /** All packages are on this Mac. */
  | { readonly kind: 'prepared' };

const unitBytes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const maxNameLength = 100;

/** Without a terminal uv says only of larger packages when they begin and end. */
export function readUvLine(line: string): UvEvent | null {
  const began = /^\s*Downloading (\S+) \((\d+(?:\.\d+)?) ?([KMG]iB|B)\)\s*$/.exec(line);
  if (began !== null) {
    const [, name = '', amount = '', unit = ''] = began;
    const bytes = Number(amount) * (unitBytes[unit] ?? 1);
    return Number.isFinite(bytes)
      ? { kind: 'download-began', name: name.slice(0, maxNameLength), bytes }
      : null;
  }
  const ended = /^\s*Downloaded (\S+)\s*$/.exec(line);
  if (ended !== null) return { kind: 'download-ended', name: (ended[1] ?? '').slice(0, maxNameLength) };
  return /^\s*Prepared \d+ packages? in /.test(line) ? { kind: 'prepared' } : null;
}

export interface DownloadTally {
  /** `null` while nothing was announced; never falls. */
  readonly fraction: number | null;
  /** Being downloaded, the largest first. */
  readonly running: readonly { readonly name: string; readonly bytes: number }[];
}

/** More at once than uv ever downloads. */
const maxRunning = 500;

export function createDownloadTally(): { note(event: UvEvent): DownloadTally } {
  const running = new Map<string, number>();
  let announced = 0;
  let done = 0;
  let fraction: number | null = null;
  return {
    note(event) {
      if (event.kind === 'download-began' && running.size < maxRunning && !running.has(event.name)) {
        running.set(event.name, event.bytes);
        announced += event.bytes;
      } else if (event.kind === 'download-ended') {
        done += running.get(event.name) ?? 0;
        running.delete(event.name);
      } else if (event.kind === 'prepared') {
        running.clear();
        fraction = 1;
      }
      if (announced > 0) fraction = Math.max(fraction ?? 0, Math.min(1, done / announced));
      return {
        fraction,
        running: [...running].map(([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes),
      };
    },
  };
}

const maxQuoted = 300;

/** Why uv ended with an error, in a person's words. `doing`: "litellm could not be installed". */
export function uvProblem(doing: string, exitCode: number | null, stderr: string): Problem {
  const said = stderr.replace(/\s+/g, ' ');
  const has = (pattern: RegExp) => pattern.test(said);
  if (has(/No space left on device|os error 28\b/i)) {
    return problem('disk-full', toolchainWords.diskFull(doing), commonWords.freeSpace);
  }
  if (has(/hash mismatch/i)) {
    return problem(
      'hash-mismatch',
      toolchainWords.hashMismatch(doing),
      toolchainWords.somethingChangesDownloads,
    );
  }
  if (has(/no solution found|because there (is|are) no version/i)) {
    return problem(
      'no-solution',
      toolchainWords.noSolution(doing, quoteCause(stderr)).trim(),
      toolchainWords.updateApp,
    );
  }
  if (
    has(
      /dns error|failed to lookup address|error sending request|connection (refused|reset|closed)|tcp connect error|network is unreachable|operation timed out|request timed out|Failed to fetch|Could not connect|offline/i,
    )
  ) {
    return problem('no-network', toolchainWords.noIndex(doing), toolchainWords.checkConnection);
  }
  if (
    exitCode === 2 &&
    has(/unexpected argument|invalid value|unrecognized subcommand|error: the argument/i)
  ) {
    return problem(
      'uv-too-old',
      toolchainWords.unknownOption(doing, quoteCause(stderr)).trim(),
      toolchainWords.updateUv,
    );
  }
  const how = exitCode === null ? toolchainWords.wasEnded : toolchainWords.endedWithCode(exitCode);
  return problem(
    'uv-failed',
    toolchainWords.uvFailed(doing, how, quoteCause(stderr)).trim(),
    commonWords.tryAgain,
  );
}

/** The line that says most: the one behind "error:" or "×", else the last. */
function quoteCause(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^[\s×╰─▶│├]+/u, '').trim())
    .filter((line) => line !== '');
  const cause = lines.find((line) => /^(error|Caused by|Because)/i.test(line)) ?? lines.at(-1) ?? '';
  // A proxy's address may hold a password.
  const shown = cause.replace(/\/\/[^/@\s]*@/g, '//…@').slice(0, maxQuoted);
  return cause === '' ? '' : toolchainWords.itSaid(shown);
}
