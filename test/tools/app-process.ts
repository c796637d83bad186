/** Runs a main script on plain Node with the stand-in for Electron, and speaks its control protocol. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
  reportSchema,
} from '../stand-ins/electron/control-protocol.ts';
import { type Settings, settingsVariable } from '../stand-ins/electron/settings.ts';

const register = fileURLToPath(new URL('../stand-ins/electron/register.ts', import.meta.url));
const controlLimitMs = 30_000;

export interface AppProcessOptions {
  readonly main: string;
  readonly settings: Settings;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** Run in place of Node, with the arguments meant for it; it must become Node in the same process (`exec`). */
  readonly execPath?: string;
  /** Where stdout and stderr go: to ours unless told; `stderr`: both to our stderr. */
  readonly output?: 'inherit' | 'stderr' | 'pipe';
}

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Control = <N extends OperationName>(
  name: N,
  input: OperationInput<N>,
) => Promise<OperationOutput<N>>;

export interface AppProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Chromium's debugging address; `null` without a screen. Rejects when the app ends before it is ready. */
  readonly ready: Promise<string | null>;
  readonly exited: Promise<AppExit>;
  /** Whether it has ended. */
  readonly ended: () => boolean;
  readonly control: Control;
}

export class EndedBeforeReady extends Error {
  readonly exit: AppExit;
  constructor(exit: AppExit) {
    super(`the app ended before it was ready (${exit.signal ?? `exit code ${exit.code}`})`);
    this.exit = exit;
  }
}

/** In a process group of its own: a Ctrl-C in the terminal reaches it through its launcher only, once. */
export function startApp({
  main,
  settings,
  env,
  args = [],
  execPath = process.execPath,
  output = 'inherit',
}: AppProcessOptions): AppProcess {
  const child = fork(main, [...args], {
    execPath,
    execArgv: ['--enable-source-maps', '--import', register],
    env: { ...env, [settingsVariable]: JSON.stringify(settings) },
    stdio: ['ignore', output === 'stderr' ? 2 : output, output === 'stderr' ? 2 : output, 'ipc'],
    detached: true,
  });
  const ready = Promise.withResolvers<string | null>();
  const exited = Promise.withResolvers<AppExit>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let ended = false;
  let lastId = 0;
  ready.promise.catch(() => {});

  child.on('message', (message) => {
    const report = reportSchema.parse(message);
    switch (report.standIn) {
      case 'ready':
        ready.resolve(report.cdp);
        return;
      case 'failed':
        ready.reject(new Error(report.message));
        return;
      case 'reply': {
        const reply = waiting.get(report.id);
        waiting.delete(report.id);
        if (report.ok) reply?.resolve(report.value);
        else reply?.reject(new Error(report.message));
      }
    }
  });
  child.once('error', (error) => {
    ended = true;
    ready.reject(error);
    exited.resolve({ code: null, signal: null });
  });
  child.once('exit', (code, signal) => {
    ended = true;
    ready.reject(new EndedBeforeReady({ code, signal }));
    for (const reply of waiting.values()) reply.reject(new Error('the app has ended'));
    waiting.clear();
    exited.resolve({ code, signal });
  });

  const control: Control = async (name, input) => {
    if (ended || !child.connected) throw new Error('the app has ended');
    const id = ++lastId;
    const reply = Promise.withResolvers<unknown>();
    waiting.set(id, reply);
    const limit = setTimeout(() => reply.reject(new Error(`${name} was not answered`)), controlLimitMs);
    // Without its own ear, what an app did not live to be told would count as a failure of its start.
    child.send({ standIn: 'request', id, name, input }, (error) => {
      if (error !== null) reply.reject(new Error('the app has ended'));
    });
    try {
      return parseOutput(name, await reply.promise);
    } finally {
      clearTimeout(limit);
      waiting.delete(id);
    }
  };

  return {
    pid: child.pid ?? -1,
    child,
    ready: ready.promise,
    exited: exited.promise,
    ended: () => ended,
    control,
  };
}

/** The schema's output type is the operation's; TypeScript cannot follow the name through the table. */
export function parseOutput<N extends OperationName>(name: N, value: unknown): OperationOutput<N> {
  return operations[name].output.parse(value) as OperationOutput<N>;
}
