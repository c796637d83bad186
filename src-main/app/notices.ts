/** The notices about home. */

import path from 'node:path';
import { problem } from '../contract/result.ts';
import type { HomeFinding } from '../files/types.ts';
import type { Paths } from '../paths.ts';
import type { StatusStore } from '../status/store.ts';
import { appWords, commonWords } from '../words/index.ts';
import type { Parts } from './parts.ts';

/** How many repaired files a notice names. */
const maxNamedFindings = 5;

/** Each as it is, but permissions that were put right in one notice: the CLI leaves every file readable by all. */
export function noteFindings(findings: readonly HomeFinding[], paths: Paths, note: Parts['note']): void {
  const isModeRepair = ({ repaired, problem: what }: HomeFinding) =>
    repaired && what.code === 'open-permissions';
  for (const finding of findings) {
    if (isModeRepair(finding)) continue;
    const { path: found, fatal, repaired, problem: what } = finding;
    note({ ...what, hint: what.hint ?? found }, fatal ? 'error' : repaired ? 'info' : 'warning');
  }
  const names = findings
    .filter(isModeRepair)
    .map(({ path: found }) => path.relative(paths.home, found) || found);
  if (names.length === 0) return;
  const shown = commonWords.someOf(names, maxNamedFindings);
  note(problem('permissions-repaired', appWords.filesWereOpen, shown), 'info');
}

/** Once for changes that come together, and never in the midst of one: whoever follows the status gets them in order. */
export function tellJobs(status: StatusStore, publishNotices: () => void): void {
  let isDue = false;
  status.subscribe(({ engines, models, services, setup }) => {
    if (isDue || [engines, models, services, setup].every((part) => part === undefined)) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      publishNotices();
    });
  });
}
