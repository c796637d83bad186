/** Options and choices read from what argparse and click print. */
import { describe, expect, it } from 'vitest';
import { maxChoices, maxHelpCharacters, maxOptions, parseHelp } from '../../../src-main/toolchain/help.ts';

const argparse = `usage: vllm-mlx serve [-h] [--hidden-in-usage X] [--host HOST]
                      [--kv-cache-quantization-bits {4,8}] [model]

positional arguments:
  model                 Model to serve

options:
  -h, --help            show this help message and exit
  --host HOST           Host to bind to (default:
                        127.0.0.1), see --not-an-option
  --kv-cache-quantization-bits {4,8}
                        Bits
  --tool-call-parser {auto,hermes,qwen3.5,gpt-oss}
  -c CONFIG, --config CONFIG
                        Both spellings take a value (Python 3.12)
  -m, --model-dir MODEL_DIR
  --enable-prefix-cache, --no-enable-prefix-cache
  --default-chat-template-kwargs JSON
      --deeper X        an entry of a group
`;

const click = `Usage: litellm [OPTIONS]

Options:
  --host TEXT                     Host for the server to listen on.
  -c, --config TEXT               Path to the config
  --num_workers INTEGER           Number of workers
  --run_gunicorn                  Starts proxy via gunicorn
  --telemetry BOOLEAN
  --debug / --no-debug            Both
  --help                          Show this message and exit.
`;

describe('help', () => {
  it('of argparse', () => {
    const options = parseHelp(argparse);
    expect(Object.fromEntries(options)).toEqual({
      help: null,
      host: null,
      'kv-cache-quantization-bits': ['4', '8'],
      'tool-call-parser': ['auto', 'hermes', 'qwen3.5', 'gpt-oss'],
      config: null,
      'model-dir': null,
      'enable-prefix-cache': null,
      'no-enable-prefix-cache': null,
      'default-chat-template-kwargs': null,
      deeper: null,
    });
  });

  it('of click', () => {
    expect([...parseHelp(click).keys()].toSorted()).toEqual([
      ...['config', 'debug', 'help', 'host', 'no-debug', 'num_workers', 'run_gunicorn', 'telemetry'],
    ]);
  });

  it('in colours, and with the line ends of another system', () => {
    const esc = String.fromCharCode(27);
    expect([...parseHelp(`  ${esc}[1m--host${esc}[0m HOST\r\n  --port PORT\r\n`).keys()]).toEqual([
      'host',
      'port',
    ]);
  });

  it('without end is read to its limits', () => {
    const many = Array.from({ length: maxOptions * 2 }, (_, index) => `  --o${index} X`).join('\n');
    expect(parseHelp(many).size).toBe(maxOptions);
    const choices = Array.from({ length: maxChoices * 2 }, (_, index) => `c${index}`).join(',');
    expect(parseHelp(`  --x {${choices}}`).get('x')).toHaveLength(maxChoices);
    const long = `${' '.repeat(maxHelpCharacters)}\n  --late X`;
    expect(parseHelp(long).size).toBe(0);
    expect(parseHelp(`  --${'x'.repeat(65)}`).size).toBe(0);
  });

  it('that is none gives none', () => {
    for (const text of [
      '',
      'Traceback (most recent call last):',
      '--host at the margin',
      '\0\0',
      '  -',
      '  --',
    ]) {
      expect(parseHelp(text).size).toBe(0);
    }
  });
});
