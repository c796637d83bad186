/** Settings as texts, and texts as values of settings. What may stand in the file is decided by the main process alone. Pure. */
import type { Setting, SettingChange } from '../../bridge.ts';
import { formatPercent, joinFacts, joinSentences } from '../../words/format.ts';
import { settingsWords as words } from '../../words/index.ts';

type Value = Setting['value'];

export const unitOf = ({ kind }: Setting): string => (kind.kind === 'number' ? words.units[kind.unit] : '');

/** `40%`, `50 MB`, `4000`. */
const withUnit = (value: number, setting: Setting): string =>
  setting.kind.kind === 'number' && setting.kind.unit === 'percent'
    ? formatPercent(value)
    : joinSentences(String(value), unitOf(setting));

/** What stands in the field. */
export const fieldText = (value: Value): string => (value === null ? '' : String(value));

/** What the field asks for: a number where one is meant, otherwise the text, to be refused with a sentence. */
export function fieldValue({ kind }: Setting, text: string): string | number {
  const plain = text.replace(/\s*(%|MB)$/i, '');
  return kind.kind === 'number' && /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : text;
}

export function valueText(setting: Setting, value: Value): string {
  const { kind } = setting;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (kind.kind === 'path' && value === null) return words.automatic;
  if (kind.kind === 'choice' && typeof value === 'string') return words.choices[value] ?? value;
  if (kind.kind === 'number' && typeof value === 'number') return withUnit(value, setting);
  if (Array.isArray(value)) return value.length === 0 ? words.nothingSet : value.join(', ');
  return value === null ? words.nothingSet : String(value);
}

export function isDefault({ value, defaultValue }: Setting): boolean {
  return JSON.stringify(value) === JSON.stringify(defaultValue);
}

/** Range, default and time of effect on one line. */
export function metaLine(setting: Setting): string {
  const { kind } = setting;
  const max = kind.kind === 'number' ? kind.max : null;
  const range =
    kind.kind !== 'number'
      ? ''
      : max === null
        ? words.atLeast(withUnit(kind.min, setting))
        : words.from(String(kind.min), withUnit(max, setting));
  return joinFacts(
    words.defaultIs(valueText(setting, setting.defaultValue)),
    range,
    words.times[setting.takesEffect],
  );
}

/** What a change has come to: which servers are restarted for it, or what it waits for. */
export function savedText({ takesEffect }: Setting, { restarts }: SettingChange): string {
  const rest = restarts.length > 0 ? words.restarting(restarts.join(', ')) : words.waits[takesEffect];
  return rest === '' ? words.saved : words.savedAnd(rest);
}
