/** The time for uptimes and countdowns: one tick a second, only while someone looks. */
import { type ReadonlySignal, signal } from './signal.ts';

const tickMs = 1000;

export interface Clock {
  readonly now: ReadonlySignal<number>;
  setVisible(visible: boolean): void;
}

/** Starts hidden when the document is. `visible` of the page and of the window must both hold. */
export function createClock(page: Document = document): Clock {
  const now = signal(Date.now());
  let windowVisible = true;
  let timer: ReturnType<typeof setInterval> | undefined;

  function tick(): void {
    now.value = Date.now();
  }

  function decide(): void {
    const runs = windowVisible && page.visibilityState === 'visible';
    if (runs && timer === undefined) {
      tick();
      timer = setInterval(tick, tickMs);
    } else if (!runs && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  page.addEventListener('visibilitychange', decide);
  decide();
  return {
    now,
    setVisible(visible) {
      windowVisible = visible;
      decide();
    },
  };
}
