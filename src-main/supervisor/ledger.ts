/** What was started, on disk: enough to prove after a crash that a process is ours, and nothing to be tricked with. */
import * as z from 'zod';
import { ok, type Problem, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import { supervisorWords } from '../words/index.ts';

const maxLedgerBytes = 64 * 1024;
const maxRecords = 64;

const launchRecordSchema = z.strictObject({
  service: z.string().min(1).max(64),
  /** Also the id of its process group. Pid 0 and 1 and fractions are nobody's to signal. */
  pid: z.number().int().min(2).max(2_147_483_647),
  /** Epoch seconds, as `ps` gives it. */
  startedAtS: z.number().int().positive(),
  /** Absolute path that its command line shows. */
  executable: z.string().startsWith('/').max(4096),
  launchId: z.uuid(),
  port: z.number().int().min(1).max(65_535),
});
export type LaunchRecord = z.infer<typeof launchRecordSchema>;

const ledgerSchema = z.strictObject({
  version: z.literal(1),
  launches: z.array(launchRecordSchema).max(maxRecords),
});

export interface Ledger {
  /** Where it is, for the sentence on screen. */
  readonly file: string;
  /** Answers when the record is on disk, or why it cannot be: then nothing would find the process after a crash. */
  add(record: LaunchRecord): Promise<Result<void>>;
  /** Forgets one launch; a newer launch of the same service stays. */
  remove(launchId: string): void;
  records(): readonly LaunchRecord[];
  /** Resolves when all changes so far are on disk, or could not be written. */
  saved(): Promise<void>;
}

export type LoadedLedger = { readonly records: readonly LaunchRecord[]; readonly problem: Problem | null };

/** A ledger that cannot be read proves nothing: no record, and so no signal. */
export async function loadLedger(file: string, files: HomeFiles): Promise<LoadedLedger> {
  const read = await files.readText(file, maxLedgerBytes);
  if (read.kind === 'absent') return { records: [], problem: null };
  if (read.kind === 'refused') return { records: [], problem: read.problem };
  const parsed = parseLedger(read.text);
  if (parsed !== null) return { records: parsed, problem: null };
  return {
    records: [],
    problem: {
      code: 'ledger-unreadable',
      message: supervisorWords.ledgerDamaged,
      hint: supervisorWords.rowWillSay,
    },
  };
}

/** `null` when the text is not a ledger. One bad record spoils all: a forged file must not be half believed. */
export function parseLedger(text: string): readonly LaunchRecord[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = ledgerSchema.safeParse(json);
  return parsed.success ? parsed.data.launches : null;
}

export interface LedgerOptions {
  readonly file: string;
  readonly files: HomeFiles;
  readonly initial: readonly LaunchRecord[];
  /** What nobody waits for could not be written: a record is still there whose process has gone. */
  readonly onProblem: (problem: Problem) => void;
}

export function createLedger({ file, files, initial, onProblem }: LedgerOptions): Ledger {
  let records: readonly LaunchRecord[] = initial;
  let onDisk = idsOf(initial);
  let writing: Promise<Result<void>> = Promise.resolve(ok(undefined));
  let unfinished = 0;
  let last: Result<void> = ok(undefined);
  let dirty = false;

  async function write(): Promise<Result<void>> {
    try {
      if (!dirty) return last;
      dirty = false;
      const written = records;
      last = await files.writeText(file, `${JSON.stringify({ version: 1, launches: written }, null, 2)}\n`);
      if (last.ok) onDisk = idsOf(written);
      return last;
    } finally {
      unfinished -= 1;
    }
  }

  /** Changes that come while a write is under way share the next one, and its outcome. */
  function save(next: readonly LaunchRecord[]): Promise<Result<void>> {
    records = next;
    dirty = true;
    unfinished += 1;
    writing = writing.then(write);
    return writing;
  }

  async function forget(next: readonly LaunchRecord[]): Promise<void> {
    const written = await save(next);
    if (!written.ok) onProblem(written.error);
  }

  return {
    file,
    add: (record) =>
      save([...records.filter((other) => other.launchId !== record.launchId), record].slice(-maxRecords)),
    remove(launchId) {
      const next = records.filter((record) => record.launchId !== launchId);
      if (next.length === records.length) return;
      // What never came to disk need not be taken from it.
      if (unfinished === 0 && !onDisk.has(launchId)) records = next;
      else void forget(next);
    },
    records: () => records,
    async saved() {
      await writing;
    },
  };
}

const idsOf = (records: readonly LaunchRecord[]): ReadonlySet<string> =>
  new Set(records.map(({ launchId }) => launchId));
