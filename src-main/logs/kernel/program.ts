/** The log kernel's three loops over bytes, sixteen at a time. */
import {
  add,
  andNotV,
  andV,
  anyV,
  assemble,
  bitmaskV,
  block,
  br,
  brIf,
  type Code,
  ctz,
  delayV,
  eq,
  eqV,
  everyByte,
  get,
  geU,
  giveBack,
  gtU,
  i32,
  load8,
  loadV,
  loop,
  ltU,
  ltV,
  ne,
  neV,
  or,
  orV,
  pickV,
  set,
  shiftRightV,
  shl,
  storeV,
  sub,
  type WasmFunction,
  when,
} from './assembler.ts';

const step = 16;
const newline = 10;

/** Where things lie in the kernel's memory. */
export const layout = {
  /** Two tables of sixteen bytes for each place of a fingerprint, see `tablesOf`. */
  tables: 0,
  stamp: 256,
  stampMaxBytes: 2 * step,
  /** Directly before the input: the line before its first one. */
  previousMaxBytes: 32 * 1024,
  input: 64 * 1024,
  inputMaxBytes: 256 * 1024,
  /** Behind the input, so that no vector reads what an earlier call left there. */
  padding: 3 * step,
  output: 384 * 1024,
  outputBytes: 512 * 1024,
  end: 960 * 1024,
} as const;

/** Characters that are looked at together. */
export const fingerprintChars = 4;

export const scanBits = { control: 1, nonAscii: 2, fingerprint: 4 } as const;

/** scan(bytes) → `scanBits` of the input. */
function scan(): WasmFunction {
  const bytes = 0;
  const [at, end] = [1, 2];
  const [v, low, upper, high, control, found] = [3, 4, 5, 6, 7, 8];
  const firstTable = 9;
  const firstNow = firstTable + 2 * fingerprintChars;
  const firstBefore = firstNow + fingerprintChars;
  const last = fingerprintChars - 1;
  const places = Array.from({ length: fingerprintChars }, (_, place) => place);
  const table = (place: number, half: number): number => firstTable + 2 * place + half;
  // Which fingerprints have such a character at this place: those that both halves of it allow.
  const matches = (place: number): Code =>
    andV(pickV(get(table(place, 0)), get(low)), pickV(get(table(place, 1)), get(upper)));
  const isBlank = orV(eqV(get(v), everyByte(9)), eqV(get(v), everyByte(newline)));
  const isControl = orV(andNotV(ltV(get(v), everyByte(32)), isBlank), eqV(get(v), everyByte(127)));
  return {
    name: 'scan',
    parameters: 1,
    results: 1,
    numbers: 2,
    vectors: 6 + 4 * fingerprintChars,
    body: [
      ...places.flatMap((place) => [
        ...set(table(place, 0), loadV(i32(layout.tables + 2 * place * step))),
        ...set(table(place, 1), loadV(i32(layout.tables + (2 * place + 1) * step))),
      ]),
      ...set(at, i32(layout.input)),
      ...set(end, add(get(at), get(bytes))),
      ...loop(
        set(v, loadV(get(at))),
        set(high, orV(get(high), get(v))),
        set(control, orV(get(control), isControl)),
        set(low, andV(get(v), everyByte(0x0f))),
        set(upper, shiftRightV(get(v), i32(4))),
        ...places.map((place) => set(firstNow + place, matches(place))),
        // A fingerprint is seen at its last character; the others stood that much earlier.
        set(
          found,
          orV(
            get(found),
            places
              .slice(0, last)
              .map((place) => delayV(get(firstBefore + place), get(firstNow + place), last - place))
              .reduce(andV, get(firstNow + last)),
          ),
        ),
        ...places.slice(0, last).map((place) => set(firstBefore + place, get(firstNow + place))),
        set(at, add(get(at), i32(step))),
        brIf(0, ltU(get(at), get(end))),
      ),
      ...giveBack(
        or(
          or(anyV(get(control)), shl(ne(bitmaskV(get(high)), i32(0)), i32(1))),
          shl(anyV(get(found)), i32(2)),
        ),
      ),
    ],
  };
}

/** Sets `lineEnd` behind the first newline from `from` on; the padding holds one in any case. */
function findLineEnd(from: number, lineEnd: number, mask: number, each: (at: Code) => Code): Code {
  return [
    ...set(lineEnd, get(from)),
    ...block(
      loop(
        each(get(lineEnd)),
        set(mask, bitmaskV(eqV(loadV(get(lineEnd)), everyByte(newline)))),
        brIf(1, get(mask)),
        set(lineEnd, add(get(lineEnd), i32(step))),
        br(0),
      ),
    ),
    ...set(lineEnd, add(get(lineEnd), add(ctz(get(mask)), i32(1)))),
  ];
}

/** firstRepeat(previousBytes, bytes) → where the first line that equals the one before it begins; `bytes` for none. */
function firstRepeat(): WasmFunction {
  const [previousBytes, bytes] = [0, 1];
  const [previous, line, lineEnd, mask, at, length, end] = [2, 3, 4, 5, 6, 7, 8];
  const fromPrevious = add(get(previous), get(at));
  const fromLine = add(get(line), get(at));
  return {
    name: 'firstRepeat',
    parameters: 2,
    results: 1,
    numbers: 7,
    vectors: 0,
    body: [
      ...set(line, i32(layout.input)),
      ...set(previous, sub(get(line), get(previousBytes))),
      ...set(end, add(get(line), get(bytes))),
      ...block(
        loop(
          brIf(1, geU(get(line), get(end))),
          findLineEnd(line, lineEnd, mask, () => []),
          set(length, sub(get(lineEnd), get(line))),
          block(
            brIf(0, ne(get(length), sub(get(line), get(previous)))),
            set(at, i32(0)),
            block(
              loop(
                brIf(1, gtU(add(get(at), i32(step)), get(length))),
                brIf(2, anyV(neV(loadV(fromPrevious), loadV(fromLine)))),
                set(at, add(get(at), i32(step))),
                br(0),
              ),
            ),
            loop(
              when(eq(get(at), get(length)), giveBack(sub(get(line), i32(layout.input)))),
              brIf(1, ne(load8(fromPrevious), load8(fromLine))),
              set(at, add(get(at), i32(1))),
              br(0),
            ),
          ),
          set(previous, get(line)),
          set(line, get(lineEnd)),
          br(0),
        ),
      ),
      ...giveBack(get(bytes)),
    ],
  };
}

/**
 * stampLines(from, bytes, stampBytes) → [how far in the input, bytes of output]: the stamp and a line, for all lines
 * that the output has room for.
 */
function stampLines(): WasmFunction {
  const [from, bytes, stampBytes] = [0, 1, 2];
  const [line, lineEnd, mask, out, end, room] = [3, 4, 5, 6, 7, 8];
  const [stampHead, stampTail] = [9, 10];
  const target = add(add(get(out), get(stampBytes)), sub(get(lineEnd), get(line)));
  return {
    name: 'stampLines',
    parameters: 3,
    results: 2,
    numbers: 6,
    vectors: 2,
    body: [
      ...set(stampHead, loadV(i32(layout.stamp))),
      ...set(stampTail, loadV(i32(layout.stamp + step))),
      ...set(line, add(i32(layout.input), get(from))),
      ...set(end, add(i32(layout.input), get(bytes))),
      ...set(out, i32(layout.output)),
      // What a copy writes beyond a line is overwritten by the next one; the last one needs room for it.
      ...set(room, i32(layout.output + layout.outputBytes)),
      ...block(
        loop(
          brIf(1, geU(get(line), get(end))),
          storeV(get(out), get(stampHead)),
          storeV(get(out), get(stampTail), step),
          block(
            set(lineEnd, get(line)),
            loop(
              brIf(3, gtU(target, get(room))),
              storeV(target, loadV(get(lineEnd))),
              set(mask, bitmaskV(eqV(loadV(get(lineEnd)), everyByte(newline)))),
              brIf(1, get(mask)),
              set(lineEnd, add(get(lineEnd), i32(step))),
              br(0),
            ),
          ),
          set(lineEnd, add(get(lineEnd), add(ctz(get(mask)), i32(1)))),
          set(out, target),
          set(line, get(lineEnd)),
          br(0),
        ),
      ),
      ...giveBack(sub(get(line), i32(layout.input)), sub(get(out), i32(layout.output))),
    ],
  };
}

/** Room for one vector and one stamp beyond the output's end. */
export const programBytes = (): Uint8Array<ArrayBuffer> =>
  assemble([scan(), firstRepeat(), stampLines()], layout.end);
