/** What crosses to the window of the logs: filters, rows, and positions that only the reader can make sense of. */
import * as z from 'zod';

import {
  highlightMaxTexts,
  lineSources,
  logLevels,
  logsMax,
  pageMaxRows,
  queryMaxChars,
  rowMaxChars,
} from './log-limits.ts';

/** A service id, or the app's own log; never a path. */
export const logNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

const offset = z.number().int().nonnegative();

export const logQuerySchema = z.strictObject({
  text: z.string().min(1).max(queryMaxChars),
  isPattern: z.boolean(),
  matchCase: z.boolean(),
});
export type LogQuery = z.infer<typeof logQuerySchema>;

export const logFilterSchema = z.strictObject({
  /** `null`: all there are. */
  logs: z.array(logNameSchema).max(logsMax).nullable(),
  /** The least level shown. */
  level: z.enum(logLevels),
  /** Epoch milliseconds, the first included, the second not. */
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  /** Only lines that match. */
  query: logQuerySchema.nullable(),
});
export type LogFilter = z.infer<typeof logFilterSchema>;

/** A place between two lines of one log. */
export const logPositionSchema = z.strictObject({ log: logNameSchema, segment: offset, offset });

/** A place between two lines of the merged view: one position for each log. */
export const logCursorSchema = z.array(logPositionSchema).max(logsMax);
export type LogCursor = z.infer<typeof logCursorSchema>;

export const logAnchorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start') }),
  z.strictObject({ kind: z.literal('end') }),
  /** Before the first line of this time or later. */
  z.strictObject({ kind: z.literal('time'), ms: z.number() }),
  /** About this part of all bytes, 0 to 1. */
  z.strictObject({ kind: z.literal('fraction'), fraction: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('cursor'), cursor: logCursorSchema }),
  /** Before or after a line that was shown. */
  z.strictObject({
    kind: z.literal('row'),
    row: z.strictObject({ log: logNameSchema, segment: offset, offset, timeMs: z.number() }),
    side: z.enum(['before', 'after']),
  }),
]);
export type LogAnchor = z.infer<typeof logAnchorSchema>;

export const logRowSchema = z.strictObject({
  log: logNameSchema,
  /** With `log` and `offset` the identity of the line. */
  segment: offset,
  offset,
  /** Of the line, or of the lines around it when it has none. */
  timeMs: z.number(),
  source: z.enum(lineSources),
  level: z.enum(logLevels),
  text: z.string(),
  /** `text` is only the beginning. */
  isCut: z.boolean(),
});
export type LogRow = z.infer<typeof logRowSchema>;

export const logPageSchema = z.strictObject({
  /** Oldest first. */
  rows: z.array(logRowSchema),
  /** How many of the rows stand before the anchor. */
  anchorRow: z.number().int(),
  start: logCursorSchema,
  end: logCursorSchema,
  /** There is nothing before, or after. When neither this nor enough rows: time was up, ask again from there. */
  atStart: z.boolean(),
  atEnd: z.boolean(),
  /** Where start and end lie in all bytes, 0 to 1. */
  startFraction: z.number(),
  endFraction: z.number(),
});
export type LogPage = z.infer<typeof logPageSchema>;

export const logFoundSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('found'), row: logRowSchema }),
  z.strictObject({ kind: z.literal('none') }),
  /** Time was up; the search goes on from here. */
  z.strictObject({ kind: z.literal('more'), cursor: logCursorSchema, fraction: z.number() }),
]);
export type LogFound = z.infer<typeof logFoundSchema>;

export const logCountSchema = z.strictObject({
  count: z.number().int(),
  /** Where counting stopped. */
  cursor: logCursorSchema,
  isDone: z.boolean(),
  fraction: z.number(),
});
export type LogCount = z.infer<typeof logCountSchema>;

export const logSummarySchema = z.strictObject({
  log: logNameSchema,
  bytes: z.number(),
  archives: z.number().int(),
  archiveBytes: z.number(),
});
export type LogSummary = z.infer<typeof logSummarySchema>;

/** Start and end of each match in a text, in UTF-16 units. */
export const rangesSchema = z.array(z.tuple([z.number().int(), z.number().int()]));
export type Ranges = z.infer<typeof rangesSchema>;

const nothing = z.strictObject({});
/** `null`: of all logs. */
const oneOrAll = z.strictObject({ log: logNameSchema.nullable() });
const rowCount = z.number().int().min(0).max(pageMaxRows);
const direction = z.enum(['forward', 'backward']);

export const logCommands = {
  'log.list': { input: nothing, output: z.strictObject({ logs: z.array(logSummarySchema) }) },
  /** Lines before and after a place. Takes a slice of time at most, see `logPageSchema`. */
  'log.page': {
    input: z.strictObject({
      filter: logFilterSchema,
      from: logAnchorSchema,
      before: rowCount,
      after: rowCount,
    }),
    output: logPageSchema,
  },
  /** The next line that matches; answers `more` when a slice of time did not do. */
  'log.find': {
    input: z.strictObject({
      filter: logFilterSchema,
      query: logQuerySchema,
      from: logAnchorSchema,
      direction,
    }),
    output: logFoundSchema,
  },
  /** Counts lines from a place on, for a slice of time; without a query every line of the filter. */
  'log.count': {
    input: z.strictObject({
      filter: logFilterSchema,
      query: logQuerySchema.nullable(),
      from: logAnchorSchema,
    }),
    output: logCountSchema,
  },
  /** Ends whatever is searched or saved now; it answers with `cancelled`. */
  'log.cancel': { input: nothing, output: nothing },
  /** Where each of some texts matches. */
  'log.highlight': {
    input: z.strictObject({
      query: logQuerySchema,
      texts: z.array(z.string().max(rowMaxChars)).max(highlightMaxTexts),
    }),
    output: z.strictObject({ ranges: z.array(rangesSchema) }),
  },
  /** One line in full. */
  'log.entry': { input: logPositionSchema, output: z.strictObject({ text: z.string() }) },
  /** While on, `log.grew` follows each change. */
  'log.watch': { input: z.strictObject({ enabled: z.boolean() }), output: nothing },
  /** Asks where, and writes there what the filter shows. */
  'log.save': {
    input: z.strictObject({ filter: logFilterSchema }),
    output: z.strictObject({ saved: z.boolean(), lines: z.number().int() }),
  },
  'log.reveal': { input: oneOrAll, output: nothing },
  'log.rotate': { input: oneOrAll, output: z.strictObject({ rotated: z.number().int() }) },
  'log.deleteArchives': { input: oneOrAll, output: z.strictObject({ freedBytes: z.number() }) },
} as const;

/** Where in the logs something outside of their view wants to lead. */
export const logPlaceSchema = z.strictObject({
  log: logNameSchema,
  /** The last line that matters is at or before this time. */
  atMs: z.number(),
  /** The line that tells why, when it is known. */
  line: z.string().max(queryMaxChars).nullable(),
});
export type LogPlace = z.infer<typeof logPlaceSchema>;
