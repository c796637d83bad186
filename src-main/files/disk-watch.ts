/** Looks now and then how much room the disk has, and tells when it becomes short and when it is enough again. */
import { statfs } from 'node:fs/promises';

/** Below it a model that is being downloaded, or a log, may fail at any moment. */
export const lowBytes = 2 * 1024 ** 3;
/** Above it there is room again; apart from `lowBytes`, so that it is not told to and fro. */
export const enoughBytes = 3 * 1024 ** 3;
const everyMs = 60_000;

export interface DiskWatchOptions {
  readonly folder: string;
  readonly onLow: (freeBytes: number) => void;
  readonly onEnough: () => void;
  /** `null` when it cannot be told. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
  readonly intervalMs?: number;
}

export interface DiskWatch {
  /** Resolves when one look is done. */
  look(): Promise<void>;
  close(): void;
}

async function readFreeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const { folder, onLow, onEnough, freeBytes = readFreeBytes, intervalMs = everyMs } = options;
  let isLow = false;

  async function look(): Promise<void> {
    const free = await freeBytes(folder);
    if (free === null) return;
    if (!isLow && free < lowBytes) {
      isLow = true;
      onLow(free);
    } else if (isLow && free >= enoughBytes) {
      isLow = false;
      onEnough();
    }
  }

  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  void look();
  return { look, close: () => clearInterval(timer) };
}
