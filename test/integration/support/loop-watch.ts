/** How long the main thread computes at a stretch, whatever else the machine does meanwhile. */
import { threadTimeMs } from '../../tools/thread-time.ts';

const everyMs = 5;

export interface LoopWatch {
  /** Ends it; the 99th percentile, in milliseconds of this thread's own processor time between two turns. */
  end(): number;
}

export function watchLoop(): LoopWatch {
  const stretches: number[] = [];
  let before = threadTimeMs();
  const look = () => {
    const now = threadTimeMs();
    stretches.push(now - before);
    before = now;
  };
  const timer = setInterval(look, everyMs);
  return {
    end() {
      clearInterval(timer);
      look();
      return stretches.sort((a, b) => a - b)[Math.ceil(stretches.length * 0.99) - 1] ?? 0;
    },
  };
}
