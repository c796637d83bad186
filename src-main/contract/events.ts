/** What the main process tells the window by itself. */
import * as z from 'zod';
import { logPlaceSchema } from './logs.ts';
import { settingsSchema } from './settings.ts';
import { statusChangeSchema } from './status.ts';

/** Views that something outside the window can ask for; `engines` is a section of the settings. */
const windowViews = ['overview', 'setup', 'models', 'cloud', 'logs', 'settings', 'engines'] as const;
export type WindowView = (typeof windowViews)[number];

export const events = {
  'status.changed': statusChangeSchema,
  /** The menu or a notification asked for a view, and in the logs for a line. */
  'view.chosen': z.strictObject({ view: z.enum(windowViews), log: logPlaceSchema.optional() }),
  /** While watched: some log has new lines, or files came and went. */
  'log.grew': z.strictObject({}),
  /** The settings as a whole, after each change of config.yaml, whoever made it. */
  'settings.changed': settingsSchema,
  /** The window came to the front or went away: animations and clocks may pause. */
  'window.visibilityChanged': z.strictObject({ visible: z.boolean() }),
} as const;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<N extends EventName> = z.output<Events[N]>;
