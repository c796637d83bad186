/** Runs an engine for its `--help` or its `--version`, in the environment that it has as a server. */
import type { EngineName } from '../contract/engines.ts';
import {
  childEnvironment,
  litellmEnvironment,
  type UserEnvironment,
  vllmMlxEnvironment,
} from '../stack/child-environment.ts';
import type { spawnGroup } from '../supervisor/child.ts';
import { type GroupOutcome, runGroup } from './run-group.ts';

export interface HelpDeps {
  readonly user: UserEnvironment;
  readonly emptyCwd: string;
  readonly spawn: typeof spawnGroup;
}

export function askHelp(
  name: EngineName,
  program: string,
  deps: HelpDeps,
  limitMs: number,
  signal: AbortSignal,
): Promise<GroupOutcome> {
  return runGroup(deps.spawn, {
    executable: program,
    args: name === 'vllm-mlx' ? ['serve', '--help'] : ['--help'],
    env: childEnvironment(deps.user, program, {
      ...(name === 'vllm-mlx' ? vllmMlxEnvironment : litellmEnvironment),
      COLUMNS: '120',
    }),
    cwd: deps.emptyCwd,
    limitMs,
    signal,
  });
}

const maxVersionCharacters = 64 * 1024;

export function askVersion(
  program: string,
  deps: HelpDeps,
  limitMs: number,
  signal: AbortSignal,
): Promise<GroupOutcome> {
  return runGroup(deps.spawn, {
    executable: program,
    args: ['--version'],
    env: childEnvironment(deps.user, program, {}),
    cwd: deps.emptyCwd,
    limitMs,
    signal,
    maxStdoutCharacters: maxVersionCharacters,
  });
}
