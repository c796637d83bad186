/** One setting: its name and effect, its control, its default and range, and what came of the last change. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Setting } from '../../bridge.ts';
import { joinSentences } from '../../words/format.ts';
import { settingsWords as words } from '../../words/index.ts';
import { ChoiceControl, PathControl, SwitchControl, TextControl } from './controls.tsx';
import { isDefault, metaLine } from './figures.ts';
import { type Progress, useSetting } from './use-setting.ts';

interface SettingRowProps {
  readonly setting: Setting;
  /** Beside what every setting has. */
  readonly children?: ComponentChildren;
}

export function SettingRow({ setting, children }: SettingRowProps) {
  const changer = useSetting(setting);
  const row = useRef<HTMLDivElement>(null);
  const id = `setting-${setting.key}`;
  const title = words.titles[setting.key];
  const isRefused = changer.progress.kind === 'refused';
  const control = {
    id,
    setting,
    changer,
    title,
    describedBy: joinSentences(isRefused && `${id}-problem`, `${id}-effect`, `${id}-meta`),
    isRefused,
  };

  /** The button goes away with what it undoes: the focus goes to what it is about before that. */
  function reset(): void {
    row.current?.querySelector<HTMLElement>(`#${id}`)?.focus();
    void changer.reset();
  }

  return (
    <div ref={row} class="setting">
      <div class="setting-text">
        <label class="setting-title" for={id}>
          {title}
        </label>
        <p id={`${id}-effect`} class="card-note">
          {setting.effect}
        </p>
      </div>
      <Control {...control} />
      <div class="setting-foot">
        <p class="setting-meta">
          <span id={`${id}-meta`}>{metaLine(setting)}</span>
          {!isDefault(setting) && (
            <button type="button" class="link" aria-label={words.resetOf(title)} onClick={reset}>
              {words.reset}
            </button>
          )}
        </p>
        <Outcome id={`${id}-problem`} progress={changer.progress} />
        {children}
      </div>
    </div>
  );
}

function Control(props: Parameters<typeof TextControl>[0]) {
  switch (props.setting.kind.kind) {
    case 'switch':
      return <SwitchControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} />;
    case 'path':
      return <PathControl {...props} />;
    default:
      return <TextControl {...props} />;
  }
}

function Outcome({ id, progress }: { readonly id: string; readonly progress: Progress }) {
  switch (progress.kind) {
    case 'saving':
      return <p class="setting-outcome">{words.saving}</p>;
    case 'saved':
      return <p class="setting-outcome setting-saved">{progress.text}</p>;
    case 'refused':
      return (
        <p id={id} class="input-problem" role="alert">
          {joinSentences(progress.problem.message, progress.problem.hint)}
        </p>
      );
    default:
      return null;
  }
}
