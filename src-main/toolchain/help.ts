/** Reads from `--help` which options a program has, and between what they let one choose. Pure. */
import type { EngineOptions } from '../stack/engine-flags.ts';

/** argparse and click print a few hundred lines. */
export const maxHelpCharacters = 512 * 1024;
export const maxOptions = 1_000;
export const maxChoices = 500;
const maxNameLength = 64;

const optionPattern = /^(--?)([A-Za-z][A-Za-z0-9_-]*)(?:[ =](.*))?$/;
/** Colours, for a terminal that never was. */
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/**
 * Entries begin a line, indented by a few blanks, with the option itself: `--port PORT`, `-c, --config TEXT`,
 * `--x {a,b}`. Both argparse and click put what belongs to an entry deeper, and break a long list of choices nowhere.
 * The usage at the top is not read: it may be cut short.
 */
export function parseHelp(text: string): EngineOptions {
  const options = new Map<string, readonly string[] | null>();
  for (const line of text.slice(0, maxHelpCharacters).replaceAll(escapes, '').split(/\r?\n/)) {
    const entry = /^ {1,6}(-.*)$/.exec(line)?.[1];
    if (entry === undefined) continue;
    const head = entry.split(/ {2,}/)[0] ?? '';
    const choices = choicesOf(head);
    for (const part of head.replace(/\{[^}]*\}/g, 'X').split(/, | \/ /)) {
      const [, dashes, name = ''] = optionPattern.exec(part.trim()) ?? [];
      if (dashes !== '--' || name.length > maxNameLength || options.size >= maxOptions) continue;
      options.set(name, choices);
    }
  }
  return options;
}

function choicesOf(head: string): readonly string[] | null {
  const list = /\{([^{}]+)\}/.exec(head)?.[1];
  if (list === undefined) return null;
  return list
    .split(',')
    .map((choice) => choice.trim())
    .filter((choice) => choice !== '')
    .slice(0, maxChoices);
}

/** What the app always says: a version without one of these cannot be used at all. */
export const neededOptions = {
  'vllm-mlx': ['host', 'port', 'served-model-name', 'offline'],
  litellm: ['config', 'host', 'port', 'num_workers'],
} as const;
