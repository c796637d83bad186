/**
 * `unit`: pure functions. `integration`: real child processes. `e2e`: the shipped bundle in real Chromium. `macos`: real
 * Electron. `macos-e2e`: the files of `e2e` that run there, too.
 */
import { defineConfig } from 'vitest/config';
import { filesInElectron, inElectronVariable } from './test/tools/e2e-files.ts';
import { LongestFirst } from './test/tools/longest-first.ts';

const isMac = process.platform === 'darwin';

/**
 * Workers, servers and Chromium share the machine's cores with whatever else runs: at a load of 12 on two cores what takes
 * 0.2 s took 1 to 4 s. What succeeds ends at once, so that patience costs nothing; that of vitest is 1 s for a poll and
 * 5 s for a test.
 */
const patient = { poll: { timeout: 10_000 } };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          // The longest that have no limit of their own took 30 s at a load of 12.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'macos',
          include: isMac ? ['test/macos/**/*.test.ts'] : [],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'macos-e2e',
          include: isMac ? filesInElectron.map((name) => `test/e2e/${name}.test.ts`) : [],
          env: { [inElectronVariable]: '1' },
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          expect: patient,
        },
      },
    ],
  },
});
