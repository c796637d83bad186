/** The stack as setup changes it: the file with a copy of the one before, what is wanted, and the services behind it. */
import path from 'node:path';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import { maxYamlBytes } from '../files/yaml-text.ts';
import type { DesiredStore } from '../stack/desired.ts';
import type { StackStore } from '../stack/stack-store.ts';
import type { StackControl } from '../supervisor/stack-control.ts';
import { commonWords, setupWords } from '../words/index.ts';
import type { Replaced, StackDoor } from './deps.ts';

export interface StackDoorOptions {
  readonly files: HomeFiles;
  readonly file: string;
  readonly store: StackStore;
  readonly desired: DesiredStore;
  readonly control: Pick<StackControl, 'refresh' | 'startAll' | 'start' | 'stop' | 'remedy'>;
  /** Programs are looked for anew. */
  readonly forgetPrograms: () => void;
  readonly isPortFree: (port: number) => Promise<boolean>;
  readonly nowMs: () => number;
}

export function createStackDoor(options: StackDoorOptions): StackDoor {
  const { files, file, store, desired, control } = options;

  async function replace(text: string): Promise<Result<Replaced>> {
    const read = await files.readText(file, maxYamlBytes);
    if (read.kind === 'refused') return fail(read.problem);
    const before = read.kind === 'text' ? read.text : '';
    const keptAs = before.trim() === '' || before === text ? null : await keep(before);
    if (keptAs !== null && !keptAs.ok) return keptAs;
    const written = await store.edit((present) => (present === before ? ok(text) : fail(changedMeanwhile)));
    return written.ok ? ok({ keptAs: keptAs === null ? null : path.basename(keptAs.value) }) : written;
  }

  /** A copy: nobody sees a moment without a stack. */
  async function keep(text: string): Promise<Result<string>> {
    const time = new Date(options.nowMs()).toISOString().replaceAll(/[:.]/g, '-').replace('Z', '');
    const copy = `${file}.${time}.bak`;
    const written = await files.writeText(copy, text);
    return written.ok ? ok(copy) : written;
  }

  return {
    present: () => store.state().value?.stack ?? null,
    replace,
    edit: store.edit,
    wanted: desired.get,
    want: (changes) => desired.set(changes),
    async refresh() {
      options.forgetPrograms();
      await control.refresh();
    },
    startAll: control.startAll,
    start: control.start,
    stop: control.stop,
    moveToFreePort: (tier) => control.remedy(tier, 'use-free-port'),
    isPortFree: options.isPortFree,
  };
}

const changedMeanwhile = problem('stack-changed', setupWords.changedMeanwhile, commonWords.tryAgain);
