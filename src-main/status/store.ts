/** The one place that knows the present state; whoever looks gets it whole, and then each change by its revision. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceStatus, Snapshot, StatusChange } from '../contract/status.ts';
import { applyStatusChange } from '../contract/status-change.ts';

export type StatusParts = Partial<Omit<Snapshot, 'revision'>>;
export type StatusListener = (change: StatusChange, snapshot: Snapshot) => void;

export interface StatusStore {
  snapshot(): Snapshot;
  /** Takes the parts that differ as one new revision; equal ones cost nothing and tell nobody. */
  update(parts: StatusParts): void;
  /** The state at this moment and every change after it, with no gap between. */
  subscribe(listener: StatusListener): { readonly snapshot: Snapshot; readonly unsubscribe: () => void };
}

export function createStatusStore(initial: Omit<Snapshot, 'revision'>): StatusStore {
  let current: Snapshot = { revision: 0, ...initial };
  const listeners = new Set<StatusListener>();

  return {
    snapshot: () => current,
    update(parts) {
      const change = changeBetween(current, parts);
      if (change === null) return;
      current = applyStatusChange(current, change);
      for (const listener of [...listeners]) listener(change, current);
    },
    subscribe(listener) {
      listeners.add(listener);
      return { snapshot: current, unsubscribe: () => listeners.delete(listener) };
    },
  };
}

const plainParts = [
  'app',
  'stack',
  'gateway',
  'cloud',
  'memory',
  'mac',
  'models',
  'engines',
  'setup',
  'update',
  'notices',
] as const;

function changeBetween(current: Snapshot, parts: StatusParts): StatusChange | null {
  const changed: Partial<StatusChange> = {};
  for (const part of plainParts) {
    const next = parts[part];
    if (next !== undefined && !isDeepStrictEqual(next, current[part]))
      Object.assign(changed, { [part]: next });
  }
  if (parts.services !== undefined) Object.assign(changed, servicesChange(current.services, parts.services));
  return Object.keys(changed).length === 0 ? null : { ...changed, revision: current.revision + 1 };
}

function servicesChange(
  before: readonly ServiceStatus[],
  after: readonly ServiceStatus[],
): Pick<StatusChange, 'services' | 'order'> {
  const known = new Map(before.map((service) => [service.id, service]));
  const changed = after.filter((service) => !isDeepStrictEqual(service, known.get(service.id)));
  const sameOrder =
    before.length === after.length && before.every(({ id }, index) => id === after[index]?.id);
  return {
    ...(changed.length > 0 ? { services: changed } : {}),
    ...(sameOrder ? {} : { order: after.map(({ id }) => id) }),
  };
}
