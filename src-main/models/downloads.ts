/** The queue of model downloads: begun, paused, taken up again and told of. */
import { fail, problem } from '../contract/result.ts';
import type { Downloads, DownloadsOptions } from './types.ts';

export type { Downloads, DownloadsOptions, InstalledNow } from './types.ts';

export function createDownloads(_options: DownloadsOptions): Downloads {
  const refuse = async () => fail(problem('not-ready', 'Downloads are not available yet.'));
  return {
    list: () => [],
    restore: async () => {},
    download: refuse,
    pause: refuse,
    resume: refuse,
    cancel: refuse,
    wake: () => {},
    close: async () => {},
  };
}
