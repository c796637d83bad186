/** The windows that exist, in order of creation. A list of its own, so that `app` and `BrowserWindow` can share it. */
import type { BrowserWindow } from './browser-window.ts';

const windows: BrowserWindow[] = [];

export const allWindows = (): readonly BrowserWindow[] => [...windows];

export function addWindow(window: BrowserWindow): void {
  windows.push(window);
}

/** True when it was the last one. */
export function removeWindow(window: BrowserWindow): boolean {
  const index = windows.indexOf(window);
  if (index >= 0) windows.splice(index, 1);
  return index >= 0 && windows.length === 0;
}
