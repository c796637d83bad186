/** Waits for a model to be whole on this Mac, and downloads it if it is not. */
import { isRepoId } from '../catalogue/repo-id.ts';
import type { Download } from '../contract/models.ts';
import { assertNever, fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { ModelFolderFacts } from '../stack/model-folder.ts';
import { commonWords, modelWords } from '../words/index.ts';
import type { Downloads } from './types.ts';

export interface EnsureDeps {
  readonly downloads: Pick<Downloads, 'list' | 'download' | 'pause' | 'resume'>;
  /** `null` where it is not whole on this Mac. */
  readonly find: (repo: string) => Promise<ModelFolderFacts | null>;
}

export interface Ensure {
  ensure(repo: string, signal: AbortSignal): Promise<Result<ModelFolderFacts>>;
  /** The list of downloads is another one. */
  changed(): void;
  /** Whoever waits is told that the app quits. */
  close(): void;
}

type Outcome = { readonly kind: 'look' } | { readonly kind: 'failed'; readonly problem: Problem };

export function createEnsure({ downloads, find }: EnsureDeps): Ensure {
  const waiting = new Set<() => void>();
  let isClosed = false;

  async function ensure(repo: string, signal: AbortSignal): Promise<Result<ModelFolderFacts>> {
    if (signal.aborted) return fail(cancelled);
    const present = await find(repo);
    if (present !== null) return ok(present);
    if (!isRepoId(repo)) return fail(notThere(repo));
    const before = lineOf(repo);
    const isOurs = before === undefined || isAtRest(before);
    const begun = await (before !== undefined && isAtRest(before) && before.state !== 'done'
      ? downloads.resume(repo)
      : downloads.download(repo));
    if (!begun.ok) return begun;
    const outcome = await settled(repo, signal);
    if (outcome.kind === 'failed') {
      if (signal.aborted && isOurs) await downloads.pause(repo);
      return fail(outcome.problem);
    }
    const found = await find(repo);
    return found === null ? fail(notWhole(repo)) : ok(found);
  }

  const lineOf = (repo: string) => downloads.list().find((each) => each.repo === repo);

  function settled(repo: string, signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        waiting.delete(look);
        signal.removeEventListener('abort', look);
        resolve(outcome);
      };
      const look = () => {
        if (signal.aborted) return end({ kind: 'failed', problem: cancelled });
        if (isClosed) return end({ kind: 'failed', problem: quitting });
        const line = lineOf(repo);
        /** Done and put away, or cancelled: the disk tells which. */
        if (line === undefined) return end({ kind: 'look' });
        const outcome = outcomeOf(line);
        if (outcome !== null) end(outcome);
      };
      waiting.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  const wakeAll = () => {
    for (const look of [...waiting]) look();
  };

  return {
    ensure,
    changed: wakeAll,
    close() {
      isClosed = true;
      wakeAll();
    },
  };
}

/** `null` while it goes on, also by the hand of the user who paused it. */
function outcomeOf({ state, problem: why }: Download): Outcome | null {
  switch (state) {
    case 'done':
      return { kind: 'look' };
    case 'failed':
      return { kind: 'failed', problem: why ?? failedSomehow };
    case 'queued':
    case 'preparing':
    case 'downloading':
    case 'verifying':
    case 'paused':
    case 'waiting':
      return null;
    default:
      return assertNever(state, 'outcomeOf');
  }
}

const isAtRest = ({ state }: Download) => state === 'paused' || state === 'failed' || state === 'done';

const cancelled = problem('download-cancelled', modelWords.downloadCancelled, modelWords.whatIsThereIsKept);
const quitting = problem('quitting', modelWords.appQuits, modelWords.goesOnWhenOpen);
const failedSomehow = problem('download-failed', modelWords.downloadFailed, commonWords.tryAgain);
const notThere = (source: string) =>
  problem(
    'model-missing',
    commonWords.noWholeModelIn(source.startsWith('/') ? source.slice(0, 200) : modelWords.thatPlace),
    commonWords.chooseAnother,
  );
const notWhole = (repo: string) =>
  problem('download-cancelled', modelWords.downloadOfCancelled(repo), modelWords.beginAnew);
