/** How a status change is applied; apart from the schemas, so that the window can use it without carrying zod. */
import type { Snapshot, StatusChange } from './status.ts';

/** The snapshot after a change. The caller has checked that `change.revision` follows `snapshot.revision`. */
export function applyStatusChange(snapshot: Snapshot, change: StatusChange): Snapshot {
  const changed = new Map((change.services ?? []).map((service) => [service.id, service]));
  const known = new Map(snapshot.services.map((service) => [service.id, changed.get(service.id) ?? service]));
  for (const [id, service] of changed) known.set(id, service);
  const order = change.order ?? snapshot.services.map((service) => service.id);
  return {
    revision: change.revision,
    app: change.app ?? snapshot.app,
    stack: change.stack ?? snapshot.stack,
    gateway: change.gateway ?? snapshot.gateway,
    cloud: change.cloud ?? snapshot.cloud,
    memory: change.memory ?? snapshot.memory,
    mac: change.mac ?? snapshot.mac,
    models: change.models ?? snapshot.models,
    engines: change.engines ?? snapshot.engines,
    setup: change.setup ?? snapshot.setup,
    update: change.update ?? snapshot.update,
    services: order.flatMap((id) => known.get(id) ?? []),
    notices: change.notices ?? snapshot.notices,
  };
}
