/** Tells when a file may have changed, by watching its folder: editors replace a file rather than write into it. */
import { watch } from 'node:fs';
import path from 'node:path';

export interface FileWatch {
  close(): void;
}

export type WatchFile = (file: string, onChange: () => void) => FileWatch;

/** Long enough for an editor that empties a file and then writes it. */
const changeSettleMs = 200;
/** A file that never comes to rest is reported all the same. */
const maxUnsettledMs = 2000;
/** A folder that is gone, or a system without free watchers, is tried again this often, this many times in a row. */
export const watchRetryMs = 10_000;
export const maxWatchRetries = 30;

/** `onChange` comes once after a burst of changes, and after a watch that had failed is back. */
export const watchFile: WatchFile = (file, onChange) => {
  const folder = path.dirname(file);
  const name = path.basename(file);
  let watcher: ReturnType<typeof watch> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let unsettledSince: number | null = null;
  let retries = 0;
  let closed = false;

  function later(delayMs: number, action: () => void): void {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      action();
    }, delayMs);
    timer.unref();
  }

  function settle(): void {
    const now = performance.now();
    unsettledSince ??= now;
    const left = unsettledSince + maxUnsettledMs - now;
    later(Math.max(0, Math.min(changeSettleMs, left)), () => {
      unsettledSince = null;
      onChange();
    });
  }

  function onFailure(): void {
    watcher?.close();
    watcher = null;
    if (closed || retries >= maxWatchRetries) return;
    retries += 1;
    later(watchRetryMs, () => {
      open();
      if (watcher) onChange();
    });
  }

  function open(): void {
    try {
      watcher = watch(folder, { persistent: false }, (_event, changed) => {
        if (!closed && (changed === null || changed === name)) settle();
      });
      watcher.on('error', onFailure);
      retries = 0;
    } catch {
      onFailure();
    }
  }

  open();
  return {
    close() {
      closed = true;
      if (timer) clearTimeout(timer);
      timer = null;
      watcher?.close();
      watcher = null;
    },
  };
};
