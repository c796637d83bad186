/** What can be asked of the logs; each answer takes a slice of time at most and tells where it stopped. */
import { pageMaxChars, rowMaxChars } from '../../contract/log-limits.ts';
import type {
  LogAnchor,
  LogCount,
  LogCursor,
  LogFilter,
  LogFound,
  LogPage,
  LogQuery,
  LogRow,
  LogSummary,
  Ranges,
} from '../../contract/logs.ts';
import { assertNever, fail, ok, problem, type Result } from '../../contract/result.ts';
import { logWords } from '../../words/index.ts';
import { type BlockMemory, createBlockReader, type Gate, isInterruption } from './blocks.ts';
import { compileQuery, type Matcher } from './query.ts';
import {
  countIn,
  createScanner,
  type Direction,
  type Line,
  type Plan,
  type Position,
  type Scanner,
} from './scan.ts';
import { createSeeker, type Positions } from './seek.ts';
import { isTime, type LogFiles, openFolder } from './segments.ts';

/** A file may be rotated or packed between the look at the folder and its reading; then all is asked again. */
const attemptsMax = 3;
/** Lines of one piece of a log that is saved. */
const exportLines = 20_000;
const exportChars = 1_000_000;

export interface PageInput {
  readonly filter: LogFilter;
  readonly from: LogAnchor;
  readonly before: number;
  readonly after: number;
}
export interface FindInput {
  readonly filter: LogFilter;
  readonly query: LogQuery;
  readonly from: LogAnchor;
  readonly direction: Direction;
}
export interface CountInput {
  readonly filter: LogFilter;
  readonly query: LogQuery | null;
  readonly from: LogAnchor;
}
export interface ExportInput {
  readonly filter: LogFilter;
  readonly from: LogAnchor;
}
export interface Exported {
  readonly text: string;
  readonly lines: number;
  readonly cursor: LogCursor;
  readonly isDone: boolean;
}

export interface LogEngine {
  list(): LogSummary[];
  page(input: PageInput): Promise<Result<LogPage>>;
  find(input: FindInput): Promise<Result<LogFound>>;
  count(input: CountInput): Promise<Result<LogCount>>;
  export(input: ExportInput): Promise<Result<Exported>>;
  /** One line in full. */
  entry(place: {
    readonly log: string;
    readonly segment: number;
    readonly offset: number;
  }): Promise<Result<string>>;
  highlight(query: LogQuery, texts: readonly string[]): Result<Ranges[]>;
  /** Another one after every change of any log. */
  fingerprint(): string;
  close(): void;
}

const gone = problem('log-line-gone', logWords.lineGone, logWords.removedForCap);

export function createLogEngine(dir: string, gate: Gate): LogEngine {
  const folder = openFolder(dir);
  const reader = createBlockReader(gate);
  const seek = createSeeker(reader);

  function select({ logs }: Pick<LogFilter, 'logs'>): LogFiles[] {
    folder.refresh();
    return folder.logs().filter(({ name }) => logs === null || logs.includes(name));
  }

  function planOf(filter: LogFilter, query: LogQuery | null): Result<Plan> {
    const matchers: Matcher[] = [];
    for (const one of [query, filter.query]) {
      if (one === null) continue;
      const compiled = compileQuery(one);
      if (!compiled.ok) return compiled;
      matchers.push(compiled.value);
    }
    return ok({ level: filter.level, fromMs: filter.fromMs, toMs: filter.toMs, matchers });
  }

  async function resolve(
    logs: readonly LogFiles[],
    anchor: LogAnchor,
    filter: LogFilter,
  ): Promise<Positions> {
    switch (anchor.kind) {
      case 'start':
        return each(logs, async (files) =>
          filter.fromMs === null ? startOf(files) : seek.time(files, filter.fromMs),
        );
      case 'end':
        return each(logs, async (files) =>
          filter.toMs === null ? endOf(files) : seek.time(files, filter.toMs),
        );
      case 'time':
        return each(logs, (files) => seek.time(files, anchor.ms));
      case 'fraction':
        return seek.fraction(logs, anchor.fraction);
      case 'cursor':
        return each(logs, async (files) => {
          const known = anchor.cursor.find(({ log }) => log === files.name);
          return known ? positionOf(files, known) : startOf(files);
        });
      case 'row':
        return each(logs, async (files) => {
          const { row, side } = anchor;
          if (files.name !== row.log) return seek.time(files, row.timeMs);
          const position = await positionOf(files, row);
          const line = side === 'after' && position ? await lineAt(files, position) : null;
          return line ? { segment: line.segment, offset: line.end } : position;
        });
      default:
        return assertNever(anchor, 'resolve');
    }
  }

  async function endOf({ segments }: LogFiles): Promise<Position | null> {
    const segment = segments.at(-1);
    return segment ? { segment, offset: await reader.end(segment) } : null;
  }

  /**
   * What is gone was removed to keep the cap: the place is before the first segment that begins later. Without a time it
   * may as well have been emptied, and what follows is in the current file. A file shorter than the place was emptied too.
   */
  async function positionOf(
    files: LogFiles,
    place: { readonly segment: number; readonly offset: number },
  ): Promise<Position | null> {
    const { segments } = files;
    const segment = segments.find(({ id }) => id === place.segment);
    if (segment)
      return { segment, offset: !segment.packed && place.offset > segment.bytes ? 0 : place.offset };
    const next = segments.find(({ id, isCurrent }) =>
      isTime(place.segment) ? id > place.segment : isCurrent,
    );
    return next ? { segment: next, offset: 0 } : endOf(files);
  }

  async function lineAt(files: LogFiles, from: Position): Promise<Line | null> {
    const plan: Plan = { level: 'debug', fromMs: null, toMs: null, matchers: [] };
    return createScanner({ files, from, direction: 'forward', plan, reader }).peek();
  }

  function scanners(
    logs: readonly LogFiles[],
    positions: Positions,
    direction: Direction,
    plan: Plan,
  ): Scanner[] {
    return logs.map((files) =>
      createScanner({ files, from: positions.get(files.name) ?? null, direction, plan, reader }),
    );
  }

  /** What is needed of one operation is let go of at its end, however it ends. */
  async function during<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      gate.stopClock();
      try {
        const answer = await work();
        if (!reader.wasStale() || attempt >= attemptsMax) return answer;
      } finally {
        reader.release();
      }
    }
  }

  return {
    list() {
      folder.refresh();
      return folder.logs().map(({ name, segments }) => {
        const archives = segments.filter((segment) => !segment.isCurrent);
        const archiveBytes = archives.reduce((sum, one) => sum + one.diskBytes, 0);
        const current = segments.find((segment) => segment.isCurrent);
        return { log: name, bytes: current?.diskBytes ?? 0, archives: archives.length, archiveBytes };
      });
    },

    page: ({ filter, from, before, after }) =>
      during(async () => {
        const plan = planOf(filter, null);
        if (!plan.ok) return plan;
        const logs = select(filter);
        const positions = await resolve(logs, from, filter);
        gate.startClock();
        const back = scanners(logs, positions, 'backward', plan.value);
        const older = await merge(back, 'backward', before, pageMaxChars / 2, rowOf);
        const ahead = scanners(logs, positions, 'forward', plan.value);
        const newer = await merge(ahead, 'forward', after, pageMaxChars / 2, rowOf);
        const start = positionsOf(back);
        const end = positionsOf(ahead);
        return ok({
          rows: [...older.taken.reverse(), ...newer.taken],
          anchorRow: older.taken.length,
          start: cursorOf(start),
          end: cursorOf(end),
          atStart: back.every((one) => one.isOver()) || (before === 0 && from.kind === 'start'),
          atEnd: ahead.every((one) => one.isOver()) || (after === 0 && from.kind === 'end'),
          startFraction: seek.fractionOf(logs, start),
          endFraction: seek.fractionOf(logs, end),
        });
      }),

    find: ({ filter, query, from, direction }) =>
      during(async () => {
        const plan = planOf(filter, query);
        if (!plan.ok) return plan;
        const logs = select(filter);
        const all = scanners(logs, await resolve(logs, from, filter), direction, plan.value);
        gate.startClock();
        const { taken, isInterrupted } = await merge(all, direction, 1, pageMaxChars, rowOf);
        const [row] = taken;
        if (row) return ok({ kind: 'found', row });
        if (!isInterrupted) return ok({ kind: 'none' });
        const reached = positionsOf(all);
        return ok({ kind: 'more', cursor: cursorOf(reached), fraction: seek.fractionOf(logs, reached) });
      }),

    count: ({ filter, query, from }) =>
      during(async () => {
        const plan = planOf(filter, query);
        if (!plan.ok) return plan;
        const logs = select(filter);
        const positions = new Map(await resolve(logs, from, filter));
        gate.startClock(true);
        let count = 0;
        let isDone = true;
        try {
          for (const files of logs) {
            await countLog(files, positions, plan.value, (more) => {
              count += more;
            });
          }
        } catch (error) {
          if (!isInterruption(error)) throw error;
          isDone = false;
        }
        const fraction = seek.fractionOf(logs, positions);
        return ok({ count, cursor: cursorOf(positions), isDone, fraction });
      }),

    export: ({ filter, from }) =>
      during(async () => {
        const plan = planOf(filter, null);
        if (!plan.ok) return plan;
        const logs = select(filter);
        const ahead = scanners(logs, await resolve(logs, from, filter), 'forward', plan.value);
        gate.startClock();
        const isMerged = logs.length > 1;
        const { taken } = await merge(ahead, 'forward', exportLines, exportChars, (line) => ({
          text: exportedLine(line, isMerged),
        }));
        return ok({
          text: taken.map(({ text }) => text).join(''),
          lines: taken.length,
          cursor: cursorOf(positionsOf(ahead)),
          isDone: ahead.every((one) => one.isOver()),
        });
      }),

    entry: ({ log, segment, offset }) =>
      during(async () => {
        const [files] = select({ logs: [log] });
        const found = files?.segments.find(({ id }) => id === segment);
        const line = files && found ? await lineAt(files, { segment: found, offset }) : null;
        return line ? ok(line.body) : fail(gone);
      }),

    highlight(query, texts) {
      const compiled = compileQuery(query);
      if (!compiled.ok) return compiled;
      return ok(
        texts.map((text) => {
          gate.onStep(false);
          return compiled.value.ranges(text);
        }),
      );
    },

    fingerprint() {
      folder.refresh();
      return folder
        .logs()
        .map(({ name, segments }) => {
          const newest = segments.at(-1);
          return [name, segments.length, newest?.id, newest?.isCurrent, newest?.bytes].join(' ');
        })
        .join('\n');
    },

    close: () => reader.close(),
  };

  /** Tells of each block as it goes, so that an interruption keeps what was counted. */
  async function countLog(
    files: LogFiles,
    positions: Map<string, Position>,
    plan: Plan,
    onCount: (more: number) => void,
  ): Promise<void> {
    let isFirst = true;
    const memory: BlockMemory = { bytes: null };
    for (let at = positions.get(files.name); at; ) {
      const block = await reader.after(at.segment, at.offset, isFirst, memory);
      isFirst = false;
      if (block) {
        onCount(countIn(block, plan));
        at = { segment: at.segment, offset: block.base + block.bytes.length };
      } else {
        const next = files.segments[files.segments.indexOf(at.segment) + 1];
        if (!next) return;
        at = { segment: next, offset: 0 };
      }
      positions.set(files.name, at);
    }
  }
}

async function each(
  logs: readonly LogFiles[],
  find: (files: LogFiles) => Promise<Position | null>,
): Promise<Positions> {
  const positions = new Map<string, Position>();
  for (const files of logs) {
    const position = await find(files);
    if (position) positions.set(files.name, position);
  }
  return positions;
}

function startOf({ segments }: LogFiles): Position | null {
  const [segment] = segments;
  return segment ? { segment, offset: 0 } : null;
}

function positionsOf(scanners: readonly Scanner[]): Positions {
  return new Map(
    scanners.flatMap((scanner): [string, Position][] => {
      const position = scanner.position();
      return position ? [[scanner.log, position]] : [];
    }),
  );
}

const cursorOf = (positions: Positions): LogCursor =>
  [...positions].map(([log, { segment, offset }]) => ({ log, segment: segment.id, offset }));

interface Merged<T> {
  /** In the order in which they were taken. */
  readonly taken: T[];
  readonly isInterrupted: boolean;
}

/** By time; at the same time in the order of the logs, so that both directions tell one story. */
async function merge<T extends { readonly text: string }>(
  scanners: readonly Scanner[],
  direction: Direction,
  count: number,
  maxChars: number,
  /** What is kept of a line: a line may be long, and a page of them longer than memory. */
  keep: (line: Line) => T,
): Promise<Merged<T>> {
  const taken: T[] = [];
  let chars = 0;
  const ordered = direction === 'forward' ? scanners : [...scanners].reverse();
  try {
    while (taken.length < count && chars < maxChars) {
      let first: { readonly scanner: Scanner; readonly line: Line } | null = null;
      for (const scanner of ordered) {
        const line = await scanner.peek();
        if (!line) continue;
        const isFirst =
          first === null ||
          (direction === 'forward' ? line.timeMs < first.line.timeMs : line.timeMs > first.line.timeMs);
        if (isFirst) first = { scanner, line };
      }
      if (first === null) break;
      first.scanner.take();
      const kept = keep(first.line);
      taken.push(kept);
      chars += kept.text.length;
    }
  } catch (error) {
    if (!isInterruption(error)) throw error;
    return { taken, isInterrupted: true };
  }
  return { taken, isInterrupted: false };
}

function rowOf({ segment, start, timeMs, source, level, body }: Line): LogRow {
  const isCut = body.length > rowMaxChars;
  return {
    log: segment.log,
    segment: segment.id,
    offset: start,
    timeMs,
    source,
    level,
    text: isCut ? body.slice(0, rowMaxChars) : body,
    isCut,
  };
}

function exportedLine({ segment, ownTimeMs, source, body }: Line, isMerged: boolean): string {
  const time = ownTimeMs === null ? '' : `${new Date(ownTimeMs).toISOString()} `;
  const mark = source === 'foreign' ? '' : `${source} `;
  return `${time}${isMerged ? `${segment.log} ` : ''}${mark}${body}\n`;
}
