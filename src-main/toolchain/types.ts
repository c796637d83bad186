/** What the rest of the app has of the engines' installation. Types only. */
import type { CommandInputs, CommandOutput } from '../contract/commands.ts';
import type { EngineName, EnginesStatus, engineCommands } from '../contract/engines.ts';
import type { Result } from '../contract/result.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';

/** The window is not the toolchain's to open. */
export type EngineCommandName = Exclude<keyof typeof engineCommands, 'engines.show'>;
export type EngineHandlers = {
  readonly [N in EngineCommandName]: (input: CommandInputs[N]) => Promise<Result<CommandOutput<N>>>;
};

export interface Toolchain {
  readonly handlers: EngineHandlers;
  /** Once at start: removes what a crash left half-made, then looks. */
  open(): Promise<void>;
  /** Looks anew when the config names other programs than before. */
  configChanged(): void;
  /** Installs what a service lacks, and with it all that others lack: one click is enough. Answers when it has begun. */
  installFor(name: EngineName): Promise<Result<Record<string, never>>>;
  /** Looks for engines and uv anew and publishes what it finds. */
  refresh(): Promise<void>;
  /**
   * What a setup brings: those that are not there, must not run, or were found elsewhere by chance and not chosen.
   * A path in the config that leads to none is a refusal: nothing installed would be used.
   */
  lacking(): Promise<Result<readonly EngineName[]>>;
  /**
   * Installs, or updates to, the pinned versions; resolves when the last of them is in use or one has failed.
   * An engine of ours that has the pinned version already is left as it is. Refused while another job runs.
   * The signal, like `engines.cancel`, ends it with the problem `cancelled`.
   */
  install(names: readonly EngineName[], signal?: AbortSignal): Promise<Result<void>>;
  status(): EnginesStatus;
  /** Which options the vllm-mlx has; of one that is not ours, its help is read first. `null` where it does not say. */
  optionsOf(program: string): Promise<EngineOptions | null>;
  /** Ends a job that runs, and resolves when its processes are gone. */
  close(): Promise<void>;
}
