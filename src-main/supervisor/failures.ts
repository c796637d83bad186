/** Failures in words: what happened, and what one can do about it. Pure. */
import type { Problem } from '../contract/result.ts';
import type { Failure, FailureReason, Remedy } from '../contract/status.ts';
import type { MemoryNow } from '../hardware/detect.ts';
import { classifyExit, type ExitCause } from '../logs/causes.ts';
import type { ContextChoice, ServiceSpec } from '../stack/spec.ts';
import { formatGigabytes } from '../status/format.ts';
import { commonWords, supervisorWords } from '../words/index.ts';
import type { SpawnRefusal } from './child.ts';
import type { PortHolder } from './ports.ts';

export const lastLineCount = 20;

const remedies = {
  downloadModel: { kind: 'download-model', label: supervisorWords.downloadTheModel },
  startAgain: { kind: 'start-again', label: supervisorWords.startAgain },
  startAnyway: { kind: 'start-anyway', label: supervisorWords.startAnyway },
  useFoundEngine: { kind: 'use-found-engine', label: supervisorWords.useTheOneFound },
  useFreePort: { kind: 'use-free-port', label: supervisorWords.useFreePort },
  openConfig: { kind: 'open-config', label: supervisorWords.openSettingsFile },
  openStack: { kind: 'open-stack', label: supervisorWords.openStackFile },
  revealModels: { kind: 'reveal-models', label: supervisorWords.showModelsFolder },
  forceStop: { kind: 'force-stop', label: supervisorWords.forceStop },
} as const satisfies Record<string, Remedy>;

interface FailureInput {
  readonly reason: FailureReason;
  readonly message: string;
  readonly hint: string;
  readonly remedies: readonly Remedy[];
  readonly exit?: Failure['exit'];
  readonly decisiveLine?: string | null;
  readonly lastLines?: readonly string[];
}

function failure(atMs: number, input: FailureInput): Failure {
  return {
    reason: input.reason,
    at: atMs,
    message: input.message,
    hint: input.hint,
    exit: input.exit ?? null,
    ...(input.decisiveLine ? { decisiveLine: input.decisiveLine } : {}),
    lastLines: [...(input.lastLines ?? [])],
    remedies: [...input.remedies],
  };
}

/** `installs`: what an installation by the app would bring, where one would help; `isFound`: or a choice. */
export function executableMissing(
  atMs: number,
  message: string,
  hint: string,
  { installs, isFound }: { readonly installs: string | null; readonly isFound: boolean } = {
    installs: null,
    isFound: false,
  },
): Failure {
  const install =
    installs === null ? [] : [{ kind: 'install-engine' as const, label: supervisorWords.install(installs) }];
  const use = isFound ? [remedies.useFoundEngine] : [];
  return failure(atMs, {
    reason: 'executable-missing',
    message,
    hint,
    remedies: [...install, ...use, remedies.openConfig, remedies.startAgain],
  });
}

/** A folder that the stack file names itself is nothing that could be downloaded. */
const downloadOf = (source: string) => (source.startsWith('/') ? [] : [remedies.downloadModel]);

export function modelMissing(atMs: number, source: string, folder: string): Failure {
  return failure(atMs, {
    reason: 'model-missing',
    message: supervisorWords.modelMissing(source),
    hint: source.startsWith('/') ? supervisorWords.putFilesBack : supervisorWords.downloadOrPutInto(folder),
    remedies: [...downloadOf(source), remedies.revealModels, remedies.startAgain],
  });
}

export function modelIncomplete(atMs: number, source: string, missing: string): Failure {
  return failure(atMs, {
    reason: 'model-incomplete',
    message: supervisorWords.modelIncomplete(source, missing),
    hint: source.startsWith('/') ? supervisorWords.putAllFilesThere : supervisorWords.downloadAgain,
    remedies: [...downloadOf(source), remedies.revealModels, remedies.startAgain],
  });
}

export function modelRunsCode(atMs: number, source: string): Failure {
  return failure(atMs, {
    reason: 'model-runs-code',
    message: supervisorWords.modelRunsCode(source),
    hint: supervisorWords.chooseAnotherModel,
    remedies: [remedies.openStack, remedies.revealModels, remedies.startAgain],
  });
}

/** What cannot be read here may be read by the engine, so it is not tried. */
export function modelUnchecked(atMs: number, source: string): Failure {
  return failure(atMs, {
    reason: 'model-runs-code',
    message: supervisorWords.modelUnchecked(source),
    hint: supervisorWords.downloadAgainOrChoose,
    remedies: [remedies.openStack, remedies.revealModels, remedies.startAgain],
  });
}

export function namedModelUnchecked(atMs: number, option: string, value: string): Failure {
  return failure(atMs, {
    reason: 'model-runs-code',
    message: supervisorWords.namedModelUnchecked(option, value),
    hint: supervisorWords.nameItByFullPath,
    remedies: [remedies.openStack, remedies.revealModels, remedies.startAgain],
  });
}

export function portBusy(atMs: number, port: number, holder: PortHolder | null): Failure {
  const who =
    holder === null
      ? supervisorWords.anotherProgram
      : supervisorWords.programAndProcess(holder.name, holder.pid);
  return failure(atMs, {
    reason: 'port-busy',
    message: supervisorWords.portBusy(port, who),
    hint: commonWords.quitThatProgram,
    remedies: [remedies.useFreePort, remedies.startAgain],
  });
}

export function gatewayPortMoved(atMs: number, port: number): Failure {
  return failure(atMs, {
    reason: 'gateway-port-moved',
    message: supervisorWords.gatewayPortMoved(port),
    hint: commonWords.quitThatProgram,
    remedies: [remedies.useFreePort, remedies.startAgain],
  });
}

export function spawnFailed(atMs: number, { error, hint }: SpawnRefusal): Failure {
  return failure(atMs, {
    reason: 'spawn-failed',
    message: supervisorWords.spawnFailed(error),
    hint,
    remedies: [remedies.startAgain],
  });
}

/** `why`: of the file that says what was started. */
export function notRecorded(
  atMs: number,
  spec: ServiceSpec,
  pid: number,
  file: string,
  why: Problem,
): Failure {
  return failure(atMs, {
    reason: 'not-recorded',
    message: supervisorWords.notRecorded(spec.name, pid, file, why.message),
    hint: why.hint ?? supervisorWords.startItAgain,
    remedies: [...(why.code === 'disk-full' ? [remedies.revealModels] : []), remedies.startAgain],
  });
}

export interface MemoryNumbers {
  readonly neededBytes: number;
  readonly limitBytes: number;
  /** What already runs, largest first. */
  readonly others: readonly { readonly name: string; readonly bytes: number }[];
  /** What is free at this moment, when that is why; `null`: the models together would be too large. */
  readonly now: MemoryNow | null;
  /** The longest context with which it would fit. */
  readonly smallerContext: ContextChoice | null;
  /** The smallest of the others that would make room enough. */
  readonly stopFirst: { readonly id: string; readonly name: string; readonly bytes: number } | null;
}

export function notEnoughMemory(atMs: number, name: string, numbers: MemoryNumbers): Failure {
  const { smallerContext, stopFirst } = numbers;
  return failure(atMs, {
    reason: 'not-enough-memory',
    message: whatIsShort(name, numbers),
    hint: whatWouldHelp(numbers),
    remedies: [
      ...(smallerContext === null
        ? []
        : [
            {
              kind: 'smaller-context' as const,
              label: supervisorWords.useContext(contextWords(smallerContext.tokens)),
              contextTokens: smallerContext.tokens,
            },
          ]),
      ...(stopFirst === null
        ? []
        : [
            {
              kind: 'stop-other' as const,
              label: supervisorWords.stopFirst(stopFirst.name),
              service: stopFirst.id,
            },
          ]),
      remedies.startAgain,
      remedies.startAnyway,
    ],
  });
}

function whatIsShort(name: string, { neededBytes, limitBytes, others, now }: MemoryNumbers): string {
  const needed = gb(neededBytes);
  if (now !== null) {
    return now.pressure === 'critical'
      ? supervisorWords.memoryCritical(name, needed)
      : supervisorWords.memoryNotFree(name, needed, gb(now.availableBytes));
  }
  const used = others.reduce((sum, other) => sum + other.bytes, 0);
  return others.length === 0
    ? supervisorWords.memoryBeyondLimit(name, needed, gb(limitBytes))
    : supervisorWords.memoryTaken(name, needed, gb(used), gb(limitBytes));
}

function whatWouldHelp({ now, smallerContext, stopFirst }: MemoryNumbers): string {
  const ways = [
    ...(smallerContext === null
      ? []
      : [supervisorWords.useContextOf(contextWords(smallerContext.tokens), gb(smallerContext.memoryBytes))]),
    ...(stopFirst === null ? [] : [supervisorWords.stopThatFirst(stopFirst.name, gb(stopFirst.bytes))]),
    ...(now === null ? [] : [supervisorWords.quitOtherPrograms]),
  ];
  if (ways.length === 0) ways.push(supervisorWords.chooseSmallerModel);
  const first = ways.join(', ');
  return supervisorWords.orStartAnyway(`${first.charAt(0).toUpperCase()}${first.slice(1)}`);
}

const contextWords = (tokens: number) =>
  tokens % 1024 === 0 ? supervisorWords.kiloTokens(tokens / 1024) : supervisorWords.tokens(tokens);

/** As the plan counts, and macOS: an 8 GB Mac has 8 GB here too. */
export const gb = formatGigabytes;

export interface ExitFacts {
  readonly code: number | null;
  readonly signal: string | null;
  readonly wasReady: boolean;
  readonly lastLines: readonly string[];
}

export interface ExitVerdict {
  readonly failure: Failure;
  /** Whether the same start may go better next time. */
  readonly retry: boolean;
}

/** What an exit that nobody asked for means. */
export function describeExit(atMs: number, spec: ServiceSpec, facts: ExitFacts): ExitVerdict {
  const { code, signal, lastLines, wasReady } = facts;
  const exit = { code, signal };
  const how = signal !== null ? supervisorWords.endedBy(signal) : supervisorWords.exitCode(code);
  const found = classifyExit(code, signal, lastLines);
  const decisiveLine = found.line;
  if (found.cause === 'other' || (wasReady && onlyAtStart.has(found.cause))) {
    return {
      retry: true,
      failure: failure(atMs, {
        reason: wasReady ? 'exited' : 'exited-early',
        message: wasReady
          ? supervisorWords.stoppedUnexpectedly(spec.name, how)
          : supervisorWords.stoppedWhileStarting(spec.name, how),
        hint: commonWords.lastLinesTell,
        remedies: [remedies.startAgain],
        exit,
        decisiveLine,
        lastLines,
      }),
    };
  }
  const { reason, helps } = exitReasons[found.cause];
  const plainReason = wasReady ? 'exited' : 'exited-early';
  const busy = found.cause === 'port-in-use' ? portBusy(atMs, spec.port, null) : null;
  return {
    retry: found.retry,
    failure: failure(atMs, {
      reason: reason ?? plainReason,
      message: busy?.message ?? supervisorWords.endedBecause(spec.name, found.sentence),
      hint: busy?.hint ?? found.hint,
      remedies: busy?.remedies ?? [...helps, remedies.startAgain],
      exit,
      decisiveLine,
      lastLines,
    }),
  };
}

/** A server that was ready has long read its options, found its model and opened its port. */
const onlyAtStart: ReadonlySet<ExitCause> = new Set<ExitCause>([
  'port-in-use',
  'model-gated',
  'model-missing',
  'download-failed',
  'wrong-architecture',
  'bad-parser',
  'bad-option',
  'bad-gateway-config',
  'python-broken',
]);

const exitReasons: Readonly<
  Record<
    Exclude<ExitCause, 'other'>,
    { readonly reason: FailureReason | null; readonly helps: readonly Remedy[] }
  >
> = {
  'gpu-memory': { reason: 'gpu-memory', helps: [] },
  // A guess: whoever sends SIGKILL says no more.
  'system-memory': { reason: null, helps: [] },
  'port-in-use': { reason: 'port-busy', helps: [] },
  'model-gated': { reason: 'model-gated', helps: [remedies.openStack] },
  'model-missing': { reason: 'model-missing', helps: [remedies.revealModels, remedies.openStack] },
  'download-failed': { reason: 'download-failed', helps: [] },
  'disk-full': { reason: 'disk-full', helps: [remedies.revealModels] },
  'permission-denied': { reason: 'permission-denied', helps: [remedies.revealModels] },
  'wrong-architecture': { reason: 'wrong-architecture', helps: [remedies.openConfig] },
  'bad-parser': { reason: 'bad-parser', helps: [remedies.openStack] },
  'bad-option': { reason: 'bad-option', helps: [remedies.openStack] },
  'bad-gateway-config': { reason: 'bad-gateway-config', helps: [remedies.openStack] },
  'python-broken': { reason: 'engine-broken', helps: [remedies.openConfig] },
};

export function startTimedOut(atMs: number, spec: ServiceSpec, lastLines: readonly string[]): Failure {
  return failure(atMs, {
    reason: 'start-timed-out',
    message: supervisorWords.notReadyWithin(spec.name, Math.round(spec.startLimitMs / 1000)),
    hint: supervisorWords.lastLinesTellHowFar,
    remedies: [remedies.startAgain],
    lastLines,
  });
}

export function cannotGenerate(
  atMs: number,
  spec: ServiceSpec,
  detail: string,
  lastLines: readonly string[],
): Failure {
  return failure(atMs, {
    reason: 'cannot-generate',
    message: supervisorWords.cannotWrite(spec.name, detail),
    hint: commonWords.lastLinesTell,
    remedies: [remedies.startAgain],
    lastLines,
  });
}

export function unresponsive(
  atMs: number,
  spec: ServiceSpec,
  detail: string,
  lastLines: readonly string[],
): Failure {
  return failure(atMs, {
    reason: 'unresponsive',
    message: supervisorWords.stoppedAnswering(spec.name, detail),
    hint: supervisorWords.restartedWhenThisLasts,
    remedies: [remedies.startAgain],
    lastLines,
  });
}

export function stopUnconfirmed(atMs: number, spec: ServiceSpec): Failure {
  return failure(atMs, {
    reason: 'stop-unconfirmed',
    message: supervisorWords.stillThere(spec.name, spec.port),
    hint: supervisorWords.forceStopTriesAgain,
    remedies: [remedies.forceStop],
  });
}
