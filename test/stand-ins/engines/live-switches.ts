/** The switches in force now: those of the start, with a control file's changes over them. */
import { readFileSync, statSync } from 'node:fs';
import type { PythonOutput } from './python-output.ts';
import type { SwitchesRead } from './switches.ts';

interface WithControlFile {
  readonly controlFile?: string | undefined;
}

/** Reads the file anew only when it changed; a missing one changes nothing, a misspelt one ends the process. */
export function createLiveSwitches<T extends WithControlFile>(
  initial: T,
  readControl: (source: string, text: string) => SwitchesRead<T>,
  output: PythonOutput,
): () => T {
  const file = initial.controlFile;
  if (file === undefined) return () => initial;
  let seen = '';
  let current = initial;
  return () => {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    const mark = stat ? `${stat.ino}:${stat.mtimeNs}:${stat.size}` : '';
    if (mark === seen) return current;
    seen = mark;
    if (!stat) {
      current = initial;
      return current;
    }
    const read = readControl(file, readFileSync(file, 'utf8'));
    if (!read.ok) {
      output.printError(read.error);
      process.exit(2);
    }
    current = { ...initial, ...read.value };
    return current;
  };
}
