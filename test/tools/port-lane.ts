/** Ports that no other test draws that runs now: each worker of vitest draws from a lane of its own. */
import { randomInt } from 'node:crypto';

/** As many as `npm test` has workers at most; with more of them, some share one. */
const lanes = 4;

function laneOf(
  lowest: number,
  end: number,
  step: number,
): { readonly begin: number; readonly width: number } {
  const width = Math.floor((end - lowest) / step / lanes);
  const lane = Number(process.env['VITEST_POOL_ID'] ?? 0) % lanes;
  return { begin: lowest + lane * width * step, width };
}

/**
 * A number from `lowest` up to, not including, `end`, a multiple of `step` above `lowest`. That a port is free tells
 * little: a server that was given it in another worker may bind it seconds later.
 */
export function drawPort(lowest: number, end: number, step = 1): number {
  const { begin, width } = laneOf(lowest, end, step);
  return begin + randomInt(width) * step;
}

/** Whether a port between `lowest` and `end` is one of this worker's. */
export function isOfLane(port: number, lowest: number, end: number): boolean {
  const { begin, width } = laneOf(lowest, end, 1);
  return port >= begin && port < begin + width;
}
