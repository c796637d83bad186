/** Why a server ended, in plain words, from its exit and its last lines. Pure. */
import { commonWords, logWords } from '../words/index.ts';

/** `other` is honest: the last lines are all there is to say. */
export const exitCauses = [
  'gpu-memory',
  'system-memory',
  'port-in-use',
  'model-gated',
  'model-missing',
  'download-failed',
  'disk-full',
  'permission-denied',
  'wrong-architecture',
  'bad-parser',
  'bad-option',
  'bad-gateway-config',
  'python-broken',
  'other',
] as const;
export type ExitCause = (typeof exitCauses)[number];

export interface ExitClass {
  readonly cause: ExitCause;
  /** Completes "<name> …" to the one sentence that a person understands. */
  readonly sentence: string;
  /** What to do about it, one sentence. */
  readonly hint: string;
  /** The line that decides it, as it was printed; `null` when none does. */
  readonly line: string | null;
  /** Whether the same start may go better next time. */
  readonly retry: boolean;
}

interface Rule {
  readonly cause: ExitCause;
  readonly pattern: RegExp;
  readonly sentence: (match: RegExpExecArray) => string;
  readonly hint: string;
  readonly retry: boolean;
  /** Only an exit of this kind is told by such a line; a server prints much in its life. */
  readonly when?: (exit: ExitFacts) => boolean;
}

export interface ExitFacts {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A name taken from a line is shortened: it may be a path or half of the internet. */
const nameMax = 80;
/** Beyond it no cause is looked for: a line may have 16 KB, and patterns are tried at each of its characters. */
const lookMax = 1000;

const named = (text: string | undefined): string => {
  const clean = (text ?? '').trim();
  return clean.length > nameMax ? `${clean.slice(0, nameMax)}…` : clean;
};

/**
 * In order of certainty: the first rule that finds a line decides, and of its lines the last. Texts as vllm-mlx, MLX,
 * uvicorn, LiteLLM, argparse, huggingface_hub and Python print them.
 */
const rules: readonly Rule[] = [
  {
    cause: 'gpu-memory',
    // mlx-lm #854, #883, #1015; vllm-mlx #442; mlx-serve #44; llama.cpp prints the second form alone.
    pattern:
      /kIOGPUCommandBufferCallbackErrorOutOfMemory|\[METAL\].*(?:Insufficient Memory|out of memory)|\bInsufficient Memory \(0{4,}8|\[metal::malloc\]|Attempting to allocate \d+ bytes which is greater than/i,
    sentence: () => logWords.ranOutOfGpuMemory,
    hint: logWords.useSmallerOrStopAnother,
    retry: false,
  },
  {
    cause: 'port-in-use',
    pattern: /address already in use|EADDRINUSE|\[Errno (?:48|98)\]/i,
    sentence: () => logWords.portTaken,
    hint: commonWords.quitThatProgram,
    retry: true,
  },
  {
    cause: 'disk-full',
    pattern: /No space left on device|\[Errno 28\]|ENOSPC|Disk quota exceeded|Not enough free disk space/i,
    sentence: () => logWords.foundDiskFull,
    hint: logWords.freeSpaceThenStart,
    retry: false,
  },
  {
    cause: 'model-gated',
    pattern:
      /GatedRepoError:|Cannot access gated repo|You are trying to access a gated repo|Access to model (\S+) is restricted/i,
    sentence: () => logWords.mayNotDownload,
    hint: logWords.acceptTerms,
    retry: false,
  },
  {
    cause: 'model-missing',
    pattern:
      /Model '([^']+)' not found in local cache|LocalEntryNotFoundError:|cannot find the requested files in the (?:local|disk) cache|(?:RepositoryNotFoundError:|Repository Not Found for url)|No safetensors found in|(?:is not a local folder and is not a valid model identifier)|FileNotFoundError: .*(?:config\.json|\.safetensors|tokenizer)/i,
    sentence: () => logWords.didNotFindModel,
    hint: logWords.downloadOrCheckName,
    retry: false,
  },
  {
    cause: 'download-failed',
    pattern:
      /Failed to download '([^']+)' after \d+ attempts|(?:ConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|MaxRetryError).*(?:huggingface|hf\.co)|Temporary failure in name resolution/i,
    sentence: (match) =>
      match[1] ? logWords.couldNotDownload(named(match[1])) : logWords.couldNotDownloadModel,
    hint: logWords.checkConnection,
    retry: true,
  },
  {
    cause: 'wrong-architecture',
    pattern:
      /incompatible architecture \(have '([^']+)', need '([^']+)'\)|Bad CPU type in executable|\[Errno 86\]/i,
    sentence: () => logWords.wrongProcessor,
    hint: logWords.installForAppleSilicon,
    retry: false,
  },
  {
    cause: 'bad-parser',
    pattern:
      /argument (--(?:tool-call|reasoning)-parser): invalid choice: '([^']*)'|invalid (?:tool call|reasoning) parser:? '?([^\s'(]+)/i,
    sentence: (match) => logWords.unknownParser(named(match[2] ?? match[3])),
    hint: logWords.chooseAnotherParser,
    retry: false,
  },
  {
    cause: 'bad-option',
    pattern:
      /error: (?:unrecognized arguments?: (.+)|argument ([^:]+): .+|the following arguments are required: (.+)|ambiguous option: (.+))|^Error: (?:No such option:? (.+)|Invalid value for (.+)|Missing (?:option|argument|parameter) (.+))/,
    sentence: (match) => {
      const option = match.slice(1).find((part) => part !== undefined);
      return logWords.unknownOptionOf(named(option));
    },
    hint: logWords.checkFlagsForVersion,
    retry: false,
  },
  {
    cause: 'bad-gateway-config',
    pattern:
      /yaml\.(?:scanner|parser|constructor|reader)\.\w*Error|Config file not found|Exception: Unable to load config|config validation failed|in load_config$|pydantic_core\._pydantic_core\.ValidationError/i,
    sentence: () => logWords.badConfiguration,
    hint: logWords.checkModelsInStack,
    retry: false,
  },
  {
    cause: 'permission-denied',
    pattern: /PermissionError:|\[Errno 13\]|EACCES|Operation not permitted|\[Errno 1\] /,
    sentence: () => logWords.accessRefused,
    hint: logWords.makeSureFilesAreYours,
    retry: false,
  },
  {
    cause: 'python-broken',
    pattern:
      /ModuleNotFoundError: No module named '?([\w.]+)|ImportError: (.+)|bad interpreter: (.+)|dyld\[\d+\]: Library not loaded: (.+)|Fatal Python error: (.+)|No Python at '([^']+)'|Library not loaded: (.+)/,
    sentence: (match) => {
      const what = match.slice(1).find((part) => part !== undefined);
      return logWords.notInstalledProperly(
        match[1] === undefined ? named(what) : logWords.partMissing(named(what)),
      );
    },
    hint: logWords.installEngineAgain,
    retry: false,
    when: ({ code, signal }) => code !== 0 && (signal === null || signal === 'SIGABRT'),
  },
];

/** macOS ends whoever takes most when memory runs out (jetsam), with SIGKILL and without a word. */
function withoutLine({ code, signal }: ExitFacts): ExitClass | null {
  if (signal === 'SIGKILL' || code === 137) {
    return {
      cause: 'system-memory',
      sentence: logWords.endedByForce,
      hint: logWords.useSmallerOrCloseOthers,
      line: null,
      retry: true,
    };
  }
  // argparse and click end with 2 on words they do not know: the same words will fail the same way.
  if (code === 2) {
    return {
      cause: 'bad-option',
      sentence: logWords.unknownOption,
      hint: logWords.checkFlags,
      line: null,
      retry: false,
    };
  }
  return null;
}

/** How a Python traceback says it in the end: the exception, after the last indented line. */
const exception = /^[A-Za-z_][\w.]*(?:Error|Exception|Exit)\b.*/;
const anyError = /\b(?:error|fatal|failed|abort|exception|panic)\b/i;

/** For an exit that nobody can name: the line to look at first. */
function likelyLine(lines: readonly string[]): string | null {
  const last = (pattern: RegExp) => lines.findLast((line) => pattern.test(line));
  return last(exception) ?? last(anyError) ?? null;
}

/** What the exit of a server that nobody stopped means. `tail`: its last lines, oldest first. */
export function classifyExit(code: number | null, signal: string | null, tail: readonly string[]): ExitClass {
  const facts = { code, signal };
  const starts = tail.map((line) => line.slice(0, lookMax));
  for (const { pattern, sentence, when, cause, hint, retry } of rules) {
    if (when && !when(facts)) continue;
    const index = starts.findLastIndex((start) => pattern.test(start));
    const line = tail[index];
    const match = pattern.exec(starts[index] ?? '');
    if (line !== undefined && match) return { cause, sentence: sentence(match), hint, line, retry };
  }
  return (
    withoutLine(facts) ?? {
      cause: 'other',
      sentence: logWords.stoppedUnexpectedly,
      hint: commonWords.lastLinesTell,
      line: likelyLine(starts),
      retry: true,
    }
  );
}
