/** Answers the window about the settings and changes them: by the rules of the file, and telling what is restarted for it. */
import type * as z from 'zod';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type {
  Setting,
  SettingChange,
  SettingKey,
  Settings,
  SettingValue,
  settingsCommands,
} from '../contract/settings.ts';
import { settingKeys } from '../contract/settings.ts';
import type { YamlScalar } from '../files/yaml-edit.ts';
import { commonWords, configWords } from '../words/index.ts';
import { parsedDefaults, unknownKey } from './config-file.ts';
import { type ConfigContext, isConfigKey, settingNotes, settingRules } from './config-keys.ts';
import type { ConfigState, ConfigStore } from './config-store.ts';

/** A service as far as a setting can concern it. */
export interface AffectedService {
  readonly id: string;
  readonly name: string;
  /** Another one means that a running process is restarted. */
  readonly fingerprint: string;
  readonly isRunning: boolean;
}

export type ProgramKey = 'vllm-mlx-path' | 'litellm-path' | 'uv-path';
export type PathKey = ProgramKey | 'model-dir';

export interface PathWish {
  readonly kind: 'folder' | 'file';
  readonly key: PathKey;
  readonly startAt: string;
}

export interface SettingsControlDeps extends ConfigContext {
  readonly config: Pick<ConfigStore, 'state' | 'set' | 'remove' | 'removeAll' | 'onChange'>;
  readonly file: string;
  /** Resolves when the services are those that the settings in force ask for. */
  readonly refresh: () => Promise<void>;
  readonly services: () => readonly AffectedService[];
  readonly tiers: () => readonly { readonly name: string; readonly port: number }[];
  readonly isFolder: (path: string) => Promise<boolean>;
  /** Why the program cannot be used. */
  readonly checkProgram: (key: ProgramKey, path: string) => Promise<Problem | null>;
  /** Asks the user; `null` when that was cancelled. */
  readonly choosePath: (wish: PathWish) => Promise<string | null>;
  readonly publish: (settings: Settings) => void;
}

type Input<N extends keyof typeof settingsCommands> = z.output<(typeof settingsCommands)[N]['input']>;

export interface SettingsControl {
  readonly handlers: {
    readonly 'settings.read': () => Promise<Result<Settings>>;
    readonly 'settings.set': (input: Input<'settings.set'>) => Promise<Result<SettingChange>>;
    readonly 'settings.reset': (input: Input<'settings.reset'>) => Promise<Result<SettingChange>>;
    readonly 'settings.choosePath': (
      input: Input<'settings.choosePath'>,
    ) => Promise<Result<SettingChange | null>>;
  };
  present(): Settings;
  close(): void;
}

export function createSettingsControl(deps: SettingsControlDeps): SettingsControl {
  const { config } = deps;
  const context: ConfigContext = { home: deps.home, userHome: deps.userHome };
  const defaults = parsedDefaults(context).values;
  let revision = 1;

  const present = (): Settings => settingsOf(config.state(), { revision, file: deps.file, defaults });

  const stopListening = config.onChange(() => {
    revision += 1;
    deps.publish(present());
  });

  /** What the file cannot know: whether the place exists, and who has the port. */
  async function obstacle(key: SettingKey, value: YamlScalar): Promise<Problem | null> {
    switch (key) {
      case 'litellm-port':
        return portObstacle(value, deps.tiers());
      case 'model-dir': {
        const reading = settingRules[key].read(value, context);
        return !reading.ok || (await deps.isFolder(reading.value)) ? null : noFolder(reading.value);
      }
      case 'vllm-mlx-path':
      case 'litellm-path':
      case 'uv-path': {
        const reading = settingRules[key].read(value, context);
        return reading.ok && reading.value !== null ? await deps.checkProgram(key, reading.value) : null;
      }
      default:
        return null;
    }
  }

  /** The services are made to match at once; those that ran and are started anew are named. */
  async function change(act: () => Promise<Result<void>>): Promise<Result<SettingChange>> {
    const before = new Map(
      deps
        .services()
        .filter(({ isRunning }) => isRunning)
        .map(({ id, fingerprint }) => [id, fingerprint]),
    );
    const saved = await act();
    if (!saved.ok) return saved;
    await deps.refresh();
    const restarts = deps
      .services()
      .filter(({ id, fingerprint }) => before.has(id) && before.get(id) !== fingerprint)
      .map(({ name }) => name);
    return ok({ restarts });
  }

  async function set(key: string, value: YamlScalar): Promise<Result<SettingChange>> {
    const known = knownSetting(key);
    if (!known.ok) return known;
    if (isProgramKey(known.value) && value !== '') return fail(chosenOnly);
    if (known.value === 'model-dir') return fail(folderChosenOnly);
    return await setKnown(known.value, value);
  }

  async function setKnown(key: SettingKey, value: YamlScalar): Promise<Result<SettingChange>> {
    const reading = settingRules[key].read(value, context);
    if (!reading.ok) return fail(problem('config-value', configWords.enter(reading.expected)));
    const found = await obstacle(key, value);
    return found === null ? await change(() => config.set(key, value)) : fail(found);
  }

  async function choosePath(key: string): Promise<Result<SettingChange | null>> {
    const known = knownSetting(key);
    if (!known.ok) return known;
    const pathKey = pathKeys.find((one) => one === known.value);
    if (pathKey === undefined) return fail(notAPath);
    const now = config.state().value.values[pathKey];
    const chosen = await deps.choosePath({
      key: pathKey,
      kind: pathKey === 'model-dir' ? 'folder' : 'file',
      startAt: typeof now === 'string' ? now : deps.userHome,
    });
    return chosen === null ? ok(null) : await setKnown(pathKey, chosen);
  }

  return {
    handlers: {
      'settings.read': async () => ok(present()),
      'settings.set': ({ key, value }) => set(key, value),
      async 'settings.reset'({ key }) {
        if (key === null) return await change(() => config.removeAll());
        const known = knownSetting(key);
        return known.ok ? await change(() => config.remove(known.value)) : known;
      },
      'settings.choosePath': ({ key }) => choosePath(key),
    },
    present,
    close: stopListening,
  };
}

const pathKeys = [
  'model-dir',
  'vllm-mlx-path',
  'litellm-path',
  'uv-path',
] as const satisfies readonly PathKey[];

interface SettingsFacts {
  readonly revision: number;
  readonly file: string;
  readonly defaults: Readonly<Record<SettingKey, SettingValue>>;
}

/** Pure. */
export function settingsOf(
  { value, problems }: ConfigState,
  { revision, file, defaults }: SettingsFacts,
): Settings {
  const setting = (key: SettingKey): Setting => ({
    key,
    kind: settingRules[key].kind,
    value: crossing(value.values[key]),
    defaultValue: crossing(defaults[key]),
    isSet: value.setKeys.includes(key),
    ...settingNotes[key],
  });
  return {
    revision,
    file,
    settings: settingKeys.map(setting),
    unknownKeys: value.unknownKeys.map(({ name }) => name ?? hiddenName),
    problems: problems.map((found) => found.problem),
  };
}

const hiddenName = '…';

function crossing(value: SettingValue): Setting['value'] {
  return typeof value === 'object' && value !== null ? [...value] : value;
}

function knownSetting(key: string): Result<SettingKey> {
  if (!isConfigKey(key)) return fail(unknownKey(key));
  return key === 'openrouter-key' ? fail(keyNotHere) : ok(key);
}

const keyNotHere = problem(
  'key-not-in-file',
  configWords.keyStaysInKeychain,
  configWords.keyIsSetInCloudView,
);
/** Whoever got into the page must not be able to name a program that is then run: macOS's dialog asks the person. */
const isProgramKey = (key: SettingKey): key is ProgramKey =>
  key === 'vllm-mlx-path' || key === 'litellm-path' || key === 'uv-path';
const chosenOnly = problem('program-chosen-only', configWords.programChosenOnly, configWords.pressChoose);
/** Nor where models are kept, which includes what the Finder is told to show. */
const folderChosenOnly = problem('folder-chosen-only', configWords.folderChosenOnly, configWords.pressChoose);
const notAPath = problem('setting-not-a-path', configWords.notAPath);

function portObstacle(
  value: YamlScalar,
  tiers: readonly { readonly name: string; readonly port: number }[],
): Problem | null {
  const holder = tiers.find(({ port }) => port === value);
  return holder === undefined
    ? null
    : problem('port-clash', configWords.portBelongsTo(holder.port, holder.name), commonWords.chooseAnother);
}

const noFolder = (path: string): Problem =>
  problem('folder-missing', configWords.noFolder(path), configWords.makeFolder);
