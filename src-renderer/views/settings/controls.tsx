/** The controls of settings: switch, pop-up, field, and field with a dialog. They show what is in force, not what was clicked. */
import { useRef } from 'preact/hooks';
import type { Setting } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { Select } from '../../parts/select.tsx';
import { useShownText } from '../../parts/shown-text.ts';
import { Switch } from '../../parts/switch.tsx';
import { settingsWords as words } from '../../words/index.ts';
import { fieldText, fieldValue, unitOf } from './figures.ts';
import type { SettingChanger } from './use-setting.ts';

interface ControlProps {
  readonly id: string;
  readonly setting: Setting;
  readonly changer: SettingChanger;
  readonly title: string;
  readonly describedBy: string;
  readonly isRefused: boolean;
}

export function SwitchControl({ id, setting, changer, title, describedBy }: ControlProps) {
  const isOn = setting.value === true;
  return (
    <Switch
      id={id}
      isOn={isOn}
      label={title}
      describedBy={describedBy}
      onClick={() => void changer.set(!isOn)}
    />
  );
}

export function ChoiceControl({ id, setting, changer, describedBy }: ControlProps) {
  const { kind, value } = setting;
  const choices = kind.kind === 'choice' ? kind.choices : [];
  const chosen = fieldText(value);
  const select = useRef<HTMLSelectElement>(null);
  async function choose(next: string): Promise<void> {
    /** A refused choice must not go on standing there. */
    if (!(await changer.set(next)) && select.current !== null) select.current.value = chosen;
  }
  return (
    <Select
      field={select}
      id={id}
      describedBy={describedBy}
      value={chosen}
      options={choices.map((choice) => [choice, words.choices[choice] ?? choice])}
      onChange={(next) => void choose(next)}
    />
  );
}

const numberMaxChars = 15;
const pathMaxChars = 1024;

/** Saved when it is left or Enter is pressed; Escape puts back what is in force; what is refused stays to be corrected. */
export function TextControl({ id, setting, changer, describedBy, isRefused }: ControlProps) {
  const shown = fieldText(setting.value);
  const { field, settled } = useShownText(shown);

  async function save(input: HTMLInputElement): Promise<void> {
    const text = input.value.trim();
    if (text === shown) {
      input.value = shown;
      changer.clear();
      return;
    }
    settled.current = input.value;
    await changer.set(fieldValue(setting, text));
  }

  const isPath = setting.kind.kind === 'path';
  const unit = unitOf(setting);
  const input = (
    <input
      ref={field}
      id={id}
      class={isPath ? 'input input-path' : 'input input-number'}
      inputMode={isPath ? 'text' : 'numeric'}
      autocomplete="off"
      spellcheck={false}
      readOnly={isPath}
      maxLength={isPath ? pathMaxChars : numberMaxChars}
      defaultValue={shown}
      placeholder={isPath ? words.automatic : ''}
      aria-describedby={describedBy}
      aria-invalid={isRefused || undefined}
      onBlur={(event) => void save(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void save(event.currentTarget);
        if (event.key === 'Escape') {
          event.currentTarget.value = shown;
          changer.clear();
        }
      }}
    />
  );
  if (isPath) return input;
  return (
    <span class="setting-field">
      {input}
      {unit !== '' && <span aria-hidden="true">{unit}</span>}
    </span>
  );
}

export function PathControl(props: ControlProps) {
  return (
    <div class="setting-path-field">
      <TextControl {...props} />
      <Button aria-label={words.chooseOf(props.title)} onClick={() => void props.changer.choose()}>
        {words.choose}
      </Button>
    </div>
  );
}
