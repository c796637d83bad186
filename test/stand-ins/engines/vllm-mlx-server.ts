/** The HTTP side of the vllm-mlx stand-in: which path answers what. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createAnswerIds, createChunkWriter, tokensOf, usageOf, wholeAnswer } from './completion-answer.ts';
import { type CompletionPlan, planCompletion } from './completion-plan.ts';
import { createGenerationSlots } from './generation-slots.ts';
import type { LoadedModel } from './model-folder.ts';
import { abortForGpuMemory, crash } from './process-faults.ts';
import type { PythonOutput } from './python-output.ts';
import type { VllmMlxSwitches } from './switches.ts';
import type { Exchange } from './uvicorn.ts';
import { parseJson, recordOf, textOf } from './values.ts';
import type { ServeSettings } from './vllm-mlx-options.ts';

const TOKEN_DELAY_MS = 2;
const GARBAGE = '\u0000\u0001{"choices": [[[ not json \ufffd';
const RATE_WINDOW_MS = 60_000;
const BUSY_RETRY_AFTER_SECONDS = 2;
/** What reading a prompt takes beside the weights, and what each token of the conversation holds. */
const WORKING_BYTES = 500_000_000;
const CONVERSATION_BYTES_PER_TOKEN = 100_000;

export interface VllmMlxServer {
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly stop: () => void;
}

export interface VllmMlxParts {
  readonly settings: ServeSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly output: PythonOutput;
  readonly switches: () => VllmMlxSwitches;
  /** Loads the weights, which takes its time. */
  readonly load: () => Promise<LoadedModel>;
  readonly loaded: () => LoadedModel | null;
  readonly unload: () => void;
}

async function waitForever(exchange: Exchange): Promise<void> {
  await new Promise<void>((resolve) => exchange.gone.addEventListener('abort', () => resolve()));
}

export function createVllmMlxServer(parts: VllmMlxParts): VllmMlxServer {
  const { settings, env } = parts;
  const startedAt = performance.now();
  const waits = env['VLLM_MLX_SIMPLE_ENGINE_LOCK_ADMISSION'] === 'wait';
  const slots = settings.continuousBatching
    ? createGenerationSlots(settings.maxNumSeqs, 'wait')
    : createGenerationSlots(1, waits ? 'wait' : 'refuse');
  const lifecycle = settings.lazyLoad || settings.autoUnloadIdleSeconds > 0;
  const runningRequests = new Map<
    string,
    { readonly abort: AbortController; readonly promptTokens: number }
  >();
  const recentRequests: number[] = [];
  const totals = { requests: 0, prompt: 0, completion: 0, steps: 0, http: 0 };
  let tokensPerSecond = 0;
  let peakBytes = 0;
  let lastUsedAt: number | null = null;
  let loadedAt = Date.now() / 1000;
  let answered = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  const touchIdle = () => {
    lastUsedAt = Date.now() / 1000;
    if (settings.autoUnloadIdleSeconds <= 0) return;
    clearTimeout(idleTimer);
    idleTimer = setTimeout(parts.unload, settings.autoUnloadIdleSeconds * 1000);
    idleTimer.unref();
  };
  touchIdle();
  lastUsedAt = null;

  const ensureLoaded = async () => {
    if (parts.loaded()) return;
    await parts.load();
    loadedAt = Date.now() / 1000;
  };

  const health = () => {
    const unhealthy = parts.switches().health === 'unhealthy';
    const loaded = parts.loaded() !== null;
    return {
      status: unhealthy ? 'unhealthy' : 'healthy',
      model_loaded: loaded && !unhealthy,
      model_name: settings.servedModelName,
      available_models: [settings.servedModelName],
      model_type: settings.mllm || parts.loaded()?.multimodal ? 'mllm' : 'llm',
      engine_type: settings.continuousBatching ? 'batched' : 'simple',
      mcp: null,
      ...(lifecycle
        ? {
            residency_state: loaded ? 'loaded' : 'unloaded',
            active_requests: slots.running(),
            last_used_at: lastUsedAt,
            loaded_at: loaded ? loadedAt : null,
            auto_unload_idle_seconds: settings.autoUnloadIdleSeconds,
          }
        : {}),
    };
  };

  const hold = (bytes: number) => {
    peakBytes = Math.max(peakBytes, (parts.loaded()?.weightsBytes ?? 0) + bytes);
  };
  /** As the engine rounds them. */
  const gigabytes = (bytes: number) => Math.round(bytes / 1e7) / 100;

  const status = () => {
    hold(0);
    return {
      status: parts.loaded() ? 'running' : 'not_loaded',
      model: settings.servedModelName,
      residency: lifecycle ? (parts.loaded() ? 'loaded' : 'unloaded') : null,
      uptime_s: Math.round((performance.now() - startedAt) / 100) / 10,
      steps_executed: totals.steps,
      num_running: slots.running(),
      num_waiting: slots.waiting(),
      total_requests_processed: totals.requests,
      total_prompt_tokens: totals.prompt,
      total_completion_tokens: totals.completion,
      generation_tps: Math.round(tokensPerSecond * 10) / 10,
      prompt_tps: Math.round(tokensPerSecond * 80) / 10,
      metal: {
        active_memory_gb: gigabytes(parts.loaded()?.weightsBytes ?? 0),
        peak_memory_gb: gigabytes(peakBytes),
        cache_memory_gb: 0,
      },
      cache: { entries: 0, hits: 0, misses: totals.requests },
      mtp: null,
      requests: [...runningRequests].map(([id, request]) => ({
        request_id: id,
        status: 'running',
        prompt_tokens: request.promptTokens,
      })),
    };
  };

  const metrics = () =>
    [
      ['http_requests_total', totals.http],
      ['prompt_tokens_total', totals.prompt],
      ['completion_tokens_total', totals.completion],
      ['model_loaded', parts.loaded() ? 1 : 0],
      ['metal_memory_bytes', parts.loaded()?.weightsBytes ?? 0],
      ['scheduler_running_requests', slots.running()],
      ['scheduler_waiting_requests', slots.waiting()],
    ]
      .map(([name, value]) => `vllm_mlx_${name} ${value}\n`)
      .join('');

  const authorized = (exchange: Exchange): boolean => {
    if (settings.apiKey === null) return true;
    const given = /^Bearer (.*)$/i.exec(exchange.request.headers.authorization ?? '')?.[1];
    if (given === settings.apiKey) return true;
    exchange.json(401, { detail: given === undefined ? 'API key required' : 'Invalid API key' });
    return false;
  };

  const withinRate = (exchange: Exchange): boolean => {
    if (settings.rateLimitPerMinute <= 0) return true;
    const now = performance.now();
    while ((recentRequests[0] ?? now) < now - RATE_WINDOW_MS) recentRequests.shift();
    if (recentRequests.length < settings.rateLimitPerMinute) {
      recentRequests.push(now);
      return true;
    }
    const retryAfter = Math.ceil(((recentRequests[0] ?? now) + RATE_WINDOW_MS - now) / 1000);
    exchange.json(
      429,
      { detail: `Rate limit exceeded. Retry after ${retryAfter} seconds.` },
      { 'retry-after': String(retryAfter) },
    );
    return false;
  };

  const emit = async (exchange: Exchange, plan: CompletionPlan, cancelled: AbortSignal): Promise<void> => {
    const ids = createAnswerIds(plan.kind);
    const tokens = tokensOf(plan);
    const writer = plan.stream ? createChunkWriter(plan, ids) : null;
    const write = writer ? exchange.stream() : null;
    const send = async (chunk: unknown) => await write?.(`data: ${JSON.stringify(chunk)}\n\n`);
    const begunAt = performance.now();
    for (const chunk of writer?.opening() ?? []) await send(chunk);
    let pending = '';
    let emitted = 0;
    for (const [index, token] of tokens.entries()) {
      const { tokenDelayMs = TOKEN_DELAY_MS } = parts.switches();
      if (tokenDelayMs > 0) await sleep(tokenDelayMs);
      else await new Promise((resolve) => setImmediate(resolve));
      if (exchange.gone.aborted || cancelled.aborted) break;
      totals.steps++;
      emitted++;
      pending += token.text;
      const next = tokens[index + 1];
      if (next?.part === token.part && (index + 1) % settings.streamInterval !== 0) continue;
      if (writer) await send(writer.token(token.part, pending));
      pending = '';
    }
    totals.completion += emitted;
    hold(WORKING_BYTES + (plan.promptTokens + emitted) * CONVERSATION_BYTES_PER_TOKEN);
    tokensPerSecond = emitted / Math.max(0.001, (performance.now() - begunAt) / 1000);
    if (exchange.gone.aborted) return;
    if (writer) {
      for (const chunk of writer.closing(usageOf(plan, emitted))) await send(chunk);
      await write?.('data: [DONE]\n\n');
      exchange.response.end();
      return;
    }
    if (cancelled.aborted)
      exchange.json(504, { detail: `Request timed out after ${settings.timeoutSeconds} seconds` });
    else exchange.json(200, wholeAnswer(plan, ids));
  };

  const generate = async (exchange: Exchange, kind: CompletionPlan['kind']): Promise<void> => {
    const bytes = await exchange.body();
    if (bytes === null) return exchange.json(413, { detail: 'Request body too large' });
    const badRequest = (message: string) =>
      exchange.json(400, { error: { message, type: 'invalid_request_error', param: null, code: null } });
    const body = parseJson(bytes.toString('utf8'));
    if (!body) return badRequest('The request body is not valid JSON');
    const asked = textOf(recordOf(body.value)['model']);
    if (asked !== undefined && asked !== settings.servedModelName) {
      return exchange.json(404, {
        detail: `The model \`${asked}\` does not exist. Available model: \`${settings.servedModelName}\``,
      });
    }
    const planned = planCompletion(kind, body.value, {
      maxTokens: settings.maxTokens,
      maxRequestTokens: settings.maxRequestTokens,
      parsesTools: settings.toolCallParser !== null,
      reasons: settings.reasoningParser !== null && env['VLLM_MLX_ENABLE_THINKING'] !== 'false',
      thinkingTokenBudget: settings.thinkingTokenBudget,
    });
    if (!planned.ok) return badRequest(planned.error);
    const plan = planned.value;

    const switches = parts.switches();
    if (switches.gpuOutOfMemory === 'request') return abortForGpuMemory(parts.output);
    if (switches.generation === '500') return exchange.text(500, 'Internal Server Error');
    if (switches.generation === 'garbage') {
      return exchange.text(200, GARBAGE, { 'content-type': 'application/json' });
    }

    const entered = await slots.enter(exchange.gone);
    if (entered === 'gone') return;
    const ids = createAnswerIds(kind);
    if (entered === 'busy') {
      return exchange.json(
        503,
        {
          error: {
            message: `SimpleEngine serialized route is busy; request_id=${ids.id}; waiters=0; retry later`,
            type: 'server_error',
            param: null,
            code: 'text_generation_busy',
          },
        },
        { 'retry-after': String(BUSY_RETRY_AFTER_SECONDS) },
      );
    }
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), settings.timeoutSeconds * 1000);
    runningRequests.set(ids.id, { abort, promptTokens: plan.promptTokens });
    try {
      await ensureLoaded();
      touchIdle();
      totals.requests++;
      totals.prompt += plan.promptTokens;
      if (switches.generation === 'hang') await waitForever(exchange);
      else await emit(exchange, plan, abort.signal);
    } finally {
      clearTimeout(timeout);
      runningRequests.delete(ids.id);
      slots.leave();
    }
    answered++;
    if (switches.crashAfterRequests !== undefined && answered >= switches.crashAfterRequests) {
      exchange.response.once('close', () => crash(switches.exitCode, parts.output));
    }
  };

  const answerHealth = async (exchange: Exchange): Promise<void> => {
    const { health: fault, healthDelayMs = 0 } = parts.switches();
    if (healthDelayMs > 0) await sleep(healthDelayMs);
    if (fault === 'hang') return await waitForever(exchange);
    if (fault === '500') return exchange.text(500, 'Internal Server Error');
    exchange.json(200, health());
  };

  const cancel = (exchange: Exchange, id: string) => {
    const running = runningRequests.get(id);
    if (!running) return exchange.json(404, { detail: `Request ${id} not found` });
    running.abort.abort();
    exchange.json(200, { request_id: id, status: 'cancelled' });
  };

  const handle = async (exchange: Exchange): Promise<void> => {
    totals.http++;
    if (parts.switches().hangAfterBind) return await waitForever(exchange);
    const route = `${exchange.method} ${exchange.path}`;
    if (route === 'GET /health') return await answerHealth(exchange);
    if (route === 'GET /metrics') {
      if (settings.metrics) return exchange.text(200, metrics());
      return exchange.json(404, { detail: 'Metrics endpoint is disabled' });
    }
    if (!exchange.path.startsWith('/v1/')) return exchange.json(404, { detail: 'Not Found' });
    if (!authorized(exchange)) return;
    const cancelled = /^(?:POST \/v1\/requests\/([^/]+)\/cancel|DELETE \/v1\/requests\/([^/]+))$/.exec(route);
    if (cancelled) return cancel(exchange, cancelled[1] ?? cancelled[2] ?? '');
    switch (route) {
      case 'GET /v1/models':
        return exchange.json(200, {
          object: 'list',
          data: [
            {
              id: settings.servedModelName,
              object: 'model',
              created: Math.floor(Date.now() / 1000),
              owned_by: 'vllm-mlx',
            },
          ],
        });
      case 'GET /v1/status':
        return exchange.json(200, status());
      case 'GET /v1/cache/stats':
        return exchange.json(200, status().cache);
      case 'DELETE /v1/cache':
      case 'DELETE /v1/cache/prefix':
        return exchange.json(200, { status: 'cleared' });
      case 'POST /v1/chat/completions':
        return withinRate(exchange) ? await generate(exchange, 'chat') : undefined;
      case 'POST /v1/completions':
        return withinRate(exchange) ? await generate(exchange, 'text') : undefined;
      default: {
        const other = exchange.method === 'GET' ? 'POST' : 'GET';
        const known = ['/v1/models', '/v1/status', '/v1/chat/completions', '/v1/completions'];
        if (known.includes(exchange.path)) {
          return exchange.json(405, { detail: 'Method Not Allowed' }, { allow: other });
        }
        return exchange.json(404, { detail: 'Not Found' });
      }
    }
  };

  return {
    handle,
    stop: () => {
      clearTimeout(idleTimer);
      parts.output.printError('INFO:vllm_mlx.server:Engine stopped');
    },
  };
}
