/** Builds one environment beside those in use, proves it, and only then puts it in the place of the old one. */
import { readFile, realpath, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { EngineName, EngineStep } from '../contract/engines.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import type { HomeFiles } from '../files/types.ts';
import type { UserEnvironment } from '../stack/child-environment.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';
import { formatDiskBytes } from '../status/format.ts';
import type { spawnGroup } from '../supervisor/child.ts';
import { commonWords, toolchainWords } from '../words/index.ts';
import { askEngine, helpQuestion } from './ask-engine.ts';
import type { Environments } from './environments.ts';
import { neededOptions, parseHelp } from './help.ts';
import { type LockedPackage, maxLockBytes, parseLock } from './lock.ts';
import { type Pins, requirementOf, whyDenied } from './pins.ts';
import { type GroupOutcome, runGroup } from './run-group.ts';
import { installedPackages, sitePackagesOf, unexpectedStartFiles } from './site-packages.ts';
import { compileArguments, syncArguments, type UvFolders, uvEnvironment, venvArguments } from './uv.ts';
import { createDownloadTally, readUvLine, uvProblem } from './uv-output.ts';

export interface InstallDeps {
  readonly pins: Pins;
  readonly environments: Environments;
  readonly files: HomeFiles;
  readonly folders: UvFolders;
  readonly user: UserEnvironment;
  readonly emptyCwd: string;
  readonly spawn: typeof spawnGroup;
  readonly uv: { readonly path: string; readonly version: string | null };
  readonly limits?: Partial<InstallLimits>;
}

export interface InstallLimits {
  /** uv gives up on a silent server by itself; these are for what nobody thought of. */
  readonly pythonMs: number;
  readonly resolveMs: number;
  readonly installMs: number;
  /** The first start of a new version: macOS looks at each library, Python compiles each module. */
  readonly helpMs: number;
}
const installLimits: InstallLimits = {
  pythonMs: 30 * 60_000,
  resolveMs: 15 * 60_000,
  installMs: 4 * 60 * 60_000,
  helpMs: 3 * 60_000,
};

export interface InstallReport {
  readonly step: EngineStep;
  readonly detail: string;
  /** Of this engine's installation. */
  readonly fraction: number;
}
export type Report = (report: InstallReport) => void;

export const cancelled = problem('cancelled', toolchainWords.cancelled);

/** Where each step begins, as a share of the whole. */
const begins: Readonly<Record<EngineStep, number>> = {
  python: 0,
  resolving: 0.05,
  downloading: 0.12,
  installing: 0.8,
  checking: 0.88,
  switching: 0.98,
};
const bytesPerGb = 1_000_000_000;
const maxNamedPackages = 3;

/** `name` in its place in the list and in use, or everything as it was. */
export async function installEngine(
  name: EngineName,
  deps: InstallDeps,
  report: Report,
  signal: AbortSignal,
): Promise<Result<void>> {
  const { environments, pins } = deps;
  const room = await checkRoom(name, deps);
  if (room !== null) return fail(room);
  const prepared = await environments.prepare(name, pins.engines[name].version);
  if (!prepared.ok) return prepared;
  const id = prepared.value;
  const built = await build(name, id, deps, report, signal).catch(async (bug: unknown) => {
    await environments.discard(name, id);
    throw bug;
  });
  // The last moment at which nothing has changed yet.
  const result = built.ok && signal.aborted ? fail(cancelled) : built;
  if (!result.ok) {
    await environments.discard(name, id);
    return result;
  }
  report({
    step: 'switching',
    detail: toolchainWords.switchingTo(name, pins.engines[name].version),
    fraction: begins.switching,
  });
  const switched = await environments.switchTo(name, id);
  if (!switched.ok) await environments.discard(name, id);
  return switched;
}

async function checkRoom(name: EngineName, deps: InstallDeps): Promise<Problem | null> {
  const neededBytes = deps.pins.engines[name]['needs-gb'] * bytesPerGb;
  try {
    const { bavail, bsize } = await statfs(path.dirname(deps.emptyCwd));
    const freeBytes = bavail * bsize;
    if (freeBytes >= neededBytes) return null;
    return problem(
      'disk-full',
      toolchainWords.needsRoom(name, formatDiskBytes(neededBytes), formatDiskBytes(freeBytes)),
      commonWords.freeSpace,
    );
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

async function build(
  name: EngineName,
  id: string,
  deps: InstallDeps,
  report: Report,
  signal: AbortSignal,
): Promise<Result<void>> {
  const { environments, pins, files } = deps;
  const { version } = pins.engines[name];
  const limits = { ...installLimits, ...deps.limits };
  const folder = environments.folderOf(name, id);
  const requirements = path.join(folder, 'requirements.in');
  const lock = path.join(folder, 'requirements.lock');
  const say = (step: EngineStep, detail: string, within = 0) =>
    report({ step, detail, fraction: begins[step] + within * (endOf(step) - begins[step]) });
  const uv = async (args: readonly string[], limitMs: number, onErrorLine?: (line: string) => void) => {
    const outcome = await runGroup(deps.spawn, {
      executable: deps.uv.path,
      args,
      env: uvEnvironment(deps.user, deps.folders),
      cwd: deps.emptyCwd,
      limitMs,
      signal,
      ...(onErrorLine === undefined ? {} : { onErrorLine }),
    });
    return uvResult(toolchainWords.couldNotInstall(name), outcome);
  };

  say('python', toolchainWords.preparingPython(pins.python, name));
  const made = await uv(venvArguments(pins.python, folder), limits.pythonMs, (line) => {
    const event = readUvLine(line);
    if (event?.kind === 'download-began')
      say('python', toolchainWords.downloadingPython(pins.python, name), 0.3);
  });
  if (!made.ok) return made;

  say('resolving', toolchainWords.lookingForPackages(name, version));
  const asked = await files.writeText(requirements, `${requirementOf(name, pins)}\n`);
  if (!asked.ok) return asked;
  const excludeNewer = pins['exclude-newer'];
  const compiled = await uv(
    compileArguments({ environment: folder, requirements, lock, excludeNewer }),
    limits.resolveMs,
  );
  if (!compiled.ok) return compiled;
  const packages = await readLock(name, lock, pins);
  if (!packages.ok) return packages;

  const count = packages.value.length;
  say('downloading', toolchainWords.downloadingPackagesOf(count, name));
  const tally = createDownloadTally();
  const synced = await uv(syncArguments(folder, lock), limits.installMs, (line) => {
    const event = readUvLine(line);
    if (event === null) return;
    const { fraction, running } = tally.note(event);
    if (event.kind === 'prepared') say('installing', toolchainWords.installingPackages(name, count));
    else say('downloading', downloadWords(name, running), fraction ?? 0);
  });
  if (!synced.ok) return synced;

  say('checking', toolchainWords.checking(name, version));
  const unlike = await compareWithLock(name, folder, packages.value, pins);
  if (unlike !== null) return fail(unlike);
  const options = await readOptions(
    name,
    environments.programOf(name, id),
    folder,
    deps,
    signal,
    limits.helpMs,
  );
  if (!options.ok) return options;
  return await environments.finish(name, id, {
    schema: 1,
    version,
    createdAt: await nextMoment(name, environments),
    python: pins.python,
    uv: deps.uv.version,
    excludeNewer,
    options: Object.fromEntries([...options.value].map(([key, choices]) => [key, choices && [...choices]])),
  });
}

/** After that of the one in use, also when the clock was set back: by it the earlier one is known. */
async function nextMoment(name: EngineName, environments: Environments): Promise<number> {
  const current = await environments.currentId(name);
  const present = current === null ? null : await environments.read(name, current);
  return Math.max(Date.now(), (present?.createdAt ?? 0) + 1);
}

function endOf(step: EngineStep): number {
  const later = Object.values(begins).filter((begin) => begin > begins[step]);
  return Math.min(1, ...later);
}

function downloadWords(name: EngineName, running: readonly { name: string; bytes: number }[]): string {
  if (running.length === 0) return toolchainWords.downloadingPackages(name);
  const packages = running.map((one) =>
    toolchainWords.packageSize(one.name, Math.max(1, Math.round(one.bytes / 1_000_000))),
  );
  return toolchainWords.downloadingFor(name, commonWords.someOf(packages, maxNamedPackages));
}

function uvResult(doing: string, outcome: GroupOutcome): Result<void> {
  switch (outcome.how) {
    case 'cancelled':
      return fail(cancelled);
    case 'too-long':
      return fail(problem('too-slow', toolchainWords.tookTooLong(doing), toolchainWords.tryAgainAllIsKept));
    case 'not-started':
      return fail(problem('uv-failed', toolchainWords.uvNotStarted(doing), toolchainWords.installUvAgain));
    case 'ended':
      return outcome.exitCode === 0
        ? ok(undefined)
        : fail(uvProblem(doing, outcome.exitCode, outcome.stderr));
  }
}

async function readLock(
  name: EngineName,
  file: string,
  pins: Pins,
): Promise<Result<readonly LockedPackage[]>> {
  const text = await readBounded(file, maxLockBytes);
  const parsed = parseLock(text ?? '');
  if (!parsed.ok) return parsed;
  const wanted = parsed.value.find((one) => one.name === name)?.version;
  if (wanted !== pins.engines[name].version) {
    return fail(
      problem(
        'lock-unusable',
        toolchainWords.uvChoseAnother(name, wanted ?? toolchainWords.noVersion, pins.engines[name].version),
      ),
    );
  }
  const refused = deniedAmong(name, parsed.value, pins);
  return refused === null ? parsed : fail(refused);
}

function deniedAmong(
  name: EngineName,
  packages: readonly { readonly name: string; readonly version: string }[],
  pins: Pins,
): Problem | null {
  for (const one of packages) {
    const reason = whyDenied(pins, one.name, one.version);
    if (reason === null) continue;
    return problem(
      'denied-version',
      toolchainWords.wouldBring(name, one.name, one.version.slice(0, 80), reason),
      toolchainWords.updateApp,
    );
  }
  return null;
}

/** Before anything of it has run. */
async function compareWithLock(
  name: EngineName,
  folder: string,
  locked: readonly LockedPackage[],
  pins: Pins,
): Promise<Problem | null> {
  const sitePackages = await sitePackagesOf(folder);
  if (sitePackages === null) return tampered(name, toolchainWords.noPackageFolder);
  const installed = await installedPackages(sitePackages);
  const denied = deniedAmong(name, installed, pins);
  if (denied !== null) return denied;
  const key = (one: { readonly name: string; readonly version: string }) => `${one.name} ${one.version}`;
  const wanted = new Set(locked.map(key));
  const there = new Set(installed.map(key));
  const extra = [...there].find((one) => !wanted.has(one));
  if (extra !== undefined) return tampered(name, toolchainWords.installedNotListed(extra.slice(0, 120)));
  const missing = [...wanted].find((one) => !there.has(one));
  if (missing !== undefined) return tampered(name, toolchainWords.listedNotInstalled(missing.slice(0, 120)));
  const [startFile] = await unexpectedStartFiles(sitePackages);
  if (startFile === undefined) return null;
  return problem(
    'unexpected-start-file',
    toolchainWords.unexpectedStartFile(name, startFile.slice(0, 120)),
    toolchainWords.hidSoOnce,
  );
}

const tampered = (name: EngineName, what: string): Problem =>
  problem('not-as-locked', toolchainWords.notInstalled(name, what), commonWords.tryAgain);

/** Starts the program for the first time: it must come up, and have the options that we need. */
async function readOptions(
  name: EngineName,
  program: string,
  folder: string,
  deps: InstallDeps,
  signal: AbortSignal,
  limitMs: number,
): Promise<Result<EngineOptions>> {
  const broken = (why: string) =>
    fail(problem('engine-broken', toolchainWords.oldStaysInUse(name, why), commonWords.tryAgain));
  if (!(await liesIn(program, folder))) return broken(toolchainWords.noProgram);
  const outcome = await askEngine(program, helpQuestion(name), deps, limitMs, signal);
  if (outcome.how === 'cancelled') return fail(cancelled);
  if (outcome.how === 'too-long') return broken(toolchainWords.doesNotAnswer);
  if (outcome.how === 'not-started' || outcome.exitCode !== 0) {
    const said = outcome.stderr.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
    return broken(said === '' ? toolchainWords.doesNotStart : toolchainWords.doesNotStartSaying(said));
  }
  const options = parseHelp(outcome.stdout);
  const lacking = neededOptions[name].find((option) => !options.has(option));
  return lacking === undefined ? ok(options) : broken(toolchainWords.lacksOption(lacking));
}

async function liesIn(program: string, folder: string): Promise<boolean> {
  try {
    const real = await realpath(program);
    return real.startsWith(`${await realpath(folder)}${path.sep}`) && (await stat(real)).isFile();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}

async function readBounded(file: string, maxBytes: number): Promise<string | null> {
  try {
    return (await stat(file)).size > maxBytes ? null : await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

/** The cache grows with each version; it is worth keeping only for those that are there. */
export const emptyCache = (folders: UvFolders): Promise<void> =>
  rm(folders.cache, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
