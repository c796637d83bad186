/** Every setting has its place in the window, and texts become the values that were meant. */
import { expect, it } from 'vitest';
import { parsedDefaults } from '../../../src-main/config/config-file.ts';
import { settingNotes, settingRules } from '../../../src-main/config/config-keys.ts';
import { settingsOf } from '../../../src-main/config/settings-control.ts';
import { type SettingKey, settingKeys } from '../../../src-main/contract/settings.ts';
import {
  fieldValue,
  isDefault,
  metaLine,
  savedText,
  valueText,
} from '../../../src-renderer/views/settings/figures.ts';
import { elsewhere, groups } from '../../../src-renderer/views/settings/groups.ts';
import { settingsWords } from '../../../src-renderer/words/index.ts';

const context = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };
const parsed = parsedDefaults(context);
const { settings } = settingsOf(
  { value: parsed, source: 'none', problems: [] },
  { revision: 1, file: '', defaults: parsed.values },
);
function settingOf(key: SettingKey) {
  const found = settings.find((setting) => setting.key === key);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
}

it('every setting stands in one group, or is set elsewhere', () => {
  const placed: readonly string[] = [...Object.values(groups).flat(), ...elsewhere];
  expect(placed.toSorted()).toEqual(settingKeys.toSorted());
});

it('no group has a kind without a control, and every choice there has words', () => {
  for (const key of Object.values(groups).flat()) {
    const { kind } = settingRules[key];
    expect(kind.kind).not.toBe('list');
    if (kind.kind === 'choice')
      for (const choice of kind.choices) expect(settingsWords.choices).toHaveProperty([choice]);
    expect(settingNotes[key].effect).toMatch(/^[A-Z].*\.$/);
  }
});

it('a text becomes a number only where a number is meant and written', () => {
  const budget = settingOf('memory-budget-pct');
  expect(['55', '55%', '0', '4.5', '-1'].map((text) => fieldValue(budget, text))).toEqual([
    55, 55, 0, 4.5, -1,
  ]);
  expect(fieldValue(settingOf('log-max-size-mb'), '20 MB')).toBe(20);
  for (const text of ['', 'forty', '0x10', '1e3', '5,5', '--1']) expect(fieldValue(budget, text)).toBe(text);
  expect(fieldValue(settingOf('model-dir'), '4000')).toBe('4000');
});

it('the line below tells default, range and when, where it is not at once', () => {
  expect(metaLine(settingOf('memory-budget-pct'))).toBe(
    'Default: 40% · 1 to 100% · For the next plan; what runs stays as it is',
  );
  expect(metaLine(settingOf('log-max-size-mb'))).toBe('Default: 50 MB · at least 1 MB');
  expect(metaLine(settingOf('keep-awake'))).toBe('Default: off');
  expect(metaLine(settingOf('litellm-path'))).toBe('Default: found by MLX Stack · Restarts the gateway');
  expect(metaLine(settingOf('litellm-port'))).toBe('Default: 4000 · 1 to 65535 · Restarts the gateway');
});

it('a value is told in words', () => {
  expect(valueText(settingOf('menu-bar-title'), 'speed')).toBe('Tokens per second');
  expect(valueText(settingOf('model-folders'), [])).toBe('none');
  expect(valueText(settingOf('model-folders'), ['/a', '/b'])).toBe('/a, /b');
  expect(valueText(settingOf('cloud-daily-cap-usd'), null)).toBe('none');
  expect(isDefault({ ...settingOf('model-folders'), value: [] })).toBe(true);
  expect(isDefault({ ...settingOf('model-folders'), value: ['/a'] })).toBe(false);
});

it('a saved change tells what restarts, or what it waits for', () => {
  const port = settingOf('litellm-port');
  expect(savedText(port, { restarts: ['Gateway'] })).toBe('Saved; Gateway restarts');
  expect(savedText(port, { restarts: ['fast', 'Gateway'] })).toBe('Saved; fast, Gateway restart');
  expect(savedText(port, { restarts: [] })).toBe('Saved; in force when the gateway starts');
  expect(savedText(settingOf('keep-awake'), { restarts: [] })).toBe('Saved');
});
