/** What becomes of a watch that fails: tried again while that makes sense, and no longer. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const system = vi.hoisted(() => ({ watch: vi.fn() }));
vi.mock('node:fs', () => system);

const { maxWatchRetries, watchFile, watchRetryMs } = await import('../../../src-main/files/watch-file.ts');

class Watcher extends EventEmitter {
  close(): void {}
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  system.watch.mockReset();
});

test('a watch that failed now and then over a long life is still tried again', () => {
  const watchers: Watcher[] = [];
  system.watch.mockImplementation(() => {
    const watcher = new Watcher();
    watchers.push(watcher);
    return watcher;
  });
  const told = vi.fn();
  const watching = watchFile('/home/config.yaml', told);
  for (let failures = 1; failures <= maxWatchRetries + 5; failures += 1) {
    watchers.at(-1)?.emit('error', new Error('lost'));
    vi.advanceTimersByTime(watchRetryMs);
    expect(watchers).toHaveLength(failures + 1);
    expect(told).toHaveBeenCalledTimes(failures);
  }
  watching.close();
});

test('a watch that never comes back is given up after so many tries in a row', () => {
  system.watch.mockImplementation(() => {
    throw new Error('no such folder');
  });
  const told = vi.fn();
  const watching = watchFile('/home/config.yaml', told);
  vi.advanceTimersByTime((maxWatchRetries + 5) * watchRetryMs);
  expect(system.watch).toHaveBeenCalledTimes(1 + maxWatchRetries);
  expect(told).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
  watching.close();
});
