/** Sleep and wake, as far as supervision cares: whether probes may be trusted now. */

export interface Power {
  suspend(): void;
  resume(): void;
  readonly suspended: boolean;
  /** Grows with each wake: an answer that straddles one says nothing. */
  readonly wakeCount: number;
  /** Resolves at once when awake. */
  awake(): Promise<void>;
}

/** No Mac takes so long to fall asleep: who still runs then is awake, though nobody has said so (electron#16297). */
export const resumeLostMs = 120_000;

export function createPower(): Power {
  let suspended = false;
  let wakeCount = 0;
  let waiting: (() => void)[] = [];
  let resumeLost: NodeJS.Timeout | undefined;

  function resume(): void {
    clearTimeout(resumeLost);
    suspended = false;
    wakeCount += 1;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  return {
    suspend() {
      suspended = true;
      clearTimeout(resumeLost);
      resumeLost = setTimeout(resume, resumeLostMs);
      resumeLost.unref();
    },
    resume,
    get suspended() {
      return suspended;
    },
    get wakeCount() {
      return wakeCount;
    },
    awake: () => (suspended ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}

/** How far the two clocks, or a timer and its due time, may differ before we must have slept or been stopped. */
export const sleepSlackMs = 2_000;

export interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * Whether the machine slept or this process was stopped between two instants that should be at most `expectedMs`
 * apart: macOS sometimes delivers `suspend` only at the wake, or `resume` alone (electron#16297). A wall clock set
 * back or forward looks the same; then one probe goes uncounted, which is harmless.
 */
export function straddlesSleep(from: Instant, to: Instant, expectedMs: number): boolean {
  const wallMs = to.wallMs - from.wallMs;
  const monotonicMs = to.monotonicMs - from.monotonicMs;
  return Math.abs(wallMs - monotonicMs) > sleepSlackMs || monotonicMs > expectedMs + sleepSlackMs;
}

/** How much of the time between two instants, at most `expectedMs` apart if nothing intervened, was spent awake. */
export function awakeMs(from: Instant, to: Instant, expectedMs: number): number {
  const passedMs = to.monotonicMs - from.monotonicMs;
  return straddlesSleep(from, to, expectedMs) ? Math.min(passedMs, expectedMs) : passedMs;
}
