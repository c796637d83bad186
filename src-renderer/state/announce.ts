/** What a screen reader is told of a change: settled states only, so that it is not a running commentary. Pure. */
import { type ServiceState, type Snapshot, stateWords, summarise } from '../bridge.ts';
import { words } from '../words.ts';

const spoken: Record<ServiceState, boolean> = {
  stopped: true,
  waiting: false,
  starting: false,
  healthy: true,
  degraded: true,
  unresponsive: true,
  stopping: false,
  'backing-off': true,
  failed: true,
};

export function announcement(before: Snapshot, after: Snapshot): string {
  const old = new Map(before.services.map((service) => [service.id, service.state]));
  const parts = after.services
    .filter(
      (service) => old.has(service.id) && old.get(service.id) !== service.state && spoken[service.state],
    )
    .map((service) => words.announceState(service.name, stateWords[service.state]));
  const headline = summarise(after).headline;
  if (headline !== summarise(before).headline) parts.push(headline);
  return parts.join('. ');
}
