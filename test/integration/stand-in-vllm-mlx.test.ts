/** The vllm-mlx stand-in as a real process: start-up order, answers, deaths, and every fault a test can ask of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_BIN, type LaunchedEngine, launchEngine } from '../stand-ins/engines/launch-engine.ts';
import { GPU_OUT_OF_MEMORY_LINE } from '../stand-ins/engines/process-faults.ts';
import type { VllmMlxSwitches } from '../stand-ins/engines/switches.ts';
import { writeControl, writeEngine, writeModelFolder } from '../stand-ins/engines/write-engine.ts';
import { freePort } from './support/ports.ts';

const VLLM_MLX = path.join(ENGINE_BIN, 'vllm-mlx');
const PARSERS = ['--enable-auto-tool-choice', '--tool-call-parser', 'hermes'];
const WEATHER = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];
const ADDRESS_IN_USE = process.platform === 'darwin' ? 48 : 98;

let dir: string;
let model: string;
const launched: LaunchedEngine[] = [];

beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'stand-in-vllm-'));
  model = writeModelFolder(path.join(dir, 'model'));
});
afterEach(async () => {
  await Promise.all(launched.splice(0).map((engine) => engine.dispose()));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function launch(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  file = VLLM_MLX,
): LaunchedEngine {
  const engine = launchEngine({ file, args, env, cwd: dir });
  launched.push(engine);
  return engine;
}

function serve(
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  port = 0,
): LaunchedEngine {
  return launch(['serve', model, '--served-model-name', 'fast', '--port', String(port), ...flags], env);
}

const faults = (switches: VllmMlxSwitches) => ({ VLLM_MLX_STANDIN: JSON.stringify({ '*': switches }) });

/** Its answers take as long as the test wants. */
function serveHeld(): { readonly engine: LaunchedEngine; readonly letGo: () => void } {
  const controlFile = path.join(mkdtempSync(path.join(dir, 'held-')), 'control.json');
  return {
    engine: serve([], faults({ tokenDelayMs: 1_000, controlFile })),
    letGo: () => writeControl(controlFile, { tokenDelayMs: 0 }),
  };
}

interface AskOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function ask(engine: LaunchedEngine, body: object, options: AskOptions = {}): Promise<Response> {
  return await fetch(`${await engine.address()}${options.path ?? '/v1/chat/completions'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'hello' }], ...body }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

async function get(
  engine: LaunchedEngine,
  where: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${await engine.address()}${where}`, { headers });
}

async function events(response: Response): Promise<readonly string[]> {
  return (await response.text())
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data: /, ''));
}

/** Without the dead that nobody has reaped yet. */
function groupMembers(pgid: number): readonly string[] {
  const listing = execFileSync('ps', ['-A', '-o', 'pgid=,stat=,pid=,args='], { encoding: 'utf8' });
  return listing.split('\n').filter((line) => {
    const [group, stat] = line.trim().split(/\s+/);
    return Number(group) === pgid && !stat?.startsWith('Z');
  });
}

describe('command line', () => {
  it('ends with 2 and a usage line on an unknown flag or a bad choice', async () => {
    const unknown = launch(['serve', model, '--bogus']);
    expect(await unknown.exit).toEqual({ code: 2, signal: null });
    await unknown.printed('vllm-mlx: error: unrecognized arguments: --bogus');
    expect(unknown.stderr()).toMatch(/^usage: vllm-mlx \[-h\]/);
    const choice = launch(['serve', model, '--tool-call-parser', 'nonsense']);
    expect(await choice.exit).toEqual({ code: 2, signal: null });
    await choice.printed("vllm-mlx serve: error: argument --tool-call-parser: invalid choice: 'nonsense'");
  });

  it('says inconsistent flags on stdout and ends with 1', async () => {
    const engine = launch(['serve', model, '--enable-auto-tool-choice']);
    expect(await engine.exit).toEqual({ code: 1, signal: null });
    await engine.printed('Error: --enable-auto-tool-choice requires --tool-call-parser');
    expect(engine.stdout()).toContain('Error: --enable-auto-tool-choice');
    expect(engine.stderr()).toBe('');
  });

  it('ends with 2 on a fault switch that does not exist', async () => {
    const engine = serve([], { VLLM_MLX_STANDIN: '{"*":{"hangs":true}}' });
    expect(await engine.exit).toEqual({ code: 2, signal: null });
    await engine.printed('VLLM_MLX_STANDIN is not understood at *');
  });

  it('shows its own absolute path in the process list', async () => {
    const engine = serve();
    await engine.address();
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(engine.pid)], { encoding: 'utf8' });
    expect(args).toContain(` ${VLLM_MLX} serve ${model} `);
  });
});

describe('start-up', () => {
  it('prints the security block, loads, and only then binds', async () => {
    const port = await freePort();
    const engine = serve([], faults({ loadMs: 2_000 }), port);
    await engine.printed('Mode: Simple (maximum throughput)');
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    expect(engine.stderr()).toBe('');
    expect(await engine.address()).toBe(`http://127.0.0.1:${port}`);
    const order = [
      'SECURITY CONFIGURATION',
      '  Authentication: DISABLED',
      `Loading model: ${model}`,
      'Mode: Simple',
      `Starting server at http://127.0.0.1:${port}`,
      `INFO:     Started server process [${engine.pid}]`,
      'INFO:     Waiting for application startup.',
      'INFO:     Application startup complete.',
      'INFO:     Uvicorn running on',
    ].map((line) => engine.all().indexOf(line));
    expect(order).not.toContain(-1);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(engine.stdout()).not.toContain('Uvicorn running');
  });

  it('loads inside the lifespan with continuous batching, where SIGTERM waits for the load to end', async () => {
    const engine = serve(['--continuous-batching'], faults({ loadMs: 3_000 }));
    await engine.printed('INFO:     Waiting for application startup.');
    expect(engine.all()).not.toContain('Application startup complete');
    engine.signal('SIGTERM');
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(engine.stderr()).toContain('Application startup complete.');
    expect(engine.stderr()).not.toContain('Uvicorn running');
  });

  it('dies at once of SIGTERM while a simple engine loads', async () => {
    const engine = serve([], faults({ loadMs: 30_000 }));
    await engine.printed('Loading model');
    engine.signal('SIGTERM');
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(engine.stderr()).toBe('');
  });

  it('finds a port clash only after the load, and ends with 1', async () => {
    const holder = serve();
    const port = new URL(await holder.address()).port;
    const engine = serve([], {}, Number(port));
    expect(await engine.exit).toEqual({ code: 1, signal: null });
    await engine.printed(
      `ERROR:    [Errno ${ADDRESS_IN_USE}] error while attempting to bind on address ('127.0.0.1', ${port}): address already in use`,
    );
    expect(engine.all().indexOf('Application startup complete.')).toBeGreaterThan(0);
    expect(engine.all().indexOf('[Errno')).toBeGreaterThan(
      engine.all().indexOf('Application startup complete.'),
    );
  });

  it('ends with 3 when the lifespan fails', async () => {
    const engine = serve([], faults({ failLifespan: true }));
    expect(await engine.exit).toEqual({ code: 3, signal: null });
    await engine.printed('ERROR:    Application startup failed. Exiting.');
  });

  it.each([
    ['missing', [], "RuntimeError: Failed to download '{}' after 3 attempts. Last error: "],
    [
      'missing',
      ['--offline'],
      "Model '{}' not found in local cache. Download it first without --offline flag.",
    ],
    ['without-weights', ['--offline'], "Model '{}' not found in local cache."],
    ['without-shard', [], 'ValueError: Missing parameters of model-00002-of-00002.safetensors'],
  ])('ends with 1 for the model folder "%s" %j', async (name, flags, message) => {
    const folder = path.join(dir, name);
    if (name !== 'missing') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'config.json'), '{}');
    }
    if (name === 'without-shard') {
      writeFileSync(path.join(folder, 'model-00001-of-00002.safetensors'), 'x');
      const weight_map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
      writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    }
    const engine = launch(['serve', folder, '--port', '0', ...flags]);
    expect(await engine.exit).toEqual({ code: 1, signal: null });
    await engine.printed(message.replace('{}', folder));
  });

  it('holds a piped stdout back without PYTHONUNBUFFERED, and loses it when killed', async () => {
    const engine = serve([], { PYTHONUNBUFFERED: '' });
    await engine.address();
    expect(engine.stdout()).toBe('');
    engine.signal('SIGKILL');
    await engine.exit;
    expect(engine.stdout()).toBe('');
    const ended = serve([], { PYTHONUNBUFFERED: '' });
    await ended.address();
    ended.signal('SIGTERM');
    await ended.exit;
    await ended.printed('SECURITY CONFIGURATION');
  });
});

describe('endpoints', () => {
  it('answers /health 200 with a body, also when unhealthy', async () => {
    const control = path.join(dir, 'health.json');
    const engine = serve([], faults({ controlFile: control }));
    const well = await get(engine, '/health');
    expect(await well.json()).toMatchObject({
      status: 'healthy',
      model_loaded: true,
      model_name: 'fast',
      available_models: ['fast'],
      model_type: 'llm',
      engine_type: 'simple',
    });
    writeControl(control, { health: 'unhealthy' });
    const ill = await get(engine, '/health');
    expect(ill.status).toBe(200);
    expect(await ill.json()).toMatchObject({ status: 'unhealthy' });
    writeControl(control, { health: '500' });
    expect((await get(engine, '/health')).status).toBe(500);
    rmSync(control);
    expect(await (await get(engine, '/health')).json()).toMatchObject({ status: 'healthy' });
  });

  it('is healthy and cannot generate when a live control file says so', async () => {
    const control = path.join(dir, 'generation.json');
    const engine = serve([], faults({ controlFile: control }));
    expect((await ask(engine, {})).status).toBe(200);
    writeControl(control, { generation: '500' });
    expect((await ask(engine, {})).status).toBe(500);
    expect((await get(engine, '/health')).status).toBe(200);
    writeControl(control, { generation: 'garbage' });
    const garbage = await ask(engine, {});
    expect(garbage.status).toBe(200);
    await expect(garbage.json()).rejects.toThrow();
    writeControl(control, { generation: 'hang' });
    await expect(ask(engine, {}, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
    writeControl(control, {});
    /** It answers one at a time, and hears a moment later that nobody waits for the one that hung. */
    await expect.poll(async () => (await ask(engine, {})).status).toBe(200);
  });

  it('chats, streams token by token, and counts', async () => {
    const engine = serve();
    const whole = await (await ask(engine, {})).json();
    expect(whole).toMatchObject({
      object: 'chat.completion',
      model: 'fast',
      choices: [{ finish_reason: 'stop' }],
    });
    const streamed = await events(
      await ask(engine, { stream: true, stream_options: { include_usage: true } }),
    );
    expect(streamed.at(-1)).toBe('[DONE]');
    const chunks = streamed.slice(0, -1).map((line) => JSON.parse(line));
    expect(chunks.length).toBeGreaterThan(5);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0].message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(await (await get(engine, '/v1/status')).json()).toMatchObject({
      status: 'running',
      model: 'fast',
      num_running: 0,
      total_requests_processed: 2,
      total_completion_tokens: whole.usage.completion_tokens * 2,
    });
    const completion = await (
      await ask(engine, { prompt: 'once', max_tokens: 4 }, { path: '/v1/completions' })
    ).json();
    expect(completion).toMatchObject({ object: 'text_completion', choices: [{ finish_reason: 'length' }] });
  });

  it('tells the most memory it has had, in billions of bytes, which only a longer conversation raises', async () => {
    const engine = serve();
    const peak = async () => (await (await get(engine, '/v1/status')).json()).metal.peak_memory_gb;
    const say = async (words: number) => {
      const messages = [{ role: 'user', content: 'word '.repeat(words) }];
      await (await ask(engine, { messages, max_tokens: 4 })).json();
    };
    await say(400);
    const short = await peak();
    expect(short).toBeGreaterThan(0.5);
    await say(20);
    expect(await peak()).toBe(short);
    await say(4000);
    expect(await peak()).toBeGreaterThan(short);
  });

  it('calls a tool only with the parser flags', async () => {
    const body = { messages: [{ role: 'user', content: 'What is the weather in Oslo?' }], tools: WEATHER };
    const withParser = serve(PARSERS);
    const called = (await (await ask(withParser, body)).json()).choices[0];
    expect(called.finish_reason).toBe('tool_calls');
    expect(JSON.parse(called.message.tool_calls[0].function.arguments)).toEqual({ location: 'Oslo' });
    const plain = (await (await ask(serve(), body)).json()).choices[0];
    expect(plain.message.tool_calls).toBeUndefined();
    expect(plain.message.content).toContain('<tool_call>');
  });

  it('refuses another model name, a bad body, a missing key, and metrics', async () => {
    const engine = serve(['--api-key', 'k']);
    const key = { headers: { authorization: 'Bearer k' } };
    const other = await ask(engine, { model: 'default' }, key);
    expect(other.status).toBe(404);
    expect(await other.json()).toEqual({
      detail: 'The model `default` does not exist. Available model: `fast`',
    });
    expect((await ask(engine, { messages: [] }, key)).status).toBe(400);
    const keyless = await ask(engine, {});
    expect([keyless.status, await keyless.json()]).toEqual([401, { detail: 'API key required' }]);
    const wrong = await get(engine, '/v1/models', { authorization: 'Bearer no' });
    expect([wrong.status, await wrong.json()]).toEqual([401, { detail: 'Invalid API key' }]);
    expect((await get(engine, '/health')).status).toBe(200);
    const metrics = await get(engine, '/metrics');
    expect([metrics.status, await metrics.json()]).toEqual([404, { detail: 'Metrics endpoint is disabled' }]);
    expect(await (await get(serve(['--enable-metrics']), '/metrics')).text()).toContain(
      'vllm_mlx_model_loaded 1',
    );
  });

  it('refuses a second generation in simple mode with 503 text_generation_busy', async () => {
    const { engine, letGo } = serveHeld();
    const first = await ask(engine, { stream: true });
    const second = await ask(engine, {});
    letGo();
    expect(second.status).toBe(503);
    expect(second.headers.get('retry-after')).toBe('2');
    expect(await second.json()).toMatchObject({ error: { code: 'text_generation_busy' } });
    expect((await events(first)).at(-1)).toBe('[DONE]');
    expect((await ask(engine, { max_tokens: 1 })).status).toBe(200);
  });

  it.each([
    ['the wait admission', [], { VLLM_MLX_SIMPLE_ENGINE_LOCK_ADMISSION: 'wait' }],
    ['continuous batching', ['--continuous-batching'], {}],
  ])('serves five at once with %s', async (_name, flags, env) => {
    const engine = serve(flags, { ...faults({ tokenDelayMs: 1 }), ...env });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(engine, { max_tokens: 5 })));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('frees its slot when the client leaves', async () => {
    const engine = serve([], faults({ tokenDelayMs: 50 }));
    const leaver = new AbortController();
    const response = await ask(engine, { stream: true }, { signal: leaver.signal });
    await response.body?.getReader().read();
    leaver.abort();
    await expect.poll(async () => (await ask(engine, { max_tokens: 1 })).status).toBe(200);
  });

  it('loads lazily on the first request', async () => {
    const engine = serve(['--lazy-load-model']);
    expect(await (await get(engine, '/health')).json()).toMatchObject({
      model_loaded: false,
      residency_state: 'unloaded',
    });
    expect((await ask(engine, {})).status).toBe(200);
    expect(await (await get(engine, '/health')).json()).toMatchObject({ residency_state: 'loaded' });
  });
});

describe('ends', () => {
  it('shuts down gracefully on SIGTERM: the open stream is finished, then it dies by the signal', async () => {
    const { engine, letGo } = serveHeld();
    const stream = await ask(engine, { stream: true });
    engine.signal('SIGTERM');
    await engine.printed('Waiting for connections to close.');
    letGo();
    expect((await events(stream)).at(-1)).toBe('[DONE]');
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGTERM' });
    await engine.printed(`Finished server process [${engine.pid}]`);
    expect(engine.stderr()).toContain('Engine stopped');
  });

  it.each(['load', 'request'] as const)('aborts for want of GPU memory at the %s', async (when) => {
    const engine = serve([], faults({ gpuOutOfMemory: when }));
    if (when === 'request') await expect(ask(engine, {})).rejects.toThrow();
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGABRT' });
    await engine.printed(GPU_OUT_OF_MEMORY_LINE);
  });

  it('ignores SIGTERM and still dies of SIGKILL', async () => {
    const engine = serve([], faults({ ignoreTerm: true }));
    await engine.address();
    engine.signal('SIGTERM');
    expect((await get(engine, '/health')).status).toBe(200);
    engine.signal('SIGKILL');
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('leaves grandchildren in its group that ignore SIGTERM', async () => {
    const engine = serve([], faults({ forkGrandchildren: 2, grandchildrenHoldPipes: true }));
    await engine.address();
    await expect.poll(() => groupMembers(engine.pid).length).toBe(3);
    engine.signal('SIGKILL');
    await engine.exit;
    process.kill(-engine.pid, 'SIGTERM');
    expect(groupMembers(engine.pid)).toHaveLength(2);
    process.kill(-engine.pid, 'SIGKILL');
    await expect.poll(() => groupMembers(engine.pid)).toEqual([]);
  });

  it.each([
    [
      { exitAtStartMs: 0, exitCode: 7 },
      { code: 7, signal: null },
    ],
    [{ crashAfterMs: 50 }, { code: null, signal: 'SIGSEGV' }],
    [
      { crashAfterMs: 50, exitCode: 9 },
      { code: 9, signal: null },
    ],
  ])('ends by itself with %j', async (switches, end) => {
    expect(await serve([], faults(switches)).exit).toEqual(end);
  });

  it('crashes after so many answered requests', async () => {
    const engine = serve([], faults({ crashAfterRequests: 2, exitCode: 5 }));
    expect((await ask(engine, { max_tokens: 1 })).status).toBe(200);
    expect((await ask(engine, { max_tokens: 1 })).status).toBe(200);
    expect(await engine.exit).toEqual({ code: 5, signal: null });
  });

  it('accepts connections and answers none when it hangs', async () => {
    const engine = serve([], faults({ hangAfterBind: true }));
    await engine.address();
    const limit = AbortSignal.timeout(300);
    await expect(fetch(`${await engine.address()}/health`, { signal: limit })).rejects.toThrow();
    expect(limit.aborted).toBe(true);
  });

  it('stops itself without dying', async () => {
    const engine = serve([], faults({ sigstopAfterMs: 20 }));
    await engine.address();
    const state = () => execFileSync('ps', ['-o', 'stat=', '-p', String(engine.pid)], { encoding: 'utf8' });
    await expect.poll(state).toMatch(/^T/);
  });

  it('takes its time to shut down', async () => {
    const engine = serve([], faults({ shutdownMs: 300 }));
    await engine.address();
    const since = performance.now();
    engine.signal('SIGTERM');
    expect(await engine.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(performance.now() - since).toBeGreaterThan(280);
  });
});

describe('output', () => {
  it('floods at full speed for a time, or at a rate, and still answers', async () => {
    const engine = serve([], faults({ flood: { seconds: 20, lineBytes: 200 } }));
    expect((await get(engine, '/health')).status).toBe(200);
    await expect.poll(() => engine.bytes()).toBeGreaterThan(20_000_000);
    const slow = serve([], faults({ flood: { mbPerSecond: 1, seconds: 0.4 } }));
    await slow.address();
    await expect.poll(() => slow.bytes()).toBeGreaterThan(200_000);
    expect(slow.bytes()).toBeLessThan(2_000_000);
  });

  it('prints binary, one endless line, and the same line again', async () => {
    const engine = serve([], faults({ printBinary: true, endlessLine: 2, repeatLines: 50 }));
    await engine.address();
    await expect.poll(() => engine.bytes()).toBeGreaterThan(2_000_000);
    expect(engine.stdout()).toContain('x'.repeat(10_000));
    const again = serve([], faults({ repeatLines: 50, printBinary: true }));
    await expect
      .poll(() => again.stdout().split('WARNING: the same line again and again\n').length - 1)
      .toBe(50);
    expect(again.stdout()).toContain('\u0000');
  });
});

describe('a written engine', () => {
  it('carries its faults through an environment that names none, and new ones from its next launch', async () => {
    const folder = path.join(dir, "an engine's folder");
    const file = writeEngine({
      dir: folder,
      name: 'vllm-mlx',
      switches: { fast: { exitAtStartMs: 0, exitCode: 4 } },
    });
    const args = ['serve', model, '--served-model-name', 'fast', '--port', '0'];
    expect(await launch(args, {}, file).exit).toEqual({ code: 4, signal: null });
    const other = launch(['serve', model, '--served-model-name', 'other', '--port', '0'], {}, file);
    await other.address();
    const ps = execFileSync('ps', ['-o', 'args=', '-p', String(other.pid)], { encoding: 'utf8' });
    expect(ps).toContain(` ${file} serve `);
    writeEngine({ dir: folder, name: 'vllm-mlx', switches: {} });
    expect((await ask(launch(args, {}, file), {})).status).toBe(200);
  });
});
