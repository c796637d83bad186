/** Waits for something to stand in the status: from the present on, without a gap, and never for ever. */
import { problem } from '../contract/result.ts';
import type { Snapshot } from '../contract/status.ts';
import type { StatusStore } from '../status/store.ts';
import { commonWords } from '../words/index.ts';

/** Of a wait that somebody ended. */
export const cancelled = problem('setup-cancelled', commonWords.cancelled);

/** `null`: aborted, or not within the limit; the signal tells which. */
export function untilStatus<T>(
  status: Pick<StatusStore, 'subscribe'>,
  signal: AbortSignal,
  limitMs: number,
  check: (snapshot: Snapshot) => T | null,
): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<T | null>();
  const timer = Number.isFinite(limitMs) ? setTimeout(() => settle(null), limitMs) : undefined;
  const abort = () => settle(null);
  let isSettled = false;
  const { snapshot, unsubscribe } = status.subscribe((_change, present) => look(present));

  function settle(value: T | null): void {
    isSettled = true;
    clearTimeout(timer);
    unsubscribe();
    signal.removeEventListener('abort', abort);
    resolve(value);
  }
  function look(present: Snapshot): void {
    if (isSettled) return;
    const found = check(present);
    if (found !== null) settle(found);
  }

  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) settle(null);
  else look(snapshot);
  return promise;
}

/** `null` as soon as the signal says stop; what was begun may go on for itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(null);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
