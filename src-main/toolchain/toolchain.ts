/** The engines' programs: which there are, and installing, updating and going back to earlier ones, one job at a time. */
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { CommandInputs, CommandOutput } from '../contract/commands.ts';
import { type EngineName, type EngineStatus, type EnginesStatus, engineNames } from '../contract/engines.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { systemProblem } from '../files/file-problems.ts';
import type { HomeFiles } from '../files/types.ts';
import type { Paths } from '../paths.ts';
import type { UserEnvironment } from '../stack/child-environment.ts';
import type { ExecutableFinder } from '../stack/executables.ts';
import type { RunTool, spawnGroup } from '../supervisor/child.ts';
import { commonWords, statusWords, toolchainWords } from '../words/index.ts';
import { createEnvironments, nothingToGoBackTo, optionsFrom } from './environments.ts';
import { createFoundOptions } from './found-options.ts';
import { createFoundVersions } from './found-versions.ts';
import { cancelled, emptyCache, type InstallLimits, installEngine, type Report } from './install-job.ts';
import { type Pins, whyDenied } from './pins.ts';
import { runGroup } from './run-group.ts';
import { versionsOf } from './site-packages.ts';
import type { EngineCommandName, EngineHandlers, Toolchain } from './types.ts';
import { inheritedEnvironment, readUvVersion, systemPath, uvFolders, uvInstallCommand } from './uv.ts';
import { isOlder } from './versions.ts';

export interface ToolchainDeps {
  readonly paths: Pick<Paths, 'home' | 'engines' | 'emptyCwd'>;
  readonly files: HomeFiles;
  /** What `engines.yaml` says, or why nothing can be installed. */
  readonly pins: Result<Pins>;
  readonly executables: ExecutableFinder;
  /** The paths of the config. */
  readonly configured: () => Readonly<Record<EngineName | 'uv', string | null>>;
  /** Writes one there. */
  readonly choose: (name: EngineName, program: string) => Promise<Result<void>>;
  readonly run: RunTool;
  readonly spawn: typeof spawnGroup;
  readonly user: UserEnvironment;
  readonly userHome: string;
  readonly publish: (status: EnginesStatus) => void;
  /** Another program is in use: the services are to be looked at anew. */
  readonly onSwitch: () => void;
  readonly log: (message: string) => void;
  readonly limits?: Partial<InstallLimits>;
  /** For the help of an engine that is not ours. */
  readonly helpLimitMs?: number;
  /** For a shell line; the official installer unless told. */
  readonly uvInstaller?: string;
}

type Job = NonNullable<EnginesStatus['job']>;

const uvInstallLimitMs = 15 * 60_000;

const busy = problem('engines-busy', toolchainWords.underWay, toolchainWords.waitOrCancel);
const noUv = problem('uv-missing', toolchainWords.noUv, toolchainWords.letItInstallUv);

export function createToolchain(deps: ToolchainDeps): Toolchain {
  const { paths, files, executables, pins } = deps;
  const environments = createEnvironments({ engines: paths.engines, files });
  const folders = {
    cache: path.join(paths.home, 'cache', 'uv'),
    pythons: path.join(paths.engines, 'python'),
  };
  const foundOptions = createFoundOptions({
    ...deps,
    emptyCwd: paths.emptyCwd,
    file: path.join(paths.home, 'cache', 'engine-options.json'),
    limitMs: deps.helpLimitMs,
  });
  const foundVersions = createFoundVersions({ ...deps, emptyCwd: paths.emptyCwd });
  const installer = deps.uvInstaller ?? uvInstallCommand;
  let status: EnginesStatus = {
    engines: engineNames.map((name) => ({ ...unknownEngine, name, pinnedVersion: pinnedVersion(name) })),
    uv: { ...unknownUv, installCommand: installer },
    job: null,
    problem: null,
  };
  /** In memory only, and let go in a `finally`: nothing is left shut by a crash. Its processes end with the app. */
  let running: { readonly controller: AbortController; readonly done: Promise<unknown> } | null = null;
  let closed = false;
  /** Must not meet an installation: what is unfinished is what it removes. */
  let tidied: Promise<void> = Promise.resolve();
  let lookedFor = '';
  let looking: Promise<void> | null = null;
  let asking: Promise<void> = Promise.resolve();

  function pinnedVersion(name: EngineName): string {
    return pins.ok ? pins.value.engines[name].version : '';
  }

  function publish(change: Partial<EnginesStatus>): void {
    status = { ...status, ...change };
    deps.publish(status);
  }

  async function look(): Promise<void> {
    lookedFor = JSON.stringify(deps.configured());
    const [engines, uv] = await Promise.all([Promise.all(engineNames.map(lookAt)), findUv()]);
    // What an earlier attempt lacked is there.
    const isMended = uv.state === 'found' && status.problem?.code === noUv.code;
    publish({ engines, uv, ...(isMended ? { problem: null } : {}) });
    asking = Promise.all(engines.map(askVersion)).then(() => undefined);
  }

  /** Python takes its time to start, and nothing waits for a number that is only shown. */
  async function askVersion({ name, path: program, state, version: shown }: EngineStatus): Promise<void> {
    // To run one that must not be would be the harm itself.
    if (program === null || shown !== null || state === 'refused') return;
    const version = await foundVersions.of(program);
    if (version === null || closed) return;
    const told = status.engines.map((engine) =>
      engine.name === name && engine.path === program ? { ...engine, version } : engine,
    );
    publish({ engines: told });
  }

  function refresh(): Promise<void> {
    looking = (looking ?? Promise.resolve()).catch(() => undefined).then(look);
    return looking;
  }

  async function findUv(): Promise<EnginesStatus['uv']> {
    const { uv: configured } = deps.configured();
    const base = { ...unknownUv, installCommand: installer };
    const found = await executables.findTool('uv', uvFolders(deps.userHome), configured);
    if ('missing' in found) {
      return { ...base, state: 'missing', problem: configured === null ? null : found.missing };
    }
    const version = await readUvVersion(deps.run, found.path);
    return { ...base, state: 'found', version, path: found.path };
  }

  async function lookAt(name: EngineName): Promise<EngineStatus> {
    const base = { ...unknownEngine, name, pinnedVersion: pinnedVersion(name) };
    const before = await environments.previous(name);
    const previousVersion = before?.record.version ?? null;
    const found = await executables.find(name, deps.configured()[name]);
    if ('missing' in found) {
      const { refused } = found;
      if (refused === null) return { ...base, state: 'absent', previousVersion, problem: found.missing };
      return {
        ...base,
        state: refused.mayChoose ? 'unchosen' : 'refused',
        path: refused.path,
        foundIn: refused.foundIn,
        version: await versionAt(name, refused.path),
        previousVersion,
        problem: found.missing,
      };
    }
    return {
      ...base,
      state: 'ready',
      version: await versionAt(name, found.path),
      path: found.path,
      foundIn: found.foundIn,
      hasUpdate: found.foundIn === 'engines' && !(await isAsPinned(name)),
      previousVersion,
    };
  }

  /** By the files beside it, or by what it said of itself before. */
  async function versionAt(name: EngineName, program: string): Promise<string | null> {
    const [version] = await versionsOf(program, name);
    return version ?? (await foundVersions.known(program));
  }

  /** Whether the environment in use is what would be installed now. */
  async function isAsPinned(name: EngineName): Promise<boolean> {
    if (!pins.ok) return true;
    const id = await environments.currentId(name);
    const record = id === null ? null : await environments.read(name, id);
    const pinned = pins.value.engines[name].version;
    if (record === null) return false;
    if (record.version !== pinned) return !isOlder(record.version, pinned);
    return record.excludeNewer >= pins.value['exclude-newer'];
  }

  async function job<T>(
    first: Pick<Job, 'kind' | 'engine' | 'step' | 'detail'>,
    act: (signal: AbortSignal, say: (change: Partial<Job>) => void) => Promise<Result<T>>,
    outer?: AbortSignal,
  ): Promise<Result<T>> {
    if (running !== null || closed) return fail(busy);
    const controller = new AbortController();
    const abort = () => controller.abort();
    outer?.addEventListener('abort', abort);
    if (outer?.aborted) abort();
    const { promise: done, resolve } = Promise.withResolvers<void>();
    running = { controller, done };
    let present: Job = { ...first, fraction: null, startedAt: Date.now() };
    publish({ job: present, problem: null });
    let failure: Problem | null = unexpected;
    try {
      await tidied;
      const result = await act(controller.signal, (change) => {
        present = { ...present, ...change, fraction: later(present.fraction, change.fraction) };
        publish({ job: present });
      });
      failure = result.ok || result.error.code === cancelled.code ? null : result.error;
      return result;
    } finally {
      outer?.removeEventListener('abort', abort);
      running = null;
      publish({ job: null, problem: failure });
      if (failure !== null) deps.log(`Engines: ${failure.message}`);
      resolve();
    }
  }

  async function install(names: readonly EngineName[], signal?: AbortSignal): Promise<Result<void>> {
    if (!pins.ok) return fail(pins.error);
    const { value } = pins;
    const wanted = engineNames.filter((name) => names.includes(name));
    const [engine = null] = wanted;
    const begin = { kind: 'install', engine, step: 'python', detail: toolchainWords.gettingReady } as const;
    return await job(
      begin,
      async (aborted, say) => {
        const left: EngineName[] = [];
        for (const name of wanted) if (!(await isInUse(name))) left.push(name);
        if (left.length === 0) return ok(undefined);
        executables.forgetLoginPath();
        const uv = await findUv();
        publish({ uv });
        if (uv.path === null) return fail(uv.problem ?? noUv);
        for (const folder of [folders.cache, folders.pythons]) {
          const refused = await makeFolder(folder);
          if (refused !== null) return fail(refused);
        }
        const installDeps = {
          ...deps,
          environments,
          folders,
          pins: value,
          uv: { path: uv.path, version: uv.version },
          emptyCwd: paths.emptyCwd,
        };
        for (const [index, name] of left.entries()) {
          if (aborted.aborted) return fail(cancelled);
          const report: Report = ({ step, detail, fraction }) =>
            say({ engine: name, step, detail, fraction: (index + fraction) / left.length });
          const done = await installEngine(name, installDeps, report, aborted);
          if (!done.ok) return done;
          deps.log(`Engines: ${name} ${value.engines[name].version} is in use`);
          deps.onSwitch();
          if (await environments.tidy(name)) await emptyCache(folders);
          await refresh();
        }
        return ok(undefined);
      },
      signal,
    );
  }

  /** Ours, as pinned, and a program that can be run. */
  async function isInUse(name: EngineName): Promise<boolean> {
    const found = await executables.find(name, null);
    return 'path' in found && found.foundIn === 'engines' && (await isAsPinned(name));
  }

  async function rollBack(name: EngineName): Promise<Result<void>> {
    const begin = {
      kind: 'roll-back',
      engine: name,
      step: 'switching',
      detail: statusWords.goingBack(name),
    } as const;
    return await job(begin, async () => {
      const before = await environments.previous(name);
      if (before === null) return fail(nothingToGoBackTo);
      const reason = pins.ok ? whyDenied(pins.value, name, before.record.version) : null;
      if (reason !== null) {
        return fail(
          problem('denied-version', toolchainWords.mustNotRun(name, before.record.version, reason)),
        );
      }
      const switched = await environments.switchTo(name, before.id);
      if (!switched.ok) return switched;
      deps.log(`Engines: back to ${name} ${before.record.version}`);
      deps.onSwitch();
      await refresh();
      return ok(undefined);
    });
  }

  async function installUv(): Promise<Result<void>> {
    const begin = {
      kind: 'install-uv',
      engine: null,
      step: 'installing',
      detail: statusWords.installingUv,
    } as const;
    return await job(begin, async (signal) => {
      const outcome = await runGroup(deps.spawn, {
        executable: '/bin/sh',
        args: ['-c', installer],
        env: { ...inheritedEnvironment(deps.user), PATH: systemPath },
        cwd: paths.emptyCwd,
        limitMs: uvInstallLimitMs,
        signal,
      });
      if (outcome.how === 'cancelled') return fail(cancelled);
      executables.forgetLoginPath();
      await refresh();
      if (status.uv.state === 'found') return ok(undefined);
      const said = outcome.stderr.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
      return fail(
        problem(
          'uv-not-installed',
          toolchainWords.uvNotInstalled(said),
          toolchainWords.checkConnectionOrTerminal,
        ),
      );
    });
  }

  /** Answered when it has begun; how it ends is told by the status. */
  async function begun(act: () => Promise<unknown>): Promise<Result<Record<string, never>>> {
    if (running !== null || closed) return fail(busy);
    void act().catch((bug: unknown) =>
      deps.log(`Engines: ${bug instanceof Error ? bug.stack : String(bug)}`),
    );
    return ok({});
  }

  const handlers: EngineHandlers = {
    async 'engines.refresh'() {
      executables.forgetLoginPath();
      foundOptions.forgetSilent();
      foundVersions.forgetSilent();
      await refresh();
      await asking;
      return ok({});
    },
    'engines.install': async ({ names }) => (pins.ok ? begun(() => install(names)) : fail(pins.error)),
    async 'engines.cancel'() {
      running?.controller.abort();
      return ok({});
    },
    'engines.rollBack': async ({ name }) => begun(() => rollBack(name)),
    'engines.installUv': async () => begun(installUv),
    async 'engines.useFound'({ name }) {
      const found = await executables.find(name, deps.configured()[name]);
      if ('path' in found && found.foundIn === 'engines') return fail(ownInUse);
      if ('missing' in found) {
        if (found.refused?.mayChoose !== true) return fail(found.missing);
        const saved = await deps.choose(name, found.refused.path);
        if (!saved.ok) return saved;
      }
      await refresh();
      return ok({});
    },
  };

  async function lacking(): Promise<Result<readonly EngineName[]>> {
    const configured = deps.configured();
    const names: EngineName[] = [];
    for (const name of engineNames) {
      const found = await executables.find(name, configured[name]);
      if ('path' in found) continue;
      if (configured[name] !== null) return fail(found.missing);
      names.push(name);
    }
    return ok(names);
  }

  return {
    handlers,
    async open() {
      if (running !== null) return;
      tidied = (async () => {
        for (const name of engineNames) if (await environments.tidy(name)) await emptyCache(folders);
      })();
      await tidied;
      await refresh();
    },
    configChanged() {
      if (JSON.stringify(deps.configured()) !== lookedFor) void refresh();
    },
    refresh,
    lacking,
    async installFor(name) {
      const others = await lacking();
      const names = engineNames.filter((each) => each === name || (others.ok && others.value.includes(each)));
      return await handlers['engines.install']({ names });
    },
    install,
    status: () => status,
    async optionsOf(program) {
      for (const name of engineNames) {
        const id = await environments.currentId(name);
        const record = id === null ? null : await environments.read(name, id);
        if (id === null || record === null) continue;
        if (await isSameFile(program, environments.programOf(name, id))) return optionsFrom(record);
      }
      return await foundOptions.of(program);
    },
    async close() {
      closed = true;
      running?.controller.abort();
      await Promise.all([running?.done, foundOptions.close(), foundVersions.close()]);
    },
  };
}

/** For before there is a toolchain. */
export function engineHandlers(
  room: () => Pick<Toolchain, 'handlers'> | null,
  notYet: Problem,
): EngineHandlers {
  const later =
    <N extends EngineCommandName>(name: N) =>
    async (input: CommandInputs[N]): Promise<Result<CommandOutput<N>>> => {
      const present = room();
      return present === null ? fail(notYet) : await present.handlers[name](input);
    };
  return {
    'engines.refresh': later('engines.refresh'),
    'engines.install': later('engines.install'),
    'engines.cancel': later('engines.cancel'),
    'engines.rollBack': later('engines.rollBack'),
    'engines.installUv': later('engines.installUv'),
    'engines.useFound': later('engines.useFound'),
  };
}

const unexpected = problem('internal-error', commonWords.insideMistake, commonWords.insideMistakeHint);

const ownInUse = problem('engine-not-elsewhere', toolchainWords.ownInUse);

const unknownUv: EnginesStatus['uv'] = {
  state: 'unknown',
  version: null,
  path: null,
  problem: null,
  installCommand: '',
};

const unknownEngine: Omit<EngineStatus, 'name' | 'pinnedVersion'> = {
  state: 'unknown',
  version: null,
  path: null,
  foundIn: null,
  hasUpdate: false,
  previousVersion: null,
  problem: null,
};

/** A bar never goes back. */
function later(present: number | null, next: number | null | undefined): number | null {
  if (next === undefined || next === null) return present;
  return Math.max(present ?? 0, Math.min(1, next));
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((file) => realpath(file).catch(() => null)));
  return left !== null && left === right;
}

/** `null` when it is there. */
async function makeFolder(folder: string): Promise<Problem | null> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return null;
  } catch (error) {
    return systemProblem(error, path.basename(folder), 'written');
  }
}
