/** A toolchain for one test: a home and a user of its own, the stand-in uv, real processes, and nothing left of them. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { EngineName, EnginesStatus } from '../../../src-main/contract/engines.ts';
import type { Problem, Result } from '../../../src-main/contract/result.ts';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import { prepareHome } from '../../../src-main/files/prepare-home.ts';
import { derivePaths } from '../../../src-main/paths.ts';
import { createExecutableFinder } from '../../../src-main/stack/executables.ts';
import { runTool, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { createVet, loadPins, type Pins } from '../../../src-main/toolchain/pins.ts';
import { createToolchain, type ToolchainDeps } from '../../../src-main/toolchain/toolchain.ts';
import type { UvSwitches } from '../../stand-ins/uv/switches.ts';
import { writeUv } from '../../stand-ins/uv/write-uv.ts';
import { livingInGroup } from './processes.ts';
import { temporaryFolder } from './rig.ts';

const pinsFile = path.resolve(import.meta.dirname, '../../../assets/engines.yaml');

export async function shippedPins(): Promise<Pins> {
  const pins = await loadPins(pinsFile);
  if (!pins.ok) throw new Error(pins.error.message);
  return pins.value;
}

/** The shipped ones, with other versions. */
export async function pinsWith(versions: Partial<Record<EngineName, string>>): Promise<Pins> {
  const pins = await shippedPins();
  const { 'vllm-mlx': vllmMlx, litellm } = pins.engines;
  return {
    ...pins,
    engines: {
      'vllm-mlx': { ...vllmMlx, version: versions['vllm-mlx'] ?? vllmMlx.version, 'needs-gb': 0.001 },
      litellm: { ...litellm, version: versions.litellm ?? litellm.version, 'needs-gb': 0.001 },
    },
  };
}

export interface RigOptions {
  readonly root?: string;
  /** `null`: there is no uv. */
  readonly uv?: UvSwitches | null;
  readonly pins?: Pins;
  readonly configured?: Partial<Record<EngineName | 'uv', string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly deps?: Partial<ToolchainDeps>;
}

export async function createRig(options: RigOptions = {}) {
  const root = options.root ?? realpathSync(temporaryFolder());
  const userHome = path.join(root, 'user');
  const paths = derivePaths(path.join(root, 'home with space'));
  const uvFolder = path.join(userHome, '.local', 'bin');
  const setUv = (switches: UvSwitches) => writeUv(uvFolder, switches);
  if (options.uv !== null) setUv(options.uv ?? {});
  await prepareHome(paths);
  const files = createHomeFiles({ home: paths.home });
  const user = { HOME: userHome, TMPDIR: root, LANG: 'en_US.UTF-8', ...options.env };
  const history: EnginesStatus[] = [];
  const groups: number[] = [];
  const configured: Record<EngineName | 'uv', string | null> = {
    'vllm-mlx': null,
    litellm: null,
    uv: null,
    ...options.configured,
  };
  let switches = 0;
  const build = (pins: Result<Pins>) => {
    const executables = createExecutableFinder({
      userHome,
      engines: paths.engines,
      env: { PATH: '/usr/bin:/bin', ...options.env },
      run: async () => null,
      knownFolders: () => [path.join(root, 'known')],
      vet: createVet(pins, paths.engines),
    });
    const toolchain = createToolchain({
      paths,
      files,
      pins,
      executables,
      configured: () => ({ ...configured }),
      async choose(name, program) {
        configured[name] = program;
        return { ok: true, value: undefined };
      },
      run: runTool,
      spawn: async (what) => {
        const leader = await spawnGroup(what);
        if ('pid' in leader) groups.push(leader.pid);
        return leader;
      },
      user,
      userHome,
      publish: (status) => history.push(status),
      onSwitch: () => {
        switches += 1;
      },
      log: () => {},
      ...options.deps,
    });
    onTestFinished(async () => {
      await toolchain.close();
      for (const pid of groups) {
        await expect.poll(() => livingInGroup(pid), { timeout: 10_000 }).toEqual([]);
      }
    });
    return { toolchain, executables };
  };
  const { toolchain, executables } = build({ ok: true, value: options.pins ?? (await pinsWith({})) });
  const engineFolder = (name: EngineName) => path.join(paths.engines, name);

  return {
    root,
    paths,
    userHome,
    history,
    groups,
    configured,
    toolchain,
    executables,
    setUv,
    switches: () => switches,
    /** As after an update of the app, on the same home. */
    withPins: (pins: Pins) => build({ ok: true, value: pins }).toolchain,
    engine: (name: EngineName) => {
      const found = toolchain.status().engines.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found;
    },
    /** What lies in the engine's folder, the random part of each name taken off. */
    environments: (name: EngineName) =>
      existsSync(engineFolder(name))
        ? readdirSync(engineFolder(name))
            .map((entry) => entry.replace(/-[0-9a-f]{8}$/, ''))
            .toSorted()
        : [],
    currentVersion: (name: EngineName) => {
      const link = path.join(engineFolder(name), 'current');
      return existsSync(link) ? path.basename(realpathSync(link)).replace(/-[0-9a-f]{8}$/, '') : null;
    },
    inCurrent: (name: EngineName, ...parts: string[]) =>
      path.join(realpathSync(path.join(engineFolder(name), 'current')), ...parts),
    steps: () => [
      ...new Set(history.flatMap(({ job }) => (job === null ? [] : [`${job.engine ?? 'uv'} ${job.step}`]))),
    ],
    read: (file: string) => readFileSync(file, 'utf8'),
  };
}

/** As an earlier version of the app left it: an environment in use, made without uv. */
export function leaveEnvironment(
  rig: Pick<ToolchainRig, 'paths'>,
  name: EngineName,
  version: string,
): string {
  const id = `${version}-0000abcd`;
  const folder = path.join(rig.paths.engines, name, id);
  const module = name.replace('-', '_');
  mkdirSync(path.join(folder, 'lib/python3.12/site-packages', `${module}-${version}.dist-info`), {
    recursive: true,
  });
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin', name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const record = {
    schema: 1,
    version,
    createdAt: 1,
    python: '3.12',
    uv: '0.12.16',
    excludeNewer: '2026-11-18T00:00:00Z',
    options: { port: null },
  };
  writeFileSync(path.join(folder, 'mlx-stack-environment.json'), JSON.stringify(record), { mode: 0o600 });
  symlinkSync(id, path.join(rig.paths.engines, name, 'current'));
  return folder;
}

export type ToolchainRig = Awaited<ReturnType<typeof createRig>>;

export function problemOf(result: Result<unknown>): Problem {
  if (result.ok) throw new Error('it went well');
  return result.error;
}
