/** The LiteLLM stand-in as a real process in front of real engine stand-ins, and with the real openai client before it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_BIN, type LaunchedEngine, launchEngine } from '../stand-ins/engines/launch-engine.ts';
import { writeModelFolder } from '../stand-ins/engines/write-engine.ts';

const KEY = 'sk-test-master';
const WEATHER = [
  {
    type: 'function' as const,
    function: { name: 'get_weather', parameters: { type: 'object', properties: {} } },
  },
];
const OFFLINE = { LITELLM_MODE: 'PRODUCTION', LITELLM_OFFLINE_MODE: 'true', LITELLM_MASTER_KEY: KEY };

let dir: string;
let model: string;
let sequence = 0;
const launched: LaunchedEngine[] = [];
const servers: Server[] = [];

beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'stand-in-litellm-'));
  model = writeModelFolder(path.join(dir, 'model'));
});
afterEach(async () => {
  await Promise.all(launched.splice(0).map((engine) => engine.dispose()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function launch(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = dir,
): LaunchedEngine {
  const engine = launchEngine({ file: path.join(ENGINE_BIN, name), args, env, cwd });
  launched.push(engine);
  return engine;
}

function tier(name: string, switches: object = {}, flags: readonly string[] = []): LaunchedEngine {
  return launch('vllm-mlx', ['serve', model, '--served-model-name', name, '--port', '0', ...flags], {
    VLLM_MLX_STANDIN: JSON.stringify({ '*': switches }),
    VLLM_MLX_SIMPLE_ENGINE_LOCK_ADMISSION: 'wait',
  });
}

interface DeploymentWanted {
  readonly name: string;
  readonly base: string;
  readonly maxInputTokens?: number;
}

function writeConfig(deployments: readonly DeploymentWanted[], router: string, model_list = ''): string {
  const file = path.join(dir, `litellm-${sequence++}.yaml`);
  const entries = deployments.map(
    ({ name, base, maxInputTokens = 32_768 }) =>
      `  - model_name: ${name}\n    litellm_params: {model: openai/${name}, api_base: "${base}/v1", api_key: local, timeout: 30, stream_timeout: 10}\n    model_info: {id: local-${name}, max_input_tokens: ${maxInputTokens}}\n`,
  );
  writeFileSync(
    file,
    `model_list:\n${entries.join('')}${model_list}router_settings: {enable_pre_call_checks: true, ${router === '' ? 'num_retries: 0' : router}}\ngeneral_settings: {master_key: os.environ/LITELLM_MASTER_KEY}\n`,
  );
  return file;
}

function proxy(
  config: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): LaunchedEngine {
  return launch('litellm', ['--config', config, '--host', '127.0.0.1', '--port', '0', ...flags], {
    ...OFFLINE,
    ...env,
  });
}

async function ask(
  engine: LaunchedEngine,
  body: object,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return await fetch(`${await engine.address()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'hello' }], ...body }),
    ...(signal ? { signal } : {}),
  });
}

async function get(
  engine: LaunchedEngine,
  where: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${await engine.address()}${where}`, { headers });
}

async function processed(engine: LaunchedEngine): Promise<number> {
  return (await (await get(engine, '/v1/status')).json()).total_requests_processed;
}

interface Upstream {
  readonly base: string;
  readonly seen: { readonly request: IncomingMessage; readonly body: string }[];
}

/** An upstream of the test's own, for what no engine would do. */
async function upstream(answer: (index: number, response: ServerResponse) => void): Promise<Upstream> {
  const seen: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ request, body });
    answer(seen.length, response);
  });
  servers.push(server);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return { base: `http://127.0.0.1:${port}`, seen };
}

describe('command', () => {
  it('refuses unknown options, tells its version, and checks a config', async () => {
    const bad = launch('litellm', ['--bogus'], OFFLINE);
    expect(await bad.exit).toEqual({ code: 2, signal: null });
    await bad.printed('Error: No such option: --bogus');
    const version = launch('litellm', ['--version'], OFFLINE);
    expect(await version.exit).toEqual({ code: 0, signal: null });
    await version.printed('LiteLLM: Current Version = 1.109.0');
    const good = launch(
      'litellm',
      ['--config', writeConfig([{ name: 'fast', base: 'http://127.0.0.1:1' }], ''), '--validate_config'],
      OFFLINE,
    );
    expect(await good.exit).toEqual({ code: 0, signal: null });
    await good.printed('LiteLLM: config OK (1 models)');
    const stringForm = writeConfig([], 'fallbacks: [{fast: smart}]');
    const invalid = launch('litellm', ['--config', stringForm, '--validate_config'], OFFLINE);
    expect(await invalid.exit).toEqual({ code: 1, signal: null });
    expect(await proxy(stringForm).exit).toEqual({ code: 3, signal: null });
    expect(await proxy(path.join(dir, 'absent.yaml')).exit).toEqual({ code: 1, signal: null });
  });

  it('takes HOST and PORT from its environment, and a .env file unless in production', async () => {
    const config = writeConfig([], '');
    const folder = mkdtempSync(path.join(dir, 'cwd-'));
    writeFileSync(path.join(folder, '.env'), 'LITELLM_MASTER_KEY="sk-from-file"\n');
    const args = ['--config', config];
    const env = { HOST: '127.0.0.1', PORT: '0', LITELLM_OFFLINE_MODE: 'true' };
    const development = launch('litellm', args, env, folder);
    const authorization = { authorization: 'Bearer sk-from-file' };
    expect((await get(development, '/v1/models')).status).toBe(401);
    expect((await get(development, '/v1/models', authorization)).status).toBe(200);
    const production = launch('litellm', args, { ...env, LITELLM_MODE: 'PRODUCTION' }, folder);
    expect((await get(production, '/v1/models')).status).toBe(200);
  });

  it('says that it reached for the network unless offline mode is exactly true', async () => {
    const config = writeConfig([], '');
    const online = proxy(config, { LITELLM_OFFLINE_MODE: 'True' });
    await online.address();
    expect(online.stderr()).toContain('raw.githubusercontent.com');
    const offline = proxy(config);
    await offline.address();
    expect(offline.stderr()).not.toContain('githubusercontent');
  });

  it('moves to a random port when its own is answered, and serves there', async () => {
    const config = writeConfig([], '');
    const holder = proxy(config);
    const taken = new URL(await holder.address()).port;
    const args = ['--config', config, '--host', '127.0.0.1', '--port', taken];
    const moved = launch('litellm', args, { ...OFFLINE, LITELLM_STANDIN: '{"moveFromAnyBusyPort":true}' });
    const address = await moved.address();
    expect(new URL(address).port).not.toBe(taken);
    expect(await (await get(moved, '/health/liveliness')).json()).toBe("I'm alive!");
    const stays = launch('litellm', args, OFFLINE);
    expect(await stays.exit).toEqual({ code: 1, signal: null });
  });
});

describe('auth and information', () => {
  it('answers liveliness and readiness to anyone, the rest only with the key', async () => {
    const engine = proxy(writeConfig([{ name: 'fast', base: 'http://127.0.0.1:1' }], ''));
    expect(await (await get(engine, '/health/liveliness')).json()).toBe("I'm alive!");
    expect(await (await get(engine, '/health/readiness')).json()).toMatchObject({
      db: 'Not connected',
      litellm_version: '1.109.0',
    });
    const keyless = await get(engine, '/v1/models');
    expect([keyless.status, await keyless.json()]).toEqual([
      401,
      {
        error: {
          message: 'Authentication Error, No api key passed in.',
          type: 'auth_error',
          param: 'None',
          code: '401',
        },
      },
    ]);
    expect((await get(engine, '/v1/models', { authorization: 'Bearer nonsense' })).status).toBe(401);
    const other = await get(engine, '/v1/models', { authorization: 'Bearer sk-other' });
    expect([other.status, await other.json()]).toMatchObject([
      400,
      { error: { message: 'No connected db.' } },
    ]);
    const info = await (await get(engine, '/model/info', { authorization: `Bearer ${KEY}` })).json();
    expect(info.data[0]).toMatchObject({ model_name: 'fast', model_info: { id: 'local-fast' } });
    expect(JSON.stringify(info)).not.toContain('"local"');
  });

  it('calls every model for /health and none for liveliness', async () => {
    const fast = tier('fast');
    const engine = proxy(
      writeConfig(
        [
          { name: 'fast', base: await fast.address() },
          { name: 'dead', base: 'http://127.0.0.1:1' },
        ],
        '',
      ),
    );
    await get(engine, '/health/liveliness');
    expect(await processed(fast)).toBe(0);
    const health = await get(engine, '/health', { authorization: `Bearer ${KEY}` });
    expect(await health.json()).toMatchObject({ healthy_count: 1, unhealthy_count: 1 });
    expect(await processed(fast)).toBe(1);
  });
});

describe('routing', () => {
  it('falls back to the next tier when one is dead, and says who answered', async () => {
    const fast = tier('fast');
    const smart = tier('smart');
    const engine = proxy(
      writeConfig(
        [
          { name: 'fast', base: await fast.address() },
          { name: 'smart', base: await smart.address() },
        ],
        'num_retries: 0, fallbacks: [{fast: [smart]}]',
      ),
    );
    const before = await ask(engine, {});
    expect(before.headers.get('x-litellm-model-id')).toBe('local-fast');
    expect(before.headers.get('x-litellm-attempted-fallbacks')).toBe('0');
    await fast.dispose();
    for (const stream of [false, true]) {
      const after = await ask(engine, { stream });
      expect(after.status).toBe(200);
      expect(after.headers.get('x-litellm-model-id')).toBe('local-smart');
      expect(after.headers.get('x-litellm-attempted-fallbacks')).toBe('1');
      expect(await after.text()).toContain('Answer');
    }
    await smart.dispose();
    const none = await ask(engine, {});
    expect(none.status).toBe(500);
    expect((await none.json()).error).toMatchObject({
      code: '500',
      message:
        "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.. Received Model Group=fast\nAvailable Model Group Fallbacks=['smart']",
    });
  });

  it('tests its fallbacks on request, and sends a long prompt to the larger window', async () => {
    const smart = tier('smart');
    const config = writeConfig(
      [
        { name: 'fast', base: 'http://127.0.0.1:1', maxInputTokens: 20 },
        { name: 'smart', base: await smart.address() },
      ],
      'num_retries: 0, context_window_fallbacks: [{fast: [smart]}], fallbacks: [{fast: [smart]}]',
    );
    const engine = proxy(config);
    const mocked = await ask(engine, { mock_testing_fallbacks: true });
    expect(mocked.headers.get('x-litellm-model-id')).toBe('local-smart');
    expect((await ask(engine, { model: 'smart', mock_testing_fallbacks: true })).status).toBe(500);
    const long = await ask(engine, { messages: [{ role: 'user', content: 'long '.repeat(100) }] });
    expect(long.headers.get('x-litellm-model-id')).toBe('local-smart');
    const only = proxy(writeConfig([{ name: 'fast', base: await smart.address(), maxInputTokens: 20 }], ''));
    const refused = await ask(only, { messages: [{ role: 'user', content: 'long '.repeat(100) }] });
    expect(refused.status).toBe(400);
    expect((await refused.json()).error.message).toContain('ContextWindowExceededError');
  });

  it('asks a busy tier again after its Retry-After', async () => {
    const busyOnce = await upstream((index, response) => {
      if (index === 1) response.writeHead(503, { 'retry-after': '1' }).end('{"error":{"message":"busy"}}');
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');
    });
    const engine = proxy(writeConfig([{ name: 'fast', base: busyOnce.base }], 'num_retries: 1'));
    const since = performance.now();
    const answer = await ask(engine, {});
    expect([answer.status, answer.headers.get('x-litellm-attempted-retries')]).toEqual([200, '1']);
    expect(performance.now() - since).toBeGreaterThan(950);
  });

  it('ends a stream whose upstream dies midway with an error event', async () => {
    const dying = await upstream((_index, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n', () => {
        setTimeout(() => response.destroy(), 50);
      });
    });
    const engine = proxy(writeConfig([{ name: 'fast', base: dying.base }], ''));
    const text = await (await ask(engine, { stream: true })).text();
    expect(text).toContain('half');
    expect(text).toContain('data: {"error":{"message":"litellm.APIConnectionError');
    expect(text).not.toContain('[DONE]');
  });

  it('leaves the upstream when its client leaves', async () => {
    let left: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      left = resolve;
    });
    const endless = await upstream((_index, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[]}\n\n');
      response.on('close', () => left());
    });
    const engine = proxy(writeConfig([{ name: 'fast', base: endless.base }], ''));
    const leaver = new AbortController();
    const response = await ask(engine, { stream: true }, {}, leaver.signal);
    await response.body?.getReader().read();
    leaver.abort();
    await closed;
    expect(endless.seen).toHaveLength(1);
  });

  it('holds a stream back that its client does not read', async () => {
    const block = `data: ${'x'.repeat(64 * 1024)}\n\n`;
    let written = 0;
    const firehose = await upstream((_index, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pour = () => {
        while (written < 200_000_000) {
          written += block.length;
          if (!response.write(block)) return void response.once('drain', pour);
        }
      };
      pour();
    });
    const engine = proxy(writeConfig([{ name: 'fast', base: firehose.base }], ''));
    const response = await ask(engine, { stream: true });
    await expect
      .poll(
        async () => {
          const before = written;
          await new Promise((resolve) => setTimeout(resolve, 150));
          return written - before;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    expect(written).toBeLessThan(100_000_000);
    await response.body?.cancel();
  });

  it('calls an openrouter deployment at its base with the secret header and a dummy key', async () => {
    const relay = await upstream((_index, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"model":"anthropic/claude","choices":[]}');
    });
    const premium = `  - {model_name: premium, litellm_params: {model: openrouter/anthropic/claude, api_base: "${relay.base}/api/v1", api_key: dummy, extra_headers: {X-Local-Secret: os.environ/FWD}}}\n`;
    const engine = proxy(writeConfig([], '', premium), { FWD: 'per-launch' });
    expect((await ask(engine, { model: 'premium' })).status).toBe(200);
    const [call] = relay.seen;
    expect(call?.request.url).toBe('/api/v1/chat/completions');
    expect(call?.request.headers).toMatchObject({
      authorization: 'Bearer dummy',
      'x-local-secret': 'per-launch',
    });
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      model: 'anthropic/claude',
      usage: { include: true },
    });
  });
});

describe('the openai client', () => {
  it('lists, chats, streams, calls tools, and is told of an unknown model', async () => {
    const fast = tier('fast', {}, ['--enable-auto-tool-choice', '--tool-call-parser', 'hermes']);
    const engine = proxy(writeConfig([{ name: 'fast', base: await fast.address() }], ''));
    const client = new OpenAI({ baseURL: `${await engine.address()}/v1`, apiKey: KEY, maxRetries: 0 });

    expect((await client.models.list()).data.map((listed) => listed.id)).toEqual(['fast']);
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ];
    const chat = await client.chat.completions.create({ model: 'fast', messages });
    expect(chat.choices[0]?.message.content).toMatch(/^Answer 2 to "three"/);

    let streamed = '';
    let chunks = 0;
    for await (const chunk of await client.chat.completions.create({
      model: 'fast',
      messages,
      stream: true,
    })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      chunks++;
    }
    expect(streamed).toBe(chat.choices[0]?.message.content);
    expect(chunks).toBeGreaterThan(5);

    const asked = [{ role: 'user' as const, content: 'What is the weather in Lima?' }];
    const tool = await client.chat.completions.create({ model: 'fast', messages: asked, tools: WEATHER });
    const call = tool.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ location: 'Lima' });

    const unknown = client.chat.completions.create({ model: 'nope', messages });
    await expect(unknown).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('Invalid model name passed in model=nope'),
    });
    const stranger = new OpenAI({ baseURL: `${await engine.address()}/v1`, apiKey: 'nobody', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
  });

  it('has five concurrent requests to one tier answered', async () => {
    const fast = tier('fast');
    const engine = proxy(writeConfig([{ name: 'fast', base: await fast.address() }], ''));
    const client = new OpenAI({ baseURL: `${await engine.address()}/v1`, apiKey: KEY, maxRetries: 0 });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        client.chat.completions.create({
          model: 'fast',
          messages: [{ role: 'user', content: `request ${index}` }],
        }),
      ),
    );
    expect(answers.map((answer) => answer.choices[0]?.message.content?.slice(0, 21))).toEqual(
      Array.from({ length: 5 }, (_, index) => `Answer 1 to "request ${index}`.slice(0, 21)),
    );
    expect(await processed(fast)).toBe(5);
  });
});

describe('faults', () => {
  it.each([
    ['500', 500],
    ['ok', 200],
  ])('answers liveliness %s', async (liveliness, status) => {
    const engine = proxy(writeConfig([], ''), { LITELLM_STANDIN: JSON.stringify({ liveliness }) });
    expect((await get(engine, '/health/liveliness')).status).toBe(status);
  });

  it('rejects its config, ignores SIGTERM, and refuses an unknown switch', async () => {
    const config = writeConfig([], '');
    expect(await proxy(config, { LITELLM_STANDIN: '{"rejectConfig":true}' }).exit).toEqual({
      code: 3,
      signal: null,
    });
    expect(await proxy(config, { LITELLM_STANDIN: '{"health":"ok"}' }).exit).toEqual({
      code: 2,
      signal: null,
    });
    const stubborn = proxy(config, { LITELLM_STANDIN: '{"ignoreTerm":true}' });
    await stubborn.address();
    stubborn.signal('SIGTERM');
    expect((await get(stubborn, '/health/liveliness')).status).toBe(200);
    const polite = proxy(config);
    await polite.address();
    polite.signal('SIGTERM');
    expect(await polite.exit).toEqual({ code: null, signal: 'SIGTERM' });
    await polite.printed('Application shutdown complete.');
  });
});
