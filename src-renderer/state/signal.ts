/** A value that changes, and components that are rendered anew when it does. */
import { useLayoutEffect, useReducer } from 'preact/hooks';

export interface ReadonlySignal<T> {
  /** What it is now. Whoever shows it uses `useValue`, which also hears of the next one. */
  peek(): T;
  /** Called at once when it has become another one; returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

export interface Signal<T> extends ReadonlySignal<T> {
  value: T;
}

export function signal<T>(first: T): Signal<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    peek: () => value,
    get value() {
      return value;
    },
    set value(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useValue<T>(source: ReadonlySignal<T>): T {
  const [, renderAgain] = useReducer<number, void>((count) => count + 1, 0);
  const value = source.peek();
  useLayoutEffect(() => {
    /** Between what was rendered and this, another one may have come. */
    if (!Object.is(source.peek(), value)) renderAgain();
    return source.subscribe(renderAgain);
  }, [source]);
  return value;
}
