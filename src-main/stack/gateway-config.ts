/** The LiteLLM proxy's configuration for a stack: deterministic text without any secret. */
import { stringify } from 'yaml';
import { stackWords } from '../words/index.ts';
import { engineTimeoutSeconds } from './tier-arguments.ts';

export interface GatewayTier {
  readonly name: string;
  readonly port: number;
  /** The longest prompt it takes, in tokens, or `null` when unknown. */
  readonly contextTokens: number | null;
}

/** The relay, which holds the key; the gateway has only this launch's secret for it, in its environment. */
export interface GatewayCloud {
  readonly baseUrl: string;
  readonly secretHeader: string;
  readonly fallbackHeader: string;
  readonly models: readonly string[];
}

export const relaySecretVariable = 'MLX_STACK_RELAY_SECRET';
/** Clients ask for this name, or for a model by its own. */
const premiumName = 'premium';
/**
 * Where requests end up that no local model answered. A group of its own, with a header of its own, so that the relay
 * can tell them from requests that were meant for the cloud; no tier's name can have a slash.
 */
const fallbackName = 'premium/fallback';

/** Longer than the tier's own limit, so that the tier's error arrives instead of ours. */
const deploymentTimeoutSeconds = engineTimeoutSeconds + 30;
/** Until the first and between two pieces of a stream: a long prompt takes minutes to read. */
const streamTimeoutSeconds = 300;
/** A restarted tier is back within seconds; the supervisor, not the gateway, decides what is well. */
const cooldownSeconds = 5;
/** A tier that is busy or just starting anew gets a second chance. */
const localRetries = 1;
/**
 * Whether a model in the cloud began before its answer was lost nobody knows: asked again, it could be billed twice. The
 * router's own number is 0 for the same reason, since some of LiteLLM's paths (Responses, Anthropic's messages) do not
 * heed that of a deployment (BerriAI/litellm issue 35071). A client's own `num_retries` outranks both.
 */
const cloudRetries = 0;
/**
 * How deep a fallback's own fallbacks are followed; every list is whole by itself. Deeper, the lists of tiers that are
 * down would lead to the cloud once each, and to its bill, for one request.
 */
const fallbackDepth = 1;

const header = stackWords.gatewayConfigHeader;

/**
 * All tiers are listed, running or not, so that the text changes only with the stack: a request to one that is
 * down fails at once (connection refused) and goes to its fallback.
 */
export function gatewayConfig(tiers: readonly GatewayTier[], cloud: GatewayCloud | null): string {
  const [premium] = cloud?.models ?? [];
  const last = premium === undefined ? [] : [fallbackName];
  const chain = (names: (tier: GatewayTier) => readonly string[]) =>
    tiers.flatMap((tier) => {
      const targets = [...names(tier), ...last];
      return targets.length === 0 ? [] : [{ [tier.name]: targets }];
    });
  const fallbacks = chain((tier) => others(tiers, tier));
  const larger = chain((tier) => tiersWithLargerContext(tiers, tier));
  const config = {
    model_list: [
      ...tiers.map(localDeployment),
      ...(cloud === null || premium === undefined ? [] : cloudDeployments(cloud, premium)),
    ],
    litellm_settings: {
      drop_params: true,
      request_timeout: deploymentTimeoutSeconds,
      turn_off_message_logging: true,
      redact_user_api_key_info: true,
      json_logs: true,
    },
    router_settings: {
      routing_strategy: 'simple-shuffle',
      num_retries: cloudRetries,
      timeout: deploymentTimeoutSeconds,
      allowed_fails: 3,
      cooldown_time: cooldownSeconds,
      enable_pre_call_checks: true,
      ...(fallbacks.length === 0 ? {} : { fallbacks, max_fallbacks: fallbackDepth }),
      ...(larger.length === 0 ? {} : { context_window_fallbacks: larger }),
    },
    general_settings: {
      master_key: 'os.environ/LITELLM_MASTER_KEY',
      disable_spend_logs: true,
      disable_error_logs: true,
      background_health_checks: false,
    },
  };
  /** LiteLLM reads YAML 1.1, where a tier named `on` or `2026-01-01` would not be text: all text is quoted. */
  return (
    header +
    stringify(config, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' })
  );
}

function localDeployment(tier: GatewayTier): object {
  return {
    model_name: tier.name,
    litellm_params: {
      model: `openai/${tier.name}`,
      api_base: `http://127.0.0.1:${tier.port}/v1`,
      /** The tiers ask for none, LiteLLM for any. */
      api_key: 'local',
      num_retries: localRetries,
      timeout: deploymentTimeoutSeconds,
      stream_timeout: streamTimeoutSeconds,
    },
    model_info: {
      id: `local-${tier.name}`,
      mode: 'chat',
      ...(tier.contextTokens === null ? {} : { max_input_tokens: tier.contextTokens }),
      disable_background_health_check: true,
    },
  };
}

/** Each group holds one model: LiteLLM would spread requests over several, whatever they cost. */
function cloudDeployments(cloud: GatewayCloud, premium: string): object[] {
  const deployment = (name: string, model: string, id: string, headers: Record<string, string> = {}) => ({
    model_name: name,
    litellm_params: {
      model: `openrouter/${model}`,
      api_base: cloud.baseUrl,
      /** LiteLLM asks for any; the relay puts the real one in its place. */
      api_key: 'relay',
      extra_headers: { [cloud.secretHeader]: `os.environ/${relaySecretVariable}`, ...headers },
      num_retries: cloudRetries,
      timeout: deploymentTimeoutSeconds,
      stream_timeout: streamTimeoutSeconds,
    },
    model_info: { id, mode: 'chat', disable_background_health_check: true },
  });
  return [
    deployment(premiumName, premium, 'cloud-premium'),
    ...cloud.models.map((model) => deployment(model, model, `cloud-${model}`)),
    deployment(fallbackName, premium, 'cloud-fallback', { [cloud.fallbackHeader]: '1' }),
  ];
}

/** A ring from the tier on: the CLI's chain leaves the last tier without a local fallback. */
function others(tiers: readonly GatewayTier[], tier: GatewayTier): string[] {
  const index = tiers.indexOf(tier);
  return [...tiers.slice(index + 1), ...tiers.slice(0, index)].map((other) => other.name);
}

/** The smallest that is larger first: it is likely the fastest that can do it. */
function tiersWithLargerContext(tiers: readonly GatewayTier[], tier: GatewayTier): string[] {
  const own = tier.contextTokens;
  if (own === null) return [];
  return tiers
    .flatMap((other) =>
      other.contextTokens === null || other.contextTokens <= own
        ? []
        : [{ name: other.name, tokens: other.contextTokens }],
    )
    .sort((a, b) => a.tokens - b.tokens)
    .map((other) => other.name);
}
