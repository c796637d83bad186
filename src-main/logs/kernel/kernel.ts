/** The flood's fast path: passes over bytes at memory speed and tells the exact but slower code when it is needed. */
import { fingerprintChars, layout, programBytes, scanBits } from './program.ts';

/**
 * Plain JavaScript needs a call of a native function, or a pass of a regular expression, for each thing that is looked
 * for: 3 ms for each megabyte, which is more than reading it from a pipe and writing it to disk take together. This
 * does it in one pass with vector instructions. It decides nothing: a block in which it finds something goes the slow
 * way, so that what is a secret, or a control code, is written down once, there.
 *
 * A buffer must not change between the calls that are given it: what is scanned is not taken in again to be stamped.
 */
export interface Kernel {
  scan(block: Buffer): ScanResult;
  /**
   * Where in `lines` (whole lines) the first one begins that equals the line before it, `previous` being the one
   * before the first; the length of `lines` when there is none, -1 when it was not looked for.
   */
  firstRepeat(previous: Buffer, lines: Buffer): number;
  /** Each line with the stamp before it; what `take` is given is valid during the call only. */
  stampLines(stamp: string, lines: Buffer, take: (stamped: Buffer) => void): boolean;
}

export interface ScanResult {
  /** Any control code but tab and newline. */
  readonly hasControls: boolean;
  readonly isAscii: boolean;
  /** One of the fingerprints may be in it: `false` is certain. */
  readonly mayHoldFingerprint: boolean;
}

/** Characters in a row that a text must contain, each given as all characters that may stand there. */
export type Fingerprint = readonly [string, string, string, string];
/** One bit of a byte for each. */
const fingerprintsMax = 8;

const newline = 10;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  scan(bytes: number): number;
  firstRepeat(previousBytes: number, bytes: number): number;
  stampLines(from: number, bytes: number, stampBytes: number): Iterable<number>;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

const isApi = (value: unknown): value is WebAssemblyApi =>
  typeof value === 'object' && value !== null && 'Module' in value && 'Instance' in value;
/** Ours, from `programBytes`. */
const isExports = (value: object): value is Exports =>
  ['memory', 'scan', 'firstRepeat', 'stampLines'].every((name) => name in value);

/**
 * Two tables for each place, by the low and by the high half of a character: bit n is set when fingerprint n may have
 * such a character there. Several characters in one place may let through others too, never fewer.
 */
function tablesOf(fingerprints: readonly Fingerprint[]): Uint8Array {
  const tables = new Uint8Array(2 * fingerprintChars * 16);
  fingerprints.forEach((places, bit) => {
    places.forEach((chars, place) => {
      for (const char of chars.toLowerCase() + chars.toUpperCase()) {
        const code = char.charCodeAt(0);
        const low = 2 * place * 16 + (code & 0x0f);
        const high = (2 * place + 1) * 16 + (code >> 4);
        tables[low] = (tables[low] ?? 0) | (1 << bit);
        tables[high] = (tables[high] ?? 0) | (1 << bit);
      }
    });
  });
  return tables;
}

/** The kernel for work on so many bytes; `null` when that is not worth it, or there is none. */
export type KernelSource = (bytes: number) => Kernel | null;

/** Before the first block of this size no kernel is built: a quiet app spares its 4 MB of memory. */
export const kernelMinBytes = 16 * 1024;

export function createKernelSource(fingerprints: readonly Fingerprint[]): KernelSource {
  let kernel: Kernel | null | undefined;
  return (bytes) => {
    if (kernel === undefined && bytes >= kernelMinBytes) kernel = createKernel(fingerprints);
    return kernel ?? null;
  };
}

/** `null` where there is no WebAssembly, or no vectors in it: everything then goes the slow way. */
export function createKernel(fingerprints: readonly Fingerprint[]): Kernel | null {
  if (fingerprints.length > fingerprintsMax) throw new Error('more fingerprints than bits');
  const exports = instantiate();
  if (!exports) return null;
  const memory = Buffer.from(exports.memory.buffer);
  memory.set(tablesOf(fingerprints), layout.tables);

  /** What lies in the input, whole. */
  let loaded: Buffer | null = null;

  function load(block: Buffer, from: number, to: number): void {
    loaded = from === 0 && to === block.length ? block : null;
    const end = layout.input + block.copy(memory, layout.input, from, to);
    memory.fill(newline, end, end + layout.padding);
  }

  return {
    scan(block) {
      let bits = 0;
      // Pieces overlap, so that no fingerprint lies unseen between two.
      const stride = layout.inputMaxBytes - fingerprintChars;
      for (let from = 0; from < block.length; from += stride) {
        const to = Math.min(block.length, from + layout.inputMaxBytes);
        load(block, from, to);
        bits |= exports.scan(to - from);
      }
      return {
        hasControls: (bits & scanBits.control) !== 0,
        isAscii: (bits & scanBits.nonAscii) === 0,
        mayHoldFingerprint: (bits & scanBits.fingerprint) !== 0,
      };
    },
    firstRepeat(previous, lines) {
      if (lines.length > layout.inputMaxBytes || previous.length > layout.previousMaxBytes) return -1;
      if (lines !== loaded) load(lines, 0, lines.length);
      previous.copy(memory, layout.input - previous.length);
      return exports.firstRepeat(previous.length, lines.length);
    },
    stampLines(stamp, lines, take) {
      if (lines.length > layout.inputMaxBytes || stamp.length > layout.stampMaxBytes) return false;
      if (lines !== loaded) load(lines, 0, lines.length);
      memory.write(stamp, layout.stamp, 'latin1');
      for (let from = 0; from < lines.length; ) {
        const [to = 0, bytes = 0] = exports.stampLines(from, lines.length, stamp.length);
        // A line too long for the output would never get further.
        if (to <= from) return false;
        take(memory.subarray(layout.output, layout.output + bytes));
        from = to;
      }
      return true;
    },
  };
}

function instantiate(): Exports | null {
  const api: unknown = Reflect.get(globalThis, 'WebAssembly');
  if (!isApi(api)) return null;
  try {
    const { exports } = new api.Instance(new api.Module(programBytes()));
    return isExports(exports) ? exports : null;
  } catch {
    return null;
  }
}
