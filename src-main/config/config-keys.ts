/** The keys of config.yaml: what each may hold, and what holds when it is not set. */
import path from 'node:path';
import { modelIdPattern } from '../cloud/openrouter.ts';
import { capMaxUsd, chosenModelsMax, cloudPrivacies } from '../contract/cloud.ts';
import {
  type SettingKey,
  type SettingKind,
  type SettingTime,
  type SettingValue,
  settingKeys,
} from '../contract/settings.ts';
import { type Ranking, rankings } from '../planner/types.ts';
import { configWords } from '../words/index.ts';

export interface ConfigContext {
  /** The data folder. */
  readonly home: string;
  /** What `~` stands for. */
  readonly userHome: string;
}

/** What the app works with. The OpenRouter key itself is never part of it. */
export interface Config {
  readonly defaultQuant: 'int4' | 'int8' | 'bf16';
  readonly memoryBudgetPct: number;
  /** What a plan takes for the better of two models. */
  readonly ranking: Ranking;
  readonly litellmPort: number;
  /** Absolute. */
  readonly modelDir: string;
  /** Absolute: folders of other apps with models, used in place. */
  readonly modelFolders: readonly string[];
  readonly autoHealthCheck: boolean;
  readonly logMaxSizeMb: number;
  readonly logMaxFiles: number;
  readonly logTotalMaxMb: number;
  /** Nothing is ever sent to the cloud. */
  readonly localOnly: boolean;
  /** Whether requests may go to OpenRouter at all. */
  readonly cloud: boolean;
  /** Dollars; `null` for no cap. */
  readonly cloudDailyCapUsd: number | null;
  readonly cloudMonthlyCapUsd: number | null;
  readonly cloudPrivacy: (typeof cloudPrivacies)[number];
  /** OpenRouter's ids in order, the first being `premium`; `null` for those that the app proposes. */
  readonly cloudModels: readonly string[] | null;
  /** The Mac does not fall asleep by itself while requests run. */
  readonly keepAwake: boolean;
  /** The app looks for updates of itself; it never installs one without being told to. */
  readonly autoUpdate: boolean;
  /** Which native notifications are wanted. */
  readonly notifyFailures: boolean;
  readonly notifyRecovery: boolean;
  readonly notifyDisk: boolean;
  /** What stands beside the menu-bar icon. */
  readonly menuBarTitle: (typeof menuBarTitles)[number];
  /** Absolute, or `null` to look for it. */
  readonly vllmMlxPath: string | null;
  readonly litellmPath: string | null;
  readonly uvPath: string | null;
  /** The file holds a key in plain text that is to be moved to the Keychain. */
  readonly hasPlaintextKey: boolean;
}

export const configKeys = ['openrouter-key', ...settingKeys] as const;
export type ConfigKey = (typeof configKeys)[number];

/** Keys that hold a list, changed item by item. */
export type ConfigListKey = 'model-folders';

export const isConfigKey = (key: string): key is ConfigKey => configKeys.some((known) => known === key);

/** `expected` completes the sentence "<key> must be …". */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly allowed?: readonly string[] };

export interface KeyRule<T> {
  readonly fallback: (context: ConfigContext) => T;
  readonly read: (raw: unknown, context: ConfigContext) => Reading<T>;
}

/** A rule whose value the user may see, with what the window needs to offer it. */
export interface SettingRule<T> extends KeyRule<T> {
  readonly kind: SettingKind;
}

/** What a setting does, and when: kept beside its rule so that whoever changes the one sees the other. */
export interface SettingNote {
  readonly effect: string;
  readonly takesEffect: SettingTime;
}

const good = <T>(value: T): Reading<T> => ({ ok: true, value });

export const maxPort = 65535;
const maxPathLength = 1024;
/** No disk is larger in megabytes, and it keeps sums exact. */
const maxMegabytes = 1_000_000_000;

type NumberUnit = Extract<SettingKind, { kind: 'number' }>['unit'];

/** `max` is `null` where only memory and disk are a limit; whatever is too large to count is refused all the same. */
function wholeNumber(
  fallback: number,
  min: number,
  max: number | null,
  unit: NumberUnit = 'none',
  highest = max ?? Number.MAX_SAFE_INTEGER,
): SettingRule<number> {
  const expected = max === null ? configWords.wholeAtLeast(min) : configWords.wholeFromTo(min, max);
  return {
    kind: { kind: 'number', min, max, isWhole: true, unit, noneWord: null },
    fallback: () => fallback,
    read: (raw) => {
      if (typeof raw === 'string' && /^\d+$/.test(raw))
        return { ok: false, expected: configWords.withoutQuotes(expected) };
      const fits = typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= min && raw <= highest;
      return fits ? good(raw) : { ok: false, expected };
    },
  };
}

const megabytes = (fallback: number) => wholeNumber(fallback, 1, null, 'megabytes', maxMegabytes);

/** One of a few words. `expected` lists them for a sentence. */
function choice<T extends string>(choices: readonly T[], fallback: T): SettingRule<T> {
  const expected = configWords.oneOf(choices.slice(0, -1).join(', '), choices.at(-1) ?? '');
  return {
    kind: { kind: 'choice', choices: [...choices] },
    fallback: () => fallback,
    read: (raw) => {
      const found = choices.find((word) => word === raw);
      return found === undefined ? { ok: false, expected, allowed: choices } : good(found);
    },
  };
}

const quants = ['int4', 'int8', 'bf16'] as const;

const yesWords = ['true', '1', 'yes', 'on'];
const noWords = ['false', '0', 'no', 'off'];

/** The CLI's words for yes and no, in any case. */
function truth(fallback: boolean): SettingRule<boolean> {
  return {
    kind: { kind: 'switch' },
    fallback: () => fallback,
    read: (raw) => {
      const word = ['string', 'number', 'boolean'].includes(typeof raw) ? String(raw).toLowerCase() : '';
      if (yesWords.includes(word)) return good(true);
      if (noWords.includes(word)) return good(false);
      return { ok: false, expected: configWords.trueOrFalse, allowed: ['true', 'false'] };
    },
  };
}

function absolutePath(raw: unknown, context: ConfigContext): string | null {
  if (typeof raw !== 'string' || raw.length > maxPathLength || hasControlCharacter(raw)) return null;
  const expanded = raw === '~' || raw.startsWith('~/') ? path.join(context.userHome, raw.slice(1)) : raw;
  return path.isAbsolute(expanded) ? path.resolve(expanded) : null;
}

export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || (code >= 127 && code < 160) || code === 0x2028 || code === 0x2029) return true;
  }
  return false;
}

const modelDirRule: SettingRule<string> = {
  kind: { kind: 'path', to: 'folder', isOptional: false },
  fallback: (context) => path.join(context.home, 'models'),
  read: (raw, context) => {
    const found = absolutePath(raw, context);
    return found === null ? { ok: false, expected: configWords.folderPath } : good(found);
  },
};

export const modelFoldersMax = 32;

const modelFoldersRule: SettingRule<readonly string[]> = {
  kind: { kind: 'list', max: modelFoldersMax },
  fallback: () => [],
  read: (raw, context) => {
    const items: unknown[] = Array.isArray(raw) ? raw : [null];
    const folders = items.flatMap((item) => absolutePath(item, context) ?? []);
    return folders.length === items.length && items.length <= modelFoldersMax
      ? good([...new Set(folders)])
      : {
          ok: false,
          expected: configWords.folderPaths(modelFoldersMax),
        };
  },
};

const executableRule: SettingRule<string | null> = {
  kind: { kind: 'path', to: 'program', isOptional: true },
  fallback: () => null,
  read: (raw, context) => {
    if (raw === '') return good(null);
    const found = absolutePath(raw, context);
    return found === null ? { ok: false, expected: configWords.programPath } : good(found);
  },
};

/** Spending is bounded until the user says otherwise. */
const dailyCapUsd = 2;
const monthlyCapUsd = 20;
const noCap = 'none';

function cap(fallback: number): SettingRule<number | null> {
  return {
    kind: { kind: 'number', min: 0, max: capMaxUsd, isWhole: false, unit: 'dollars', noneWord: noCap },
    fallback: () => fallback,
    read: (raw) => {
      if (raw === noCap) return good(null);
      return typeof raw === 'number' && raw >= 0 && raw <= capMaxUsd
        ? good(raw)
        : { ok: false, expected: configWords.dollarsOrNone(capMaxUsd), allowed: [noCap] };
    },
  };
}

const menuBarTitles = ['none', 'models', 'speed'] as const;

/** One line is what the app writes; a list is what a person may write. */
const modelsRule: SettingRule<Config['cloudModels']> = {
  kind: { kind: 'list', max: chosenModelsMax },
  fallback: () => null,
  read: (raw) => {
    const parts: unknown[] = typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [raw];
    const texts = parts.filter((part) => typeof part === 'string').map((part) => part.trim());
    const ids = texts.filter((id) => id !== '');
    const fits =
      texts.length === parts.length &&
      ids.length <= chosenModelsMax &&
      ids.every((id) => modelIdPattern.test(id));
    return fits
      ? good(ids.length === 0 ? null : [...new Set(ids)])
      : {
          ok: false,
          expected: configWords.modelIds(chosenModelsMax),
        };
  },
};

/** Only whether there is one: the value goes no further. */
const plaintextKeyRule: KeyRule<boolean> = {
  fallback: () => false,
  read: (raw) =>
    typeof raw === 'string' ? good(raw.trim() !== '') : { ok: false, expected: configWords.text },
};

export const settingRules = {
  'default-quant': choice(quants, 'int4'),
  'memory-budget-pct': wholeNumber(40, 1, 100, 'percent'),
  ranking: choice(rankings, 'quality'),
  'litellm-port': wholeNumber(4000, 1, maxPort),
  'model-dir': modelDirRule,
  'auto-health-check': truth(true),
  'log-max-size-mb': megabytes(50),
  'log-max-files': wholeNumber(5, 1, null),
  'log-total-max-mb': megabytes(1000),
  'local-only': truth(false),
  cloud: truth(false),
  'cloud-daily-cap-usd': cap(dailyCapUsd),
  'cloud-monthly-cap-usd': cap(monthlyCapUsd),
  'cloud-privacy': choice(cloudPrivacies, 'zero-retention'),
  'cloud-models': modelsRule,
  'keep-awake': truth(false),
  'auto-update': truth(true),
  'notify-failures': truth(true),
  'notify-recovery': truth(true),
  'notify-disk': truth(true),
  'menu-bar-title': choice(menuBarTitles, 'none'),
  'vllm-mlx-path': executableRule,
  'litellm-path': executableRule,
  'uv-path': executableRule,
  'model-folders': modelFoldersRule,
} as const satisfies Record<SettingKey, SettingRule<SettingValue>>;

export const keyRules = { 'openrouter-key': plaintextKeyRule, ...settingRules } as const;

export const settingNotes: Readonly<Record<SettingKey, SettingNote>> = {
  'default-quant': {
    effect: configWords.effects['default-quant'],
    takesEffect: 'next-plan',
  },
  'memory-budget-pct': {
    effect: configWords.effects['memory-budget-pct'],
    takesEffect: 'next-plan',
  },
  ranking: {
    effect: configWords.effects['ranking'],
    takesEffect: 'next-plan',
  },
  'litellm-port': {
    effect: configWords.effects['litellm-port'],
    takesEffect: 'restarts-gateway',
  },
  'model-dir': {
    effect: configWords.effects['model-dir'],
    takesEffect: 'restarts-models',
  },
  'auto-health-check': {
    effect: configWords.effects['auto-health-check'],
    takesEffect: 'at-once',
  },
  'log-max-size-mb': {
    effect: configWords.effects['log-max-size-mb'],
    takesEffect: 'at-once',
  },
  'log-max-files': {
    effect: configWords.effects['log-max-files'],
    takesEffect: 'at-once',
  },
  'log-total-max-mb': {
    effect: configWords.effects['log-total-max-mb'],
    takesEffect: 'at-once',
  },
  'local-only': {
    effect: configWords.effects['local-only'],
    takesEffect: 'at-once',
  },
  cloud: {
    effect: configWords.effects['cloud'],
    takesEffect: 'at-once',
  },
  'cloud-daily-cap-usd': {
    effect: configWords.effects['cloud-daily-cap-usd'],
    takesEffect: 'at-once',
  },
  'cloud-monthly-cap-usd': {
    effect: configWords.effects['cloud-monthly-cap-usd'],
    takesEffect: 'at-once',
  },
  'cloud-privacy': {
    effect: configWords.effects['cloud-privacy'],
    takesEffect: 'at-once',
  },
  'cloud-models': {
    effect: configWords.effects['cloud-models'],
    takesEffect: 'restarts-gateway',
  },
  'keep-awake': {
    effect: configWords.effects['keep-awake'],
    takesEffect: 'at-once',
  },
  'auto-update': {
    effect: configWords.effects['auto-update'],
    takesEffect: 'at-once',
  },
  'notify-failures': {
    effect: configWords.effects['notify-failures'],
    takesEffect: 'at-once',
  },
  'notify-recovery': {
    effect: configWords.effects['notify-recovery'],
    takesEffect: 'at-once',
  },
  'notify-disk': {
    effect: configWords.effects['notify-disk'],
    takesEffect: 'at-once',
  },
  'menu-bar-title': {
    effect: configWords.effects['menu-bar-title'],
    takesEffect: 'at-once',
  },
  'vllm-mlx-path': {
    effect: configWords.effects['vllm-mlx-path'],
    takesEffect: 'restarts-models',
  },
  'litellm-path': {
    effect: configWords.effects['litellm-path'],
    takesEffect: 'restarts-gateway',
  },
  'uv-path': {
    effect: configWords.effects['uv-path'],
    takesEffect: 'at-once',
  },
  'model-folders': {
    effect: configWords.effects['model-folders'],
    takesEffect: 'restarts-models',
  },
};
