/** Asks again and again while somebody wants to know; no timer stands while nobody does. Plain Node. */

export interface PollOptions {
  readonly intervalMs: number;
  /** Looked at before each round and at `wake`. */
  readonly wanted: () => boolean;
  readonly round: () => Promise<void>;
  /** Nobody wants to know any more. */
  readonly onIdle: () => void;
}

export interface Poll {
  /** Something has changed that `wanted` depends on. */
  wake(): void;
  close(): void;
}

export function createPoll({ intervalMs, wanted, round, onIdle }: PollOptions): Poll {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let closed = false;

  function wake(): void {
    if (closed || running || timer !== undefined || !wanted()) return;
    void go();
  }

  async function go(): Promise<void> {
    timer = undefined;
    if (closed) return;
    if (!wanted()) {
      onIdle();
      return;
    }
    running = true;
    await round().catch(() => undefined);
    running = false;
    if (!closed) timer = setTimeout(() => void go(), intervalMs).unref();
  }

  return {
    wake,
    close() {
      closed = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
