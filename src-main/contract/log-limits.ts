/** Words and limits of the log commands; apart from the schemas, for those who must not carry them. */

export const logLevels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `foreign`: a line that this app did not write, for instance of the CLI. */
export const lineSources = ['out', 'err', 'app', 'foreign'] as const;
export type LineSource = (typeof lineSources)[number];

/** A page never holds more rows, nor more text. */
export const pageMaxRows = 1000;
export const pageMaxChars = 1_000_000;
/** A longer line is cut in a page; `log.entry` has all of it. */
export const rowMaxChars = 2000;
export const queryMaxChars = 500;
export const highlightMaxTexts = 300;
export const logsMax = 100;
