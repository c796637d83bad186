import { beforeAll, describe, expect, it, vi } from 'vitest';
import { commands } from '../../../src-main/contract/commands.ts';
import { events } from '../../../src-main/contract/events.ts';

type Listener = (event: object, name: string, payload: unknown) => void;

const seen = vi.hoisted(() => ({
  exposed: new Map<string, unknown>(),
  invoked: [] as unknown[][],
  listeners: [] as Listener[],
}));

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (key: string, api: unknown) => seen.exposed.set(key, api) },
  ipcRenderer: {
    invoke: async (...args: unknown[]) => {
      seen.invoked.push(args);
      return { ok: true, value: {} };
    },
    on: (_channel: string, listener: Listener) => seen.listeners.push(listener),
    removeListener: (_channel: string, listener: Listener) =>
      seen.listeners.splice(seen.listeners.indexOf(listener), 1),
  },
}));

interface Api {
  call(name: string, input: unknown): Promise<unknown>;
  on(name: string, listener: (payload: unknown) => void): () => void;
}
const isApi = (value: unknown): value is Api =>
  typeof value === 'object' && value !== null && 'call' in value;

let api: Api;
beforeAll(async () => {
  await import('../../../src-main/preload.ts');
  const exposed = seen.exposed.get('mlxStack');
  if (!isApi(exposed)) throw new Error('preload exposes nothing');
  api = exposed;
});

describe('the bridge', () => {
  it('is two functions under one name', () => {
    expect([...seen.exposed.keys()]).toEqual(['mlxStack']);
    expect(Object.keys(api)).toEqual(['call', 'on']);
  });

  it('passes every command of the contract on, over the one channel', async () => {
    seen.invoked.length = 0;
    for (const name of Object.keys(commands)) await api.call(name, {});
    expect(seen.invoked).toEqual(Object.keys(commands).map((name) => ['mlx-stack:command', name, {}]));
  });

  it.each(['stack.explode', 'toString', '__proto__', 'constructor', ''])(
    'refuses the command %j',
    async (name) => {
      seen.invoked.length = 0;
      await expect(api.call(name, {})).rejects.toThrow('Unknown command.');
      expect(seen.invoked).toEqual([]);
    },
  );

  it('hands over the payload of the wanted event alone, until it is ended', () => {
    for (const name of Object.keys(events)) {
      const got: unknown[] = [];
      const end = api.on(name, (payload) => got.push(payload));
      const listener = seen.listeners.at(-1);
      listener?.({ sender: 'never shown' }, name, { a: 1 });
      listener?.({}, 'another.event', { a: 2 });
      expect(got).toEqual([{ a: 1 }]);
      end();
      expect(seen.listeners).toEqual([]);
    }
  });

  it('refuses an event it does not know', () => {
    expect(() => api.on('hasOwnProperty', () => {})).toThrow('Unknown event.');
    expect(seen.listeners).toEqual([]);
  });
});
