/** How fast bytes arrived over the last seconds. */

export const windowMs = 5_000;
const sampleMs = 250;

export interface Speed {
  add(bytes: number): void;
  /** `null` while nothing moves. */
  bytesPerSecond(): number | null;
  clear(): void;
}

interface Sample {
  readonly atMs: number;
  bytes: number;
}

export function createSpeed(nowMs: () => number = () => performance.now()): Speed {
  let samples: Sample[] = [];
  let startedMs: number | null = null;

  return {
    add(bytes) {
      const atMs = nowMs();
      startedMs ??= atMs;
      const last = samples.at(-1);
      if (last !== undefined && atMs - last.atMs < sampleMs) last.bytes += bytes;
      else samples = [...samples.filter((sample) => atMs - sample.atMs <= windowMs), { atMs, bytes }];
    },
    bytesPerSecond() {
      const atMs = nowMs();
      const recent = samples.filter((sample) => atMs - sample.atMs <= windowMs);
      if (recent.length === 0 || startedMs === null) return null;
      const spanMs = Math.max(sampleMs, Math.min(windowMs, atMs - startedMs));
      return (recent.reduce((sum, { bytes }) => sum + bytes, 0) * 1000) / spanMs;
    },
    clear() {
      samples = [];
      startedMs = null;
    },
  };
}
