/** Keeps the running services in step with the settings, the stack file and the user's wishes, and carries out commands. */
import type { Config } from '../config/config-keys.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { EngineName } from '../contract/engines.ts';
import { assertNever, fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { Failure, Notice, RemedyKind, Snapshot, StackStatus } from '../contract/status.ts';
import type { HomeFiles, LocatedProblem } from '../files/types.ts';
import type { Paths } from '../paths.ts';
import { last4Of } from '../secrets/accounts.ts';
import {
  type CloudFacts,
  type DefinitionFacts,
  defineServices,
  type ExecutableFact,
  engineLacksOption,
} from '../stack/definition.ts';
import type { DesiredStore } from '../stack/desired.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';
import { engineOf } from '../stack/engine-missing.ts';
import type { ExecutableFinder } from '../stack/executables.ts';
import { codeWishIn, findModels, readModelFolder } from '../stack/model-folder.ts';
import type { ForeignPlace } from '../stack/model-places.ts';
import { candidatePorts } from '../stack/ports.ts';
import type { StackStore } from '../stack/stack-store.ts';
import type { Stack } from '../stack/stack-types.ts';
import { createDismissals } from '../status/dismissals.ts';
import { lacksModel, showEngines } from '../status/job-notices.ts';
import { noCloud } from '../status/no-cloud.ts';
import { noMac } from '../status/no-mac.ts';
import { noEngines, noModels, noSetup } from '../status/no-setup.ts';
import { noUpdate } from '../status/no-update.ts';
import { serviceStatus } from '../status/service-status.ts';
import type { StatusStore } from '../status/store.ts';
import { commonWords, supervisorWords } from '../words/index.ts';
import { modelIncomplete, modelMissing, modelRunsCode, modelUnchecked } from './failures.ts';
import { isPortFree } from './ports.ts';
import { createRounds } from './rounds.ts';
import type { Supervisor } from './supervisor.ts';
import { isRunning } from './transitions.ts';

export type Done = Result<Record<string, never>>;
const done: Done = ok({});

export interface StackControlDeps {
  readonly paths: Paths;
  readonly files: HomeFiles;
  readonly config: ConfigStore;
  readonly stack: StackStore;
  readonly desired: DesiredStore;
  readonly executables: ExecutableFinder;
  /** What a `vllm-mlx` understands, where that is known. */
  readonly engineOptions: (program: string) => Promise<EngineOptions | null>;
  readonly supervisor: Supervisor;
  readonly status: StatusStore;
  /** Asked each round: it changes when the user wants another, or the Keychain answers late. */
  readonly gatewayKey: () => string;
  /** What the gateway needs to reach the cloud; `null` while the cloud is not set up. */
  readonly cloud: () => CloudFacts | null;
  /** Where models of other apps lie. */
  readonly modelsElsewhere: () => readonly ForeignPlace[];
  readonly totalMemoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly user: DefinitionFacts['user'];
  /** Notices that come from elsewhere and stay: findings about home, records that were damaged. */
  readonly standingNotices: () => readonly Notice[];
  readonly openPlace: (place: 'config' | 'stack' | 'models') => Promise<Done>;
  readonly onConfig: (config: Config) => void;
  /** Begins it; the tier that lacks it starts when it is there. */
  readonly downloadModel: (repo: string) => Promise<Done>;
  readonly installEngine: (name: EngineName) => Promise<Done>;
  /** The one that was found by chance: it is in the config afterwards. */
  readonly useFoundEngine: (name: EngineName) => Promise<Done>;
}

export interface StackControl {
  /** Reads files and facts and makes the services match; calls that come meanwhile share the next round. */
  refresh(): Promise<void>;
  startAll(): Promise<Done>;
  stopAll(): Promise<Done>;
  start(id: string): Promise<Done>;
  stop(id: string): Promise<Done>;
  restart(id: string): Promise<Done>;
  /** Performs a remedy of the service's last failure; one that it does not offer is refused. */
  remedy(id: string, kind: RemedyKind): Promise<Done>;
  dismiss(noticeId: string): Done;
  /** The services as they are now, into the status store. */
  publishServices(): void;
  publishNotices(): void;
}

const gatewayId = 'gateway';

export function createStackControl(deps: StackControlDeps): StackControl {
  const { supervisor, status, desired } = deps;
  let stack: Stack | null = null;
  /** What keeps single tiers out, and writes that failed: known only after a round. */
  let roundProblems: readonly Problem[] = [];
  const dismissals = createDismissals();

  const refresh = createRounds(round);

  async function round(): Promise<void> {
    const { value: parsedConfig } = deps.config.state();
    const { config } = parsedConfig;
    deps.onConfig(config);
    stack = deps.stack.state().value?.stack ?? null;
    const problems: Problem[] = [];
    if (stack === null) supervisor.apply([], () => 'off');
    else await applyStack(stack, config, problems);
    roundProblems = problems;
    publish(config);
  }

  async function applyStack(present: Stack, config: Config, problems: Problem[]): Promise<void> {
    const [vllmMlx, litellm, models] = await Promise.all([
      deps.executables.find('vllm-mlx', config.vllmMlxPath),
      deps.executables.find('litellm', config.litellmPath),
      findModels(present.tiers, config.modelDir, deps.modelsElsewhere()),
    ]);
    const facts: DefinitionFacts = {
      executables: { vllmMlx: executableFact(vllmMlx), litellm: executableFact(litellm) },
      vllmMlxOptions: 'path' in vllmMlx ? await deps.engineOptions(vllmMlx.path) : null,
      models,
      paths: deps.paths,
      gatewayKey: deps.gatewayKey(),
      cloud: deps.cloud(),
      totalMemoryBytes: deps.totalMemoryBytes,
      user: deps.user,
    };
    const definition = defineServices({ config, stack: present, facts });
    problems.push(...definition.problems);
    const written = await writeIfChanged(deps.paths.litellmConfig, definition.gatewayConfig);
    if (!written.ok) problems.push(written.error);
    supervisor.apply(definition.services, wanted);
    for (const { spec, machine } of supervisor.services()) {
      const lacked = machine.state === 'failed' && lacksModel.has(machine.lastFailure?.reason);
      if (lacked && machine.desired === 'on' && models[spec.id]?.state === 'complete')
        supervisor.start(spec.id);
    }
  }

  async function writeIfChanged(file: string, text: string): Promise<Result<void>> {
    const read = await deps.files.readText(file, maxGatewayConfigBytes);
    return read.kind === 'text' && read.text === text ? ok(undefined) : deps.files.writeText(file, text);
  }

  const tierNames = () => stack?.tiers.map((tier) => tier.name) ?? [];

  /** The gateway is wanted with the first model, unless the user stopped it by itself. */
  function wanted(id: string): 'on' | 'off' {
    if (id !== gatewayId) return desired.get(id);
    return (
      desired.all().get(gatewayId) ?? (tierNames().some((name) => desired.get(name) === 'on') ? 'on' : 'off')
    );
  }

  function publish(config: Config): void {
    status.update({
      stack: stackStatus(),
      gateway: {
        baseUrl: `http://127.0.0.1:${config.litellmPort}/v1`,
        port: config.litellmPort,
        keyLast4: last4Of(deps.gatewayKey()),
      },
      notices: notices(),
    });
    publishServices();
  }

  function publishServices(): void {
    const services = supervisor.services();
    const anyTierReady = services.some(
      ({ spec, machine }) =>
        spec.kind === 'tier' && (machine.state === 'healthy' || machine.state === 'degraded'),
    );
    const restartsHung = deps.config.state().value.config.autoHealthCheck;
    const holding = services.filter(({ machine }) => machine.launchId !== null);
    status.update({
      memory: {
        totalBytes: deps.totalMemoryBytes,
        limitBytes: deps.memoryLimitBytes,
        plannedBytes: holding.reduce((sum, { spec }) => sum + spec.memoryBytes, 0),
      },
      services: services.map(({ spec, machine }) =>
        serviceStatus({ spec, machine, anyTierReady, restartsHung }),
      ),
    });
  }

  function stackStatus(): StackStatus {
    if (stack !== null) return { kind: 'loaded', name: stack.name, intent: stack.intent };
    const [first] = deps.stack.state().problems;
    return first === undefined ? { kind: 'none' } : { kind: 'invalid', problem: first.problem };
  }

  const notices = () => dismissals.shown(presentNotices()).slice(0, maxNotices);

  function presentNotices(): Notice[] {
    const configState = deps.config.state();
    const inForce = configState.source === 'last-good' ? lastGoodWords : defaultsWords;
    return [
      ...deps.standingNotices(),
      ...configState.problems.map((one) =>
        fileNotice('config', one, supervisorWords.settingsMistake(inForce)),
      ),
      // Without a stack in force its problem is the whole story and stands in the stack status.
      ...(stack === null ? [] : deps.stack.state().problems).map((one) =>
        fileNotice('stack', one, supervisorWords.stackMistake(lastGoodWords)),
      ),
      ...roundProblems.map(roundNotice),
      ...unknownStackKeys().map((one) => problemNotice(one.problem)),
    ];
  }

  /** Perhaps misspelt: an option that is silently without effect would be looked for elsewhere. */
  function unknownStackKeys(): readonly LocatedProblem[] {
    return deps.stack.state().value?.unknownKeys.slice(0, maxUnknownKeysShown) ?? [];
  }

  async function want(changes: Readonly<Record<string, 'on' | 'off'>>): Promise<Done> {
    const saved = await desired.set(changes);
    return saved.ok ? done : fail(saved.error);
  }

  async function startAll(): Promise<Done> {
    if (stack === null) return fail(noStack);
    const ids = [...tierNames(), gatewayId];
    for (const id of ids) supervisor.start(id);
    return await want(Object.fromEntries(ids.map((id) => [id, 'on'])));
  }

  async function stopAll(): Promise<Done> {
    // The gateway first, so that nobody is given a model that is about to go.
    const ids = [gatewayId, ...tierNames()];
    supervisor.stop(gatewayId);
    // A tier that is only waiting must not start while the gateway ends.
    for (const { spec, machine } of supervisor.services())
      if (spec.kind === 'tier' && !isRunning(machine)) supervisor.stop(spec.id);
    const saved = want(Object.fromEntries(ids.map((id) => [id, 'off'])));
    await supervisor.atRest(gatewayId);
    for (const name of tierNames()) if (desired.get(name) === 'off') supervisor.stop(name);
    return await saved;
  }

  async function start(id: string, ignoreMemory = false): Promise<Done> {
    if (!supervisor.has(id)) return fail(unknownService(id));
    supervisor.start(id, { ignoreMemory });
    if (id !== gatewayId) supervisor.start(gatewayId);
    return await want(id === gatewayId ? { [id]: 'on' } : { [id]: 'on', [gatewayId]: 'on' });
  }

  async function stop(id: string): Promise<Done> {
    if (!supervisor.has(id)) return fail(unknownService(id));
    supervisor.stop(id);
    const isLastTier =
      id !== gatewayId && tierNames().every((name) => name === id || desired.get(name) === 'off');
    if (isLastTier) supervisor.stop(gatewayId);
    return await want(isLastTier ? { [id]: 'off', [gatewayId]: 'off' } : { [id]: 'off' });
  }

  async function restart(id: string): Promise<Done> {
    if (!supervisor.has(id)) return fail(unknownService(id));
    supervisor.restart(id, null);
    return await want({ [id]: 'on' });
  }

  async function remedy(id: string, kind: RemedyKind): Promise<Done> {
    const failure = supervisor.services().find(({ spec }) => spec.id === id)?.machine.lastFailure;
    const offer = failure?.remedies.find((offered) => offered.kind === kind);
    if (offer === undefined) return fail(notOffered);
    switch (kind) {
      case 'download-model': {
        const source = stack?.tiers.find(({ name }) => name === id)?.source;
        return source === undefined ? fail(notOffered) : await deps.downloadModel(source);
      }
      case 'install-engine':
        return await deps.installEngine(engineOf(id === gatewayId ? 'gateway' : 'tier'));
      case 'use-found-engine':
        return await deps.useFoundEngine(engineOf(id === gatewayId ? 'gateway' : 'tier'));
      case 'start-again':
        // What was missing may be there by now: executables and models are looked for anew.
        deps.executables.forgetLoginPath();
        await refresh();
        return await start(id);
      case 'start-anyway':
        return await start(id, true);
      case 'smaller-context':
        return await shortenContext(id, offer.contextTokens);
      case 'stop-other':
        return await startInsteadOf(id, offer.service);
      case 'use-free-port':
        return await moveToFreePort(id);
      case 'open-config':
        return await deps.openPlace('config');
      case 'open-stack':
        return await deps.openPlace('stack');
      case 'reveal-models':
        return await deps.openPlace('models');
      case 'force-stop':
        supervisor.stop(id);
        return done;
      default:
        return assertNever(kind, 'remedy');
    }
  }

  async function shortenContext(id: string, tokens: number | undefined): Promise<Done> {
    if (tokens === undefined) return fail(notOffered);
    const saved = await deps.stack.setTierContext(id, tokens);
    if (!saved.ok) return fail(saved.error);
    await refresh();
    return await start(id);
  }

  /** The other one's memory is given to this one as soon as it has ended. */
  async function startInsteadOf(id: string, other: string | undefined): Promise<Done> {
    if (other === undefined || !supervisor.has(other)) return fail(notOffered);
    const stopped = await stop(other);
    return stopped.ok ? await start(id) : stopped;
  }

  async function moveToFreePort(id: string): Promise<Done> {
    if (stack === null) return fail(noStack);
    const gatewayPort = deps.config.state().value.config.litellmPort;
    const candidates =
      id === gatewayId
        ? portsFrom(gatewayPort + 1, new Set(stack.tiers.map((tier) => tier.port)))
        : candidatePorts(stack, gatewayPort);
    const port = await firstFree(candidates);
    if (port === null) return fail(noFreePort);
    const saved =
      id === gatewayId ? await deps.config.set('litellm-port', port) : await deps.stack.setTierPort(id, port);
    if (!saved.ok) return fail(saved.error);
    await refresh();
    return await start(id);
  }

  return {
    refresh,
    startAll,
    stopAll,
    start,
    stop,
    restart,
    remedy,
    dismiss(noticeId) {
      dismissals.dismiss(noticeId, presentNotices());
      status.update({ notices: notices() });
      return done;
    },
    publishServices,
    publishNotices: () => status.update({ notices: notices() }),
  };
}

/** A gateway file larger than this is not one that we wrote. */
const maxGatewayConfigBytes = 1024 * 1024;
const maxNotices = 20;
const maxUnknownKeysShown = 3;

const lastGoodWords = supervisorWords.lastGoodInForce;
const defaultsWords = supervisorWords.defaultsInForce;

const noStack = problem('no-stack', supervisorWords.noStackToStart, supervisorWords.setOneUp);
const notOffered = problem('remedy-not-offered', supervisorWords.noLongerNeeded);
const noFreePort = problem('no-free-port', supervisorWords.noFreePort, supervisorWords.setOneInFile);

const unknownService = (id: string) =>
  problem('unknown-service', supervisorWords.unknownService(id.slice(0, 40)));

function executableFact(found: Awaited<ReturnType<ExecutableFinder['find']>>): ExecutableFact {
  return 'missing' in found ? { missing: found.missing } : { path: found.path };
}

function fileNotice(file: 'config' | 'stack', located: LocatedProblem, title: string): Notice {
  const { message, hint } = located.problem;
  return {
    id: `${file}:${message}`.slice(0, 128),
    severity: 'error',
    title,
    message: hint === undefined ? message : `${message} ${hint}`,
    action:
      file === 'config'
        ? { kind: 'open-config', label: supervisorWords.openSettingsFile }
        : { kind: 'open-stack', label: supervisorWords.openStackFile },
    dismissible: false,
  };
}

/** Where an update mends it, the click leads to that. */
function roundNotice(found: Problem): Notice {
  const notice = problemNotice(found);
  return found.code === engineLacksOption ? { ...notice, action: showEngines } : notice;
}

export function problemNotice(found: Problem, severity: Notice['severity'] = 'warning'): Notice {
  return {
    id: `${found.code}:${found.message}`.slice(0, 128),
    severity,
    title: found.message,
    message: found.hint ?? '',
    action: null,
    dismissible: true,
  };
}

/** The check of a model folder that precedes each start. */
export async function checkModelFolder(
  folder: string,
  source: string,
  atMs: number,
): Promise<Failure | null> {
  const { facts, config } = await readModelFolder(folder);
  switch (facts.state) {
    case 'complete':
      switch (codeWishIn(config)) {
        case 'none':
          return null;
        case 'wanted':
          return modelRunsCode(atMs, source);
        default:
          return modelUnchecked(atMs, source);
      }
    case 'absent':
      return modelMissing(atMs, source, folder);
    case 'incomplete':
      return modelIncomplete(atMs, source, facts.lacks ?? commonWords.filesMissing);
    default:
      return assertNever(facts.state, 'checkModelFolder');
  }
}

const portsTried = 100;

function portsFrom(first: number, taken: ReadonlySet<number>): number[] {
  return Array.from({ length: portsTried }, (_, index) => first + index).filter(
    (port) => port <= 65_535 && !taken.has(port),
  );
}

async function firstFree(candidates: readonly number[]): Promise<number | null> {
  for (const port of candidates) if (await isPortFree(port)) return port;
  return null;
}

/** The status before anything is known. */
export function emptySnapshot(
  app: Snapshot['app'],
  totalBytes: number,
  limitBytes: number,
): Omit<Snapshot, 'revision'> {
  return {
    app,
    stack: { kind: 'none' },
    gateway: { baseUrl: 'http://127.0.0.1:4000/v1', port: 4000, keyLast4: '' },
    cloud: noCloud,
    memory: { totalBytes, limitBytes, plannedBytes: 0 },
    mac: noMac,
    models: noModels,
    engines: noEngines,
    setup: noSetup,
    update: noUpdate,
    services: [],
    notices: [],
  };
}
