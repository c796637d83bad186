/** Turns a child's bytes into clean, redacted, whole lines; memory stays bounded whatever the child prints. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { KernelSource, ScanResult } from './kernel/kernel.ts';
import { afterValue, type Redactor } from './redact.ts';

// Lines stay the bytes that the child printed. Where they have to be looked at as text, it holds one character per
// byte (latin1), so that nothing is decoded and nothing changes by accident. `textOf` decodes for people.

/** A longer line is split: each part but the last ends with the mark, each part but the first begins with it. */
export const lineMaxBytes = 16 * 1024;
/** U+2026, the horizontal ellipsis, as UTF-8 bytes. */
export const splitMark = '\xe2\x80\xa6';
/** Many small chunks with no line end are joined at this number, so that their overhead is bounded too. */
const carryMaxChunks = 64;
/** An escape sequence still open this close to the end of a split is kept for the next part. */
const escapeReachBytes = 256;

const newline = 10;
const carriageReturn = 13;
const escapeCode = 27;

export const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
export const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const controlCodes = Array.from({ length: 33 }, (_, i) => (i === 32 ? 127 : i)).filter(
  (code) => code !== 9 && code !== newline,
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its task.
const control = /[\x00-\x08\x0b-\x1f\x7f]/;
/** From this size on one memchr per control code is faster than one pass of a pattern. */
const byCodeMinBytes = 4096;

function hasControls(block: Buffer): boolean {
  return block.length < byCodeMinBytes
    ? control.test(block.toString('latin1'))
    : controlCodes.some((code) => block.includes(code));
}

/** What a terminal would show after a carriage return: the last state of each line. */
function collapseCarriageReturns(text: string): string {
  // Runs first: `\r+\n` would take quadratic time on a long run that no line end follows.
  const t = text.replace(/\r+/g, '\r').replaceAll('\r\n', '\n');
  let out = '';
  let from = 0;
  for (let at = t.indexOf('\r'); at >= 0; at = t.indexOf('\r', from)) {
    const end = t.indexOf('\n', at);
    const lineEnd = end < 0 ? t.length : end;
    out += t.slice(from, Math.max(from, t.lastIndexOf('\n', at) + 1));
    from = t.lastIndexOf('\r', lineEnd) + 1;
  }
  return out + t.slice(from);
}

/** CSI, OSC, string and short sequences of ECMA-48; an ESC that begins none of them goes alone. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding escape sequences is its task.
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[PX^_][^\x1b\n]*\x1b\\|[ -/]*[0-OQ-WYZ\\`-~])?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const everyControl = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** U+2400…: a picture of each control code, three bytes in UTF-8. Visible, harmless, and says what it was. */
const pictureOf = (char: string): string => {
  const code = char.charCodeAt(0);
  return `\xe2\x90${String.fromCharCode(0x80 + (code === 127 ? 0x21 : code))}`;
};

function cleanControls(text: string): string {
  const collapsed = text.includes('\r') ? collapseCarriageReturns(text) : text;
  const plain = collapsed.includes('\x1b') ? collapsed.replace(escapes, '') : collapsed;
  return plain.replace(everyControl, pictureOf);
}

/** C1 control codes, which some terminals obey also when written in UTF-8. */
const c1 = /\xc2[\x80-\x9f]/g;
const replacement = '\xef\xbf\xbd';

/** What `clean` and the redactor have to look for, without the kernel. */
const scanSlowly = (block: Buffer): ScanResult => ({
  hasControls: hasControls(block),
  isAscii: isAscii(block),
  mayHoldFingerprint: true,
});

/** Valid UTF-8 with no control code but tab and newline. The same buffer when there was nothing to do. */
function clean(block: Buffer, seen: ScanResult): Buffer {
  let bytes = block;
  if (!seen.isAscii) {
    if (!isUtf8(bytes)) bytes = Buffer.from(bytes.toString('utf8'), 'utf8');
    const text = bytes.toString('latin1');
    const safe = text.replace(c1, replacement);
    if (safe !== text) bytes = Buffer.from(safe, 'latin1');
  }
  // Mending UTF-8 neither adds nor removes a control code.
  return seen.hasControls ? Buffer.from(cleanControls(bytes.toString('latin1')), 'latin1') : bytes;
}

/** Where to cut `text` at or before `at` so that no UTF-8 character is divided. */
function characterStart(text: string, at: number): number {
  let cut = at;
  for (let back = 0; back < 3 && (text.charCodeAt(cut) & 0xc0) === 0x80; back += 1) cut -= 1;
  return cut;
}

function splitLine(line: string, maxBytes: number): string {
  let out = '';
  let rest = line;
  while (rest.length > maxBytes) {
    const cut = characterStart(rest, maxBytes - splitMark.length);
    out += `${rest.slice(0, cut)}${splitMark}\n`;
    rest = splitMark + rest.slice(cut);
  }
  return out + rest;
}

/** Looks only where a line could be too long: one step per `maxBytes`, not per line. */
function hasLongLine(lines: Buffer, maxBytes: number): boolean {
  let from = 0;
  while (lines.length - from > maxBytes) {
    const end = lines.lastIndexOf(newline, from + maxBytes);
    if (end < from) return true;
    from = end + 1;
  }
  return false;
}

/** `lines` ends with a newline. */
function splitLongLines(lines: Buffer, maxBytes: number): Buffer {
  if (!hasLongLine(lines, maxBytes)) return lines;
  const split = lines.toString('latin1', 0, lines.length - 1).split('\n');
  return Buffer.from(split.map((line) => `${splitLine(line, maxBytes)}\n`).join(''), 'latin1');
}

/** How many bytes at the end of a growing line cannot be judged yet: half a character, half an escape, a lone `\r`. */
function undecidedBytes(raw: Buffer): number {
  let undecided = raw.at(-1) === carriageReturn ? 1 : 0;
  for (let back = 1; back <= 3 && back <= raw.length; back += 1) {
    const byte = raw[raw.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (length > back) undecided = Math.max(undecided, back);
    break;
  }
  const lastEscape = raw.lastIndexOf(escapeCode);
  const fromEscape = raw.length - lastEscape;
  return lastEscape >= 0 && fromEscape <= escapeReachBytes ? Math.max(undecided, fromEscape) : undecided;
}

export interface LineSplitter {
  /** Whole lines, each with its newline, or nothing; to be copied, for their memory is used again by the next call. */
  push(chunk: Buffer): Buffer;
  /** The line that is still growing, as it may be shown. */
  partial(): string;
  /** The stream is over: what is left becomes a line. */
  end(): Buffer;
}

const nothing = Buffer.alloc(0);
const markBytes = Buffer.from(splitMark, 'latin1');

export interface LineSplitterOptions {
  readonly redactor: Redactor;
  readonly kernel: KernelSource;
  readonly maxBytes?: number;
}

export function createLineSplitter(options: LineSplitterOptions): LineSplitter {
  const { redactor, kernel, maxBytes = lineMaxBytes } = options;
  const scan = (block: Buffer): ScanResult => kernel(block.length)?.scan(block) ?? scanSlowly(block);
  let carry: Buffer[] = [];
  let carryBytes = 0;
  let joined = nothing;
  /** The last line that was given out was a part; what comes belongs to it. */
  let continuing = false;
  let insideValue = false;

  function keep(rest: Buffer): void {
    if (rest.length === 0) return;
    // A copy: a view of a few bytes would keep its whole chunk alive.
    carry.push(Buffer.from(rest));
    carryBytes += rest.length;
    if (carry.length >= carryMaxChunks) carry = [Buffer.concat(carry)];
  }

  function takeCarry(more: Buffer | null): Buffer {
    const parts = more === null ? carry : [...carry, more];
    const bytes = carryBytes + (more?.length ?? 0);
    carry = [];
    carryBytes = 0;
    const [only] = parts;
    if (only && parts.length === 1) return only;
    // The same memory again and again: a new one for each chunk of a flood is what the garbage collector would be
    // busy with.
    if (joined.length < bytes) joined = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for (const part of parts) at += part.copy(joined, at);
    return joined.subarray(0, bytes);
  }

  function withoutValueRest(block: Buffer): Buffer {
    if (!insideValue) return block;
    const end = afterValue(block.toString('latin1'));
    if (end < block.length) insideValue = false;
    return block.subarray(end);
  }

  const cleanText = (raw: Buffer): Buffer => (raw.length === 0 ? raw : clean(raw, scan(raw)));

  function finish(redacted: Buffer): Buffer {
    const lines = continuing ? Buffer.concat([markBytes, redacted]) : redacted;
    continuing = false;
    return splitLongLines(lines, maxBytes);
  }

  function wholeLines(block: Buffer): Buffer {
    const seen = scan(block);
    const cleaned = clean(block, seen);
    // What had to be cleaned may hold what could not be seen before.
    const mayHoldPattern = cleaned !== block || seen.mayHoldFingerprint;
    return finish(redactor.redactBlock(withoutValueRest(cleaned), mayHoldPattern));
  }

  /** The carried line is too long to hold: gives out as much of it as cannot be part of a secret. */
  function relieve(): Buffer {
    const raw = withOneEndReturn(takeCarry(null));
    const undecided = undecidedBytes(raw);
    const settled = withoutValueRest(cleanText(raw.subarray(0, raw.length - undecided)));
    const tail = raw.subarray(raw.length - undecided);
    if (settled.length <= maxBytes) {
      keep(Buffer.concat([settled, tail]));
      return nothing;
    }
    const open = redactor.redactOpen(settled.toString('latin1'));
    insideValue = open.insideValue;
    keep(Buffer.concat([Buffer.from(open.held, 'latin1'), tail]));
    if (open.done === '') return nothing;
    const lines = finish(Buffer.from(`${open.done}${splitMark}\n`, 'latin1'));
    continuing = true;
    return lines;
  }

  return {
    push(chunk) {
      const cut = chunk.lastIndexOf(newline) + 1;
      const lines =
        cut === 0 ? nothing : wholeLines(takeCarry(cut === chunk.length ? chunk : chunk.subarray(0, cut)));
      keep(cut === 0 ? chunk : chunk.subarray(cut));
      // Twice the cap, so that a line that grows byte by byte is looked at once per cap and not once per byte.
      if (carryBytes <= 2 * maxBytes) return lines;
      // Copied first: what `relieve` joins would overwrite them.
      const before = Buffer.from(lines);
      return Buffer.concat([before, relieve()]);
    },
    partial() {
      if (carryBytes === 0) return '';
      carry = [Buffer.concat(carry)];
      const raw = carry[0] ?? Buffer.alloc(0);
      const visible = cleanText(trimEndReturns(raw)).toString('latin1');
      const text = redactor.redactCutOff(insideValue ? visible.slice(afterValue(visible)) : visible);
      return (continuing ? splitMark : '') + text;
    },
    end() {
      const block = withoutValueRest(cleanText(trimEndReturns(takeCarry(null))));
      if (block.length === 0 && !continuing) return nothing;
      return finish(Buffer.from(`${redactor.redactCutOff(block.toString('latin1'))}\n`, 'latin1'));
    },
  };
}

/** Of a run of `\r` only one can matter for what follows; an endless run would not be bounded otherwise. */
function withOneEndReturn(raw: Buffer): Buffer {
  const trimmed = trimEndReturns(raw);
  return raw.subarray(0, Math.min(raw.length, trimmed.length + 1));
}

function trimEndReturns(raw: Buffer): Buffer {
  let end = raw.length;
  while (end > 0 && raw[end - 1] === carriageReturn) end -= 1;
  return end === raw.length ? raw : raw.subarray(0, end);
}
