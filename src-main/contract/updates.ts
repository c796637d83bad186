/** What crosses to the window of updates of the app itself. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

const nothing = z.strictObject({});

export const updateStates = [
  /** This copy of the app cannot be updated; `problem` says why. */
  'unavailable',
  'idle',
  'checking',
  'downloading',
  /** macOS compares the download's signature with this app's. */
  'verifying',
  /** Restarting, or quitting, installs it. */
  'ready',
  'failed',
] as const;

/** The part of the snapshot. */
export const updateStatusSchema = z.strictObject({
  state: z.enum(updateStates),
  /** Of the update, while there is one. */
  version: z.string().nullable(),
  /** Of the download, 0 to 1. */
  fraction: z.number().min(0).max(1).nullable(),
  /** When it was last known whether there is one. */
  checkedAt: z.number().nullable(),
  problem: problemSchema.nullable(),
});
export type UpdateStatus = z.infer<typeof updateStatusSchema>;

export const updateCommands = {
  /** Looks for an update now, and downloads it when there is one. */
  'update.check': { input: nothing, output: nothing },
  /** Quits, installs and opens again; asks first while requests run. */
  'update.install': { input: nothing, output: nothing },
} as const;
