/** What a service's machine amounts to on screen. Pure. */
import { assertNever } from '../contract/result.ts';
import type { ServiceStatus } from '../contract/status.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import type { Machine } from '../supervisor/transitions.ts';
import { statusWords } from '../words/index.ts';

export interface ServiceFacts {
  readonly spec: ServiceSpec;
  readonly machine: Machine;
  /** Whether a service of the stack is waiting for another one's memory, or the gateway for a model. */
  readonly anyTierReady: boolean;
  /** Whether one that hangs is restarted: `auto-health-check`. */
  readonly restartsHung: boolean;
}

export function serviceStatus({ spec, machine, anyTierReady, restartsHung }: ServiceFacts): ServiceStatus {
  return {
    id: spec.id,
    kind: spec.kind,
    name: spec.name,
    model: spec.model,
    port: spec.port,
    state: machine.state,
    desired: machine.desired,
    detail: detail({ spec, machine, anyTierReady, restartsHung }),
    stateSince: machine.stateSince.wallMs,
    readySince: machine.readySince?.wallMs ?? null,
    restarts: machine.restarts,
    nextStartAt: machine.nextStartAtMs,
    latencyMs: machine.latencyMs === null ? null : Math.round(machine.latencyMs),
    memoryBytes: spec.memoryBytes,
    pid: machine.pid,
    lastFailure: machine.lastFailure,
  };
}

function detail({ spec, machine, anyTierReady, restartsHung }: ServiceFacts): string {
  switch (machine.state) {
    case 'stopped':
      return statusWords.notRunning;
    case 'waiting':
      if (spec.kind === 'gateway' && !anyTierReady) return statusWords.waitsForFirstModel;
      return machine.lastFailure === null ? statusWords.aboutToStart : statusWords.startingAgain;
    case 'starting':
      return spec.kind === 'gateway' ? statusWords.startingGateway : statusWords.loadingModel;
    case 'healthy':
      return statusWords.answersRequests;
    case 'degraded':
      return statusWords.answersSlowly;
    case 'unresponsive':
      return restartsHung ? statusWords.restartedIfThisLasts : statusWords.notRestartedByItself;
    case 'stopping':
      return stoppingDetail(machine);
    case 'backing-off':
      return statusWords.startsAgainAfterPause;
    case 'failed':
      return machine.lastFailure?.message ?? statusWords.stopped;
    default:
      return assertNever(machine.state, 'detail');
  }
}

function stoppingDetail(machine: Machine): string {
  switch (machine.afterStop?.kind) {
    case 'start':
    case 'retry':
      return machine.reason === null
        ? statusWords.restartingNow
        : statusWords.restartingBecause(machine.reason);
    case 'rest':
    case 'fail':
    case undefined:
      return statusWords.finishingRequests;
  }
}
