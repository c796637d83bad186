/** The two functions that preload puts on `window.mlxStack`; types only. */
import type { CommandInput, CommandName, CommandOutput } from './commands.ts';
import type { EventName, EventPayload } from './events.ts';
import type { Result } from './result.ts';

export interface Bridge {
  call<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Result<CommandOutput<N>>>;
  /** Returns the function that ends the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
}

/** The single IPC channel of each direction; the command or event name travels inside the message. */
export const bridgeKey = 'mlxStack';
export const commandChannel = 'mlx-stack:command';
export const eventChannel = 'mlx-stack:event';
