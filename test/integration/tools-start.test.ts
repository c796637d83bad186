/** `npm start` where the app cannot be opened. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const start = path.resolve(import.meta.dirname, '../tools/start.ts');

test.skipIf(process.platform === 'darwin')(
  'without a display it ends at once with one sentence that names the preview (only on Linux)',
  () => {
    const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [start], {
      env,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('npm run preview -- --demo')]);
  },
);
