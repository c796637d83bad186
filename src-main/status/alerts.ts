/** What is worth a notification: one for each event, of a kind that the user wants, and never a stream of them. Pure but for its memory. */
import type { WindowView } from '../contract/events.ts';
import type { LogPlace } from '../contract/logs.ts';
import type { Failure } from '../contract/status.ts';
import { formatGigabytes } from './format.ts';

export const alertKinds = ['failure', 'recovery', 'disk'] as const;
export type AlertKind = (typeof alertKinds)[number];

export interface Alert {
  readonly kind: AlertKind;
  readonly title: string;
  readonly body: string;
  /** Where a click on it leads. */
  readonly view: WindowView;
  readonly log?: LogPlace;
}

/** Of one service no two of a kind come closer than this. */
export const sameAlertMs = 60_000;
/** All together in ten minutes; what is beyond is in the menu and the window all the same. */
export const alertsMax = 6;
export const alertsWithinMs = 10 * 60_000;
/** A server that is back sooner was not missed. */
export const missedAfterMs = 10_000;
const lineMax = 500;

export interface Service {
  readonly id: string;
  readonly name: string;
}

export interface Alerts {
  failed(service: Service, failure: Failure): void;
  /** `lastFailure`: why it was away. */
  recovered(service: Service, lastFailure: Failure | null): void;
  diskLow(freeBytes: number): void;
}

export interface AlertsOptions {
  readonly show: (alert: Alert) => void;
  readonly isWanted: (kind: AlertKind) => boolean;
  readonly now: () => number;
}

export function createAlerts({ show, isWanted, now }: AlertsOptions): Alerts {
  const lastOf = new Map<string, number>();
  /** Services whose failure was told: their return is news, too. */
  const told = new Set<string>();
  let recent: number[] = [];

  function give(key: string, alert: Alert): boolean {
    const at = now();
    recent = recent.filter((time) => at - time < alertsWithinMs);
    const last = lastOf.get(key);
    const isTooSoon = last !== undefined && at - last < sameAlertMs;
    if (!isWanted(alert.kind) || isTooSoon || recent.length >= alertsMax) return false;
    lastOf.set(key, at);
    recent.push(at);
    show(alert);
    return true;
  }

  return {
    failed({ id, name }, failure) {
      const line = failure.decisiveLine?.slice(0, lineMax) ?? null;
      const isTold = give(`failure ${id}`, {
        kind: 'failure',
        title: `${name} needs attention`,
        body: failure.message,
        view: 'logs',
        log: { log: id, atMs: failure.at, line },
      });
      if (isTold) told.add(id);
    },
    recovered({ id, name }, lastFailure) {
      const wasMissed = lastFailure !== null && now() - lastFailure.at >= missedAfterMs;
      if (!told.delete(id) && !wasMissed) return;
      give(`recovery ${id}`, {
        kind: 'recovery',
        title: `${name} is running again`,
        body: lastFailure?.message ?? 'It was restarted.',
        view: 'overview',
      });
    },
    diskLow(freeBytes) {
      give('disk', {
        kind: 'disk',
        title: 'The disk is nearly full',
        body: `${formatGigabytes(freeBytes)} left. Models and logs cannot be written when it is full.`,
        view: 'logs',
      });
    },
  };
}
