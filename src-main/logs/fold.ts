/** Identical lines in a row become one line and a count. */
import type { KernelSource } from './kernel/kernel.ts';

/** The line that stands for repetitions; in a body of bytes, hence U+00D7 in UTF-8. */
const repeatLine = (times: number): string => `\xc3\x97${times} more\n`;

/** Compares a few characters of a line with those of the next: nearly all pairs are told apart by that. */
function maySame(lines: string, lineStart: number, length: number): boolean {
  const step = (length >> 3) + 1;
  for (let at = lineStart + length - 2; at >= lineStart; at -= step) {
    if (lines.charCodeAt(at) !== lines.charCodeAt(at + length)) return false;
  }
  return true;
}

const repeatsItself = (lines: string, lineStart: number, length: number): boolean =>
  lines.startsWith(lines.slice(lineStart, lineStart + length), lineStart + length);

export interface Folder {
  /** Whole lines in, whole lines out; the last line's repetitions may stay pending. */
  push(lines: Buffer): Buffer;
  /** What is pending, now; further repetitions go on counting. */
  flush(): Buffer;
  /** What is pending; something else stands in between, so the next line is new. */
  interrupt(): Buffer;
  pending(): boolean;
  /** What `flush` would give out. */
  peek(): Buffer;
}

const newline = 10;
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** One repetition is printed as it is: a count would not be shorter, and hides more. */
const repeatsOf = (line: string, times: number): string =>
  times === 0 ? '' : times === 1 ? line : repeatLine(times);

export function createFolder(kernel: KernelSource): Folder {
  /** With its newline; a text of one character per byte. */
  let lastLine = '';
  let repeats = 0;

  /** How many times `line` stands in `lines` from `from` on, without a gap. */
  function countRepeats(lines: string, from: number, line: string): number {
    if (!lines.startsWith(line, from)) return 0;
    const length = line.length;
    // A flood of one line: the rest equals itself shifted by one line, which one comparison tells.
    if (lines.slice(from, -length) === lines.slice(from + length)) return (lines.length - from) / length;
    let times = 1;
    while (lines.startsWith(line, from + times * length)) times += 1;
    return times;
  }

  function takePending(): string {
    const text = repeatsOf(lastLine, repeats);
    repeats = 0;
    return text;
  }

  function pushText(lines: string): string {
    let at = 0;
    if (lastLine !== '') {
      const times = countRepeats(lines, 0, lastLine);
      repeats += times;
      at = times * lastLine.length;
      if (at === lines.length) return '';
    }
    let out = takePending();
    let copied = at;
    let lineStart = at;
    let lineEnd = lines.indexOf('\n', at) + 1;
    while (lineEnd < lines.length) {
      const nextEnd = lines.indexOf('\n', lineEnd) + 1;
      const length = lineEnd - lineStart;
      if (
        nextEnd - lineEnd === length &&
        maySame(lines, lineStart, length) &&
        repeatsItself(lines, lineStart, length)
      ) {
        const line = lines.slice(lineStart, lineEnd);
        const times = countRepeats(lines, lineEnd, line);
        out += lines.slice(copied, lineEnd);
        copied = lineEnd + times * length;
        if (copied === lines.length) {
          lastLine = line;
          repeats = times;
          return out;
        }
        out += repeatsOf(line, times);
        lineStart = copied;
        lineEnd = lines.indexOf('\n', copied) + 1;
        continue;
      }
      lineStart = lineEnd;
      lineEnd = nextEnd;
    }
    lastLine = lines.slice(lineStart);
    return out + (copied === 0 ? lines : lines.slice(copied));
  }

  function push(lines: Buffer): Buffer {
    if (lines.length === 0) return lines;
    if (kernel(lines.length)?.firstRepeat(bytesOf(lastLine), lines) !== lines.length)
      return bytesOf(pushText(lines.toString('latin1')));
    const pending = takePending();
    const lastStart = lines.length < 2 ? 0 : lines.lastIndexOf(newline, lines.length - 2) + 1;
    lastLine = lines.toString('latin1', lastStart);
    return pending === '' ? lines : Buffer.concat([bytesOf(pending), lines]);
  }

  return {
    push,
    flush: () => bytesOf(takePending()),
    interrupt() {
      const text = takePending();
      lastLine = '';
      return bytesOf(text);
    },
    pending: () => repeats > 0,
    peek: () => bytesOf(repeatsOf(lastLine, repeats)),
  };
}
