/** Writes a WebAssembly module: the few instructions that the log kernel uses, and the binary format around them. */

// Encodings: WebAssembly Core Specification 2.0, chapter 5 (https://www.w3.org/TR/wasm-core-2/#binary-format).

export type Code = readonly number[];

const continueBit = 0x80;

function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value >>> 7 === 0 ? [low] : [low | continueBit, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | continueBit, ...signed(rest)];
}

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const nameOf = (text: string): number[] => vector([...Buffer.from(text)].map((byte) => [byte]));

const i32Type = 0x7f;
const v128Type = 0x7b;
const noResult = 0x40;
const simd = (opcode: number, ...rest: number[]): number[] => [0xfd, ...unsigned(opcode), ...rest];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, ...value: Code[]): Code => [...value.flat(), 0x21, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];

const binary =
  (...opcode: number[]) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode];
const unary =
  (...opcode: number[]) =>
  (of: Code): Code => [...of, ...opcode];

export const add = binary(0x6a);
export const sub = binary(0x6b);
export const or = binary(0x72);
export const shl = binary(0x74);
export const eq = binary(0x46);
export const ne = binary(0x47);
export const ltU = binary(0x49);
export const gtU = binary(0x4b);
export const geU = binary(0x4f);
export const ctz = unary(0x68);
export const load8 = (address: Code): Code => [...address, 0x2d, 0, 0];

/** No alignment is promised: lines begin anywhere. */
export const loadV = (address: Code, offset = 0): Code => [...address, ...simd(0, 0, ...unsigned(offset))];
export const storeV = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(11, 0, ...unsigned(offset)),
];
export const everyByte = (byte: number): Code => simd(12, ...Array.from({ length: 16 }, () => byte));
/** Relaxed: all indices have to be below 16, which spares a check (Relaxed SIMD, part of WebAssembly 3.0). */
export const pickV = binary(...simd(0x100));
/** `places` bytes later: the last ones of `before`, then the first ones of `now`. */
export const delayV = (before: Code, now: Code, places: number): Code => [
  ...before,
  ...now,
  ...simd(13, ...Array.from({ length: 16 }, (_, i) => 16 - places + i)),
];
export const eqV = binary(...simd(35));
export const neV = binary(...simd(36));
export const ltV = binary(...simd(38));
export const andV = binary(...simd(78));
export const andNotV = binary(...simd(79));
export const orV = binary(...simd(80));
export const anyV = unary(...simd(83));
export const bitmaskV = unary(...simd(100));
export const shiftRightV = binary(...simd(109));

/** `br(0)` inside goes to its end. */
export const block = (...body: Code[]): Code => [0x02, noResult, ...body.flat(), 0x0b];
/** `br(0)` inside begins it again. */
export const loop = (...body: Code[]): Code => [0x03, noResult, ...body.flat(), 0x0b];
export const when = (condition: Code, ...body: Code[]): Code => [
  ...condition,
  0x04,
  noResult,
  ...body.flat(),
  0x0b,
];
export const br = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const brIf = (depth: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(depth)];
export const giveBack = (...values: Code[]): Code => [...values.flat(), 0x0f];

export interface WasmFunction {
  readonly name: string;
  /** All numbers of 32 bits; they are the first locals. */
  readonly parameters: number;
  readonly results: number;
  /** Behind the parameters: so many numbers, then so many vectors. */
  readonly numbers: number;
  readonly vectors: number;
  readonly body: Code;
}

const typeOf = ({ parameters, results }: WasmFunction): Code => [
  0x60,
  ...vector(Array.from({ length: parameters }, () => [i32Type])),
  ...vector(Array.from({ length: results }, () => [i32Type])),
];

function codeOf({ numbers, vectors, body }: WasmFunction): Code {
  const locals = vector([
    [...unsigned(numbers), i32Type],
    [...unsigned(vectors), v128Type],
  ]);
  const end = 0x0b;
  const unreachable = 0x00;
  const whole = [...locals, ...body, unreachable, end];
  return [...unsigned(whole.length), ...whole];
}

const pageBytes = 65536;

/** A module with a memory of its own, exported as `memory`, and these functions. */
export function assemble(functions: readonly WasmFunction[], memoryBytes: number): Uint8Array<ArrayBuffer> {
  const pages = unsigned(Math.ceil(memoryBytes / pageBytes));
  const exported = functions.map(({ name }, index) => [...nameOf(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map(typeOf))),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0x01, ...pages, ...pages]])),
    ...section(7, vector([...exported, [...nameOf('memory'), 0x02, 0x00]])),
    ...section(10, vector(functions.map(codeOf))),
  ]);
}
