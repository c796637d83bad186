/** The one way out: menu, signal, logout and a bug all end here, once, in order and within a deadline. Plain Node. */

export type QuitCause = 'user' | 'signal' | 'shutdown' | 'bug';

/** Work that must be done before the process may end, in this order. `deadlineMs` is what is left for all of it. */
export interface QuitStep {
  readonly name: string;
  readonly run: (deadlineMs: number) => Promise<void>;
}

export interface QuitOptions {
  readonly steps: readonly QuitStep[];
  /** Asked to quit again while quitting: every grace is cut short. */
  readonly force: () => void;
  /** Ends the process; called once. */
  readonly exit: (code: number) => void;
  readonly log: (message: string) => void;
  readonly deadlinesMs?: Readonly<Record<QuitCause, number>>;
}

/**
 * A logout waits for nobody for long; a user's quit lets running answers finish. Stops have graces of their own that
 * end in KILL, so the user's deadline is only the last resort behind the largest of them.
 */
const quitDeadlinesMs: Readonly<Record<QuitCause, number>> = {
  user: 75_000,
  signal: 75_000,
  shutdown: 4_000,
  bug: 10_000,
};

/** A step that does not end by itself is left behind after this, once its deadline has passed. */
const overdueMs = 3_000;

export interface QuitCoordinator {
  /** Starts to quit, or, when that is under way, forces it. */
  request(cause: QuitCause): void;
  readonly phase: 'running' | 'quitting' | 'done';
  /** Of the last request; a shutdown during a user's quit makes it a shutdown. */
  readonly cause: QuitCause | null;
}

export function createQuitCoordinator(options: QuitOptions): QuitCoordinator {
  const deadlines = options.deadlinesMs ?? quitDeadlinesMs;
  let phase: QuitCoordinator['phase'] = 'running';
  let lastCause: QuitCause | null = null;
  let deadlineAtMs = Number.POSITIVE_INFINITY;

  async function runSteps(cause: QuitCause): Promise<void> {
    for (const step of options.steps) {
      const leftMs = Math.max(0, deadlineAtMs - performance.now());
      const outcome = await within(step.run(leftMs), leftMs + overdueMs);
      if (outcome !== 'done') options.log(`Quit (${cause}): ${step.name} ${outcome}.`);
    }
    phase = 'done';
    options.exit(cause === 'bug' ? 1 : 0);
  }

  return {
    request(cause) {
      if (phase === 'done') return;
      lastCause = cause;
      deadlineAtMs = Math.min(deadlineAtMs, performance.now() + deadlines[cause]);
      if (phase === 'quitting') {
        // A logout during a user's quit only shortens the wait; a second wish of the user does not wait at all.
        if (cause !== 'shutdown') options.force();
        else setTimeout(options.force, deadlines.shutdown).unref();
        return;
      }
      phase = 'quitting';
      options.log(`Quitting (${cause}).`);
      void runSteps(cause);
    },
    get phase() {
      return phase;
    },
    get cause() {
      return lastCause;
    },
  };
}

async function within(work: Promise<void>, limitMs: number): Promise<string> {
  const { promise: overdue, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve('was still not done and is left behind'), limitMs);
  const finished = work.then(
    () => 'done',
    (error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`,
  );
  const outcome = await Promise.race([finished, overdue]);
  clearTimeout(timer);
  return outcome;
}
