/** The record of cloud use: in memory for the caps, in usage.jsonl for the next launch, both bounded. */
import * as z from 'zod';
import { type Problem, problem } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import { cloudWords } from '../words/index.ts';
import type { Spent } from './policy.ts';
import { appendLines } from './usage-file.ts';
import { type UsageRecord, usageRecordSchema } from './usage-record.ts';
import {
  createUsageTotals,
  dayBefore,
  type ModelDay,
  modelDayOf,
  modelDaySchema,
  type UsageSummary,
} from './usage-totals.ts';

export const usageFileName = 'usage.jsonl';
/** When the file has grown to this, the requests in it are summed up by day and model. */
const usageFileMaxBytes = 2 * 1024 * 1024;
/** A file beyond this is not ours; it is set aside. */
export const usageReadMaxBytes = 16 * 1024 * 1024;
const usageDaysKept = 92;
/** Requests that end close to each other are one write: with the sync it costs as much as all else the relay does. */
const writeDelayMs = 100;
/** What may wait for a disk that hangs; the figures in memory are right all the same. */
const usageWaitingMax = 1_000;

export interface Usage {
  /** Reads what is there; problems are for a notice, none of them stops the app. */
  load(): Promise<readonly Problem[]>;
  /** Counted at once, written soon. */
  record(record: UsageRecord): void;
  spent(): Spent;
  summary(): UsageSummary;
  onChange(listener: () => void): () => void;
  /** Resolves when all that was recorded is on disk, or could not be written. */
  flush(): Promise<void>;
}

export interface UsageOptions {
  readonly files: HomeFiles;
  /** `usage.jsonl` in home. */
  readonly file: string;
  /** Told once when writing begins to fail, until it works again. */
  readonly onProblem: (problem: Problem) => void;
  readonly now?: () => number;
  readonly fileMaxBytes?: number;
}

const lineSchema = z.discriminatedUnion('kind', [usageRecordSchema, modelDaySchema]);

export function createUsage(options: UsageOptions): Usage {
  const { files, file, onProblem } = options;
  const now = options.now ?? Date.now;
  const fileMaxBytes = options.fileMaxBytes ?? usageFileMaxBytes;
  const totals = createUsageTotals();
  const listeners = new Set<() => void>();
  let waiting: string[] = [];
  let lost = 0;
  let writing: Promise<void> | null = null;
  let writeTimer: NodeJS.Timeout | undefined;
  /** Lines written before the file was read would be counted twice. */
  let loading: Promise<unknown> = Promise.resolve();
  let failing = false;

  const changed = () => {
    for (const listener of listeners) listener();
  };

  async function readFile(): Promise<readonly Problem[]> {
    const read = await files.readText(file, usageReadMaxBytes);
    if (read.kind === 'absent') return [];
    if (read.kind === 'refused') return [read.problem, ...(await setAside())];
    const { rows, bad } = parseUsage(read.text);
    for (const row of rows) totals.add(row);
    totals.dropBefore(dayBefore(now(), usageDaysKept));
    changed();
    if (Buffer.byteLength(read.text) > fileMaxBytes) await sumUp();
    return bad === 0 ? [] : [skipped(bad)];
  }

  async function setAside(): Promise<Problem[]> {
    const moved = await files.setAside(file);
    return moved.ok ? [] : [moved.error];
  }

  /** The whole file anew, one line for each day and model; atomic, so a crash leaves the old one. */
  async function sumUp(): Promise<void> {
    totals.dropBefore(dayBefore(now(), usageDaysKept));
    /** What waits is in the figures already. */
    const covered = waiting.length;
    waiting = [];
    const written = await files.writeText(file, linesOf(totals.rows()));
    if (written.ok) return;
    lost += covered;
    complain(written.error);
  }

  function complain(found: Problem): void {
    if (!failing) onProblem(found);
    failing = true;
  }

  async function write(): Promise<void> {
    const lines = waiting;
    waiting = [];
    if (lines.length === 0) return;
    const appended = await appendLines(file, lines);
    if (!appended.ok) {
      lost += lines.length;
      complain(appended.error);
      return;
    }
    failing = false;
    /** What could not be written is in the figures: with them the file is whole again. */
    if (appended.value > fileMaxBytes || lost > 0) {
      lost = 0;
      await sumUp();
    }
  }

  function beginWriting(): void {
    clearTimeout(writeTimer);
    writeTimer = undefined;
    writing = loading.then(write).then(() => {
      writing = null;
      if (waiting.length > 0) writeSoon();
    });
  }

  function writeSoon(): void {
    if (writing === null) writeTimer ??= setTimeout(beginWriting, writeDelayMs);
  }

  async function flush(): Promise<void> {
    while (writing !== null || writeTimer !== undefined) {
      if (writing === null) beginWriting();
      await writing;
    }
  }

  return {
    load() {
      const reading = readFile();
      loading = reading;
      return reading;
    },
    record(record) {
      totals.add(modelDayOf(record));
      if (waiting.length >= usageWaitingMax) {
        waiting.shift();
        lost += 1;
      }
      waiting.push(JSON.stringify(record));
      writeSoon();
      changed();
    },
    spent: () => totals.spent(now()),
    summary: () => totals.summary(now()),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
  };
}

const linesOf = (rows: readonly ModelDay[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** A line longer than any we write is not looked at. */
const lineMaxChars = 4096;

export function parseUsage(text: string): { readonly rows: readonly ModelDay[]; readonly bad: number } {
  const rows: ModelDay[] = [];
  let bad = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = line.length > lineMaxChars ? null : parseLine(line);
    if (parsed === null) bad += 1;
    else rows.push(parsed);
  }
  return { rows, bad };
}

function parseLine(line: string): ModelDay | null {
  try {
    const checked = lineSchema.safeParse(JSON.parse(line));
    if (!checked.success) return null;
    return checked.data.kind === 'day' ? checked.data : modelDayOf(checked.data);
  } catch {
    return null;
  }
}

function skipped(bad: number): Problem {
  return problem(
    'usage-lines-skipped',
    cloudWords.linesSkipped(bad, usageFileName),
    cloudWords.useMayBeTooLow,
  );
}
