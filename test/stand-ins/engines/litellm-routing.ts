/** Pure: LiteLLM's router decisions. Which deployment is asked, what is retried, what cools down, where a request falls back. */
import { countTokens } from './generated-text.ts';
import type { Deployment, ProxyConfig } from './litellm-config.ts';
import { type Json, listOf, numberOf, recordOf, textOf } from './values.ts';

/** A failed call, in LiteLLM's terms. */
export interface CallFailure {
  readonly status: number;
  /** LiteLLM's exception class. */
  readonly type: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

export interface DeploymentHealth {
  readonly failures: number;
  readonly successes: number;
  readonly cooldownUntilMs: number;
}
export const FRESH_HEALTH: DeploymentHealth = { failures: 0, successes: 0, cooldownUntilMs: 0 };

const SINGLE_DEPLOYMENT_FAILURES = 1000;
const LEAST_REQUESTS_TO_JUDGE = 5;
const FAILURE_SHARE = 0.5;

const EXCEPTION_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  408: 'Timeout',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
  502: 'BadGatewayError',
  503: 'ServiceUnavailableError',
};

export function exceptionFor(status: number): string {
  return EXCEPTION_BY_STATUS[status] ?? (status >= 500 ? 'InternalServerError' : 'APIError');
}

export function providerException(deployment: Deployment): string {
  return deployment.provider === 'openrouter' ? 'OpenrouterException' : 'OpenAIException';
}

export function deploymentsOf(config: ProxyConfig, group: string): readonly Deployment[] {
  const name = config.groupAliases.get(group) ?? group;
  return config.deployments.filter((deployment) => deployment.group === name);
}

/** The groups a client may name: deployments' and aliases', each once, in the order of the file. */
export function groupNames(config: ProxyConfig): readonly string[] {
  return [
    ...new Set([...config.deployments.map((deployment) => deployment.group), ...config.groupAliases.keys()]),
  ];
}

export function estimateInputTokens(body: Json): number {
  const messages = listOf(body['messages']).map((message) => {
    const content = recordOf(message)['content'];
    return typeof content === 'string' ? content : JSON.stringify(content ?? '');
  });
  return countTokens([...messages, textOf(body['prompt']) ?? ''].join(''));
}

export type Choice =
  | { readonly kind: 'chosen'; readonly deployment: Deployment }
  | { readonly kind: 'failed'; readonly failure: CallFailure };

/** simple-shuffle among those that are not cooling down and, with pre-call checks, large enough. */
export function chooseDeployment(
  config: ProxyConfig,
  group: string,
  body: Json,
  health: ReadonlyMap<string, DeploymentHealth>,
  nowMs: number,
  random: () => number,
): Choice {
  const all = deploymentsOf(config, group);
  const awake = all.filter((deployment) => (health.get(deployment.id)?.cooldownUntilMs ?? 0) <= nowMs);
  if (awake.length === 0) {
    const untilMs = Math.min(...all.map((deployment) => health.get(deployment.id)?.cooldownUntilMs ?? nowMs));
    const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / 1000));
    const list = all.map((deployment) => `'${deployment.id}'`).join(', ');
    return {
      kind: 'failed',
      failure: {
        status: 429,
        type: 'RouterRateLimitError',
        message: `No deployments available for selected model, Try again in ${seconds} seconds. Passed model=${group}. pre-call-checks=${config.preCallChecks ? 'True' : 'False'}, cooldown_list=[${list}]`,
        retryAfterSeconds: seconds,
      },
    };
  }
  const tokens = estimateInputTokens(body);
  const fitting = config.preCallChecks
    ? awake.filter((deployment) => deployment.maxInputTokens === null || tokens <= deployment.maxInputTokens)
    : awake;
  const chosen = fitting[Math.floor(random() * fitting.length)];
  if (chosen) return { kind: 'chosen', deployment: chosen };
  const limits = awake.map((deployment) => deployment.maxInputTokens).join(', ');
  return {
    kind: 'failed',
    failure: {
      status: 400,
      type: 'ContextWindowExceededError',
      message: `litellm.ContextWindowExceededError: Context Window exceeded for given call. No models have context window large enough for this call. model=${group}, input tokens=${tokens}, max_input_tokens=[${limits}]`,
    },
  };
}

export function isContextWindow(failure: CallFailure): boolean {
  return (
    failure.type === 'ContextWindowExceededError' ||
    (failure.status === 400 && /context (window|length)|maximum context/i.test(failure.message))
  );
}

/** What the request itself is to blame for is not tried again with the same group. */
export function isRetryable(failure: CallFailure): boolean {
  if (failure.type === 'RouterRateLimitError' || isContextWindow(failure)) return false;
  return failure.status >= 500 || failure.status === 408 || failure.status === 429;
}

/** The request's own number comes before the deployment's, and that before the router's. */
export function retriesFor(config: ProxyConfig, deployment: Deployment, body: Json): number {
  return numberOf(body['num_retries']) ?? deployment.numRetries ?? config.numRetries;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8000;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/** With another deployment at hand the retry is immediate; a lone one gets time to recover. */
export function retryDelayMs(
  failure: CallFailure,
  attempt: number,
  deploymentsInGroup: number,
  random: () => number,
): number {
  if (deploymentsInGroup > 1) return 0;
  const asked = failure.retryAfterSeconds;
  if (asked !== undefined && asked > 0 && asked <= LONGEST_RETRY_AFTER_SECONDS) return asked * 1000;
  return Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS) * (1 - 0.25 * random());
}

function coolsDown(
  config: ProxyConfig,
  failure: CallFailure,
  health: DeploymentHealth,
  deploymentsInGroup: number,
): boolean {
  if (config.cooldownsDisabled) return false;
  const counts = failure.status >= 500 || [401, 404, 408, 429].includes(failure.status);
  if (!counts) return false;
  if (config.allowedFails !== null) return health.failures > config.allowedFails;
  const total = health.failures + health.successes;
  if (deploymentsInGroup === 1) return health.successes === 0 && total >= SINGLE_DEPLOYMENT_FAILURES;
  if ([401, 404, 408, 429].includes(failure.status)) return true;
  return total >= LEAST_REQUESTS_TO_JUDGE && health.failures / total > FAILURE_SHARE;
}

/** Counts are of one minute; the caller drops them when the minute is over. */
export function afterFailure(
  config: ProxyConfig,
  deployment: Deployment,
  failure: CallFailure,
  health: DeploymentHealth,
  nowMs: number,
): DeploymentHealth {
  const counted = { ...health, failures: health.failures + 1 };
  const inGroup = deploymentsOf(config, deployment.group).length;
  if (!coolsDown(config, failure, counted, inGroup)) return counted;
  return { ...counted, cooldownUntilMs: nowMs + config.cooldownMs };
}

/** The groups to try next, nearest first; a context-window failure has its own list where there is one. */
export function fallbackGroups(config: ProxyConfig, group: string, failure: CallFailure): readonly string[] {
  const name = config.groupAliases.get(group) ?? group;
  const forWindow = isContextWindow(failure) ? config.contextWindowFallbacks.get(name) : undefined;
  const targets =
    forWindow ?? config.fallbacks.get(name) ?? config.fallbacks.get('*') ?? config.defaultFallbacks;
  return targets.filter((target) => target !== name);
}

/** The text after LiteLLM's error that names the group and what could have stood in. */
export function routingNote(config: ProxyConfig, group: string, retries: number, maxRetries: number): string {
  const fallbacks = config.fallbacks.get(group);
  const listed = fallbacks ? `[${fallbacks.map((name) => `'${name}'`).join(', ')}]` : 'None';
  const retried = retries > 0 ? ` LiteLLM Retried: ${retries} times, LiteLLM Max Retries: ${maxRetries}` : '';
  return `. Received Model Group=${group}\nAvailable Model Group Fallbacks=${listed}${retried}`;
}
