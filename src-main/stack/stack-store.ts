/** The stack file as the app uses it: the stack in force, changes from outside, and the few made from inside. */
import { fail, problem, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import type { WatchFile } from '../files/watch-file.ts';
import { createWatchedDocument, type DocumentState } from '../files/watched-document.ts';
import { maxYamlBytes } from '../files/yaml-text.ts';
import { stackWords } from '../words/index.ts';
import {
  firstProblem,
  type ParsedStack,
  parseStack,
  setTierContext,
  setTierPort,
  stackFileName,
} from './stack-file.ts';

/** `value` is `null` without a file, and while the file is bad and no good one was read yet. */
export type StackState = DocumentState<ParsedStack | null>;

export interface StackStore {
  state(): StackState;
  /** Reads the file and, from the first time on, watches it. */
  load(): Promise<StackState>;
  setTierPort(tierName: string, port: number): Promise<Result<void>>;
  setTierContext(tierName: string, tokens: number): Promise<Result<void>>;
  /** Reads, changes and writes the file as one step; what comes of it must be a stack. `''` where there is no file. */
  edit(change: (text: string) => Result<string>): Promise<Result<void>>;
  onChange(listener: (state: StackState) => void): () => void;
  close(): Promise<void>;
}

export interface StackStoreOptions {
  readonly files: HomeFiles;
  readonly file: string;
  readonly watch?: WatchFile;
}

export function createStackStore(options: StackStoreOptions): StackStore {
  const document = createWatchedDocument<ParsedStack | null>({
    files: options.files,
    file: options.file,
    maxBytes: maxYamlBytes,
    parse: parseStack,
    whenAbsent: null,
    whenBad: null,
    /** No command deletes the stack: running servers are not stopped because a file is gone. */
    whenRemoved: problem('stack-removed', stackWords.fileGone(stackFileName), stackWords.putFileBack),
    watch: options.watch,
  });
  return {
    state: document.state,
    load: document.reload,
    setTierPort: (tierName, port) => document.edit((text) => setTierPort(text, tierName, port)),
    setTierContext: (tierName, tokens) => document.edit((text) => setTierContext(text, tierName, tokens)),
    edit: (change) => document.edit((text) => checked(change(text))),
    onChange: document.onChange,
    close: document.close,
  };
}

/** The app never writes a file that it would refuse to read. */
function checked(changed: Result<string>): Result<string> {
  if (!changed.ok) return changed;
  const parsed = parseStack(changed.value);
  return parsed.ok ? changed : fail(firstProblem(parsed.error));
}
