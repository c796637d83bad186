/** The bounds of a download, each with its reason. */

export interface DownloadLimits {
  /** Models that are downloaded at a time: the network is one, and the first model is of use before the second. */
  readonly parallelModels: number;
  /** Connections per model: a server that slows each one down is used in full, and none is annoyed. */
  readonly streams: number;
  /** So long only one of them works, and for as long again while it is fast enough. */
  readonly aloneMs: number;
  /** What one connection that needs no other beside it brings. */
  readonly fastBytesPerSecond: number;
  /** Of one request at most: small enough for a lost connection to cost little, large enough for requests to be few. */
  readonly segmentBytes: number;
  /** Of one request at the end of a download, where the streams share what is left. */
  readonly minSegmentBytes: number;
  /** What a stream may have written that is not yet recorded as safe on the disk; a crash costs no more than this. */
  readonly chunkBytes: number;
  /** Written at once: the fewer writes, the fewer times that other threads are woken. */
  readonly writeBytes: number;
  /** What comes too slowly for that is written so often all the same: progress is told of what is written. */
  readonly writeMs: number;
  /** No byte for so long: the connection is taken for dead. */
  readonly stallMs: number;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Failures in a row without a byte of progress, the network's absence not counted. */
  readonly maxFailures: number;
  /** The longest that a rate limit is believed. */
  readonly maxRateLimitMs: number;
  /** How often progress is told while bytes arrive. */
  readonly tellMs: number;
}

export const mebibyte = 1024 * 1024;

export const defaultLimits: DownloadLimits = {
  parallelModels: 1,
  streams: 4,
  aloneMs: 250,
  /** A gigabit line in full. */
  fastBytesPerSecond: 100_000_000,
  segmentBytes: 64 * mebibyte,
  minSegmentBytes: 4 * mebibyte,
  chunkBytes: 64 * mebibyte,
  writeBytes: 2 * mebibyte,
  writeMs: 500,
  stallMs: 30_000,
  firstRetryMs: 1_000,
  maxRetryMs: 30_000,
  maxFailures: 12,
  maxRateLimitMs: 15 * 60_000,
  tellMs: 250,
};
