/** `unit`: pure functions. `integration`: real child processes. `e2e`: the shipped bundle in real Chromium. `macos`: real Electron. */
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/tools/longest-first.ts';

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], pool: 'threads' } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Chromium, the app and its servers share the machine's cores with whatever else runs: one step of the window
          // took 1 to 4 s at a load of 12 on two cores. A poll that succeeds ends at once, so this costs nothing.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'macos',
          include: process.platform === 'darwin' ? ['test/macos/**/*.test.ts'] : [],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
