/** Settings: what config.yaml holds, with its defaults, ranges and effects, and what macOS keeps for the app. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { cloudSentence, type Problem, type Settings as SettingsData, type Snapshot } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Engines, enginesTitleId } from '../../parts/engines.tsx';
import { Notices } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useValue } from '../../state/signal.ts';
import { type Store, useStore } from '../../state/store.ts';
import { joinSentences } from '../../words/format.ts';
import { commonWords, settingsWords as words } from '../../words/index.ts';
import { fieldText } from './figures.ts';
import { type GroupName, groups } from './groups.ts';
import { LoginRow } from './login.tsx';
import { SettingRow } from './row.tsx';
import { UpdateRow } from './update.tsx';

/** The same, led to the engines. */
export const EngineSettings = ({ status }: { readonly status: Snapshot }) => (
  <Settings status={status} isAtEngines />
);

interface SettingsProps {
  readonly status: Snapshot;
  readonly isAtEngines?: boolean;
}

export function Settings({ status, isAtEngines = false }: SettingsProps) {
  const asked = useValue(useStore().askedView);
  const { settings, problem } = useSettings();
  const isRead = settings !== null;
  useEffect(() => {
    if (isAtEngines && isRead) goToEngines();
  }, [asked, isAtEngines, isRead]);
  return (
    <>
      <ViewHead icon="settings" title={commonWords.views.settings} lines={[words.intro]}>
        <CommandButton call={{ name: 'place.open', input: { place: 'config' } }} label={words.openFile} />
      </ViewHead>
      <Notices notices={[]} />
      {settings === null ? (
        problem !== null && <Trouble title={words.notRead} problem={problem} />
      ) : (
        <Loaded status={status} settings={settings} />
      )}
    </>
  );
}

function goToEngines(): void {
  const title = document.getElementById(enginesTitleId);
  title?.scrollIntoView();
  title?.focus();
}

/** Read once and again when the window comes to the front, for what macOS alone knows; each change arrives as a whole. */
function useSettings(): { readonly settings: SettingsData | null; readonly problem: Problem | null } {
  const store = useStore();
  const [settings, setSettings] = useState<SettingsData | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => follow(store, setSettings, setProblem), [store]);
  return { settings, problem };
}

function follow(
  store: Store,
  take: (change: (present: SettingsData | null) => SettingsData) => void,
  refuse: (problem: Problem) => void,
): () => void {
  /** An answer that was on its way while the file changed is the older one. */
  const receive = (next: SettingsData): void =>
    take((present) => (present !== null && present.revision > next.revision ? present : next));
  async function read(): Promise<void> {
    const result = await store.ask('settings.read', {});
    if (result.ok) receive(result.value);
    else refuse(result.error);
  }
  const stop = store.listen('settings.changed', receive);
  const onFocus = (): void => void read();
  window.addEventListener('focus', onFocus);
  void read();
  return () => {
    window.removeEventListener('focus', onFocus);
    stop();
  };
}

function Loaded({ status, settings }: { readonly status: Snapshot; readonly settings: SettingsData }) {
  const [mistake] = settings.problems;
  const port = settings.settings.find(({ key }) => key === 'litellm-port')?.value ?? null;
  return (
    <>
      {mistake !== undefined && <Trouble title={words.fileBad} problem={mistake} />}
      <Group name="general" settings={settings}>
        <LoginRow login={status.mac.login} />
        <UpdateRow update={status.update} version={status.app.version} />
      </Group>
      <Group name="notifications" settings={settings} />
      <Group name="models" settings={settings} />
      <Group name="gateway" settings={settings}>
        <p class="setting-aside">
          <code>{words.address(fieldText(port))}</code>
        </p>
      </Group>
      <Group name="logs" settings={settings} />
      <Engines engines={status.engines}>
        <Rows name="engines" settings={settings} />
      </Engines>
      <Elsewhere status={status} />
      <FileCard settings={settings} />
    </>
  );
}

interface GroupProps {
  readonly name: Exclude<GroupName, 'engines'>;
  readonly settings: SettingsData;
  readonly children?: ComponentChildren;
}

function Group({ name, settings, children }: GroupProps) {
  return (
    <Panel id={`settings-${name}`} look="card settings-group" title={words.groupTitles[name]}>
      {children}
      <Rows name={name} settings={settings} />
    </Panel>
  );
}

interface RowsProps {
  readonly name: GroupName;
  readonly settings: SettingsData;
}

function Rows({ name, settings }: RowsProps) {
  const rows = groups[name].flatMap((key) => settings.settings.find((setting) => setting.key === key) ?? []);
  return (
    <>
      {rows.map((setting) => (
        <SettingRow key={setting.key} setting={setting}>
          {setting.key === 'model-dir' && (
            <CommandButton
              call={{ name: 'place.open', input: { place: 'models' } }}
              label={words.showModels}
              name={words.showModelsName}
            />
          )}
        </SettingRow>
      ))}
    </>
  );
}

function Elsewhere({ status }: { readonly status: Snapshot }) {
  const store = useStore();
  return (
    <Panel id="settings-elsewhere" look="card settings-group" title={words.elsewhere}>
      <Link
        title={words.cloud}
        text={`${words.cloudText} ${cloudSentence(status.cloud)}`}
        label={words.openCloud}
        onClick={() => store.show({ id: 'cloud' })}
      />
      <Link
        title={words.modelFolders}
        text={words.modelFoldersText}
        label={words.openModels}
        onClick={() => store.show({ id: 'models' })}
      />
    </Panel>
  );
}

interface LinkProps {
  readonly title: string;
  readonly text: string;
  readonly label: string;
  readonly onClick: () => void;
}

function Link({ title, text, label, onClick }: LinkProps) {
  return (
    <div class="setting">
      <div class="setting-text">
        <span class="setting-title">{title}</span>
        <p class="card-note">{text}</p>
      </div>
      <Button onClick={onClick}>{label}</Button>
    </div>
  );
}

function FileCard({ settings }: { readonly settings: SettingsData }) {
  return (
    <Panel id="settings-file" look="card settings-group" title={words.file}>
      <div class="setting-file">
        <code>{settings.file}</code>
        {settings.unknownKeys.length > 0 && (
          <p class="card-note">{words.unknown(settings.unknownKeys.join(', '))}</p>
        )}
        <ConfirmButton
          call={{ name: 'settings.reset', input: { key: null } }}
          label={words.resetAll}
          name={words.resetAllTitle}
          question={words.resetAllQuestion}
          confirm={words.resetAllConfirm}
          done={words.resetAllDone}
        />
      </div>
    </Panel>
  );
}

function Trouble({ title, problem }: { readonly title: string; readonly problem: Problem }) {
  return (
    <ProblemNote
      role="alert"
      problem={{ ...problem, message: title, hint: joinSentences(problem.message, problem.hint) }}
    />
  );
}
