/** Setup over the app's real parts without Electron: files, downloads, toolchain, supervisor, stand-in engines behind it. */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { createConfigStore } from '../../../src-main/config/config-store.ts';
import type { Result } from '../../../src-main/contract/result.ts';
import type { SetupStatus } from '../../../src-main/contract/setup.ts';
import type { ServiceStatus, Snapshot } from '../../../src-main/contract/status.ts';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import { prepareHome } from '../../../src-main/files/prepare-home.ts';
import { watchFile } from '../../../src-main/files/watch-file.ts';
import { createHardware } from '../../../src-main/hardware/hardware.ts';
import { createModels, type Models } from '../../../src-main/models/room.ts';
import { derivePaths, type Paths } from '../../../src-main/paths.ts';
import { createSecretStore } from '../../../src-main/secrets/secret-store.ts';
import { createSetupRoom } from '../../../src-main/setup/room.ts';
import type { Setup } from '../../../src-main/setup/setup.ts';
import { createDesiredStore, type DesiredStore } from '../../../src-main/stack/desired.ts';
import { createExecutableFinder } from '../../../src-main/stack/executables.ts';
import { lastTierPort } from '../../../src-main/stack/ports.ts';
import { createStackStore, type StackStore } from '../../../src-main/stack/stack-store.ts';
import { createStatusStore, type StatusStore } from '../../../src-main/status/store.ts';
import { runTool, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { isPortFree } from '../../../src-main/supervisor/ports.ts';
import {
  createStackControl,
  emptySnapshot,
  type StackControl,
} from '../../../src-main/supervisor/stack-control.ts';
import { createToolchain } from '../../../src-main/toolchain/toolchain.ts';
import { writeEngine, writeModelFolder } from '../../stand-ins/engines/write-engine.ts';
import {
  type HuggingFace,
  type HuggingFaceOptions,
  startHuggingFace,
} from '../../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../../stand-ins/huggingface/repos.ts';
import type { UvSwitches } from '../../stand-ins/uv/switches.ts';
import { writeUv } from '../../stand-ins/uv/write-uv.ts';
import { isOfLane } from '../../tools/port-lane.ts';
import { freePort } from './ports.ts';
import { createRig, type Rig, temporaryFolder } from './rig.ts';
import { pinsWith } from './toolchain.ts';

const assets = path.resolve(import.meta.dirname, '../../../assets');
const totalBytes = 32 * 1024 ** 3;

/** Whoever sets up the shipped app meanwhile takes the first ones, and the stacks that tests write one of the next. */
const firstPlannedPort = 8060;

const profileOf = (memoryGb: number) => ({
  chip: 'Apple M4',
  gpu_cores: 10,
  memory_gb: memoryGb,
  bandwidth_gbps: 120,
  is_estimate: false,
  profile_id: `m4-${memoryGb}`,
});

/** Of the catalogue, and the smallest there: the disk of the machine under test must hold what is planned. */
export const repos = {
  first: 'mlx-community/Qwen3-0.6B-4bit',
  second: 'mlx-community/Llama-3.2-1B-Instruct-4bit',
} as const;

export interface SetupRig {
  readonly setup: Setup;
  readonly rig: Rig;
  readonly paths: Paths;
  /** Another uv from the next run on. */
  setUv(switches: UvSwitches): void;
  readonly hub: HuggingFace;
  readonly status: StatusStore;
  readonly control: StackControl;
  readonly stack: StackStore;
  readonly desired: DesiredStore;
  readonly models: Models;
  /** What services wrote into their logs by themselves. */
  readonly notes: readonly string[];
  /** Every part of the status that setup published, in order. */
  readonly told: readonly SetupStatus[];
  /** The model of a repository, as if it had been downloaded; with another config.json, as one that is hungrier. */
  place(repo: string, config?: object): void;
  until(what: string, condition: (snapshot: Snapshot) => boolean, limitMs?: number): Promise<Snapshot>;
  service(id: string): ServiceStatus;
}

export interface SetupRigOptions {
  readonly home?: string;
  readonly hub?: Pick<HuggingFaceOptions, 'bytesPerSecond' | 'repos'>;
  readonly stackText?: string;
  /** Nothing is installed; this uv is there to do it. */
  readonly uv?: UvSwitches;
  /** GB, of an M4 unless it is another Mac. */
  readonly memoryGb?: number;
}

export async function createSetupRig(options: SetupRigOptions = {}): Promise<SetupRig> {
  const home = options.home ?? path.join(realpathSync(temporaryFolder()), 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const paths = derivePaths(home);
  await prepareHome(paths);
  const listed = Object.values(repos).map((id) => modelRepo(id));
  const hub = await startHuggingFace({ repos: listed, ...options.hub });
  onTestFinished(() => hub.close());
  if (options.home === undefined) await writeSettings(paths, options);

  const files = createHomeFiles({ home });
  const userHome = userHomeOf(home);
  const hardware = createHardware({
    platform: 'linux',
    run: runTool,
    files,
    file: paths.profile,
    totalBytes,
  });
  const config = createConfigStore({ files, file: paths.config, watch: watchFile, home, userHome });
  const stack = createStackStore({ files, file: paths.stack, watch: watchFile });
  const desired = createDesiredStore({ files, file: paths.desired });
  await Promise.all([config.load(), stack.load(), desired.load()]);
  const memory = await hardware.memory();
  const status = createStatusStore(
    emptySnapshot({ version: '0', home, phase: 'running' }, memory.totalBytes, memory.gpuLimitBytes),
  );
  const notes: string[] = [];
  const told: SetupStatus[] = [];
  const rig = createRig({
    home,
    memoryLimitBytes: memory.gpuLimitBytes,
    onNote: (id, line) => notes.push(`${id}: ${line}`),
    onChange: () => control.publishServices(),
  });
  const secrets = createSecretStore({
    registerSecret: () => {},
    keychain: { get: async () => null, set: async () => {}, remove: async () => {} },
  });
  const models = createModels({
    onBug: (error) => {
      throw error;
    },
    paths,
    files,
    config,
    stack,
    hardware,
    secrets,
    registerSecret: () => {},
    status,
    hubAddress: hub.address,
    fetch: globalThis.fetch,
    catalogueFolder: path.join(assets, 'catalogue'),
    hasherFile: new URL('../../../src-main/models/hashing/hasher.ts', import.meta.url),
    userHome,
    env: {},
    running: () => [],
    askForFolder: async () => null,
    reveal: () => {},
    onModelsChanged: () => void control.refresh(),
    note: () => {},
  });
  const executables = createExecutableFinder({
    userHome,
    engines: paths.engines,
    env: {},
    run: async () => null,
    knownFolders: () => [],
  });
  const toolchain = createToolchain({
    paths,
    files,
    pins: { ok: true, value: await pinsWith({}) },
    executables,
    configured() {
      const { vllmMlxPath, litellmPath, uvPath } = config.state().value.config;
      return { 'vllm-mlx': vllmMlxPath, litellm: litellmPath, uv: uvPath };
    },
    choose: (name, program) => config.set(`${name}-path`, program),
    run: runTool,
    spawn: spawnGroup,
    user: {},
    userHome,
    publish: (engines) => status.update({ engines }),
    onSwitch: () => void control.refresh(),
    log: () => {},
  });
  const control: StackControl = createStackControl({
    paths,
    files,
    config,
    stack,
    desired,
    executables,
    engineOptions: toolchain.optionsOf,
    supervisor: rig.supervisor,
    status,
    gatewayKey: () => 'sk-the-key-of-the-gateway',
    cloud: () => null,
    modelsElsewhere: models.elsewhere,
    totalMemoryBytes: memory.totalBytes,
    memoryLimitBytes: memory.gpuLimitBytes,
    user: { HOME: userHome, PATH: '/usr/bin:/bin' },
    standingNotices: () => [],
    openPlace: async () => ({ ok: true, value: {} }),
    onConfig: () => {},
    downloadModel: (repo) => models.handlers['models.download']({ repo }),
    installEngine: toolchain.installFor,
    useFoundEngine: (name) => toolchain.handlers['engines.useFound']({ name }),
  });
  const setup = createSetupRoom({
    paths,
    files,
    config,
    stack,
    desired,
    control,
    executables,
    hardware,
    supervisor: rig.supervisor,
    models,
    toolchain,
    status,
    gatewayKey: () => 'sk-the-key-of-the-gateway',
    isPortFree: async (port) =>
      isOfLane(port, firstPlannedPort, lastTierPort + 1) && (await isPortFree(port)),
    fetch: globalThis.fetch,
    log: (line) => notes.push(line),
  });
  status.subscribe((change) => {
    if (change.setup !== undefined) told.push(change.setup);
  });
  stack.onChange(() => void control.refresh());
  config.onChange(() => void control.refresh());
  await control.refresh();
  await models.open();
  await setup.open();
  onTestFinished(async () => {
    await setup.close();
    await Promise.all([toolchain.close(), models.close(), stack.close(), config.close()]);
  });

  return {
    setup,
    rig,
    paths,
    hub,
    status,
    control,
    stack,
    desired,
    models,
    notes,
    told,
    setUv: (switches) => void writeUv(path.join(userHome, '.local', 'bin'), switches),
    place(repo, config) {
      const folder = writeModelFolder(path.join(paths.models, repo.split('/')[1] ?? ''));
      if (config !== undefined) writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
    },
    until: (what, condition, limitMs = 45_000) => untilSnapshot(status, what, condition, limitMs),
    service(id) {
      const found = status.snapshot().services.find((one) => one.id === id);
      if (found === undefined) throw new Error(`no service ${id}`);
      return found;
    },
  };
}

const userHomeOf = (home: string) => path.join(home, 'run', 'user');

async function writeSettings(paths: Paths, options: SetupRigOptions): Promise<void> {
  const { stackText, memoryGb = 32 } = options;
  const write = (file: string, text: string) => writeFileSync(file, text, { mode: 0o600 });
  const gatewayPort = { 'litellm-port': await freePort() };
  if (options.uv === undefined) {
    const bin = path.join(paths.home, 'run', 'bin');
    const vllmMlx = writeEngine({ dir: bin, name: 'vllm-mlx', switches: { '*': { loadMs: 20 } } });
    const litellm = writeEngine({ dir: bin, name: 'litellm', switches: { importMs: 20 } });
    write(paths.config, stringify({ ...gatewayPort, 'vllm-mlx-path': vllmMlx, 'litellm-path': litellm }));
  } else {
    writeUv(path.join(userHomeOf(paths.home), '.local', 'bin'), options.uv);
    write(paths.config, stringify(gatewayPort));
  }
  write(paths.profile, JSON.stringify(profileOf(memoryGb)));
  if (stackText !== undefined) write(paths.stack, stackText);
}

function untilSnapshot(
  status: StatusStore,
  what: string,
  condition: (snapshot: Snapshot) => boolean,
  limitMs: number,
): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unsubscribe();
      const { setup, services } = status.snapshot();
      const states = services.map(({ id, state, lastFailure }) => [id, state, lastFailure?.message]);
      reject(new Error(`waited for ${what}: ${JSON.stringify({ setup, states })}`));
    }, limitMs);
    const look = (snapshot: Snapshot) => {
      if (!condition(snapshot)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve(snapshot);
    };
    const { snapshot, unsubscribe } = status.subscribe((_change, present) => look(present));
    look(snapshot);
  });
}

export function unwrapped<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
