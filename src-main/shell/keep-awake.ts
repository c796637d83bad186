/** Keeps the Mac from falling asleep by itself while it serves: the blocker is held only as long as requests run. Plain Node. */
import type { KeepAwakeState } from '../contract/mac.ts';

export interface SleepBlocker {
  start(): void;
  stop(): void;
}

export interface KeepAwake {
  /** The user's wish; `false` lets go at once. */
  setWanted(wanted: boolean): void;
  setRequests(requests: number): void;
  readonly state: KeepAwakeState;
}

export function createKeepAwake(blocker: SleepBlocker, onChange: (state: KeepAwakeState) => void): KeepAwake {
  let wanted = false;
  let requests = 0;
  let state: KeepAwakeState = 'off';

  function settle(): void {
    const next: KeepAwakeState = !wanted ? 'off' : requests > 0 ? 'holding' : 'idle';
    if (next === state) return;
    if (next === 'holding') blocker.start();
    else if (state === 'holding') blocker.stop();
    state = next;
    onChange(state);
  }

  return {
    setWanted(next) {
      wanted = next;
      if (!wanted) requests = 0;
      settle();
    },
    setRequests(next) {
      requests = next;
      settle();
    },
    get state() {
      return state;
    },
  };
}
