/** Follows the status: the snapshot once, then its changes by revision; after a gap the snapshot is read again. */
import { applyStatusChange, type Problem, type Result, type Snapshot, type StatusChange } from '../bridge.ts';

/** Changes that arrive while the snapshot is being read wait here; older ones than these make a gap, which heals itself. */
export const maxWaiting = 64;
/** A reading that failed is repeated after this pause. */
export const retryMs = 1000;

export interface FollowOptions {
  readonly read: () => Promise<Result<Snapshot>>;
  readonly subscribe: (listener: (change: StatusChange) => void) => () => void;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly onProblem: (problem: Problem) => void;
}

export interface Follower {
  /** The first reading, from which changes are followed; settles with it, successful or not. */
  begin(): Promise<void>;
  stop(): void;
}

export function followStatus({ read, subscribe, onSnapshot, onProblem }: FollowOptions): Follower {
  let current: Snapshot | null = null;
  let waiting: StatusChange[] = [];
  let reading = false;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function take(change: StatusChange): void {
    if (reading || current === null) {
      waiting = [...waiting, change].slice(-maxWaiting);
      return;
    }
    if (change.revision <= current.revision) return;
    if (change.revision === current.revision + 1) {
      current = applyStatusChange(current, change);
      onSnapshot(current);
      return;
    }
    void readAgain();
  }

  async function readAgain(): Promise<void> {
    if (reading || stopped) return;
    reading = true;
    clearTimeout(retry);
    const result = await read().catch(unreachable);
    reading = false;
    if (stopped) return;
    if (!result.ok) {
      onProblem(result.error);
      retry = setTimeout(() => void readAgain(), retryMs);
      return;
    }
    /** An answer that is older than what is shown already must not turn the clock back. */
    if (current === null || result.value.revision >= current.revision) current = result.value;
    onSnapshot(current);
    const late = waiting;
    waiting = [];
    for (const change of late) take(change);
  }

  const unsubscribe = subscribe(take);
  return {
    begin: readAgain,
    stop() {
      stopped = true;
      clearTimeout(retry);
      unsubscribe();
    },
  };
}

function unreachable(cause: unknown): Result<never> {
  const message = cause instanceof Error ? cause.message : String(cause);
  return { ok: false, error: { code: 'bridge-failed', message } };
}
