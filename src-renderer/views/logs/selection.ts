/** Which lines are selected: from an anchor to the active line, by key, so that lines coming in do not move it. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { LogRow } from '../../bridge.ts';
import { keyOfRow } from './feed.ts';

export interface Selection {
  /** The line that the keyboard stands on. */
  readonly active: ReadonlySignal<string | null>;
  choose(row: LogRow, extend: boolean): void;
  /** Moves by so many lines; answers the new index. Without an active line it begins at `start`. */
  move(rows: readonly LogRow[], step: number, extend: boolean, start: number): number | null;
  all(rows: readonly LogRow[]): void;
  clear(): void;
  activeRow(rows: readonly LogRow[]): LogRow | undefined;
  /** First and last index, both included; what has left the window is not selected any more. */
  rangeIn(rows: readonly LogRow[]): readonly [number, number] | null;
}

export function createSelection(): Selection {
  const active = signal<string | null>(null);
  const anchor = signal<string | null>(null);

  const indexOf = (rows: readonly LogRow[], key: string | null): number =>
    key === null ? -1 : rows.findIndex((row) => keyOfRow(row) === key);

  function set(row: LogRow, extend: boolean): void {
    const key = keyOfRow(row);
    active.value = key;
    if (!extend || anchor.peek() === null) anchor.value = key;
  }

  return {
    active,
    choose: set,
    move(rows, step, extend, start) {
      const from = indexOf(rows, active.peek());
      const to = from < 0 ? start : Math.max(0, Math.min(rows.length - 1, from + step));
      const row = rows[to];
      if (!row) return null;
      set(row, extend);
      return to;
    },
    all(rows) {
      const [first] = rows;
      const last = rows.at(-1);
      if (!first || !last) return;
      anchor.value = keyOfRow(first);
      active.value = keyOfRow(last);
    },
    clear() {
      active.value = null;
      anchor.value = null;
    },
    activeRow: (rows) => rows[indexOf(rows, active.peek())],
    rangeIn(rows) {
      const to = indexOf(rows, active.value);
      if (to < 0) return null;
      const from = indexOf(rows, anchor.value);
      return from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    },
  };
}
