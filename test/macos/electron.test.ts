/** The bundle in the Electron that it is made for: what a stand-in cannot prove. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { launchReal, root, screenshot, until, untilReady } from './support.ts';

/** The package's main module is the path of the binary. */
const executablePath = String(createRequire(import.meta.url)('electron'));
const launch = () => launchReal({ executablePath, args: [root] });

describe('in real Electron', () => {
  it('the window opens by itself, becomes ready and has no accessibility fault in light and dark', async () => {
    const app = await launch();
    const page = await app.window();
    expect(page.url()).toBe('app://ui/index.html');
    await untilReady(page);
    for (const theme of ['light', 'dark'] as const) {
      await app.electron.evaluate(({ nativeTheme }, source) => {
        nativeTheme.themeSource = source;
      }, theme);
      await page.waitForFunction(
        (dark) => matchMedia('(prefers-color-scheme: dark)').matches === dark,
        theme === 'dark',
      );
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await screenshot(page, `overview-${theme}`);
    }
  });

  it('the page has neither Node nor the network, and its bridge only the two functions', async () => {
    const app = await launch();
    const page = await app.window();
    expect(
      await page.evaluate(() => [
        typeof Reflect.get(globalThis, 'require'),
        typeof Reflect.get(globalThis, 'process'),
      ]),
    ).toEqual(['undefined', 'undefined']);
    expect(await page.evaluate(() => Object.keys(Reflect.get(globalThis, 'mlxStack')).toSorted())).toEqual([
      'call',
      'on',
    ]);
    const refused = await page.evaluate(() =>
      fetch('http://127.0.0.1:1/').then(
        () => 'answered',
        (error: unknown) => String(error),
      ),
    );
    expect(refused).toContain('TypeError');
  });

  it('the icon is shown in the menu bar, and the app stays while the window is closed', async () => {
    const app = await launch();
    const page = await app.window();
    await until('the icon', () => /The menu-bar icon is shown/.test(app.log()));
    const closed = page.waitForEvent('close');
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await closed;
    expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0);
    const opened = app.electron.waitForEvent('window');
    await app.electron.evaluate(({ app: real }) => real.emit('activate'));
    await untilReady(await opened);
  });

  it('a copied address is on the clipboard, and the menu has the roles that the usual keys need', async () => {
    const app = await launch();
    const page = await app.window();
    await untilReady(page);
    await page.getByRole('button', { name: 'Copy base URL' }).focus();
    await page.keyboard.press('Enter');
    await until('the address', async () =>
      /^http:\/\/127\.0\.0\.1:\d+\/v1$/.test(
        await app.electron.evaluate(({ clipboard }) => clipboard.readText()),
      ),
    );
    const roles = await app.electron.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).flatMap(
        (menu) => menu.submenu?.items.map((item) => item.role) ?? [],
      ),
    );
    expect(roles).toEqual(expect.arrayContaining(['copy', 'paste', 'selectall', 'close']));
  });

  it('a second start shows the first one’s window and ends', async () => {
    const app = await launch();
    const page = await app.window();
    const closed = page.waitForEvent('close');
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await closed;
    const opened = app.electron.waitForEvent('window');
    const second = spawn(executablePath, [root], {
      env: { ...process.env, MLX_STACK_HOME: app.home },
      stdio: 'ignore',
    });
    const [code] = await once(second, 'exit');
    expect(code).toBe(0);
    await untilReady(await opened);
  });

  it('quits clean: nothing of it is left', async () => {
    const app = await launch();
    await untilReady(await app.window());
    await app.processes.look();
    process.kill(app.pid, 'SIGTERM');
    expect(await app.exited).toBe(0);
    await app.processes.expectGone(1_000);
  });

  it('kill -9 leaves no server behind', async () => {
    const app = await launch();
    await untilReady(await app.window());
    await app.processes.look();
    process.kill(app.pid, 'SIGKILL');
    await app.exited;
    await app.processes.expectGone(6_000);
  });
});
