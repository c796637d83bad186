/** A few buffers of one size in memory that another thread can read as well: used again and again, never more of them. */

export type PoolBuffer = Buffer<SharedArrayBuffer>;

export interface BufferPool {
  readonly memory: SharedArrayBuffer;
  /** `null` while all are in use. */
  take(): PoolBuffer | null;
  /** Resolves with one as soon as there is one; whoever asked first has it first. */
  next(): Promise<PoolBuffer>;
  give(buffer: PoolBuffer): void;
}

export function createBufferPool(count: number, bytes: number): BufferPool {
  /** The system sets it aside when it is first written to. */
  const memory = new SharedArrayBuffer(count * bytes);
  const free = Array.from({ length: count }, (_, index) => Buffer.from(memory, index * bytes, bytes));
  const waiting: ((buffer: PoolBuffer) => void)[] = [];

  const take = () => free.pop() ?? null;
  return {
    memory,
    take,
    next() {
      const buffer = take();
      return buffer === null ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(buffer);
    },
    give(buffer) {
      const first = waiting.shift();
      if (first === undefined) free.push(buffer);
      else first(buffer);
    },
  };
}
