/** The fault switches of both stand-ins: what may be asked for, read strictly so that a misspelt fault is noticed. */
import * as z from 'zod';

const durationMs = z.number().min(0);
const exitCode = z.int().min(0).max(255);
const flood = z.strictObject({
  /** Full speed where null. */
  mbPerSecond: z.number().positive().nullable().default(null),
  lineBytes: z.int().min(1).default(120),
  /** Without end where null. */
  seconds: z.number().positive().nullable().default(null),
});
export type Flood = z.infer<typeof flood>;

/** What both engines can be made to do. */
const processSwitches = {
  exitAtStartMs: durationMs.optional(),
  exitCode: exitCode.optional(),
  crashAfterMs: durationMs.optional(),
  crashAfterRequests: z.int().min(1).optional(),
  ignoreTerm: z.boolean().optional(),
  /** Accepts connections and never answers. */
  hangAfterBind: z.boolean().optional(),
  forkGrandchildren: z.int().min(0).max(16).optional(),
  grandchildrenHoldPipes: z.boolean().optional(),
  flood: flood.optional(),
  printBinary: z.boolean().optional(),
  /** One line of so many megabytes, without an end. */
  endlessLine: z.number().positive().optional(),
  repeatLines: z.int().min(1).optional(),
  sigstopAfterMs: durationMs.optional(),
  shutdownMs: durationMs.optional(),
  bindDelay: durationMs.optional(),
  failLifespan: z.boolean().optional(),
  /** A file with switches that count from the next request on. */
  controlFile: z.string().startsWith('/').optional(),
};

export const vllmMlxSwitchesSchema = z.strictObject({
  ...processSwitches,
  loadMs: durationMs.optional(),
  health: z.enum(['ok', 'unhealthy', '500', 'hang']).optional(),
  healthDelayMs: durationMs.optional(),
  generation: z.enum(['ok', '500', 'hang', 'garbage']).optional(),
  gpuOutOfMemory: z.enum(['load', 'request']).optional(),
  tokenDelayMs: durationMs.optional(),
  missingModel: z.boolean().optional(),
});
export type VllmMlxSwitches = z.infer<typeof vllmMlxSwitchesSchema>;

export const litellmSwitchesSchema = z.strictObject({
  ...processSwitches,
  importMs: durationMs.optional(),
  liveliness: z.enum(['ok', '500', 'hang']).optional(),
  livelinessDelayMs: durationMs.optional(),
  rejectConfig: z.boolean().optional(),
  /** The move to a random port that the real one makes only for port 4000. */
  moveFromAnyBusyPort: z.boolean().optional(),
});
export type LitellmSwitches = z.infer<typeof litellmSwitchesSchema>;

/** By served model name; `*` holds for all, and a name's own switches win over it. */
const switchesByNameSchema = z.record(z.string(), vllmMlxSwitchesSchema);

export type SwitchesRead<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

function sentence(source: string, error: z.ZodError): string {
  const [issue] = error.issues;
  const at = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  return `${source} is not understood${at}: ${issue?.message ?? 'unknown problem'}.`;
}

function readJson<T>(source: string, text: string, schema: z.ZodType<T>): SwitchesRead<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: `${source} is not JSON.` };
  }
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, error: sentence(source, parsed.error) };
}

export function readVllmMlxSwitches(
  source: string,
  text: string,
  servedModelName: string,
): SwitchesRead<VllmMlxSwitches> {
  const read = readJson(source, text, switchesByNameSchema);
  if (!read.ok) return read;
  return { ok: true, value: { ...read.value['*'], ...read.value[servedModelName] } };
}

export function readLitellmSwitches(source: string, text: string): SwitchesRead<LitellmSwitches> {
  return readJson(source, text, litellmSwitchesSchema);
}

/** A control file may leave a value out to fall back to the start's, so each one holds a whole set of changes. */
export function readVllmMlxControl(source: string, text: string): SwitchesRead<VllmMlxSwitches> {
  return readJson(source, text, vllmMlxSwitchesSchema);
}
