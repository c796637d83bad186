/** config.yaml as the app uses it: the settings in force, changes from outside, and atomic changes from inside. */
import { ok, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import type { WatchFile } from '../files/watch-file.ts';
import { createWatchedDocument, type DocumentState } from '../files/watched-document.ts';
import type { YamlScalar } from '../files/yaml-edit.ts';
import { maxYamlBytes } from '../files/yaml-text.ts';
import {
  addToConfigList,
  type ParsedConfig,
  parseConfig,
  parsedDefaults,
  readPlaintextKey,
  removeAllSettings,
  removeConfigKey,
  removeFromConfigList,
  setConfigKey,
  valuesOf,
} from './config-file.ts';
import type { ConfigContext, ConfigKey, ConfigListKey } from './config-keys.ts';

export type ConfigState = DocumentState<ParsedConfig>;

export interface ConfigStore {
  state(): ConfigState;
  /** Reads the file and, from the first time on, watches it. */
  load(): Promise<ConfigState>;
  set(key: ConfigKey, value: YamlScalar): Promise<Result<void>>;
  /** Back to the default. */
  remove(key: ConfigKey): Promise<Result<void>>;
  removeAll(): Promise<Result<void>>;
  addTo(key: ConfigListKey, item: string): Promise<Result<void>>;
  removeFrom(key: ConfigListKey, item: string): Promise<Result<void>>;
  /** The OpenRouter key that stands in the file in plain text; remove it only once the Keychain holds it. */
  readPlaintextKey(): Promise<string | null>;
  onChange(listener: (state: ConfigState) => void): () => void;
  close(): Promise<void>;
}

export interface ConfigStoreOptions extends ConfigContext {
  readonly files: HomeFiles;
  readonly file: string;
  readonly watch?: WatchFile;
}

export function createConfigStore(options: ConfigStoreOptions): ConfigStore {
  const { files, file } = options;
  const context: ConfigContext = { home: options.home, userHome: options.userHome };
  const defaults = parsedDefaults(context);
  const careful = { ...defaults.config, localOnly: true };
  const document = createWatchedDocument<ParsedConfig>({
    files,
    file,
    maxBytes: maxYamlBytes,
    parse: (text) => parseConfig(text, context),
    whenAbsent: defaults,
    /** A file that cannot be read may say `local-only: true`; the careful reading holds until it can. */
    whenBad: { ...defaults, config: careful, values: valuesOf(careful) },
    watch: options.watch,
  });
  return {
    state: document.state,
    load: document.reload,
    set: (key, value) => document.edit((text) => setConfigKey(text, key, value, context)),
    remove: (key) => document.edit((text) => (text === '' ? ok('') : removeConfigKey(text, key, context))),
    removeAll: () => document.edit((text) => (text === '' ? ok('') : removeAllSettings(text, context))),
    addTo: (key, item) => document.edit((text) => addToConfigList(text, key, item, context)),
    removeFrom: (key, item) => document.edit((text) => removeFromConfigList(text, key, item, context)),
    async readPlaintextKey() {
      const read = await files.readText(file, maxYamlBytes);
      return read.kind === 'text' ? readPlaintextKey(read.text) : null;
    },
    onChange: document.onChange,
    close: document.close,
  };
}
