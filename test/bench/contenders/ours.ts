/** Our supervisor, from the outside: a process that takes orders and tells how long each took. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Stage } from '../stage.ts';
import { type Order, replySchema } from './ours-protocol.ts';

const worker = path.join(import.meta.dirname, 'ours-worker.ts');
const orderLimitMs = 120_000;

export interface Ours {
  readonly pid: number;
  /** Resolves with the milliseconds from the order to its fulfilment, by the process's own clock. */
  give(order: Order): Promise<number>;
  /** Ends the servers, then the process. */
  end(): Promise<void>;
}

export function startOurs(stage: Stage): Ours {
  const home = stage.makeFolder('ours');
  const child = fork(worker, [home], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: stage.folder },
  });
  const waiting = new Map<number, PromiseWithResolvers<number>>();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let lastId = 0;
  let ended: Promise<void> | null = null;

  child.on('message', (message) => {
    const reply = replySchema.parse(message);
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) waiter?.reject(new Error(reply.error));
    else waiter?.resolve(reply.ms);
  });
  child.once('exit', () => {
    for (const waiter of waiting.values()) waiter.reject(new Error('our supervisor has ended'));
    waiting.clear();
  });

  async function give(order: Order): Promise<number> {
    const id = ++lastId;
    const reply = Promise.withResolvers<number>();
    waiting.set(id, reply);
    const limit = setTimeout(() => reply.reject(new Error(`${order.order} took too long`)), orderLimitMs);
    child.send({ id, order });
    try {
      return await reply.promise;
    } finally {
      clearTimeout(limit);
      waiting.delete(id);
    }
  }

  async function stop(): Promise<void> {
    if (child.connected) {
      await give({ order: 'end' }).catch(() => {});
      child.disconnect();
    }
    await exited;
  }

  const end = () => {
    ended ??= stop();
    return ended;
  };
  stage.defer(end);
  return { pid: child.pid ?? -1, give, end };
}
