/** The app's own log: electron-log in front, our redaction and our rotating file behind. */
import { formatWithOptions } from 'node:util';
import electronLog from 'electron-log/node';
import { bytesOf, lineMaxBytes, splitMark } from './lines.ts';
import type { Redactor } from './redact.ts';
import type { RotatingFile } from './rotating-file.ts';
import type { AppLog } from './types.ts';

export type { AppLog } from './types.ts';

/** A stack trace is kept whole, a dumped buffer is not. */
const messageMaxChars = 64 * 1024;
/** While the disk refuses, so much is kept for later. */
const heldMaxBytes = 256 * 1024;
/** What stands in the log when a message cannot be redacted; the line itself is withheld, its place is not. */
const withheld = '[withheld: this line could not be redacted]';
const inspectOptions = { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxStringLength: messageMaxChars };

export interface AppLogOptions {
  readonly file: RotatingFile;
  readonly redactor: Pick<Redactor, 'redact' | 'redactCutOff'>;
  /** Also to the terminal; for development, never in a packaged app. */
  readonly console?: boolean;
  /** Where it is told, once per failure, that the log itself does not work; standard error otherwise. */
  readonly onInternalError?: (message: string) => void;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an error may quote what a child printed; shown as pictures.
const control = /[\x00-\x08\x0b-\x1f]/g;
/** Three letters, as in the logs of services, so that all files read alike. */
const marks: Readonly<Record<string, string>> = { error: 'ERR', warn: 'WRN' };

/** The end of what is cut may be half of a secret. */
function redacted(data: readonly unknown[], redactor: AppLogOptions['redactor']): string {
  const text = formatWithOptions(inspectOptions, ...data);
  return text.length > messageMaxChars
    ? `${redactor.redactCutOff(text.slice(0, messageMaxChars))}…`
    : redactor.redact(text);
}

function linesOf(time: string, mark: string, text: string): Buffer {
  const stamp = `${time} ${mark} `;
  const lines = text.split(/\r\n|\r|\n/).map((line) => {
    const bytes = bytesOf(line.replace(control, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0))));
    return bytes.length <= lineMaxBytes
      ? `${stamp}${bytes}\n`
      : `${stamp}${bytes.slice(0, lineMaxBytes).replace(/[\xc0-\xff][\x80-\xbf]*$/, '')}${splitMark}\n`;
  });
  return Buffer.from(lines.join(''), 'latin1');
}

/**
 * electron-log's own file transport is not used: it follows symbolic links, knows one archive, and stops at a full
 * disk. `electron-log/node` rather than `/main`: the same calls, and no IPC channel that anybody may write to.
 */
export function createAppLog(options: AppLogOptions): AppLog {
  const { file, redactor } = options;
  const onInternalError =
    options.onInternalError ?? ((message: string) => void process.stderr.write(`${message}\n`));
  // An instance of its own for each call: the library's default one is shared by the whole process.
  const log = electronLog.create({ logId: `app-${file.name}` });
  for (const name of Object.keys(log.transports)) {
    const transport = log.transports[name];
    if (transport) transport.level = false;
  }
  if (options.console) log.transports.console.level = 'info';

  // Runs once per transport, before it. A hook that throws loses the line without a word, so this one never throws.
  log.hooks.push((message) => {
    let text = withheld;
    try {
      text = redacted(message.data, redactor);
    } catch (error) {
      onInternalError(
        `The app log could not redact a line: ${error instanceof Error ? error.name : 'unknown'}`,
      );
    }
    return { ...message, data: [text] };
  });

  /** What the disk refused, to be written before the next line; whoever made the file is told of the refusal. */
  let held = Buffer.alloc(0);
  function write(lines: Buffer): void {
    const all = held.length === 0 ? lines : Buffer.concat([held, lines]);
    const rest = all.subarray(file.appendSync(all));
    // The newest whole lines.
    const from = rest.length <= heldMaxBytes ? 0 : rest.indexOf(10, rest.length - heldMaxBytes - 1) + 1;
    held = Buffer.from(rest.subarray(from));
  }

  const toFile = Object.assign(
    (message: { readonly date: Date; readonly level: string; readonly data: readonly unknown[] }): void => {
      const text = String(message.data[0] ?? '');
      // At once: the last line before a crash is the one that matters.
      write(linesOf(message.date.toISOString(), marks[message.level] ?? 'inf', text));
    },
    { level: 'info' as const, transforms: [] },
  );
  log.transports['appFile'] = toFile;

  return {
    info: (message, ...details) => log.info(message, ...details),
    warn: (message, ...details) => log.warn(message, ...details),
    error: (message, ...details) => log.error(message, ...details),
  };
}
