/** The preview's flags. An unknown or unusable one is refused with a sentence. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, ok, type Problem, problem, type Result } from '../../src-main/contract/result.ts';

export interface PreviewOptions {
  /** Absolute; `null` for a temporary one. */
  readonly home: string | null;
  /** Stand-in engines and a ready stack. */
  readonly demo: boolean;
  /** With Chromium's windows on the screen. */
  readonly headed: boolean;
  /** As started at login: no window. */
  readonly hidden: boolean;
  readonly openrouter: string | null;
  readonly huggingface: string | null;
  readonly ipcLog: string | null;
}

export const defaultPreviewOptions: PreviewOptions = {
  home: null,
  demo: false,
  headed: false,
  hidden: false,
  openrouter: null,
  huggingface: null,
  ipcLog: null,
};

export const usage = `npm run preview -- [flags]
  --demo              stand-in engines and a ready stack
  --home DIR          the data folder (default: a temporary one, removed at the end)
  --headed            show Chromium's windows
  --hidden            as started at login: menu bar only
  --openrouter URL    ask this address instead of OpenRouter (loopback only)
  --huggingface URL   ask this address instead of Hugging Face (loopback only)
  --ipc-log FILE      write one JSON line for each message between window and main process`;

const flags = {
  home: { type: 'string' },
  demo: { type: 'boolean' },
  headed: { type: 'boolean' },
  hidden: { type: 'boolean' },
  openrouter: { type: 'string' },
  huggingface: { type: 'string' },
  'ipc-log': { type: 'string' },
} as const;

export function parsePreviewOptions(args: readonly string[]): Result<PreviewOptions> {
  let values: ReturnType<typeof parseArgs<{ options: typeof flags; args: string[] }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }));
  } catch (error) {
    return fail(problem('bad-flag', explain(error), usage));
  }
  const empty = Object.entries(values).find(([, value]) => value === '');
  if (empty !== undefined) return fail(problem('bad-flag', `--${empty[0]} needs a value.`, usage));
  for (const name of ['openrouter', 'huggingface'] as const) {
    const refusal = refuseAddress(name, values[name]);
    if (refusal !== null) return fail(refusal);
  }
  return ok({
    home: values.home === undefined ? null : path.resolve(values.home),
    demo: values.demo ?? false,
    headed: values.headed ?? false,
    hidden: values.hidden ?? false,
    openrouter: values.openrouter ?? null,
    huggingface: values.huggingface ?? null,
    ipcLog: values['ipc-log'] === undefined ? null : path.resolve(values['ipc-log']),
  });
}

/** Node's first sentence; the rest advises about `--`, which does not help here. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message.split(/\. |\n/)[0]}.`;
}

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The key goes to this address: it must not leave the machine. */
function refuseAddress(name: string, value: string | undefined): Problem | null {
  if (value === undefined) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isLoopback = url?.protocol === 'http:' && loopbackHosts.has(url.hostname) && url.username === '';
  if (isLoopback) return null;
  return problem(
    'bad-address',
    `--${name} takes a loopback address such as http://127.0.0.1:9000, not ${value}.`,
    usage,
  );
}
