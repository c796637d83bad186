/** Packs rotated files with gzip, one at a time, in zlib's own threads; the caps hold whether it keeps up or not. */
import fs from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Archive, Archives } from './archives.ts';

/**
 * A log that rotates faster than this is flooding: its archives are dropped before packing them would have paid, so
 * they stay as they are until it is quiet, and count in full.
 */
export const packQuietMs = 1000;
const readBytes = 256 * 1024;

export interface Packer {
  /** Something was rotated. */
  wake(): void;
  /** Resolves when nothing is left to pack now. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface PackerOptions {
  readonly archives: Archives;
  readonly quietMs?: number;
}

export function createPacker({ archives, quietMs = packQuietMs }: PackerOptions): Packer {
  let tried = new WeakSet<Archive>();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;

  const nextArchive = (): Archive | undefined =>
    archives
      .entries()
      .flatMap((log) => log.archives)
      .filter((archive) => !archive.packed && !tried.has(archive))
      .sort((a, b) => b.timeMs - a.timeMs)[0];

  async function run(): Promise<void> {
    for (let archive = nextArchive(); archive && !closing.signal.aborted && !timer; archive = nextArchive()) {
      tried.add(archive);
      await pack(archives, archive, closing.signal);
    }
  }

  function start(): void {
    timer = null;
    running ??= run().finally(() => {
      running = null;
    });
  }

  function wake(): void {
    if (closing.signal.aborted) return;
    // What failed (a full disk) is tried again after each rotation.
    tried = new WeakSet();
    if (timer) clearTimeout(timer);
    timer = setTimeout(start, quietMs);
    timer.unref();
  }

  if (nextArchive()) wake();
  return {
    wake,
    async idle() {
      while (timer || running) {
        if (timer) {
          clearTimeout(timer);
          start();
        }
        await running;
      }
    },
    async close() {
      closing.abort();
      if (timer) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}

/** Never fails: an archive that cannot be packed stays as it is. */
async function pack(archives: Archives, archive: Archive, signal: AbortSignal): Promise<void> {
  const unfinished = archives.unfinishedPath(archive.log);
  const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  let source: fs.ReadStream | null = null;
  let target: fs.promises.FileHandle | null = null;
  let taken = 0;
  try {
    // At once: by the time another thread had opened it, a rotation could have given its name to a newer archive.
    const opened = fs.openSync(archives.pathOf(archive), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    source = fs.createReadStream('', { fd: opened, highWaterMark: readBytes });
    await fs.promises.rm(unfinished, { force: true });
    target = await fs.promises.open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const output = target;
    const counted = new Writable({
      write(chunk: Buffer, _encoding, done) {
        try {
          archives.take(null, chunk.length);
          taken += chunk.length;
          if (archive.removed) throw new Error('the archive was dropped while it was packed');
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        output.appendFile(chunk).then(() => done(), done);
      },
    });
    await pipeline(source, createGzip(), counted, { signal });
    await output.utimes(archive.timeMs / 1000, archive.timeMs / 1000);
    await output.sync();
    // From here on without a pause: nothing may rotate in between.
    if (!archive.removed) {
      const from = archives.pathOf(archive);
      fs.renameSync(unfinished, `${from}.gz`);
      archives.give(null, taken);
      archives.repack(archive, taken);
      taken = 0;
      fs.rmSync(from, { force: true });
    }
  } catch {
    // Full disk, dropped or removed by somebody, closing: the plain archive, where it is still there, is complete.
  } finally {
    source?.destroy();
    await target?.close().catch(() => undefined);
    if (taken > 0) {
      archives.give(null, taken);
      await fs.promises.rm(unfinished, { force: true }).catch(() => undefined);
    }
  }
}
