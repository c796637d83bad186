/** A text file of the user's as a value: re-read when it changes, the last good value kept in force while it is bad. */
import { assertNever, fail, ok, type Problem, type Result } from '../contract/result.ts';
import type { HomeFiles, LocatedProblem } from './types.ts';
import type { FileWatch, WatchFile } from './watch-file.ts';

export interface DocumentState<T> {
  /** In force: from the file, or the last good one, or what holds without a file. */
  readonly value: T;
  /** Where `value` comes from. */
  readonly source: 'file' | 'last-good' | 'none';
  /** What is wrong with the file as it is now; empty when it is in force or absent. */
  readonly problems: readonly LocatedProblem[];
}

export interface WatchedDocument<T> {
  state(): DocumentState<T>;
  /** Reads the file now. */
  reload(): Promise<DocumentState<T>>;
  /** Reads, changes and writes the file as one step; the new state is in force when it resolves. */
  edit(change: (text: string) => Result<string>): Promise<Result<void>>;
  /** Called after each change of the state; returns the function that ends it. */
  onChange(listener: (state: DocumentState<T>) => void): () => void;
  close(): Promise<void>;
}

export interface WatchedDocumentOptions<T> {
  readonly files: HomeFiles;
  readonly file: string;
  readonly maxBytes: number;
  readonly parse: (text: string) => Result<T, readonly LocatedProblem[]>;
  /** What holds without a file. */
  readonly whenAbsent: T;
  /** What holds while the file is bad and no good one was read yet. */
  readonly whenBad: T;
  /** Given when a file that was in force disappears: its value stays, with this problem. Otherwise `whenAbsent` holds. */
  readonly whenRemoved?: Problem;
  /** Without it the file is read only on `reload`. */
  readonly watch?: WatchFile | undefined;
}

export function createWatchedDocument<T>(options: WatchedDocumentOptions<T>): WatchedDocument<T> {
  const { files, file, maxBytes } = options;
  const listeners = new Set<(state: DocumentState<T>) => void>();
  let state: DocumentState<T> = { value: options.whenAbsent, source: 'none', problems: [] };
  let lastGood: { readonly value: T } | null = null;
  /** The text, or the refusal, that `state` was made from: the same again is no change. */
  let seen: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let reloadWaits = false;
  let closed = false;
  let watching: FileWatch | null = null;

  function serially<R>(step: () => Promise<R>): Promise<R> {
    const result = queue.then(step);
    queue = result.catch(() => undefined);
    return result;
  }

  function become(mark: string, next: DocumentState<T>): void {
    if (closed || mark === seen) return;
    seen = mark;
    state = next;
    for (const listener of listeners) listener(state);
  }

  function becomeBad(mark: string, problems: readonly LocatedProblem[]): void {
    const kept: Pick<DocumentState<T>, 'value' | 'source'> = lastGood
      ? { value: lastGood.value, source: 'last-good' }
      : { value: options.whenBad, source: 'none' };
    become(mark, { ...kept, problems });
  }

  function becomeText(text: string): void {
    const mark = `text ${text}`;
    if (mark === seen) return;
    const parsed = options.parse(text);
    if (parsed.ok) {
      lastGood = { value: parsed.value };
      become(mark, { value: parsed.value, source: 'file', problems: [] });
    } else {
      becomeBad(mark, parsed.error);
    }
  }

  function becomeAbsent(): void {
    if (options.whenRemoved && lastGood) {
      becomeBad('absent', [{ position: null, problem: options.whenRemoved }]);
      return;
    }
    become('absent', { value: options.whenAbsent, source: 'none', problems: [] });
    lastGood = null;
  }

  async function readNow(): Promise<void> {
    const read = await files.readText(file, maxBytes);
    if (closed) return;
    switch (read.kind) {
      case 'text':
        becomeText(read.text);
        break;
      case 'absent':
        becomeAbsent();
        break;
      case 'refused':
        becomeBad(`refused ${read.problem.message}`, [{ position: null, problem: read.problem }]);
        break;
      default:
        assertNever(read, 'readNow');
    }
  }

  function reload(): Promise<DocumentState<T>> {
    watching ??= closed ? null : (options.watch?.(file, reloadSoon) ?? null);
    return serially(async () => {
      await readNow();
      return state;
    });
  }

  function reloadSoon(): void {
    if (closed || reloadWaits) return;
    reloadWaits = true;
    void serially(async () => {
      reloadWaits = false;
      await readNow();
    });
  }

  function edit(change: (text: string) => Result<string>): Promise<Result<void>> {
    return serially(async () => {
      const read = await files.readText(file, maxBytes);
      if (read.kind === 'refused') return fail(read.problem);
      const before = read.kind === 'text' ? read.text : '';
      const changed = change(before);
      if (!changed.ok) return changed;
      if (changed.value === before) return ok(undefined);
      const written = await files.writeText(file, changed.value);
      if (written.ok && !closed) becomeText(changed.value);
      return written;
    });
  }

  return {
    state: () => state,
    reload,
    edit,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      watching?.close();
      listeners.clear();
      await queue;
    },
  };
}
