/** The lists of models, kept while the window is open: what is on the disk, and what is to be had. */

import type { CommandOutput, Problem, Result } from '../../bridge.ts';
import { type ReadonlySignal, signal } from '../../state/signal.ts';
import { type Store, useStore } from '../../state/store.ts';

export interface Listing<T> {
  readonly value: ReadonlySignal<T | null>;
  /** Why it could not be read; what was read before stays. */
  readonly problem: ReadonlySignal<Problem | null>;
  readonly isReading: ReadonlySignal<boolean>;
  read(refresh?: boolean): Promise<void>;
  /** Until it is read again. */
  change(change: (value: T) => T): void;
}

/** Of two readings only the later one counts. */
export function createListing<T>(ask: (refresh: boolean) => Promise<Result<T>>): Listing<T> {
  const value = signal<T | null>(null);
  const problem = signal<Problem | null>(null);
  const isReading = signal(false);
  let readings = 0;
  return {
    value,
    problem,
    isReading,
    async read(refresh = false) {
      readings += 1;
      const reading = readings;
      isReading.value = true;
      const answer = await ask(refresh);
      if (reading !== readings) return;
      isReading.value = false;
      problem.value = answer.ok ? null : answer.error;
      if (answer.ok) value.value = answer.value;
    },
    change(change) {
      if (value.value !== null) value.value = change(value.value);
    },
  };
}

export interface Library {
  readonly installed: Listing<CommandOutput<'models.list'>>;
  readonly browsed: Listing<CommandOutput<'models.browse'>>;
}

const libraries = new WeakMap<Store, Library>();

export function useLibrary(): Library {
  const store = useStore();
  const known = libraries.get(store);
  if (known !== undefined) return known;
  const library: Library = {
    installed: createListing(() => store.ask('models.list', {})),
    browsed: createListing((refresh) => store.ask('models.browse', { refresh })),
  };
  libraries.set(store, library);
  return library;
}
