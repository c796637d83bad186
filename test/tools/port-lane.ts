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

/** By this process. What was given is soon bound, and until then looks free. */
const given = new Set<number>();

/**
 * A number from `lowest` up to, not including, `end`, a multiple of `step` above `lowest`; none is given twice. That a
 * port is free tells little: a server that was given it, here or in another worker, may bind it seconds later.
 */
export function drawPort(lowest: number, end: number, step = 1): number {
  const { begin, width } = laneOf(lowest, end, step);
  const left = Array.from({ length: width }, (_, index) => begin + index * step).filter(
    (port) => !given.has(port),
  );
  const port = left.length === 0 ? undefined : left[randomInt(left.length)];
  if (port === undefined) throw new Error(`each port from ${begin} on has been given`);
  given.add(port);
  return port;
}

/** Whether a port between `lowest` and `end` is one of this worker's. */
export function isOfLane(port: number, lowest: number, end: number): boolean {
  const { begin, width } = laneOf(lowest, end, 1);
  return port >= begin && port < begin + width;
}
