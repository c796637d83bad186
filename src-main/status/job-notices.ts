/** What is being installed or downloaded for services that wait for it, as banners: outside of setup nothing else tells it there. Pure. */
import type { EnginesStatus } from '../contract/engines.ts';
import type { Download } from '../contract/models.ts';
import type { FailureReason, Notice, ServiceStatus, Snapshot } from '../contract/status.ts';
import { statusWords } from '../words/index.ts';
import { formatDiskBytesOf } from './format.ts';

export interface WaitingTier {
  readonly name: string;
  /** Repository, or a folder. */
  readonly source: string;
}

/** Mended by a model that comes. */
export const lacksModel: ReadonlySet<FailureReason | undefined> = new Set<FailureReason>([
  'model-missing',
  'model-incomplete',
]);

export function jobNotices(
  { engines, models, services, setup }: Pick<Snapshot, 'engines' | 'models' | 'services' | 'setup'>,
  tiers: readonly WaitingTier[],
): Notice[] {
  // Setup shows its steps itself.
  if (setup.phase !== 'idle' || services.length === 0) return [];
  const waiting = services.filter(
    ({ state, lastFailure }) => state === 'failed' && lacksModel.has(lastFailure?.reason),
  );
  return [
    ...engineNotices(engines, services),
    ...updateNotices(engines),
    ...waiting.flatMap((service) => {
      const source = tiers.find(({ name }) => name === service.id)?.source;
      const line = models.downloads.find(({ repo }) => repo === source);
      return line === undefined ? [] : downloadNotices(service, line);
    }),
  ];
}

const note = (id: string, severity: Notice['severity'], title: string, message: string): Notice => ({
  id,
  severity,
  title,
  message,
  action: null,
  dismissible: severity !== 'info',
});

/** There they are installed, updated and gone back from. */
export const showEngines = {
  kind: 'show-engines',
  label: statusWords.showEngines,
} as const satisfies Notice['action'];

/** Where a service cannot run for it, no other click helps before this one. */
function engineNotices({ job, problem }: EnginesStatus, services: readonly ServiceStatus[]): Notice[] {
  if (job !== null) {
    const message = statusWords.startsWithEngine(job.detail);
    return [note('engines-job', 'info', titleOf(job), message)];
  }
  if (problem === null) return [];
  const stands = services.some(
    ({ state, lastFailure }) => state === 'failed' && lastFailure?.reason === 'executable-missing',
  );
  const severity = problem.code === 'uv-missing' && stands ? 'error' : 'warning';
  const said = note(`engines-failed:${problem.code}`, severity, problem.message, problem.hint ?? '');
  return [{ ...said, action: showEngines }];
}

/** One version runs, and a newer one can be had. */
function updateNotices({ engines, job }: EnginesStatus): Notice[] {
  if (job !== null) return [];
  return engines
    .filter(({ hasUpdate }) => hasUpdate)
    .map(({ name, version, pinnedVersion }) => {
      const title =
        version === pinnedVersion
          ? statusWords.newerPackages(name, version)
          : statusWords.newerVersion(name, pinnedVersion, version);
      const said = note(`engine-update:${name}:${pinnedVersion}`, 'info', title, statusWords.belongsToApp);
      return { ...said, action: showEngines, dismissible: true };
    });
}

function titleOf({ kind, engine }: NonNullable<EnginesStatus['job']>): string {
  switch (kind) {
    case 'install':
      return statusWords.installing(engine);
    case 'roll-back':
      return statusWords.goingBack(engine);
    case 'install-uv':
      return statusWords.installingUv;
  }
}

function downloadNotices({ id, name }: ServiceStatus, line: Download): Notice[] {
  const { state, detail, doneBytes, totalBytes, problem } = line;
  switch (state) {
    case 'done':
      return [];
    case 'failed':
      return problem === null
        ? []
        : [note(`download-failed:${id}`, 'warning', problem.message, problem.hint ?? '')];
    default: {
      const part = totalBytes === null ? '' : ` (${formatDiskBytesOf(doneBytes, totalBytes)})`;
      const message = statusWords.startsWithModel(detail, part, name);
      return [note(`download:${id}`, 'info', statusWords.modelNotThereYet(name), message)];
    }
  }
}
