/** Phase two: files, records, servers and all that looks after them. */

import os from 'node:os';
import path from 'node:path';
import type { Config } from '../config/config-keys.ts';
import { createConfigStore } from '../config/config-store.ts';
import { fail, problem } from '../contract/result.ts';
import { watchDisk } from '../files/disk-watch.ts';
import { createHomeFiles } from '../files/home-files.ts';
import { prepareHome } from '../files/prepare-home.ts';
import { watchFile } from '../files/watch-file.ts';
import { createHardware } from '../hardware/hardware.ts';
import type { LogLimits } from '../logs/types.ts';
import { createSetupRoom } from '../setup/room.ts';
import { appFolder } from '../shell/lifecycle.ts';
import { openPlace } from '../shell/places.ts';
import { createDesiredStore } from '../stack/desired.ts';
import { createExecutableFinder, type RunProgram } from '../stack/executables.ts';
import { createStackStore } from '../stack/stack-store.ts';
import { diskNotice, diskNoticeId } from '../status/alerts.ts';
import { jobNotices } from '../status/job-notices.ts';
import { runTool, spawnGroup } from '../supervisor/child.ts';
import { createLedger, loadLedger } from '../supervisor/ledger.ts';
import { defaultPolicy, recoveryPolicy } from '../supervisor/policy.ts';
import { isPortFree } from '../supervisor/ports.ts';
import { preflight } from '../supervisor/preflight.ts';
import { reap } from '../supervisor/reap.ts';
import { checkModelFolder, createStackControl, type StackControl } from '../supervisor/stack-control.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { createVet, loadPins } from '../toolchain/pins.ts';
import { createToolchain } from '../toolchain/toolchain.ts';
import { appWords } from '../words/index.ts';
import { noteFindings, tellJobs } from './notices.ts';
import { type Engine, inForce, type Parts, type Shell } from './parts.ts';
import {
  affectedService,
  createCloud,
  createModelRoom,
  createSettings,
  createWantedAlerts,
  localModelOf,
  modelInUse,
} from './rooms.ts';

/** What an earlier run left behind gets this long to end by itself. */
const reapGraceMs = 5_000;

const homeUnusable = problem('home-unusable', appWords.homeUnusable, appWords.noticesSayWhy);

/** Files, records and servers. Where home itself cannot be trusted nothing is started, and the notices say why. */
export async function startEngine(
  parts: Parts,
  { mac, alert, isWindowOpen, announceCloud, tellSettings }: Shell,
): Promise<Engine> {
  const { paths, status, appLog, note } = parts;
  const findings = await prepareHome(paths);
  noteFindings(findings, paths, note);
  const mayStart = !findings.some((finding) => finding.fatal);

  const files = createHomeFiles({ home: paths.home });
  const userHome = os.homedir();
  const hardware = createHardware({
    platform: process.platform,
    run: runTool,
    files,
    file: paths.profile,
    totalBytes: parts.totalBytes,
  });
  const config = createConfigStore({
    files,
    file: paths.config,
    watch: watchFile,
    home: paths.home,
    userHome,
  });
  const stack = createStackStore({ files, file: paths.stack, watch: watchFile });
  const desired = createDesiredStore({ files, file: paths.desired });
  const pins = mayStart
    ? await loadPins(path.join(appFolder(), 'assets', 'engines.yaml'))
    : fail(homeUnusable);
  const executables = createExecutableFinder({
    userHome,
    engines: paths.engines,
    env: process.env,
    run: runProgram,
    vet: createVet(pins, paths.engines),
  });
  const [memory, leftovers] = await Promise.all([
    hardware.memory(),
    mayStart ? reapLeftovers(parts, files) : [],
  ]);
  const ledger = createLedger({
    file: paths.ledger,
    files,
    initial: leftovers,
    onProblem: note,
  });

  const alerts = createWantedAlerts(config, alert, isWindowOpen);
  status.subscribe((change, { services }) => {
    if (change.services !== undefined || change.order !== undefined) alerts.follow(services);
  });
  const serviceOf = (id: string) => status.snapshot().services.find((service) => service.id === id);
  const disk = watchDisk({
    folder: paths.home,
    onLow(freeBytes) {
      parts.board.post(diskNotice(freeBytes));
      alerts.diskLow(freeBytes);
    },
    onEnough: () => parts.board.withdraw(diskNoticeId),
  });

  const supervisor = createSupervisor({
    policy: recoveryPolicy(() => config.state().value.config.autoHealthCheck),
    run: runTool,
    spawn: spawnGroup,
    ledger,
    logs: parts.logs,
    memoryLimitBytes: memory.gpuLimitBytes,
    memoryNow: hardware.memoryNow,
    preflight: (spec, previousMayHoldPort) =>
      preflight(spec, { run: runTool, nowMs: Date.now, previousMayHoldPort, checkModel: checkModelFolder }),
    onChange: () => control.publishServices(),
    onFailure(id, failure) {
      appLog.warn(`${id} failed (${failure.reason}): ${failure.message}`);
      alerts.failed({ id, name: serviceOf(id)?.name ?? id }, failure);
    },
    onRecovery(id) {
      appLog.info(`${id} has recovered`);
      const service = serviceOf(id);
      alerts.recovered({ id, name: service?.name ?? id }, service?.lastFailure ?? null);
    },
  });
  const { keys, cloud } = createCloud(parts, {
    files,
    config,
    announceCloud,
    localModels: () => supervisor.services().flatMap(localModelOf),
    refreshStack: () => void control.refresh(),
  });
  const models = createModelRoom(parts, {
    files,
    config,
    stack,
    hardware,
    userHome,
    running: () => supervisor.services().flatMap(modelInUse),
    onModelsChanged: () => void control.refresh(),
  });
  const toolchain = createToolchain({
    paths,
    files,
    pins,
    executables,
    configured() {
      const { vllmMlxPath, litellmPath, uvPath } = config.state().value.config;
      return { 'vllm-mlx': vllmMlxPath, litellm: litellmPath, uv: uvPath };
    },
    choose: (name, program) => config.set(`${name}-path`, program),
    run: runTool,
    spawn: spawnGroup,
    user: process.env,
    userHome,
    publish: (engines) => status.update({ engines }),
    onSwitch: () => void control.refresh(),
    log: (line) => appLog.info(line),
  });
  const control: StackControl = createStackControl({
    paths,
    files,
    config,
    stack,
    desired,
    supervisor,
    status,
    executables,
    engineOptions: toolchain.optionsOf,
    gatewayKey: parts.gatewayKey.read,
    cloud: cloud.facts,
    modelsElsewhere: models.elsewhere,
    totalMemoryBytes: memory.totalBytes,
    memoryLimitBytes: memory.gpuLimitBytes,
    user: process.env,
    standingNotices: () => [
      ...parts.standingNotices.values(),
      ...jobNotices(status.snapshot(), stack.state().value?.stack.tiers ?? []),
    ],
    openPlace: (place) => openPlace(place, inForce(paths, config)),
    onConfig(present) {
      parts.logs.setLimits(logLimits(present));
      mac.configChanged(present);
    },
    downloadModel: (repo) => models.handlers['models.download']({ repo }),
    installEngine: toolchain.installFor,
    useFoundEngine: (name) => toolchain.handlers['engines.useFound']({ name }),
  });
  tellJobs(status, control.publishNotices);
  const setup = createSetupRoom({
    paths,
    files,
    config,
    stack,
    desired,
    control,
    executables,
    hardware,
    supervisor,
    models,
    toolchain,
    status,
    gatewayKey: parts.gatewayKey.read,
    isPortFree,
    fetch: globalThis.fetch,
    log: (line) => appLog.warn(line),
  });
  const settings = createSettings(parts, {
    config,
    stack,
    executables,
    userHome,
    refresh: control.refresh,
    services: () => supervisor.services().map(affectedService),
    publish: tellSettings,
  });
  if (mayStart) {
    const problems = await Promise.all([
      desired.load(),
      config.load().then(() => null),
      stack.load().then(() => null),
    ]);
    for (const found of problems) if (found !== null) note(found);
    await Promise.all([keys.open(), cloud.open()]);
    cloud.refresh();
    await control.refresh();
    config.onChange(() => {
      void keys.configChanged();
      cloud.refresh();
      toolchain.configChanged();
      void control.refresh();
    });
    stack.onChange(() => void control.refresh());
    void models.open();
    void setup.open();
    void toolchain.open();
  }
  control.publishNotices();
  // For a window that was there before there was anything to read.
  tellSettings(settings.present());
  // Takes a while, and nothing that starts needs it: profile.json is for plans and for the CLI.
  if (mayStart && process.platform === 'darwin') {
    void hardware.profile().then((found) => {
      if (!found.ok) note(found.error, 'error');
    });
  }
  return {
    supervisor,
    control,
    hardware,
    config,
    cloud,
    keys,
    settings,
    models,
    setup,
    toolchain,
    close: async () => {
      disk.close();
      settings.close();
      await Promise.all([toolchain.close(), models.close(), config.close(), stack.close(), cloud.close()]);
    },
  };
}

/** Ends what the ledger proves to be ours from an earlier run; keeps the records of what could not be ended. */
async function reapLeftovers(parts: Parts, files: ReturnType<typeof createHomeFiles>) {
  const loaded = await loadLedger(parts.paths.ledger, files);
  if (loaded.problem !== null) {
    parts.note(loaded.problem);
    await files.setAside(parts.paths.ledger);
  }
  const options = { run: runTool, graceMs: reapGraceMs, confirmMs: defaultPolicy.deathConfirmMs };
  const outcomes = await Promise.all(loaded.records.map((record) => reap(record, options)));
  for (const { record, result } of outcomes) {
    parts.appLog.info(`Left from an earlier run: ${record.service}, process ${record.pid}: ${result}`);
  }
  return outcomes.flatMap(({ record, result }) =>
    result === 'still-alive' || result === 'unknown' ? [record] : [],
  );
}

const runProgram: RunProgram = async ({ file, args, env, timeoutMs, maxOutputBytes }) => {
  const { exitCode, stdout } = await runTool(file, args, { env, timeoutMs, maxOutputBytes });
  return exitCode === 0 ? stdout : null;
};

const bytesPerMb = 1024 * 1024;

function logLimits(config: Config): LogLimits {
  return {
    fileMaxBytes: config.logMaxSizeMb * bytesPerMb,
    archivesMax: config.logMaxFiles,
    totalMaxBytes: config.logTotalMaxMb * bytesPerMb,
    foldRepeats: true,
  };
}
