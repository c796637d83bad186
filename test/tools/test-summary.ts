/** Adds test runs up to the last lines of `npm test` and its exit code. */
import type { TestReport } from './test-reporter.ts';

export interface RunOutcome {
  /** `null` when vitest ended without a report. */
  readonly report: TestReport | null;
  readonly exitCode: number | null;
}

export interface Summary {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** What cannot run here says so in its name or reason; on CI any other skipped test is a hole. */
function cannotRunHere(words: string, platform: NodeJS.Platform): boolean {
  if (platform !== 'darwin' && /\b(only on macOS|macOS only|needs a Mac)\b/i.test(words)) return true;
  return platform !== 'linux' && /\b(only on Linux|Linux only)\b/i.test(words);
}

export function summarise(
  outcomes: readonly RunOutcome[],
  isCi: boolean,
  platform = process.platform,
): Summary {
  const reports = outcomes.flatMap(({ report }) => report ?? []);
  const skipped = reports.flatMap((report) => report.skipped);
  const holes = isCi
    ? skipped.filter(({ name, reason }) => !cannotRunHere(`${name} ${reason ?? ''}`, platform))
    : [];
  const broken = outcomes.filter(
    ({ report, exitCode }) => report === null || (exitCode !== 0 && report.failed.length === 0),
  ).length;
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  const failed = reports.reduce((sum, report) => sum + report.failed.length, 0) + holes.length + broken;

  const lines = [
    ...reports.flatMap((report) => report.failed.map((name) => `failed: ${name}`)),
    ...(broken === 0 ? [] : ['failed: vitest ended without saying why']),
    ...skipped.map(({ name, reason }) => {
      const isHole = holes.some((hole) => hole.name === name);
      return `skipped${isHole ? ' (not allowed on CI)' : ''}: ${name}: ${reason ?? 'no reason given'}`;
    }),
  ];
  const nothingRan = passed + failed === 0;
  if (nothingRan) lines.push('No test ran.');
  const rest = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  lines.push(`${passed} passed, ${failed} failed${rest}`);
  return { lines, exitCode: failed > 0 || nothingRan ? 1 : 0 };
}
