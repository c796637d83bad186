/** The command line of `litellm` (click): its options, the environment variables behind them, and what it makes of both. */
import { nameOf, type OptionSpec, type OptionValue, type Refusal, readValue } from './command-line.ts';

export const LITELLM_VERSION = '1.109.0';

const flag = (...names: string[]): OptionSpec => ({ names, type: 'flag' });
const text = (...names: string[]): OptionSpec => ({ names, type: 'text' });
const integer = (...names: string[]): OptionSpec => ({ names, type: 'integer' });

export const LITELLM_OPTIONS: readonly OptionSpec[] = [
  { names: ['--host'], type: 'text', env: 'HOST' },
  { names: ['--port'], type: 'integer', env: 'PORT' },
  { names: ['--num_workers'], type: 'integer', env: 'NUM_WORKERS' },
  { names: ['--debug'], type: 'flag', env: 'DEBUG' },
  { names: ['--detailed_debug'], type: 'flag', env: 'DETAILED_DEBUG' },
  text('--config', '-c'),
  text('--model', '-m'),
  text('--alias'),
  text('--api_base'),
  text('--api_version'),
  text('--add_key'),
  text('--headers'),
  flag('--save'),
  flag('--use_queue'),
  { names: ['--temperature'], type: 'number' },
  integer('--max_tokens'),
  { names: ['--request_timeout'], type: 'number' },
  flag('--drop_params'),
  flag('--add_function_to_prompt'),
  { names: ['--max_budget'], type: 'number' },
  { names: ['--telemetry'], type: 'boolean' },
  text('--log_config'),
  flag('--version', '-v'),
  flag('--health'),
  flag('--test'),
  flag('--test_async'),
  integer('--num_requests'),
  flag('--validate_config'),
  flag('--skip_server_startup'),
  integer('--keepalive_timeout'),
  integer('--max_requests_before_restart'),
  integer('--limit_concurrency'),
  flag('--run_gunicorn'),
  flag('--run_hypercorn'),
  flag('--run_granian'),
  integer('--prometheus_metrics_port'),
  flag('--iam_token_db_auth'),
  flag('--use_prisma_db_push'),
  flag('--local'),
  text('--ssl_keyfile_path'),
  text('--ssl_certfile_path'),
  text('--ssl_certfile'),
  text('--ciphers'),
];

export interface ProxySettings {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly debug: boolean;
  readonly config: string | null;
  readonly version: boolean;
  readonly validateConfig: boolean;
  readonly skipServerStartup: boolean;
  /** An option that is real and that this stand-in cannot act on. */
  readonly unsupported: string | null;
}

export type ProxySettingsRead =
  | { readonly ok: true; readonly value: ProxySettings }
  | { readonly ok: false; readonly error: Refusal };

const UNSUPPORTED = [
  '--health',
  '--test',
  '--test_async',
  '--model',
  '--run_gunicorn',
  '--run_hypercorn',
  '--run_granian',
];

/** A variable counts where the option is not given, and a bad one is an error like a bad option. */
export function readProxySettings(
  given: ReadonlyMap<string, OptionValue>,
  env: NodeJS.ProcessEnv,
): ProxySettingsRead {
  const values = new Map(given);
  for (const option of LITELLM_OPTIONS) {
    const fromEnv = option.env === undefined ? undefined : env[option.env];
    if (option.env === undefined || fromEnv === undefined || fromEnv === '' || values.has(nameOf(option)))
      continue;
    const value = readValue(option, fromEnv);
    if (value === null) {
      return { ok: false, error: { kind: 'value-bad', option, given: fromEnv, fromEnv: option.env } };
    }
    values.set(nameOf(option), value);
  }
  const numeric = (name: string, fallback: number) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : fallback;
  };
  const textual = (name: string) => {
    const value = values.get(name);
    return typeof value === 'string' ? value : null;
  };
  return {
    ok: true,
    value: {
      host: textual('--host') ?? '0.0.0.0',
      port: numeric('--port', 4000),
      workers: numeric('--num_workers', 1),
      debug: values.get('--debug') === true || values.get('--detailed_debug') === true,
      config: textual('--config'),
      version: values.get('--version') === true,
      validateConfig: values.get('--validate_config') === true,
      skipServerStartup: values.get('--skip_server_startup') === true,
      unsupported: UNSUPPORTED.find((name) => values.has(name)) ?? null,
    },
  };
}
