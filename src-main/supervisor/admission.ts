/** Which of the waiting services may start now: order, memory and the gateway's dependence on a model. Pure. */
import type { ServiceState } from '../contract/status.ts';
import type { MemoryNumbers } from './failures.ts';

export interface Candidate {
  readonly id: string;
  readonly kind: 'tier' | 'gateway';
  readonly name: string;
  readonly state: ServiceState;
  readonly memoryBytes: number;
  /** Processes of it may live, so its memory is taken. */
  readonly holdsMemory: boolean;
  readonly ignoreMemory: boolean;
}

export type Decision =
  | { readonly kind: 'grant'; readonly id: string }
  | { readonly kind: 'refuse'; readonly id: string; readonly numbers: MemoryNumbers };

/**
 * Decisions for the services in state `waiting`, largest tier first, ties by name. One that would fit once a service
 * that is being stopped has gone is left waiting; one that cannot fit is refused with the numbers.
 */
export function admit(services: readonly Candidate[], limitBytes: number): readonly Decision[] {
  const decisions: Decision[] = [];
  const holders = services.filter((service) => service.kind === 'tier' && service.holdsMemory);
  const waitingTiers = services
    .filter((service) => service.kind === 'tier' && service.state === 'waiting')
    .toSorted((a, b) => b.memoryBytes - a.memoryBytes || a.id.localeCompare(b.id));
  for (const tier of waitingTiers) {
    const others = holders.filter((holder) => holder.id !== tier.id);
    if (tier.ignoreMemory || tier.memoryBytes <= limitBytes - sum(others)) {
      decisions.push({ kind: 'grant', id: tier.id });
      holders.push(tier);
    } else if (tier.memoryBytes > limitBytes - sum(others.filter((other) => other.state !== 'stopping'))) {
      decisions.push({ kind: 'refuse', id: tier.id, numbers: numbersFor(tier, others, limitBytes) });
    }
  }
  const anyTierReady = services.some((service) => service.kind === 'tier' && usable.has(service.state));
  for (const gateway of services) {
    if (gateway.kind === 'gateway' && gateway.state === 'waiting' && anyTierReady) {
      decisions.push({ kind: 'grant', id: gateway.id });
    }
  }
  return decisions;
}

const usable: ReadonlySet<ServiceState> = new Set<ServiceState>(['healthy', 'degraded']);

const sum = (services: readonly Candidate[]) => services.reduce((bytes, one) => bytes + one.memoryBytes, 0);

function numbersFor(tier: Candidate, others: readonly Candidate[], limitBytes: number): MemoryNumbers {
  return {
    neededBytes: tier.memoryBytes,
    limitBytes,
    others: others
      .map((other) => ({ name: other.name, bytes: other.memoryBytes }))
      .toSorted((a, b) => b.bytes - a.bytes),
  };
}
