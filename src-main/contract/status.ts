/** What the renderer and the tray may know of the stack: one snapshot, and how it changes. All times are epoch milliseconds. */
import * as z from 'zod';
import { cloudStatusSchema } from './cloud.ts';
import { enginesStatusSchema } from './engines.ts';
import { macStatusSchema } from './mac.ts';
import { modelsStatusSchema } from './models.ts';
import { problemSchema } from './result.ts';
import { setupStatusSchema } from './setup.ts';
import { updateStatusSchema } from './updates.ts';

/** Design §6. A service is in exactly one of these. */
export const serviceStates = [
  'stopped',
  'waiting',
  'starting',
  'healthy',
  'degraded',
  'unresponsive',
  'stopping',
  'backing-off',
  'failed',
] as const;
export const serviceStateSchema = z.enum(serviceStates);
export type ServiceState = z.infer<typeof serviceStateSchema>;

export const failureReasons = [
  'executable-missing',
  'model-missing',
  'model-incomplete',
  'model-runs-code',
  'port-busy',
  'not-enough-memory',
  'exited-early',
  'exited',
  'start-timed-out',
  'cannot-generate',
  'unresponsive',
  'flapping',
  'gpu-memory',
  'download-failed',
  'model-gated',
  'disk-full',
  'permission-denied',
  'wrong-architecture',
  'bad-option',
  'bad-parser',
  'bad-gateway-config',
  'engine-broken',
  'gateway-port-moved',
  'spawn-failed',
  'not-recorded',
  'stop-unconfirmed',
  'no-tier-ready',
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** What one click can do about a failure. The main process performs it; the renderer only names it. */
export const remedyKinds = [
  'download-model',
  'install-engine',
  'use-found-engine',
  'start-again',
  'start-anyway',
  'smaller-context',
  'stop-other',
  'use-free-port',
  'open-config',
  'open-stack',
  'reveal-models',
  'force-stop',
] as const;
export const remedySchema = z.strictObject({
  kind: z.enum(remedyKinds),
  label: z.string(),
  /** Of `smaller-context`: what it sets. */
  contextTokens: z.number().int().optional(),
  /** Of `stop-other`: which service. */
  service: z.string().optional(),
});
export type Remedy = z.infer<typeof remedySchema>;
export type RemedyKind = Remedy['kind'];

export const failureSchema = z.strictObject({
  reason: z.enum(failureReasons),
  at: z.number(),
  /** One sentence that a person understands. */
  message: z.string(),
  /** What to do about it, one sentence. */
  hint: z.string(),
  /** How the process ended, when it did. `signal` as Node names it, for instance `SIGKILL`. */
  exit: z.strictObject({ code: z.number().nullable(), signal: z.string().nullable() }).nullable(),
  /** The one of its lines that tells why, where one does. */
  decisiveLine: z.string().optional(),
  /** The last lines the process printed, oldest first, redacted. */
  lastLines: z.array(z.string()),
  remedies: z.array(remedySchema),
});
export type Failure = z.infer<typeof failureSchema>;

export const serviceStatusSchema = z.strictObject({
  /** Tier name, or `gateway`. */
  id: z.string(),
  kind: z.enum(['tier', 'gateway']),
  /** What to call it on screen. */
  name: z.string(),
  /** Model name for a tier, `null` for the gateway. */
  model: z.string().nullable(),
  port: z.number().int(),
  state: serviceStateSchema,
  /** Whether the user wants it to run; survives relaunch. */
  desired: z.enum(['on', 'off']),
  /** The state in words: "Loading the model", "Restarting in 4 s", "Waits for memory". */
  detail: z.string(),
  stateSince: z.number(),
  /** When the running process was last proved ready; `null` unless healthy, degraded or unresponsive. */
  readySince: z.number().nullable(),
  /** Unplanned restarts since the user last started it. */
  restarts: z.number().int(),
  /** When a pending restart is due, in `backing-off` only. */
  nextStartAt: z.number().nullable(),
  /** Last health probe's round trip in milliseconds, `null` before the first. */
  latencyMs: z.number().nullable(),
  /** Estimated memory need in bytes; 0 where it does not matter. */
  memoryBytes: z.number(),
  pid: z.number().int().nullable(),
  /** Why it last failed or restarted; stays visible after a recovery until the user starts or stops it. */
  lastFailure: failureSchema.nullable(),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** A message that stays until it is dismissed or no longer true, for instance a config file that does not parse. */
export const noticeSchema = z.strictObject({
  id: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  title: z.string(),
  /** What, where (line and column for a file) and what to do. */
  message: z.string(),
  action: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.enum([
          'open-config',
          'open-stack',
          'open-home',
          'remove-watchdog',
          'open-menu-bar-settings',
          'install-update',
          'keep-running',
          'show-engines',
        ]),
        label: z.string(),
      }),
      z.strictObject({ kind: z.literal('stop-service'), label: z.string(), service: z.string() }),
    ])
    .nullable(),
  dismissible: z.boolean(),
});
export type Notice = z.infer<typeof noticeSchema>;

export const stackStatusSchema = z.discriminatedUnion('kind', [
  /** No stack file yet. */
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('loaded'), name: z.string(), intent: z.string().nullable() }),
  /** The file cannot be used and no good one was ever loaded. */
  z.strictObject({ kind: z.literal('invalid'), problem: problemSchema }),
]);
export type StackStatus = z.infer<typeof stackStatusSchema>;

export const snapshotSchema = z.strictObject({
  /** Grows by one with each change; a client that sees a gap reads the snapshot again. */
  revision: z.number().int(),
  app: z.strictObject({
    version: z.string(),
    phase: z.enum(['starting', 'running', 'quitting']),
    home: z.string(),
  }),
  stack: stackStatusSchema,
  gateway: z.strictObject({
    /** What clients use as base URL, `http://127.0.0.1:4000/v1`. */
    baseUrl: z.string(),
    port: z.number().int(),
    /** Of the API key, to recognise it by; empty while there is none. */
    keyLast4: z.string(),
  }),
  cloud: cloudStatusSchema,
  memory: z.strictObject({ totalBytes: z.number(), limitBytes: z.number(), plannedBytes: z.number() }),
  mac: macStatusSchema,
  models: modelsStatusSchema,
  engines: enginesStatusSchema,
  setup: setupStatusSchema,
  update: updateStatusSchema,
  /** In stack order, the gateway last. */
  services: z.array(serviceStatusSchema),
  notices: z.array(noticeSchema),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/**
 * One step from revision `revision - 1` to `revision`. A part that is absent did not change.
 * `services` holds the changed ones only; `order` is present when services came, went or moved.
 */
export const statusChangeSchema = z.strictObject({
  revision: z.number().int(),
  app: snapshotSchema.shape.app.optional(),
  stack: stackStatusSchema.optional(),
  gateway: snapshotSchema.shape.gateway.optional(),
  cloud: cloudStatusSchema.optional(),
  memory: snapshotSchema.shape.memory.optional(),
  mac: macStatusSchema.optional(),
  models: modelsStatusSchema.optional(),
  engines: enginesStatusSchema.optional(),
  setup: setupStatusSchema.optional(),
  update: updateStatusSchema.optional(),
  services: z.array(serviceStatusSchema).optional(),
  order: z.array(z.string()).optional(),
  notices: z.array(noticeSchema).optional(),
});
export type StatusChange = z.infer<typeof statusChangeSchema>;

export { applyStatusChange } from './status-change.ts';
