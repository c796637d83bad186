/** Command lines as Python's argparse and click read them, and what each says when it refuses one. */

export interface OptionSpec {
  /** With its dashes, the long one first. */
  readonly names: readonly string[];
  /** `flag` takes no value. */
  readonly type: 'flag' | 'text' | 'integer' | 'number' | 'boolean' | 'json-object';
  readonly choices?: readonly string[];
  readonly help?: string;
  /** An environment variable that stands in for the option (click). */
  readonly env?: string;
}

export type OptionValue = string | number | boolean;

export interface CommandLine {
  readonly values: ReadonlyMap<string, OptionValue>;
  readonly positionals: readonly string[];
}

export type Refusal =
  | { readonly kind: 'unknown'; readonly given: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly given: string; readonly matches: readonly string[] }
  | { readonly kind: 'value-missing'; readonly option: OptionSpec }
  | { readonly kind: 'value-unexpected'; readonly option: OptionSpec; readonly given: string }
  | {
      readonly kind: 'value-bad';
      readonly option: OptionSpec;
      readonly given: string;
      readonly fromEnv?: string;
    }
  | { readonly kind: 'choice-bad'; readonly option: OptionSpec; readonly given: string };

export type Parsed =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly error: Refusal };

/** argparse also takes any unambiguous beginning of a long option; click does not. */
export interface Dialect {
  readonly abbreviations: boolean;
}

export function nameOf(option: OptionSpec): string {
  return option.names[0] ?? '';
}

const INTEGER = /^[+-]?\d+(_\d+)*$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NEGATIVE_NUMBER = /^-\d+$|^-\d*\.\d+$/;
const TRUE_WORDS: readonly string[] = ['1', 'true', 't', 'yes', 'y', 'on'];
const FALSE_WORDS: readonly string[] = ['0', 'false', 'f', 'no', 'n', 'off'];

export function readValue(option: OptionSpec, text: string): OptionValue | null {
  switch (option.type) {
    case 'integer':
      return INTEGER.test(text) ? Number(text.replaceAll('_', '')) : null;
    case 'number':
      return NUMBER.test(text) ? Number(text) : null;
    case 'flag':
    case 'boolean': {
      const word = text.toLowerCase();
      if (TRUE_WORDS.includes(word)) return true;
      return FALSE_WORDS.includes(word) ? false : null;
    }
    case 'json-object':
      try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : null;
      } catch {
        return null;
      }
    case 'text':
      return text;
  }
}

function findOption(
  options: readonly OptionSpec[],
  name: string,
  dialect: Dialect,
): OptionSpec | readonly OptionSpec[] {
  const exact = options.find((option) => option.names.includes(name));
  if (exact) return exact;
  if (!dialect.abbreviations || !name.startsWith('--')) return [];
  const matches = options.filter((option) => option.names.some((known) => known.startsWith(name)));
  const [only] = matches;
  return only && matches.length === 1 ? only : matches;
}

function isOption(found: OptionSpec | readonly OptionSpec[]): found is OptionSpec {
  return !Array.isArray(found);
}

export function parseCommandLine(
  options: readonly OptionSpec[],
  argv: readonly string[],
  positionalLimit: number,
  dialect: Dialect,
): Parsed {
  const values = new Map<string, OptionValue>();
  const positionals: string[] = [];
  const unknown: string[] = [];
  const refuse = (error: Refusal): Parsed => ({ ok: false, error });

  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (!argument.startsWith('-') || argument === '-' || NEGATIVE_NUMBER.test(argument)) {
      if (positionals.length < positionalLimit) positionals.push(argument);
      else unknown.push(argument);
      continue;
    }
    const equals = argument.startsWith('--') ? argument.indexOf('=') : -1;
    const name = equals < 0 ? argument : argument.slice(0, equals);
    const found = findOption(options, name, dialect);
    if (!isOption(found)) {
      if (found.length > 1) {
        return refuse({ kind: 'ambiguous', given: name, matches: found.map((option) => nameOf(option)) });
      }
      unknown.push(argument);
      continue;
    }
    if (found.type === 'flag') {
      if (equals >= 0) {
        return refuse({ kind: 'value-unexpected', option: found, given: argument.slice(equals + 1) });
      }
      values.set(nameOf(found), true);
      continue;
    }
    const next = argv[index + 1];
    const looksLikeOption = next?.startsWith('-') && next !== '-' && !NEGATIVE_NUMBER.test(next);
    if (equals < 0 && (next === undefined || looksLikeOption)) {
      return refuse({ kind: 'value-missing', option: found });
    }
    const text = equals >= 0 ? argument.slice(equals + 1) : (next ?? '');
    if (equals < 0) index++;
    const value = readValue(found, text);
    if (value === null) return refuse({ kind: 'value-bad', option: found, given: text });
    if (found.choices && !found.choices.includes(String(value))) {
      return refuse({ kind: 'choice-bad', option: found, given: text });
    }
    values.set(nameOf(found), value);
  }
  if (unknown.length > 0) return refuse({ kind: 'unknown', given: unknown });
  return { ok: true, value: { values, positionals } };
}

function reprText(text: string): string {
  return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
}

const ARGPARSE_TYPE_NAMES: Readonly<Record<OptionSpec['type'], string>> = {
  flag: 'bool',
  text: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  'json-object': 'JSON object',
};

/** Python 3.12's wording. */
export function argparseMessage(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'unknown':
      return `unrecognized arguments: ${refusal.given.join(' ')}`;
    case 'ambiguous':
      return `ambiguous option: ${refusal.given} could match ${refusal.matches.join(', ')}`;
    case 'value-missing':
      return `argument ${refusal.option.names.join('/')}: expected one argument`;
    case 'value-unexpected':
      return `argument ${refusal.option.names.join('/')}: ignored explicit argument ${reprText(refusal.given)}`;
    case 'value-bad':
      return `argument ${refusal.option.names.join('/')}: invalid ${ARGPARSE_TYPE_NAMES[refusal.option.type]} value: ${reprText(refusal.given)}`;
    case 'choice-bad': {
      const quoted = refusal.option.type === 'text';
      const choices = (refusal.option.choices ?? []).map((choice) => (quoted ? reprText(choice) : choice));
      const given = quoted ? reprText(refusal.given) : refusal.given;
      return `argument ${refusal.option.names.join('/')}: invalid choice: ${given} (choose from ${choices.join(', ')})`;
    }
  }
}

function clickValueMessage(option: OptionSpec, given: string): string {
  switch (option.type) {
    case 'integer':
      return `${reprText(given)} is not a valid integer.`;
    case 'number':
      return `${reprText(given)} is not a valid float.`;
    default:
      return `${reprText(given)} is not a valid boolean.`;
  }
}

export function clickMessage(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'unknown': {
      const option = refusal.given.find((given) => given.startsWith('-'));
      if (option) return `Error: No such option: ${option.split('=')[0]}`;
      const plural = refusal.given.length > 1 ? 's' : '';
      return `Error: Got unexpected extra argument${plural} (${refusal.given.join(' ')})`;
    }
    case 'ambiguous':
      return `Error: No such option: ${refusal.given}`;
    case 'value-missing':
      return `Error: Option '${nameOf(refusal.option)}' requires an argument.`;
    case 'value-unexpected':
      return `Error: Option '${nameOf(refusal.option)}' does not take a value.`;
    case 'value-bad':
    case 'choice-bad': {
      const option = refusal.option.names.map((name) => `'${name}'`).join(' / ');
      const source =
        refusal.kind === 'value-bad' && refusal.fromEnv ? ` (env var: '${refusal.fromEnv}')` : '';
      return `Error: Invalid value for ${option}${source}: ${clickValueMessage(refusal.option, refusal.given)}`;
    }
  }
}

function metavarOf(option: OptionSpec): string {
  if (option.choices) return `{${option.choices.join(',')}}`;
  return nameOf(option).replace(/^-+/, '').replaceAll('-', '_').toUpperCase();
}

function wrapWords(words: readonly string[], indent: string, first: string, widthLimit: number): string {
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    if (line.length + 1 + word.length > widthLimit && line.trim() !== '') {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === '' || line.endsWith(' ') ? `${line}${word}` : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

const HELP_WIDTH = 80;
const HELP_COLUMN = 24;

export function argparseUsage(
  program: string,
  options: readonly OptionSpec[],
  positionals: readonly string[],
): string {
  const words = [
    '[-h]',
    ...options.map((option) =>
      option.type === 'flag' ? `[${nameOf(option)}]` : `[${nameOf(option)} ${metavarOf(option)}]`,
    ),
    ...positionals,
  ];
  const first = `usage: ${program}`;
  return wrapWords(words, ' '.repeat(first.length + 1), first, HELP_WIDTH);
}

/** Names and choices stand where argparse puts them: this text is what a capability probe reads. */
export function argparseHelp(
  program: string,
  options: readonly OptionSpec[],
  positionals: readonly { readonly name: string; readonly usage: string; readonly help: string }[],
): string {
  const indent = ' '.repeat(HELP_COLUMN);
  const entry = (head: string, help: string) => {
    const words = help.split(' ').filter((word) => word !== '');
    if (words.length === 0) return `  ${head}`;
    const fits = head.length + 4 <= HELP_COLUMN;
    const body = wrapWords(words, indent, fits ? `  ${head}`.padEnd(HELP_COLUMN) : indent, HELP_WIDTH);
    return fits ? body : `  ${head}\n${body}`;
  };
  return [
    argparseUsage(
      program,
      options,
      positionals.map((positional) => positional.usage),
    ),
    '',
    ...(positionals.length > 0
      ? ['positional arguments:', ...positionals.map((p) => entry(p.name, p.help)), '']
      : []),
    'options:',
    entry('-h, --help', 'show this help message and exit'),
    ...options.map((option) =>
      entry(
        option.names
          .map((name) => (option.type === 'flag' ? name : `${name} ${metavarOf(option)}`))
          .join(', '),
        option.help ?? '',
      ),
    ),
  ].join('\n');
}
