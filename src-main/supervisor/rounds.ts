/** One round of work at a time: calls that come meanwhile share the next one. */

/** Resolves when a round that began after the call has ended. */
export function createRounds(round: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;

  /** Ends in the turn of the last look at `again`: a call between the two would be lost. */
  async function rounds(): Promise<void> {
    try {
      do {
        again = false;
        await round();
      } while (again);
    } finally {
      running = null;
    }
  }

  return () => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = rounds();
    return running;
  };
}
