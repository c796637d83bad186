/** The LiteLLM stand-in's config reading and routing decisions. */
import { describe, expect, it } from 'vitest';
import { type ProxyConfig, readProxyConfig } from '../../stand-ins/engines/litellm-config.ts';
import {
  afterFailure,
  type CallFailure,
  chooseDeployment,
  type DeploymentHealth,
  FRESH_HEALTH,
  fallbackGroups,
  groupNames,
  isRetryable,
  retriesFor,
  retryDelayMs,
  routingNote,
} from '../../stand-ins/engines/litellm-routing.ts';
import { upstreamBody, upstreamHeaders } from '../../stand-ins/engines/litellm-upstream.ts';

const DEPLOYMENT = (group: string, extra = '') =>
  `  - {model_name: ${group}, litellm_params: {model: openai/${group}, api_base: "http://127.0.0.1:1/v1/", api_key: local}, model_info: {id: local-${group}${extra}}}\n`;

function configOf(yaml: string, env: NodeJS.ProcessEnv = {}): ProxyConfig {
  const read = readProxyConfig(yaml, env);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function refusal(yaml: string): string {
  const read = readProxyConfig(yaml, {});
  if (read.ok) throw new Error('expected a refusal');
  return `${read.error.kind}: ${read.error.message}`;
}

const DOWN: CallFailure = { status: 500, type: 'InternalServerError', message: 'Connection error.' };
const BUSY: CallFailure = { ...DOWN, status: 503, type: 'ServiceUnavailableError', retryAfterSeconds: 2 };
const LIMITED: CallFailure = { ...DOWN, status: 429, type: 'RateLimitError' };
const BAD: CallFailure = { ...DOWN, status: 400, type: 'BadRequestError' };

const TWO = configOf(
  `model_list:\n${DEPLOYMENT('fast', ', max_input_tokens: 10')}${DEPLOYMENT('smart')}${DEPLOYMENT('long')}` +
    'router_settings: {enable_pre_call_checks: true, num_retries: 1, cooldown_time: 30, fallbacks: [{fast: [smart, fast]}], context_window_fallbacks: [{fast: [long]}]}',
);
const FAST = TWO.deployments[0];
if (!FAST) throw new Error('no deployment');
const say = (content: string) => ({ messages: [{ role: 'user', content }] });

describe('config', () => {
  it('resolves os.environ references and leaves an absent one unset', () => {
    const yaml = `model_list:\n${DEPLOYMENT('fast')}general_settings: {master_key: os.environ/KEY}`;
    expect(configOf(yaml, { KEY: 'sk-1' }).masterKey).toBe('sk-1');
    expect(configOf(yaml, {}).masterKey).toBeNull();
  });

  it('lets router_settings win over litellm_settings', () => {
    const yaml = 'litellm_settings: {num_retries: 7, cooldown_time: 9}\nrouter_settings: {num_retries: 1}';
    expect(configOf(yaml)).toMatchObject({ numRetries: 1, cooldownMs: 9000 });
  });

  it.each([
    [
      'router_settings: {fallbacks: [{fast: smart}]}',
      "meaning: ValueError: fallbacks targets of 'fast' must be a list",
    ],
    ['router_settings: {fallbacks: [{a: [b], c: [d]}]}', 'must have exactly one key, but has 2 keys'],
    ['router_settings: {fallbacks: [fast]}', "Item 'fast' is not a dictionary"],
    ['router_settings: {fallbacks: {fast: [smart]}}', 'must be a list of dictionaries'],
    ['model_list: [{litellm_params: {model: openai/x, api_key: k}}]', 'has no model_name'],
    ['model_list: [{model_name: x, litellm_params: {model: openai/x}}]', 'api_key client option must be set'],
    ['model_list: [{model_name: x, litellm_params: {model: x, api_key: k}}]', 'LLM Provider NOT provided'],
    [`model_list:\n${DEPLOYMENT('a')}${DEPLOYMENT('a')}`, "model id 'local-a' is used twice"],
    ['model_list: [', 'syntax:'],
    ['', 'syntax: Exception: Config cannot be None or Empty.'],
  ])('refuses %s', (yaml, message) => {
    expect(refusal(yaml)).toContain(message);
  });

  it('calls an openrouter deployment at its api_base with extra headers and usage asked for', () => {
    const config = configOf(
      'model_list: [{model_name: premium, litellm_params: {model: openrouter/anthropic/claude, api_base: "http://127.0.0.1:9/api/v1", api_key: dummy, extra_headers: {X-Local-Secret: os.environ/S}}}]',
      { S: 'secret' },
    );
    const [premium] = config.deployments;
    if (!premium) throw new Error('no deployment');
    expect(premium.apiBase).toBe('http://127.0.0.1:9/api/v1');
    expect(upstreamHeaders(premium)).toMatchObject({
      authorization: 'Bearer dummy',
      'X-Local-Secret': 'secret',
    });
    expect(upstreamBody(premium, { model: 'premium', messages: [], mock_testing_fallbacks: true })).toEqual({
      model: 'anthropic/claude',
      messages: [],
      usage: { include: true },
    });
  });
});

describe('routing', () => {
  it('lists each group once', () => {
    expect(groupNames(TWO)).toEqual(['fast', 'smart', 'long']);
  });

  it('refuses a prompt that fits no deployment, and sends it to the context-window fallback', () => {
    expect(chooseDeployment(TWO, 'fast', say('short'), new Map(), 0, () => 0)).toMatchObject({
      kind: 'chosen',
    });
    const choice = chooseDeployment(TWO, 'fast', say('x'.repeat(400)), new Map(), 0, () => 0);
    if (choice.kind !== 'failed') throw new Error('expected a failure');
    expect(choice.failure).toMatchObject({ status: 400, type: 'ContextWindowExceededError' });
    expect(isRetryable(choice.failure)).toBe(false);
    expect(fallbackGroups(TWO, 'fast', choice.failure)).toEqual(['long']);
  });

  it('takes no notice of the window without pre-call checks', () => {
    const config = { ...TWO, preCallChecks: false };
    expect(chooseDeployment(config, 'fast', say('x'.repeat(400)), new Map(), 0, () => 0)).toMatchObject({
      kind: 'chosen',
    });
  });

  it('falls back to the listed groups, never to the group itself', () => {
    expect(fallbackGroups(TWO, 'fast', DOWN)).toEqual(['smart']);
    expect(fallbackGroups(TWO, 'smart', DOWN)).toEqual([]);
    expect(
      fallbackGroups(
        { ...TWO, maxFallbacks: 1, fallbacks: new Map([['smart', ['fast', 'long']]]) },
        'smart',
        DOWN,
      ),
    ).toEqual(['fast', 'long']);
  });

  it('takes the retries of the request, then of the deployment, then of the router', () => {
    expect(retriesFor(TWO, FAST, {})).toBe(1);
    expect(retriesFor(TWO, { ...FAST, numRetries: 0 }, {})).toBe(0);
    expect(retriesFor(TWO, { ...FAST, numRetries: 0 }, { num_retries: 3 })).toBe(3);
    const own = DEPLOYMENT('fast').replace('api_key: local', 'api_key: local, num_retries: 4');
    expect(configOf(`model_list:\n${own}`).deployments[0]?.numRetries).toBe(4);
  });

  it('answers 429 with the remaining seconds while every deployment cools down', () => {
    const health = new Map<string, DeploymentHealth>([
      ['local-fast', { ...FRESH_HEALTH, cooldownUntilMs: 12_000 }],
    ]);
    const choice = chooseDeployment(TWO, 'fast', say('a'), health, 2_500, () => 0);
    if (choice.kind !== 'failed') throw new Error('expected a failure');
    expect(choice.failure.status).toBe(429);
    expect(choice.failure.message).toContain(
      'No deployments available for selected model, Try again in 10 seconds',
    );
    expect(chooseDeployment(TWO, 'fast', say('a'), health, 12_000, () => 0)).toMatchObject({
      kind: 'chosen',
    });
  });

  it('cools a lone deployment down only after a thousand failures, unless allowed_fails says otherwise', () => {
    const at = (failures: number, config: ProxyConfig) =>
      afterFailure(config, FAST, DOWN, { ...FRESH_HEALTH, failures }, 1000).cooldownUntilMs;
    expect(at(50, TWO)).toBe(0);
    expect(at(999, TWO)).toBe(31_000);
    expect(at(1, { ...TWO, allowedFails: 1 })).toBe(31_000);
    expect(at(0, { ...TWO, allowedFails: 1 })).toBe(0);
    expect(at(999, { ...TWO, cooldownsDisabled: true })).toBe(0);
    expect(afterFailure(TWO, FAST, BAD, { ...FRESH_HEALTH, failures: 2000 }, 1000).cooldownUntilMs).toBe(0);
  });

  it('cools one of several down at once for 429, and for others above half of five', () => {
    const twin = { ...FAST, id: 'local-fast-2' };
    const config = { ...TWO, deployments: [FAST, twin] };
    expect(afterFailure(config, FAST, LIMITED, FRESH_HEALTH, 0).cooldownUntilMs).toBe(30_000);
    expect(afterFailure(config, FAST, DOWN, { ...FRESH_HEALTH, failures: 3 }, 0).cooldownUntilMs).toBe(0);
    expect(afterFailure(config, FAST, DOWN, { ...FRESH_HEALTH, failures: 4 }, 0).cooldownUntilMs).toBe(
      30_000,
    );
    expect(
      afterFailure(config, FAST, DOWN, { ...FRESH_HEALTH, failures: 1, successes: 3 }, 0).cooldownUntilMs,
    ).toBe(0);
  });

  it("retries server faults, not the client's own", () => {
    expect([DOWN, BUSY, LIMITED].map(isRetryable)).toEqual([true, true, true]);
    expect(isRetryable(BAD)).toBe(false);
  });

  it('waits before it asks a lone deployment again, as long as Retry-After says', () => {
    expect(retryDelayMs(BUSY, 0, 1, () => 0)).toBe(2000);
    expect(retryDelayMs(DOWN, 0, 1, () => 0)).toBe(500);
    expect(retryDelayMs(DOWN, 10, 1, () => 0)).toBe(8000);
    expect(retryDelayMs(BUSY, 0, 2, () => 0)).toBe(0);
  });

  it('says what could have stood in', () => {
    expect(routingNote(TWO, 'fast', 1, 1)).toBe(
      ". Received Model Group=fast\nAvailable Model Group Fallbacks=['smart', 'fast'] LiteLLM Retried: 1 times, LiteLLM Max Retries: 1",
    );
    expect(routingNote(TWO, 'smart', 0, 1)).toBe(
      '. Received Model Group=smart\nAvailable Model Group Fallbacks=None',
    );
  });
});
