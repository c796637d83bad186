/** Keeps the main loop free while children flood: a few milliseconds of their output per turn, then everything else. */
import { performance } from 'node:perf_hooks';

/** Log work in one turn of the loop, over all services. */
const turnBudgetMs = 4;

export interface Pacer {
  /** Runs `work` now; `true` when this turn's time is used up, and then `resume` is called in the next turn. */
  run(work: () => void, resume: () => void): boolean;
}

export function createPacer(budgetMs: number = turnBudgetMs): Pacer {
  let spentMs = 0;
  let turnEnds = false;
  let waiting: (() => void)[] = [];

  function nextTurn(): void {
    const resumed = waiting;
    waiting = [];
    spentMs = 0;
    turnEnds = false;
    for (const resume of resumed) resume();
  }

  return {
    run(work, resume) {
      const began = performance.now();
      work();
      spentMs += performance.now() - began;
      if (!turnEnds) {
        turnEnds = true;
        setImmediate(nextTurn);
      }
      if (spentMs < budgetMs) return false;
      waiting.push(resume);
      return true;
    },
  };
}
