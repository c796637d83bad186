import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchSilence } from '../../../src-main/cloud/silence.ts';

const limitMs = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function watch() {
  const silent = vi.fn<() => void>();
  return { silent, ...watchSilence(limitMs, silent) };
}

test('who says nothing at all is noticed at the limit, and once', () => {
  const { silent } = watch();
  vi.advanceTimersByTime(limitMs - 1);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1 + 5 * limitMs);
  expect(silent).toHaveBeenCalledOnce();
});

test('the limit counts from what was last heard', () => {
  const { silent, heard } = watch();
  for (let count = 0; count < 10; count += 1) {
    vi.advanceTimersByTime(limitMs - 1);
    heard();
  }
  vi.advanceTimersByTime(limitMs - 1);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(silent).toHaveBeenCalledOnce();
});

test('a silence that was asked for does not count, and the limit begins anew after it', () => {
  const { silent, heard, pause } = watch();
  pause();
  vi.advanceTimersByTime(10 * limitMs);
  expect(silent).not.toHaveBeenCalled();
  heard();
  vi.advanceTimersByTime(limitMs - 1);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(silent).toHaveBeenCalledOnce();
});

test('nothing is noticed after the end, whatever is heard then, and no timer stays', () => {
  const { silent, heard, stop } = watch();
  stop();
  heard();
  vi.advanceTimersByTime(10 * limitMs);
  expect(silent).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
