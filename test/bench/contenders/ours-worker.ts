/** Our supervisor in a process of its own: default policy, real logs, real files. Carries out the bench's orders. */
import { assertNever } from '../../../src-main/contract/result.ts';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import { createLogs } from '../../../src-main/logs/logs.ts';
import { createRedactor } from '../../../src-main/logs/redact.ts';
import { derivePaths } from '../../../src-main/paths.ts';
import { runTool, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { createLedger } from '../../../src-main/supervisor/ledger.ts';
import { defaultPolicy } from '../../../src-main/supervisor/policy.ts';
import { preflight } from '../../../src-main/supervisor/preflight.ts';
import { checkModelFolder } from '../../../src-main/supervisor/stack-control.ts';
import { createSupervisor } from '../../../src-main/supervisor/supervisor.ts';
import type { Machine } from '../../../src-main/supervisor/transitions.ts';
import { specOf } from '../servers.ts';
import { type Order, requestSchema } from './ours-protocol.ts';

const stopLimitMs = 10_000;
const [home = ''] = process.argv.slice(2);
if (home === '') throw new Error('usage: ours-worker HOME');

const paths = derivePaths(home);
let waiters: (() => void)[] = [];
const supervisor = createSupervisor({
  policy: defaultPolicy,
  run: runTool,
  spawn: spawnGroup,
  ledger: createLedger({
    file: paths.ledger,
    files: createHomeFiles({ home }),
    initial: [],
    onProblem: ({ message }) => process.stderr.write(`bench: ${message}\n`),
  }),
  logs: createLogs({
    dir: paths.logs,
    redactor: createRedactor(),
    onProblem: ({ problem }) => process.stderr.write(`bench: ${problem.message}\n`),
  }),
  memoryLimitBytes: 64e9,
  preflight: (spec, previousMayHoldPort) =>
    preflight(spec, { run: runTool, nowMs: Date.now, previousMayHoldPort, checkModel: checkModelFolder }),
  onChange() {
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  },
  onFailure: () => {},
  onRecovery: () => {},
});

function machineOf(id: string): Machine {
  const found = supervisor.services().find(({ spec }) => spec.id === id);
  if (found === undefined) throw new Error(`no service ${id}`);
  return found.machine;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    const failed = supervisor.services().find(({ machine }) => machine.state === 'failed');
    if (failed !== undefined) {
      throw new Error(`${failed.spec.id} failed: ${failed.machine.lastFailure?.message}`);
    }
    await new Promise<void>((resolve) => waiters.push(resolve));
  }
}

/** Of a launch other than `before`. */
const healthyAgain = (id: string, before: string | null) =>
  until(() => {
    const { state, launchId } = machineOf(id);
    return state === 'healthy' && launchId !== before;
  });

async function strike(id: string, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  const { pid, launchId, state } = machineOf(id);
  if (pid === null || state !== 'healthy') throw new Error(`${id} is ${state}`);
  process.kill(pid, signal);
  await healthyAgain(id, launchId);
}

async function carryOut(order: Order): Promise<void> {
  switch (order.order) {
    case 'apply':
      supervisor.apply(order.servers.map(specOf), () => 'on');
      await until(() =>
        order.servers.every(({ id, port }) => {
          const view = supervisor.services().find(({ spec }) => spec.id === id);
          return view?.machine.state === 'healthy' && view.spec.port === port;
        }),
      );
      return;
    case 'crash':
      return await strike(order.service, 'SIGKILL');
    case 'hang':
      return await strike(order.service, 'SIGSTOP');
    case 'renew': {
      const { launchId } = machineOf(order.service);
      supervisor.restart(order.service, null);
      return await healthyAgain(order.service, launchId);
    }
    case 'end':
      return await supervisor.stopAll(stopLimitMs);
    default:
      assertNever(order, 'carryOut');
  }
}

async function answer(message: unknown): Promise<void> {
  const { id, order } = requestSchema.parse(message);
  const beganMs = performance.now();
  try {
    await carryOut(order);
    process.send?.({ id, ms: performance.now() - beganMs });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (message) => void answer(message));
/** Its dead-man's switches end the servers. */
process.on('disconnect', () => process.exit());
