/** The composition root: builds every object once, hands each what it needs, and wires events to commands. */
import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseHub } from './catalogue/hub.ts';
import { type CloudControl, createCloudControl } from './cloud/cloud-control.ts';
import type { LocalModel } from './cloud/fallback.ts';
import { chooseUpstream } from './cloud/upstream-choice.ts';
import { createUsage } from './cloud/usage.ts';
import type { Config } from './config/config-keys.ts';
import { type ConfigStore, createConfigStore } from './config/config-store.ts';
import {
  type AffectedService,
  createSettingsControl,
  type ProgramKey,
  type SettingsControl,
} from './config/settings-control.ts';
import type { CommandInputs, CommandName } from './contract/commands.ts';
import type { WindowView } from './contract/events.ts';
import { assertNever, fail, ok, type Problem, problem, type Result } from './contract/result.ts';
import type { Settings } from './contract/settings.ts';
import type { Notice } from './contract/status.ts';
import { watchDisk } from './files/disk-watch.ts';
import { createHomeFiles } from './files/home-files.ts';
import { prepareHome } from './files/prepare-home.ts';
import type { HomeFinding } from './files/types.ts';
import { watchFile } from './files/watch-file.ts';
import { createHardware, type Hardware } from './hardware/hardware.ts';
import { createAppLog } from './logs/app-log.ts';
import { createLogRoom, type LogRoom } from './logs/log-room.ts';
import { createLogs } from './logs/logs.ts';
import { createRedactor, type Redactor } from './logs/redact.ts';
import type { AppLog, LogLimits } from './logs/types.ts';
import { createModels, type ModelHandlers, type Models, modelHandlers } from './models/room.ts';
import { derivePaths, type Paths } from './paths.ts';
import { createGatewayKey, type GatewayKey } from './secrets/gateway-key.ts';
import { createKeychain } from './secrets/keychain.ts';
import { createKeysControl, type KeysControl } from './secrets/keys-control.ts';
import { createSecretStore, type SecretStore } from './secrets/secret-store.ts';
import { createSetupRoom, setupHandlers } from './setup/room.ts';
import type { Setup } from './setup/setup.ts';
import { clearCopiedSecret, copySecret, copyText } from './shell/clipboard.ts';
import type { CommandHandlers } from './shell/command-handler.ts';
import { ask, askForPath, askWhereToSave } from './shell/dialogs.ts';
import { installGuards, openExternalLink, openSignInPage } from './shell/guards.ts';
import { registerCommands } from './shell/ipc.ts';
import {
  appFolder,
  appVersion,
  describeApp,
  exitApp,
  isInstalled,
  isPackaged,
  onOpenAgain,
  onPower,
  onQuitWish,
  showAbout,
  wasOpenedAtLogin,
  whenReady,
} from './shell/lifecycle.ts';
import { loadUpdater } from './shell/load-updater.ts';
import { createMac, type Mac } from './shell/mac.ts';
import { quitNoticeId, updateNotice } from './shell/mac-notices.ts';
import { installApplicationMenu } from './shell/menus.ts';
import { createNotifications } from './shell/notifications.ts';
import { openPlace, revealFile } from './shell/places.ts';
import { handleAppScheme } from './shell/protocol.ts';
import { createQuitCoordinator, type QuitCoordinator } from './shell/quit.ts';
import { createUserQuit, type UserQuit } from './shell/quit-question.ts';
import { reachableOnScreen } from './shell/screens.ts';
import { createTray, loadTrayIcons } from './shell/tray.ts';
import type { TrayAction } from './shell/tray-menu.ts';
import { createUpdates, type Updates } from './shell/updates.ts';
import { createWindowController } from './shell/window.ts';
import { createWindowPlaceStore } from './shell/window-place.ts';
import { dialogWords } from './shell/words.ts';
import { createDesiredStore } from './stack/desired.ts';
import { createExecutableFinder, type EngineName, type RunProgram } from './stack/executables.ts';
import { gpuLimitBytes } from './stack/memory.ts';
import { createStackStore } from './stack/stack-store.ts';
import { releaseStartMemory } from './start-memory.ts';
import { type Alert, type AlertKind, createAlerts } from './status/alerts.ts';
import { formatGigabytes } from './status/format.ts';
import { jobNotices } from './status/job-notices.ts';
import { createStatusStore, type StatusStore } from './status/store.ts';
import { failureText } from './status/summary.ts';
import { noActivity } from './supervisor/activity.ts';
import { runTool, spawnGroup } from './supervisor/child.ts';
import { createLedger, loadLedger } from './supervisor/ledger.ts';
import { defaultPolicy, recoveryPolicy } from './supervisor/policy.ts';
import { preflight } from './supervisor/preflight.ts';
import { reap } from './supervisor/reap.ts';
import {
  checkModelFolder,
  createStackControl,
  emptySnapshot,
  problemNotice,
  type StackControl,
} from './supervisor/stack-control.ts';
import { createSupervisor, type ServiceView } from './supervisor/supervisor.ts';
import { createVet, loadPins } from './toolchain/pins.ts';
import { createToolchain, engineHandlers } from './toolchain/toolchain.ts';
import type { EngineHandlers, Toolchain } from './toolchain/types.ts';

/** Beside the services' logs; a tier's name has no dot, so the two cannot meet. */
const appLogName = 'mlx-stack.app';
const bytesPerMb = 1024 * 1024;
/** How many repaired files a notice names. */
const maxNamedFindings = 5;
/** From the end of the start until its memory is given back. */
const startSettlesMs = 3_000;
/** What an earlier run left behind gets this long to end by itself. */
const reapGraceMs = 5_000;

/** Everything that lives as long as the app. Called once, when this is the only instance. */
export function startApp(home: string): void {
  const paths = derivePaths(home);
  const totalBytes = os.totalmem();
  const appFacts = { version: appVersion(), home };
  const status = createStatusStore(
    emptySnapshot({ ...appFacts, phase: 'starting' }, totalBytes, gpuLimitBytes(totalBytes)),
  );
  const redactor = createRedactor();
  const logs = createLogs({
    dir: paths.logs,
    redactor,
    onProblem: ({ state, problem: found }) => (state === 'failing' ? note(found) : forget(found)),
  });
  const appLog = createAppLog({ file: logs.file(appLogName), redactor });
  const registerSecret = (value: string) => void redactor.register(value);
  const secrets = createSecretStore({ keychain: createKeychain(), registerSecret });
  const gatewayKey = createGatewayKey({ secrets, registerSecret });
  const standing = new Map<string, Notice>();
  const board: NoticeBoard = {
    post(notice) {
      standing.set(notice.id, notice);
      engine?.control.publishNotices();
    },
    withdraw(id) {
      if (standing.delete(id)) engine?.control.publishNotices();
    },
  };
  const parts: Parts = {
    paths,
    totalBytes,
    status,
    logs,
    appLog,
    redactor,
    registerSecret,
    secrets,
    gatewayKey,
    standingNotices: standing,
    board,
    note,
  };
  let engine: Engine | null = null;
  let shell: Shell | null = null;
  let restartsForUpdate = false;

  function note(found: Problem, severity: Notice['severity'] = 'warning'): void {
    const notice = problemNotice(found, severity);
    // The first to report a thing says how bad it is; a later look at the same file adds nothing.
    if (!standing.has(notice.id)) standing.set(notice.id, notice);
    engine?.control.publishNotices();
  }

  function forget(found: Problem): void {
    if (standing.delete(problemNotice(found).id)) engine?.control.publishNotices();
  }

  const quit = createQuitCoordinator({
    steps: [
      { name: 'letting go of the Mac', run: async () => restShell(shell) },
      { name: 'stopping the servers', run: (deadlineMs) => endServers(engine, status, deadlineMs) },
      { name: 'writing the logs', run: () => closeLogs(logs, appLog) },
    ],
    force: () => engine?.supervisor.forceAll(),
    exit: (code) => {
      if (!restartsForUpdate || !shell?.updates.install()) exitApp(code);
    },
    log: (message) => appLog.info(message),
  });
  const wish = createUserQuit({
    readActivity: async () => (await shell?.mac.readActivity()) ?? noActivity,
    ask,
    quit: (reason) => {
      restartsForUpdate = reason === 'update';
      quit.request('user');
    },
    isQuitting: () => quit.phase !== 'running',
    onWaiting: (requests, reason) => shell?.mac.quitWaits(requests, reason),
  });
  installExits(quit, wish, appLog);

  async function run(): Promise<void> {
    await whenReady();
    const opened = await openShell(parts, quit, wish, () => engine);
    shell = opened;
    if (!wasOpenedAtLogin()) opened.openWindow();
    engine = await startEngine(parts, opened);
    await opened.mac.findWatchdog();
    opened.updates.start();
    status.update({ app: { ...appFacts, phase: 'running' } });
    setTimeout(releaseStartMemory, startSettlesMs).unref();
  }
  run().catch((error: unknown) => {
    appLog.error('The app could not start', error);
    quit.request('bug');
  });
}

interface Parts {
  readonly paths: Paths;
  readonly totalBytes: number;
  readonly status: StatusStore;
  readonly logs: ReturnType<typeof createLogs>;
  readonly appLog: AppLog;
  readonly redactor: Redactor;
  readonly registerSecret: (value: string) => void;
  readonly secrets: SecretStore;
  readonly gatewayKey: GatewayKey;
  readonly standingNotices: ReadonlyMap<string, Notice>;
  readonly board: NoticeBoard;
  readonly note: (found: Problem, severity?: Notice['severity']) => void;
}

/** Notices that come and go with what they are about. */
interface NoticeBoard {
  readonly post: (notice: Notice) => void;
  readonly withdraw: (id: string) => void;
}

interface Engine {
  readonly hardware: Hardware;
  readonly config: ConfigStore;
  readonly supervisor: ReturnType<typeof createSupervisor>;
  readonly control: StackControl;
  readonly cloud: CloudControl;
  readonly keys: KeysControl;
  readonly models: Models;
  readonly setup: Setup;
  readonly toolchain: Toolchain;
  readonly settings: SettingsControl;
  readonly close: () => Promise<void>;
}

interface Shell {
  readonly mac: Mac;
  readonly updates: Updates;
  readonly openWindow: () => void;
  readonly alert: (alert: Alert) => void;
  readonly isWindowOpen: () => boolean;
  readonly tellSettings: (settings: Settings) => void;
  readonly announce: (title: string, body: string) => void;
}

/** The ways out, all to the same door. */
function installExits(quit: QuitCoordinator, wish: UserQuit, appLog: AppLog): void {
  onQuitWish(() => {
    // A logout asks this too, once it has been told of the shutdown: that is under way and needs no push.
    if (quit.phase !== 'done' && quit.cause !== 'shutdown') wish.request();
    return quit.phase === 'done';
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => quit.request('signal'));
  }
  const fatal = (what: string) => (error: unknown) => {
    appLog.error(what, error);
    quit.request('bug');
  };
  process.on('uncaughtException', fatal('Uncaught exception'));
  process.on('unhandledRejection', fatal('Unhandled rejection'));
}

/** Tray, window and the commands they give; up before the first server is looked at. */
async function openShell(
  parts: Parts,
  quit: QuitCoordinator,
  wish: UserQuit,
  engine: () => Engine | null,
): Promise<Shell> {
  const { paths, status, appLog } = parts;
  const log = (message: string) => appLog.warn(message);
  installGuards({ log });
  const bundled = (...names: string[]) => path.join(appFolder(), ...names);
  await handleAppScheme(bundled('dist', 'renderer'), status.snapshot);

  const places = createWindowPlaceStore({ files: createHomeFiles({ home: paths.home }), file: paths.window });
  await places.load();
  const window = createWindowController({
    preloadPath: bundled('dist', 'preload', 'preload.cjs'),
    log,
    place: () => reachableOnScreen(places.last()),
    onPlace: places.save,
    onClosed: () => logRoom.rest(),
  });
  const logRoom = createLogRoom({
    dir: paths.logs,
    readerFile: bundled('dist', 'reader', 'reader.cjs'),
    logs: parts.logs,
    redactor: parts.redactor,
    askWhereToSave,
    reveal: revealFile,
    onGrew: () => window.send('log.grew', {}),
  });
  const mac = createMac({
    status,
    run: runTool,
    userHome: os.homedir(),
    uid: process.getuid?.() ?? 0,
    platform: process.platform,
    post: parts.board.post,
    withdraw: parts.board.withdraw,
    setKeepAwake: async (wanted) => (await engine()?.config.set('keep-awake', wanted)) ?? fail(openingStill),
    setTitle: (title) => tray.setTitle(title),
    isFirstRun: places.last() === null,
    log: (message) => appLog.info(message),
  });
  const updates = createUpdates({
    isInstalled: isInstalled(),
    load: async () => loadUpdater(bundled('dist', 'updater', 'updater.cjs'), (line) => appLog.info(line)),
    isAutomatic: () => engine()?.config.state().value.config.autoUpdate ?? false,
    publish: (update) => status.update({ update }),
    onReady(version) {
      const { id, title, message } = updateNotice(version);
      parts.board.post(updateNotice(version));
      if (!window.isOpen) notifications.show(title, message, () => window.open());
      appLog.info(`${id}: waits for the user`);
    },
    quit: () => wish.request('update'),
    log: (line) => appLog.info(line),
    now: Date.now,
  });
  const handlers = {
    ...commandHandlers(parts, wish, engine, mac.menuOpened),
    ...modelHandlers(() => engine()?.models ?? null, openingStill),
    ...setupHandlers(() => engine()?.setup ?? null, openingStill),
    ...engineHandlers(() => engine()?.toolchain ?? null, openingStill),
    ...mac.handlers,
    ...logRoom.handlers,
    ...updates.handlers,
  };
  registerCommands(handlers, { isOurWindow: window.owns, redact: parts.redactor.redact, log });
  installApplicationMenu({
    openSettings: () => window.open('settings'),
    quit: wish.request,
  });
  describeApp(aboutText);
  const notifications = createNotifications({ onClick: () => window.open(), log });
  const tray = createTray({
    icons: loadTrayIcons(bundled('assets', 'tray')),
    perform: (action) => performTrayAction(action, handlers, window.open, wish.request, parts.note),
    onOpen: mac.menuOpened,
  });
  mac.watchIcon(tray.bounds, () => {
    if (!wasOpenedAtLogin()) window.open();
  });
  const { snapshot } = status.subscribe((change, present) => {
    tray.update(present);
    window.send('status.changed', change);
  });
  tray.update(snapshot);

  onOpenAgain(() => {
    mac.checkIcon();
    window.open();
  });
  onPower({
    suspend() {
      mac.suspend();
      engine()?.supervisor.suspend();
    },
    resume() {
      mac.resume();
      engine()?.supervisor.resume();
      engine()?.models.wake();
    },
    shutdown: () => quit.request('shutdown'),
  });
  return {
    mac,
    updates,
    openWindow: () => window.open(),
    alert: ({ title, body, view, log: place }) =>
      notifications.show(title, body, () => window.open(view, place)),
    isWindowOpen: () => window.isOpen,
    tellSettings: (settings) => window.send('settings.changed', settings),
    announce: notifications.show,
  };
}

const aboutText = {
  copyright: '© 2026 The MLX Stack contributors. MIT licence.',
  credits: 'A private, always-on OpenAI-compatible endpoint for this Mac.',
};

const homeUnusable = problem(
  'home-unusable',
  'Nothing can be installed: the data folder must not be used as it is.',
  'The notices say what is wrong with it.',
);

const openingStill = problem('still-opening', 'MLX Stack is still opening.', 'Try again in a moment.');

function commandHandlers(
  parts: Parts,
  wish: UserQuit,
  engine: () => Engine | null,
  askMacAnew: () => void,
): Omit<
  CommandHandlers,
  | keyof Mac['handlers']
  | keyof LogRoom['handlers']
  | keyof Updates['handlers']
  | keyof ModelHandlers
  | keyof Setup['handlers']
  | keyof EngineHandlers
> {
  const { paths, status, gatewayKey } = parts;
  const present = async <T>(act: (engine: Engine) => Promise<Result<T>>): Promise<Result<T>> => {
    const running = engine();
    return running === null ? fail(openingStill) : await act(running);
  };
  const control = (act: (control: StackControl) => Promise<Result<Record<string, never>>>) =>
    present((running) => act(running.control));
  const cloud = <T>(act: (control: CloudControl) => Promise<Result<T>>) =>
    present((running) => act(running.cloud));
  const settings = <T>(act: (handlers: SettingsControl['handlers']) => Promise<Result<T>>) =>
    present((running) => act(running.settings.handlers));
  const copy = (text: string) => {
    copyText(text);
    return ok({});
  };
  return {
    'status.read': async () => ok(status.snapshot()),
    'stack.start': () => control((stack) => stack.startAll()),
    'stack.stop': () => control((stack) => stack.stopAll()),
    'service.start': ({ id }) => control((stack) => stack.start(id)),
    'service.stop': ({ id }) => control((stack) => stack.stop(id)),
    'service.restart': ({ id }) => control((stack) => stack.restart(id)),
    'service.remedy': ({ id, kind }) => control((stack) => stack.remedy(id, kind)),
    'service.copyFailure': async ({ id }) => {
      const service = status.snapshot().services.find((one) => one.id === id);
      if (!service?.lastFailure) return fail(problem('no-failure', 'There is no failure to copy any more.'));
      return copy(failureText(service.name, service.lastFailure));
    },
    'endpoint.copyAddress': async () => copy(status.snapshot().gateway.baseUrl),
    'endpoint.copyKey': async () => {
      copySecret(gatewayKey.read());
      return ok({});
    },
    'gateway.rotateKey': () => present(({ keys }) => keys.rotateGatewayKey()),
    'cloud.setKey': ({ key }) => cloud((control) => control.setKey(key)),
    'cloud.removeKey': () => cloud((control) => control.removeKey()),
    'cloud.checkKey': () => cloud((control) => control.checkKey()),
    'cloud.signIn': () => cloud((control) => control.signIn()),
    'cloud.cancelSignIn': () => cloud(async (control) => control.cancelSignIn()),
    'cloud.setOptions': (options) => cloud((control) => control.setOptions(options)),
    'cloud.listModels': () => cloud((control) => control.listModels()),
    'cloud.setModels': ({ ids }) => cloud((control) => control.setModels(ids)),
    'link.open': async ({ link }) => {
      await openExternalLink(link);
      return ok({});
    },
    'settings.read': () => {
      // Start at login stands among them, and can have been changed in System Settings.
      askMacAnew();
      return settings((handlers) => handlers['settings.read']());
    },
    'settings.set': (input) => settings((handlers) => handlers['settings.set'](input)),
    'settings.reset': (input) => settings((handlers) => handlers['settings.reset'](input)),
    'settings.choosePath': (input) => settings((handlers) => handlers['settings.choosePath'](input)),
    'notice.dismiss': ({ id }) => {
      // The notice of a quit that waits is the one way to take it back.
      if (id === quitNoticeId) {
        wish.stay();
        return Promise.resolve(ok({}));
      }
      return control(async (stack) => {
        const dismissed = stack.dismiss(id);
        // What stands by itself is over with it: should it happen again, it is news.
        parts.board.withdraw(id);
        return dismissed;
      });
    },
    'place.open': ({ place }) => openPlace(place, inForce(paths, engine()?.config)),
  };
}

/** The folder of models may be another one than that in home. */
const inForce = (paths: Paths, config: ConfigStore | undefined): Paths =>
  config === undefined ? paths : { ...paths, models: config.state().value.config.modelDir };

async function performTrayAction(
  action: TrayAction,
  handlers: CommandHandlers,
  openWindow: (view?: WindowView) => void,
  quit: () => void,
  note: Parts['note'],
): Promise<Result<unknown>> {
  switch (action.kind) {
    case 'open-window':
      openWindow(action.view);
      return ok({});
    case 'about':
      showAbout();
      return ok({});
    case 'quit':
      quit();
      return ok({});
    case 'copy-text':
      copyText(action.text);
      return ok({});
    case 'command': {
      const result = await runCall(action.call, handlers);
      // The menu has closed by now: what went wrong is said in the window.
      if (!result.ok) {
        if (result.error !== openingStill) note(result.error);
        openWindow();
      }
      return result;
    }
    default:
      return assertNever(action, 'performTrayAction');
  }
}

function runCall<N extends CommandName>(
  { name, input }: { readonly name: N; readonly input: CommandInputs[N] },
  handlers: CommandHandlers,
): Promise<Result<unknown>> {
  return handlers[name](input);
}

/** Files, records and servers. Where home itself cannot be trusted nothing is started, and the notices say why. */
async function startEngine(
  parts: Parts,
  { mac, alert, isWindowOpen, announce, tellSettings }: Shell,
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
    vet: createVet(pins),
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

  const wanted: Readonly<Record<AlertKind, (present: Config) => boolean>> = {
    failure: (present) => present.notifyFailures,
    recovery: (present) => present.notifyRecovery,
    disk: (present) => present.notifyDisk,
  };
  const alerts = createAlerts({
    show: alert,
    // Whoever has the window open sees it there.
    isWanted: (kind) => !isWindowOpen() && wanted[kind](config.state().value.config),
    now: Date.now,
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
    announce,
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
      const { vllmMlxPath, litellmPath } = config.state().value.config;
      return { 'vllm-mlx': vllmMlxPath, litellm: litellmPath };
    },
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
    installEngine: (name) => toolchain.handlers['engines.install']({ names: [name] }),
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
    models,
    toolchain,
    status,
    gatewayKey: parts.gatewayKey.read,
    fetch: globalThis.fetch,
    log: (line) => appLog.warn(line),
  });
  const settings = createSettingsControl({
    config,
    home: paths.home,
    userHome,
    file: paths.config,
    refresh: control.refresh,
    services: () => supervisor.services().map(affectedService),
    tiers: () => stack.state().value?.stack.tiers ?? [],
    isFolder: async (folder) => (await stat(folder).catch(() => null))?.isDirectory() ?? false,
    async checkProgram(key, file) {
      const found = await executables.find(engineOf[key], file);
      return 'missing' in found ? found.missing : null;
    },
    choosePath: ({ key, kind, startAt }) => askForPath({ kind, message: dialogWords[key], startAt }),
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

/** Once for changes that come together, and never in the midst of one: whoever follows the status gets them in order. */
function tellJobs(status: StatusStore, publishNotices: () => void): void {
  let isDue = false;
  status.subscribe(({ engines, models, services, setup }) => {
    if (isDue || [engines, models, services, setup].every((part) => part === undefined)) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      publishNotices();
    });
  });
}

const engineOf = { 'vllm-mlx-path': 'vllm-mlx', 'litellm-path': 'litellm' } as const satisfies Record<
  ProgramKey,
  EngineName
>;

const affectedService = ({ spec, machine }: ServiceView): AffectedService => ({
  id: spec.id,
  name: spec.name,
  fingerprint: spec.fingerprint,
  isRunning: machine.launchId !== null,
});

const diskNoticeId = 'disk-nearly-full';
const diskNotice = (freeBytes: number): Notice => ({
  id: diskNoticeId,
  severity: 'warning',
  title: 'The disk is nearly full',
  message: `${formatGigabytes(freeBytes)} left. Models and logs cannot be written when it is full: delete what you do not need, for instance archives of logs.`,
  action: { kind: 'open-home', label: 'Open the MLX Stack Folder' },
  dismissible: true,
});

/** Each as it is, but permissions that were put right in one notice: the CLI leaves every file readable by all. */
function noteFindings(findings: readonly HomeFinding[], paths: Paths, note: Parts['note']): void {
  const isModeRepair = ({ repaired, problem: what }: HomeFinding) =>
    repaired && what.code === 'open-permissions';
  for (const finding of findings) {
    if (isModeRepair(finding)) continue;
    const { path: found, fatal, repaired, problem: what } = finding;
    note({ ...what, hint: what.hint ?? found }, fatal ? 'error' : repaired ? 'info' : 'warning');
  }
  const names = findings
    .filter(isModeRepair)
    .map(({ path: found }) => path.relative(paths.home, found) || found);
  if (names.length === 0) return;
  const shown = names.slice(0, maxNamedFindings).join(', ');
  const more = names.length > maxNamedFindings ? ` and ${names.length - maxNamedFindings} more` : '';
  const message = 'Other users of this Mac could read some of your MLX Stack files; now only you can.';
  note(problem('permissions-repaired', message, `${shown}${more}`), 'info');
}

interface CloudParts {
  readonly files: ReturnType<typeof createHomeFiles>;
  readonly config: ConfigStore;
  readonly announce: Shell['announce'];
  readonly localModels: () => readonly LocalModel[];
  /** The gateway may have to be started anew. */
  readonly refreshStack: () => void;
}

/** Keys, relay and figures. What the Keychain refuses costs the cloud, never the local models. */
function createCloud(parts: Parts, { files, config, announce, localModels, refreshStack }: CloudParts) {
  const { secrets, gatewayKey, registerSecret, note, status, appLog } = parts;
  const { upstream, problem: refused } = chooseUpstream(process.env, isPackaged());
  if (refused !== null) note(refused);
  const cloud = createCloudControl({
    config,
    secrets,
    usage: createUsage({ files, file: parts.paths.usage, onProblem: note }),
    upstream,
    registerSecret,
    localModels,
    openInBrowser: (url) => openSignInPage(url, upstream.origin),
    publish: (present) => status.update({ cloud: present }),
    onFactsChange: refreshStack,
    notify: announce,
    note,
    log: (line) => appLog.info(line),
  });
  const keys = createKeysControl({
    secrets,
    gatewayKey,
    config,
    registerSecret,
    note,
    onChange() {
      cloud.refresh();
      refreshStack();
    },
  });
  return { cloud, keys };
}

/** What is on disk, to be had and downloaded. */
function createModelRoom(
  { paths, status, secrets, registerSecret, note }: Parts,
  deps: Pick<
    Parameters<typeof createModels>[0],
    'files' | 'config' | 'stack' | 'hardware' | 'userHome' | 'running' | 'onModelsChanged'
  >,
): Models {
  const { address, problem: refused } = chooseHub(process.env, isPackaged());
  if (refused !== null) note(refused);
  return createModels({
    ...deps,
    paths,
    status,
    secrets,
    registerSecret,
    note,
    hubAddress: address,
    fetch,
    catalogueFolder: path.join(appFolder(), 'assets', 'catalogue'),
    env: process.env,
    askForFolder: () =>
      askForPath({
        kind: 'folder',
        message: 'Choose a folder with models. They are used in place and never changed.',
        startAt: deps.userHome,
      }),
    reveal: revealFile,
  });
}

function modelInUse({ spec, machine }: ServiceView): { name: string; folder: string }[] {
  if (machine.launchId === null) return [];
  return spec.requirements.flatMap((required) =>
    required.kind === 'model-folder' ? [{ name: spec.id, folder: required.path }] : [],
  );
}

function localModelOf({ spec, machine }: ServiceView): LocalModel[] {
  if (spec.kind !== 'tier') return [];
  const { state, desired, readySince } = machine;
  const readyForMs = readySince === null ? null : performance.now() - readySince.monotonicMs;
  return [{ state, desired, readyForMs }];
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

function logLimits(config: Config): LogLimits {
  return {
    fileMaxBytes: config.logMaxSizeMb * bytesPerMb,
    archivesMax: config.logMaxFiles,
    totalMaxBytes: config.logTotalMaxMb * bytesPerMb,
    foldRepeats: true,
  };
}

async function endServers(engine: Engine | null, status: StatusStore, deadlineMs: number): Promise<void> {
  status.update({ app: { ...status.snapshot().app, phase: 'quitting' } });
  // First, so that it does not take the servers' end for a failure.
  const resting = engine?.setup.close();
  await engine?.supervisor.stopAll(deadlineMs);
  await resting;
  await engine?.close();
}

/** No timer of the shell starts anything any more, and the Mac may sleep again. */
function restShell(shell: Shell | null): void {
  shell?.mac.close();
  shell?.updates.close();
}

async function closeLogs(logs: Parts['logs'], appLog: AppLog): Promise<void> {
  await clearCopiedSecret();
  appLog.info('Everything is stopped');
  await logs.close();
}
