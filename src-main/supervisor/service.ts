/** Drives one service: feeds its state machine with what happens to its processes, and performs the effects. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep, setImmediate as turnOfLoop } from 'node:timers/promises';
import { assertNever, fail, problem } from '../contract/result.ts';
import type { Failure } from '../contract/status.ts';
import type { ServiceSink } from '../logs/types.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import { supervisorWords } from '../words/index.ts';
import type { GroupLeader, RunTool, SpawnOptions, spawnGroup } from './child.ts';
import {
  cannotGenerate,
  describeExit,
  gatewayPortMoved,
  lastLineCount,
  notRecorded,
  portBusy,
  spawnFailed,
  startTimedOut,
  stopUnconfirmed,
  unresponsive,
} from './failures.ts';
import { confirmGone, endLaunch, type Launch, type Preflight, startOptions } from './launch.ts';
import type { Ledger } from './ledger.ts';
import { readinessDelayMs, type SupervisionPolicy } from './policy.ts';
import { groupOwnsPort } from './ports.ts';
import { awakeMs, type Power, straddlesSleep } from './power.ts';
import { type ProbeResult, probeGeneration, probeHealth } from './probes.ts';
import { readProcess } from './process-table.ts';
import {
  type Effect,
  isCalm,
  type Machine,
  type Moment,
  newMachine,
  type ServiceEvent,
  transition,
} from './transitions.ts';

/** What a service needs of its log. */
export type LaunchLog = Pick<ServiceSink, 'attach' | 'note' | 'lastLines' | 'drained'>;

export interface ServiceDeps {
  readonly policy: SupervisionPolicy;
  readonly run: RunTool;
  readonly spawn: typeof spawnGroup;
  readonly preflight: Preflight;
  readonly ledger: Ledger;
  readonly log: LaunchLog;
  readonly power: Power;
  readonly now: () => Moment;
  readonly requestTurn: (id: string) => void;
  readonly withdrawTurn: (id: string) => void;
  readonly onChange: (id: string) => void;
  readonly onFailure: (id: string, failure: Failure) => void;
  readonly onRecovery: (id: string) => void;
}

export interface Service {
  readonly id: string;
  spec(): ServiceSpec;
  /** Holds from the next launch on. */
  setSpec(spec: ServiceSpec): void;
  machine(): Machine;
  send(event: ServiceEvent): void;
  grantTurn(): void;
  /** Cuts the grace of a running stop short: KILL now. */
  force(): void;
  /** What its process was started with, or would be. */
  command(): StartCommand;
  /** That processes of it may listen on. */
  heldPorts(): readonly number[];
  /** Whether no process of it is left and none is about to be. */
  isAtRest(): boolean;
  /** At rest, or its end could not be confirmed: nothing more comes of it without a new wish. */
  hasSettled(): boolean;
}

export interface StartCommand {
  /** A process of it was started with it; otherwise the next one would be. */
  readonly isStarted: boolean;
  readonly spec: ServiceSpec;
  /** `null`: its program is missing. */
  readonly options: SpawnOptions | null;
}

/** After the exit event the pipes may hold the last words, read late on a busy machine; a grandchild may hold the pipes. */
const lastWordsMs = 250;
/** After a crash nobody waits for the proof that all is gone, and the next start needs the processor. */
const crashPatienceMs = 500;
/** The record is for a crash of the app that outlives the dead-man's switch; until then the start has the processor. */
const recordDelayMs = 300;
/** Of the process table, before a process that cannot be found in it is ended. */
const maxReadings = 3;
const readAgainMs = 1_000;
const startTimeUnknown = problem(
  'start-time-unknown',
  supervisorWords.startTimeUnknown,
  supervisorWords.closePrograms,
);
/** Between the end of a dying server's connections and its exit event: the system takes back its memory first. */
const dyingMs = 2_000;

type AnsweredProbe = Extract<ProbeResult, { kind: 'answered' }>;
type LostProbe = Extract<ProbeResult, { kind: 'lost' }>;

export function createService(initial: ServiceSpec, desired: 'on' | 'off', deps: ServiceDeps): Service {
  const { policy, log, now } = deps;
  const id = initial.id;
  const launches = new Map<string, Launch>();
  let spec = initial;
  let machine = newMachine(desired, now());
  let startTimer: NodeJS.Timeout | undefined;
  const queue: ServiceEvent[] = [];
  let dispatching = false;

  /** Effects may send events in turn; they are taken one after another. */
  function send(event: ServiceEvent): void {
    queue.push(event);
    if (dispatching) return;
    dispatching = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const step = transition(machine, next, now(), policy);
        const changed = step.machine !== machine;
        machine = step.machine;
        for (const effect of step.effects) perform(effect);
        if (changed) deps.onChange(id);
      }
    } finally {
      dispatching = false;
    }
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'request-turn':
        deps.requestTurn(id);
        break;
      case 'withdraw-turn':
        deps.withdrawTurn(id);
        break;
      case 'launch':
        background(start(effect.launchId));
        break;
      case 'abandon-launch':
        launches.get(effect.launchId)?.over.abort();
        break;
      case 'watch-health':
        withLaunch(effect.launchId, (launch) => background(watchHealth(launch)));
        break;
      case 'terminate':
        withLaunch(effect.launchId, (launch, leader) => background(stop(launch, leader)));
        break;
      case 'sweep':
        withLaunch(effect.launchId, (launch, leader) => background(settle(launch, leader)));
        break;
      case 'schedule-start':
        startTimer = setTimeout(() => send({ type: 'back-off-elapsed' }), effect.delayMs);
        break;
      case 'cancel-start':
        clearTimeout(startTimer);
        break;
      case 'announce-failure':
        deps.onFailure(id, effect.failure);
        break;
      case 'announce-recovery':
        deps.onRecovery(id);
        break;
      default:
        assertNever(effect, 'perform');
    }
  }

  function withLaunch(launchId: string, act: (launch: Launch, leader: GroupLeader) => void): void {
    const launch = launches.get(launchId);
    if (launch?.leader) act(launch, launch.leader);
  }

  async function start(launchId: string): Promise<void> {
    clearTimeout(startTimer);
    const launch: Launch = {
      id: launchId,
      spec,
      over: new AbortController(),
      force: new AbortController(),
      leader: null,
    };
    launches.set(launchId, launch);
    // Only a launch with a process can hold the port: two that have none would wait for each other for ever.
    const previousMayHoldPort = () =>
      [...launches.values()].some((other) => other !== launch && other.leader !== null);
    const refusal = await deps.preflight(launch.spec, previousMayHoldPort);
    if (refusal !== null || launch.over.signal.aborted) {
      launches.delete(launchId);
      if (refusal !== null) send({ type: 'preflight-failed', launchId, failure: refusal });
      deps.onChange(id);
      return;
    }
    await spawnInto(launch);
  }

  async function spawnInto(launch: Launch): Promise<void> {
    const options = startOptions(launch.spec, launch.id);
    if (options === null) throw new Error('preflight lets no missing executable pass');
    const leader = await deps.spawn(options);
    if ('error' in leader) {
      launches.delete(launch.id);
      const failure = spawnFailed(now().wallMs, leader);
      return send({ type: 'preflight-failed', launchId: launch.id, failure });
    }
    launch.leader = leader;
    log.attach(leader.stdout, leader.stderr);
    log.note(`started, process ${leader.pid}, port ${launch.spec.port}`);
    background(leader.exited.then((exit) => onExit(launch, leader, exit)));
    if (launch.over.signal.aborted) return await settleUnwanted(launch, leader);
    send({ type: 'spawned', launchId: launch.id, pid: leader.pid });
    background(record(launch, leader, options.executable));
    await awaitReadiness(launch, leader);
  }

  /** Given up between the decision to start and the start itself. */
  async function settleUnwanted(launch: Launch, leader: GroupLeader): Promise<void> {
    await endLaunch(launch, leader, policy, deps.run);
    launches.delete(launch.id);
    deps.onChange(id);
  }

  /** What cannot be recorded is ended: after a crash of the app nothing could prove that it is ours. */
  async function record(launch: Launch, leader: GroupLeader, executable: string): Promise<void> {
    const { signal } = launch.over;
    await pause(recordDelayMs, signal);
    const { pid } = leader;
    const startedAtS = await startTimeOf(pid, signal);
    if (signal.aborted) return;
    const { port } = launch.spec;
    const recorded =
      startedAtS === null
        ? fail(startTimeUnknown)
        : await deps.ledger.add({ service: id, pid, startedAtS, executable, launchId: launch.id, port });
    if (recorded.ok) return;
    log.note(`could not be recorded and is ended, process ${pid}: ${recorded.error.message}`);
    giveUp(launch, notRecorded(now().wallMs, launch.spec, pid, deps.ledger.file, recorded.error), false);
  }

  /** A process that has gone is heard of by its exit. `null`: the system does not tell. */
  async function startTimeOf(pid: number, signal: AbortSignal): Promise<number | null> {
    for (let reading = 1; !signal.aborted && reading <= maxReadings; reading += 1) {
      const row = await readProcess(pid, deps.run);
      if (row !== null) return row.startedAtS;
      await pause(readAgainMs, signal);
    }
    return null;
  }

  async function onExit(
    launch: Launch,
    leader: GroupLeader,
    exit: { code: number | null; signal: NodeJS.Signals | null },
  ): Promise<void> {
    launch.over.abort();
    leader.sweepGroup();
    log.note(exit.signal === null ? `exited with code ${exit.code}` : `ended by ${exit.signal}`);
    if (machine.launchId !== launch.id || machine.state === 'stopping') return;
    await log.drained(lastWordsMs);
    const wasReady = machine.readySince !== null;
    const facts = { ...exit, wasReady, lastLines: log.lastLines(lastLineCount) };
    const { failure, retry } = describeExit(now().wallMs, launch.spec, facts);
    send({ type: 'exited', launchId: launch.id, failure, retry });
  }

  async function awaitReadiness(launch: Launch, leader: GroupLeader): Promise<void> {
    const { health, port } = launch.spec;
    const signal = launch.over.signal;
    const opening = listenForOpening(leader);
    const answer = await untilAnswered(launch, opening.announced);
    opening.stop();
    if (signal.aborted) return;
    if (answer === null) return await giveUpStarting(launch, leader);
    // Then a stranger has answered.
    if (await hasMoved(launch, leader)) return giveUp(launch, gatewayPortMoved(now().wallMs, port), false);
    const token = await askForToken(launch);
    if (signal.aborted) return;
    if (token.kind === 'lost') return await giveUpGenerating(launch, token);
    send({ type: 'ready', launchId: launch.id, latencyMs: answer.latencyMs });
    // Starting a tool takes this thread several milliseconds: the news goes out first.
    await turnOfLoop();
    if (health.kind !== 'litellm') await checkOwner(launch, leader);
  }

  /** `null`: not within the limit, or the launch is over. */
  async function untilAnswered(launch: Launch, announced: AbortSignal): Promise<AnsweredProbe | null> {
    const { health, port, startLimitMs } = launch.spec;
    const signal = launch.over.signal;
    const probe = { port, timeoutMs: policy.probeTimeoutMs, signal };
    const overOrAnnounced = AbortSignal.any([signal, announced]);
    // The Mac may sleep in the middle of a start: only the time awake counts against the limit.
    let waitedMs = 0;
    let wasAnnounced = false;
    for (;;) {
      const before = now();
      const delayMs = readinessDelayMs(waitedMs, policy);
      await pause(delayMs, wasAnnounced ? signal : overOrAnnounced);
      wasAnnounced = announced.aborted;
      const answer = await probeHealth(health, probe);
      if (answer.kind === 'answered') return answer;
      waitedMs += awakeMs(before, now(), delayMs + policy.probeTimeoutMs);
      if (signal.aborted || waitedMs >= startLimitMs) return null;
    }
  }

  /** LiteLLM that finds its port taken moves to another in silence, and the port is a stranger's. */
  async function hasMoved(launch: Launch, leader: GroupLeader): Promise<boolean> {
    const { health, port } = launch.spec;
    return health.kind === 'litellm' && (await groupOwnsPort(leader.pid, port, deps.run)) === false;
  }

  async function giveUpStarting(launch: Launch, leader: GroupLeader): Promise<void> {
    const moved = await hasMoved(launch, leader);
    const [atMs, launched, lines] = described(launch);
    const failure = moved ? gatewayPortMoved(atMs, launched.port) : startTimedOut(atMs, launched, lines);
    giveUp(launch, failure, false);
  }

  /** Between our look at the port and the server's bind somebody else may have taken it and answered in its place. */
  async function checkOwner(launch: Launch, leader: GroupLeader): Promise<void> {
    const { port } = launch.spec;
    if ((await groupOwnsPort(leader.pid, port, deps.run)) !== false || launch.over.signal.aborted) return;
    giveUp(launch, portBusy(now().wallMs, port, null), true);
  }

  const described = (launch: Launch) => [now().wallMs, launch.spec, log.lastLines(lastLineCount)] as const;

  function giveUp(launch: Launch, failure: Failure, retry: boolean): void {
    send({ type: 'unusable', launchId: launch.id, failure, retry });
  }

  /** A server that dies of the question drops the connection first; its exit then tells more, and is reported. */
  async function giveUpGenerating(launch: Launch, { detail, dropped }: LostProbe): Promise<void> {
    if (dropped) await pause(dyingMs, launch.over.signal);
    if (launch.over.signal.aborted) return;
    const [atMs, launched, lines] = described(launch);
    giveUp(launch, cannotGenerate(atMs, launched, detail, lines), true);
  }

  /** One generated token proves generation; a silence in which the Mac slept proves nothing and is asked again. */
  async function askForToken(launch: Launch): Promise<ProbeResult> {
    const { health, port } = launch.spec;
    const signal = launch.over.signal;
    const timeoutMs = policy.generationTimeoutMs;
    for (;;) {
      const straddled = watchForSleep(timeoutMs);
      const token = await probeGeneration(health, { port, timeoutMs, signal });
      if (token.kind === 'answered' || signal.aborted || !straddled()) return token;
      await deps.power.awake();
      await pause(policy.wakeGraceMs, signal);
    }
  }

  /** Whether, since this call, the Mac slept or fell asleep; what should take `expectedMs` at most is over then. */
  function watchForSleep(expectedMs: number): () => boolean {
    const wakeCount = deps.power.wakeCount;
    const before = now();
    return () =>
      deps.power.suspended || deps.power.wakeCount !== wakeCount || straddlesSleep(before, now(), expectedMs);
  }

  async function watchHealth(launch: Launch): Promise<void> {
    const { health, port } = launch.spec;
    const signal = launch.over.signal;
    const probe = { port, timeoutMs: policy.probeTimeoutMs, signal };
    while (!signal.aborted) {
      const beforePause = now();
      const pauseMs = isCalm(machine) ? policy.probeEveryMs : policy.probeAgainMs;
      await pause(pauseMs, signal);
      const slept = straddlesSleep(beforePause, now(), pauseMs);
      if (deps.power.suspended || slept) {
        await deps.power.awake();
        send({ type: 'woke', launchId: launch.id });
        await pause(policy.wakeGraceMs, signal);
      }
      const straddled = watchForSleep(policy.probeTimeoutMs);
      const answer = await probeHealth(health, probe);
      if (signal.aborted) return;
      if (straddled()) {
        send({ type: 'woke', launchId: launch.id });
        continue;
      }
      if (answer.kind === 'lost') {
        const [atMs, launched, lines] = described(launch);
        const failure = unresponsive(atMs, launched, answer.detail, lines);
        send({ type: 'probe-lost', launchId: launch.id, failure });
        continue;
      }
      const inDoubt = machine.state === 'unresponsive' || slept;
      if (inDoubt) {
        const token = await askForToken(launch);
        if (signal.aborted) return;
        if (token.kind === 'lost') return await giveUpGenerating(launch, token);
      }
      send({ type: 'probed', launchId: launch.id, latencyMs: answer.latencyMs });
    }
  }

  async function stop(launch: Launch, leader: GroupLeader): Promise<void> {
    const confirmed = await endLaunch(launch, leader, policy, deps.run);
    finish(launch, confirmed);
  }

  async function settle(launch: Launch, leader: GroupLeader): Promise<void> {
    finish(launch, await confirmGone(launch, leader, policy, deps.run, crashPatienceMs));
  }

  /** The record stays while the death is not confirmed: the next run must be able to prove what is left. */
  function finish(launch: Launch, confirmed: boolean): void {
    if (confirmed) {
      launches.delete(launch.id);
      deps.ledger.remove(launch.id);
      send({ type: 'gone', launchId: launch.id });
    } else {
      const failure = stopUnconfirmed(now().wallMs, launch.spec);
      if (machine.launchId !== launch.id) launches.delete(launch.id);
      send({ type: 'stop-unconfirmed', launchId: launch.id, failure });
    }
    deps.onChange(id);
  }

  const isAtRest = () => launches.size === 0 && (machine.state === 'stopped' || machine.state === 'failed');

  return {
    id,
    spec: () => spec,
    setSpec(next) {
      spec = next;
      deps.onChange(id);
    },
    machine: () => machine,
    send,
    grantTurn: () => send({ type: 'turn-granted', launchId: randomUUID() }),
    force() {
      for (const launch of launches.values()) launch.force.abort();
    },
    command() {
      const launch = machine.launchId === null ? undefined : launches.get(machine.launchId);
      const isStarted = launch !== undefined && launch.leader !== null;
      const used = isStarted ? launch.spec : spec;
      return { isStarted, spec: used, options: startOptions(used, isStarted ? launch.id : '') };
    },
    heldPorts: () =>
      [...launches.values()].filter((launch) => launch.leader !== null).map((launch) => launch.spec.port),
    isAtRest,
    // A failure that keeps its launch is a stop that was not confirmed.
    hasSettled: () => isAtRest() || (machine.state === 'failed' && machine.launchId !== null),
  };
}

/** Both engines serve by uvicorn, which says so once its port is open (uvicorn/server.py, `_log_started_message`). */
const openingWords = 'Uvicorn running on';

/** `announced` is aborted once the server says that its port is open. It may never say so: probes come all the same. */
function listenForOpening({ stdout, stderr }: GroupLeader): {
  readonly announced: AbortSignal;
  readonly stop: () => void;
} {
  const heard = new AbortController();
  const listen = (chunk: Buffer) => {
    if (chunk.includes(openingWords)) heard.abort();
  };
  const streams = [stdout, stderr];
  for (const stream of streams) stream.on('data', listen);
  return {
    announced: heard.signal,
    stop() {
      for (const stream of streams) stream.off('data', listen);
    },
  };
}

/** Ends early, without a word, when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** For work that reports by events: a rejection is a bug and must be heard, not swallowed. */
function background(work: Promise<void>): void {
  work.catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
}
