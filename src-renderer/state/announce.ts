/** What a screen reader is told of a change: settled states only, so that it is not a running commentary. Pure. */
import { type ServiceState, type Snapshot, statusWords, summarise } from '../bridge.ts';
import { progressWords as words } from '../words/index.ts';

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
    .map((service) => words.stateOf(service.name, statusWords.states[service.state]));
  const headline = headlineOf(after);
  if (headline !== headlineOf(before)) parts.push(headline);
  parts.push(...setupParts(before, after), ...downloadParts(before, after), ...checkParts(before, after));
  const oldNotices = new Set(before.notices.map((notice) => notice.id));
  for (const notice of after.notices) if (!oldNotices.has(notice.id)) parts.push(notice.title);
  return parts.join('. ');
}

/** Each step that is over, and how all of it ended; never how far it is. */
function setupParts({ setup: before }: Snapshot, { setup: after }: Snapshot): string[] {
  const old = new Map(before.steps.map(({ id, state }) => [id, state]));
  const parts = after.steps
    .filter(({ id, state }) => state === 'done' && old.has(id) && old.get(id) !== state)
    .map(({ id, state }) => words.stateOf(words.steps[id], words.stepStates[state]));
  if (after.phase === before.phase) return parts;
  if (after.phase === 'done') parts.push(words.setupDone, after.answer?.text ?? '');
  if (after.phase === 'failed') parts.push(words.setupFailed, after.problem?.message ?? '');
  return parts.filter(Boolean).map((part) => part.replace(/\.$/, ''));
}

function downloadParts({ models: before }: Snapshot, { models: after }: Snapshot): string[] {
  const old = new Map(before.downloads.map(({ repo, state }) => [repo, state]));
  return after.downloads
    .filter(
      ({ repo, state }) =>
        (state === 'done' || state === 'failed') && old.has(repo) && old.get(repo) !== state,
    )
    .map(({ name, state }) => words.stateOf(words.downloadOf(name), words.downloads[state]));
}

function checkParts({ models: before }: Snapshot, { models: after }: Snapshot): string[] {
  const old = new Map(before.checks.map(({ key, state }) => [key, state]));
  return after.checks
    .filter(
      ({ key, state }) =>
        (state === 'matched' || state === 'failed') && old.has(key) && old.get(key) !== state,
    )
    .map(({ name, state }) => words.stateOf(name, words.checks[state]));
}
