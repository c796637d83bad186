/** What crosses to the window of the engines: which there are, where, which version, and what is being installed. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

const nothing = z.strictObject({});

export const engineNames = ['vllm-mlx', 'litellm'] as const;
export type EngineName = (typeof engineNames)[number];
const engineName = z.enum(engineNames);

export const engineSchema = z.strictObject({
  name: engineName,
  /** `refused`: found, and must not run. `unchosen`: found by chance, and not run unless the user chooses it. */
  state: z.enum(['unknown', 'absent', 'ready', 'refused', 'unchosen']),
  version: z.string().nullable(),
  /** Absolute path of the program. */
  path: z.string().nullable(),
  /** `engines`: an environment of our own. */
  foundIn: z.enum(['config', 'engines', 'known-place', 'login-shell', 'path']).nullable(),
  /** The version that an installation of ours brings. */
  pinnedVersion: z.string(),
  /** Ours is older than the pinned one. */
  hasUpdate: z.boolean(),
  /** An older environment of ours that can be gone back to. */
  previousVersion: z.string().nullable(),
  problem: problemSchema.nullable(),
});
export type EngineStatus = z.infer<typeof engineSchema>;

export const engineSteps = [
  'python',
  'resolving',
  'downloading',
  'installing',
  'checking',
  'switching',
] as const;
export type EngineStep = (typeof engineSteps)[number];

/** The part of the snapshot. */
export const enginesStatusSchema = z.strictObject({
  /** In the order of `engineNames`. */
  engines: z.array(engineSchema),
  uv: z.strictObject({
    state: z.enum(['unknown', 'found', 'missing']),
    version: z.string().nullable(),
    path: z.string().nullable(),
    /** Why the one that the config names cannot be used: installing another would not help. */
    problem: problemSchema.nullable(),
    /** The official command that installs it, as it will be run. */
    installCommand: z.string(),
  }),
  /** One at a time. */
  job: z
    .strictObject({
      kind: z.enum(['install', 'roll-back', 'install-uv']),
      engine: engineName.nullable(),
      step: z.enum(engineSteps),
      /** In words: "Installing vllm-mlx: 34 of 61 packages". */
      detail: z.string(),
      /** 0 to 1 over the whole job, `null` where it cannot be told. */
      fraction: z.number().min(0).max(1).nullable(),
      startedAt: z.number(),
    })
    .nullable(),
  /** How the last job failed, until the next begins. */
  problem: problemSchema.nullable(),
});
export type EnginesStatus = z.infer<typeof enginesStatusSchema>;

export const engineCommands = {
  /** Looks again for engines and uv. */
  'engines.refresh': { input: nothing, output: nothing },
  /** Installs, or updates to, the pinned versions; answers when the job has begun. */
  'engines.install': {
    input: z.strictObject({ names: z.array(engineName).min(1).max(engineNames.length) }),
    output: nothing,
  },
  'engines.cancel': { input: nothing, output: nothing },
  'engines.rollBack': { input: z.strictObject({ name: engineName }), output: nothing },
  /** Runs the official installer, after the user has seen its command. */
  'engines.installUv': { input: nothing, output: nothing },
  /** Writes the path of the engine that was found elsewhere into the config: the window never names a program. */
  'engines.useFound': { input: z.strictObject({ name: engineName }), output: nothing },
  /** Opens the window where the engines are. */
  'engines.show': { input: nothing, output: nothing },
} as const;
