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

/** As the window shows it: a notice is said by itself. */
const headlineOf = (snapshot: Snapshot) => summarise({ ...snapshot, notices: [] }).headline;

export function announcement(before: Snapshot, after: Snapshot): string {
  const old = new Map(before.services.map((service) => [service.id, service.state]));
  const parts = after.services
    .filter(
      (service) => old.has(service.id) && old.get(service.id) !== service.state && spoken[service.state],
    )
    .map((service) => words.announceState(service.name, stateWords[service.state]));
  const headline = headlineOf(after);
  if (headline !== headlineOf(before)) parts.push(headline);
  const oldNotices = new Set(before.notices.map((notice) => notice.id));
  for (const notice of after.notices) if (!oldNotices.has(notice.id)) parts.push(notice.title);
  return parts.join('. ');
}
