/** Writes what a vitest run found to the file named by `$TEST_REPORT`, with the reason of each skipped test. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import * as z from 'zod';

export const reportVariable = 'TEST_REPORT';

export const testReportSchema = z.strictObject({
  passed: z.number().int(),
  /** Test names, and files or errors outside any test. */
  failed: z.array(z.string()),
  skipped: z.array(z.strictObject({ name: z.string(), reason: z.string().nullable() })),
});
export type TestReport = z.infer<typeof testReportSchema>;

/** A test that has no result did not run: its file failed, or the run was cut short. */
function collect(modules: readonly TestModule[]): TestReport {
  const report: TestReport = { passed: 0, failed: [], skipped: [] };
  for (const module of modules) {
    if (module.errors().length > 0) report.failed.push(module.relativeModuleId);
    for (const test of module.children.allTests()) {
      const name = `${module.relativeModuleId} > ${test.fullName}`;
      const result = test.result();
      if (result.state === 'passed') report.passed += 1;
      else if (result.state === 'skipped') report.skipped.push({ name, reason: result.note ?? null });
      else report.failed.push(name);
    }
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) report.failed.push(`${module.relativeModuleId} > ${suite.fullName}`);
    }
  }
  return report;
}

export default class TestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    const report = collect(modules);
    for (const { message } of unhandledErrors) report.failed.push(`unhandled error: ${message}`);
    const file = process.env[reportVariable];
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}
