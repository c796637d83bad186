/** From lines to the file: few large writes off the main loop, a bounded queue, and what happens while the disk refuses. */
import { bytesOf } from './lines.ts';
import type { RotatingFile } from './rotating-file.ts';

/**
 * Above it the child has to wait: nothing more is read from its pipes. Large enough to go on for the few milliseconds
 * that a busy machine takes to schedule the writing thread.
 */
export const queueHighBytes = 2 * 1024 * 1024;
/** Below it reading goes on. */
const queueLowBytes = 1024 * 1024;
/** While the file cannot be written, so much is kept for later, the newest; a child never waits for a broken disk. */
export const heldMaxBytes = 1024 * 1024;
const batchMaxBytes = 512 * 1024;
const retryMs = 2000;

export interface Writer {
  /** `head` and `lines` together are whole lines, one character per byte; apart, because joining them would copy. */
  push(head: string, lines: string): void;
  full(): boolean;
  /** Resolves when the queue is on disk, or an attempt has just failed. */
  flush(): Promise<void>;
  /** One last attempt; what the disk refuses now is lost. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly file: RotatingFile;
  readonly stampOwnLine: (line: string) => string;
  readonly onRoom: () => void;
}

interface Queued {
  readonly head: string;
  readonly lines: string;
}
const nothing: Queued = { head: '', lines: '' };

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

export function createWriter({ file, stampOwnLine, onRoom }: WriterOptions): Writer {
  const batch = { bytes: Buffer.alloc(0) };
  let queue: Queued[] = [];
  let next = 0;
  let queuedBytes = 0;
  let lostLines = 0;
  let closed = false;
  let running: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;

  function shift(): Queued | undefined {
    const first = queue[next];
    if (!first) return undefined;
    queue[next] = nothing;
    next += 1;
    if (next === queue.length) {
      queue = [];
      next = 0;
    }
    queuedBytes -= first.head.length + first.lines.length;
    return first;
  }

  function unshift(first: Queued): void {
    queue = [first, ...queue.slice(next)];
    next = 0;
    queuedBytes += first.head.length + first.lines.length;
  }

  /** As many whole lines as the batch holds; the buffer grows to its full size only when there is a flood. */
  function fill(): number {
    const wanted = Math.min(queuedBytes, batchMaxBytes);
    if (batch.bytes.length < wanted) {
      batch.bytes = Buffer.allocUnsafeSlow(wanted > batchMaxBytes / 8 ? batchMaxBytes : batchMaxBytes / 8);
    }
    const room = batch.bytes.length;
    let used = 0;
    for (let first = shift(); first; first = shift()) {
      const { head, lines } = first;
      if (head.length + lines.length > room - used) {
        // A line is far smaller than the batch, so that an empty batch always takes one.
        const end = lines.lastIndexOf('\n', room - used - head.length - 1) + 1;
        if (end === 0 || room - used <= head.length) {
          unshift(first);
          break;
        }
        used += batch.bytes.write(head, used, 'latin1');
        used += batch.bytes.write(lines.slice(0, end), used, 'latin1');
        unshift({ head: '', lines: lines.slice(end) });
        break;
      }
      used += batch.bytes.write(head, used, 'latin1');
      used += batch.bytes.write(lines, used, 'latin1');
    }
    return used;
  }

  function dropBeyondHeld(): void {
    while (queuedBytes > heldMaxBytes) {
      const first = shift();
      if (!first) return;
      lostLines += countLines(first.lines);
    }
  }

  async function drain(): Promise<void> {
    while (queuedBytes > 0) {
      if (lostLines > 0) {
        const plural = lostLines === 1 ? 'line' : 'lines';
        const lost = Buffer.from(
          stampOwnLine(`${lostLines} ${plural} before this could not be written`),
          'latin1',
        );
        if ((await file.append(lost)) < lost.length) break;
        lostLines = 0;
      }
      const bytes = fill();
      const written = await file.append(batch.bytes.subarray(0, bytes));
      if (written < bytes) {
        unshift({ head: '', lines: batch.bytes.toString('latin1', written, bytes) });
        break;
      }
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
    if (retry) clearTimeout(retry);
    retry = null;
    start();
  }

  function start(): Promise<void> {
    running ??= drain().finally(() => {
      running = null;
    });
    return running;
  }

  async function flush(): Promise<void> {
    await running;
    if (queuedBytes === 0) return;
    file.retryNow();
    await start();
  }

  return {
    push(head, lines) {
      if (lines === '' || closed) return;
      queue.push({ head, lines });
      queuedBytes += head.length + lines.length;
      if (file.failing()) {
        dropBeyondHeld();
        if (running || retry) return;
      }
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
export const ownLine = (stamp: string, text: string): string => `${stamp} app ${bytesOf(text)}\n`;
