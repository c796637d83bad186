/** Where the specs of `test/e2e` run in real Electron: the same kinds of home, without a person's Keychain and Finder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import { collectOutput, type Stage, type StartOptions } from '../e2e/harness.ts';
import { prepareDemo, scatteredPorts } from '../tools/demo.ts';
import { readGateway, waitForHealth } from '../tools/preview-session.ts';
import { createRealControl } from './real-control.ts';
import { deskScript, keysScript } from './real-desk.ts';
import { root, startElectron, startLimitMs, until } from './support.ts';

const windowOrigin = 'app://ui/';
const require = createRequire(import.meta.url);

/** What of the options only the stand-in can do. */
function refuse({ installed, ipcLog, keychain, preload, screen, hidden, headed }: StartOptions): void {
  const asked = Object.entries({
    installed,
    hidden,
    headed,
    'a file of a test': preload !== undefined,
    'a log of the bridge': typeof ipcLog === 'string',
    'the system’s keychain': keychain === 'system',
    'no screen': screen === false,
  }).flatMap(([name, isAsked]) => (isAsked === true ? [name] : []));
  if (asked.length > 0) throw new Error(`real Electron cannot be started with ${asked.join(', ')}`);
}

export async function startReal(options: StartOptions): Promise<Stage> {
  refuse(options);
  const temporary = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-mac-')));
  const chosen = options.home ?? path.join(temporary, 'home');
  mkdirSync(chosen, { recursive: true, mode: 0o700 });
  const home = realpathSync(chosen);
  if (options.demo === true) await prepareDemo(home, scatteredPorts());
  const desk = path.join(temporary, 'desk.cjs');
  writeFileSync(desk, deskScript);
  const keys = path.join(temporary, 'keys.cjs');
  writeFileSync(keys, keysScript(require.resolve('keytar')));
  const env = {
    MLX_STACK_HOME: home,
    ...(typeof options.openrouter === 'string' ? { MLX_STACK_OPENROUTER_URL: options.openrouter } : {}),
    ...(typeof options.huggingface === 'string' ? { MLX_STACK_HUGGINGFACE_URL: options.huggingface } : {}),
    ...options.env,
  };
  /** The package's main module is the path of the binary. */
  const executablePath = String(require('electron'));
  const started = startElectron({ executablePath, args: ['-r', desk, '-r', keys, root], env });
  started.catch(() => rmSync(temporary, { recursive: true, force: true }));
  const { electron, child, pid, exited, ended } = await started;
  const context = electron.context();
  const control = createRealControl({
    ask: (name, input) =>
      electron.evaluate((_electron, [asked, given]) => globalThis.mlxStackDesk.ask(asked, given), [
        name,
        input,
      ] as const),
    context,
    isWindow: (url) => url.startsWith(windowOrigin),
  });
  let ownData = '';

  return {
    pid,
    home,
    control,
    exited,
    ended,
    output: collectOutput(child),
    async waitUntilReady() {
      try {
        await electron.firstWindow({ timeout: startLimitMs });
        ownData = await electron.evaluate(({ app }) => app.getPath('userData'));
        await until('the icon', async () => (await control('tray.read', {})) !== null);
        const healthy = options.demo === true ? await waitForHealth({ control }) : ok(undefined);
        if (!healthy.ok) return healthy;
        return ok({ ready: true, pid, home, cdp: '', gateway: await readGateway({ control }) });
      } catch (error) {
        return fail(problem('not-started', `MLX Stack did not start: ${String(error)}`));
      }
    },
    connect: async () => context,
    windowOrigin,
    async quit() {
      if (!ended()) await control('app.quit', {}).catch(() => {});
      return exited;
    },
    kill: () => void child.kill('SIGKILL'),
    async dispose() {
      await exited;
      /** One for each data folder, beside the app's own. */
      if (path.basename(path.dirname(ownData)) === 'homes') rmSync(ownData, { recursive: true, force: true });
      rmSync(temporary, { recursive: true, force: true });
    },
    async launchAgain() {
      const second = spawn(executablePath, [root], { env: { ...process.env, ...env }, stdio: 'ignore' });
      const [code] = await once(second, 'exit');
      if (code !== 0) throw new Error(`the second start ended with ${code}`);
      return problem(
        'already-running',
        `MLX Stack already runs with ${home}; it was asked to show its window.`,
      );
    },
  };
}
