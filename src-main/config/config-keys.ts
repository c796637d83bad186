/** The keys of config.yaml: what each may hold, and what holds when it is not set. */
import path from 'node:path';
import { modelIdPattern } from '../cloud/openrouter.ts';
import { capMaxUsd, chosenModelsMax, cloudPrivacies } from '../contract/cloud.ts';

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
  /** Which native notifications are wanted. */
  readonly notifyFailures: boolean;
  readonly notifyRecovery: boolean;
  readonly notifyDisk: boolean;
  /** What stands beside the menu-bar icon. */
  readonly menuBarTitle: (typeof menuBarTitles)[number];
  /** Absolute, or `null` to look for it. */
  readonly vllmMlxPath: string | null;
  readonly litellmPath: string | null;
  /** The file holds a key in plain text that is to be moved to the Keychain. */
  readonly hasPlaintextKey: boolean;
}

/** The CLI's eight, then ours. */
export const configKeys = [
  'openrouter-key',
  'default-quant',
  'memory-budget-pct',
  'litellm-port',
  'model-dir',
  'auto-health-check',
  'log-max-size-mb',
  'log-max-files',
  'log-total-max-mb',
  'local-only',
  'cloud',
  'cloud-daily-cap-usd',
  'cloud-monthly-cap-usd',
  'cloud-privacy',
  'cloud-models',
  'keep-awake',
  'notify-failures',
  'notify-recovery',
  'notify-disk',
  'menu-bar-title',
  'vllm-mlx-path',
  'litellm-path',
  'model-folders',
] as const;
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

const good = <T>(value: T): Reading<T> => ({ ok: true, value });

export const maxPort = 65535;
const maxPathLength = 1024;
/** No disk is larger in megabytes, and it keeps sums exact. */
const maxMegabytes = 1_000_000_000;

function wholeNumber(fallback: number, min: number, max: number): KeyRule<number> {
  const expected =
    max === maxMegabytes || max === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`;
  return {
    fallback: () => fallback,
    read: (raw) => {
      if (typeof raw === 'string' && /^\d+$/.test(raw))
        return { ok: false, expected: `${expected}, without quotes` };
      const fits = typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= min && raw <= max;
      return fits ? good(raw) : { ok: false, expected };
    },
  };
}

const quants = ['int4', 'int8', 'bf16'] as const;

const quantRule: KeyRule<Config['defaultQuant']> = {
  fallback: () => 'int4',
  read: (raw) => {
    const found = quants.find((quant) => quant === raw);
    return found ? good(found) : { ok: false, expected: 'int4, int8 or bf16', allowed: quants };
  },
};

const yesWords = ['true', '1', 'yes', 'on'];
const noWords = ['false', '0', 'no', 'off'];

/** The CLI's words for yes and no, in any case. */
function truth(fallback: boolean): KeyRule<boolean> {
  return {
    fallback: () => fallback,
    read: (raw) => {
      const word = ['string', 'number', 'boolean'].includes(typeof raw) ? String(raw).toLowerCase() : '';
      if (yesWords.includes(word)) return good(true);
      if (noWords.includes(word)) return good(false);
      return { ok: false, expected: 'true or false', allowed: ['true', 'false'] };
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

const modelDirRule: KeyRule<string> = {
  fallback: (context) => path.join(context.home, 'models'),
  read: (raw, context) => {
    const found = absolutePath(raw, context);
    return found === null
      ? { ok: false, expected: 'the full path of a folder, beginning with “/” or “~/”' }
      : good(found);
  },
};

export const modelFoldersMax = 32;

const modelFoldersRule: KeyRule<readonly string[]> = {
  fallback: () => [],
  read: (raw, context) => {
    const items: unknown[] = Array.isArray(raw) ? raw : [null];
    const folders = items.flatMap((item) => absolutePath(item, context) ?? []);
    return folders.length === items.length && items.length <= modelFoldersMax
      ? good([...new Set(folders)])
      : {
          ok: false,
          expected: `a list of at most ${modelFoldersMax} full paths of folders, each beginning with “/” or “~/”`,
        };
  },
};

const executableRule: KeyRule<string | null> = {
  fallback: () => null,
  read: (raw, context) => {
    if (raw === '') return good(null);
    const found = absolutePath(raw, context);
    return found === null
      ? { ok: false, expected: 'the full path of the program, beginning with “/” or “~/”' }
      : good(found);
  },
};

/** Spending is bounded until the user says otherwise. */
const dailyCapUsd = 2;
const monthlyCapUsd = 20;
const noCap = 'none';

function cap(fallback: number): KeyRule<number | null> {
  return {
    fallback: () => fallback,
    read: (raw) => {
      if (raw === noCap) return good(null);
      return typeof raw === 'number' && raw >= 0 && raw <= capMaxUsd
        ? good(raw)
        : { ok: false, expected: `dollars from 0 to ${capMaxUsd}, or none`, allowed: [noCap] };
    },
  };
}

const menuBarTitles = ['none', 'models', 'speed'] as const;

const menuBarTitleRule: KeyRule<Config['menuBarTitle']> = {
  fallback: () => 'none',
  read: (raw) => {
    const found = menuBarTitles.find((title) => title === raw);
    return found ? good(found) : { ok: false, expected: 'none, models or speed', allowed: menuBarTitles };
  },
};

const privacyRule: KeyRule<Config['cloudPrivacy']> = {
  fallback: () => 'zero-retention',
  read: (raw) => {
    const found = cloudPrivacies.find((privacy) => privacy === raw);
    return found
      ? good(found)
      : { ok: false, expected: 'zero-retention, no-training or any', allowed: cloudPrivacies };
  },
};

/** One line is what the app writes; a list is what a person may write. */
const modelsRule: KeyRule<Config['cloudModels']> = {
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
          expected: `at most ${chosenModelsMax} of OpenRouter’s model ids, such as openai/gpt-5.4, with commas between them`,
        };
  },
};

/** Only whether there is one: the value goes no further. */
const plaintextKeyRule: KeyRule<boolean> = {
  fallback: () => false,
  read: (raw) => (typeof raw === 'string' ? good(raw.trim() !== '') : { ok: false, expected: 'text' }),
};

export const keyRules = {
  'openrouter-key': plaintextKeyRule,
  'default-quant': quantRule,
  'memory-budget-pct': wholeNumber(40, 1, 100),
  'litellm-port': wholeNumber(4000, 1, maxPort),
  'model-dir': modelDirRule,
  'auto-health-check': truth(true),
  'log-max-size-mb': wholeNumber(50, 1, maxMegabytes),
  'log-max-files': wholeNumber(5, 1, Number.MAX_SAFE_INTEGER),
  'log-total-max-mb': wholeNumber(1000, 1, maxMegabytes),
  'local-only': truth(false),
  cloud: truth(false),
  'cloud-daily-cap-usd': cap(dailyCapUsd),
  'cloud-monthly-cap-usd': cap(monthlyCapUsd),
  'cloud-privacy': privacyRule,
  'cloud-models': modelsRule,
  'keep-awake': truth(false),
  'notify-failures': truth(true),
  'notify-recovery': truth(true),
  'notify-disk': truth(true),
  'menu-bar-title': menuBarTitleRule,
  'vllm-mlx-path': executableRule,
  'litellm-path': executableRule,
  'model-folders': modelFoldersRule,
} as const satisfies Record<ConfigKey, KeyRule<unknown>>;
