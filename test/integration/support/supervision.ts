/** A supervisor over real processes: stand-in engines, real files, short waits. Knows nothing of the test runner. */
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure, ServiceState } from '../../../src-main/contract/status.ts';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import { derivePaths, type Paths } from '../../../src-main/paths.ts';
import type { ServiceSpec } from '../../../src-main/stack/spec.ts';
import { type RunTool, runTool, type SpawnOptions, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { createLedger, type LaunchRecord, type Ledger } from '../../../src-main/supervisor/ledger.ts';
import { defaultPolicy, type SupervisionPolicy } from '../../../src-main/supervisor/policy.ts';
import { preflight } from '../../../src-main/supervisor/preflight.ts';
import type { LaunchLog } from '../../../src-main/supervisor/service.ts';
import { checkModelFolder } from '../../../src-main/supervisor/stack-control.ts';
import {
  createSupervisor,
  type Supervisor,
  type SupervisorDeps,
} from '../../../src-main/supervisor/supervisor.ts';
import type { Machine } from '../../../src-main/supervisor/transitions.ts';
import {
  type LitellmSwitchesInput,
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../../stand-ins/engines/write-engine.ts';

/**
 * Design's numbers, shortened so that a test takes seconds. What decides whether a server is slow or silent stays
 * generous: a busy machine must not decide a test that is about something else.
 */
export const quickPolicy: SupervisionPolicy = {
  ...defaultPolicy,
  probeTimeoutMs: 4_000,
  probeEveryMs: 200,
  probeAgainMs: 100,
  restartAfterUnresponsiveMs: 600,
  stableRunMs: 5_000,
  backOffBaseMs: 100,
  backOffCapMs: 500,
  wakeGraceMs: 200,
  generationTimeoutMs: 10_000,
};

/** For tests about slow and silent servers. */
export const impatience = { slowAfterMs: 300, probeTimeoutMs: 500 } as const;

export interface Seen {
  readonly id: string;
  readonly state: ServiceState;
  readonly pid: number | null;
}

export interface Supervision {
  readonly home: string;
  readonly paths: Paths;
  readonly supervisor: Supervisor;
  readonly ledger: Ledger;
  readonly failures: readonly { readonly id: string; readonly failure: Failure }[];
  readonly recoveries: readonly string[];
  /** Every change of a state, over all services, in order. */
  readonly history: readonly Seen[];
  /** Group ids of all that was ever started, oldest first. */
  readonly spawned: readonly number[];
  /** States that a service went through, in order, without repetition. */
  states(id: string): readonly ServiceState[];
  machine(id: string): Machine;
  /** Resolves with the machine once `condition` holds; fails after `limitMs` with what it was instead. */
  until(id: string, condition: (machine: Machine) => boolean, limitMs?: number): Promise<Machine>;
  inState(id: string, state: ServiceState, limitMs?: number): Promise<Machine>;
  /** Resolves once `count` more changes were reported for any service: with all well, each is a probe. */
  changes(count: number, limitMs?: number): Promise<void>;
}

export interface SupervisionOptions {
  readonly home: string;
  readonly policy?: Partial<SupervisionPolicy> | undefined;
  readonly memoryLimitBytes?: number | undefined;
  readonly memoryNow?: SupervisorDeps['memoryNow'] | undefined;
  readonly initialRecords?: readonly LaunchRecord[] | undefined;
  readonly logs?: SupervisorDeps['logs'] | undefined;
  readonly run?: RunTool | undefined;
  readonly spawn?: typeof spawnGroup | undefined;
  readonly onNote?: ((id: string, line: string) => void) | undefined;
  readonly onChange?: (() => void) | undefined;
}

/** Keeps the lines that a service printed, as the real log does. */
export function memoryLogs(onNote: (id: string, line: string) => void = () => {}): SupervisorDeps['logs'] {
  const logs = new Map<string, LaunchLog>();
  const create = (id: string): LaunchLog => {
    let lines: string[] = [];
    let ended: Promise<unknown> = Promise.resolve();
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
        ended = Promise.all(
          [stdout, stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve))),
        );
      },
      note: (line) => onNote(id, line),
      lastLines: (count) => lines.slice(-count),
      drained: (limitMs) => Promise.race([ended.then(() => true), sleep(limitMs, false, { ref: false })]),
    };
  };
  return {
    service(id) {
      const log = logs.get(id) ?? create(id);
      logs.set(id, log);
      return log;
    },
  };
}

export function createSupervision(options: SupervisionOptions): Supervision {
  const { home } = options;
  const paths = derivePaths(home);
  const files = createHomeFiles({ home });
  const initial = options.initialRecords ?? [];
  const ledger = createLedger({ file: paths.ledger, files, initial, onProblem: () => {} });
  const policy = { ...quickPolicy, ...options.policy };
  const run = options.run ?? runTool;
  const failures: { id: string; failure: Failure }[] = [];
  const recoveries: string[] = [];
  const history: Seen[] = [];
  const spawned: number[] = [];
  let waiters: (() => void)[] = [];

  async function spawn(request: SpawnOptions) {
    const leader = await (options.spawn ?? spawnGroup)(request);
    if ('pid' in leader) spawned.push(leader.pid);
    return leader;
  }

  function onChange(): void {
    for (const { spec, machine: present } of supervisor.services()) {
      const last = history.findLast((seen) => seen.id === spec.id);
      if (last?.state !== present.state)
        history.push({ id: spec.id, state: present.state, pid: present.pid });
    }
    options.onChange?.();
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  }

  const supervisor = createSupervisor({
    policy,
    run,
    spawn,
    ledger,
    logs: options.logs ?? memoryLogs(options.onNote),
    memoryLimitBytes: options.memoryLimitBytes ?? 64e9,
    ...(options.memoryNow === undefined ? {} : { memoryNow: options.memoryNow }),
    preflight: (spec, previousMayHoldPort) =>
      preflight(spec, { run, nowMs: Date.now, previousMayHoldPort, checkModel: checkModelFolder }),
    onChange,
    onFailure: (id, failure) => failures.push({ id, failure }),
    onRecovery: (id) => recoveries.push(id),
  });

  function machine(id: string): Machine {
    const found = supervisor.services().find(({ spec }) => spec.id === id);
    if (found === undefined) throw new Error(`no service ${id}`);
    return found.machine;
  }

  const states = (id: string) => history.filter((seen) => seen.id === id).map((seen) => seen.state);

  async function changedWithin(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async function until(id: string, condition: (machine: Machine) => boolean, limitMs = defaultLimitMs) {
    const deadlineMs = performance.now() + limitMs;
    while (!condition(machine(id))) {
      const left = deadlineMs - performance.now();
      if (left <= 0) {
        const { state, lastFailure } = machine(id);
        const went = states(id).join(' → ');
        throw new Error(`${id} is ${state} (went ${went}); last failure: ${JSON.stringify(lastFailure)}`);
      }
      await changedWithin(left);
    }
    return machine(id);
  }

  async function changes(count: number, limitMs = defaultLimitMs): Promise<void> {
    const deadlineMs = performance.now() + limitMs;
    for (let seen = 0; seen < count; seen++) {
      const left = deadlineMs - performance.now();
      if (left <= 0) throw new Error(`${seen} of ${count} changes within ${limitMs} ms`);
      await changedWithin(left);
    }
  }

  return {
    home,
    paths,
    supervisor,
    ledger,
    failures,
    recoveries,
    history,
    spawned,
    states,
    machine,
    until,
    inState: (id, state, limitMs) => until(id, (present) => present.state === state, limitMs),
    changes,
  };
}

/** Generous: it is only ever waited out by a test that fails. */
const defaultLimitMs = 30_000;

export interface TierOptions {
  readonly id: string;
  readonly port: number;
  readonly switches?: VllmMlxSwitchesInput;
  readonly memoryBytes?: number;
  readonly startLimitMs?: number;
  readonly stopGraceMs?: number;
}

type Place = Pick<Supervision, 'home' | 'paths'>;

/** A tier whose engine has the given faults built in. Each has an engine file of its own. */
export function tierSpec(rig: Place, options: TierOptions): ServiceSpec {
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
    startLimitMs: options.startLimitMs ?? 20_000,
    stopGraceMs: options.stopGraceMs ?? 3_000,
    fingerprint: JSON.stringify(options),
  };
}

export interface GatewayOptions {
  readonly port: number;
  readonly switches?: LitellmSwitchesInput;
  readonly stopGraceMs?: number;
}

/** A gateway that routes nothing: enough to be started, probed and stopped. */
export function gatewaySpec(rig: Place, options: GatewayOptions): ServiceSpec {
  const executable = writeEngine({
    dir: path.join(rig.home, 'bin', 'gateway'),
    name: 'litellm',
    switches: { importMs: 20, ...options.switches },
  });
  return {
    id: 'gateway',
    kind: 'gateway',
    name: 'Gateway',
    model: null,
    port: options.port,
    executable: { path: executable },
    args: ['--host', '127.0.0.1', '--port', String(options.port), '--num_workers', '1'],
    env: {
      ...childEnvironment(rig.home),
      LITELLM_MODE: 'PRODUCTION',
      LITELLM_OFFLINE_MODE: 'true',
    },
    cwd: os.tmpdir(),
    requirements: [{ kind: 'executable', path: executable }],
    health: { kind: 'litellm' },
    memoryBytes: 0,
    startLimitMs: 20_000,
    stopGraceMs: options.stopGraceMs ?? 3_000,
    fingerprint: JSON.stringify(options),
  };
}

export const childEnvironment = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
});
