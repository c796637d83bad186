/** What the rest of the app has of the engines' installation. Types only. */
import type { EngineName, EnginesStatus, engineCommands } from '../contract/engines.ts';
import type { Result } from '../contract/result.ts';
import type { CommandHandlers } from '../shell/command-handler.ts';
import type { EngineOptions } from '../stack/engine-flags.ts';

export interface Toolchain {
  readonly handlers: Pick<CommandHandlers, keyof typeof engineCommands>;
  /** Once at start: removes what a crash left half-made, then looks. */
  open(): Promise<void>;
  /** Looks for engines and uv anew and publishes what it finds. */
  refresh(): Promise<void>;
  /**
   * Installs, or updates to, the pinned versions; resolves when the last of them is in use or one has failed.
   * Those that `names` has of the pinned version already are done. Refused while another job runs.
   * The signal, like `engines.cancel`, ends it with the problem `cancelled`.
   */
  install(names: readonly EngineName[], signal?: AbortSignal): Promise<Result<void>>;
  status(): EnginesStatus;
  /** Which options the program has, as far as that is known: only of our own environments. */
  optionsOf(program: string): Promise<EngineOptions | null>;
  /** Ends a job that runs, and resolves when its processes are gone. */
  close(): Promise<void>;
}
