/** What a service's machine amounts to on screen. Pure. */
import { assertNever } from '../contract/result.ts';
import type { ServiceStatus } from '../contract/status.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import type { Machine } from '../supervisor/transitions.ts';

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
      return 'Not running';
    case 'waiting':
      if (spec.kind === 'gateway' && !anyTierReady) return 'Waits for the first model';
      return machine.lastFailure === null ? 'About to start' : 'Starting again';
    case 'starting':
      return spec.kind === 'gateway' ? 'Starting the gateway' : 'Loading the model';
    case 'healthy':
      return 'Answers requests';
    case 'degraded':
      return 'Answers slowly';
    case 'unresponsive':
      return restartsHung ? 'It will be restarted if this lasts' : 'It is not restarted by itself, as set';
    case 'stopping':
      return stoppingDetail(machine);
    case 'backing-off':
      return 'Stopped unexpectedly; starts again after a pause';
    case 'failed':
      return machine.lastFailure?.message ?? 'Stopped';
    default:
      return assertNever(machine.state, 'detail');
  }
}

function stoppingDetail(machine: Machine): string {
  switch (machine.afterStop?.kind) {
    case 'start':
    case 'retry':
      return machine.reason === null ? 'Restarting' : `Restarting: ${machine.reason}`;
    case 'rest':
    case 'fail':
    case undefined:
      return 'Finishing its requests';
  }
}
