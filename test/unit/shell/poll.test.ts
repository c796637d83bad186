import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPoll } from '../../../src-main/shell/poll.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(round: () => Promise<void> = async () => {}) {
  const state = { wanted: false, rounds: 0, idle: 0 };
  const poll = createPoll({
    intervalMs: 1_000,
    wanted: () => state.wanted,
    round: () => {
      state.rounds += 1;
      return round();
    },
    onIdle: () => {
      state.idle += 1;
    },
  });
  return { state, poll };
}

describe('a poll', () => {
  it('has no timer while nobody wants to know', async () => {
    const { state, poll } = start();
    poll.wake();
    expect(vi.getTimerCount()).toBe(0);
    state.wanted = true;
    poll.wake();
    poll.wake();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(state.rounds).toBe(3);
    state.wanted = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([state.rounds, state.idle, vi.getTimerCount()]).toEqual([3, 1, 0]);
  });

  it('never runs two rounds at once, and goes on after one that failed', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const { state, poll } = start(() => promise);
    state.wanted = true;
    poll.wake();
    poll.wake();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state.rounds).toBe(1);
    reject(new Error('late'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state.rounds).toBe(2);
  });

  it('is over when it is closed', async () => {
    const { state, poll } = start();
    state.wanted = true;
    poll.wake();
    await vi.advanceTimersByTimeAsync(0);
    poll.close();
    poll.wake();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([state.rounds, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
