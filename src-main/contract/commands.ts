/** The commands the window may give: name, input and output. Nothing else crosses from the renderer. */
import * as z from 'zod';
import { capMaxUsd, chosenModelsMax, cloudModelSchema, cloudPrivacies } from './cloud.ts';
import { engineCommands } from './engines.ts';
import { logCommands } from './logs.ts';
import { macCommands } from './mac.ts';
import { modelCommands, repoSchema } from './models.ts';
import { problemSchema } from './result.ts';
import { settingsCommands } from './settings.ts';
import { setupCommands } from './setup.ts';
import { remedyKinds, snapshotSchema } from './status.ts';
import { updateCommands } from './updates.ts';

const nothing = z.strictObject({});
/** Dollars; `null` for none. */
const cap = z.number().min(0).max(capMaxUsd).nullable();
/** Not the tier-name rule itself: an unknown id is answered with a sentence, an absurd one is refused here. */
const serviceId = z.string().min(1).max(64);

export const commands = {
  /** The present state; `status.changed` events continue from its revision. */
  'status.read': { input: nothing, output: snapshotSchema },
  /** Takes back a quit, or a restart for an update, that waits for requests; does nothing where none waits. */
  'app.keepRunning': { input: nothing, output: nothing },
  'stack.start': { input: nothing, output: nothing },
  'stack.stop': { input: nothing, output: nothing },
  'service.start': { input: z.strictObject({ id: serviceId }), output: nothing },
  'service.stop': { input: z.strictObject({ id: serviceId }), output: nothing },
  'service.restart': { input: z.strictObject({ id: serviceId }), output: nothing },
  /** Performs a remedy that the service's last failure offers; any other is refused. */
  'service.remedy': {
    input: z.strictObject({ id: serviceId, kind: z.enum(remedyKinds) }),
    output: nothing,
  },
  /** Puts the last failure on the clipboard: what happened, what to do, the last lines. All of it is redacted. */
  'service.copyFailure': { input: z.strictObject({ id: serviceId }), output: nothing },
  /** Program, arguments and names of the environment that it was started with, or would be. Starts nothing. */
  'service.readCommand': {
    input: z.strictObject({ id: serviceId }),
    output: z.strictObject({
      isStarted: z.boolean(),
      /** Values of the environment are not in it. */
      text: z.string(),
      /** Why it could not be started: its program is missing. */
      problem: problemSchema.nullable(),
    }),
  },
  /** Puts that text on the clipboard. */
  'service.copyCommand': { input: z.strictObject({ id: serviceId }), output: nothing },
  /** Puts the base URL on the clipboard. */
  'endpoint.copyAddress': { input: nothing, output: nothing },
  /** Puts the gateway's API key on the clipboard; it is never sent to the renderer. */
  'endpoint.copyKey': { input: nothing, output: nothing },
  /** Puts a request with curl on the clipboard that works when it is pasted: with the gateway's API key. */
  'endpoint.copySample': { input: z.strictObject({ tier: serviceId }), output: nothing },
  /** Another API key for the gateway, which is restarted with it; the old one is refused from then on. */
  'gateway.rotateKey': { input: nothing, output: nothing },
  /** Asks the Keychain once more for what it did not give. */
  'keychain.askAgain': {
    input: z.strictObject({ account: z.enum(['openrouter', 'huggingface']) }),
    output: nothing,
  },
  /** The one way in for a key. It is checked with OpenRouter, kept in the Keychain, and never comes back. */
  'cloud.setKey': { input: z.strictObject({ key: z.string().min(1).max(4096) }), output: nothing },
  'cloud.removeKey': { input: nothing, output: nothing },
  /** Asks OpenRouter about the key: account, limit, usage. */
  'cloud.checkKey': { input: nothing, output: nothing },
  /** Opens OpenRouter's page in the browser; what comes of it is told by the status. */
  'cloud.signIn': { input: nothing, output: nothing },
  'cloud.cancelSignIn': { input: nothing, output: nothing },
  /** In force with the next request. */
  'cloud.setOptions': {
    input: z.strictObject({
      enabled: z.boolean().optional(),
      localOnly: z.boolean().optional(),
      dailyCapUsd: cap.optional(),
      monthlyCapUsd: cap.optional(),
      privacy: z.enum(cloudPrivacies).optional(),
    }),
    output: nothing,
  },
  /** OpenRouter's list, from memory while it is fresh. */
  'cloud.listModels': {
    input: nothing,
    output: z.strictObject({
      models: z.array(cloudModelSchema),
      fetchedAt: z.number(),
      /** Why it could not be fetched anew. */
      problem: problemSchema.nullable(),
    }),
  },
  /** The models to offer, the first as `premium`; none brings back those that the app proposes. */
  'cloud.setModels': {
    input: z.strictObject({ ids: z.array(z.string().min(1).max(256)).max(chosenModelsMax) }),
    output: nothing,
  },
  /** Opens one of a few known web pages in the browser, or a model's own at Hugging Face: by name, never by address. */
  'link.open': {
    input: z.strictObject({
      link: z.union([
        z.enum(['openrouter-keys', 'openrouter-credits']),
        z.strictObject({ modelRepo: repoSchema }),
      ]),
    }),
    output: nothing,
  },
  ...macCommands,
  ...logCommands,
  ...modelCommands,
  ...setupCommands,
  ...engineCommands,
  ...settingsCommands,
  ...updateCommands,
  'notice.dismiss': { input: z.strictObject({ id: z.string().min(1).max(128) }), output: nothing },
  /** Opens one of our own places in the Finder or the user's editor, addressed by name, never by path. */
  'place.open': {
    input: z.strictObject({ place: z.enum(['home', 'config', 'stack', 'logs', 'models']) }),
    output: nothing,
  },
} as const;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type CommandInput<N extends CommandName> = z.input<Commands[N]['input']>;
export type CommandOutput<N extends CommandName> = z.output<Commands[N]['output']>;
/** Keyed by name, so that a name and its input stay together in generic code. */
export type CommandInputs = { [N in CommandName]: CommandInput<N> };
/** A command together with its input, to be handed around before it is given. */
export type CommandCall = {
  [N in CommandName]: { readonly name: N; readonly input: CommandInput<N> };
}[CommandName];

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** What `call` resolves with: a refusal is a value too. */
export const replySchema = z.union([
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: problemSchema }),
]);
