/** Random reading in a gzip file in constant memory: it is unpacked forward, and the last few megabytes are kept. */
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** How much of one archive is kept unpacked. */
export const keptBytes = 8 * 1024 * 1024;
const inputBytes = 256 * 1024;
const outputBytes = 256 * 1024;

export interface Unpacker {
  /** Up to `length` bytes from `offset`; fewer only where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  /** How many bytes it holds; reads all of it the first time. */
  size(): Promise<number>;
  close(): void;
}

/** `onStep` is called for every piece that is unpacked and may throw to stop; what was unpacked by then is not lost. */
export function createUnpacker(open: () => number, onStep: () => void): Unpacker {
  let blocks: Buffer[] = [];
  /** Offset of the first byte that is kept, and of the first that is not unpacked yet. */
  let from = 0;
  let to = 0;
  let total: number | null = null;
  let running: { readonly source: Readable; readonly pieces: AsyncIterator<Buffer> } | null = null;

  function stop(): void {
    running?.source.destroy();
    running = null;
  }

  function begin(): void {
    stop();
    blocks = [];
    from = 0;
    to = 0;
    const source = fs.createReadStream('', { fd: open(), highWaterMark: inputBytes });
    const unpacked = createGunzip({ chunkSize: outputBytes });
    source.on('error', (error) => unpacked.destroy(error));
    unpacked.on('close', () => source.destroy());
    source.pipe(unpacked);
    running = { source: unpacked, pieces: unpacked.iterator({ destroyOnReturn: true }) };
  }

  /** One more piece; `false` at the end, which is also where a damaged file can be read no further. */
  async function advance(): Promise<boolean> {
    onStep();
    if (!running) begin();
    const step = await running?.pieces.next().catch(() => ({ done: true as const, value: undefined }));
    if (!step || step.done || !Buffer.isBuffer(step.value)) {
      total = to;
      stop();
      return false;
    }
    blocks.push(step.value);
    to += step.value.length;
    while (to - from - (blocks[0]?.length ?? 0) > keptBytes) from += blocks.shift()?.length ?? 0;
    return true;
  }

  function copy(offset: number, end: number): Buffer {
    const out = Buffer.allocUnsafe(Math.max(0, end - offset));
    let at = from;
    for (const block of blocks) {
      const first = Math.max(offset, at);
      const last = Math.min(end, at + block.length);
      if (first < last) block.copy(out, first - offset, first - at, last - at);
      at += block.length;
    }
    return out;
  }

  return {
    async read(offset, length) {
      if (total !== null && offset >= total) return Buffer.alloc(0);
      if (offset < from || (running === null && offset + length > to && total !== to)) begin();
      while (to < offset + length && to !== total && (await advance()));
      return copy(offset, Math.min(to, offset + length));
    },
    async size() {
      if (total === null) {
        if (running === null) begin();
        while (await advance());
      }
      return total ?? to;
    },
    close() {
      stop();
      blocks = [];
    },
  };
}
