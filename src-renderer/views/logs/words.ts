/** Every sentence of the Logs view. */
import { formatGigabytes } from '../../bridge.ts';

const megabyte = 1024 * 1024;

/** Sizes as the Finder would round them, small ones too. */
export function formatSize(bytes: number): string {
  if (bytes >= 1024 * megabyte) return formatGigabytes(bytes);
  return bytes >= megabyte ? `${Math.round(bytes / megabyte)} MB` : `${Math.ceil(bytes / 1024)} KB`;
}

const count = (many: number, one: string): string =>
  `${many.toLocaleString('en')} ${one}${many === 1 ? '' : 's'}`;

export const logWords = {
  logs: 'Logs',
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
  search: 'Search logs',
  matchCase: 'Match case',
  pattern: 'Regular expression',
  onlyMatches: 'Only matching lines',
  next: 'Next match',
  previous: 'Previous match',
  matches: (many: number, isDone: boolean) =>
    `${count(many, 'match').replace('matchs', 'matches')}${isDone ? '' : '…'}`,
  noMatchBelow: 'No further match below.',
  noMatchAbove: 'No further match above.',
  searching: (percent: number) => `Searching… ${percent} %`,
  stop: 'Stop',
  follow: 'Follow',
  wrap: 'Wrap lines',
  more: 'More',
  newLines: (many: number) => `${count(many, 'new line')} ↓`,
  toEnd: 'Newest lines ↓',
  save: 'Save As…',
  saved: (lines: number) => `${count(lines, 'line')} saved`,
  reveal: 'Show in Finder',
  rotate: 'Rotate Now',
  rotated: 'A new log file was begun',
  deleteArchives: (bytes: number) => `Delete Archives (${formatSize(bytes)})`,
  deleteQuestion: (files: number, bytes: number) =>
    `Delete ${count(files, 'archive')}, ${formatSize(bytes)}? The current logs stay.`,
  deleteConfirm: 'Delete',
  deleted: (bytes: number) => `${formatSize(bytes)} freed`,
  loading: 'Reading the logs…',
  empty: 'No log yet',
  emptyText: 'What the servers print appears here as soon as they start.',
  nothing: 'No line matches',
  nothingText: 'No line passes these filters.',
  clearFilters: 'Show Everything',
  position: 'Position in the logs',
  entry: 'Line in full',
  copy: 'Copy',
  copiedPart: (many: number) =>
    `Only the first ${count(many, 'line')} copied: more does not fit. Save As… keeps all of them.`,
  copyReady: 'The lines are ready. Copy once more to take them.',
  copiedLines: (many: number) => `${count(many, 'line')} copied`,
  close: 'Close',
  sources: { out: 'output', err: 'error output', app: 'MLX Stack', foreign: 'earlier program' },
  noTime: 'no time',
  retry: 'Try Again',
  rowName: (time: string, level: string, log: string, text: string) => `${time}, ${level}, ${log}: ${text}`,
  keys: 'Arrow keys move, Shift selects, Return opens a line, Command-F searches, G goes to the next match.',
} as const;
