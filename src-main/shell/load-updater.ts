/** Brings in the bundle of its own that an update needs. */
import { createRequire } from 'node:module';
import type { createUpdater } from './updater.ts';
import type { Updater } from './updates.ts';

export function loadUpdater(file: string, log: (message: string) => void): Updater {
  const loaded: unknown = createRequire(file)(file);
  if (!isUpdaterBundle(loaded)) throw new Error(`${file} is not the updater`);
  return loaded.createUpdater(log);
}

function isUpdaterBundle(value: unknown): value is { readonly createUpdater: typeof createUpdater } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'createUpdater' in value &&
    typeof value.createUpdater === 'function'
  );
}
