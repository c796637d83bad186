/** What crosses to the window of models: those on disk, those to be had, and the downloads between the two. */
import * as z from 'zod';
import { problemSchema } from './result.ts';

const nothing = z.strictObject({});
/** Not the rule for a repository's name itself: a strange one is answered with a sentence, an absurd one is refused here. */
export const repoSchema = z.string().min(1).max(200);
/** Of an installed model: opaque, and good for the list it came with. */
const modelKey = z.string().min(1).max(2048);
const bytes = z.number().nonnegative();

export const downloadStates = [
  /** Behind others. */
  'queued',
  /** Asks what files there are, and whether the disk holds them. */
  'preparing',
  'downloading',
  'verifying',
  /** By the user. */
  'paused',
  /** For the network or a rate limit; goes on by itself. */
  'waiting',
  'failed',
  'done',
] as const;
export type DownloadState = (typeof downloadStates)[number];

export const downloadSchema = z.strictObject({
  repo: repoSchema,
  name: z.string(),
  state: z.enum(downloadStates),
  /** The state in words: "Downloading", "Checking the files", "Waits for the network". */
  detail: z.string(),
  doneBytes: bytes,
  /** `null` until the list of files is known. */
  totalBytes: bytes.nullable(),
  /** Over the last seconds; `null` while nothing moves. */
  bytesPerSecond: bytes.nullable(),
  secondsLeft: bytes.nullable(),
  /** Why it waits or failed; its hint is what to do. */
  problem: problemSchema.nullable(),
});
export type Download = z.infer<typeof downloadSchema>;

export const installedPlaces = ['ours', 'hugging-face', 'lm-studio', 'added'] as const;

/** A folder with a model. */
export const foundModelSchema = z.strictObject({
  key: modelKey,
  name: z.string(),
  /** Where it comes from, when that is known. */
  repo: z.string().nullable(),
  place: z.enum(installedPlaces),
  folder: z.string(),
  sizeBytes: bytes,
  quant: z.string().nullable(),
  contextTokens: z.number().nullable(),
  /** `unverified`: complete by its own index, but its files were never compared with what the repository says. */
  state: z.enum(['ready', 'unverified', 'incomplete']),
  /** What is missing, in words; `null` unless incomplete. */
  lacks: z.string().nullable(),
  /** Names of the tiers that use it. */
  tiers: z.array(z.string()),
  /** Only what we downloaded, and nothing uses, may be deleted. */
  isDeletable: z.boolean(),
});
export type FoundModel = z.infer<typeof foundModelSchema>;

/** Once for each repository and quantisation; its tiers are those that use it from any of its folders. */
export const installedModelSchema = foundModelSchema.extend({
  /** The same in other places. */
  others: z.array(foundModelSchema),
});
export type InstalledModel = z.infer<typeof installedModelSchema>;

export const browsedModelSchema = z.strictObject({
  repo: z.string(),
  name: z.string(),
  family: z.string().nullable(),
  quant: z.string().nullable(),
  parametersB: z.number().nullable(),
  activeParametersB: z.number().nullable(),
  /** Of the download; `null` until looked at. */
  sizeBytes: bytes.nullable(),
  downloads: z.number().nullable(),
  contextTokens: z.number().nullable(),
  tools: z.boolean(),
  vision: z.boolean(),
  thinking: z.boolean(),
  gated: z.boolean(),
  /** In the catalogue, and chosen by the plan for this Mac. */
  isRecommended: z.boolean(),
  /** What this Mac makes of it, in a sentence; `null` where it is not in the catalogue and was not looked up. */
  verdict: z.string().nullable(),
  fits: z.boolean().nullable(),
  /** Tokens per second, an estimate unless measured here. */
  speed: z.strictObject({ lowTps: z.number(), highTps: z.number(), isMeasured: z.boolean() }).nullable(),
  installed: z.boolean(),
});
export type BrowsedModel = z.infer<typeof browsedModelSchema>;

export const modelDetailsSchema = z.strictObject({
  repo: z.string(),
  name: z.string(),
  commit: z.string(),
  sizeBytes: bytes,
  quant: z.string().nullable(),
  contextTokens: z.number().nullable(),
  /** Weights, conversation and overhead at `atContextTokens`. */
  memoryBytes: bytes.nullable(),
  atContextTokens: z.number().nullable(),
  toolParser: z.string().nullable(),
  reasoningParser: z.string().nullable(),
  verdict: z.string().nullable(),
});
export type ModelInformation = z.infer<typeof modelDetailsSchema>;

/** Of a model on this Mac whose files are compared with what its repository says. */
export const modelCheckSchema = z.strictObject({
  key: modelKey,
  name: z.string(),
  /** `matched`: every file is as the repository has it. */
  state: z.enum(['queued', 'checking', 'matched', 'failed']),
  doneBytes: bytes,
  /** `null` until the list of files is known. */
  totalBytes: bytes.nullable(),
  /** Why it failed; where files differ it names them. */
  problem: problemSchema.nullable(),
  /** Files differ: `models.downloadAgain` fetches those. */
  differs: z.boolean(),
});
export type ModelCheck = z.infer<typeof modelCheckSchema>;

export const secretStateSchema = z.enum(['present', 'absent', 'denied', 'locked', 'unavailable']);

/** The part of the snapshot. */
export const modelsStatusSchema = z.strictObject({
  /** In the order of the queue. */
  downloads: z.array(downloadSchema),
  /** In the order asked for. */
  checks: z.array(modelCheckSchema),
  /** Grows whenever a model came, went or changed: `models.list` is then worth asking again. */
  inventoryRevision: z.number().int(),
  /** Of Hugging Face: for models that ask for an account. */
  token: z.strictObject({
    state: secretStateSchema,
    last4: z.string().nullable(),
    /** Why the Keychain did not give it. */
    problem: problemSchema.nullable(),
  }),
});
export type ModelsStatus = z.infer<typeof modelsStatusSchema>;

export const modelCommands = {
  'models.list': {
    input: nothing,
    output: z.strictObject({
      models: z.array(installedModelSchema),
      /** Folders that the user added. */
      folders: z.array(z.string()),
      freeDiskBytes: bytes.nullable(),
    }),
  },
  /** Hugging Face's list with the catalogue; `refresh` asks anew. */
  'models.browse': {
    input: z.strictObject({ refresh: z.boolean() }),
    output: z.strictObject({
      models: z.array(browsedModelSchema),
      source: z.enum(['live', 'cache', 'shipped']),
      fetchedAt: z.number().nullable(),
      notice: problemSchema.nullable(),
    }),
  },
  /** Of a repository by its name or the address of its page, whether a list has it or not; it is in the list from then on. */
  'models.lookUp': {
    input: z.strictObject({ text: z.string().min(1).max(500) }),
    output: browsedModelSchema,
  },
  'models.details': { input: z.strictObject({ repo: repoSchema }), output: modelDetailsSchema },
  /** Puts it into the queue; what was begun goes on where it ended. */
  'models.download': { input: z.strictObject({ repo: repoSchema }), output: nothing },
  'models.pauseDownload': { input: z.strictObject({ repo: repoSchema }), output: nothing },
  /** A paused or failed one goes on. */
  'models.resumeDownload': { input: z.strictObject({ repo: repoSchema }), output: nothing },
  /** Ends it and deletes what there is of it; of one that is done only the line. */
  'models.cancelDownload': { input: z.strictObject({ repo: repoSchema }), output: nothing },
  /** Compares what is there with what its repository says; where all of it matches it is ready. */
  'models.verify': { input: z.strictObject({ key: modelKey }), output: nothing },
  /** Ends it; of one that is over only the line. */
  'models.cancelVerify': { input: z.strictObject({ key: modelKey }), output: nothing },
  /** Downloads what is missing or differs; what is there stays in use until the whole, verified model takes its place. */
  'models.downloadAgain': {
    /** Anew: also what is as it should be. */
    input: z.strictObject({ key: modelKey, isAnew: z.boolean().optional() }),
    output: nothing,
  },
  'models.delete': { input: z.strictObject({ key: modelKey }), output: nothing },
  'models.reveal': { input: z.strictObject({ key: modelKey }), output: nothing },
  /** Asks for a folder with models of another app; it is used in place and never changed. */
  'models.addFolder': { input: nothing, output: nothing },
  'models.removeFolder': { input: z.strictObject({ folder: z.string().min(1).max(1024) }), output: nothing },
  /** The one way in for a Hugging Face token; kept in the Keychain, it never comes back. */
  'models.setToken': { input: z.strictObject({ token: z.string().min(1).max(4096) }), output: nothing },
  'models.removeToken': { input: nothing, output: nothing },
} as const;
