/** The shipped bundle on plain Node, for figures of what the app itself costs: no source maps, and an Electron that does nothing. */
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { probeHealth } from '../../src-main/supervisor/probes.ts';
import { type AppHome, tierServer } from './app-home.ts';
import { appEnvironment, mainScript } from './app-run.ts';
import { untilHealthy } from './servers.ts';
import type { Stage } from './stage.ts';

const hollowElectron = path.join(import.meta.dirname, 'hollow-electron.cjs');
const hollowKeytar = path.join(import.meta.dirname, 'hollow-keytar.cjs');
const healthyLimitMs = 60_000;
const endLimitMs = 20_000;
const pollMs = 50;
const keytarLimitMs = 10_000;

export interface PlainApp {
  readonly pid: number;
  /** All its services answer. */
  untilServing(): Promise<void>;
  end(): Promise<void>;
}

export function runPlainApp(
  stage: Stage,
  home: AppHome,
  preloads: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): PlainApp {
  const flags = [hollowElectron, ...preloads].flatMap((script) => ['--require', script]);
  const child = spawn(process.execPath, [...flags, mainScript], {
    env: { ...appEnvironment(stage, home.folder), ...env },
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
      const tiers = home.tierPorts.map((_, index) => untilHealthy(tierServer(home, index), healthyLimitMs));
      const ended = exited.then(() => Promise.reject(new Error('the app has ended')));
      await Promise.race([Promise.all(tiers), ended]);
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

/** What the Keychain's Linux build would add, measured in a process of its own; `null` where it cannot be loaded. */
export async function readKeytarBytes(): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [hollowKeytar], {
      timeout: keytarLimitMs,
    });
    return Number(stdout);
  } catch {
    return null;
  }
}
