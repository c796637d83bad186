/** The model servers that all contenders run: the same executable, arguments and environment for each of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { ServiceSpec } from '../../src-main/stack/spec.ts';
import { probeGeneration, probeHealth } from '../../src-main/supervisor/probes.ts';
import { freePorts } from '../integration/support/ports.ts';
import {
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../stand-ins/engines/write-engine.ts';
import { readProcesses } from '../tools/process-watch.ts';

export const benchServerSchema = z.strictObject({
  id: z.string(),
  port: z.int(),
  executable: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  modelFolder: z.string(),
});
export type BenchServer = z.infer<typeof benchServerSchema>;

/** A model that loads in no time, so that a supervisor's own delays show. */
export const shortLoadMs = 20;
export const stopGraceMs = 5_000;
const startLimitMs = 30_000;
const pollMs = 3;

export interface ServerRequest {
  readonly id: string;
  readonly switches?: VllmMlxSwitchesInput;
}

/** Each with an executable, a model and a free port of its own, in `folder`. */
export async function makeServers(
  folder: string,
  requests: readonly ServerRequest[],
): Promise<BenchServer[]> {
  const ports = await freePorts(requests.length);
  return requests.map(({ id, switches }, index) => {
    const executable = writeEngine({
      dir: path.join(folder, id),
      name: 'vllm-mlx',
      switches: { '*': { loadMs: shortLoadMs, ...switches } },
    });
    const modelFolder = writeModelFolder(path.join(folder, id, 'model'));
    const port = ports[index];
    if (port === undefined) throw new Error('too few ports');
    const place = ['--port', String(port), '--host', '127.0.0.1'];
    return {
      id,
      port,
      executable,
      args: ['serve', modelFolder, ...place, '--served-model-name', id, '--offline'],
      env: { HOME: folder, PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
      cwd: folder,
      modelFolder,
    };
  });
}

/** As our supervisor is given it. */
export function specOf(server: BenchServer): ServiceSpec {
  const { id, port, executable, args, env, cwd, modelFolder } = server;
  return {
    id,
    kind: 'tier',
    name: id,
    model: 'bench model',
    port,
    executable: { path: executable },
    args,
    env,
    cwd,
    requirements: [
      { kind: 'executable', path: executable },
      { kind: 'model-folder', path: modelFolder, source: 'bench/model' },
    ],
    health: { kind: 'vllm-mlx', servedModelName: id },
    memoryBytes: 1e9,
    startLimitMs,
    stopGraceMs,
    fingerprint: JSON.stringify(server),
  };
}

/** Resolves once the server calls itself healthy and has generated one token: what our supervisor demands. */
export async function untilHealthy({ id, port }: BenchServer, limitMs = startLimitMs): Promise<void> {
  const health = { kind: 'vllm-mlx', servedModelName: id } as const;
  const signal = AbortSignal.timeout(limitMs);
  const options = { port, timeoutMs: limitMs, signal };
  while ((await probeHealth(health, options)).kind === 'lost') {
    if (signal.aborted) throw new Error(`${id} on port ${port} was not healthy within ${limitMs} ms`);
    await delay(pollMs);
  }
  const token = await probeGeneration(health, options);
  if (token.kind === 'lost') throw new Error(`${id} generates nothing: ${token.detail}`);
}

export async function isHealthy(server: BenchServer, limitMs: number): Promise<boolean> {
  const health = { kind: 'vllm-mlx', servedModelName: server.id } as const;
  const options = { port: server.port, timeoutMs: limitMs, signal: AbortSignal.timeout(limitMs) };
  return (await probeHealth(health, options)).kind === 'answered';
}

/** The server's process, whoever started it; `null` when there is none. The launcher's shell becomes the server by `exec`. */
export async function findServerPid({ executable, port }: BenchServer): Promise<number | null> {
  const rows = await readProcesses();
  const found = rows.find(
    ({ command }) => command.includes(` ${executable} serve `) && command.includes(`--port ${port} `),
  );
  return found?.pid ?? null;
}

export async function serverPid(server: BenchServer): Promise<number> {
  const pid = await findServerPid(server);
  if (pid === null) throw new Error(`no process of ${server.id} on port ${server.port}`);
  return pid;
}

export interface BareServer {
  readonly pid: number;
  /** Asks it to end; resolves with how long that took. */
  end(signal: NodeJS.Signals): Promise<number>;
}

/** Without any supervisor. */
export function spawnBare({ executable, args, env, cwd }: BenchServer): BareServer {
  const child = spawn(executable, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const exited = exitOf(child);
  if (child.pid === undefined) throw new Error(`${executable} cannot be started`);
  return {
    pid: child.pid,
    async end(signal) {
      const beganMs = performance.now();
      child.kill(signal);
      await exited;
      return performance.now() - beganMs;
    },
  };
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}
