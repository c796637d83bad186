/** A supervisor over real processes: stand-in engines, real files, short waits; everything is gone at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Failure, ServiceState } from '../../../src-main/contract/status.ts';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import type { Logs, ServiceLog } from '../../../src-main/logs/types.ts';
import { derivePaths, type Paths } from '../../../src-main/paths.ts';
import type { ServiceSpec } from '../../../src-main/stack/spec.ts';
import { runTool, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { createLedger, type LaunchRecord, type Ledger } from '../../../src-main/supervisor/ledger.ts';
import { defaultPolicy, type SupervisionPolicy } from '../../../src-main/supervisor/policy.ts';
import { preflight } from '../../../src-main/supervisor/preflight.ts';
import { readProcessTable } from '../../../src-main/supervisor/process-table.ts';
import { checkModelFolder } from '../../../src-main/supervisor/stack-control.ts';
import { createSupervisor, type Supervisor } from '../../../src-main/supervisor/supervisor.ts';
import type { Machine } from '../../../src-main/supervisor/transitions.ts';
import {
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../../stand-ins/engines/write-engine.ts';

/** Design's numbers, shortened so that a test takes seconds; proportions stay. */
export const quickPolicy: SupervisionPolicy = {
  ...defaultPolicy,
  slowAfterMs: 300,
  probeTimeoutMs: 800,
  probeEveryMs: 200,
  probeAgainMs: 100,
  restartAfterUnresponsiveMs: 600,
  stableRunMs: 5_000,
  backOffBaseMs: 100,
  backOffCapMs: 500,
  wakeGraceMs: 200,
  generationTimeoutMs: 2_000,
  deathConfirmMs: 3_000,
};

export interface Rig {
  readonly home: string;
  readonly paths: Paths;
  readonly supervisor: Supervisor;
  readonly ledger: Ledger;
  readonly failures: { readonly id: string; readonly failure: Failure }[];
  /** States that a service went through, in order, without repetition. */
  states(id: string): readonly ServiceState[];
  machine(id: string): Machine;
  /** Resolves with the machine once `condition` holds; fails after `limitMs` with what it was instead. */
  until(id: string, condition: (machine: Machine) => boolean, limitMs?: number): Promise<Machine>;
  inState(id: string, state: ServiceState, limitMs?: number): Promise<Machine>;
}

export interface RigOptions {
  readonly policy?: Partial<SupervisionPolicy>;
  readonly memoryLimitBytes?: number;
  readonly home?: string;
}

export function temporaryFolder(prefix = 'mlx-stack-test-'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Keeps the lines that a service printed, as the real log's `lastLines` does. */
export function memoryLogs(): Logs {
  const logs = new Map<string, ServiceLog>();
  const create = (): ServiceLog => {
    let lines: string[] = [];
    return {
      attach(stdout, stderr) {
        lines = [];
        for (const stream of [stdout, stderr]) {
          stream.on('data', (chunk: Buffer) => {
            lines = [...lines, ...chunk.toString('latin1').slice(-4096).split('\n').filter(Boolean)].slice(
              -50,
            );
          });
        }
      },
      note() {},
      lastLines: (count) => lines.slice(-count),
      flush: async () => {},
      close: async () => {},
    };
  };
  return {
    service(id) {
      const log = logs.get(id) ?? create();
      logs.set(id, log);
      return log;
    },
    close: async () => {},
  };
}

export function createRig(options: RigOptions = {}): Rig {
  const home = options.home ?? temporaryFolder();
  const paths = derivePaths(home);
  const files = createHomeFiles({ home });
  const ledger = createLedger({ file: paths.ledger, files, initial: [], onProblem: () => {} });
  const policy = { ...quickPolicy, ...options.policy };
  const failures: { id: string; failure: Failure }[] = [];
  const seen = new Map<string, ServiceState[]>();
  let waiters: (() => void)[] = [];

  const supervisor = createSupervisor({
    policy,
    run: runTool,
    spawn: spawnGroup,
    ledger,
    logs: memoryLogs(),
    memoryLimitBytes: options.memoryLimitBytes ?? 64e9,
    preflight: (spec, previousMayHoldPort) =>
      preflight(spec, { run: runTool, nowMs: Date.now, previousMayHoldPort, checkModel: checkModelFolder }),
    onChange() {
      for (const { spec, machine } of supervisor.services()) {
        const states = seen.get(spec.id) ?? [];
        if (states.at(-1) !== machine.state) seen.set(spec.id, [...states, machine.state]);
      }
      const woken = waiters;
      waiters = [];
      for (const wake of woken) wake();
    },
    onFailure: (id, failure) => failures.push({ id, failure }),
    onRecovery: () => {},
  });
  onTestFinished(() => supervisor.stopAll(5_000));

  function machine(id: string): Machine {
    const found = supervisor.services().find(({ spec }) => spec.id === id);
    if (found === undefined) throw new Error(`no service ${id}`);
    return found.machine;
  }

  async function until(id: string, condition: (machine: Machine) => boolean, limitMs = 15_000) {
    const deadlineMs = performance.now() + limitMs;
    while (!condition(machine(id))) {
      const left = deadlineMs - performance.now();
      if (left <= 0) {
        const { state, lastFailure } = machine(id);
        const went = seen.get(id)?.join(' → ');
        throw new Error(`${id} is ${state} (went ${went}); last failure: ${JSON.stringify(lastFailure)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return machine(id);
  }

  return {
    home,
    paths,
    supervisor,
    ledger,
    failures,
    states: (id) => seen.get(id) ?? [],
    machine,
    until,
    inState: (id, state, limitMs) => until(id, (present) => present.state === state, limitMs),
  };
}

export interface TierOptions {
  readonly id: string;
  readonly port: number;
  readonly switches?: VllmMlxSwitchesInput;
  readonly memoryBytes?: number;
  readonly startLimitMs?: number;
  readonly stopGraceMs?: number;
}

/** A tier whose engine has the given faults built in. Each has an engine file of its own. */
export function tierSpec(rig: Pick<Rig, 'home' | 'paths'>, options: TierOptions): ServiceSpec {
  const executable = writeEngine({
    dir: path.join(rig.home, 'bin', options.id),
    name: 'vllm-mlx',
    switches: { '*': { loadMs: 20, ...options.switches } },
  });
  const folder = writeModelFolder(path.join(rig.paths.models, options.id));
  const args = ['serve', folder, '--port', String(options.port), '--host', '127.0.0.1'];
  return {
    id: options.id,
    kind: 'tier',
    name: options.id,
    model: 'test model',
    port: options.port,
    executable: { path: executable },
    args: [...args, '--served-model-name', options.id, '--offline'],
    env: childEnvironment(rig.home),
    cwd: os.tmpdir(),
    requirements: [
      { kind: 'executable', path: executable },
      { kind: 'model-folder', path: folder, source: 'test/model' },
    ],
    health: { kind: 'vllm-mlx', servedModelName: options.id },
    memoryBytes: options.memoryBytes ?? 1e9,
    startLimitMs: options.startLimitMs ?? 15_000,
    stopGraceMs: options.stopGraceMs ?? 2_000,
    fingerprint: JSON.stringify(options),
  };
}

export const childEnvironment = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
});

/** Living processes of a group, zombies left out: PID 1 of a container may reap late. */
export async function livingInGroup(pgid: number): Promise<number[]> {
  const table = await readProcessTable(runTool);
  if (table === null) throw new Error('ps failed');
  return table.filter((row) => row.pgid === pgid && !row.zombie).map((row) => row.pid);
}

export type { LaunchRecord };
