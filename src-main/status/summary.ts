/** What the snapshot amounts to: is it working, what is wrong first, and what may be done. Pure; for tray and window alike. */
import type { CommandCall } from '../contract/commands.ts';
import type { Failure, Notice, ServiceState, ServiceStatus, Snapshot } from '../contract/status.ts';
import { statusWords as words } from '../words/index.ts';

export type Condition =
  | 'opening'
  | 'no-stack'
  | 'invalid-stack'
  | 'off'
  | 'starting'
  | 'ready'
  | 'attention'
  | 'stopping';

export type IconState = 'off' | 'starting' | 'ready' | 'attention';

export interface Trouble {
  /** The service it is about, or `null` for the stack file and the app itself. */
  readonly serviceId: string | null;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What is wrong and why, in one line. */
  readonly headline: string;
  /** The whole sentence, and what to do about it; either may be empty. */
  readonly reason: string;
  readonly hint: string;
  /** The first remedy, when there is one. */
  readonly remedy: { readonly label: string; readonly call: CommandCall } | null;
}

export interface Summary {
  readonly condition: Condition;
  readonly icon: IconState;
  readonly headline: string;
  /** Whether the gateway answers, so that its address is worth showing. */
  readonly serving: boolean;
  /** Most important first; empty when all is well. */
  readonly troubles: readonly Trouble[];
  readonly readyTiers: number;
  readonly wantedTiers: number;
  readonly tiers: number;
  readonly canStart: boolean;
  readonly canStop: boolean;
}

export interface ServiceActions {
  readonly start: boolean;
  readonly stop: boolean;
  readonly restart: boolean;
}

export const noActions: ServiceActions = { start: false, stop: false, restart: false };
const startOnly: ServiceActions = { start: true, stop: false, restart: false };
const stopOnly: ServiceActions = { start: false, stop: true, restart: false };
const running: ServiceActions = { start: false, stop: true, restart: true };

const actionsByState: Record<ServiceState, ServiceActions> = {
  stopped: startOnly,
  waiting: stopOnly,
  starting: stopOnly,
  healthy: running,
  degraded: running,
  unresponsive: running,
  stopping: noActions,
  'backing-off': stopOnly,
  failed: startOnly,
};

/** Only the actions that apply to a service as it is. */
export function actionsOf(service: ServiceStatus): ServiceActions {
  return actionsByState[service.state];
}

/** Which details say more than the state's own word. A failure and a countdown are shown in full elsewhere. */
const detailCounts: Record<ServiceState, boolean> = {
  stopped: false,
  waiting: true,
  starting: true,
  healthy: false,
  degraded: false,
  unresponsive: true,
  stopping: true,
  'backing-off': false,
  failed: false,
};

/** The state in words and, where it adds something, its detail. What a waiting service waits for *is* its word. */
export function describeState(service: ServiceStatus): { readonly word: string; readonly detail: string } {
  const detail = detailCounts[service.state] ? service.detail : '';
  if (service.state === 'waiting' && detail !== '') return { word: detail, detail: '' };
  return { word: words.states[service.state], detail };
}

/** A service that answers requests, be it slowly. */
export function isServing(service: ServiceStatus): boolean {
  return service.state === 'healthy' || service.state === 'degraded';
}

const isActive = (service: ServiceStatus) => service.state !== 'stopped' && service.state !== 'failed';
const isWanted = (service: ServiceStatus) => service.desired === 'on';

/** The gateway first: without it no model can be reached. A failure before a silence. */
const rank = (service: ServiceStatus) =>
  (service.kind === 'gateway' ? 0 : 2) + (service.state === 'failed' ? 0 : 1);

function serviceTrouble(service: ServiceStatus): Trouble {
  return service.state === 'unresponsive' ? silentTrouble(service) : failedTrouble(service);
}

function silentTrouble({ id, name, detail }: ServiceStatus): Trouble {
  return {
    serviceId: id,
    title: words.unresponsive(name),
    headline: words.unresponsive(name),
    reason: detail,
    hint: '',
    remedy: { label: words.restart(name), call: { name: 'service.restart', input: { id } } },
  };
}

function failedTrouble({ id, name, lastFailure }: ServiceStatus): Trouble {
  const reason = lastFailure?.message ?? words.failedWithoutReason;
  const remedy = lastFailure?.remedies[0];
  return {
    serviceId: id,
    title: words.failed(name),
    headline: asHeadline(reason.startsWith(name) ? reason : words.troubleOf(name, reason)),
    reason,
    hint: lastFailure?.hint ?? '',
    remedy:
      remedy === undefined
        ? null
        : { label: remedy.label, call: { name: 'service.remedy', input: { id, kind: remedy.kind } } },
  };
}

/** A sentence as a headline: without its full stop. */
const asHeadline = (sentence: string) => sentence.replace(/\.$/, '');

/** The command behind a notice's button. */
export function callOfNotice(action: NonNullable<Notice['action']>): CommandCall {
  switch (action.kind) {
    case 'open-config':
      return { name: 'place.open', input: { place: 'config' } };
    case 'open-stack':
      return { name: 'place.open', input: { place: 'stack' } };
    case 'open-home':
      return { name: 'place.open', input: { place: 'home' } };
    case 'remove-watchdog':
      return { name: 'login.removeWatchdog', input: {} };
    case 'open-menu-bar-settings':
      return { name: 'menuBar.openSettings', input: {} };
    case 'install-update':
      return { name: 'update.install', input: {} };
    case 'keep-running':
      return { name: 'app.keepRunning', input: {} };
    case 'show-engines':
      return { name: 'engines.show', input: {} };
    case 'stop-service':
      return { name: 'service.stop', input: { id: action.service } };
  }
}

function noticeTrouble(notice: Notice): Trouble {
  return {
    serviceId: null,
    title: notice.title,
    headline: asHeadline(notice.title),
    reason: notice.message,
    hint: '',
    remedy: notice.action === null ? null : { label: notice.action.label, call: callOfNotice(notice.action) },
  };
}

function findTroubles(snapshot: Snapshot): Trouble[] {
  const invalid: Trouble[] =
    snapshot.stack.kind === 'invalid'
      ? [
          {
            serviceId: null,
            title: words.invalidStack,
            headline: words.invalidStack,
            reason: snapshot.stack.problem.message,
            hint: snapshot.stack.problem.hint ?? '',
            remedy: { label: words.openStack, call: { name: 'place.open', input: { place: 'stack' } } },
          },
        ]
      : [];
  const services = snapshot.services
    .filter((service) => service.state === 'failed' || service.state === 'unresponsive')
    .toSorted((a, b) => rank(a) - rank(b))
    .map(serviceTrouble);
  const errors = snapshot.notices.filter((notice) => notice.severity === 'error');
  /** Before these are mended, the click of those that lack an engine does not help: the file may be what names it. */
  const isFirst = ({ action }: Notice) => action?.kind === 'show-engines' || action?.kind === 'open-config';
  const notices = errors.filter((notice) => !isFirst(notice)).map(noticeTrouble);
  return [...invalid, ...errors.filter(isFirst).map(noticeTrouble), ...services, ...notices];
}

interface Answer {
  readonly condition: Condition;
  readonly icon: IconState;
  readonly headline: string;
}

function answer(snapshot: Snapshot, troubles: readonly Trouble[]): Answer {
  const { services } = snapshot;
  const wanted = services.filter(isWanted);
  if (snapshot.app.phase === 'quitting') {
    return { condition: 'stopping', icon: 'starting', headline: words.quitting };
  }
  const [first] = troubles;
  if (first !== undefined) {
    const condition = snapshot.stack.kind === 'invalid' ? 'invalid-stack' : 'attention';
    return { condition, icon: 'attention', headline: first.headline };
  }
  if (snapshot.app.phase === 'starting' && services.length === 0) {
    return { condition: 'opening', icon: 'off', headline: words.opening };
  }
  if (snapshot.stack.kind === 'none') return { condition: 'no-stack', icon: 'off', headline: words.noStack };
  if (wanted.length === 0) {
    return services.some(isActive)
      ? { condition: 'stopping', icon: 'starting', headline: words.stopping }
      : { condition: 'off', icon: 'off', headline: words.off };
  }
  if (wanted.every(isServing)) return { condition: 'ready', icon: 'ready', headline: words.ready };
  return { condition: 'starting', icon: 'starting', headline: progress(wanted) };
}

function progress(wanted: readonly ServiceStatus[]): string {
  const restarting = wanted.find((service) => service.state === 'backing-off');
  if (restarting !== undefined) return words.restarting(restarting.name);
  const tiers = wanted.filter((service) => service.kind === 'tier');
  const ready = tiers.filter(isServing).length;
  return ready === tiers.length ? words.startingGateway : words.starting;
}

export function summarise(snapshot: Snapshot): Summary {
  const troubles = findTroubles(snapshot);
  const tiers = snapshot.services.filter((service) => service.kind === 'tier');
  const quitting = snapshot.app.phase === 'quitting';
  return {
    ...answer(snapshot, troubles),
    serving: snapshot.services.some((service) => service.kind === 'gateway' && isServing(service)),
    troubles,
    readyTiers: tiers.filter(isServing).length,
    wantedTiers: tiers.filter(isWanted).length,
    tiers: tiers.length,
    canStart: !quitting && snapshot.services.some((service) => !isWanted(service)),
    canStop: !quitting && snapshot.services.some((service) => isWanted(service) || isActive(service)),
  };
}

/** The line under the answer: how many of the wanted models are ready, and which one is slow. */
export function progressLine(snapshot: Snapshot, summary: Summary): string {
  const slow = snapshot.services.find((service) => service.state === 'degraded');
  if (summary.tiers === 0) return '';
  if (summary.wantedTiers === 0) return words.modelsSetUp(summary.tiers);
  const ready = words.modelsReady(summary.readyTiers, summary.wantedTiers);
  return [ready, slow === undefined ? '' : words.slow(slow.name)].filter(Boolean).join(' · ');
}

/** A failure as text for the clipboard, an issue or a chat. Its lines are redacted already. */
export function failureText(name: string, failure: Failure): string {
  const about = [`${name}: ${failure.message}`, failure.hint, exitWords(failure.exit)];
  const text = about.filter((line) => line !== '').join('\n');
  return failure.lastLines.length === 0 ? text : `${text}\n\n${failure.lastLines.join('\n')}`;
}

/** How a process ended: "Exit code 1", "Ended by SIGKILL", or nothing. */
export function exitWords(exit: Failure['exit']): string {
  if (exit === null) return '';
  if (exit.signal !== null) return words.endedBy(exit.signal);
  return exit.code === null ? '' : words.exitCode(exit.code);
}
