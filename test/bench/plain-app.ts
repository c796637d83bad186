/**
 * The shipped bundle on plain Node for figures of what it costs: without source maps, and with a stand-in for Electron
 * that was bundled before, because stripping its types at run time would cost more memory than the app itself.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { probeHealth } from '../../src-main/supervisor/probes.ts';
import { settingsVariable } from '../stand-ins/electron/settings.ts';
import { type AppHome, tierServer } from './app-home.ts';
import { appEnvironment, mainScript } from './app-run.ts';
import { untilHealthy } from './servers.ts';
import type { Stage } from './stage.ts';

const standIn = path.resolve(import.meta.dirname, '../stand-ins/electron/index.ts');
/** As deep below the repository as the stand-in itself, which finds its files by their place. */
const artefacts = path.resolve(import.meta.dirname, '../artefacts');
const healthyLimitMs = 60_000;
const endLimitMs = 20_000;
const pollMs = 50;

export interface PlainApp {
  readonly pid: number;
  /** All its services answer. */
  untilServing(): Promise<void>;
  end(): Promise<void>;
}

/** A script for `node --import`. */
export async function bundleStandIn(stage: Stage): Promise<string> {
  await mkdir(artefacts, { recursive: true });
  const outDir = await mkdtemp(path.join(artefacts, 'bench-electron-'));
  stage.defer(() => rm(outDir, { recursive: true, force: true }));
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true, external: ['playwright-core'] },
    build: {
      ssr: standIn,
      outDir,
      target: 'node24',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'electron.mjs', codeSplitting: false } },
    },
  });
  const script = path.join(outDir, 'register.mjs');
  const url = pathToFileURL(path.join(outDir, 'electron.mjs')).href;
  await writeFile(
    script,
    `import { registerHooks } from 'node:module';
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: ${JSON.stringify(url)}, format: 'module', shortCircuit: true } : next(name, context),
});
`,
  );
  return script;
}

export function runPlainApp(
  stage: Stage,
  home: AppHome,
  imports: readonly string[],
  env: Readonly<Record<string, string>> = {},
): PlainApp {
  const settings = {
    chromium: null,
    headed: false,
    openedAtLogin: true,
    userData: path.join(home.folder, 'run', 'electron'),
    ipcLog: null,
    followParent: false,
  };
  const flags = imports.flatMap((script) => ['--import', pathToFileURL(script).href]);
  const child = spawn(process.execPath, [...flags, mainScript], {
    env: { ...appEnvironment(stage, home.folder), ...env, [settingsVariable]: JSON.stringify(settings) },
    stdio: ['ignore', 2, 2],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  async function end(): Promise<void> {
    child.kill('SIGTERM');
    await Promise.race([exited, delay(endLimitMs, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await exited;
  }
  stage.defer(end);

  return {
    pid: child.pid ?? -1,
    async untilServing() {
      await Promise.all(
        home.tierPorts.map((_, index) => untilHealthy(tierServer(home, index), healthyLimitMs)),
      );
      const signal = AbortSignal.timeout(healthyLimitMs);
      const options = { port: home.gatewayPort, timeoutMs: healthyLimitMs, signal };
      while ((await probeHealth({ kind: 'litellm' }, options)).kind === 'lost') {
        if (signal.aborted) throw new Error('the gateway was not healthy in time');
        await delay(pollMs);
      }
    },
    end,
  };
}
