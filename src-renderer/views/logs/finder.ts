/** The search: how many lines match, the next one in either direction, and what to mark in the lines on screen. */

import type {
  CommandOutput,
  LogAnchor,
  LogFilter,
  LogQuery,
  LogRow,
  Problem,
  Ranges,
  Result,
} from '../../bridge.ts';
import { type ReadonlySignal, signal } from '../../state/signal.ts';
import type { Store } from '../../state/store.ts';
import { keyOfRow } from './feed.ts';

/** Marks of more rows than this are worked out anew when they come back. */
const marksMax = 2000;

export interface Matches {
  readonly count: number;
  readonly isDone: boolean;
}

export interface Finder {
  readonly query: ReadonlySignal<LogQuery | null>;
  readonly matches: ReadonlySignal<Matches | null>;
  /** The line that the search stands at. */
  readonly current: ReadonlySignal<LogRow | null>;
  /** 0 to 1 while a next match is looked for. */
  readonly progress: ReadonlySignal<number | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** By the key of a row; a new map with each change. */
  readonly marks: ReadonlySignal<ReadonlyMap<string, Ranges>>;
  setQuery(query: LogQuery | null, filter: LogFilter): void;
  /** The next match behind `from`, or before it; `null` when there is none, or nobody waits for it any more. */
  find(direction: 'forward' | 'backward', from: LogAnchor, filter: LogFilter): Promise<LogRow | null>;
  /** Works out what to mark in these rows. */
  mark(rows: readonly LogRow[]): void;
  stop(): void;
}

export function createFinder({ ask }: Pick<Store, 'ask'>): Finder {
  const query = signal<LogQuery | null>(null);
  const matches = signal<Matches | null>(null);
  const current = signal<LogRow | null>(null);
  const progress = signal<number | null>(null);
  const problem = signal<Problem | null>(null);
  const marks = signal<ReadonlyMap<string, Ranges>>(new Map());
  let serial = 0;
  let isAsking = 0;
  let isMarking = false;
  let unmarked: readonly LogRow[] = [];

  /** What is under way is of no use any more, and may be a pattern that does not end. */
  function abandon(): void {
    serial += 1;
    progress.value = null;
    if (isAsking > 0) void ask('log.cancel', {});
  }

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    isAsking += 1;
    try {
      return await work();
    } finally {
      isAsking -= 1;
    }
  }

  async function countAll(filter: LogFilter): Promise<void> {
    const mine = serial;
    const wanted = query.peek();
    if (wanted === null) return;
    let from: LogAnchor = { kind: 'start' };
    for (let count = 0; ; ) {
      const start: LogAnchor = from;
      const result: Result<CommandOutput<'log.count'>> = await counted(() =>
        ask('log.count', { filter, query: wanted, from: start }),
      );
      if (mine !== serial) return;
      if (!result.ok) {
        matches.value = null;
        problem.value = result.error;
        return;
      }
      count += result.value.count;
      matches.value = { count, isDone: result.value.isDone };
      if (result.value.isDone) return;
      from = { kind: 'cursor', cursor: result.value.cursor };
    }
  }

  async function markNext(): Promise<void> {
    const wanted = query.peek();
    if (isMarking || wanted === null) return;
    const rows = unmarked.filter((row) => !marks.peek().has(keyOfRow(row)));
    unmarked = [];
    if (rows.length === 0) return;
    isMarking = true;
    const mine = serial;
    const texts = rows.map((row) => row.text);
    const result = await counted(() => ask('log.highlight', { query: wanted, texts }));
    isMarking = false;
    if (mine === serial && result.ok) {
      const next = new Map([...marks.peek()].slice(-marksMax));
      for (const [i, row] of rows.entries()) next.set(keyOfRow(row), result.value.ranges[i] ?? []);
      marks.value = next;
    }
    if (unmarked.length > 0) void markNext();
  }

  return {
    query,
    matches,
    current,
    progress,
    problem,
    marks,
    setQuery(next, filter) {
      abandon();
      query.value = next;
      problem.value = null;
      current.value = null;
      matches.value = next === null ? null : { count: 0, isDone: false };
      marks.value = new Map();
      void countAll(filter);
    },
    async find(direction, from, filter) {
      const wanted = query.peek();
      if (wanted === null) return null;
      const mine = serial;
      progress.value = 0;
      for (let at = from; ; ) {
        const place = at;
        const result = await counted(() =>
          ask('log.find', { filter, query: wanted, from: place, direction }),
        );
        if (mine !== serial) return null;
        if (!result.ok || result.value.kind !== 'more') {
          progress.value = null;
          if (!result.ok) problem.value = result.error;
          const row = result.ok && result.value.kind === 'found' ? result.value.row : null;
          if (row) current.value = row;
          return row;
        }
        const { fraction, cursor } = result.value;
        progress.value = direction === 'forward' ? fraction : 1 - fraction;
        at = { kind: 'cursor', cursor };
      }
    },
    mark(rows) {
      unmarked = rows;
      void markNext();
    },
    stop: abandon,
  };
}
