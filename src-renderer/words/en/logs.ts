/** The Logs view. */
import { formatDiskBytes } from '../../bridge.ts';
import { counted, formatPercent } from '../format.ts';

const linesOf = (many: number): string => counted(many, { one: 'line', other: 'lines' });

export const logWords = {
  lines: 'Log lines',
  allServices: 'All services',
  appLog: 'MLX Stack itself',
  /** As wide as the column of a line. */
  appLogShort: 'MLX Stack',
  service: 'Service',
  level: 'Level',
  levels: {
    debug: 'All levels',
    info: 'Info and above',
    warning: 'Warnings and errors',
    error: 'Errors only',
  },
  levelOf: { debug: 'Debug', info: 'Info', warning: 'Warning', error: 'Error' },
  time: 'Time',
  times: {
    all: 'Any time',
    minutes15: 'Last 15 minutes',
    hour: 'Last hour',
    day: 'Last 24 hours',
    custom: 'From … to …',
  },
  from: 'From',
  to: 'To',
  timesReversed: '“To” has to be later than “From”. The lines stay as they are.',
  noTime: 'This is no date and time. The lines stay as they are.',
  search: 'Search logs',
  matchCase: 'Match case',
  pattern: 'Regular expression',
  onlyMatches: 'Only matching lines',
  next: 'Next match',
  previous: 'Previous match',
  matches: (many: number, isDone: boolean) =>
    `${counted(many, { one: 'match', other: 'matches' })}${isDone ? '' : '…'}`,
  noMatchBelow: 'No further match below.',
  noMatchAbove: 'No further match above.',
  searching: (percent: number) => `Searching… ${formatPercent(percent)}`,
  stop: 'Stop',
  follow: 'Follow',
  wrap: 'Wrap lines',
  newLines: (many: number) => `${counted(many, { one: 'new line', other: 'new lines' })} ↓`,
  toEnd: 'Newest lines ↓',
  save: 'Save As…',
  saved: (lines: number) => `${linesOf(lines)} saved`,
  rotate: 'Rotate Now',
  rotated: 'A new log file was begun',
  deleteArchives: (bytes: number) => `Delete Archives (${formatDiskBytes(bytes)})`,
  deleteQuestion: (files: number, bytes: number) =>
    `Delete ${counted(files, { one: 'archive', other: 'archives' })}, ${formatDiskBytes(bytes)}? The current logs stay.`,
  deleteConfirm: 'Delete',
  deleted: (bytes: number) => `${formatDiskBytes(bytes)} freed`,
  loading: 'Reading the logs…',
  empty: 'No log yet',
  emptyText: 'What the servers print appears here as soon as they start.',
  nothing: 'No line matches',
  nothingText: 'No line passes these filters.',
  clearFilters: 'Show Everything',
  position: 'Position in the logs',
  entry: 'Line in full',
  copiedPart: (many: number) =>
    `Only the first ${linesOf(many)} copied: more does not fit. Save As… keeps all of them.`,
  copyReady: 'The lines are ready. Copy once more to take them.',
  copiedLines: (many: number) => `${linesOf(many)} copied`,
  sources: { out: 'output', err: 'error output', app: 'MLX Stack', foreign: 'earlier program' },
  keys: 'Arrow keys move, Shift selects, Return opens a line, Command-F searches, G goes to the next match.',
} as const;
