/** The HTTP side of the LiteLLM stand-in: auth, routes, retries, fallbacks, streams. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment, ProxyConfig } from './litellm-config.ts';
import { LITELLM_VERSION } from './litellm-options.ts';
import {
  afterFailure,
  type CallFailure,
  chooseDeployment,
  type DeploymentHealth,
  deploymentsOf,
  FRESH_HEALTH,
  fallbackGroups,
  groupNames,
  isRetryable,
  providerException,
  retriesFor,
  retryDelayMs,
  routingNote,
} from './litellm-routing.ts';
import { createUpstream, type UpstreamAnswer } from './litellm-upstream.ts';
import { crash } from './process-faults.ts';
import type { PythonOutput } from './python-output.ts';
import type { LitellmSwitches } from './switches.ts';
import type { Exchange } from './uvicorn.ts';
import { isRecord, type Json, parseJson, textOf } from './values.ts';

const HEALTH_WINDOW_MS = 60_000;
const HEALTH_PROMPT = 'test from litellm';
const HEALTH_MAX_TOKENS = 5;

export interface LitellmServer {
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly stop: () => void;
}

export interface LitellmParts {
  readonly config: ProxyConfig;
  readonly debug: boolean;
  readonly output: PythonOutput;
  readonly switches: () => LitellmSwitches;
}

type Answered = Exclude<UpstreamAnswer, { kind: 'failed' }>;

const MOCK_FAILURE: CallFailure = {
  status: 500,
  type: 'InternalServerError',
  message: 'litellm.InternalServerError: This is a mock exception to test fallbacks',
};

interface Trace {
  retries: number;
  maxRetries: number;
  fallbacks: number;
}

type Outcome =
  | { readonly ok: true; readonly answer: Answered; readonly deployment: Deployment }
  | { readonly ok: false; readonly failure: CallFailure };

async function waitForever(exchange: Exchange): Promise<void> {
  await new Promise<void>((resolve) => exchange.gone.addEventListener('abort', () => resolve()));
}

export function createLitellmServer(parts: LitellmParts): LitellmServer {
  const { config, output } = parts;
  const upstream = createUpstream();
  const health = new Map<string, DeploymentHealth>();
  const created = Math.floor(Date.now() / 1000);
  let answered = 0;
  const timers = [
    setInterval(() => {
      for (const [id, seen] of health) health.set(id, { ...seen, failures: 0, successes: 0 });
    }, HEALTH_WINDOW_MS),
  ];

  const openaiError = (
    exchange: Exchange,
    status: number,
    message: string,
    type: string | null,
    param: string | null,
  ) => exchange.json(status, { error: { message, type, param, code: String(status) } });

  /** Without a database the master key is the only key; another one falls through to the lookup that is not there. */
  const authorized = (exchange: Exchange): boolean => {
    if (config.masterKey === null) return true;
    const header = exchange.request.headers.authorization ?? exchange.request.headers['x-api-key'];
    const key = typeof header === 'string' ? header.replace(/^Bearer\s+/i, '').trim() : '';
    if (key === config.masterKey) return true;
    if (key === '') {
      openaiError(exchange, 401, 'Authentication Error, No api key passed in.', 'auth_error', 'None');
    } else if (!key.startsWith('sk-')) {
      const hint = `LiteLLM Virtual Key expected. Received=${key.slice(0, 2)}...${key.slice(-2)}, expected to start with 'sk-'.`;
      openaiError(exchange, 401, `Authentication Error, ${hint}`, 'auth_error', 'None');
    } else {
      openaiError(exchange, 400, 'No connected db.', 'no_db_connection', null);
    }
    return false;
  };

  const askGroup = async (
    group: string,
    path: string,
    body: Json,
    gone: AbortSignal,
    trace: Trace,
  ): Promise<Outcome> => {
    const inGroup = deploymentsOf(config, group).length;
    for (let attempt = 0; ; attempt++) {
      const choice = chooseDeployment(config, group, body, health, Date.now(), Math.random);
      if (choice.kind === 'failed') return { ok: false, failure: choice.failure };
      const { deployment } = choice;
      const answer = await upstream.call(deployment, path, body, gone);
      const seen = health.get(deployment.id) ?? FRESH_HEALTH;
      if (answer.kind !== 'failed') {
        health.set(deployment.id, { ...seen, successes: seen.successes + 1 });
        return { ok: true, answer, deployment };
      }
      if (gone.aborted) return { ok: false, failure: answer.failure };
      health.set(deployment.id, afterFailure(config, deployment, answer.failure, seen, Date.now()));
      trace.maxRetries = retriesFor(config, deployment, body);
      if (attempt >= trace.maxRetries || !isRetryable(answer.failure))
        return { ok: false, failure: answer.failure };
      trace.retries++;
      await sleep(retryDelayMs(answer.failure, attempt, inGroup, Math.random));
      if (gone.aborted) return { ok: false, failure: answer.failure };
    }
  };

  /**
   * As `run_async_fallback` walks: a fallback's own fallbacks are followed, as deep as max_fallbacks allows, and each of
   * a list counts one deeper than the one before. What failed is tried again when another list names it too; LiteLLM
   * remembers that only since the summer of 2026.
   */
  const route = async (
    group: string,
    path: string,
    body: Json,
    gone: AbortSignal,
    trace: Trace,
    depth: number,
  ): Promise<Outcome> => {
    const pretend = depth === 0 && body['mock_testing_fallbacks'] === true;
    const first: Outcome = pretend
      ? { ok: false, failure: MOCK_FAILURE }
      : await askGroup(group, path, body, gone, trace);
    if (first.ok || gone.aborted || depth >= config.maxFallbacks) return first;
    let deeper = depth;
    for (const target of fallbackGroups(config, group, first.failure)) {
      if (deploymentsOf(config, target).length === 0) continue;
      trace.fallbacks++;
      deeper += 1;
      const next = await route(target, path, body, gone, trace, deeper);
      if (next.ok || gone.aborted) return next;
    }
    return first;
  };

  const passStream = async (
    exchange: Exchange,
    answer: Extract<Answered, { kind: 'stream' }>,
    deployment: Deployment,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const write = exchange.stream(headers);
    let finished = false;
    try {
      await write(answer.first);
      let tail = answer.first.subarray(-32).toString('latin1');
      while (!exchange.gone.aborted) {
        const quiet = setTimeout(answer.abort, deployment.streamTimeoutMs);
        const next = await answer.rest.next().finally(() => clearTimeout(quiet));
        if (next.done) break;
        if (!Buffer.isBuffer(next.value)) continue;
        tail = (tail + next.value.subarray(-32).toString('latin1')).slice(-32);
        await write(next.value);
      }
      finished = tail.includes('[DONE]');
    } catch {
      finished = false;
    }
    answer.abort();
    if (exchange.gone.aborted) return;
    if (!finished) {
      const message = `litellm.APIConnectionError: APIConnectionError: ${providerException(deployment)} - peer closed connection without sending complete message body (incomplete chunked read)`;
      await write(
        `data: ${JSON.stringify({ error: { message, type: null, param: null, code: '500' } })}\n\n`,
      );
    }
    exchange.response.end();
  };

  const complete = async (exchange: Exchange, path: string): Promise<void> => {
    const bytes = await exchange.body();
    const parsed = bytes === null ? null : parseJson(bytes.toString('utf8'));
    if (!parsed || !isRecord(parsed.value)) {
      return openaiError(exchange, 400, 'Invalid JSON payload', 'invalid_request_error', null);
    }
    const body = parsed.value;
    const group = textOf(body['model']) ?? '';
    if (deploymentsOf(config, group).length === 0) {
      const message = `${path}: Invalid model name passed in model=${group}. Call \`/v1/models\` to view available models for your key.`;
      return openaiError(exchange, 400, message, 'invalid_request_error', null);
    }
    const trace: Trace = { retries: 0, maxRetries: 0, fallbacks: 0 };
    const outcome = await route(group, path, body, exchange.gone, trace, 0);
    if (exchange.gone.aborted) return;
    const headers = {
      'x-litellm-call-id': randomUUID(),
      'x-litellm-version': LITELLM_VERSION,
      'x-litellm-model-group': group,
      'x-litellm-attempted-retries': String(trace.retries),
      'x-litellm-attempted-fallbacks': String(trace.fallbacks),
    };
    if (!outcome.ok) {
      const { failure } = outcome;
      const message = `${failure.message}${routingNote(config, group, trace.retries, trace.maxRetries)}`;
      output.printError(
        `LiteLLM Proxy:ERROR: litellm.proxy.proxy_server._handle_llm_api_exception(): Exception occured - ${message}`,
      );
      const retryAfter = failure.retryAfterSeconds;
      return exchange.json(
        failure.status,
        { error: { message, type: null, param: null, code: String(failure.status) } },
        { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
      );
    }
    const answeredBy = { ...headers, 'x-litellm-model-id': outcome.deployment.id };
    if (outcome.answer.kind === 'whole') exchange.json(200, outcome.answer.body, answeredBy);
    else await passStream(exchange, outcome.answer, outcome.deployment, answeredBy);
    answered++;
    const { crashAfterRequests, exitCode } = parts.switches();
    if (crashAfterRequests !== undefined && answered >= crashAfterRequests) {
      if (exchange.response.closed) crash(exitCode, output);
      else exchange.response.once('close', () => crash(exitCode, output));
    }
  };

  /** One real call per deployment: this is what makes `/health` cost money. */
  const callEveryModel = async (skipBackground: boolean) => {
    const results = await Promise.all(
      config.deployments
        .filter((deployment) => !(skipBackground && deployment.skipBackgroundCheck))
        .map(async (deployment) => {
          const body = {
            model: deployment.group,
            messages: [{ role: 'user', content: HEALTH_PROMPT }],
            max_tokens: HEALTH_MAX_TOKENS,
          };
          const answer = await upstream.call(
            deployment,
            '/chat/completions',
            body,
            new AbortController().signal,
          );
          return { deployment, failure: answer.kind === 'failed' ? answer.failure : null };
        }),
    );
    const describe = (deployment: Deployment) => ({
      model: `${deployment.provider}/${deployment.upstreamModel}`,
      api_base: deployment.apiBase,
      model_id: deployment.id,
    });
    const well = results.filter((result) => result.failure === null);
    const ill = results.filter((result) => result.failure !== null);
    return {
      healthy_endpoints: well.map((result) => describe(result.deployment)),
      unhealthy_endpoints: ill.map((result) => ({
        ...describe(result.deployment),
        error: result.failure?.message,
      })),
      healthy_count: well.length,
      unhealthy_count: ill.length,
    };
  };
  if (config.backgroundHealthChecks) {
    void callEveryModel(true);
    timers.push(setInterval(() => void callEveryModel(true), config.healthCheckIntervalMs));
  }
  for (const timer of timers) timer.unref();

  const modelInfo = () => ({
    data: config.deployments.map((deployment) => ({
      model_name: deployment.group,
      litellm_params: {
        model: `${deployment.provider}/${deployment.upstreamModel}`,
        api_base: deployment.apiBase,
        timeout: deployment.timeoutMs / 1000,
        stream_timeout: deployment.streamTimeoutMs / 1000,
      },
      model_info: { ...deployment.info, id: deployment.id, db_model: false },
    })),
  });

  const answerLiveliness = async (exchange: Exchange): Promise<void> => {
    const { liveliness, livelinessDelayMs = 0 } = parts.switches();
    if (livelinessDelayMs > 0) await sleep(livelinessDelayMs);
    if (liveliness === 'hang') return await waitForever(exchange);
    if (liveliness === '500') return exchange.text(500, 'Internal Server Error');
    exchange.json(200, "I'm alive!");
  };

  const handle = async (exchange: Exchange): Promise<void> => {
    if (parts.switches().hangAfterBind) return await waitForever(exchange);
    const asked = `${exchange.method} ${exchange.path}`;
    switch (asked) {
      case 'GET /health/liveliness':
      case 'GET /health/liveness':
        return await answerLiveliness(exchange);
      case 'GET /health/readiness':
        return exchange.json(200, {
          status: 'healthy',
          db: 'Not connected',
          cache: null,
          litellm_version: LITELLM_VERSION,
          success_callbacks: [],
          log_level: parts.debug ? 'DEBUG' : 'WARNING',
          is_detailed_debug: parts.debug,
        });
      case 'GET /':
        return exchange.json(200, 'LiteLLM: RUNNING');
    }
    if (exchange.path === '/metrics') return exchange.json(404, { detail: 'Not Found' });
    if (!authorized(exchange)) return;
    switch (asked) {
      case 'GET /v1/models':
      case 'GET /models':
        return exchange.json(200, {
          data: groupNames(config).map((id) => ({ id, object: 'model', created, owned_by: 'openai' })),
          object: 'list',
        });
      case 'GET /model/info':
      case 'GET /v1/model/info':
        return exchange.json(200, modelInfo());
      case 'GET /health':
        return exchange.json(200, await callEveryModel(false));
      case 'POST /v1/chat/completions':
      case 'POST /chat/completions':
        return await complete(exchange, '/chat/completions');
      case 'POST /v1/completions':
      case 'POST /completions':
        return await complete(exchange, '/completions');
      default:
        return exchange.json(404, { detail: 'Not Found' });
    }
  };

  return {
    handle,
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      upstream.close();
    },
  };
}
