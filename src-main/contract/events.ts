/** What the main process tells the window by itself. */
import * as z from 'zod';
import { statusChangeSchema } from './status.ts';

export const events = {
  'status.changed': statusChangeSchema,
  /** The window came to the front or went away: animations and clocks may pause. */
  'window.visibilityChanged': z.strictObject({ visible: z.boolean() }),
} as const;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<N extends EventName> = z.output<Events[N]>;
