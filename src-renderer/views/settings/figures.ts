/** Settings as texts, and texts as values of settings. What may stand in the file is decided by the main process alone. Pure. */
import type { Setting, SettingChange } from '../../bridge.ts';
import { choiceWords, times, waits, words } from './words.ts';

type Value = Setting['value'];
type NumberKind = Extract<Setting['kind'], { kind: 'number' }>;

const units: Readonly<Record<NumberKind['unit'], string>> = {
  percent: '%',
  megabytes: 'MB',
  dollars: '$',
  none: '',
};

export const unitOf = ({ kind }: Setting): string => (kind.kind === 'number' ? units[kind.unit] : '');

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
  if (kind.kind === 'choice' && typeof value === 'string') return choiceWords[value] ?? value;
  if (kind.kind === 'number' && typeof value === 'number')
    return [String(value), unitOf(setting)].filter(Boolean).join(' ');
  if (Array.isArray(value)) return value.length === 0 ? words.nothingSet : value.join(', ');
  return value === null ? words.nothingSet : String(value);
}

export function isDefault({ value, defaultValue }: Setting): boolean {
  return JSON.stringify(value) === JSON.stringify(defaultValue);
}

/** Range, default and time of effect on one line. */
export function metaLine(setting: Setting): string {
  const { kind } = setting;
  const unit = unitOf(setting);
  const max = kind.kind === 'number' ? kind.max : null;
  const range =
    kind.kind !== 'number'
      ? ''
      : max === null
        ? words.atLeast([kind.min, unit].filter((part) => part !== '').join(' '))
        : words.from(String(kind.min), [max, unit].filter((part) => part !== '').join(' '));
  return [words.defaultIs(valueText(setting, setting.defaultValue)), range, times[setting.takesEffect]]
    .filter(Boolean)
    .join(' · ');
}

/** What a change has come to: which servers are restarted for it, or what it waits for. */
export function savedText({ takesEffect }: Setting, { restarts }: SettingChange): string {
  const rest = restarts.length > 0 ? words.restarting(restarts.join(', ')) : waits[takesEffect];
  return rest === '' ? words.saved : words.savedAnd(rest);
}
