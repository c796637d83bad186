/** Answers the window's commands: each is checked for sender, name, input and output. Plain Node: only types of electron here. */
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type * as z from 'zod';
import {
  type CommandInputs,
  type CommandName,
  type CommandOutput,
  commands,
  isCommandName,
} from '../contract/commands.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { commonWords, shellWords } from '../words/index.ts';
import { appOrigin } from './assets.ts';

type Outputs = { [N in CommandName]: CommandOutput<N> };

export type CommandHandlers = {
  readonly [N in CommandName]: (input: CommandInputs[N]) => Promise<Result<Outputs[N]>>;
};

export interface RegisterOptions {
  readonly isOurWindow: (sender: WebContents) => boolean;
  /** Takes secrets out of every text that goes to the window or to the log. */
  readonly redact: (text: string) => string;
  readonly log: (message: string) => void;
}

const schemas: {
  readonly [N in CommandName]: {
    readonly input: z.ZodType<CommandInputs[N]>;
    readonly output: z.ZodType<Outputs[N]>;
  };
} = commands;

/** What answers the channel. A sender that is not our page gets an exception, everyone else a `Result`. */
export function createCommandHandler(
  handlers: CommandHandlers,
  { isOurWindow, redact, log }: RegisterOptions,
): (event: IpcMainInvokeEvent, name: unknown, input: unknown) => Promise<Result<unknown>> {
  const redactProblem = (error: Problem): Problem =>
    problem(error.code, redact(error.message), error.hint === undefined ? undefined : redact(error.hint));

  const internalError = (name: string, cause: unknown): Result<never> => {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    log(redact(`Command ${name} failed unexpectedly: ${text}`));
    return fail(problem('internal-error', commonWords.insideMistake, commonWords.insideMistakeHint));
  };

  async function run<N extends CommandName>(name: N, input: unknown): Promise<Result<unknown>> {
    const parsed = schemas[name].input.safeParse(input);
    if (!parsed.success) {
      log(`Command ${name} was refused: its input is not valid.`);
      return fail(problem('invalid-input', shellWords.inputNotUnderstood));
    }
    try {
      const result = await handlers[name](parsed.data);
      if (!result.ok) return fail(redactProblem(result.error));
      return ok(schemas[name].output.parse(result.value));
    } catch (cause) {
      return internalError(name, cause);
    }
  }

  return async (event, name, input) => {
    if (!isOurPage(event, isOurWindow)) {
      log('A command was refused: it did not come from the page of our window.');
      throw new Error('Refused: unknown sender.');
    }
    if (typeof name !== 'string' || !isCommandName(name)) {
      log('A command was refused: there is none of that name.');
      return fail(problem('unknown-command', shellWords.commandUnknown));
    }
    return run(name, input);
  };
}

/** Our window, its main frame, our origin; a frame that has gone away is nobody. */
function isOurPage(event: IpcMainInvokeEvent, isOurWindow: (sender: WebContents) => boolean): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && frame.origin === appOrigin && isOurWindow(event.sender);
}
