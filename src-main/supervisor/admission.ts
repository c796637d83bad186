/** Which of the waiting services may start now: order, memory and the gateway's dependence on a model. Pure. */
import type { ServiceState } from '../contract/status.ts';
import type { MemoryNow } from '../hardware/detect.ts';
import type { ContextChoice, ServiceSpec } from '../stack/spec.ts';
import type { MemoryNumbers } from './failures.ts';
import type { Machine } from './transitions.ts';

export interface Candidate {
  readonly id: string;
  readonly kind: 'tier' | 'gateway';
  readonly name: string;
  readonly port?: number;
  /** That its processes listen on; other than `port` while new settings wait for its end. */
  readonly heldPorts?: readonly number[];
  readonly state: ServiceState;
  readonly memoryBytes: number;
  /** Processes of it may live, so its memory is taken. */
  readonly holdsMemory: boolean;
  readonly ignoreMemory: boolean;
  /** It ran a moment ago and takes back what it had: what is free at this moment does not matter. */
  readonly isRestart?: boolean;
  readonly smallerContexts?: readonly ContextChoice[];
}

export const holdsMemory = ({ launchId }: Pick<Machine, 'launchId'>): boolean => launchId !== null;

/** Those that need less, the longest first; none where it is not known what a context costs. */
export const smallerContexts = ({
  contexts = [],
  contextTokens = 0,
  memoryBytes,
}: Pick<ServiceSpec, 'contexts' | 'contextTokens' | 'memoryBytes'>): ContextChoice[] =>
  contexts.filter((each) => each.tokens < contextTokens && each.memoryBytes < memoryBytes).toReversed();

export const candidateOf = (spec: ServiceSpec, machine: Machine): Candidate => ({
  id: spec.id,
  kind: spec.kind,
  name: spec.name,
  port: spec.port,
  memoryBytes: spec.memoryBytes,
  smallerContexts: smallerContexts(spec),
  state: machine.state,
  ignoreMemory: machine.ignoreMemory,
  isRestart: machine.restarts > 0,
  holdsMemory: holdsMemory(machine),
});

export type Decision =
  | { readonly kind: 'grant'; readonly id: string }
  | { readonly kind: 'refuse'; readonly id: string; readonly numbers: MemoryNumbers };

export interface AdmissionMemory {
  /** What models may use together. */
  readonly limitBytes: number;
  /** What the whole Mac has left; `null`: not known, and then no reason to refuse. */
  readonly now: MemoryNow | null;
}

/** Whether what is free at this moment decides over it. */
export const isWeighedNow = (service: Candidate): boolean =>
  service.kind === 'tier' &&
  service.state === 'waiting' &&
  !service.ignoreMemory &&
  service.isRestart !== true;

/**
 * Decisions for the services in state `waiting`, largest tier first, ties by name. One that would fit once a service
 * that is being stopped has gone, or one that loads has taken its part, is left waiting; one that cannot fit is
 * refused with the numbers.
 */
export function admit(services: readonly Candidate[], memory: AdmissionMemory): readonly Decision[] {
  const decisions: Decision[] = [];
  const holders = services.filter((service) => service.kind === 'tier' && service.holdsMemory);
  const waitingTiers = services
    .filter((service) => service.kind === 'tier' && service.state === 'waiting')
    .toSorted((a, b) => b.memoryBytes - a.memoryBytes || (a.id < b.id ? -1 : 1));
  for (const tier of waitingTiers) {
    const others = holders.filter((holder) => holder.id !== tier.id);
    switch (weigh(tier, others, memory)) {
      case 'fits':
        decisions.push({ kind: 'grant', id: tier.id });
        holders.push({ ...tier, state: 'starting' });
        break;
      case 'never-here':
        decisions.push({ kind: 'refuse', id: tier.id, numbers: numbersFor(tier, others, memory, false) });
        break;
      case 'not-now':
        decisions.push({ kind: 'refuse', id: tier.id, numbers: numbersFor(tier, others, memory, true) });
        break;
      case 'wait':
        break;
    }
  }
  const anyTierReady = services.some((service) => service.kind === 'tier' && usable.has(service.state));
  for (const gateway of services) {
    const mayStart = gateway.kind === 'gateway' && gateway.state === 'waiting' && anyTierReady;
    if (mayStart && !isPortAboutToBeFree(gateway, services)) {
      decisions.push({ kind: 'grant', id: gateway.id });
    }
  }
  return decisions;
}

type Verdict = 'fits' | 'wait' | 'never-here' | 'not-now';

function weigh(tier: Candidate, others: readonly Candidate[], memory: AdmissionMemory): Verdict {
  if (isPortAboutToBeFree(tier, others)) return 'wait';
  if (tier.ignoreMemory) return 'fits';
  const staying = others.filter((other) => other.state !== 'stopping');
  if (tier.memoryBytes > memory.limitBytes - sum(staying)) return 'never-here';
  if (tier.memoryBytes > memory.limitBytes - sum(others)) return 'wait';
  if (memory.now === null || !isWeighedNow(tier)) return 'fits';
  /** What loads has not taken all of its part yet; how much, nobody knows. */
  const loading = others.filter((other) => other.state === 'starting');
  if (tier.memoryBytes <= freeBytes(memory.now) - sum(loading)) return 'fits';
  return loading.length > 0 || staying.length < others.length ? 'wait' : 'not-now';
}

/** A tier that is renamed takes over its own port as soon as what it was before has ended. */
const isPortAboutToBeFree = ({ port }: Candidate, others: readonly Candidate[]) =>
  port !== undefined &&
  others.some(({ state, heldPorts }) => state === 'stopping' && heldPorts?.includes(port));

const usable: ReadonlySet<ServiceState> = new Set<ServiceState>(['healthy', 'degraded']);

const sum = (services: readonly Candidate[]) => services.reduce((bytes, one) => bytes + one.memoryBytes, 0);

/** While macOS itself is short of memory, whatever it counts as free is about to be taken. */
const freeBytes = (now: MemoryNow) => (now.pressure === 'critical' ? 0 : now.availableBytes);

function numbersFor(
  tier: Candidate,
  others: readonly Candidate[],
  memory: AdmissionMemory,
  isShortNow: boolean,
): MemoryNumbers {
  const { limitBytes, now } = memory;
  const staying = others.filter((other) => other.state !== 'stopping');
  const limitRoom = limitBytes - sum(staying);
  const room = now === null || !isWeighedNow(tier) ? limitRoom : Math.min(limitRoom, freeBytes(now));
  const bySize = staying.toSorted((a, b) => a.memoryBytes - b.memoryBytes);
  const enough = bySize.find((other) => tier.memoryBytes <= room + other.memoryBytes);
  return {
    neededBytes: tier.memoryBytes,
    limitBytes,
    others: others
      .map((other) => ({ name: other.name, bytes: other.memoryBytes }))
      .toSorted((a, b) => b.bytes - a.bytes),
    now: isShortNow ? now : null,
    smallerContext: tier.smallerContexts?.find((choice) => choice.memoryBytes <= room) ?? null,
    stopFirst: enough === undefined ? null : { id: enough.id, name: enough.name, bytes: enough.memoryBytes },
  };
}
