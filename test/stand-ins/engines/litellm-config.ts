/** Reads the proxy's config.yaml: deployments, router settings, the master key, and what LiteLLM refuses in them. */
import { parse } from 'yaml';
import { isRecord, type Json, listOf, numberOf, recordOf, textOf } from './values.ts';

export interface Deployment {
  readonly group: string;
  readonly id: string;
  readonly provider: 'openai' | 'openrouter' | 'hosted_vllm';
  /** What the upstream is asked for: the model without its provider prefix. */
  readonly upstreamModel: string;
  readonly apiBase: string;
  readonly apiKey: string;
  readonly extraHeaders: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly streamTimeoutMs: number;
  /** `null`: as the router says. */
  readonly numRetries: number | null;
  readonly maxInputTokens: number | null;
  readonly skipBackgroundCheck: boolean;
  readonly info: Json;
}

export type Fallbacks = ReadonlyMap<string, readonly string[]>;

export interface ProxyConfig {
  readonly deployments: readonly Deployment[];
  readonly fallbacks: Fallbacks;
  readonly contextWindowFallbacks: Fallbacks;
  readonly defaultFallbacks: readonly string[];
  /** How many levels of fallbacks within fallbacks; it does not cut a list short. */
  readonly maxFallbacks: number;
  readonly numRetries: number;
  readonly cooldownMs: number;
  readonly cooldownsDisabled: boolean;
  /** Null where it stands at its default, which single-deployment groups treat differently. */
  readonly allowedFails: number | null;
  readonly preCallChecks: boolean;
  readonly groupAliases: ReadonlyMap<string, string>;
  readonly masterKey: string | null;
  readonly backgroundHealthChecks: boolean;
  readonly healthCheckIntervalMs: number;
}

export type ConfigRead =
  | { readonly ok: true; readonly value: ProxyConfig }
  /** `syntax` ends the command itself, `meaning` fails the server's lifespan. */
  | { readonly ok: false; readonly error: { readonly kind: 'syntax' | 'meaning'; readonly message: string } };

const DEFAULT_NUM_RETRIES = 2;
const DEFAULT_MAX_FALLBACKS = 5;
const DEFAULT_COOLDOWN_SECONDS = 5;
const DEFAULT_ALLOWED_FAILS = 3;
const DEFAULT_TIMEOUT_SECONDS = 600;
const DEFAULT_HEALTH_CHECK_SECONDS = 300;
const OPENAI_BASE = 'https://api.openai.com/v1';
const OPENROUTER_BASE = 'https://openrouter.ai/api/v1';
const ENV_REFERENCE = 'os.environ/';

class ConfigError extends Error {}

function resolveReferences(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') {
    return value.startsWith(ENV_REFERENCE) ? env[value.slice(ENV_REFERENCE.length)] : value;
  }
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, env));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveReferences(item, env)]));
}

/** Since 1.109 a fallback target is a list; the string form is gone. */
function readFallbacks(value: unknown, setting: string): Fallbacks {
  if (value === undefined || value === null) return new Map();
  if (!Array.isArray(value)) throw new ConfigError(`ValueError: ${setting} must be a list of dictionaries.`);
  const entries = value.map((item): readonly [string, readonly string[]] => {
    if (!isRecord(item)) throw new ConfigError(`ValueError: Item '${String(item)}' is not a dictionary.`);
    const keys = Object.keys(item);
    const [group] = keys;
    if (group === undefined || keys.length !== 1) {
      throw new ConfigError(
        `ValueError: Dictionary '${JSON.stringify(item)}' must have exactly one key, but has ${keys.length} keys.`,
      );
    }
    const targets = item[group];
    if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) {
      throw new ConfigError(
        `ValueError: ${setting} targets of '${group}' must be a list of model names, got ${JSON.stringify(targets)}.`,
      );
    }
    return [group, targets];
  });
  return new Map(entries);
}

function readHeaders(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([name, header]) =>
      typeof header === 'string' || typeof header === 'number' ? [[name, String(header)]] : [],
    ),
  );
}

function readDeployment(
  item: unknown,
  index: number,
  env: NodeJS.ProcessEnv,
  requestTimeoutSeconds: number,
): Deployment {
  const entry = recordOf(item);
  const group = textOf(entry['model_name']);
  if (group === undefined) throw new ConfigError(`ValueError: model_list[${index}] has no model_name.`);
  const params = recordOf(entry['litellm_params']);
  const model = textOf(params['model']) ?? '';
  const slash = model.indexOf('/');
  const provider = model.slice(0, Math.max(0, slash));
  const upstreamModel = model.slice(slash + 1);
  if (provider !== 'openai' && provider !== 'openrouter' && provider !== 'hosted_vllm') {
    throw new ConfigError(
      `litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you are trying to call. You passed model=${model}`,
    );
  }
  const envKey =
    provider === 'openrouter' ? (env['OPENROUTER_API_KEY'] ?? env['OR_API_KEY']) : env['OPENAI_API_KEY'];
  const apiKey = textOf(params['api_key']) || envKey || (provider === 'hosted_vllm' ? 'fake-api-key' : '');
  if (apiKey === '') {
    throw new ConfigError(
      `openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable (deployment '${group}')`,
    );
  }
  const base =
    textOf(params['api_base']) ??
    (provider === 'openrouter' ? (env['OPENROUTER_API_BASE'] ?? OPENROUTER_BASE) : OPENAI_BASE);
  const info = recordOf(entry['model_info']);
  const timeoutSeconds = numberOf(params['timeout']) ?? requestTimeoutSeconds;
  return {
    group,
    id: textOf(info['id']) ?? `${group}-${index}`,
    provider,
    upstreamModel,
    apiBase: base.replace(/\/+$/, ''),
    apiKey,
    extraHeaders: readHeaders(params['extra_headers'] ?? params['headers']),
    timeoutMs: timeoutSeconds * 1000,
    streamTimeoutMs: (numberOf(params['stream_timeout']) ?? timeoutSeconds) * 1000,
    numRetries: numberOf(params['num_retries']) ?? null,
    maxInputTokens: numberOf(info['max_input_tokens']) ?? null,
    skipBackgroundCheck: info['disable_background_health_check'] === true,
    info,
  };
}

export function readProxyConfig(yamlText: string, env: NodeJS.ProcessEnv): ConfigRead {
  let document: unknown;
  try {
    document = parse(yamlText);
  } catch (error) {
    return {
      ok: false,
      error: { kind: 'syntax', message: error instanceof Error ? error.message : String(error) },
    };
  }
  if (!isRecord(document)) {
    return { ok: false, error: { kind: 'syntax', message: 'Exception: Config cannot be None or Empty.' } };
  }
  const root = recordOf(resolveReferences(document, env));
  const litellm = recordOf(root['litellm_settings']);
  /** router_settings win over litellm_settings. */
  const router = { ...litellm, ...recordOf(root['router_settings']) };
  const general = recordOf(root['general_settings']);
  const allowedFails = numberOf(router['allowed_fails']) ?? DEFAULT_ALLOWED_FAILS;
  try {
    const timeoutSeconds =
      numberOf(router['timeout']) ?? numberOf(litellm['request_timeout']) ?? DEFAULT_TIMEOUT_SECONDS;
    const deployments = listOf(root['model_list']).map((item, index) =>
      readDeployment(item, index, env, timeoutSeconds),
    );
    const ids = deployments.map((deployment) => deployment.id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) throw new ConfigError(`ValueError: model id '${twice}' is used twice.`);
    return {
      ok: true,
      value: {
        deployments,
        fallbacks: readFallbacks(router['fallbacks'], 'fallbacks'),
        contextWindowFallbacks: readFallbacks(router['context_window_fallbacks'], 'context_window_fallbacks'),
        defaultFallbacks: listOf(router['default_fallbacks']).flatMap((name) => textOf(name) ?? []),
        maxFallbacks: numberOf(router['max_fallbacks']) ?? DEFAULT_MAX_FALLBACKS,
        numRetries: numberOf(router['num_retries']) ?? DEFAULT_NUM_RETRIES,
        cooldownMs: (numberOf(router['cooldown_time']) ?? DEFAULT_COOLDOWN_SECONDS) * 1000,
        cooldownsDisabled: router['disable_cooldowns'] === true,
        allowedFails: allowedFails === DEFAULT_ALLOWED_FAILS ? null : allowedFails,
        preCallChecks: router['enable_pre_call_checks'] === true,
        groupAliases: new Map(
          Object.entries(recordOf(router['model_group_alias'])).flatMap(([alias, group]) =>
            typeof group === 'string' ? [[alias, group]] : [],
          ),
        ),
        masterKey: textOf(general['master_key']) || null,
        backgroundHealthChecks: general['background_health_checks'] === true,
        healthCheckIntervalMs:
          (numberOf(general['health_check_interval']) ?? DEFAULT_HEALTH_CHECK_SECONDS) * 1000,
      },
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ok: false, error: { kind: 'meaning', message: error.message } };
  }
}
