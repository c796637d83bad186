/** What setup was asked to do, kept in home from its begin to its end, so that the next launch can go on with it. */
import * as z from 'zod';
import { ok, type Result } from '../contract/result.ts';
import { intents, tiersMax } from '../contract/setup.ts';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';

export const maxRecordBytes = 64 * 1024;

const text = z.string().max(200);
/** One model as it goes into the stack file. */
const chosenSchema = z.strictObject({
  name: text,
  /** Repository, or the folder of a model. */
  source: z.string().min(1).max(1024),
  model: text,
  displayName: text,
  quant: text,
  contextTokens: z.number().int(),
  /** As planned; what it really is the download tells. */
  downloadBytes: z.number().nonnegative(),
});
export type Chosen = z.infer<typeof chosenSchema>;

const jobSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('setup'),
    intent: z.enum(intents),
    profileId: text,
    createdAtMs: z.number(),
    tiers: z.array(chosenSchema).min(1).max(tiersMax),
  }),
  /** A model of the stack that had to be downloaded first. */
  z.strictObject({ kind: z.enum(['add', 'swap']), tier: chosenSchema }),
]);
export type Job = z.infer<typeof jobSchema>;

const recordSchema = z.strictObject({ version: z.literal(1), job: jobSchema.nullable() });

export interface JobRecord {
  /** What an earlier run left; a file that cannot be used is replaced: nothing in it is lost but a choice. */
  read(): Promise<Job | null>;
  write(job: Job | null): Promise<Result<unknown>>;
}

export function createJobRecord(files: HomeFiles, file: string): JobRecord {
  /** Most launches leave no file behind for a setup that never was. */
  let isEmpty = false;
  return {
    async read() {
      const read = await readJson(files, file, recordSchema, maxRecordBytes);
      isEmpty = read.kind === 'absent' || (read.kind === 'value' && read.value.job === null);
      return read.kind === 'value' ? read.value.job : null;
    },
    async write(job) {
      if (job === null && isEmpty) return ok(undefined);
      const written = await writeJson(files, file, { version: 1, job });
      if (written.ok) isEmpty = job === null;
      return written;
    },
  };
}
