/** Finds the place of a time, or of a part of all bytes, without reading more than a few blocks of a plain file. */
import type { BlockReader } from './blocks.ts';
import { firstStamp, readHead } from './line-format.ts';
import type { Position } from './scan.ts';
import type { LogFiles, Segment } from './segments.ts';

const lookBytes = 16 * 1024;
/** Where no line with a time is found within this, the search goes on line by line. */
const wideLookBytes = 512 * 1024;
const linearBytes = 128 * 1024;
/** Halvings of the merged scroll bar's way; further ones would move less than it shows. */
const fractionSteps = 14;
const fractionTolerance = 0.0005;
const fractionBudgetMs = 80;

export type Positions = ReadonlyMap<string, Position>;

export interface Seeker {
  /** The place before the first line of this time or later. */
  time(files: LogFiles, ms: number): Promise<Position | null>;
  fraction(logs: readonly LogFiles[], fraction: number): Promise<Positions>;
  /** The part of all bytes that lies before. */
  fractionOf(logs: readonly LogFiles[], positions: Positions): number;
}

export function createSeeker(reader: BlockReader): Seeker {
  /** Line by line, from a line's start; the end of the segment when all are earlier. */
  async function seekLine(segment: Segment, from: number, ms: number): Promise<number> {
    let offset = from;
    for (let block = await next(); block; block = await next()) {
      const text = block.bytes.toString('latin1');
      const last = readHead(text, text.lastIndexOf('\n', text.length - 2) + 1).timeMs;
      if (last === null || last >= ms) {
        for (let at = 0; at < text.length; at = text.indexOf('\n', at) + 1 || text.length) {
          const { timeMs } = readHead(text, at);
          if (timeMs !== null && timeMs >= ms) return offset + at;
        }
      }
      offset += block.bytes.length;
    }
    return offset;

    function next() {
      return reader.after(segment, offset, false);
    }
  }

  /** The first line with a time that begins behind `offset`, as its place and time. */
  async function stampBehind(segment: Segment, offset: number, limit: number) {
    for (let length = lookBytes; length <= wideLookBytes; length *= 8) {
      const text = (await reader.look(segment, offset, Math.min(length, limit - offset))).toString('latin1');
      for (let at = text.indexOf('\n') + 1; at > 0; at = text.indexOf('\n', at) + 1) {
        const { timeMs } = readHead(text, at);
        if (timeMs !== null) return { offset: offset + at, timeMs };
      }
    }
    return null;
  }

  async function seekIn(segment: Segment, ms: number): Promise<number> {
    if (segment.packed) return seekLine(segment, 0, ms);
    let low = 0;
    let high = await reader.end(segment);
    while (high - low > linearBytes) {
      const middle = Math.floor((low + high) / 2);
      const line = await stampBehind(segment, middle, high);
      if (line && line.timeMs < ms) low = line.offset;
      else high = middle;
    }
    return seekLine(segment, low, ms);
  }

  async function time({ segments }: LogFiles, ms: number): Promise<Position | null> {
    for (const segment of [...segments].reverse()) {
      if (segment.otherwiseMs < ms) return { segment, offset: await seekIn(segment, ms) };
    }
    const [oldest] = segments;
    return oldest ? { segment: oldest, offset: 0 } : null;
  }

  const bytesOf = ({ segments }: LogFiles): number => segments.reduce((sum, one) => sum + one.bytes, 0);

  /** A line's start near that many bytes from the log's beginning. */
  async function byteAt({ segments }: LogFiles, wanted: number): Promise<Position | null> {
    let rest = wanted;
    for (const segment of segments) {
      if (rest < segment.bytes || segment === segments.at(-1)) {
        const offset = Math.max(0, Math.floor(Math.min(rest, segment.bytes)));
        if (offset === 0) return { segment, offset };
        const block = await reader.before(segment, offset, false);
        const text = block?.bytes.toString('latin1') ?? '';
        return { segment, offset: block ? block.base + text.lastIndexOf('\n') + 1 : 0 };
      }
      rest -= segment.bytes;
    }
    return null;
  }

  async function alignedTo(
    ruler: LogFiles,
    bytes: number,
    logs: readonly LogFiles[],
  ): Promise<ReadonlyMap<string, Position>> {
    const place = await byteAt(ruler, bytes);
    const positions = new Map<string, Position>();
    if (!place) return positions;
    const text = (await reader.look(place.segment, place.offset, lookBytes)).toString('latin1');
    const ms = firstStamp(text) ?? place.segment.otherwiseMs;
    for (const files of logs) {
      const position = files === ruler ? place : await time(files, ms);
      if (position) positions.set(files.name, position);
    }
    return positions;
  }

  function fractionOf(logs: readonly LogFiles[], positions: Positions): number {
    let before = 0;
    let total = 0;
    for (const files of logs) {
      const position = positions.get(files.name);
      for (const segment of files.segments) {
        total += segment.bytes;
        if (!position) continue;
        if (segment.id === position.segment.id) before += Math.min(position.offset, segment.bytes);
        else if (files.segments.indexOf(segment) < files.segments.indexOf(position.segment)) {
          before += segment.bytes;
        }
      }
    }
    return total === 0 ? 0 : before / total;
  }

  return {
    time,
    fractionOf,
    async fraction(logs, wanted) {
      const ruler = [...logs].sort((a, b) => bytesOf(b) - bytesOf(a))[0];
      if (!ruler) return new Map();
      if (logs.length === 1) return alignedTo(ruler, wanted * bytesOf(ruler), logs);
      // The largest log is the ruler; where it stands at this part of all is found by halving.
      const beganAt = performance.now();
      let low = 0;
      let high = bytesOf(ruler);
      let best = await alignedTo(ruler, wanted * high, logs);
      for (let step = 0; step < fractionSteps; step += 1) {
        const excess = fractionOf(logs, best) - wanted;
        if (Math.abs(excess) < fractionTolerance || performance.now() - beganAt > fractionBudgetMs) break;
        const place = best.get(ruler.name);
        const at = place ? fractionOf([ruler], new Map([[ruler.name, place]])) * bytesOf(ruler) : 0;
        if (excess > 0) high = Math.min(high, at);
        else low = Math.max(low, at);
        best = await alignedTo(ruler, (low + high) / 2, logs);
      }
      return best;
    },
  };
}
