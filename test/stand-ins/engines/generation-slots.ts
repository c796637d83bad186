/** Who may generate: one request at a time in simple mode, refused or made to wait; many with continuous batching. */

export interface GenerationSlots {
  /** `busy` when the slot is taken and the mode refuses; otherwise resolves when it is this request's turn. */
  readonly enter: (gone: AbortSignal) => Promise<'entered' | 'busy' | 'gone'>;
  readonly leave: () => void;
  readonly running: () => number;
  readonly waiting: () => number;
}

export function createGenerationSlots(limit: number, whenFull: 'refuse' | 'wait'): GenerationSlots {
  let running = 0;
  const queue: (() => void)[] = [];
  return {
    enter: async (gone) => {
      if (gone.aborted) return 'gone';
      if (running < limit) {
        running++;
        return 'entered';
      }
      if (whenFull === 'refuse') return 'busy';
      return await new Promise((resolve) => {
        const turn = () => {
          gone.removeEventListener('abort', giveUp);
          resolve('entered');
        };
        const giveUp = () => {
          const place = queue.indexOf(turn);
          if (place >= 0) queue.splice(place, 1);
          resolve('gone');
        };
        queue.push(turn);
        gone.addEventListener('abort', giveUp, { once: true });
      });
    },
    leave: () => {
      const next = queue.shift();
      if (next) next();
      else running--;
    },
    running: () => running,
    waiting: () => queue.length,
  };
}
