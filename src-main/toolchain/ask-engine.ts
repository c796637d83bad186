/** Runs an engine for what it says of itself, in the environment that it has as a server. */
import type { EngineName } from '../contract/engines.ts';
import {
  childEnvironment,
  litellmEnvironment,
  type UserEnvironment,
  vllmMlxEnvironment,
} from '../stack/child-environment.ts';
import type { spawnGroup } from '../supervisor/child.ts';
import { type GroupOutcome, type GroupRun, runGroup } from './run-group.ts';

export interface AskDeps {
  readonly user: UserEnvironment;
  readonly emptyCwd: string;
  readonly spawn: typeof spawnGroup;
}

/** Its environment is in addition to what every server gets. */
export type EngineQuestion = Pick<GroupRun, 'args' | 'env' | 'maxStdoutCharacters'>;

export const helpQuestion = (name: EngineName): EngineQuestion => ({
  args: name === 'vllm-mlx' ? ['serve', '--help'] : ['--help'],
  env: { ...(name === 'vllm-mlx' ? vllmMlxEnvironment : litellmEnvironment), COLUMNS: '120' },
});
export const versionQuestion: EngineQuestion = {
  args: ['--version'],
  env: {},
  maxStdoutCharacters: 64 * 1024,
};

export function askEngine(
  program: string,
  question: EngineQuestion,
  deps: AskDeps,
  limitMs: number,
  signal: AbortSignal,
): Promise<GroupOutcome> {
  return runGroup(deps.spawn, {
    ...question,
    executable: program,
    env: childEnvironment(deps.user, program, question.env),
    cwd: deps.emptyCwd,
    limitMs,
    signal,
  });
}
