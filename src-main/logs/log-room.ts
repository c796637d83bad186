/** What the window may ask of the logs: reading, searching, saving and tidying up; names of logs only, never a path. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { CommandInputs, CommandOutput } from '../contract/commands.ts';
import type { LogFilter, LogPage, LogRow, logCommands } from '../contract/logs.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { logWords } from '../words/index.ts';
import { codeOf } from './fs.ts';
import type { AllLogs } from './logs.ts';
import { cancelledProblem, createLane, type Lane } from './reader/client.ts';
import type { Exported } from './reader/engine.ts';
import type { Redactor } from './redact.ts';

type LogCommandName = keyof typeof logCommands;
export type LogHandlers = {
  readonly [N in LogCommandName]: (input: CommandInputs[N]) => Promise<Result<CommandOutput<N>>>;
};

export interface LogRoomOptions {
  readonly dir: string;
  /** The reader thread's file. */
  readonly readerFile: string | URL;
  readonly logs: Pick<AllLogs, 'rotateNow' | 'removeArchives' | 'flush'>;
  /** What the app wrote is redacted; what the command-line version left is not. */
  readonly redactor: Pick<Redactor, 'redact' | 'redactCutOff'>;
  /** `null` when the user thought better of it. */
  readonly askWhereToSave: (suggestedName: string) => Promise<string | null>;
  readonly reveal: (file: string) => void;
  readonly onGrew: () => void;
  readonly now?: () => Date;
}

export interface LogRoom {
  readonly handlers: LogHandlers;
  /** Nobody looks any more: the threads may go. */
  rest(): void;
  close(): Promise<void>;
}

const unknownLog = problem('unknown-log', logWords.unknownLog);

export function createLogRoom(options: LogRoomOptions): LogRoom {
  const { dir, readerFile, logs, redactor, askWhereToSave, reveal, onGrew, now = () => new Date() } = options;
  const view = createLane({ dir, file: readerFile, onGrew });
  const search = createLane({ dir, file: readerFile });

  /** An expression may take for ever: it never keeps the lines that are looked at from being shown. */
  const laneFor = (filter: LogFilter): Lane => (filter.query === null ? view : search);

  const redactRow = (row: LogRow): LogRow => ({
    ...row,
    text: row.isCut ? redactor.redactCutOff(row.text) : redactor.redact(row.text),
  });
  const redactPage = (page: LogPage): LogPage => ({ ...page, rows: page.rows.map(redactRow) });

  async function knownLog(name: string | null): Promise<boolean> {
    if (name === null) return true;
    const list = await view.call('list', null);
    return list.ok && list.value.some(({ log }) => log === name);
  }

  /** Counts what was cancelled: a saving that began before is to end, also between two of its pieces. */
  let cancels = 0;

  async function save(filter: LogFilter): Promise<Result<{ saved: boolean; lines: number }>> {
    const only = filter.logs?.length === 1 ? filter.logs[0] : undefined;
    const day = now().toISOString().slice(0, 10);
    const target = await askWhereToSave(`${only ?? 'mlx-stack'}-${day}.log`);
    if (target === null) return ok({ saved: false, lines: 0 });
    await logs.flush();
    const began = cancels;
    const next: NextPiece = async (from) =>
      cancels === began ? await search.call('export', { filter, from }) : fail(cancelledProblem);
    const written = await writeLines(target, next, redactor.redact);
    return written.ok ? ok({ saved: true, lines: written.value }) : written;
  }

  const handlers: LogHandlers = {
    'log.list': async () => {
      const list = await view.call('list', null);
      return list.ok ? ok({ logs: list.value }) : list;
    },
    'log.page': async (input) => {
      const page = await laneFor(input.filter).call('page', input);
      return page.ok ? ok(redactPage(page.value)) : page;
    },
    'log.find': async (input) => {
      const found = await search.call('find', input);
      if (!found.ok || found.value.kind !== 'found') return found;
      return ok({ kind: 'found', row: redactRow(found.value.row) });
    },
    'log.count': (input) => (input.query === null ? laneFor(input.filter) : search).call('count', input),
    'log.cancel': async () => {
      cancels += 1;
      search.cancel();
      return ok({});
    },
    'log.highlight': async (input) => {
      const ranges = await search.call('highlight', input);
      return ranges.ok ? ok({ ranges: ranges.value }) : ranges;
    },
    'log.entry': async (input) => {
      const text = await view.call('entry', input);
      return text.ok ? ok({ text: redactor.redact(text.value) }) : text;
    },
    'log.watch': async ({ enabled }) => {
      const watching = await view.call('watch', enabled);
      return watching.ok ? ok({}) : watching;
    },
    'log.save': ({ filter }) => save(filter),
    'log.reveal': async ({ log }) => {
      if (!(await knownLog(log))) return fail(unknownLog);
      const file = path.join(dir, `${log}.log`);
      reveal(log !== null && (await exists(file)) ? file : dir);
      return ok({});
    },
    'log.rotate': async ({ log }) => {
      if (!(await knownLog(log))) return fail(unknownLog);
      await logs.flush();
      const rotated = logs.rotateNow(log);
      return rotated.ok ? ok({ rotated: rotated.value }) : rotated;
    },
    'log.deleteArchives': async ({ log }) => {
      if (!(await knownLog(log))) return fail(unknownLog);
      const freed = logs.removeArchives(log);
      return freed.ok ? ok({ freedBytes: freed.value }) : freed;
    },
  };

  return {
    handlers,
    rest() {
      search.cancel();
      view.rest();
      search.rest();
    },
    async close() {
      await Promise.all([view.close(), search.close()]);
    },
  };
}

type NextPiece = (
  from: { readonly kind: 'start' } | { readonly kind: 'cursor'; readonly cursor: Exported['cursor'] },
) => Promise<Result<Exported>>;

const newFileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** All or nothing: half a file that looks whole would mislead whoever it is sent to. */
async function writeLines(
  target: string,
  next: NextPiece,
  redact: (text: string) => string,
): Promise<Result<number>> {
  /** A name that nobody can have put there: what lies in the folder is not ours to write to, nor to remove. */
  const partial = path.join(path.dirname(target), `.mlx-stack-${randomUUID()}.partial`);
  let file: FileHandle;
  try {
    file = await fs.open(partial, newFileFlags, 0o600);
  } catch (error) {
    return fail(describeSaveFailure(codeOf(error), target));
  }
  let lines = 0;
  try {
    try {
      for (let from: Parameters<NextPiece>[0] = { kind: 'start' }; ; ) {
        const piece = await next(from);
        if (!piece.ok) {
          await fs.rm(partial, { force: true });
          return piece;
        }
        await file.appendFile(redact(piece.value.text));
        lines += piece.value.lines;
        if (piece.value.isDone) break;
        from = { kind: 'cursor', cursor: piece.value.cursor };
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(partial, target);
    return ok(lines);
  } catch (error) {
    await fs.rm(partial, { force: true }).catch(() => undefined);
    return fail(describeSaveFailure(codeOf(error), target));
  }
}

function describeSaveFailure(code: string, target: string): Problem {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return problem('disk-full', logWords.diskFullNotSaved(target), logWords.freeSpaceThenSave);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return problem('not-saved', logWords.cannotBeWritten(target), logWords.chooseOwnFolder);
    default:
      return problem('not-saved', logWords.notSaved(target, code), logWords.chooseAnotherFolder);
  }
}

const exists = (file: string): Promise<boolean> =>
  fs.lstat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
