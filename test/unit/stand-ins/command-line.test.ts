/** The stand-ins' command lines are as strict as argparse and click are. */
import { describe, expect, it } from 'vitest';
import {
  argparseHelp,
  argparseMessage,
  clickMessage,
  type OptionSpec,
  parseCommandLine,
} from '../../stand-ins/engines/command-line.ts';
import { LITELLM_OPTIONS, readProxySettings } from '../../stand-ins/engines/litellm-options.ts';
import { readServeSettings, SERVE_OPTIONS } from '../../stand-ins/engines/vllm-mlx-options.ts';

function refusalOf(options: readonly OptionSpec[], argv: readonly string[], abbreviations = true) {
  const parsed = parseCommandLine(options, argv, 1, { abbreviations });
  if (parsed.ok) throw new Error('expected a refusal');
  return parsed.error;
}

function serve(...argv: readonly string[]) {
  const parsed = parseCommandLine(SERVE_OPTIONS, argv, 1, { abbreviations: true });
  if (!parsed.ok) throw new Error(argparseMessage(parsed.error));
  return readServeSettings(parsed.value.values, parsed.value.positionals);
}

describe('vllm-mlx serve', () => {
  it('takes flags, pairs and --name=value, in any order around the model', () => {
    const settings = serve(
      '--port=8001',
      '/models/a',
      '--continuous-batching',
      '--served-model-name',
      'fast',
    );
    expect(settings).toMatchObject({
      ok: true,
      value: {
        model: '/models/a',
        port: 8001,
        continuousBatching: true,
        servedModelName: 'fast',
        host: '127.0.0.1',
      },
    });
  });

  it.each([
    [['m', '--bogus'], 'unrecognized arguments: --bogus'],
    [['m', 'second'], 'unrecognized arguments: second'],
    [['m', '--port'], 'argument --port: expected one argument'],
    [['m', '--port', '--offline'], 'argument --port: expected one argument'],
    [['m', '--port', '80x'], "argument --port: invalid int value: '80x'"],
    [['m', '--timeout', 'soon'], "argument --timeout: invalid float value: 'soon'"],
    [['m', '--offline=yes'], "argument --offline: ignored explicit argument 'yes'"],
    [
      ['m', '--kv-cache-quantization-bits', '5'],
      'argument --kv-cache-quantization-bits: invalid choice: 5 (choose from 4, 8)',
    ],
    [
      ['m', '--reasoning-parser', 'qwen9'],
      "argument --reasoning-parser: invalid choice: 'qwen9' (choose from 'qwen3', ",
    ],
    [
      ['m', '--cache-memory', '1'],
      'ambiguous option: --cache-memory could match --cache-memory-mb, --cache-memory-percent',
    ],
  ])('refuses %j', (argv, message) => {
    expect(argparseMessage(refusalOf(SERVE_OPTIONS, argv))).toContain(message);
  });

  it('takes an unambiguous beginning of a flag, as argparse does', () => {
    expect(serve('m', '--served-model', 'x')).toMatchObject({ ok: true, value: { servedModelName: 'x' } });
  });

  it.each([
    [[], 'Error: MODEL is required unless --models-config is provided'],
    [['m', '--models-config', 'r.yaml'], 'Error: use either positional MODEL or --models-config, not both'],
    [['m', '--enable-auto-tool-choice'], 'Error: --enable-auto-tool-choice requires --tool-call-parser'],
    [['m', '--max-tokens', '0'], 'Error: --max-tokens must be at least 1'],
    [
      ['m', '--max-tokens', '9', '--max-request-tokens', '8'],
      'Error: --max-tokens cannot exceed --max-request-tokens',
    ],
    [['m', '--gpu-memory-utilization', '1.5'], 'Error: --gpu-memory-utilization must be between'],
  ])('finds the combination %j inconsistent', (argv, message) => {
    const settings = serve(...argv);
    expect(settings.ok).toBe(false);
    if (!settings.ok) expect(settings.error.join('\n')).toContain(message);
  });

  it('lists each flag once in its help, choices in braces on the option line', () => {
    const help = argparseHelp('vllm-mlx serve', SERVE_OPTIONS, []);
    const listed = help.split('\noptions:\n')[1] ?? '';
    for (const option of SERVE_OPTIONS) {
      const line = new RegExp(`^  ${option.names[0]}( |$)`, 'm');
      expect(listed).toMatch(line);
    }
    expect(listed).toContain('--tool-call-parser {auto,generic,');
  });
});

describe('litellm', () => {
  it.each([
    [['--bogus'], 'Error: No such option: --bogus'],
    [['--conf', 'x'], 'Error: No such option: --conf'],
    [['--port', 'x'], "Error: Invalid value for '--port': 'x' is not a valid integer."],
    [['--config'], "Error: Option '--config' requires an argument."],
    [['--debug=1'], "Error: Option '--debug' does not take a value."],
  ])('refuses %j', (argv, message) => {
    expect(clickMessage(refusalOf(LITELLM_OPTIONS, argv, false))).toBe(message);
  });

  it('lets HOST, PORT, NUM_WORKERS and DEBUG stand in for options that are not given', () => {
    const env = { HOST: '127.0.0.9', PORT: '4711', NUM_WORKERS: '3', DEBUG: 'true' };
    expect(readProxySettings(new Map(), env)).toMatchObject({
      ok: true,
      value: { host: '127.0.0.9', port: 4711, workers: 3, debug: true },
    });
    expect(readProxySettings(new Map([['--port', 5000]]), env)).toMatchObject({
      ok: true,
      value: { port: 5000 },
    });
    expect(readProxySettings(new Map(), {})).toMatchObject({
      ok: true,
      value: { host: '0.0.0.0', port: 4000 },
    });
  });

  it('names the variable when its value is bad', () => {
    const read = readProxySettings(new Map(), { DEBUG: 'release' });
    expect(read.ok).toBe(false);
    if (!read.ok) {
      expect(clickMessage(read.error)).toBe(
        "Error: Invalid value for '--debug' (env var: 'DEBUG'): 'release' is not a valid boolean.",
      );
    }
  });
});
