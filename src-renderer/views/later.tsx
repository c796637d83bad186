/** Views that come right after the first paint, and at once where one of them is the first to be asked for. */

import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Snapshot } from '../bridge.ts';
import { signal, useValue } from '../state/signal.ts';

type Others = typeof import('./others.ts');

const others = signal<Others | null>(null);
let loading: Promise<void> | null = null;

export function loadOthers(): Promise<void> {
  loading ??= import('./others.ts').then((loaded) => {
    others.value = loaded;
  });
  return loading;
}

/** Shows nothing until its file is there, which stands beside the page. */
export function later(name: keyof Others): FunctionComponent<{ readonly status: Snapshot }> {
  return function Later(props) {
    useEffect(() => void loadOthers(), []);
    const View = useValue(others)?.[name];
    return View === undefined ? null : <View {...props} />;
  };
}
