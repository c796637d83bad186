/** The exact command lines, environments and gateway file that a stack leads to. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { problem } from '../../../src-main/contract/result.ts';
import { derivePaths } from '../../../src-main/paths.ts';
import { type CloudFacts, type DefinitionFacts, defineServices } from '../../../src-main/stack/definition.ts';
import { gatewayConfig } from '../../../src-main/stack/gateway-config.ts';
import { gpuLimitBytes, kvReserveBytes } from '../../../src-main/stack/memory.ts';
import { candidatePorts } from '../../../src-main/stack/ports.ts';
import type { ServiceSpec } from '../../../src-main/stack/spec.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import type { Stack } from '../../../src-main/stack/stack-types.ts';
import type { TierModel } from '../../../src-main/stack/tier-arguments.ts';
import { smallerContexts } from '../../../src-main/supervisor/admission.ts';
import { cliStack, stackOf } from './stack-texts.ts';

const gatewayKey = 'sk-canary-gateway-key';
const gb = 1_000_000_000;

function stackFrom(text: string): Stack {
  const parsed = parseStack(text);
  if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
  return parsed.value.stack;
}

function factsFor(
  stack: Stack,
  change: Partial<DefinitionFacts> = {},
  model: Partial<TierModel> = {},
): DefinitionFacts {
  return {
    executables: { vllmMlx: { path: '/opt/e/bin/vllm-mlx' }, litellm: { path: '/opt/l/bin/litellm' } },
    vllmMlxOptions: null,
    models: Object.fromEntries(
      stack.tiers.map((tier) => [
        tier.name,
        {
          folder: `/m/${tier.source.split('/').at(-1) ?? ''}`,
          weightsBytes: 6 * gb,
          contextTokens: 262_144,
          kv: null,
          vocabularySize: null,
          ...model,
        },
      ]),
    ),
    paths: derivePaths('/Users/me/.mlx-stack'),
    gatewayKey,
    cloud: null,
    totalMemoryBytes: 64 * 1024 ** 3,
    user: { HOME: '/Users/me', USER: 'me', LANG: 'en_US.UTF-8' },
    ...change,
  };
}

function define(
  text: string,
  change: Partial<DefinitionFacts> = {},
  model: Partial<TierModel> = {},
  litellmPort = 4000,
) {
  const stack = stackFrom(text);
  return defineServices({ config: { litellmPort }, stack, facts: factsFor(stack, change, model) });
}

function service(services: readonly ServiceSpec[], id: string): ServiceSpec {
  const found = services.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const withFlags = (flags: string, tier = {}) => stackOf({ ...tier, rest: `  vllm_flags: {${flags}}\n` });

/** What follows the fixed beginning of a tier's arguments. */
function flagsOf(text: string, model: Partial<TierModel> = {}): string[] {
  const [tier] = define(text, {}, model).services;
  return [...(tier?.args ?? [])].slice(9);
}

function settingOf(args: readonly string[], flag: string): string | undefined {
  const index = args.indexOf(flag);
  return index === -1 ? undefined : args[index + 1];
}

test('the arguments of every service of a CLI stack, exactly', () => {
  const { services, problems } = define(cliStack);
  expect(problems).toEqual([]);
  expect(services.map(({ id, kind, name, model, port }) => [id, kind, name, model, port])).toEqual([
    ['standard', 'tier', 'standard', 'qwen3.5-9b', 8000],
    ['fast', 'tier', 'fast', 'Qwen3 0.6B', 8001],
    ['added-1', 'tier', 'added-1', 'llama3.2-3b', 8002],
    ['gateway', 'gateway', 'Gateway', null, 4000],
  ]);
  const memory = [
    '--timeout',
    '600',
    '--max-tokens',
    '32768',
    '--max-request-tokens',
    '32768',
    '--prefill-step-size',
    '2048',
    '--cache-memory-mb',
    '715',
  ];
  expect(service(services, 'standard').args).toEqual([
    ...[
      'serve',
      '/m/Qwen3.5-9B-4bit',
      '--port',
      '8000',
      '--host',
      '127.0.0.1',
      '--served-model-name',
      'standard',
      '--offline',
    ],
    ...memory,
    ...['--max-num-seqs', '8', '--gpu-memory-utilization', '0.21'],
    ...[
      '--continuous-batching',
      '--use-paged-cache',
      '--enable-auto-tool-choice',
      '--tool-call-parser',
      'hermes',
      '--reasoning-parser',
      'qwen3',
    ],
  ]);
  expect(service(services, 'fast').args).toEqual([
    ...[
      'serve',
      '/m/Qwen3-0.6B-4bit',
      '--port',
      '8001',
      '--host',
      '127.0.0.1',
      '--served-model-name',
      'fast',
      '--offline',
    ],
    ...memory,
    ...[
      '--use-paged-cache',
      '--enable-auto-tool-choice',
      '--tool-call-parser',
      'hermes',
      '--reasoning-parser',
      'qwen3',
    ],
  ]);
  expect(service(services, 'added-1').args).toEqual([
    ...[
      'serve',
      '/m/Llama-3.2-3B-Instruct-8bit',
      '--port',
      '8002',
      '--host',
      '127.0.0.1',
      '--served-model-name',
      'added-1',
      '--offline',
    ],
    ...memory,
    ...['--enable-auto-tool-choice', '--tool-call-parser', 'llama'],
  ]);
  expect(service(services, 'gateway').args).toEqual([
    ...[
      '--config',
      '/Users/me/.mlx-stack/litellm.yaml',
      '--host',
      '127.0.0.1',
      '--port',
      '4000',
      '--num_workers',
      '1',
    ],
  ]);
});

describe('flags of the stack file', () => {
  test('true is bare, false is absent, a value follows, _ becomes -', () => {
    const args = flagsOf(
      withFlags(
        'lazy_load_model: true, enable-mtp: false, stream_interval: 2, default_temperature: 0.7, warm-prompts: a b.json',
      ),
    );
    expect(args).toContain('--lazy-load-model');
    expect(args.join(' ')).not.toContain('mtp');
    expect(settingOf(args, '--stream-interval')).toBe('2');
    expect(settingOf(args, '--default-temperature')).toBe('0.7');
    expect(settingOf(args, '--warm-prompts')).toBe('a b.json');
  });

  test.each(['--host=0.0.0.0', '-x', '--trust-remote-code', '-', '--', '-1'])(
    'the value %j cannot become a flag',
    (value) => {
      const args = flagsOf(withFlags(`ssd-cache-dir: ${JSON.stringify(value)}`));
      expect(args).toContain(`--ssd-cache-dir=${value}`);
      expect(args).not.toContain(value);
    },
  );

  test('negative numbers are joined as well', () => {
    expect(flagsOf(withFlags('default-presence-penalty: -1.5'))).toContain('--default-presence-penalty=-1.5');
  });

  test('every argument that begins with a dash is one of ours or a checked name', () => {
    for (const value of ['a;b', '$(reboot)', '`x`', "'", '"', '😀', 'x'.repeat(1000), '../..', '@file', '']) {
      const args = flagsOf(withFlags(`warm_prompts: ${JSON.stringify(value)}`));
      for (const arg of args) if (arg.startsWith('-')) expect(arg).toMatch(/^--[a-z][a-z0-9-]*$/);
      expect(settingOf(args, '--warm-prompts')).toBe(value);
    }
  });

  test('win over the memory settings, which never appear twice', () => {
    const args = flagsOf(
      withFlags(
        'max_tokens: 100, prefill_step_size: 512, timeout: 30, cache_memory_percent: 0.1, continuous_batching: true, gpu_memory_utilization: 0.5, max_num_seqs: 2',
      ),
    );
    expect(settingOf(args, '--max-tokens')).toBe('100');
    expect(settingOf(args, '--prefill-step-size')).toBe('512');
    expect(settingOf(args, '--timeout')).toBe('30');
    expect(settingOf(args, '--gpu-memory-utilization')).toBe('0.5');
    expect(settingOf(args, '--max-num-seqs')).toBe('2');
    expect(args).not.toContain('--cache-memory-mb');
    const names = args.filter((arg) => arg.startsWith('--'));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('memory settings', () => {
  test('no answer is longer than the context', () => {
    expect(settingOf(flagsOf(stackOf({}), { contextTokens: 4096 }), '--max-tokens')).toBe('4096');
    expect(settingOf(flagsOf(stackOf({}), { contextTokens: null }), '--max-request-tokens')).toBe('32768');
    expect(settingOf(flagsOf(stackOf({ rest: '  context: 8192\n' })), '--max-tokens')).toBe('8192');
  });

  test('the two limits of an answer never contradict each other, which vllm-mlx would refuse', () => {
    const limits = (flags: string) => {
      const args = flagsOf(withFlags(flags));
      return [settingOf(args, '--max-tokens'), settingOf(args, '--max-request-tokens')];
    };
    expect(limits('max_tokens: 60000')).toEqual(['60000', '60000']);
    expect(limits('max_tokens: 100')).toEqual(['100', '32768']);
    expect(limits('max_request_tokens: 1000')).toEqual(['1000', '1000']);
    expect(limits('max_request_tokens: 60000')).toEqual(['32768', '60000']);
    expect(limits('max_tokens: 5, max_request_tokens: 9')).toEqual(['5', '9']);
  });

  test('limits that act only with continuous batching are passed only then', () => {
    const off = flagsOf(stackOf({ rest: '  context: 8192\n' }));
    for (const flag of ['--gpu-memory-utilization', '--max-kv-size', '--max-num-seqs'])
      expect(off).not.toContain(flag);
    const on = flagsOf(stackOf({ rest: '  context: 8192\n  vllm_flags: {continuous_batching: true}\n' }));
    expect(settingOf(on, '--max-kv-size')).toBe('8192');
    expect(flagsOf(withFlags('continuous_batching: true'))).not.toContain('--max-kv-size');
  });

  test('the share of the GPU memory stays between a tenth and nine tenths', () => {
    const batching = withFlags('continuous_batching: true');
    expect(settingOf(flagsOf(batching, { weightsBytes: 300_000_000 }), '--gpu-memory-utilization')).toBe(
      '0.1',
    );
    expect(settingOf(flagsOf(batching, { weightsBytes: 120 * gb }), '--gpu-memory-utilization')).toBe('0.9');
  });

  test('a cache that is switched off gets no size', () => {
    expect(flagsOf(withFlags('disable_prefix_cache: true'))).not.toContain('--cache-memory-mb');
    expect(flagsOf(withFlags('disable_prefix_cache: false'))).toContain('--cache-memory-mb');
  });

  test('a tier needs its weights, the overhead and a share for the context', () => {
    expect(kvReserveBytes(0)).toBe(1.5 * gb);
    expect(kvReserveBytes(16 * gb)).toBe(4 * gb);
    expect(kvReserveBytes(100 * gb)).toBe(6 * gb);
    expect(
      service(define(stackOf({ name: 'a' }), {}, { weightsBytes: 16 * gb }).services, 'a').memoryBytes,
    ).toBe(21.2 * gb);
    expect(gpuLimitBytes(32 * 1024 ** 3)).toBe(Math.floor((64 * 1024 ** 3) / 3));
    expect(gpuLimitBytes(64 * 1024 ** 3)).toBe(48 * 1024 ** 3);
  });
});

describe('a model that says what its context costs', () => {
  const qwen9b = {
    weightsBytes: 5.98 * gb,
    kv: { bytesPerToken: 32_768, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 },
    vocabularySize: 248_320,
  };
  const needOf = (extra: string, contextTokens: number | null = 262_144) => {
    const text = stackOf({ name: 'a', rest: extra === '' ? '' : `  ${extra}\n` });
    return service(define(text, {}, { ...qwen9b, contextTokens }).services, 'a');
  };
  const fixed = 5.98 * gb + 1.2 * gb + 2048 * 248_320 * 2;

  test('needs memory for 32 K unless the stack file or the model says less', () => {
    const tokens = (count: number) => fixed + count * 32_768 * 1.5;
    expect(needOf('').memoryBytes).toBe(tokens(32_768));
    expect(needOf('', null).memoryBytes).toBe(tokens(32_768));
    expect(needOf('', 20_480).memoryBytes).toBe(tokens(20_480));
    expect(needOf('context: 131072').memoryBytes).toBe(tokens(131_072));
    expect(needOf('context: 131072', 65_536).memoryBytes).toBe(tokens(65_536));
  });

  test('the cache that the stack file sets is counted as it is', () => {
    const withCache = (flags: string) =>
      service(define(withFlags(flags), {}, qwen9b).services, 'tier-1').memoryBytes;
    const context = 32_768 * 32_768;
    expect(withCache('cache_memory_mb: 100')).toBe(fixed + context + 100 * 1024 ** 2);
    expect(withCache('disable_prefix_cache: true')).toBe(fixed + context);
    expect(withCache('cache_memory_percent: 0.25')).toBe(fixed + context + 16 * 1024 ** 3);
  });

  test('lists what it would need with each context that can be chosen, as much as it needs with it in force', () => {
    const tokensOf = (extra: string, limit: number | null) =>
      needOf(extra, limit).contexts?.map(({ tokens }) => tokens);
    expect(tokensOf('', 40_960)).toEqual([4096, 8192, 16_384, 32_768, 40_960]);
    expect(tokensOf('context: 20000', 40_960)).toEqual([4096, 8192, 16_384, 20_000, 32_768, 40_960]);
    expect(tokensOf('', 2048)).toEqual([2048]);
    expect(tokensOf('', null)).toContain(262_144);
    for (const { tokens, memoryBytes } of needOf('', 262_144).contexts ?? []) {
      expect(needOf(`context: ${tokens}`).memoryBytes).toBe(memoryBytes);
    }
    expect(needOf('context: 8192').contextTokens).toBe(8192);
    const missing = service(define(stackOf({ name: 'a' }), {}, { weightsBytes: 0 }).services, 'a');
    expect(missing.contexts, 'nothing is known of a model that is not here').toEqual([]);
  });

  test('lists what it would need with less', () => {
    const smaller = smallerContexts(needOf(''));
    expect(smaller.map(({ tokens }) => tokens)).toEqual([16_384, 8192, 4096]);
    const needs = [needOf(''), ...smaller].map((one) => one.memoryBytes);
    expect(needs).toEqual(needs.toSorted((a, b) => b - a));
    expect(new Set(needs).size).toBe(4);
    expect(smallerContexts(needOf('context: 4096'))).toEqual([]);
    expect(
      smallerContexts(service(define(stackOf({ name: 'a' })).services, 'a')),
      'without knowing what a context costs',
    ).toEqual([]);
  });
});

describe('parsers', () => {
  const source = 'mlx-community/Qwen3.5-9B-4bit';
  const joined = (flags: string, tier: { source?: string } = { source }) =>
    flagsOf(withFlags(flags, tier)).join(' ');

  test('come from the catalogue where the file is silent', () => {
    expect(joined('')).toContain(
      '--enable-auto-tool-choice --tool-call-parser qwen3_xml --reasoning-parser qwen3',
    );
    expect(joined('', { source: '/Volumes/X/Qwen3.5-9B-4bit' })).toContain('--tool-call-parser qwen3_xml');
    expect(joined('', { source: 'org/unknown-model' })).not.toContain('parser');
  });

  test('are what the file says, by their present names', () => {
    expect(joined('tool_call_parser: hermes')).toContain(
      '--tool-call-parser hermes --enable-auto-tool-choice',
    );
    expect(joined('tool_call_parser: llama3_json')).toContain('--tool-call-parser llama ');
    expect(joined('reasoning_parser: nemotron')).toContain('--reasoning-parser qwen3');
    expect(joined('reasoning_parser: false')).not.toContain('reasoning-parser');
    expect(joined('enable_auto_tool_choice: false')).not.toContain('tool');
    expect(joined('tool_call_parser: false')).not.toContain('tool');
  });

  test('automatic tool choice never goes without a parser, which vllm-mlx would refuse', () => {
    expect(joined('enable_auto_tool_choice: true', { source: 'org/unknown-model' })).toContain(
      '--tool-call-parser auto',
    );
    expect(joined('enable_auto_tool_choice: true, tool_call_parser: false')).not.toContain('tool');
  });
});

describe('environment', () => {
  const user = {
    HOME: '/Users/me',
    USER: 'me',
    LOGNAME: 'me',
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'C',
    LC_CTYPE: 'UTF-8',
    TMPDIR: '/tmp/x',
    HOST: '0.0.0.0',
    PORT: '1',
    DEBUG: '1',
    NUM_WORKERS: '9',
    OPENROUTER_API_KEY: 'canary',
    PYTHONPATH: '/evil',
    DYLD_INSERT_LIBRARIES: '/evil',
    HTTP_PROXY: 'http://evil',
    PATH: '/evil',
    LITELLM_LOG: 'DEBUG',
    HF_TOKEN: 'canary',
  };
  const inherited = {
    HOME: '/Users/me',
    USER: 'me',
    LOGNAME: 'me',
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'C',
    LC_CTYPE: 'UTF-8',
    TMPDIR: '/tmp/x',
  };
  const common = {
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
    HF_HUB_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
  };

  test('is the allow-list and nothing more', () => {
    const { services } = define(stackOf({ name: 'a' }), { user });
    expect(service(services, 'a').env).toEqual({
      ...inherited,
      ...common,
      PATH: '/opt/e/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      VLLM_MLX_SIMPLE_ENGINE_LOCK_ADMISSION: 'wait',
    });
    expect(service(services, 'gateway').env).toEqual({
      ...inherited,
      ...common,
      PATH: '/opt/l/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      LITELLM_MODE: 'PRODUCTION',
      LITELLM_OFFLINE_MODE: 'true',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
      LITELLM_LOCAL_BLOG_POSTS: 'True',
      LITELLM_LOCAL_POLICY_TEMPLATES: 'True',
      LITELLM_LOG: 'ERROR',
      NO_DOCS: 'True',
      NO_REDOC: 'True',
      NO_OPENAPI: 'True',
      DISABLE_ADMIN_UI: 'True',
      LITELLM_MASTER_KEY: gatewayKey,
    });
  });

  test('a folder with a colon does not split the PATH', () => {
    const { services } = define(stackOf({ name: 'a' }), {
      executables: { vllmMlx: { path: '/a:/evil/vllm-mlx' }, litellm: { path: '/l/litellm' } },
    });
    expect(service(services, 'a').env['PATH']).toBe('/usr/bin:/bin:/usr/sbin:/sbin');
  });

  test('the gateway key is in the environment of the gateway alone', () => {
    const { services, gatewayConfig: yaml } = define(cliStack, { user });
    const elsewhere = services.map(({ env, ...rest }) => [
      rest,
      Object.entries(env).filter(([name]) => name !== 'LITELLM_MASTER_KEY'),
    ]);
    expect(JSON.stringify(elsewhere)).not.toContain('canary');
    expect(yaml).not.toContain('canary');
  });
});

describe('what the supervisor needs', () => {
  test('requirements, health and working directory', () => {
    const { services } = define(stackOf({ name: 'a', source: 'org/model' }));
    expect(service(services, 'a')).toMatchObject({
      cwd: '/Users/me/.mlx-stack/run/empty',
      requirements: [
        { kind: 'executable', path: '/opt/e/bin/vllm-mlx' },
        { kind: 'model-folder', path: '/m/model', source: 'org/model' },
      ],
      health: { kind: 'vllm-mlx', servedModelName: 'a' },
    });
    expect(service(services, 'gateway')).toMatchObject({
      cwd: '/Users/me/.mlx-stack/run/empty',
      requirements: [{ kind: 'executable', path: '/opt/l/bin/litellm' }],
      health: { kind: 'litellm' },
      memoryBytes: 0,
      startLimitMs: 90_000,
      stopGraceMs: 10_000,
    });
  });

  test('limits grow with the model, and have an end', () => {
    const limits = (weightsBytes: number) => {
      const { startLimitMs, stopGraceMs } = service(
        define(stackOf({ name: 'a' }), {}, { weightsBytes }).services,
        'a',
      );
      return [startLimitMs, stopGraceMs];
    };
    expect(limits(0)).toEqual([120_000, 10_000]);
    expect(limits(20 * gb)).toEqual([320_000, 30_000]);
    expect(limits(500 * gb)).toEqual([1_800_000, 60_000]);
  });

  test('a missing engine is said, and the rest is defined all the same', () => {
    const missing = problem('executable-missing', 'vllm-mlx was not found.');
    const { services } = define(stackOf({ name: 'a' }), {
      executables: { vllmMlx: { missing }, litellm: { path: '/l' } },
    });
    expect(service(services, 'a').executable).toEqual({ missing });
    expect(service(services, 'a').requirements).toEqual([
      { kind: 'model-folder', path: '/m/Qwen3-0.6B-4bit', source: 'mlx-community/Qwen3-0.6B-4bit' },
    ]);
    expect(services).toHaveLength(2);
  });

  test('a tier on the port of the gateway is left out with a way out', () => {
    const {
      services,
      problems,
      gatewayConfig: yaml,
    } = define(stackOf({ name: 'a', port: 4100 }, { name: 'b' }), {}, {}, 4100);
    expect(services.map(({ id }) => id)).toEqual(['b', 'gateway']);
    expect(problems).toMatchObject([{ code: 'port-clash', hint: expect.stringContaining('port 8000') }]);
    expect(yaml).not.toContain('4100');
    expect(define(stackOf({ port: 4100 }), {}, {}, 4100).services).toEqual([]);
  });

  test('free ports are those that neither tiers nor the gateway use', () => {
    expect(candidatePorts(stackFrom(stackOf({ port: 8000 }, { port: 8002 })), 8001).slice(0, 2)).toEqual([
      8003, 8004,
    ]);
  });

  test('the configured port is in arguments, spec and fingerprint alike', () => {
    const moved = service(define(cliStack, {}, {}, 4321).services, 'gateway');
    expect(moved.port).toBe(4321);
    expect(settingOf(moved.args, '--port')).toBe('4321');
    expect(moved.fingerprint).not.toBe(service(define(cliStack).services, 'gateway').fingerprint);
  });
});

describe('fingerprints', () => {
  const prints = (text: string, change: Partial<DefinitionFacts> = {}, model: Partial<TierModel> = {}) =>
    Object.fromEntries(define(text, change, model).services.map(({ id, fingerprint }) => [id, fingerprint]));
  const base = prints(cliStack);

  test('are the same for the same input, and show no secret', () => {
    expect(prints(cliStack)).toEqual(base);
    for (const print of Object.values(base)) expect(print).toMatch(/^[0-9a-f]{64}$/);
  });

  test('change for exactly the service that must start anew', () => {
    const changed = (other: Record<string, string>) =>
      Object.keys(base).filter((id) => other[id] !== base[id]);
    expect(changed(prints(cliStack.replace('port: 8001', 'port: 8009')))).toEqual(['fast', 'gateway']);
    expect(
      changed(prints(cliStack.replace('tool_call_parser: hermes', 'tool_call_parser: qwen3_xml'))),
    ).toEqual(['standard']);
    expect(changed(prints(cliStack.replace('model: qwen3.5-9b', 'model: another name')))).toEqual([]);
    expect(changed(prints(cliStack.replace('intent: balanced', 'intent: agent-fleet')))).toEqual([]);
    expect(changed(prints(cliStack, { gatewayKey: 'sk-other' }))).toEqual(['gateway']);
    expect(
      changed(
        prints(cliStack, {
          executables: { vllmMlx: { path: '/opt/e/bin/vllm-mlx' }, litellm: { path: '/new/litellm' } },
        }),
      ),
    ).toEqual(['gateway']);
    expect(changed(prints(cliStack, {}, { contextTokens: 131_072 }))).toEqual(['gateway']);
  });
});

describe('a cloud that is set up', () => {
  const cloud: CloudFacts = {
    baseUrl: 'http://127.0.0.1:50123/api/v1',
    secretHeader: 'x-mlx-stack-relay',
    fallbackHeader: 'x-mlx-stack-fallback',
    secret: 'canary-relay-secret',
    models: ['~anthropic/claude-sonnet-latest', 'openai/gpt-5.4'],
  };

  test('is known to the gateway alone, its secret by the environment alone', () => {
    const without = define(cliStack);
    const { services, gatewayConfig: yaml } = define(cliStack, { cloud });
    const gateway = service(services, 'gateway');
    expect(gateway.env['MLX_STACK_RELAY_SECRET']).toBe(cloud.secret);
    expect(Object.values(gateway.env).filter((value) => value === cloud.secret)).toHaveLength(1);
    expect(yaml).not.toContain(cloud.secret);
    expect(gateway.args.join(' ')).not.toContain(cloud.secret);
    expect(gateway.fingerprint).not.toBe(service(without.services, 'gateway').fingerprint);
    for (const tier of services.filter(({ kind }) => kind === 'tier')) {
      expect(tier).toEqual(service(without.services, tier.id));
    }
    expect(service(without.services, 'gateway').env).not.toHaveProperty('MLX_STACK_RELAY_SECRET');
    expect(without.gatewayConfig).not.toMatch(/openrouter|premium|relay/);
  });

  test('the same again starts nothing anew; another relay or another choice of models does', () => {
    const print = (change: Partial<CloudFacts>) =>
      service(define(cliStack, { cloud: { ...cloud, ...change } }).services, 'gateway').fingerprint;
    expect(print({})).toBe(print({}));
    expect(print({ secret: 'another' })).not.toBe(print({}));
    expect(print({ baseUrl: 'http://127.0.0.1:50124/api/v1' })).not.toBe(print({}));
    expect(print({ models: ['openai/gpt-5.4'] })).not.toBe(print({}));
  });

  test('without a chosen model is no cloud', () => {
    expect(define(cliStack, { cloud: { ...cloud, models: [] } }).gatewayConfig).toBe(
      define(cliStack).gatewayConfig,
    );
  });

  test('adds one group for each model, `premium` for the first, and one for requests that no tier answered', () => {
    const yaml = gatewayConfig([{ name: 'standard', port: 8000, contextTokens: 32_768 }], cloud);
    expect(
      yaml.slice(yaml.indexOf('  - "model_name": "premium"'), yaml.indexOf('"litellm_settings"')),
    ).toBe(`  - "model_name": "premium"
    "litellm_params":
      "model": "openrouter/~anthropic/claude-sonnet-latest"
      "api_base": "http://127.0.0.1:50123/api/v1"
      "api_key": "relay"
      "extra_headers":
        "x-mlx-stack-relay": "os.environ/MLX_STACK_RELAY_SECRET"
      "num_retries": 0
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "cloud-premium"
      "mode": "chat"
      "disable_background_health_check": true
  - "model_name": "~anthropic/claude-sonnet-latest"
    "litellm_params":
      "model": "openrouter/~anthropic/claude-sonnet-latest"
      "api_base": "http://127.0.0.1:50123/api/v1"
      "api_key": "relay"
      "extra_headers":
        "x-mlx-stack-relay": "os.environ/MLX_STACK_RELAY_SECRET"
      "num_retries": 0
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "cloud-~anthropic/claude-sonnet-latest"
      "mode": "chat"
      "disable_background_health_check": true
  - "model_name": "openai/gpt-5.4"
    "litellm_params":
      "model": "openrouter/openai/gpt-5.4"
      "api_base": "http://127.0.0.1:50123/api/v1"
      "api_key": "relay"
      "extra_headers":
        "x-mlx-stack-relay": "os.environ/MLX_STACK_RELAY_SECRET"
      "num_retries": 0
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "cloud-openai/gpt-5.4"
      "mode": "chat"
      "disable_background_health_check": true
  - "model_name": "premium/fallback"
    "litellm_params":
      "model": "openrouter/~anthropic/claude-sonnet-latest"
      "api_base": "http://127.0.0.1:50123/api/v1"
      "api_key": "relay"
      "extra_headers":
        "x-mlx-stack-relay": "os.environ/MLX_STACK_RELAY_SECRET"
        "x-mlx-stack-fallback": "1"
      "num_retries": 0
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "cloud-fallback"
      "mode": "chat"
      "disable_background_health_check": true
`);
  });

  test('comes last, after every local model, also for prompts that fit none of them', () => {
    const tiers = [
      { name: 'standard', port: 8000, contextTokens: 262_144 },
      { name: 'fast', port: 8001, contextTokens: 32_768 },
    ];
    const { router_settings: router } = parse(gatewayConfig(tiers, cloud));
    expect(router.fallbacks).toEqual([
      { standard: ['fast', 'premium/fallback'] },
      { fast: ['standard', 'premium/fallback'] },
    ]);
    expect(router.max_fallbacks).toBe(1);
    expect(router.context_window_fallbacks).toEqual([
      { standard: ['premium/fallback'] },
      { fast: ['standard', 'premium/fallback'] },
    ]);
  });

  test('its own groups never meet a tier: no tier may have such a name', () => {
    for (const name of ['premium', 'premium/fallback', 'openai/gpt-5.4']) {
      expect(parseStack(cliStack.replace('name: fast', `name: ${name}`)).ok).toBe(false);
    }
  });
});

test('facts that were not gathered are a bug', () => {
  expect(() => define(cliStack, { models: {} })).toThrow('standard');
});

describe('the gateway file', () => {
  const tiers = [
    { name: 'standard', port: 8000, contextTokens: 262_144 },
    { name: 'fast', port: 8001, contextTokens: 32_768 },
    { name: 'longctx', port: 8002, contextTokens: null },
  ];

  test('of three tiers, exactly', () => {
    expect(
      gatewayConfig(tiers.slice(0, 2), null),
    ).toBe(`# Generated by MLX Stack from the stack file; changes made here are overwritten.
# Holds no secret: keys come from the environment, and the one for the cloud never gets here.
"model_list":
  - "model_name": "standard"
    "litellm_params":
      "model": "openai/standard"
      "api_base": "http://127.0.0.1:8000/v1"
      "api_key": "local"
      "num_retries": 1
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "local-standard"
      "mode": "chat"
      "max_input_tokens": 262144
      "disable_background_health_check": true
  - "model_name": "fast"
    "litellm_params":
      "model": "openai/fast"
      "api_base": "http://127.0.0.1:8001/v1"
      "api_key": "local"
      "num_retries": 1
      "timeout": 630
      "stream_timeout": 300
    "model_info":
      "id": "local-fast"
      "mode": "chat"
      "max_input_tokens": 32768
      "disable_background_health_check": true
"litellm_settings":
  "drop_params": true
  "request_timeout": 630
  "turn_off_message_logging": true
  "redact_user_api_key_info": true
  "json_logs": true
"router_settings":
  "routing_strategy": "simple-shuffle"
  "num_retries": 0
  "timeout": 630
  "allowed_fails": 3
  "cooldown_time": 5
  "enable_pre_call_checks": true
  "fallbacks":
    - "standard":
        - "fast"
    - "fast":
        - "standard"
  "max_fallbacks": 1
  "context_window_fallbacks":
    - "fast":
        - "standard"
"general_settings":
  "master_key": "os.environ/LITELLM_MASTER_KEY"
  "disable_spend_logs": true
  "disable_error_logs": true
  "background_health_checks": false
`);
  });

  test('every tier falls back to all others, in a ring; only known larger contexts take over', () => {
    const { router_settings: router } = parse(gatewayConfig(tiers, null));
    expect(router.fallbacks).toEqual([
      { standard: ['fast', 'longctx'] },
      { fast: ['longctx', 'standard'] },
      { longctx: ['standard', 'fast'] },
    ]);
    expect(router.max_fallbacks).toBe(1);
    expect(router.context_window_fallbacks).toEqual([{ fast: ['standard'] }]);
  });

  test('of one tier has no fallbacks', () => {
    const { router_settings: router, model_list: models } = parse(
      gatewayConfig([{ name: 'a', port: 1, contextTokens: null }], null),
    );
    expect(router).not.toHaveProperty('fallbacks');
    expect(router).not.toHaveProperty('context_window_fallbacks');
    expect(models[0].model_info).not.toHaveProperty('max_input_tokens');
  });

  test('tier names that YAML 1.1 takes for something else stay names', () => {
    const names = ['on', 'yes', 'no', 'null', 'true', '123', '0x1f', '1e3', '2026-01-01', '0', 'y'];
    const text = gatewayConfig(
      names.map((name, index) => ({ name, port: 8000 + index, contextTokens: null })),
      null,
    );
    const config = parse(text, { version: '1.1' });
    expect(config.model_list.map((deployment: { model_name: unknown }) => deployment.model_name)).toEqual(
      names,
    );
    expect(config.router_settings.fallbacks.flatMap((entry: object) => Object.keys(entry)).sort()).toEqual(
      [...names].sort(),
    );
    expect(config.router_settings.fallbacks[0].on).toEqual(names.slice(1));
    for (const name of names) expect(text).toContain(`"${name}"`);
  });
});
