/** The fault switches of both stand-ins, read strictly so that a misspelt fault is noticed. By hand: zod would double the start-up time. */
import { isRecord } from './values.ts';

type Guard<T> = (value: unknown) => value is T;
type Shape = Readonly<Record<string, Guard<unknown>>>;
type Switches<S extends Shape> = { readonly [K in keyof S]?: S[K] extends Guard<infer T> ? T : never };

const numberFrom =
  (least: number): Guard<number> =>
  (value): value is number =>
    typeof value === 'number' && Number.isFinite(value) && value >= least;
const integerWithin =
  (least: number, most: number): Guard<number> =>
  (value): value is number =>
    Number.isInteger(value) && numberFrom(least)(value) && value <= most;
const isBoolean: Guard<boolean> = (value) => typeof value === 'boolean';
const isAbsolutePath: Guard<string> = (value): value is string =>
  typeof value === 'string' && value.startsWith('/');
const oneOf =
  <const T extends string>(...words: readonly T[]): Guard<T> =>
  (value): value is T =>
    words.some((word) => word === value);
const isDuration = numberFrom(0);
const isPositive: Guard<number> = (value): value is number => numberFrom(0)(value) && value > 0;
const isCount = integerWithin(1, Number.MAX_SAFE_INTEGER);
const orNull =
  <T>(guard: Guard<T>): Guard<T | null> =>
  (value): value is T | null =>
    value === null || guard(value);

/** The dotted place of the first value that does not fit, or null. */
function misfit(shape: Shape, value: unknown): string | null {
  if (!isRecord(value)) return '';
  const wrong = Object.keys(value).find((key) => shape[key]?.(value[key]) !== true);
  return wrong ?? null;
}

const shaped =
  <S extends Shape>(shape: S): Guard<Switches<S>> =>
  (value): value is Switches<S> =>
    misfit(shape, value) === null;

const floodShape = {
  /** Full speed where null. */
  mbPerSecond: orNull(isPositive),
  lineBytes: isCount,
  /** Without end where null. */
  seconds: orNull(isPositive),
};
export type Flood = Switches<typeof floodShape>;

const GRANDCHILDREN_LIMIT = 16;

/** What both engines can be made to do. */
const processShape = {
  exitAtStartMs: isDuration,
  exitCode: integerWithin(0, 255),
  crashAfterMs: isDuration,
  crashAfterRequests: isCount,
  ignoreTerm: isBoolean,
  /** Accepts connections and never answers. */
  hangAfterBind: isBoolean,
  forkGrandchildren: integerWithin(0, GRANDCHILDREN_LIMIT),
  grandchildrenHoldPipes: isBoolean,
  flood: shaped(floodShape),
  printBinary: isBoolean,
  /** One line of so many megabytes, without an end. */
  endlessLine: isPositive,
  repeatLines: isCount,
  sigstopAfterMs: isDuration,
  shutdownMs: isDuration,
  bindDelay: isDuration,
  failLifespan: isBoolean,
  /** A file with switches that count from the next request on. */
  controlFile: isAbsolutePath,
};

const vllmMlxShape = {
  ...processShape,
  loadMs: isDuration,
  health: oneOf('ok', 'unhealthy', '500', 'hang'),
  healthDelayMs: isDuration,
  generation: oneOf('ok', '500', 'hang', 'garbage'),
  gpuOutOfMemory: oneOf('load', 'request'),
  tokenDelayMs: isDuration,
  missingModel: isBoolean,
};
export type VllmMlxSwitches = Switches<typeof vllmMlxShape>;
/** By served model name; `*` holds for all, and a name's own switches win over it. */
export type VllmMlxSwitchesByName = Readonly<Record<string, VllmMlxSwitches>>;

const litellmShape = {
  ...processShape,
  importMs: isDuration,
  liveliness: oneOf('ok', '500', 'hang'),
  livelinessDelayMs: isDuration,
  rejectConfig: isBoolean,
  /** The move to a random port that the real one makes only for port 4000. */
  moveFromAnyBusyPort: isBoolean,
};
export type LitellmSwitches = Switches<typeof litellmShape>;

export type SwitchesRead<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

function notUnderstood(source: string, place: string): { readonly ok: false; readonly error: string } {
  const at = place === '' ? ': it must be an object' : ` at ${place}`;
  return { ok: false, error: `${source} is not understood${at}.` };
}

function read<S extends Shape>(
  source: string,
  value: unknown,
  shape: S,
  place = '',
): SwitchesRead<Switches<S>> {
  if (shaped(shape)(value)) return { ok: true, value };
  const wrong = misfit(shape, value) ?? '';
  return notUnderstood(source, [place, wrong].filter((part) => part !== '').join('.'));
}

function parse(source: string, text: string): SwitchesRead<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return { ok: false, error: `${source} is not JSON.` };
  }
}

export function readVllmMlxSwitches(
  source: string,
  text: string,
  servedModelName: string,
): SwitchesRead<VllmMlxSwitches> {
  const parsed = parse(source, text);
  if (!parsed.ok) return parsed;
  if (!isRecord(parsed.value)) return notUnderstood(source, '');
  const byName = new Map<string, VllmMlxSwitches>();
  for (const [name, value] of Object.entries(parsed.value)) {
    const switches = read(source, value, vllmMlxShape, name);
    if (!switches.ok) return switches;
    byName.set(name, switches.value);
  }
  return { ok: true, value: { ...byName.get('*'), ...byName.get(servedModelName) } };
}

/** The content of a control file: one flat set of switches, laid over those of the start. */
export function readVllmMlxControl(source: string, text: string): SwitchesRead<VllmMlxSwitches> {
  const parsed = parse(source, text);
  return parsed.ok ? read(source, parsed.value, vllmMlxShape) : parsed;
}

export function readLitellmSwitches(source: string, text: string): SwitchesRead<LitellmSwitches> {
  const parsed = parse(source, text);
  return parsed.ok ? read(source, parsed.value, litellmShape) : parsed;
}
