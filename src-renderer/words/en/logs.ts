/** The Logs view. */
import { formatDiskBytes } from '../../bridge.ts';
import { counted, formatPercent } from '../format.ts';

const linesOf = (many: number): string => counted(many, { one: 'line', other: 'lines' });

export const lines = 'Log lines';
export const allServices = 'All services';
export const appLog = 'MLX Stack itself';
/** As wide as the column of a line. */
export const appLogShort = 'MLX Stack';
export const service = 'Service';
export const level = 'Level';
export const levels = {
  debug: 'All levels',
  info: 'Info and above',
  warning: 'Warnings and errors',
  error: 'Errors only',
};
export const levelOf = { debug: 'Debug', info: 'Info', warning: 'Warning', error: 'Error' };
export const time = 'Time';
export const times = {
  all: 'Any time',
  minutes15: 'Last 15 minutes',
  hour: 'Last hour',
  day: 'Last 24 hours',
  custom: 'From … to …',
};
export const from = 'From';
export const to = 'To';
export const timesReversed = '“To” has to be later than “From”. The lines stay as they are.';
export const noTime = 'This is no date and time. The lines stay as they are.';
export const search = 'Search logs';
export const matchCase = 'Match case';
export const pattern = 'Regular expression';
export const onlyMatches = 'Only matching lines';
export const next = 'Next match';
export const previous = 'Previous match';
export const matches = (many: number, isDone: boolean) =>
  `${counted(many, { one: 'match', other: 'matches' })}${isDone ? '' : '…'}`;
export const noMatchBelow = 'No further match below.';
export const noMatchAbove = 'No further match above.';
export const searching = (percent: number) => `Searching… ${formatPercent(percent)}`;
export const stop = 'Stop';
export const follow = 'Follow';
export const wrap = 'Wrap lines';
export const newLines = (many: number) => `${counted(many, { one: 'new line', other: 'new lines' })} ↓`;
export const toEnd = 'Newest lines ↓';
export const save = 'Save As…';
export const saved = (lines: number) => `${linesOf(lines)} saved`;
export const rotate = 'Rotate Now';
export const rotated = 'A new log file was begun';
export const deleteArchives = (bytes: number) => `Delete Archives (${formatDiskBytes(bytes)})`;
export const deleteQuestion = (files: number, bytes: number) =>
  `Delete ${counted(files, { one: 'archive', other: 'archives' })}, ${formatDiskBytes(bytes)}? The current logs stay.`;
export const deleteConfirm = 'Delete';
export const deleted = (bytes: number) => `${formatDiskBytes(bytes)} freed`;
export const loading = 'Reading the logs…';
export const empty = 'No log yet';
export const emptyText = 'What the servers print appears here as soon as they start.';
export const nothing = 'No line matches';
export const nothingText = 'No line passes these filters.';
export const clearFilters = 'Show Everything';
export const position = 'Position in the logs';
export const entry = 'Line in full';
export const copiedPart = (many: number) =>
  `Only the first ${linesOf(many)} copied: more does not fit. Save As… keeps all of them.`;
export const copyReady = 'The lines are ready. Copy once more to take them.';
export const copiedLines = (many: number) => `${linesOf(many)} copied`;
export const sources = { out: 'output', err: 'error output', app: 'MLX Stack', foreign: 'earlier program' };
export const keys =
  'Arrow keys move, Shift selects, Return opens a line, Command-F searches, G goes to the next match.';
