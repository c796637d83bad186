/** The settings of config.yaml as they cross to the window: what each may hold, what holds, and when a change is in force. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

/** Every key but `openrouter-key`, which belongs into the Keychain and is never shown. */
export const settingKeys = [
  'default-quant',
  'memory-budget-pct',
  'ranking',
  'litellm-port',
  'model-dir',
  'auto-health-check',
  'log-max-size-mb',
  'log-max-files',
  'log-total-max-mb',
  'local-only',
  'cloud',
  'cloud-daily-cap-usd',
  'cloud-monthly-cap-usd',
  'cloud-privacy',
  'cloud-models',
  'keep-awake',
  'auto-update',
  'notify-failures',
  'notify-recovery',
  'notify-disk',
  'menu-bar-title',
  'vllm-mlx-path',
  'litellm-path',
  'uv-path',
  'model-folders',
] as const;
export type SettingKey = (typeof settingKeys)[number];

/** Whatever runs is restarted by itself; nothing has to be done by hand. */
export const settingTimes = ['at-once', 'restarts-gateway', 'restarts-models', 'next-plan'] as const;
export type SettingTime = (typeof settingTimes)[number];

const settingKindSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    min: z.number(),
    /** `null`: no limit that a person could meet. */
    max: z.number().nullable(),
    isWhole: z.boolean(),
    unit: z.enum(['percent', 'megabytes', 'dollars', 'none']),
    /** The word that stands for no number at all, where there may be none. */
    noneWord: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('choice'), choices: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('switch') }),
  /** `isOptional`: without one it is looked for. */
  z.strictObject({ kind: z.literal('path'), to: z.enum(['folder', 'program']), isOptional: z.boolean() }),
  /** Changed item by item where its items are shown. */
  z.strictObject({ kind: z.literal('list'), max: z.number() }),
]);
export type SettingKind = z.infer<typeof settingKindSchema>;

/** `null`: no number, no path, no list of the user's own. */
const settingValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
export type SettingValue = string | number | boolean | readonly string[] | null;

export const settingSchema = z.strictObject({
  key: z.enum(settingKeys),
  kind: settingKindSchema,
  /** In force. */
  value: settingValueSchema,
  defaultValue: settingValueSchema,
  /** Whether the file says it. */
  isSet: z.boolean(),
  /** What it does, one sentence. */
  effect: z.string(),
  takesEffect: z.enum(settingTimes),
});
export type Setting = z.infer<typeof settingSchema>;

export const settingsSchema = z.strictObject({
  /** Grows with each change of the file, whoever made it. */
  revision: z.number().int(),
  file: z.string(),
  settings: z.array(settingSchema),
  /** Keys of the file that nothing reads: kept. One that could be a secret is not repeated. */
  unknownKeys: z.array(z.string()),
  /** Why the file as it is now is not in force; the last good settings are. */
  problems: z.array(problemSchema),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What a change has led to by itself. */
const changeSchema = z.strictObject({
  /** The names of running services that are restarted for it. */
  restarts: z.array(z.string()),
});
export type SettingChange = z.infer<typeof changeSchema>;

const nothing = z.strictObject({});
/** Not the list of keys itself: an unknown one is answered with a sentence, an absurd one is refused here. */
const key = z.string().min(1).max(64);

export const settingsCommands = {
  /** The present settings; `settings.changed` tells of each later state as a whole. */
  'settings.read': { input: nothing, output: settingsSchema },
  /** As it would stand in the file. A program or the model folder is never named by the window: only `settings.choosePath` sets one. */
  'settings.set': {
    input: z.strictObject({ key, value: z.union([z.string().max(4096), z.number(), z.boolean()]) }),
    output: changeSchema,
  },
  /** Back to the default; `null` for all. Comments and unknown keys stay. */
  'settings.reset': { input: z.strictObject({ key: key.nullable() }), output: changeSchema },
  /** Asks for the folder or the program in macOS's own dialog and sets it; `null` when that was cancelled. */
  'settings.choosePath': { input: z.strictObject({ key }), output: changeSchema.nullable() },
} as const;
