/** What one line of a log file says: when, from where, how serious. Pure. */
import type { LineSource, LogLevel } from '../../contract/log-limits.ts';

/** `2026-11-22T20:23:15.123Z out ` */
export const stampChars = 29;

const timeChars = 24;
const sources: Readonly<Record<string, LineSource>> = {
  out: 'out',
  err: 'err',
  app: 'app',
  inf: 'app',
  WRN: 'app',
  ERR: 'app',
};
const markLevels: Readonly<Record<string, LogLevel>> = { inf: 'info', WRN: 'warning', ERR: 'error' };

export interface LineHead {
  /** `null` in a line that is not of this app. */
  readonly timeMs: number | null;
  readonly source: LineSource;
  /** Where the body begins. */
  readonly bodyAt: number;
  /** The level that the mark itself tells. */
  readonly level: LogLevel | null;
}

const foreign: LineHead = { timeMs: null, source: 'foreign', bodyAt: 0, level: null };

function isStamped(text: string, at: number): boolean {
  return (
    text.charCodeAt(at + timeChars - 1) === 90 &&
    text.charCodeAt(at + timeChars) === 32 &&
    text.charCodeAt(at + stampChars - 1) === 32 &&
    text.charCodeAt(at + 10) === 84
  );
}

export function readHead(text: string, at = 0): LineHead {
  if (!isStamped(text, at)) return foreign;
  const mark = text.slice(at + timeChars + 1, at + stampChars - 1);
  const source = sources[mark];
  const timeMs = Date.parse(text.slice(at, at + timeChars));
  if (source === undefined || Number.isNaN(timeMs)) return foreign;
  return { timeMs, source, bodyAt: stampChars, level: markLevels[mark] ?? null };
}

const words: Readonly<Record<string, LogLevel>> = {
  critical: 'error',
  fatal: 'error',
  error: 'error',
  warning: 'warning',
  warn: 'warning',
  notice: 'info',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
};

/** A level in capitals near the start, as uvicorn, Python's logging and most others write it. */
const capitals =
  /(?:^|[^A-Za-z0-9_])(CRITICAL|FATAL|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)(?![A-Za-z0-9_])/;
const capitalsWithin = 80;
const inJson = /"level(?:name)?"\s{0,4}:\s{0,4}"([A-Za-z]{4,8})"/;
const jsonWithin = 400;
/** `error: …`, `vllm-mlx: error: …` */
const lowerCase = /^(?:[\w.-]{1,40}(?: [\w.-]{1,40})?: )?(fatal|error|warning)(?: error)?: /i;
const errorShapes =
  /^Traceback \(most recent call last\)|^[A-Za-z_][\w.]{0,120}(?:Error|Exception)(?::|$)|^libc\+\+abi: terminating due to uncaught exception|execution failed: Insufficient Memory|failed assertion/;
const warningShapes = /\b[A-Za-z]{0,40}Warning: /;
/** Our own notes of how a process ended; a stop that was asked for is a plain fact. */
const badEnd = /^exited with code [1-9]|^ended by SIG(?!TERM\b|INT\b)/;

export function levelOf(head: LineHead, body: string): LogLevel {
  if (head.level !== null) return head.level;
  if (head.source === 'app') return badEnd.test(body) ? 'warning' : 'info';
  const start = body.length > capitalsWithin ? body.slice(0, capitalsWithin) : body;
  const capital = capitals.exec(start)?.[1];
  if (capital !== undefined) return words[capital.toLowerCase()] ?? 'info';
  const json = start.startsWith('{') ? inJson.exec(body.slice(0, jsonWithin))?.[1] : undefined;
  if (json !== undefined) return words[json.toLowerCase()] ?? 'info';
  const lower = lowerCase.exec(body)?.[1];
  if (lower !== undefined) return words[lower.toLowerCase()] ?? 'info';
  if (errorShapes.test(body)) return 'error';
  return warningShapes.test(body) ? 'warning' : 'info';
}

/**
 * Skips the lines of a block that `levelOf` puts below `least`, and few others. `marks` are looked for first: a block
 * that holds one is taken line by line. The words are few and alike, because that decides how fast a block is passed.
 */
export interface LevelSearch {
  readonly words: RegExp;
  readonly marks: readonly string[];
}

/** `null`: every line may be wanted. */
export function levelSearch(least: LogLevel): LevelSearch | null {
  switch (least) {
    case 'debug':
    case 'info':
      return null;
    case 'warning':
      return {
        words: /error|fatal|critical|exception|traceback|warn|failed/gi,
        marks: ['Z ERR ', 'Z WRN ', 'Z app '],
      };
    case 'error':
      return { words: /error|fatal|critical|exception|traceback|failed/gi, marks: ['Z ERR '] };
  }
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 };

export const isAtLeast = (level: LogLevel, least: LogLevel): boolean => ranks[level] >= ranks[least];

const anyStamp = /^\d{4}-\d\d-\d\dT[\d:.]{12}Z (?:out|err|app|inf|WRN|ERR) /m;

/** The time of the first line in a block that has one. */
export function firstStamp(text: string): number | null {
  const match = anyStamp.exec(text);
  return match ? readHead(text, match.index).timeMs : null;
}

/** Whether `at` in the line that begins at `start` belongs to its stamp. */
export function isInStamp(text: string, start: number, at: number): boolean {
  if (at >= start + stampChars || !isStamped(text, start)) return false;
  const mark = text.slice(start + timeChars + 1, start + stampChars - 1);
  return sources[mark] !== undefined;
}
