/** Stand-in for the `vllm-mlx` executable: same flags, start-up order, messages, endpoints and deaths; no model inside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { argparseHelp, argparseMessage, argparseUsage, parseCommandLine } from './command-line.ts';
import { createLiveSwitches } from './live-switches.ts';
import { findModel, type LoadedModel } from './model-folder.ts';
import { abortForGpuMemory, armAfterBind, armAtStart } from './process-faults.ts';
import { createPythonOutput, exitPython, type PythonOutput, printTraceback } from './python-output.ts';
import { readVllmMlxControl, readVllmMlxSwitches, type VllmMlxSwitches } from './switches.ts';
import { runUvicorn } from './uvicorn.ts';
import { readServeSettings, SERVE_OPTIONS, type ServeSettings, SUBCOMMANDS } from './vllm-mlx-options.ts';
import { createVllmMlxServer } from './vllm-mlx-server.ts';

/** An older version has fewer. */
const lacking = process.env['VLLM_MLX_STANDIN_WITHOUT']?.split(',') ?? [];
const serveOptions = SERVE_OPTIONS.filter(({ names }) => !names.some((name) => lacking.includes(name)));

const DEFAULT_LOAD_MS = 30;
const SERVE_POSITIONAL = {
  name: 'model',
  usage: '[model]',
  help: 'Model to serve: a folder or a Hugging Face id',
};
const output = createPythonOutput(process.env);
const program = process.argv[1] ?? 'vllm-mlx';

function mainUsage(): string {
  return `usage: vllm-mlx [-h] {${SUBCOMMANDS.join(',')}} ...`;
}

function usageError(usage: string, programName: string, message: string): never {
  output.printError(usage);
  output.printError(`${programName}: error: ${message}`);
  return exitPython(output, 2);
}

function readSettings(argv: readonly string[]): ServeSettings {
  const parsed = parseCommandLine(serveOptions, argv, 1, { abbreviations: true });
  if (!parsed.ok) {
    const message = argparseMessage(parsed.error);
    /** argparse lets the outermost parser complain of what none of them knew. */
    if (parsed.error.kind === 'unknown') return usageError(mainUsage(), 'vllm-mlx', message);
    return usageError(
      argparseUsage('vllm-mlx serve', serveOptions, [SERVE_POSITIONAL.usage]),
      'vllm-mlx serve',
      message,
    );
  }
  const settings = readServeSettings(parsed.value.values, parsed.value.positionals);
  if (settings.ok) return settings.value;
  for (const line of settings.error) output.print(line);
  return exitPython(output, 1);
}

function readSwitches(servedModelName: string): () => VllmMlxSwitches {
  const text = process.env['VLLM_MLX_STANDIN'];
  if (text === undefined) return () => ({});
  const read = readVllmMlxSwitches('VLLM_MLX_STANDIN', text, servedModelName);
  if (read.ok) return createLiveSwitches(read.value, readVllmMlxControl, output);
  output.printError(read.error);
  return exitPython(output, 2);
}

function printSecuritySummary(settings: ServeSettings, out: PythonOutput): void {
  const rule = '='.repeat(60);
  const seconds = Number.isInteger(settings.timeoutSeconds)
    ? settings.timeoutSeconds.toFixed(1)
    : String(settings.timeoutSeconds);
  const lines = [
    rule,
    'SECURITY CONFIGURATION',
    rule,
    settings.apiKey
      ? '  Authentication: ENABLED (API key required)'
      : '  Authentication: DISABLED - Use --api-key to enable',
    settings.rateLimitPerMinute > 0
      ? `  Rate limiting: ENABLED (${settings.rateLimitPerMinute} req/min)`
      : '  Rate limiting: DISABLED - Use --rate-limit to enable',
    `  Request timeout: ${seconds}s`,
    settings.metrics
      ? '  Metrics: ENABLED (/metrics, unauthenticated)'
      : '  Metrics: DISABLED - Use --enable-metrics to expose /metrics',
    settings.trustRemoteCode
      ? '  Remote code loading: ENABLED (--trust-remote-code)'
      : '  Remote code loading: DISABLED (default)',
    settings.autoUnloadIdleSeconds > 0
      ? `  Idle auto-unload: ENABLED (${settings.autoUnloadIdleSeconds.toFixed(0)}s)`
      : '  Idle auto-unload: DISABLED',
    settings.toolCallParser
      ? `  Tool calling: ENABLED (parser: ${settings.toolCallParser})`
      : '  Tool calling: Use --enable-auto-tool-choice to enable',
    settings.reasoningParser
      ? `  Reasoning: ENABLED (parser: ${settings.reasoningParser})`
      : '  Reasoning: Use --reasoning-parser to enable',
    `  Audio upload limit: ${settings.audioUploadLimitMb} MiB, TTS input limit: ${settings.speechInputLimitChars} chars`,
    rule,
  ];
  for (const line of lines) out.print(line);
}

/** The model on disk, or the end of the process as vllm-mlx ends without one. */
function locateModel(settings: ServeSettings, model: string, switches: VllmMlxSwitches): LoadedModel {
  const found = switches.missingModel ? ({ kind: 'absent' } as const) : findModel(model, process.env);
  const offline = settings.offline || process.env['HF_HUB_OFFLINE'] === '1';
  switch (found.kind) {
    case 'found':
      return found.model;
    case 'broken':
      printTraceback(output, program, found.error);
      return exitPython(output, 1);
    case 'absent': {
      if (offline) {
        printTraceback(
          output,
          program,
          `RuntimeError: Model '${model}' not found in local cache. Download it first without --offline flag.`,
        );
        return exitPython(output, 1);
      }
      const attempts = Math.max(1, settings.downloadRetries);
      for (let attempt = 1; attempt <= attempts; attempt++) {
        output.print(
          `Downloading model ${model} (attempt ${attempt}/${attempts}, timeout=${settings.downloadTimeoutSeconds}s)`,
        );
      }
      printTraceback(
        output,
        program,
        `RuntimeError: Failed to download '${model}' after ${attempts} attempts. Last error: [Errno 8] nodename nor servname provided, or not known. Run the same command again to resume the download.`,
      );
      return exitPython(output, 1);
    }
  }
}

async function serve(argv: readonly string[]): Promise<void> {
  const settings = readSettings(argv);
  const switches = readSwitches(settings.servedModelName);
  const initial = switches();
  if (initial.ignoreTerm) process.on('SIGTERM', () => undefined);
  armAtStart(initial, output);

  printSecuritySummary(settings, output);
  if (settings.model === null) {
    printTraceback(
      output,
      program,
      'NotImplementedError: this stand-in serves one MODEL, not --models-config',
    );
    return exitPython(output, 1);
  }
  const onDisk = locateModel(settings, settings.model, initial);
  if (settings.lazyLoad) {
    output.print(`Registering model for lazy load: ${settings.model}`);
    output.print('Model will load on the first request.');
  } else {
    output.print(`Loading model: ${settings.model}`);
  }
  output.print(`Default max tokens: ${settings.maxTokens}`);
  output.print(`Max request tokens: ${settings.maxRequestTokens}`);
  if (settings.maxKvSize !== null) output.print(`Max KV size: ${settings.maxKvSize} (RotatingKVCache)`);
  if (settings.continuousBatching) {
    output.print('Mode: Continuous batching (for multiple concurrent users)');
    output.print(`Stream interval: ${settings.streamInterval} tokens`);
  } else {
    output.print('Mode: Simple (maximum throughput)');
  }

  let loaded: LoadedModel | null = null;
  const load = async () => {
    const { loadMs = DEFAULT_LOAD_MS, gpuOutOfMemory } = switches();
    if (loadMs > 0) await sleep(loadMs);
    if (gpuOutOfMemory === 'load') abortForGpuMemory(output);
    loaded = onDisk;
    return onDisk;
  };
  if (!settings.continuousBatching && !settings.lazyLoad) await load();

  output.print(`Starting server at http://${settings.host}:${settings.port}`);
  const server = createVllmMlxServer({
    settings,
    env: process.env,
    output,
    switches,
    load,
    loaded: () => loaded,
    unload: () => {
      loaded = null;
    },
  });
  await runUvicorn(
    {
      startUp: async () => {
        if (initial.failLifespan) throw new Error('RuntimeError: engine could not be started');
        if (settings.continuousBatching && !settings.lazyLoad) await load();
      },
      handle: server.handle,
      listening: () => armAfterBind(initial, output),
      shutDown: async () => {
        const { shutdownMs = 0 } = switches();
        if (shutdownMs > 0) await sleep(shutdownMs);
        server.stop();
      },
    },
    {
      host: settings.host,
      port: settings.port,
      output,
      ignoreTerm: initial.ignoreTerm ?? false,
      bindDelayMs: initial.bindDelay ?? 0,
    },
  );
}

async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === '-h' || command === '--help' || command === undefined) {
    output.print(mainUsage());
    exitPython(output, command === undefined ? 1 : 0);
  }
  if (!SUBCOMMANDS.some((known) => known === command)) {
    const message = command.startsWith('-')
      ? `unrecognized arguments: ${command}`
      : `argument command: invalid choice: '${command}' (choose from ${SUBCOMMANDS.map((name) => `'${name}'`).join(', ')})`;
    usageError(mainUsage(), 'vllm-mlx', message);
  }
  if (command !== 'serve') {
    output.printError(`vllm-mlx: this stand-in knows only serve, not ${command}`);
    exitPython(output, 1);
  }
  if (rest.includes('-h') || rest.includes('--help')) {
    output.print(argparseHelp('vllm-mlx serve', serveOptions, [SERVE_POSITIONAL]));
    exitPython(output, 0);
  }
  await serve(rest);
}

await main();
