/** What the Mac itself tells of the app and its surroundings: login item, power, memory pressure, the icon's place. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

/** `needs-approval`: macOS waits for the user's yes in System Settings. `unavailable`: `problem` says why. */
export const loginStates = ['on', 'off', 'needs-approval', 'unavailable'] as const;
export const loginStatusSchema = z.strictObject({
  state: z.enum(loginStates),
  problem: problemSchema.nullable(),
});
export type LoginStatus = z.infer<typeof loginStatusSchema>;

export const powerSources = ['unknown', 'mains', 'battery'] as const;
/** As macOS grades it; from `serious` on everything is slowed down. */
export const thermalStates = ['unknown', 'nominal', 'fair', 'serious', 'critical'] as const;
/** `idle`: wanted, but no request runs. `holding`: the Mac does not fall asleep by itself now. */
export const keepAwakeStates = ['off', 'idle', 'holding'] as const;
export type KeepAwakeState = (typeof keepAwakeStates)[number];
export const memoryPressures = ['unknown', 'normal', 'warning', 'critical'] as const;
export type MemoryPressure = (typeof memoryPressures)[number];

export const macStatusSchema = z.strictObject({
  login: loginStatusSchema,
  power: z.strictObject({
    source: z.enum(powerSources),
    thermal: z.enum(thermalStates),
    keepAwake: z.enum(keepAwakeStates),
  }),
  memoryPressure: z.enum(memoryPressures),
});
export type MacStatus = z.infer<typeof macStatusSchema>;

const nothing = z.strictObject({});
const onOff = z.strictObject({ enabled: z.boolean() });

export const macCommands = {
  /** Only ever the answer to a click: the app never turns it on by itself. */
  'login.set': { input: onOff, output: nothing },
  /** The list of login items in System Settings. */
  'login.openSettings': { input: nothing, output: nothing },
  /** Unloads and removes the LaunchAgent of the command-line version. */
  'login.removeWatchdog': { input: nothing, output: nothing },
  'power.setKeepAwake': { input: onOff, output: nothing },
  /** Where macOS lets the user show a menu-bar icon again. */
  'menuBar.openSettings': { input: nothing, output: nothing },
} as const;
