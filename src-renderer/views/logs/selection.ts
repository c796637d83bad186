/** Which lines are selected: from an anchor to the active line, also where the window has moved on from one of them. */

import type { LogRow } from '../../bridge.ts';
import { type ReadonlySignal, signal } from '../../state/signal.ts';
import { keyOfRow } from './feed.ts';

/** The lines at both ends, in the order of the log; `all`: every line that the filters let through. */
export type SelectionEnds = 'all' | readonly [LogRow, LogRow];

export interface Selection {
  /** The line that the keyboard stands on. */
  readonly active: ReadonlySignal<string | null>;
  choose(row: LogRow, extend: boolean): void;
  /** Moves by so many lines; answers the new index. Without an active line it begins at `start`. */
  move(rows: readonly LogRow[], step: number, extend: boolean, start: number): number | null;
  all(rows: readonly LogRow[]): void;
  clear(): void;
  activeRow(rows: readonly LogRow[]): LogRow | undefined;
  /** First and last index of what is selected of these rows, both included. */
  rangeIn(rows: readonly LogRow[]): readonly [number, number] | null;
  ends(): SelectionEnds | null;
  /** Both ends are among these rows. */
  isWithin(rows: readonly LogRow[]): boolean;
}

/** Rows of different files at the same millisecond have no order that could be told from them. */
export const isBefore = (one: LogRow, other: LogRow): boolean =>
  one.timeMs === other.timeMs && one.log === other.log && one.segment === other.segment
    ? one.offset < other.offset
    : one.timeMs < other.timeMs;

export function createSelection(): Selection {
  const active = signal<string | null>(null);
  const ends = signal<{ readonly anchor: LogRow; readonly active: LogRow } | null>(null);
  const isAll = signal(false);

  const indexOf = (rows: readonly LogRow[], key: string | null): number =>
    key === null ? -1 : rows.findIndex((row) => keyOfRow(row) === key);

  /** -1 before these rows, their number behind them. */
  function placeIn(rows: readonly LogRow[], row: LogRow): number {
    const [first] = rows;
    const at = indexOf(rows, keyOfRow(row));
    return at >= 0 || first === undefined ? at : isBefore(row, first) ? -1 : rows.length;
  }

  function set(row: LogRow, extend: boolean): void {
    isAll.value = false;
    active.value = keyOfRow(row);
    const { anchor = row } = ends.peek() ?? {};
    ends.value = { anchor: extend ? anchor : row, active: row };
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
      const last = rows.at(-1);
      if (!last) return;
      set(last, false);
      isAll.value = true;
    },
    clear() {
      isAll.value = false;
      active.value = null;
      ends.value = null;
    },
    activeRow: (rows) => rows[indexOf(rows, active.peek())],
    rangeIn(rows) {
      if (isAll.value) return rows.length === 0 ? null : [0, rows.length - 1];
      if (ends.value === null || rows.length === 0) return null;
      const one = placeIn(rows, ends.value.anchor);
      const other = placeIn(rows, ends.value.active);
      const first = Math.min(one, other);
      const last = Math.max(one, other);
      if (last < 0 || first >= rows.length) return null;
      return [Math.max(0, first), Math.min(rows.length - 1, last)];
    },
    ends() {
      if (isAll.peek()) return 'all';
      const both = ends.peek();
      if (both === null) return null;
      return isBefore(both.active, both.anchor) ? [both.active, both.anchor] : [both.anchor, both.active];
    },
    isWithin(rows) {
      const both = ends.peek();
      return (
        !isAll.peek() &&
        both !== null &&
        [both.anchor, both.active].every((row) => indexOf(rows, keyOfRow(row)) >= 0)
      );
    },
  };
}
