/** What real servers printed before they ended, cut to the lines that decide: from their sources, and from public issues. */
import type { ExitCause } from '../../../src-main/logs/causes.ts';

export interface ExitText {
  /** Repository and number of an issue or pull request, or the program whose source says so. */
  readonly from: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly cause: ExitCause;
  /** Part of the line that decides; `null` when none does. */
  readonly line: string | null;
}

const exited = (code: number): Pick<ExitText, 'code' | 'signal'> => ({ code, signal: null });
const ended = (signal: string): Pick<ExitText, 'code' | 'signal'> => ({ code: null, signal });

/** As vllm-mlx, uvicorn, LiteLLM, argparse, click and Python themselves say it. */
export const knownTexts: readonly ExitText[] = [
  {
    from: 'MLX: the whole line',
    ...ended('SIGABRT'),
    lines: [
      'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
    ],
    cause: 'gpu-memory',
    line: '[METAL] Command buffer execution failed',
  },
  {
    from: 'MLX: without the name of the error',
    ...ended('SIGABRT'),
    lines: ['RuntimeError: [METAL] Command buffer execution failed: Insufficient Memory'],
    cause: 'gpu-memory',
    line: 'Insufficient Memory',
  },
  {
    from: 'MLX: the allocator',
    ...exited(1),
    lines: [
      'Traceback (most recent call last):',
      'RuntimeError: [metal::malloc] Attempting to allocate 38654705664 bytes which is greater than the maximum allowed buffer size of 28991029248 bytes.',
    ],
    cause: 'gpu-memory',
    line: '[metal::malloc]',
  },
  { from: 'macOS: jetsam', ...ended('SIGKILL'), lines: ['INFO: 200 OK'], cause: 'system-memory', line: null },
  {
    from: 'uvicorn 0.35',
    ...exited(1),
    lines: [
      'INFO:     Application startup complete.',
      "ERROR:    [Errno 48] error while attempting to bind on address ('127.0.0.1', 8001): address already in use",
      'INFO:     Waiting for application shutdown.',
    ],
    cause: 'port-in-use',
    line: '[Errno 48]',
  },
  {
    from: 'vllm-mlx: download',
    ...exited(1),
    lines: [
      'Downloading model mlx-community/Qwen3-4B-4bit (attempt 3/3, timeout=300)',
      "RuntimeError: Failed to download 'mlx-community/Qwen3-4B-4bit' after 3 attempts. Last error: timed out. Run the same command again to resume the download.",
    ],
    cause: 'download-failed',
    line: 'after 3 attempts',
  },
  {
    from: 'vllm-mlx: --offline',
    ...exited(1),
    lines: [
      "Error: Model 'mlx-community/Qwen3-4B-4bit' not found in local cache. Download it first without --offline flag.",
    ],
    cause: 'model-missing',
    line: 'not found in local cache',
  },
  {
    from: 'vllm-mlx: argparse, unknown flag',
    ...exited(2),
    lines: [
      'usage: vllm-mlx [-h] {serve,bench,bench-detok} ...',
      'vllm-mlx: error: unrecognized arguments: --no-such-flag',
    ],
    cause: 'bad-option',
    line: '--no-such-flag',
  },
  {
    from: 'vllm-mlx: argparse, unknown parser',
    ...exited(2),
    lines: [
      "vllm-mlx serve: error: argument --reasoning-parser: invalid choice: 'qwen9' (choose from qwen3, deepseek_r1)",
    ],
    cause: 'bad-parser',
    line: 'qwen9',
  },
  {
    from: 'vllm-mlx: argparse, a value',
    ...exited(2),
    lines: ["vllm-mlx serve: error: argument --port: invalid int value: 'http'"],
    cause: 'bad-option',
    line: '--port',
  },
  {
    from: 'LiteLLM: click',
    ...exited(2),
    lines: [
      'Usage: litellm [OPTIONS]',
      'Error: No such option: --validate_confg Did you mean --validate_config?',
    ],
    cause: 'bad-option',
    line: 'No such option',
  },
  {
    from: 'LiteLLM: the file is absent',
    ...exited(1),
    lines: ['Exception: Config file not found: /x/litellm.yaml'],
    cause: 'bad-gateway-config',
    line: 'Config file not found',
  },
  {
    from: 'Python: interpreter gone',
    ...exited(126),
    lines: ['/x/bin/vllm-mlx: /x/bin/python: bad interpreter: No such file or directory'],
    cause: 'python-broken',
    line: 'bad interpreter',
  },
  {
    from: 'dyld',
    ...ended('SIGABRT'),
    lines: ['dyld[4711]: Library not loaded: @rpath/libpython3.12.dylib'],
    cause: 'python-broken',
    line: 'Library not loaded',
  },
  {
    from: 'an exit with 2 and no word',
    ...exited(2),
    lines: [],
    cause: 'bad-option',
    line: null,
  },
  {
    from: 'nobody knows',
    ...exited(3),
    lines: ['INFO: one', 'ValueError: something new', 'INFO: bye'],
    cause: 'other',
    line: 'ValueError: something new',
  },
  { from: 'not a word', ...exited(7), lines: [], cause: 'other', line: null },
];

export const issueTexts: readonly ExitText[] = [
  {
    from: 'simonw/llm#1018',
    ...ended('SIGABRT'),
    lines: [
      'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
      "resource_tracker.py:301: UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects to clean up at shutdown: {'/mp-5lfchtr6'}",
    ],
    cause: 'gpu-memory',
    line: 'kIOGPUCommandBufferCallbackErrorOutOfMemory',
  },
  {
    from: 'ddalcu/mlx-serve#44',
    ...ended('SIGABRT'),
    lines: [
      'Batch eval all weights: 15300ms',
      'libc++abi: terminating due to uncaught exception of type std::runtime_error:',
      '[METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
    ],
    cause: 'gpu-memory',
    line: '[METAL]',
  },
  {
    from: 'mozilla-ai/llamafile#881',
    ...ended('SIGABRT'),
    lines: [
      'ggml_metal_synchronize: error: command buffer 0 failed with status 5',
      'error: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
      'WARNING: Using native backtrace. Set GGML_BACKTRACE_LLDB for more info.',
    ],
    cause: 'gpu-memory',
    line: 'Insufficient Memory',
  },
  {
    from: 'jundot/omlx#702',
    ...ended('SIGKILL'),
    lines: ['SSD writer queue began dropping evicted blocks'],
    cause: 'system-memory',
    line: null,
  },
  {
    from: 'continuedev/continue#372',
    ...exited(1),
    lines: [
      'INFO:     Application startup complete.',
      "ERROR:    [Errno 48] error while attempting to bind on address ('0.0.0.0', 65432): address already in use",
      'INFO:     Waiting for application shutdown.',
    ],
    cause: 'port-in-use',
    line: '65432',
  },
  {
    from: 'waybarrios/vllm-mlx#7',
    ...exited(2),
    lines: ['vllm-mlx: error: unrecognized arguments: --api-key your-secret-key'],
    cause: 'bad-option',
    line: 'unrecognized arguments',
  },
  {
    from: 'Blaizzy/mlx-vlm#1096',
    ...exited(2),
    lines: [
      'usage: mlx_vlm.server [-h] [--model MODEL] [--host HOST] [--port PORT] [--trust-remote-code] [--reload]',
      'mlx_vlm.server: error: unrecognized arguments: --draft-model mlx-community/Qwen3.5-9B-MLX-4bit',
    ],
    cause: 'bad-option',
    line: '--draft-model',
  },
  {
    from: 'vllm-project/vllm#9312',
    ...exited(2),
    lines: [
      "api_server.py: error: argument --tool-call-parser: invalid choice: 'llama3_json' (choose from 'mistral', 'hermes')",
    ],
    cause: 'bad-parser',
    line: 'llama3_json',
  },
  {
    from: 'vllm-project/recipes#51',
    ...exited(1),
    lines: [
      "KeyError: 'invalid tool call parser: openai (chose from { deepseek_v3, hermes, qwen3_coder, xlam })'",
    ],
    cause: 'bad-parser',
    line: 'openai',
  },
  {
    from: 'ml-explore/mlx#621',
    ...exited(1),
    lines: [
      '    import mlx.core as mx',
      "ImportError: dlopen(/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/site-packages/mlx/core.cpython-311-darwin.so, 0x0002): tried: '/Library/…/core.cpython-311-darwin.so' (mach-o file, but is an incompatible architecture (have 'arm64', need 'x86_64'))",
    ],
    cause: 'wrong-architecture',
    line: 'incompatible architecture',
  },
  {
    from: 'ml-explore/mlx-lm#732',
    ...exited(1),
    lines: [
      'Traceback (most recent call last):',
      "ModuleNotFoundError: No module named 'mlx_lm.tool_parsers'",
    ],
    cause: 'python-broken',
    line: 'mlx_lm.tool_parsers',
  },
  {
    from: 'ml-explore/mlx-examples#994',
    ...exited(1),
    lines: [
      '    from huggingface_hub.utils._errors import RepositoryNotFoundError',
      "ModuleNotFoundError: No module named 'huggingface_hub.utils._errors'",
    ],
    cause: 'python-broken',
    line: 'huggingface_hub.utils._errors',
  },
  {
    from: 'ml-explore/mlx-examples#759',
    ...exited(1),
    lines: [
      'GatedRepoError: 401 Client Error. (Request ID: Root=1-66389f5d)',
      'Cannot access gated repo for url https://huggingface.co/api/models/mistralai/Mistral-7B-Instruct-v0.2/revision/main.',
      'Access to model mistralai/Mistral-7B-Instruct-v0.2 is restricted. You must be authenticated to access it.',
    ],
    cause: 'model-gated',
    line: 'is restricted',
  },
  {
    from: 'ariG23498/gemma3-object-detection#5',
    ...exited(1),
    lines: [
      '403 Client Error. (Request ID: Root=1-6824e511)',
      'Cannot access gated repo for url https://huggingface.co/google/gemma-3-4b-pt/resolve/main/config.json.',
    ],
    cause: 'model-gated',
    line: 'Cannot access gated repo',
  },
  {
    from: 'huggingface/huggingface_hub#2742',
    ...exited(1),
    lines: [
      'file_download.py:651: UserWarning: Not enough free disk space to download the file. The expected file size is: 3945.44 MB.',
      'config.json: 100%',
    ],
    cause: 'disk-full',
    line: 'Not enough free disk space',
  },
  {
    from: 'huggingface/diffusers#4957',
    ...exited(1),
    lines: ['OSError: [Errno 28] No space left on device'],
    cause: 'disk-full',
    line: '[Errno 28]',
  },
  {
    from: 'Comfy-Org/ComfyUI#3840',
    ...exited(1),
    lines: [
      'huggingface_hub.errors.LocalEntryNotFoundError: An error happened while trying to locate the file on the Hub and we cannot find the requested files in the local cache. Please check your connection and try again or make sure your Internet connection is on.',
    ],
    cause: 'model-missing',
    line: 'LocalEntryNotFoundError',
  },
  {
    from: 'BerriAI/litellm#2322',
    ...exited(3),
    lines: [
      '  File "litellm/proxy/proxy_server.py", line 1802, in load_config',
      '    for k, v in model["litellm_params"].items():',
      "TypeError: string indices must be integers, not 'str'",
    ],
    cause: 'bad-gateway-config',
    line: 'in load_config',
  },
  {
    from: 'Intelligent-Internet/ii-researcher#5',
    ...exited(1),
    lines: ['yaml.scanner.ScannerError: mapping values are not allowed here'],
    cause: 'bad-gateway-config',
    line: 'ScannerError',
  },
  {
    from: 'huggingface/transformers#13472',
    ...exited(1),
    lines: ["PermissionError: [Errno 13] Permission denied: '/.cache'"],
    cause: 'permission-denied',
    line: 'Errno 13',
  },
];
