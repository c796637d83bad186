import { expect, test, vi } from 'vitest';
import { signal } from '../../../src-renderer/state/signal.ts';

test('a new value is there when its listeners are told, each time', () => {
  const count = signal(0);
  const seen: number[] = [];
  count.subscribe(() => seen.push(count.peek()));
  count.value = 1;
  count.value += 1;
  expect(seen).toEqual([1, 2]);
  expect(count.value).toBe(2);
});

test('the value that it is already is no news', () => {
  const same = { text: 'a' };
  const text = signal(same);
  const told = vi.fn<() => void>();
  text.subscribe(told);
  text.value = same;
  expect(told).not.toHaveBeenCalled();
  text.value = { text: 'a' };
  expect(told).toHaveBeenCalledOnce();
});

test('who has ended it hears nothing more, also where another listener ends it', () => {
  const count = signal(0);
  const second = vi.fn<() => void>();
  const end = { second: () => {} };
  const endFirst = count.subscribe(() => {
    endFirst();
    end.second();
  });
  end.second = count.subscribe(second);
  count.value = 1;
  count.value = 2;
  expect(second).not.toHaveBeenCalled();
});
