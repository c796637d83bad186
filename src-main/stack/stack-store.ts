/** The stack file as the app uses it: the stack in force, changes from outside, and the few made from inside. */
import { problem, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import type { WatchFile } from '../files/watch-file.ts';
import { createWatchedDocument, type DocumentState } from '../files/watched-document.ts';
import { maxYamlBytes } from '../files/yaml-text.ts';
import { type ParsedStack, parseStack, setTierContext, setTierPort, stackFileName } from './stack-file.ts';

/** `value` is `null` without a file, and while the file is bad and no good one was read yet. */
export type StackState = DocumentState<ParsedStack | null>;

export interface StackStore {
  state(): StackState;
  /** Reads the file and, from the first time on, watches it. */
  load(): Promise<StackState>;
  setTierPort(tierName: string, port: number): Promise<Result<void>>;
  setTierContext(tierName: string, tokens: number): Promise<Result<void>>;
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
    whenRemoved: problem(
      'stack-removed',
      `${stackFileName} is gone; the stack that it described stays in force until the app quits.`,
      'Put the file back, or set up a new stack.',
    ),
    watch: options.watch,
  });
  return {
    state: document.state,
    load: document.reload,
    setTierPort: (tierName, port) => document.edit((text) => setTierPort(text, tierName, port)),
    setTierContext: (tierName, tokens) => document.edit((text) => setTierContext(text, tierName, tokens)),
    onChange: document.onChange,
    close: document.close,
  };
}
