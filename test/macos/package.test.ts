/** The packaged app, ad-hoc signed: it starts, its icon is there, its stack becomes healthy, and it leaves nothing behind. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { launchReal, root, screenshot, until, untilReady } from './support.ts';

const run = promisify(execFile);
const bundle = path.resolve(root, process.env['MLX_STACK_APP'] ?? 'release/mac-arm64/MLX Stack.app');

describe('the packaged app', () => {
  it('starts, becomes ready, quits when macOS asks it to, and leaves nothing', async () => {
    const app = await launchReal({
      executablePath: path.join(bundle, 'Contents/MacOS/MLX Stack'),
      args: [],
    });
    expect(await app.electron.evaluate(({ app: real }) => real.isPackaged)).toBe(true);
    const page = await app.window();
    await untilReady(page);
    await until('the icon', () => /The menu-bar icon is shown/.test(app.log()));
    await screenshot(page, 'packaged');
    await app.processes.look();
    // What the Dock, logout and a script do; no accessibility permission is needed to quit an app.
    await run('osascript', ['-e', `tell application "${bundle}" to quit`]).catch(() =>
      process.kill(app.pid, 'SIGTERM'),
    );
    expect(await app.exited).toBe(0);
    await app.processes.expectGone(1_000);
  });
});
