import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuitCoordinator, type QuitStep } from '../../../src-main/shell/quit.ts';

const deadlinesMs = { user: 1_000, signal: 1_000, shutdown: 200, bug: 500 };

function coordinator(steps: readonly QuitStep[]) {
  const happened: string[] = [];
  const quit = createQuitCoordinator({
    steps,
    force: () => happened.push('force'),
    exit: (code) => happened.push(`exit ${code}`),
    log: (message) => happened.push(message),
    deadlinesMs,
  });
  return { quit, happened };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('quitting', () => {
  it('does its steps one after another, then ends once', async () => {
    const order: string[] = [];
    const step = (name: string): QuitStep => ({
      name,
      run: async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      },
    });
    const { quit, happened } = coordinator([step('servers'), step('logs')]);
    quit.request('user');
    await vi.runAllTimersAsync();
    expect(order).toEqual(['servers begins', 'servers ends', 'logs begins', 'logs ends']);
    expect(happened).toEqual(['Quitting (user).', 'exit 0']);
    expect(quit.phase).toBe('done');
    quit.request('user');
    expect(happened).toHaveLength(2);
  });

  it('a second wish of the user forces, a shutdown meanwhile shortens the wait', async () => {
    const never: QuitStep = { name: 'servers', run: () => new Promise(() => {}) };
    const again = coordinator([never]);
    again.quit.request('user');
    again.quit.request('user');
    expect(again.happened).toContain('force');

    const shutdown = coordinator([never]);
    shutdown.quit.request('user');
    shutdown.quit.request('shutdown');
    expect(shutdown.happened).not.toContain('force');
    await vi.advanceTimersByTimeAsync(deadlinesMs.shutdown);
    expect(shutdown.happened).toContain('force');
  });

  it('leaves a step behind that never ends, names it, and still ends', async () => {
    const { quit, happened } = coordinator([{ name: 'servers', run: () => new Promise(() => {}) }]);
    quit.request('signal');
    await vi.runAllTimersAsync();
    expect(happened.at(-1)).toBe('exit 0');
    expect(happened).toContainEqual(expect.stringContaining('servers was still not done'));
  });

  it('a step that fails does not keep the next one from running', async () => {
    const ran: string[] = [];
    const { quit, happened } = coordinator([
      { name: 'servers', run: () => Promise.reject(new Error('boom')) },
      {
        name: 'logs',
        run: async () => {
          ran.push('logs');
        },
      },
    ]);
    quit.request('bug');
    await vi.runAllTimersAsync();
    expect(ran).toEqual(['logs']);
    expect(happened).toContainEqual(expect.stringContaining('boom'));
    expect(happened.at(-1)).toBe('exit 1');
  });

  it('knows its cause: a shutdown during a user’s quit makes it a shutdown', () => {
    const { quit } = coordinator([]);
    expect(quit.cause).toBeNull();
    quit.request('user');
    expect(quit.cause).toBe('user');
    const slow = coordinator([{ name: 'servers', run: () => new Promise(() => {}) }]).quit;
    slow.request('user');
    slow.request('shutdown');
    expect(slow.cause).toBe('shutdown');
  });

  it('tells each step how long is left of the one deadline', async () => {
    const left: number[] = [];
    const slow: QuitStep = {
      name: 'servers',
      run: async (deadlineMs) => {
        left.push(deadlineMs);
        await new Promise((resolve) => setTimeout(resolve, 400));
      },
    };
    const { quit } = coordinator([
      slow,
      { name: 'logs', run: async (deadlineMs) => void left.push(deadlineMs) },
    ]);
    quit.request('user');
    await vi.runAllTimersAsync();
    expect(left[0]).toBeCloseTo(1_000, -1);
    expect(left[1]).toBeLessThanOrEqual(600);
  });
});
