/** What is worth a notification: one for each event, of a kind that the user wants, and never a stream of them. Pure but for its memory. */
import type { WindowView } from '../contract/events.ts';
import type { LogPlace } from '../contract/logs.ts';
import type { Failure, Notice, ServiceStatus } from '../contract/status.ts';
import { statusWords } from '../words/index.ts';
import { formatDiskBytes } from './format.ts';
import { isServing } from './summary.ts';

const alertKinds = ['failure', 'recovery', 'disk'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What a notification says, and where a click on it leads. */
export interface Message {
  readonly title: string;
  readonly body: string;
  /** Of one thing the newest counts: a service's return takes the place of its failure. */
  readonly about: string;
  readonly kind?: AlertKind;
  readonly view?: WindowView;
  readonly log?: LogPlace;
}

export interface Alert extends Message {
  readonly kind: AlertKind;
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
  /** It came back by itself. `lastFailure`: why it was away. */
  recovered(service: Service, lastFailure: Failure | null): void;
  /** All there are, at each change: that one whose failure was told answers again is news, whoever mended it. */
  follow(services: readonly ServiceStatus[]): void;
  diskLow(freeBytes: number): void;
}

export interface AlertsOptions {
  readonly show: (alert: Alert) => void;
  readonly isWanted: (kind: AlertKind) => boolean;
  readonly now: () => number;
}

export function createAlerts({ show, isWanted, now }: AlertsOptions): Alerts {
  const lastOf = new Map<string, number>();
  /** Services whose failure was told, and what was said. */
  const told = new Map<string, string>();
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

  function tellReturn({ id, name }: Service, reason = told.get(id)): void {
    told.delete(id);
    give(`recovery ${id}`, {
      kind: 'recovery',
      about: id,
      title: statusWords.runsAgain(name),
      body: reason ?? '',
      view: 'overview',
    });
  }

  return {
    failed({ id, name }, failure) {
      const line = failure.decisiveLine?.slice(0, lineMax) ?? null;
      const isTold = give(`failure ${id}`, {
        kind: 'failure',
        about: id,
        title: statusWords.needsAttention(name),
        body: failure.message,
        view: 'logs',
        log: { log: id, atMs: failure.at, line },
      });
      if (isTold) told.set(id, failure.message);
    },
    recovered(service, lastFailure) {
      const wasMissed = lastFailure !== null && now() - lastFailure.at >= missedAfterMs;
      if (wasMissed || told.has(service.id)) tellReturn(service, lastFailure?.message);
    },
    follow(services) {
      for (const id of told.keys()) {
        const service = services.find((one) => one.id === id);
        // What the user has put away need not come back.
        if (service === undefined || service.desired === 'off') told.delete(id);
        else if (isServing(service)) tellReturn(service);
      }
    },
    diskLow(freeBytes) {
      give('disk', {
        kind: 'disk',
        about: diskNoticeId,
        title: statusWords.diskNearlyFull,
        body: statusWords.diskNearlyFullAlert(formatDiskBytes(freeBytes)),
        view: 'logs',
      });
    },
  };
}

export const diskNoticeId = 'disk-nearly-full';

/** Stands while it is so. */
export const diskNotice = (freeBytes: number): Notice => ({
  id: diskNoticeId,
  severity: 'warning',
  title: statusWords.diskNearlyFull,
  message: statusWords.diskNearlyFullNotice(formatDiskBytes(freeBytes)),
  action: { kind: 'open-home', label: statusWords.openHome },
  dismissible: true,
});
