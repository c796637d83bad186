/** Reads config.yaml into a `Config`, with the place of every mistake, and edits it without losing a comment. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { type SettingKey, type SettingValue, settingKeys } from '../contract/settings.ts';
import { locatedProblem, nearestName, quotable } from '../files/located-problem.ts';
import type { LocatedProblem } from '../files/types.ts';
import {
  appendYamlItem,
  removeYamlKey,
  removeYamlValue,
  setYamlValue,
  startYamlList,
  type YamlScalar,
} from '../files/yaml-edit.ts';
import { parseYamlMapping, type YamlMapping } from '../files/yaml-text.ts';
import { commonWords, configWords } from '../words/index.ts';
import {
  type Config,
  type ConfigContext,
  type ConfigKey,
  type ConfigListKey,
  configKeys,
  isConfigKey,
  type KeyRule,
  keyRules,
} from './config-keys.ts';

const configFileName = 'config.yaml';

export interface ParsedConfig {
  readonly config: Config;
  /** The same, by key. */
  readonly values: Readonly<Record<SettingKey, SettingValue>>;
  /** The keys that the file gives a value. */
  readonly setKeys: readonly SettingKey[];
  /** Keys that nothing reads: kept, but perhaps misspelt. */
  readonly unknownKeys: readonly UnknownKey[];
}

export interface UnknownKey extends LocatedProblem {
  /** `null` where it could be a secret. */
  readonly name: string | null;
}

export function parsedDefaults(context: ConfigContext): ParsedConfig {
  const empty = parseConfig('', context);
  if (!empty.ok) throw new Error('An empty config.yaml must be valid');
  return empty.value;
}

/** All or nothing: one bad value refuses the file, so that what is in force is always what one file says. */
export function parseConfig(
  text: string,
  context: ConfigContext,
): Result<ParsedConfig, readonly LocatedProblem[]> {
  const parsed = parseYamlMapping(text, configFileName);
  if (!parsed.ok) return parsed;
  const mapping = parsed.value;
  const problems: LocatedProblem[] = [];
  const setKeys = settingKeys.filter((key) => isSetIn(mapping, key));

  function read<T>(key: ConfigKey, rule: KeyRule<T>): T {
    if (!isSetIn(mapping, key)) return rule.fallback(context);
    const raw = mapping.value[key];
    const reading = rule.read(raw, context);
    if (reading.ok) return reading.value;
    problems.push(badValue(mapping, key, raw, reading.expected, reading.allowed ?? []));
    return rule.fallback(context);
  }

  const config: Config = {
    hasPlaintextKey: read('openrouter-key', keyRules['openrouter-key']),
    defaultQuant: read('default-quant', keyRules['default-quant']),
    memoryBudgetPct: read('memory-budget-pct', keyRules['memory-budget-pct']),
    ranking: read('ranking', keyRules.ranking),
    litellmPort: read('litellm-port', keyRules['litellm-port']),
    modelDir: read('model-dir', keyRules['model-dir']),
    autoHealthCheck: read('auto-health-check', keyRules['auto-health-check']),
    logMaxSizeMb: read('log-max-size-mb', keyRules['log-max-size-mb']),
    logMaxFiles: read('log-max-files', keyRules['log-max-files']),
    logTotalMaxMb: read('log-total-max-mb', keyRules['log-total-max-mb']),
    localOnly: read('local-only', keyRules['local-only']),
    cloud: read('cloud', keyRules.cloud),
    cloudDailyCapUsd: read('cloud-daily-cap-usd', keyRules['cloud-daily-cap-usd']),
    cloudMonthlyCapUsd: read('cloud-monthly-cap-usd', keyRules['cloud-monthly-cap-usd']),
    cloudPrivacy: read('cloud-privacy', keyRules['cloud-privacy']),
    cloudModels: read('cloud-models', keyRules['cloud-models']),
    keepAwake: read('keep-awake', keyRules['keep-awake']),
    autoUpdate: read('auto-update', keyRules['auto-update']),
    notifyFailures: read('notify-failures', keyRules['notify-failures']),
    notifyRecovery: read('notify-recovery', keyRules['notify-recovery']),
    notifyDisk: read('notify-disk', keyRules['notify-disk']),
    menuBarTitle: read('menu-bar-title', keyRules['menu-bar-title']),
    vllmMlxPath: read('vllm-mlx-path', keyRules['vllm-mlx-path']),
    litellmPath: read('litellm-path', keyRules['litellm-path']),
    uvPath: read('uv-path', keyRules['uv-path']),
    modelFolders: read('model-folders', keyRules['model-folders']),
  };
  if (problems.length > 0) return fail(problems.sort((a, b) => lineOf(a) - lineOf(b)));
  return ok({ config, values: valuesOf(config), setKeys, unknownKeys: unknownKeysOf(mapping) });
}

/** A key without a value is as good as none. */
function isSetIn(mapping: YamlMapping, key: ConfigKey): boolean {
  const raw = Object.hasOwn(mapping.value, key) ? mapping.value[key] : null;
  return raw !== null && raw !== undefined;
}

export const valuesOf = (config: Config): ParsedConfig['values'] => ({
  'default-quant': config.defaultQuant,
  'memory-budget-pct': config.memoryBudgetPct,
  ranking: config.ranking,
  'litellm-port': config.litellmPort,
  'model-dir': config.modelDir,
  'auto-health-check': config.autoHealthCheck,
  'log-max-size-mb': config.logMaxSizeMb,
  'log-max-files': config.logMaxFiles,
  'log-total-max-mb': config.logTotalMaxMb,
  'local-only': config.localOnly,
  cloud: config.cloud,
  'cloud-daily-cap-usd': config.cloudDailyCapUsd,
  'cloud-monthly-cap-usd': config.cloudMonthlyCapUsd,
  'cloud-privacy': config.cloudPrivacy,
  'cloud-models': config.cloudModels,
  'keep-awake': config.keepAwake,
  'auto-update': config.autoUpdate,
  'notify-failures': config.notifyFailures,
  'notify-recovery': config.notifyRecovery,
  'notify-disk': config.notifyDisk,
  'menu-bar-title': config.menuBarTitle,
  'vllm-mlx-path': config.vllmMlxPath,
  'litellm-path': config.litellmPath,
  'uv-path': config.uvPath,
  'model-folders': config.modelFolders,
});

const lineOf = (found: LocatedProblem) => found.position?.line ?? 0;

function badValue(
  mapping: YamlMapping,
  key: ConfigKey,
  raw: unknown,
  expected: string,
  allowed: readonly string[],
): LocatedProblem {
  const shown = key === 'openrouter-key' ? null : quotable(raw);
  const nearest = typeof raw === 'string' ? nearestName(raw, allowed) : null;
  return locatedProblem(
    configFileName,
    mapping.positionOf([key]),
    'config-value',
    shown === null ? commonWords.mustBe(key, expected) : commonWords.isButMustBe(key, shown, expected),
    nearest === null ? configWords.correctLine : commonWords.didYouMean(nearest),
  );
}

/** More than this many unknown keys are not listed one by one. */
const maxUnknownKeys = 20;

function unknownKeysOf(mapping: YamlMapping): UnknownKey[] {
  return Object.keys(mapping.value)
    .filter((key) => !isConfigKey(key))
    .slice(0, maxUnknownKeys)
    .map((key) => {
      const nearest = nearestName(key, configKeys);
      const sentence = configWords.unknownKeyKept(quotable(key) ?? commonWords.unnamedHere);
      const hint = nearest === null ? undefined : commonWords.didYouMean(nearest);
      const located = locatedProblem(
        configFileName,
        mapping.keyPositionOf([key]),
        'unknown-config-key',
        sentence,
        hint,
      );
      return { ...located, name: quotable(key) === null ? null : key };
    });
}

/** The new text of the file, or why not; the new text is always a valid config.yaml. */
export function setConfigKey(
  text: string,
  key: string,
  value: YamlScalar,
  context: ConfigContext,
): Result<string> {
  if (!isConfigKey(key)) return fail(unknownKey(key));
  if (key === 'openrouter-key') {
    return fail(problem('key-not-in-file', configWords.keyStaysInKeychain));
  }
  const reading = keyRules[key].read(value, context);
  if (!reading.ok) return fail(problem('config-value', commonWords.mustBe(key, reading.expected)));
  return edit(text, context, (mapping) => setYamlValue(mapping, [key], value));
}

/** Puts a key back to its default by removing its line. */
export function removeConfigKey(text: string, key: string, context: ConfigContext): Result<string> {
  if (!isConfigKey(key)) return fail(unknownKey(key));
  return edit(text, context, (mapping) => removeYamlKey(mapping, key));
}

/** Puts every setting back to its default; comments, keys that nothing reads and a key in plain text stay. */
export function removeAllSettings(text: string, context: ConfigContext): Result<string> {
  return edit(text, context, (mapping) => {
    let present = mapping;
    for (const key of settingKeys) {
      const changed = removeYamlKey(present, key);
      if (!changed.ok) return changed;
      const parsed = parseYamlMapping(changed.value, configFileName);
      if (!parsed.ok) return fail(firstOf(parsed.error));
      present = parsed.value;
    }
    return ok(present.text);
  });
}

/** The new text with one more item in a list; the same text when it is in it already. */
export function addToConfigList(
  text: string,
  key: ConfigListKey,
  item: string,
  context: ConfigContext,
): Result<string> {
  const reading = keyRules[key].read([item], context);
  if (!reading.ok) return fail(problem('config-value', commonWords.mustBe(key, reading.expected)));
  return edit(text, context, (mapping) => {
    if (itemsLike(mapping, key, item, context).length > 0) return ok(mapping.text);
    const isThere = Array.isArray(mapping.value[key]);
    return isThere ? appendYamlItem(mapping, [key], item) : startYamlList(mapping, key, item);
  });
}

/** The new text without an item, however it is written; without its last one the list goes too. */
export function removeFromConfigList(
  text: string,
  key: ConfigListKey,
  item: string,
  context: ConfigContext,
): Result<string> {
  return edit(text, context, (mapping) => {
    const found = itemsLike(mapping, key, item, context);
    if (found.length === 0) return ok(mapping.text);
    if (found.length === listOf(mapping, key).length) return removeYamlKey(mapping, key);
    let present = mapping;
    /** From the end, so that the numbers of the others stay. */
    for (const index of found.toReversed()) {
      const changed = removeYamlValue(present, [key, index]);
      if (!changed.ok) return changed;
      const parsed = parseYamlMapping(changed.value, configFileName);
      if (!parsed.ok) return fail(firstOf(parsed.error));
      present = parsed.value;
    }
    return ok(present.text);
  });
}

function listOf(mapping: YamlMapping, key: ConfigListKey): readonly unknown[] {
  const raw = Object.hasOwn(mapping.value, key) ? mapping.value[key] : null;
  return Array.isArray(raw) ? raw : [];
}

/** The places in the list of what means the same as `item`. */
function itemsLike(mapping: YamlMapping, key: ConfigListKey, item: string, context: ConfigContext): number[] {
  const meaning = (raw: unknown) => {
    const reading = keyRules[key].read([raw], context);
    return reading.ok ? reading.value[0] : undefined;
  };
  const wanted = meaning(item);
  return listOf(mapping, key).flatMap((raw, index) =>
    wanted !== undefined && meaning(raw) === wanted ? [index] : [],
  );
}

/** The plaintext OpenRouter key of the file, for the one who moves it to the Keychain; `null` when there is none. */
export function readPlaintextKey(text: string): string | null {
  const parsed = parseYamlMapping(text, configFileName);
  if (!parsed.ok) return null;
  const raw = Object.hasOwn(parsed.value.value, 'openrouter-key')
    ? parsed.value.value['openrouter-key']
    : null;
  return typeof raw === 'string' && raw.trim() !== '' ? raw.trim() : null;
}

function edit(
  text: string,
  context: ConfigContext,
  change: (mapping: YamlMapping) => Result<string>,
): Result<string> {
  const parsed = parseYamlMapping(text, configFileName);
  if (!parsed.ok) return fail(firstOf(parsed.error));
  const changed = change(parsed.value);
  if (!changed.ok) return changed;
  const valid = parseConfig(changed.value, context);
  return valid.ok ? changed : fail(firstOf(valid.error));
}

function firstOf(problems: readonly LocatedProblem[]): Problem {
  return problems[0]?.problem ?? problem('config-value', configWords.unreadable);
}

export function unknownKey(key: string): Problem {
  const nearest = nearestName(key, configKeys);
  const hint =
    nearest === null ? configWords.settingsAre(configKeys.join(', ')) : commonWords.didYouMean(nearest);
  return problem('unknown-config-key', configWords.notASetting(quotable(key) ?? commonWords.unnamed), hint);
}
