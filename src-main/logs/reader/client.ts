/** The main thread's side: one reader thread to look at logs, one to search them, both only while they are needed. */
import { Worker } from 'node:worker_threads';
import { fail, problem, type Result } from '../../contract/result.ts';
import { commonWords, logWords } from '../../words/index.ts';
import type { FromReader, ReaderData, RequestInput, RequestName, RequestOutput } from './protocol.ts';

/** Far more than a page needs; small, so that what a search leaves behind is collected soon. */
const heapLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 };
/** A thread that nobody asked anything for so long is let go, with its memory. */
export const idleMs = 30_000;
/**
 * A thread that has not made one step for so long is inside a pattern that does not come to an end; it is ended. A
 * thread, and not a dialect of patterns that cannot do this: people get the patterns they know, at no dependency.
 */
export const stuckMs = 1500;
/** While it starts, or where no pattern is looked for: then only the disk, or a very busy machine, can hold it up. */
const stalledMs = 15_000;
const watchdogMs = 100;

export interface Lane {
  call<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Result<RequestOutput<N>>>;
  /** Whatever was asked until now is answered at once, with `cancelled`, and no longer worked at. */
  cancel(): void;
  /** Ends the thread; the next question begins another. */
  rest(): void;
  close(): Promise<void>;
}

export interface LaneOptions {
  readonly dir: string;
  /** The reader thread's file. */
  readonly file: string | URL;
  readonly onGrew?: () => void;
}

export const cancelledProblem = problem('cancelled', logWords.searchStopped);
const stuck = problem('pattern-too-slow', logWords.expressionTooSlow, logWords.makeItSimpler);
const failed = problem('log-reader-failed', logWords.couldNotBeRead, commonWords.tryAgain);

interface Waiting {
  readonly resolve: (result: Result<unknown>) => void;
  readonly hasPattern: boolean;
}

interface Thread {
  readonly worker: Worker;
  readonly steps: Int32Array;
  readonly waiting: Map<number, Waiting>;
  isWatching: boolean;
}

const isPattern = (query: unknown): boolean =>
  typeof query === 'object' && query !== null && 'isPattern' in query && query.isPattern === true;

/** Of any request: its own query, or that of its filter. */
function hasPattern(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  return ('query' in input && isPattern(input.query)) || ('filter' in input && hasPattern(input.filter));
}

export function createLane({ dir, file, onGrew }: LaneOptions): Lane {
  let thread: Thread | null = null;
  let nextId = 1;
  let idle: NodeJS.Timeout | null = null;
  let watchdog: NodeJS.Timeout | null = null;
  let isClosed = false;

  function begin(): Thread {
    const steps = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const data: ReaderData = { dir, steps };
    const worker = new Worker(file, { workerData: data, resourceLimits: heapLimits });
    const created: Thread = { worker, steps: new Int32Array(steps), waiting: new Map(), isWatching: false };
    worker.on('message', (message: FromReader) => {
      if (message.kind === 'grew') onGrew?.();
      else settle(created, message.id, message.result);
    });
    worker.on('error', () => end(created, failed));
    worker.on('exit', () => end(created, failed));
    worker.unref();
    thread = created;
    return created;
  }

  function settle(of: Thread, id: number, result: Result<unknown>): void {
    of.waiting.get(id)?.resolve(result);
    of.waiting.delete(id);
    if (of.waiting.size > 0) return;
    stopWatchdog();
    of.worker.unref();
    if (!of.isWatching) idle ??= setTimeout(() => end(of, failed), idleMs).unref();
  }

  /** Ends the thread; whoever waits for it is told why. */
  function end(of: Thread, why: typeof failed): void {
    if (thread === of) {
      thread = null;
      stopWatchdog();
      stopIdle();
    }
    for (const { resolve } of of.waiting.values()) resolve(fail(why));
    of.waiting.clear();
    void of.worker.terminate();
  }

  function stopIdle(): void {
    if (idle) clearTimeout(idle);
    idle = null;
  }
  function stopWatchdog(): void {
    if (watchdog) clearInterval(watchdog);
    watchdog = null;
  }

  function watch(of: Thread): void {
    let steps = Atomics.load(of.steps, 0);
    let since = performance.now();
    watchdog ??= setInterval(() => {
      const present = Atomics.load(of.steps, 0);
      if (present !== steps) {
        steps = present;
        since = performance.now();
        return;
      }
      const stoodMs = performance.now() - since;
      const mayBeStuck = steps > 0 && [...of.waiting.values()].some(({ hasPattern }) => hasPattern);
      if (mayBeStuck && stoodMs > stuckMs) end(of, stuck);
      else if (stoodMs > stalledMs) end(of, failed);
    }, watchdogMs);
  }

  return {
    call(name, input) {
      if (isClosed) return Promise.resolve(fail(failed));
      const present = thread ?? begin();
      stopIdle();
      const id = nextId;
      nextId += 1;
      if (name === 'watch') present.isWatching = input === true;
      return new Promise((resolve) => {
        // The other side answers a request with what belongs to its name: both are compiled from one table.
        present.waiting.set(id, {
          resolve: (result) => resolve(result as Result<RequestOutput<typeof name>>),
          hasPattern: hasPattern(input),
        });
        present.worker.ref();
        present.worker.postMessage({ id, name, input });
        watch(present);
      });
    },
    cancel() {
      // A pattern that does not end listens to nothing else; the next question begins a new thread.
      if (thread && thread.waiting.size > 0) end(thread, cancelledProblem);
    },
    rest() {
      if (thread) end(thread, cancelledProblem);
    },
    async close() {
      isClosed = true;
      const present = thread;
      if (present) end(present, failed);
      await present?.worker.terminate();
    },
  };
}
