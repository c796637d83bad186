/** Options of `vllm-mlx serve` that a stack file may not set, and how an option becomes arguments. */
import { stackWords } from '../words/index.ts';
import type { FlagValue } from './stack-types.ts';

export const flagNamePattern = /^[a-z][a-z0-9_-]*$/;
export const maxFlagNameLength = 64;
export const maxFlagValueLength = 1024;
export const maxFlags = 64;

/** Name with `-`, and why the option is not the file's to set. */
const ownedFlags: ReadonlyMap<string, string> = new Map([
  ['model', stackWords.modelFromSource],
  ['models-config', stackWords.oneModelEach],
  ['memory-budget-gb', stackWords.oneModelEach],
  ['served-model-name', stackWords.clientsUseTierName],
  ['host', stackWords.onlyOnThisMac],
  ['port', stackWords.portFromPort],
  ['api-key', stackWords.argumentsAreVisible],
  ['offline', stackWords.neverOnline],
  ['download-timeout', stackWords.neverOnline],
  ['download-retries', stackWords.neverOnline],
  ['trust-remote-code', stackWords.wouldRunModelsPrograms],
  ['mcp-config', stackWords.wouldRunOtherPrograms],
  ['help', stackWords.wouldEndServer],
  ['version', stackWords.wouldEndServer],
]);

export const optionName = (key: string) => key.replaceAll('_', '-');

/**
 * Why a stack file may not set this option, or `null`. Python's argparse takes any unambiguous beginning of an
 * option for the option itself (`--trust` is `--trust-remote-code`), so beginnings are refused as well.
 */
export function whyOwned(key: string): string | null {
  const name = optionName(key);
  for (const [owned, reason] of ownedFlags) if (owned.startsWith(name)) return reason;
  return null;
}

/** Options of `vllm-mlx serve` that name another model to load. */
const modelOptions = [
  'embedding-model',
  'rerank-model',
  'draft-model',
  'mllm-draft-model',
  'default-mllm-draft',
  'specprefill-draft-model',
];

/** A beginning counts, as it does for argparse, and so does an option of a later version that is called like these. */
export const namesModel = (name: string): boolean =>
  /-(?:model|draft)$/.test(name) || modelOptions.some((option) => option.startsWith(name));

/** true: bare; false: absent; anything else: option and value, joined where the value could pass for an option. */
export function flagArguments(name: string, value: FlagValue): string[] {
  if (value === false) return [];
  const option = `--${optionName(name)}`;
  if (value === true) return [option];
  const text = String(value);
  return text.startsWith('-') ? [`${option}=${text}`] : [option, text];
}

/** What a version of `vllm-mlx serve` understands: names without dashes, each with its choices, if it is limited to some. */
export type EngineOptions = ReadonlyMap<string, readonly string[] | null>;

/**
 * Whether the version understands the option with this value. argparse takes an unambiguous beginning for the whole
 * name; a value that is none of an option's choices ends the server.
 */
export function understands(options: EngineOptions, key: string, value: FlagValue): boolean {
  if (value === false) return true;
  const name = optionName(key);
  const names = options.has(name) ? [name] : [...options.keys()].filter((known) => known.startsWith(name));
  const [only] = names;
  if (only === undefined || names.length > 1) return false;
  const choices = options.get(only) ?? null;
  return choices === null || choices.includes(String(value));
}
