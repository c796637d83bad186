/** The lines of one log that pass a filter, one after another, in either direction from a position. */
import { isAscii } from 'node:buffer';
import type { LineSource, LogLevel } from '../../contract/log-limits.ts';
import { type Block, type BlockMemory, type BlockReader, cutAfter } from './blocks.ts';
import { isAtLeast, isInStamp, levelOf, levelSearch, readHead, stampChars } from './line-format.ts';
import { indexFrom, type Matcher } from './query.ts';
import type { LogFiles, Segment } from './segments.ts';

export interface Position {
  readonly segment: Segment;
  readonly offset: number;
}

export interface Line {
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
  /** Of the line; of its segment when it has none. */
  readonly timeMs: number;
  readonly ownTimeMs: number | null;
  readonly source: LineSource;
  readonly level: LogLevel;
  readonly body: string;
}

/** What a line has to be. The first of the queries is the one that is searched by. */
export interface Plan {
  readonly level: LogLevel;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly matchers: readonly Matcher[];
}

export interface Scanner {
  readonly log: string;
  /** The next line, without taking it; `null` at the end. Throws an `Interruption` when time is up. */
  peek(): Promise<Line | null>;
  take(): void;
  /** Behind the last line that was taken, and behind everything that was looked at in vain. */
  position(): Position | null;
  isOver(): boolean;
}

export type Direction = 'forward' | 'backward';

interface Span {
  readonly start: number;
  readonly end: number;
  /** What was searched for is in the body for certain. */
  readonly isMatch: boolean;
}

const newlineText = '\n';

/** Spans of the lines of a block that may pass, in file order; each still has to be looked at. */
function candidates(block: Block, text: string, plan: Plan): Span[] {
  const spans: Span[] = [];
  const { next, isExact } = candidateSearch(block, plan);
  let from = 0;
  while (from < text.length) {
    let hit = next(text, from);
    if (hit < 0) break;
    let start = hit === from ? from : Math.max(from, text.lastIndexOf(newlineText, hit - 1) + 1);
    if (isExact && isInStamp(text, start, hit)) {
      hit = next(text, start + stampChars);
      if (hit < 0) break;
      start = Math.max(start, text.lastIndexOf(newlineText, hit - 1) + 1);
      if (isInStamp(text, start, hit)) {
        from = start;
        continue;
      }
    }
    let cut = cutAfter(block.base + start) - block.base;
    while (cut <= hit) {
      start = cut;
      cut = cutAfter(block.base + start) - block.base;
    }
    const line = text.indexOf(newlineText, hit) + 1;
    const end = Math.min(line === 0 ? text.length : line, cut);
    spans.push({ start, end, isMatch: isExact });
    from = end;
  }
  return spans;
}

interface CandidateSearch {
  readonly next: (text: string, from: number) => number;
  readonly isExact: boolean;
}

const everyLine: CandidateSearch = {
  next: (text, from) => (from < text.length ? from : -1),
  isExact: false,
};

function candidateSearch({ bytes }: Block, plan: Plan): CandidateSearch {
  const [matcher] = plan.matchers;
  if (matcher) {
    const isUsable = matcher.reach === 'bytes' || (matcher.reach === 'ascii' && isAscii(bytes));
    return isUsable ? { next: matcher.next, isExact: matcher.isExact } : everyLine;
  }
  const level = levelSearch(plan.level);
  if (!level || level.marks.some((mark) => bytes.includes(mark))) return everyLine;
  return { next: (where, from) => indexFrom(level.words, where, from), isExact: false };
}

export interface ScannerOptions {
  readonly files: LogFiles;
  readonly from: Position | null;
  readonly direction: Direction;
  readonly plan: Plan;
  readonly reader: BlockReader;
}

export function createScanner({ files, from, direction, plan, reader }: ScannerOptions): Scanner {
  const { segments } = files;
  const isForward = direction === 'forward';
  let at = from;
  let block: Block | null = null;
  let text = '';
  let spans: readonly Span[] = [];
  /** Of the next span to be looked at. */
  let index = 0;
  let ready: Line | null = null;
  let isFirst = true;
  const memory: BlockMemory = { bytes: null };
  let ended = from === null;

  async function load(): Promise<boolean> {
    block = null;
    while (at) {
      const { segment, offset } = at;
      const loaded = await (isForward
        ? reader.after(segment, offset, isFirst, memory)
        : reader.before(segment, offset, isFirst, memory));
      isFirst = false;
      if (loaded) {
        block = loaded;
        const isAbsent = plan.matchers[0]?.isAbsent(loaded.bytes) ?? false;
        text = isAbsent ? '' : loaded.bytes.toString('latin1');
        const found = isAbsent ? [] : candidates(loaded, text, plan);
        spans = isForward ? found : found.reverse();
        index = 0;
        at = { segment, offset: isForward ? loaded.base + loaded.bytes.length : loaded.base };
        return true;
      }
      const other = segments[segments.indexOf(segment) + (isForward ? 1 : -1)];
      if (!other) return false;
      at = { segment: other, offset: isForward ? 0 : await reader.end(other) };
    }
    return false;
  }

  function read({ start, end, isMatch }: Span, { base, bytes }: Block, segment: Segment): Line | null {
    const head = readHead(text, start);
    const bodyEnd = text.charCodeAt(end - 1) === 10 ? end - 1 : end;
    const body = bytes.toString('utf8', start + head.bodyAt, bodyEnd);
    const others = isMatch ? plan.matchers.slice(1) : plan.matchers;
    if (!others.every((matcher) => matcher.test(body))) return null;
    const level = levelOf(head, body);
    if (!isAtLeast(level, plan.level)) return null;
    const timeMs = head.timeMs ?? segment.otherwiseMs;
    if (plan.fromMs !== null && timeMs < plan.fromMs) return isForward ? null : over();
    if (plan.toMs !== null && timeMs >= plan.toMs) return isForward ? over() : null;
    return {
      segment,
      start: base + start,
      end: base + end,
      timeMs,
      ownTimeMs: head.timeMs,
      source: head.source,
      level,
      body,
    };
  }

  /** Times only grow in a log: what follows is outside of the plan's limits too. */
  function over(): null {
    ended = true;
    return null;
  }

  async function advance(): Promise<Line | null> {
    while (!ended) {
      for (; block && at && index < spans.length && !ended; index += 1) {
        const span = spans[index];
        const line = span && read(span, block, at.segment);
        if (line) return line;
      }
      if (!ended && !(await load())) return null;
    }
    return null;
  }

  return {
    log: files.name,
    async peek() {
      ready ??= await advance();
      if (!ready) ended = true;
      return ready;
    },
    take() {
      if (!ready) return;
      ready = null;
      index += 1;
    },
    position() {
      const span = block ? spans[index] : undefined;
      if (!at || !block || !span) return at;
      return { segment: at.segment, offset: block.base + (isForward ? span.start : span.end) };
    },
    isOver: () => ended && ready === null,
  };
}

/** Lines that pass, counted only: no more than their number is made of them. */
export function countIn(block: Block, plan: Plan): number {
  if (plan.matchers[0]?.isAbsent(block.bytes)) return 0;
  const text = block.bytes.toString('latin1');
  const simple = plan.level === 'debug' && plan.matchers.length < 2 && plan.toMs === null;
  let count = 0;
  for (const { start, end, isMatch } of candidates(block, text, plan)) {
    if (simple && (isMatch || plan.matchers.length === 0)) {
      count += 1;
      continue;
    }
    const head = readHead(text, start);
    const body = block.bytes.toString(
      'utf8',
      start + head.bodyAt,
      text.charCodeAt(end - 1) === 10 ? end - 1 : end,
    );
    const isLate = plan.toMs !== null && head.timeMs !== null && head.timeMs >= plan.toMs;
    const isWanted =
      !isLate &&
      plan.matchers.every((matcher) => matcher.test(body)) &&
      isAtLeast(levelOf(head, body), plan.level);
    if (isWanted) count += 1;
  }
  return count;
}
