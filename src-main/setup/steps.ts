/** The steps from a choice to a first answer. Each is as good when it is done again: what there is already is kept. */
import { assertNever, fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { SetupStepId } from '../contract/setup.ts';
import type { ServiceStatus, Snapshot } from '../contract/status.ts';
import { formatDiskBytesOf } from '../status/format.ts';
import type { StatusStore } from '../status/store.ts';
import { commonWords, setupWords, statusWords } from '../words/index.ts';
import { chosenTiersOf, freePorts, isAsChosen, newTier, textOfStack } from './chosen.ts';
import type { AnswerDoor, EnginesDoor, ModelsDoor, StackDoor } from './deps.ts';
import type { Progress } from './progress.ts';
import type { Chosen, Job } from './record.ts';
import { addTier, swapModel } from './stack-edit.ts';
import { cancelled, orAborted, untilStatus } from './until.ts';

export interface StepDeps {
  readonly status: Pick<StatusStore, 'snapshot' | 'subscribe'>;
  readonly engines: EnginesDoor;
  readonly models: ModelsDoor;
  readonly stack: StackDoor;
  readonly ask: AnswerDoor;
  readonly gatewayKey: () => string;
  readonly startWaitMs?: number | undefined;
}

/** The largest model may take half an hour to load (stack/definition.ts), and others may load before it. */
export const startWaitMs = 60 * 60_000;
/** Ports that other programs took between two looks. */
export const maxPortMoves = 3;
const firstQuestion = setupWords.firstQuestion;

const gatewayId = 'gateway';

export const stepsOf = (job: Job): readonly SetupStepId[] =>
  job.kind === 'setup' ? ['engines', 'models', 'stack', 'start', 'answer'] : ['models', 'stack', 'start'];

/** Its words stand behind the step when it is done. */
export function runStep(
  id: SetupStepId,
  job: Job,
  progress: Progress,
  deps: StepDeps,
  signal: AbortSignal,
): Promise<Result<string>> {
  switch (id) {
    case 'engines':
      return installEngines(progress, deps, signal);
    case 'models':
      return downloadModels(job, progress, deps, signal);
    case 'stack':
      return job.kind === 'setup' ? writeStack(job, deps) : changeStack(job, deps);
    case 'start':
      return startServices(job, progress, deps, signal);
    case 'answer':
      return firstAnswer(job, progress, deps, signal);
    default:
      return assertNever(id, 'runStep');
  }
}

async function installEngines(
  progress: Progress,
  { engines, status }: StepDeps,
  signal: AbortSignal,
): Promise<Result<string>> {
  /** Asking a login shell takes its time, and a cancel does not wait for it. */
  const lacking = await orAborted(engines.lacking(), signal);
  if (lacking === null) return fail(cancelled);
  if (!lacking.ok) return lacking;
  if (lacking.value.length === 0) return ok(setupWords.installedAlready);
  const over = new AbortController();
  const watched = untilStatus(status, over.signal, Number.POSITIVE_INFINITY, ({ engines: { job } }) => {
    if (job !== null) progress.report('engines', job.detail, job.fraction);
    return null;
  });
  try {
    const installed = await engines.install(lacking.value, signal);
    return installed.ok ? ok(setupWords.installed) : installed;
  } finally {
    over.abort();
    await watched;
  }
}

async function downloadModels(
  job: Job,
  progress: Progress,
  { models, status }: StepDeps,
  signal: AbortSignal,
): Promise<Result<string>> {
  const wanted = new Map(chosenTiersOf(job).map((tier) => [tier.source, tier.downloadBytes]));
  const ready = new Set<string>();
  const over = new AbortController();
  const watched = untilStatus(status, over.signal, Number.POSITIVE_INFINITY, (snapshot) => {
    const { detail, fraction } = downloadWords(wanted, ready, snapshot);
    progress.report('models', detail, fraction);
    return null;
  });
  const outcomes = [...wanted.keys()].map(async (source) => {
    const outcome = await models.ensure(source, signal);
    if (outcome.ok) ready.add(source);
    return outcome;
  });
  try {
    /** One that cannot be had is told at once; the others go on all the same. */
    const failed = await firstFailure(outcomes);
    if (failed !== null) return fail(failed);
    return ok(setupWords.allOnThisMac(wanted.size));
  } finally {
    over.abort();
    await watched;
  }
}

function firstFailure(outcomes: readonly Promise<Result<unknown>>[]): Promise<Problem | null> {
  return new Promise((resolve, reject) => {
    for (const outcome of outcomes) {
      outcome.then((result) => {
        if (!result.ok) resolve(result.error);
      }, reject);
    }
    Promise.all(outcomes).then(() => resolve(null), reject);
  });
}

/** `2 of 3 models, 4.1 of 18.2 GB, 4 minutes left`. */
export function downloadWords(
  wanted: ReadonlyMap<string, number>,
  ready: ReadonlySet<string>,
  { models: { downloads } }: Pick<Snapshot, 'models'>,
): { readonly detail: string; readonly fraction: number | null } {
  let totalBytes = 0;
  let doneBytes = 0;
  let readyCount = 0;
  let bytesPerSecond = 0;
  let waiting: string | null = null;
  for (const [repo, expectedBytes] of wanted) {
    const download = downloads.find((one) => one.repo === repo);
    const bytes = download?.totalBytes ?? expectedBytes;
    const isReady = ready.has(repo) || download?.state === 'done';
    totalBytes += bytes;
    doneBytes += isReady ? bytes : Math.min(bytes, download?.doneBytes ?? 0);
    if (isReady) readyCount += 1;
    if (isReady || download === undefined) continue;
    bytesPerSecond += download.bytesPerSecond ?? 0;
    if (download.state !== 'downloading' && download.state !== 'queued') waiting ??= download.detail;
  }
  const models = statusWords.modelsOf(readyCount, wanted.size);
  const bytes = totalBytes === 0 ? null : formatDiskBytesOf(doneBytes, totalBytes);
  const isMoving = bytesPerSecond > 0;
  const left = isMoving
    ? setupWords.timeLeft(minutesInWords((totalBytes - doneBytes) / bytesPerSecond))
    : waiting;
  return {
    detail: [models, bytes, left].filter((part) => part !== null).join(', '),
    fraction: totalBytes === 0 ? null : doneBytes / totalBytes,
  };
}

function minutesInWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 1) return setupWords.aboutAMinute;
  return minutes < 90 ? setupWords.minutes(minutes) : setupWords.hours(Math.round(minutes / 60));
}

async function writeStack(
  job: Extract<Job, { kind: 'setup' }>,
  { stack, status }: StepDeps,
): Promise<Result<string>> {
  const wanted = await stack.want(
    Object.fromEntries([...job.tiers.map(({ name }) => name), gatewayId].map((name) => [name, 'on'])),
  );
  if (!wanted.ok) return wanted;
  const present = stack.present();
  if (isAsChosen(present, job.tiers)) return ok(setupWords.stackAsChosen);
  const ports = await freePorts(job.tiers.length, {
    gatewayPort: status.snapshot().gateway.port,
    taken: new Set(),
    returning: new Set(present?.tiers.map(({ port }) => port)),
    isPortFree: stack.isPortFree,
  });
  if (ports === null) return fail(noFreePort);
  const replaced = await stack.replace(textOfStack(job, ports));
  if (!replaced.ok) return replaced;
  const { keptAs } = replaced.value;
  return ok(keptAs === null ? setupWords.written : setupWords.writtenBeforeKept(keptAs));
}

/** The one that waited for its model; done twice it changes nothing more. */
export async function changeStack(
  job: Exclude<Job, { kind: 'setup' }>,
  { stack, status }: Pick<StepDeps, 'stack' | 'status'>,
): Promise<Result<string>> {
  const { kind, tier } = job;
  const present = stack.present();
  if (kind === 'swap') {
    const swapped = await stack.edit((text) => swapModel(text, tier.name, newTier(tier, 0)));
    if (!swapped.ok) return swapped;
  } else if (!present?.tiers.some((one) => one.name === tier.name && one.source === tier.source)) {
    const added = await addToStack(tier, { stack, status });
    if (!added.ok) return added;
  }
  await stack.refresh();
  return ok(setupWords.changed);
}

async function addToStack(
  tier: Chosen,
  { stack, status }: Pick<StepDeps, 'stack' | 'status'>,
): Promise<Result<unknown>> {
  const present = stack.present();
  const ports = await freePorts(1, {
    gatewayPort: status.snapshot().gateway.port,
    taken: new Set(present?.tiers.map(({ port }) => port)),
    returning: new Set(),
    isPortFree: stack.isPortFree,
  });
  const [port] = ports ?? [];
  if (port === undefined) return fail(noFreePort);
  /** It runs when the others do. */
  const isOn = present?.tiers.some(({ name }) => stack.wanted(name) === 'on') ?? false;
  const wanted = await stack.want({ [tier.name]: isOn ? 'on' : 'off' });
  if (!wanted.ok) return wanted;
  return await stack.edit((text) => addTier(text, newTier(tier, port)));
}

async function startServices(
  job: Job,
  progress: Progress,
  deps: StepDeps,
  signal: AbortSignal,
): Promise<Result<string>> {
  const { stack, status } = deps;
  const [first] = chosenTiersOf(job);
  if (first === undefined) throw new Error('A job has a tier');
  await orAborted(stack.refresh(), signal);
  if (signal.aborted) return fail(cancelled);
  if (job.kind !== 'setup' && stack.wanted(first.name) === 'off') return ok(setupWords.startsWithStack);
  const started = job.kind === 'setup' ? await stack.startAll() : await stack.start(first.name);
  if (!started.ok) return started;
  /** The stack file was changed by somebody else, or its port is the gateway's by now. */
  if (!status.snapshot().services.some(({ id }) => id === first.name)) return fail(notInStack(first.name));
  const names = chosenTiersOf(job).map(({ name }) => name);
  for (let moves = 0; ; moves += 1) {
    const outcome = await untilStatus(status, signal, deps.startWaitMs ?? startWaitMs, ({ services }) => {
      const { detail, fraction } = startWords(names, services);
      progress.report('start', detail, fraction);
      return outcomeOf(first.name, services);
    });
    if (outcome === null) return fail(signal.aborted ? cancelled : tooSlow(first.name));
    if (!('portBusy' in outcome)) return outcome;
    /** Free when the stack was written, and taken since. */
    if (moves >= maxPortMoves || signal.aborted) return fail(outcome.portBusy.why);
    const moved = await stack.moveToFreePort(outcome.portBusy.service);
    if (!moved.ok) return moved;
  }
}

const isReady = ({ state }: ServiceStatus) => state === 'healthy' || state === 'degraded';

type Outcome = Result<string> | { readonly portBusy: { readonly service: string; readonly why: Problem } };

/** Ready is the first model, with the gateway in front of it; the others may still load. */
function outcomeOf(tier: string, services: readonly ServiceStatus[]): Outcome | null {
  const needed = services.filter(({ id }) => id === tier || id === gatewayId);
  for (const service of needed) {
    if (service.state === 'failed' && service.lastFailure !== null) {
      const { reason, message, hint } = service.lastFailure;
      const why = problem('start-failed', message, hint);
      /** Clients know the gateway's port: whether it moves is for the user to say. */
      return reason === 'port-busy' && service.id === tier
        ? { portBusy: { service: service.id, why } }
        : fail(why);
    }
    if (service.state === 'stopped' && service.desired === 'off') return fail(wasStopped(service.name));
  }
  return needed.length === 2 && needed.every(isReady) ? ok(setupWords.running) : null;
}

function startWords(
  names: readonly string[],
  services: readonly ServiceStatus[],
): { readonly detail: string; readonly fraction: number } {
  const tiers = services.filter(({ id }) => names.includes(id));
  const ready = tiers.filter(isReady).length;
  const next = [...tiers, ...services.filter(({ id }) => id === gatewayId)].find((one) => !isReady(one));
  const count = statusWords.modelsReady(ready, names.length);
  return {
    detail: next === undefined ? count : `${count}; ${next.name}: ${next.detail}`,
    fraction: ready / (names.length + 1),
  };
}

async function firstAnswer(
  job: Job,
  progress: Progress,
  { ask, status, gatewayKey }: StepDeps,
  signal: AbortSignal,
): Promise<Result<string>> {
  const [first] = chosenTiersOf(job);
  if (first === undefined) throw new Error('A job has a tier');
  const tier = first.name;
  const shown = { tier, question: firstQuestion, text: '', tokensPerSecond: null, isComplete: false };
  progress.answer(shown);
  const { baseUrl } = status.snapshot().gateway;
  const question = { baseUrl, apiKey: gatewayKey(), tier, text: firstQuestion };
  const answered = await ask(
    question,
    ({ text, tokens, tokensPerSecond }) => {
      progress.answer({ ...shown, text, tokensPerSecond });
      progress.report('answer', text === '' ? setupWords.thinks(tokens) : setupWords.tokens(tokens), null);
    },
    signal,
  );
  if (!answered.ok) return answered;
  const { text, tokensPerSecond } = answered.value;
  progress.answer({ ...shown, text, tokensPerSecond, isComplete: true });
  return ok(
    tokensPerSecond === null ? setupWords.answered : setupWords.tokensPerSecond(Math.round(tokensPerSecond)),
  );
}

const noFreePort = problem('no-free-port', setupWords.noFreePort, setupWords.quitProgramsOnPorts);
const tooSlow = (name: string) =>
  problem('start-too-slow', setupWords.notReady(name), setupWords.lookAtLogOrSmaller);
const notInStack = (name: string) =>
  problem('start-not-in-stack', setupWords.notInStack(name), setupWords.lookAtNotices);
const wasStopped = (name: string) =>
  problem('start-stopped', setupWords.wasStopped(name), commonWords.tryAgain);
