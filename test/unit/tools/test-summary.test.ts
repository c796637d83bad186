import { expect, test } from 'vitest';
import { summarise } from '../../tools/test-summary.ts';

const run = (
  passed: number,
  failed: string[] = [],
  skipped: { name: string; reason: string | null }[] = [],
) => ({
  report: { passed, failed, skipped },
  exitCode: failed.length > 0 ? 1 : 0,
});
const onLinux = 'linux';
const onMac = 'darwin';
const last = (lines: readonly string[]) => lines[lines.length - 1];

test('runs are added up', () => {
  const summary = summarise([run(3), run(4)], true);
  expect([last(summary.lines), summary.exitCode]).toEqual(['7 passed, 0 failed', 0]);
});

test('a failure fails', () => {
  const summary = summarise([run(3, ['a > b']), run(1)], false);
  expect(summary).toEqual({ lines: ['failed: a > b', '4 passed, 1 failed'], exitCode: 1 });
});

test('skipped tests are named with their reason', () => {
  const summary = summarise([run(1, [], [{ name: 'a > b', reason: 'no keyring here' }])], false);
  expect(summary).toEqual({
    lines: ['skipped: a > b: no keyring here', '1 passed, 0 failed, 1 skipped'],
    exitCode: 0,
  });
});

test('on CI a skipped test is a failure, unless it cannot run there', () => {
  const mac = { name: 'a > real app', reason: 'only on macOS' };
  const linux = { name: 'a > b (only on Linux)', reason: null };
  expect(summarise([run(1, [], [mac])], true, onLinux).exitCode).toBe(0);
  expect(summarise([run(1, [], [mac])], true, onMac).exitCode).toBe(1);
  expect(summarise([run(1, [], [linux])], true, onMac).exitCode).toBe(0);
  expect(summarise([run(1, [], [linux])], true, onLinux).exitCode).toBe(1);
  const notRoot = { name: 'a > b', reason: 'root may write anywhere' };
  expect(summarise([run(1, [], [notRoot])], true, onLinux).exitCode).toBe(1);
  expect(summarise([run(1, [], [notRoot])], true, onMac).exitCode).toBe(1);
  const hole = summarise([run(1, [], [mac, { name: 'a > b', reason: null }])], true, onLinux);
  expect(hole.exitCode).toBe(1);
  expect(last(hole.lines)).toBe('1 passed, 1 failed, 2 skipped');
});

test('no test at all is a failure', () => {
  const summary = summarise([run(0)], false);
  expect(summary).toEqual({ lines: ['No test ran.', '0 passed, 0 failed'], exitCode: 1 });
});

test('a run that broke off is a failure, whatever its tests say', () => {
  expect(summarise([run(5), { report: null, exitCode: 1 }], false).exitCode).toBe(1);
  expect(summarise([{ ...run(5), exitCode: 1 }], false).exitCode).toBe(1);
  expect(summarise([{ ...run(5), exitCode: null }], false).exitCode).toBe(1);
});
