/** What the user is told of a log that cannot be written, and for how long. Pure but for its memory. */
import type { Problem } from '../contract/result.ts';
import type { LogEvent } from './types.ts';

export interface LogNoticesOptions {
  /** Stands until it is forgotten. */
  readonly note: (found: Problem, severity: 'info' | 'warning') => void;
  readonly forget: (found: Problem) => void;
}

/** One notice for each log: another reason takes the place of the one before, and none is left when the log goes on. */
export function createLogNotices({ note, forget }: LogNoticesOptions): (event: LogEvent) => void {
  const standing = new Map<string, Problem>();
  return ({ log, state, problem }) => {
    const before = standing.get(log);
    if (before !== undefined) forget(before);
    standing.delete(log);
    if (state === 'failing') {
      standing.set(log, problem);
      note(problem, 'warning');
    } else if (before === undefined) {
      // It never failed: something happened to its file, and what was in there is gone.
      note(problem, 'info');
    }
  };
}
