/** Stand-in for the `litellm` proxy executable: its options, environment, config file, start-up order and routes. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clickMessage, parseCommandLine, type Refusal } from './command-line.ts';
import { type ConfigRead, type ProxyConfig, readProxyConfig } from './litellm-config.ts';
import {
  LITELLM_OPTIONS,
  LITELLM_VERSION,
  type ProxySettings,
  readProxySettings,
} from './litellm-options.ts';
import { groupNames } from './litellm-routing.ts';
import { createLitellmServer, type LitellmServer } from './litellm-server.ts';
import { createLiveSwitches } from './live-switches.ts';
import { armAfterBind, armAtStart } from './process-faults.ts';
import { createPythonOutput, exitPython, printTraceback } from './python-output.ts';
import { type LitellmSwitches, readLitellmSwitches } from './switches.ts';
import { runUvicorn } from './uvicorn.ts';

const DEFAULT_IMPORT_MS = 60;
const PORT_THAT_MOVES = 4000;
const RANDOM_PORTS = { from: 1024, to: 49_152 };
const PORT_CHECK_MS = 1000;
const COST_MAP_URL =
  'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json';
const output = createPythonOutput(process.env);
const program = process.argv[1] ?? 'litellm';

/** In development mode, its default, the proxy takes in whatever `.env` lies in the working directory. */
function loadDotenv(): void {
  if (process.env['LITELLM_MODE'] === 'PRODUCTION') return;
  let content: string;
  try {
    content = readFileSync(path.join(process.cwd(), '.env'), 'utf8');
  } catch {
    return;
  }
  for (const line of content.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined || process.env[name] !== undefined) continue;
    process.env[name] = value.replace(/^(['"])(.*)\1$/, '$2');
  }
}

function usageError(refusal: Refusal): never {
  output.printError('Usage: litellm [OPTIONS]');
  output.printError("Try 'litellm --help' for help.");
  output.printError('');
  output.printError(clickMessage(refusal));
  return exitPython(output, 2);
}

function readSettings(): ProxySettings {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    output.print('Usage: litellm [OPTIONS]');
    output.print('');
    output.print('Options:');
    for (const option of LITELLM_OPTIONS) {
      const type = option.type === 'flag' ? '' : ` ${option.type.toUpperCase()}`;
      output.print(`  ${[...option.names].sort((a, b) => a.length - b.length).join(', ')}${type}`);
    }
    output.print('  --help');
    exitPython(output, 0);
  }
  const parsed = parseCommandLine(LITELLM_OPTIONS, argv, 0, { abbreviations: false });
  if (!parsed.ok) return usageError(parsed.error);
  const settings = readProxySettings(parsed.value.values, process.env);
  return settings.ok ? settings.value : usageError(settings.error);
}

function readSwitches(): () => LitellmSwitches {
  const text = process.env['LITELLM_STANDIN'];
  if (text === undefined) return () => ({});
  const read = readLitellmSwitches('LITELLM_STANDIN', text);
  if (read.ok) return createLiveSwitches(read.value, readLitellmSwitches, output);
  output.printError(read.error);
  return exitPython(output, 2);
}

async function isAnswered(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: PORT_CHECK_MS });
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    // Where this loop was late, the answer lies there unread: it is read before the time counts.
    socket.once('timeout', () => setImmediate(() => settle(false)));
  });
}

/** LiteLLM takes any and ends where that is taken: among the many ports of a test run that would be one test in hundreds. */
async function randomFreePort(): Promise<number> {
  for (;;) {
    const { from, to } = RANDOM_PORTS;
    const port = from + Math.floor(Math.random() * (to - from));
    if (!(await isAnswered(port))) return port;
  }
}

function loadConfig(file: string | null): ConfigRead {
  if (file === null) return readProxyConfig('model_list: []', process.env);
  try {
    return readProxyConfig(readFileSync(file, 'utf8'), process.env);
  } catch {
    return { ok: false, error: { kind: 'syntax', message: `Exception: Config file not found: ${file}` } };
  }
}

function warnOfOutboundFetch(): void {
  if (process.env['LITELLM_OFFLINE_MODE'] === 'true') return;
  if (process.env['LITELLM_LOCAL_MODEL_COST_MAP']?.toLowerCase() === 'true') return;
  output.printError(
    `LiteLLM:WARNING: get_model_cost_map.py - LiteLLM: Failed to fetch remote model cost map from ${COST_MAP_URL}: [Errno 8] nodename nor servname provided, or not known. Falling back to local backup.`,
  );
}

function printModels(config: ProxyConfig): void {
  output.print('');
  output.print('LiteLLM: Proxy initialized with Config, Set models:');
  for (const name of groupNames(config)) output.print(`    ${name}`);
}

async function main(): Promise<void> {
  loadDotenv();
  const settings = readSettings();
  const switches = readSwitches();
  const initial = switches();
  if (initial.ignoreTerm) process.on('SIGTERM', () => undefined);
  armAtStart(initial, output);
  const { importMs = DEFAULT_IMPORT_MS } = initial;
  if (importMs > 0) await sleep(importMs);
  warnOfOutboundFetch();

  if (settings.version) {
    output.print(`\nLiteLLM: Current Version = ${LITELLM_VERSION}\n`);
    return exitPython(output, 0);
  }
  if (settings.unsupported !== null) {
    output.printError(`litellm: this stand-in does not act on ${settings.unsupported}`);
    return exitPython(output, 1);
  }
  const config = loadConfig(settings.config);
  if (settings.validateConfig) {
    if (config.ok && !initial.rejectConfig) {
      output.print(`LiteLLM: config OK (${config.value.deployments.length} models)`);
      return exitPython(output, 0);
    }
    output.print(`LiteLLM: config invalid: ${config.ok ? 'rejected' : config.error.message}`);
    return exitPython(output, 1);
  }
  if (!config.ok && config.error.kind === 'syntax') {
    printTraceback(output, program, config.error.message);
    return exitPython(output, 1);
  }
  if (settings.skipServerStartup) {
    output.print('LiteLLM: Setup complete. Skipping server startup as requested.');
    return exitPython(output, 0);
  }
  const moves = settings.port === PORT_THAT_MOVES || initial.moveFromAnyBusyPort === true;
  const port = moves && (await isAnswered(settings.port)) ? await randomFreePort() : settings.port;
  if (settings.workers > 1) {
    output.printError(`INFO:     Uvicorn running on http://${settings.host}:${port} (Press CTRL+C to quit)`);
    output.printError(`INFO:     Started parent process [${process.pid}]`);
  }

  let server: LitellmServer | null = null;
  await runUvicorn(
    {
      startUp: async () => {
        if (initial.failLifespan) throw new Error('RuntimeError: proxy could not be started');
        if (initial.rejectConfig) throw new Error('ValueError: the config was rejected');
        if (!config.ok) throw new Error(config.error.message);
        server = createLitellmServer({ config: config.value, debug: settings.debug, output, switches });
        printModels(config.value);
      },
      handle: async (exchange) => {
        await server?.handle(exchange);
      },
      listening: () => armAfterBind(initial, output),
      shutDown: async () => {
        const { shutdownMs = 0 } = switches();
        if (shutdownMs > 0) await sleep(shutdownMs);
        server?.stop();
      },
    },
    {
      host: settings.host,
      port,
      output,
      ignoreTerm: initial.ignoreTerm ?? false,
      bindDelayMs: initial.bindDelay ?? 0,
    },
  );
}

await main();
