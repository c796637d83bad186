/** Finds the engines' programs: where the config says, in our own environments, in known places, on the PATH. */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, problem } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { stackWords } from '../words/index.ts';
import { engineMissing, engineNotChosen } from './engine-missing.ts';

export type EngineName = 'vllm-mlx' | 'litellm';

export type FoundExecutable = {
  readonly path: string;
  readonly foundIn: 'config' | 'engines' | 'known-place' | 'login-shell' | 'path';
};
/** Why a program that could be run is not. */
export interface Objection {
  /** Completes "<path> …". */
  readonly reason: string;
  /** Nobody has chosen it yet; a choice is all it lacks. */
  readonly mayChoose: boolean;
}
export interface RefusedExecutable extends Objection {
  readonly path: string;
  readonly foundIn: FoundExecutable['foundIn'];
}
/** `refused`: what is there but not used; one that may be chosen before one that must not run. */
export type ExecutableSearch =
  | FoundExecutable
  | { readonly missing: Problem; readonly refused: RefusedExecutable | null };

/** Runs a program with stdin and stderr closed to `/dev/null`, and gives its standard output, or `null`. */
export type RunProgram = (program: {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}) => Promise<string | null>;

export interface TrustedOwners {
  readonly users: readonly number[];
  readonly groups: readonly number[];
}

const root = 0;
/** On macOS, and with it Homebrew's folders. Everybody there is in `staff`, which is a user's own group, too. */
const administrators = 80;

const trustedByDefault: TrustedOwners = {
  users: [root, process.getuid?.() ?? root],
  groups: [root, process.platform === 'darwin' ? administrators : (process.getgid?.() ?? root)],
};

export interface ExecutableFinderOptions {
  readonly userHome: string;
  /** Our own environments: `<engines>/<name>/current/bin/<name>`. */
  readonly engines: string;
  /** The app's environment; PATH and SHELL are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  /** Where else to look before a shell is asked. */
  readonly knownFolders?: (name: EngineName) => readonly string[];
  /** Who else may own or change a program. */
  readonly trusted?: TrustedOwners;
  /** What speaks against a program that could be run; `null` when nothing does. */
  readonly vet?: (
    name: EngineName,
    file: string,
    foundIn: FoundExecutable['foundIn'],
  ) => Promise<Objection | null>;
}

export interface ExecutableFinder {
  /** `configured` is the absolute path from the config, which is then the only place. */
  find(name: EngineName, configured: string | null): Promise<ExecutableSearch>;
  /** Any other program: the one from the config, or in these folders, then where the shell and the app look. */
  findTool(
    fileName: string,
    folders: readonly string[],
    configured: string | null,
  ): Promise<ExecutableSearch>;
  /** The next search asks the login shell anew. */
  forgetLoginPath(): void;
}

/** Shells load prompts, version managers and more; one that is slower is not waited for. */
const loginShellLimitMs = 10_000;
const maxLoginShellOutputBytes = 256 * 1024;
const maxPathEntries = 256;

type Verdict = { readonly kind: 'usable'; readonly realPath: string } | { readonly kind: 'absent' } | Refusal;
type Refusal = { readonly kind: 'refused' } & Objection;
type Look = (file: string, foundIn: FoundExecutable['foundIn']) => Promise<Verdict>;

export function createExecutableFinder(options: ExecutableFinderOptions): ExecutableFinder {
  const { userHome, engines, env, run, trusted = trustedByDefault } = options;
  const inspect = (file: string) => inspectAs(trusted, file);
  const knownFolders =
    options.knownFolders ??
    ((name: EngineName) => [
      path.join(userHome, '.local', 'bin'),
      '/opt/homebrew/bin',
      '/usr/local/bin',
      path.join(userHome, '.local', 'share', 'uv', 'tools', name, 'bin'),
    ]);
  let loginPath: Promise<readonly string[]> | null = null;

  async function find(name: EngineName, configured: string | null): Promise<ExecutableSearch> {
    const look: Look = (file, foundIn) => lookAt(name, file, foundIn);
    if (configured !== null) return findConfigured(name, configured, look);
    const refused: RefusedExecutable[] = [];
    const own = path.join(engines, name, 'current', 'bin', name);
    const ownVerdict = await lookAtOwn(name, own);
    /** Behind the `current` link, so that an update is seen as another program. */
    if (ownVerdict.kind === 'usable') return { path: ownVerdict.realPath, foundIn: 'engines' };
    if (ownVerdict.kind === 'refused') refused.push(refusedAt(own, 'engines', ownVerdict));
    const found = await search(name, knownFolders(name), look, refused);
    const [first] = refused;
    return (
      found ?? {
        missing: missingProblem(name, refused),
        refused: refused.find(({ mayChoose }) => mayChoose) ?? first ?? null,
      }
    );
  }

  /** What a link leads to elsewhere is none of ours: it was compared with no lock. */
  async function lookAtOwn(name: EngineName, own: string): Promise<Verdict> {
    const verdict = await inspect(own);
    if (verdict.kind !== 'usable') return verdict;
    const folder = await realpath(path.join(engines, name)).catch(() => null);
    if (folder === null || !verdict.realPath.startsWith(folder + path.sep))
      return unusable(stackWords.liesOutsideOfEngines);
    return await lookAt(name, own, 'engines');
  }

  async function search(
    fileName: string,
    folders: readonly string[],
    look: Look,
    refused: RefusedExecutable[],
  ): Promise<FoundExecutable | null> {
    const searches: [FoundExecutable['foundIn'], () => readonly string[] | Promise<readonly string[]>][] = [
      ['known-place', () => folders],
      ['login-shell', () => (loginPath ??= askLoginShell())],
      ['path', () => splitPath(env['PATH'] ?? '')],
    ];
    for (const [foundIn, places] of searches) {
      for (const folder of await places()) {
        const file = path.join(folder, fileName);
        const verdict = await look(file, foundIn);
        if (verdict.kind === 'usable') return { path: file, foundIn };
        if (verdict.kind === 'refused') refused.push(refusedAt(file, foundIn, verdict));
      }
    }
    return null;
  }

  async function lookAt(
    name: EngineName,
    file: string,
    foundIn: FoundExecutable['foundIn'],
  ): Promise<Verdict> {
    const verdict = await inspect(file);
    if (verdict.kind !== 'usable') return verdict;
    const objection = (await options.vet?.(name, file, foundIn)) ?? null;
    return objection === null ? verdict : { kind: 'refused', ...objection };
  }

  async function findTool(
    fileName: string,
    folders: readonly string[],
    configured: string | null,
  ): Promise<ExecutableSearch> {
    if (configured !== null) return findConfigured(fileName, configured, inspect);
    const found = await search(fileName, folders, inspect, []);
    return found ?? { missing: toolMissing(fileName), refused: null };
  }

  async function findConfigured(name: string, file: string, look: Look): Promise<ExecutableSearch> {
    const verdict = await look(file, 'config');
    if (verdict.kind === 'usable') return { path: file, foundIn: 'config' };
    const why = verdict.kind === 'absent' ? stackWords.doesNotExist : verdict.reason;
    return {
      missing: problem(
        'executable-missing',
        stackWords.configuredPathWrong(name, file, why),
        stackWords.correctPath,
      ),
      refused: verdict.kind === 'refused' ? refusedAt(file, 'config', verdict) : null,
    };
  }

  async function askLoginShell(): Promise<readonly string[]> {
    const shell = env['SHELL'] ?? '';
    if ((await inspect(shell)).kind !== 'usable') return [];
    const marker = randomBytes(12).toString('hex');
    /** `printenv` prints the same in every shell, fish included; `set` and `$PATH` do not. */
    const script = `echo ${marker}; /usr/bin/printenv PATH; echo ${marker}`;
    const kept = ['HOME', 'USER', 'LOGNAME', 'LANG', 'TMPDIR'].flatMap((name): [string, string][] => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    });
    const output = await atMost(
      loginShellLimitMs + 1000,
      run({
        file: shell,
        args: ['-ilc', script],
        env: {
          ...Object.fromEntries(kept),
          SHELL: shell,
          TERM: 'dumb',
          PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
        },
        timeoutMs: loginShellLimitMs,
        maxOutputBytes: maxLoginShellOutputBytes,
      }),
    );
    const printed = output?.split(marker)[1]?.trim();
    return printed === undefined ? [] : splitPath(printed);
  }

  return {
    find,
    findTool,
    forgetLoginPath: () => {
      loginPath = null;
    },
  };
}

const refusedAt = (
  path: string,
  foundIn: FoundExecutable['foundIn'],
  { reason, mayChoose }: Objection,
): RefusedExecutable => ({ path, foundIn, reason, mayChoose });

/** Absolute entries only: a relative one means whatever folder a program happens to run in. */
function splitPath(value: string): string[] {
  const entries = value.split(':').filter((entry) => path.isAbsolute(entry) && !entry.includes('\0'));
  return [...new Set(entries)].slice(0, maxPathEntries);
}

/** A regular file that we may execute, which other users can neither change nor replace. */
async function inspectAs(trusted: TrustedOwners, file: string): Promise<Verdict> {
  if (!path.isAbsolute(file) || file.includes('\0')) return { kind: 'absent' };
  try {
    const realPath = await realpath(file);
    const stats = await stat(realPath);
    if (!stats.isFile()) return unusable(stackWords.isNotAFile);
    await access(realPath, constants.X_OK);
    for (const place of [realPath, path.dirname(realPath), path.dirname(file)]) {
      const others = whoElse(trusted, await stat(place));
      const what = place === realPath ? '' : stackWords.liesInFolderThat;
      if (others !== null) return unusable(`${what}${others}`);
    }
    return { kind: 'usable', realPath };
  } catch (error) {
    switch (errnoOf(error)) {
      case null:
        throw error;
      case 'EACCES':
        return unusable(stackWords.mayNotBeExecuted);
      default:
        return { kind: 'absent' };
    }
  }
}

const unusable = (reason: string): Refusal => ({ kind: 'refused', reason, mayChoose: false });

function whoElse(trusted: TrustedOwners, { mode, uid, gid }: Stats): string | null {
  if ((mode & 0o002) !== 0) return stackWords.changedByEveryone;
  if ((mode & 0o020) !== 0 && !trusted.groups.includes(gid)) return stackWords.changedByGroup;
  return trusted.users.includes(uid) ? null : stackWords.belongsToAnother;
}

/** What must not run is told all the same where another one may be chosen: it may be a stolen release. */
function missingProblem(name: EngineName, refused: readonly RefusedExecutable[]): Problem {
  const first = refused.find(({ mayChoose }) => !mayChoose);
  const found = first === undefined ? '' : stackWords.isNotUsed(first.path, first.reason);
  const choice = refused.find(({ mayChoose }) => mayChoose);
  if (choice !== undefined) {
    return problem(
      engineNotChosen,
      stackWords.notUsedUnlessChosen(choice.path, choice.reason, found),
      stackWords.installOwnOrUseFound,
    );
  }
  return problem(engineMissing, stackWords.engineNotFound(name, found), stackWords.installOrSetPath(name));
}

const toolMissing = (name: string): Problem =>
  problem('tool-missing', stackWords.toolNotFound(name), stackWords.installYourselfOrSetPath(name));

/** A background job of the shell can hold its output open beyond its end. */
async function atMost(limitMs: number, result: Promise<string | null>): Promise<string | null> {
  const { promise: timedOut, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), limitMs);
  try {
    return await Promise.race([result.catch(() => null), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
