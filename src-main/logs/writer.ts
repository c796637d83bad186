/** From lines to the file: few large writes off the main loop, a bounded queue, and what happens while the disk refuses. */
import type { RotatingFile } from './rotating-file.ts';

/**
 * Above it the child has to wait: nothing more is read from its pipes. Large enough to go on for the few milliseconds
 * that a busy machine takes to schedule the writing thread.
 */
const queueHighBytes = 2 * 1024 * 1024;
/** Below it reading goes on. */
const queueLowBytes = 1024 * 1024;
/** While the file cannot be written, so much is kept for later, the newest; a child never waits for a broken disk. */
export const heldMaxBytes = 1024 * 1024;
/** One write. Far more than a line, and a page of it is in memory only once it was used. */
const blockBytes = 512 * 1024;
/** As much is worth a write at any time: each wakes another thread, and is told of its end. */
const worthBytes = 256 * 1024;
/** Less waits so long after the write before; a line after a pause is written at once. */
const gatherMs = 10;
const spareBlocksMax = 2;
const retryMs = 2000;

export interface Writer {
  /** Whole lines; copied. */
  push(lines: Buffer): void;
  full(): boolean;
  /** Resolves when the queue is on disk, or an attempt has just failed. */
  flush(): Promise<void>;
  /** One last attempt; what the disk refuses now is lost. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly file: RotatingFile;
  readonly stampOwnLine: (line: string) => Buffer;
  readonly onRoom: () => void;
}

const newline = 10;

interface Block {
  readonly bytes: Buffer;
  from: number;
  used: number;
}

function countLines(block: Block): number {
  const { bytes, used } = block;
  let lines = 0;
  for (let at = bytes.indexOf(newline, block.from); at >= 0 && at < used; at = bytes.indexOf(newline, at + 1))
    lines += 1;
  return lines;
}

export function createWriter({ file, stampOwnLine, onRoom }: WriterOptions): Writer {
  // Lines go into blocks at once: what waits would keep the much larger chunks alive that it came in.
  let filling: Block | null = null;
  let sealed: Block[] = [];
  const spare: Block[] = [];
  let queuedBytes = 0;
  let lostLines = 0;
  let closed = false;
  let running: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;
  let writtenMs = Number.NEGATIVE_INFINITY;
  /** While lines are gathered: ends that. */
  let endGathering: (() => void) | null = null;
  /** How many wait for what was pushed until now. */
  let flushing = 0;

  const newBlock = (): Block =>
    spare.pop() ?? { bytes: Buffer.allocUnsafeSlow(blockBytes), from: 0, used: 0 };

  function recycle(block: Block): void {
    block.from = 0;
    block.used = 0;
    if (spare.length < spareBlocksMax) spare.push(block);
  }

  /** What does not fit is divided behind a line, so that every block holds whole lines. */
  function put(lines: Buffer): void {
    let from = 0;
    while (from < lines.length) {
      filling ??= newBlock();
      const room = blockBytes - filling.used;
      const rest = lines.length - from;
      const to = rest <= room ? lines.length : lines.lastIndexOf(newline, from + room - 1) + 1;
      if (to > from) {
        filling.used += lines.copy(filling.bytes, filling.used, from, to);
        from = to;
      }
      if (from < lines.length) {
        sealed.push(filling);
        filling = null;
      }
    }
    queuedBytes += lines.length;
  }

  function takeBlock(): Block | null {
    const block = sealed.shift() ?? filling;
    if (block === filling) filling = null;
    return block;
  }

  function dropBeyondHeld(): void {
    while (queuedBytes > heldMaxBytes && sealed.length > 0) {
      const block = sealed.shift();
      if (!block) return;
      queuedBytes -= block.used - block.from;
      lostLines += countLines(block);
      recycle(block);
    }
  }

  const isWorthIt = (): boolean => queuedBytes >= worthBytes || flushing > 0;

  async function gather(): Promise<void> {
    const waitMs = writtenMs + gatherMs - performance.now();
    if (waitMs <= 0 || isWorthIt()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => endGathering?.(), waitMs);
      endGathering = () => {
        endGathering = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function drain(): Promise<void> {
    while (queuedBytes > 0) {
      await gather();
      if (lostLines > 0) {
        const plural = lostLines === 1 ? 'line' : 'lines';
        const lost = stampOwnLine(`${lostLines} ${plural} before this could not be written`);
        if ((await file.append(lost)) < lost.length) break;
        lostLines = 0;
      }
      const block = takeBlock();
      if (!block) break;
      writtenMs = performance.now();
      const written = await file.append(block.bytes.subarray(block.from, block.used));
      queuedBytes -= written;
      block.from += written;
      if (block.from < block.used) {
        sealed = [block, ...sealed];
        break;
      }
      recycle(block);
      if (queuedBytes <= queueLowBytes) onRoom();
    }
    if (queuedBytes > 0) {
      dropBeyondHeld();
      retry ??= setTimeout(attempt, retryMs);
      retry.unref();
      onRoom();
    }
  }

  function attempt(): void {
    retry = null;
    void start();
  }

  function start(): Promise<void> {
    running ??= drain().finally(() => {
      running = null;
    });
    return running;
  }

  async function flush(): Promise<void> {
    flushing += 1;
    endGathering?.();
    try {
      await running;
      if (queuedBytes === 0) return;
      file.retryNow();
      await start();
    } finally {
      flushing -= 1;
    }
  }

  return {
    push(lines) {
      if (lines.length === 0 || closed) return;
      put(lines);
      if (file.failing()) {
        dropBeyondHeld();
        if (running || retry) return;
      }
      if (isWorthIt()) endGathering?.();
      void start();
    },
    full: () => queuedBytes > queueHighBytes && !file.failing(),
    flush,
    async close() {
      await flush();
      closed = true;
      if (retry) clearTimeout(retry);
      retry = null;
    },
  };
}

/** A line of the app's own, between those of the child. */
export const ownLine = (stamp: string, text: string): Buffer => Buffer.from(`${stamp} app ${text}\n`, 'utf8');
