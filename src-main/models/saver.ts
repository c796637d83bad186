/** Work that is never done twice at once, and always once more after whoever asked for it. */

export interface Saver {
  /** Resolves after a run that began after this call; rejects with what that run threw. */
  save(): Promise<void>;
  readonly isBusy: boolean;
  /** Resolves when nothing runs; never rejects. */
  idle(): Promise<void>;
}

export function createSaver(run: () => Promise<void>): Saver {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function begin(): Promise<void> {
    running = run().finally(() => {
      running = null;
    });
    return running;
  }

  function save(): Promise<void> {
    if (running === null) return begin();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return begin();
      });
    return next;
  }

  async function idle(): Promise<void> {
    while (running !== null || next !== null) await (next ?? running)?.catch(() => undefined);
  }

  return {
    save,
    get isBusy() {
      return running !== null;
    },
    idle,
  };
}
