/** Every file location of the app, derived once from the home folder. */
import os from 'node:os';
import path from 'node:path';

export interface Paths {
  /** The data folder: `~/.mlx-stack`, or `$MLX_STACK_HOME`. */
  readonly home: string;
  readonly config: string;
  readonly stack: string;
  readonly litellmConfig: string;
  /** What this Mac is. */
  readonly profile: string;
  /** What Hugging Face last said of its models. */
  readonly discovered: string;
  readonly desired: string;
  /** What setup was asked to do, while it is at it. */
  readonly setup: string;
  readonly ledger: string;
  /** Where the window was left. */
  readonly window: string;
  readonly usage: string;
  /** What was measured on this Mac, a file for each profile. */
  readonly benchmarks: string;
  /** The CLI's record of what it downloaded. */
  readonly downloaded: string;
  readonly logs: string;
  readonly models: string;
  readonly engines: string;
  /** Working directory of every child: empty, ours, so that nothing lying about is read as configuration. */
  readonly emptyCwd: string;
}

export function derivePaths(home: string): Paths {
  const at = (...parts: string[]) => path.join(home, ...parts);
  return {
    home,
    config: at('config.yaml'),
    stack: at('stacks', 'default.yaml'),
    litellmConfig: at('litellm.yaml'),
    profile: at('profile.json'),
    discovered: at('cache', 'discovered-models.json'),
    desired: at('desired.json'),
    setup: at('setup.json'),
    ledger: at('ledger.json'),
    window: at('window.json'),
    usage: at('usage.jsonl'),
    benchmarks: at('benchmarks'),
    downloaded: at('models.json'),
    logs: at('logs'),
    models: at('models'),
    engines: at('engines'),
    emptyCwd: at('run', 'empty'),
  };
}

/** `$MLX_STACK_HOME` when it is an absolute path, as in the CLI; otherwise `~/.mlx-stack`. */
export function homeFrom(env: NodeJS.ProcessEnv, userHome: string = os.homedir()): string {
  const chosen = env['MLX_STACK_HOME'];
  return chosen && path.isAbsolute(chosen) ? path.normalize(chosen) : path.join(userHome, '.mlx-stack');
}
