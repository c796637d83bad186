/** The lines around where the user looks: a bounded window of pages over logs of any size, and how it moves. */

import type {
  CommandOutput,
  LogAnchor,
  LogCursor,
  LogFilter,
  LogPage,
  LogPlace,
  LogRow,
  Problem,
  Result,
} from '../../bridge.ts';
import { type ReadonlySignal, signal } from '../../state/signal.ts';
import type { Store } from '../../state/store.ts';

const pageRows = 300;
/** A few screens: enough to open with, the rest follows. */
const firstRows = 120;
/** The far end of the window is let go of beyond it. */
export const windowMaxRows = 3000;
/** So many lines arriving at once are not scrolled through: the view goes to the newest. */
const burstRows = 1000;
/** Counting new lines beyond it would say nothing more. */
export const newLinesMax = 99_999;

/** Where the list is to stand after a jump: this row, or the end of all. */
export interface Target {
  readonly key: string | null;
  readonly place: 'top' | 'middle' | 'end';
}

export interface FeedView {
  readonly rows: readonly LogRow[];
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** 0 to 1, of all bytes. */
  readonly startFraction: number;
  readonly endFraction: number;
}

export type Busy = 'no' | 'jump' | 'older' | 'newer';

export interface Feed {
  readonly view: ReadonlySignal<FeedView>;
  readonly filter: ReadonlySignal<LogFilter>;
  readonly busy: ReadonlySignal<Busy>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** A new object for each jump. */
  readonly target: ReadonlySignal<Target>;
  readonly isFollowing: ReadonlySignal<boolean>;
  /** Since the user left the end. */
  readonly newLines: ReadonlySignal<number>;
  setFilter(filter: LogFilter): void;
  loadOlder(): void;
  loadNewer(): void;
  /** Goes to the newest line and stays there. */
  toEnd(): void;
  jump(from: LogAnchor, target?: 'top' | 'middle'): Promise<void>;
  show(place: LogPlace): Promise<void>;
  setFollowing(isFollowing: boolean): void;
  /** Some log has grown. */
  grew(): void;
  /** Ends a search for lines that pass a narrow filter. */
  stop(): void;
  close(): void;
}

export const everything: LogFilter = { logs: null, level: 'debug', fromMs: null, toMs: null, query: null };

export const keyOfRow = ({ log, segment, offset }: LogRow): string => `${log}/${segment}/${offset}`;

/** What the reader needs to find a line again. */
export const placeOf = ({ log, segment, offset, timeMs }: LogRow) => ({ log, segment, offset, timeMs });

const noView: FeedView = { rows: [], atStart: false, atEnd: false, startFraction: 0, endFraction: 1 };

export function createFeed({ ask }: Pick<Store, 'ask'>): Feed {
  const view = signal<FeedView>(noView);
  const filter = signal<LogFilter>(everything);
  const busy = signal<Busy>('no');
  const problem = signal<Problem | null>(null);
  const target = signal<Target>({ key: null, place: 'end' });
  const isFollowing = signal(true);
  const newLines = signal(0);
  let pages: readonly LogPage[] = [];
  /** Replies to what was asked before the last jump are of another time. */
  let epoch = 0;
  /** Up to where lines were shown or counted. */
  let countedTo: LogCursor | null = null;
  let isCounting = false;
  let grewMeanwhile = false;
  let isWatching = false;

  const page = (from: LogAnchor, before: number, after: number) =>
    ask('log.page', { filter: filter.peek(), from, before, after });

  function publish(next: readonly LogPage[]): void {
    pages = next;
    const [first] = pages;
    const last = pages.at(-1);
    if (!first || !last) {
      view.value = noView;
      return;
    }
    view.value = {
      rows: pages.flatMap((one) => one.rows),
      atStart: first.atStart,
      atEnd: last.atEnd,
      startFraction: first.startFraction,
      endFraction: last.endFraction,
    };
  }

  const rowsOf = (some: readonly LogPage[]): number => some.reduce((sum, one) => sum + one.rows.length, 0);

  /** Whole pages are dropped from the side that is not looked at; one that is not whole carries no position. */
  function bounded(some: readonly LogPage[], keep: 'first' | 'last'): readonly LogPage[] {
    let kept = some;
    while (kept.length > 1 && rowsOf(kept) > windowMaxRows) {
      kept = keep === 'first' ? kept.slice(0, -1) : kept.slice(1);
    }
    return kept;
  }

  async function jump(from: LogAnchor, place: Target['place'] = 'top'): Promise<void> {
    epoch += 1;
    const mine = epoch;
    const isEnd = from.kind === 'end';
    busy.value = 'jump';
    problem.value = null;
    const [before, after] = isEnd
      ? [firstRows, 0]
      : from.kind === 'start'
        ? [0, pageRows]
        : [pageRows / 2, pageRows];
    const result = await page(from, before, after);
    if (mine !== epoch) return;
    busy.value = 'no';
    if (!result.ok) {
      problem.value = result.error;
      publish([]);
      return;
    }
    const found = result.value;
    publish([found]);
    // After the lines: who opens the view waits for them.
    if (!isWatching) void ask('log.watch', { enabled: true });
    isWatching = true;
    if (isEnd) {
      countedTo = found.end;
      newLines.value = 0;
    }
    const row = found.rows[Math.min(found.anchorRow, found.rows.length - 1)];
    target.value = { key: row && !isEnd ? keyOfRow(row) : null, place: isEnd ? 'end' : place };
    if (found.rows.length < pageRows / 2 && !found.atStart) void load('older');
    else if (found.rows.length < pageRows / 2 && !found.atEnd) void load('newer');
  }

  /** Until there are enough lines, or no more: a narrow filter may have to look through everything. */
  async function load(side: 'older' | 'newer'): Promise<void> {
    if (busy.peek() !== 'no' || pages.length === 0) return;
    const mine = epoch;
    busy.value = side;
    let wanted = pageRows;
    while (wanted > 0) {
      const edge = side === 'older' ? pages[0] : pages.at(-1);
      if (!edge || (side === 'older' ? edge.atStart : edge.atEnd && !grewMeanwhile)) break;
      grewMeanwhile = false;
      const cursor = side === 'older' ? edge.start : edge.end;
      const result = await page(
        { kind: 'cursor', cursor },
        side === 'older' ? pageRows : 0,
        side === 'newer' ? pageRows : 0,
      );
      if (mine !== epoch) return;
      if (!result.ok) {
        problem.value = result.error;
        break;
      }
      wanted -= result.value.rows.length;
      const joined = side === 'older' ? [result.value, ...pages] : [...pages, result.value];
      publish(merged(bounded(joined, side === 'older' ? 'first' : 'last')));
      if (side === 'newer' && result.value.atEnd) countedTo = result.value.end;
    }
    busy.value = 'no';
    if (grewMeanwhile) grew();
  }

  /** Small pages next to each other become one, so that following line by line does not pile them up. */
  function merged(some: readonly LogPage[]): readonly LogPage[] {
    const out: LogPage[] = [];
    for (const one of some) {
      const last = out.at(-1);
      if (last && last.rows.length + one.rows.length <= pageRows) {
        out[out.length - 1] = {
          ...last,
          rows: [...last.rows, ...one.rows],
          end: one.end,
          atEnd: one.atEnd,
          endFraction: one.endFraction,
        };
      } else out.push(one);
    }
    return out;
  }

  async function followOn(): Promise<void> {
    const last = pages.at(-1);
    if (!last) return jump({ kind: 'end' });
    const mine = epoch;
    busy.value = 'newer';
    const result = await page({ kind: 'cursor', cursor: last.end }, 0, burstRows);
    if (mine !== epoch) return;
    busy.value = 'no';
    if (!result.ok) {
      problem.value = result.error;
      return;
    }
    if (!result.value.atEnd && isFollowing.peek()) return jump({ kind: 'end' });
    publish(merged(bounded([...pages, result.value], 'last')));
    if (result.value.atEnd) countedTo = result.value.end;
    if (grewMeanwhile) {
      grewMeanwhile = false;
      grew();
    }
  }

  async function countNew(): Promise<void> {
    if (isCounting || countedTo === null || newLines.peek() >= newLinesMax) return;
    isCounting = true;
    const mine = epoch;
    for (let isDone = false; !isDone && countedTo !== null && newLines.peek() < newLinesMax; ) {
      const result: Result<CommandOutput<'log.count'>> = await ask('log.count', {
        filter: filter.peek(),
        query: filter.peek().query,
        from: { kind: 'cursor', cursor: countedTo },
      });
      if (!result.ok || mine !== epoch || isFollowing.peek()) break;
      newLines.value = Math.min(newLinesMax, newLines.peek() + result.value.count);
      countedTo = result.value.cursor;
      isDone = result.value.isDone;
    }
    isCounting = false;
  }

  function grew(): void {
    // A time in the past has no new lines.
    if (filter.peek().toMs !== null) return;
    if (!isFollowing.peek()) void countNew();
    else if (busy.peek() === 'no') void followOn();
    else grewMeanwhile = true;
  }

  async function show({ log, atMs, line }: LogPlace): Promise<void> {
    filter.value = { ...everything, logs: [log] };
    isFollowing.value = false;
    const from: LogAnchor = { kind: 'time', ms: atMs + 1 };
    const query = line === null ? null : { text: line, isPattern: false, matchCase: true };
    const found =
      query && (await ask('log.find', { filter: filter.peek(), query, from, direction: 'backward' }));
    const row = found?.ok && found.value.kind === 'found' ? found.value.row : null;
    await jump(row ? { kind: 'row', row: placeOf(row), side: 'before' } : from, 'middle');
  }

  return {
    view,
    filter,
    busy,
    problem,
    target,
    isFollowing,
    newLines,
    setFilter(next) {
      filter.value = next;
      newLines.value = 0;
      isFollowing.value = next.toMs === null;
      void jump({ kind: 'end' });
    },
    loadOlder: () => void load('older'),
    loadNewer: () => void load('newer'),
    toEnd() {
      isFollowing.value = true;
      void jump({ kind: 'end' });
    },
    jump: async (from, place) => {
      isFollowing.value = false;
      await jump(from, place);
    },
    show,
    setFollowing(next) {
      if (next === isFollowing.peek()) return;
      isFollowing.value = next;
      if (next) void jump({ kind: 'end' });
      else countedTo = pages.at(-1)?.end ?? countedTo;
    },
    grew,
    stop() {
      epoch += 1;
      busy.value = 'no';
      void ask('log.cancel', {});
    },
    close() {
      epoch += 1;
      void ask('log.watch', { enabled: false });
    },
  };
}
