/** Where requests to OpenRouter go: its own address, or in a build that is not packaged a stand-in's on this machine. */
import type { Problem } from '../contract/result.ts';
import { loopbackUpstream, openRouter, type Upstream } from './openrouter.ts';

export const upstreamVariable = 'MLX_STACK_OPENROUTER_URL';

export interface UpstreamChoice {
  readonly upstream: Upstream;
  /** The variable was not followed. */
  readonly problem: Problem | null;
}

/** A packaged app never looks: whoever can set its environment must not be able to have the key sent to them. */
export function chooseUpstream(
  env: Readonly<Record<string, string | undefined>>,
  isPackaged: boolean,
): UpstreamChoice {
  const asked = env[upstreamVariable];
  if (isPackaged || asked === undefined || asked === '') return { upstream: openRouter, problem: null };
  const chosen = loopbackUpstream(asked);
  return chosen.ok
    ? { upstream: chosen.value, problem: null }
    : { upstream: openRouter, problem: chosen.error };
}
