/** The update of the app before anything is known of one. Pure. */
import type { UpdateStatus } from '../contract/updates.ts';

export const noUpdate: UpdateStatus = {
  state: 'idle',
  version: null,
  fraction: null,
  checkedAt: null,
  problem: null,
};
