/** What the Mac's own doings make the app say: a second supervisor, a hidden icon, too little memory, a quit that waits. Pure. */
import type { MemoryPressure } from '../contract/mac.ts';
import type { Notice, ServiceState, ServiceStatus } from '../contract/status.ts';
import { formatGigabytes } from '../status/format.ts';
import { shellWords } from '../words/index.ts';
import type { QuitReason } from './quit-question.ts';

const words = shellWords.notice;

export const watchdogNoticeId = 'watchdog-agent';
export const hiddenIconNoticeId = 'icon-hidden';
export const quitNoticeId = 'quit-waits';

export const watchdogNotice: Notice = {
  id: watchdogNoticeId,
  severity: 'warning',
  title: words.watchdogTitle,
  message: words.watchdog,
  action: { kind: 'remove-watchdog', label: words.watchdogRemove },
  dismissible: true,
};

export const hiddenIconNotice: Notice = {
  id: hiddenIconNoticeId,
  severity: 'info',
  title: words.iconHiddenTitle,
  message: words.iconHidden,
  action: { kind: 'open-menu-bar-settings', label: words.iconShow },
  dismissible: true,
};

/** For whoever opens the app for the first time: it has no icon in the Dock to come back to. */
export const pointerNotice: Notice = {
  id: 'menu-bar-pointer',
  severity: 'info',
  title: words.pointerTitle,
  message: words.pointer,
  action: null,
  dismissible: true,
};

export const updateNotice = (version: string): Notice => ({
  id: `update-ready-${version}`,
  severity: 'info',
  title: shellWords.update.title(version),
  message: shellWords.update.message,
  action: { kind: 'install-update', label: shellWords.update.restart },
  dismissible: true,
});

export const quitNotice = (requests: number, reason: QuitReason): Notice => ({
  id: quitNoticeId,
  severity: 'info',
  title: shellWords.quit[reason].waitingTitle,
  message: shellWords.quit.waiting(requests),
  action: { kind: 'keep-running', label: shellWords.quit.keepRunning },
  dismissible: false,
});

const ended: ReadonlySet<ServiceState> = new Set<ServiceState>(['stopping', 'stopped', 'failed']);

/** The model that a stop frees most memory with. */
export function largestRunning(services: readonly ServiceStatus[]): ServiceStatus | null {
  const running = services.filter(
    ({ kind, pid, state }) => kind === 'tier' && pid !== null && state !== 'stopping',
  );
  return running.toSorted((a, b) => b.memoryBytes - a.memoryBytes)[0] ?? null;
}

/** Also one that ended by itself and is about to be started again. */
export const runsOrReturns = (service: string, services: readonly ServiceStatus[]): boolean =>
  services.some(({ id, state }) => id === service && !ended.has(state));

export type PressureNotice = Notice & {
  readonly action: { readonly kind: 'stop-service'; readonly service: string };
};

/** Notice number `count` of them: one that was put away does not keep the next from being seen. `null` where a stop is no remedy. */
export function pressureNoticeOf(
  level: MemoryPressure,
  services: readonly ServiceStatus[],
  count: number,
): PressureNotice | null {
  const largest = largestRunning(services);
  if ((level !== 'warning' && level !== 'critical') || largest === null) return null;
  return {
    id: `memory-pressure-${count}`,
    severity: level === 'critical' ? 'error' : 'warning',
    title: level === 'critical' ? words.memoryCriticalTitle : words.memoryWarningTitle,
    message: words.memory(largest.name, formatGigabytes(largest.memoryBytes)),
    action: { kind: 'stop-service', label: words.stopLargest(largest.name), service: largest.id },
    dismissible: true,
  };
}
