/** Setup with the real doors: what app.ts hands over, put together. */
import type { Fetch } from '../catalogue/hub.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { CommandInputs, CommandOutput } from '../contract/commands.ts';
import { fail, type Problem, type Result } from '../contract/result.ts';
import type { setupCommands } from '../contract/setup.ts';
import type { HomeFiles } from '../files/types.ts';
import { freeDiskBytes, type Hardware } from '../hardware/hardware.ts';
import type { Models } from '../models/room.ts';
import type { Paths } from '../paths.ts';
import type { DesiredStore } from '../stack/desired.ts';
import type { ExecutableFinder } from '../stack/executables.ts';
import type { StackStore } from '../stack/stack-store.ts';
import type { StatusStore } from '../status/store.ts';
import { readActivity } from '../supervisor/activity.ts';
import { readPeakMemory } from '../supervisor/peak-memory.ts';
import type { StackControl } from '../supervisor/stack-control.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { Toolchain } from '../toolchain/types.ts';
import { createAnswerDoor } from './answer.ts';
import { createPlanner } from './facts.ts';
import { createJobRecord } from './record.ts';
import { createSetup, type Setup } from './setup.ts';
import { createStackDoor } from './stack-door.ts';

export interface SetupRoomDeps {
  readonly paths: Pick<Paths, 'setup' | 'stack'>;
  readonly files: HomeFiles;
  readonly config: Pick<ConfigStore, 'state' | 'set'>;
  readonly stack: StackStore;
  readonly desired: DesiredStore;
  readonly control: StackControl;
  readonly executables: Pick<ExecutableFinder, 'forgetLoginPath'>;
  readonly hardware: Pick<Hardware, 'profile' | 'memory' | 'memoryNow'>;
  readonly supervisor: Pick<Supervisor, 'services'>;
  readonly models: Pick<
    Models,
    'catalogue' | 'measured' | 'keepMeasured' | 'find' | 'describe' | 'ensureDownloaded'
  >;
  readonly toolchain: Pick<Toolchain, 'lacking' | 'install'>;
  readonly status: Pick<StatusStore, 'snapshot' | 'subscribe' | 'update'>;
  readonly gatewayKey: () => string;
  readonly isPortFree: (port: number) => Promise<boolean>;
  readonly fetch: Fetch;
  readonly log: (line: string) => void;
}

/** A server that does not say in time how busy it is counts as idle, and its memory as not measured. */
const statusWaitMs = 1_000;

export function createSetupRoom(deps: SetupRoomDeps): Setup {
  const { config, status, models, toolchain, files } = deps;
  const doors = { find: models.find, ensure: models.ensureDownloaded, describe: models.describe };
  return createSetup({
    status,
    engines: { lacking: toolchain.lacking, install: toolchain.install },
    models: doors,
    stack: createStackDoor({
      files,
      file: deps.paths.stack,
      store: deps.stack,
      desired: deps.desired,
      control: deps.control,
      forgetPrograms: deps.executables.forgetLoginPath,
      isPortFree: deps.isPortFree,
      nowMs: Date.now,
    }),
    ask: createAnswerDoor({ fetch: deps.fetch }),
    gatewayKey: deps.gatewayKey,
    planner: createPlanner({
      hardware: deps.hardware,
      catalogue: models.catalogue,
      measured: models.measured,
      models: doors,
      settings() {
        const { ranking, defaultQuant, memoryBudgetPct, modelDir } = config.state().value.config;
        return { ranking, quant: defaultQuant, budgetPct: memoryBudgetPct, modelDir };
      },
      freeDiskBytes,
      downloads: () => status.snapshot().models.downloads,
    }),
    memory: {
      services: deps.supervisor.services,
      limits: deps.hardware.memory,
      now: deps.hardware.memoryNow,
      budgetPct: () => config.state().value.config.memoryBudgetPct,
    },
    measuring: {
      requests: async (ports) => (await readActivity(ports, statusWaitMs)).requests,
      peakMemoryBytes: (port) => readPeakMemory(port, statusWaitMs),
      keep: models.keepMeasured,
    },
    record: createJobRecord(files, deps.paths.setup),
    setBudget: async (pct) => await config.set('memory-budget-pct', pct),
    publish: (setup) => status.update({ setup }),
    nowMs: Date.now,
    log: deps.log,
  });
}

type Name = keyof typeof setupCommands;
type SetupHandlers = {
  readonly [N in Name]: (input: CommandInputs[N]) => Promise<Result<CommandOutput<N>>>;
};

/** The commands before and after there is a room to answer them. */
export function setupHandlers(room: () => Pick<Setup, 'handlers'> | null, notYet: Problem): SetupHandlers {
  const later =
    <N extends Name>(name: N) =>
    async (input: CommandInputs[N]): Promise<Result<CommandOutput<N>>> => {
      const present: SetupHandlers | undefined = room()?.handlers;
      return present === undefined ? fail(notYet) : await present[name](input);
    };
  return {
    'setup.plan': later('setup.plan'),
    'setup.begin': later('setup.begin'),
    'setup.cancel': later('setup.cancel'),
    'setup.retry': later('setup.retry'),
    'setup.finish': later('setup.finish'),
    'stack.addTier': later('stack.addTier'),
    'stack.removeTier': later('stack.removeTier'),
    'stack.renameTier': later('stack.renameTier'),
    'stack.swapModel': later('stack.swapModel'),
    'stack.setContext': later('stack.setContext'),
    'stack.weighTier': later('stack.weighTier'),
    'stack.measureSpeed': later('stack.measureSpeed'),
  };
}
