/** What the Settings view says beside the main process: titles, and what comes of a change. */
import type { LoginStatus, Setting, SettingKey, SettingTime, UpdateStatus } from '../../bridge.ts';

export const titles: Readonly<Record<SettingKey, string>> = {
  'keep-awake': 'Keep the Mac awake while serving',
  'menu-bar-title': 'Beside the menu-bar icon',
  'auto-update': 'Look for updates',
  'notify-failures': 'When a model fails',
  'notify-recovery': 'When a model runs again',
  'notify-disk': 'When the disk is nearly full',
  'memory-budget-pct': 'Memory for models',
  'default-quant': 'Preferred precision',
  ranking: 'Ranking of models',
  'model-dir': 'Model folder',
  'auto-health-check': 'Restart a model that hangs',
  'model-folders': 'Folders of other apps',
  'litellm-port': 'Port',
  'log-max-size-mb': 'Size of a log',
  'log-max-files': 'Archives of each log',
  'log-total-max-mb': 'All logs together',
  'vllm-mlx-path': 'vllm-mlx',
  'litellm-path': 'LiteLLM',
  'uv-path': 'uv',
  'local-only': 'Local only',
  cloud: 'Cloud',
  'cloud-daily-cap-usd': 'Daily cap',
  'cloud-monthly-cap-usd': 'Monthly cap',
  'cloud-privacy': 'Privacy',
  'cloud-models': 'Cloud models',
};

/** As they stand in the file. */
export const choices: Readonly<Record<string, string>> = {
  int4: '4 bits: smallest and fastest',
  int8: '8 bits',
  bf16: '16 bits: the original',
  quality: 'By quality of answers',
  cli: 'As in the mlx-stack CLI',
  none: 'Nothing',
  models: 'Models that are ready, as 2/3',
  speed: 'Tokens per second',
};

/** Nothing is said of what is the rule. */
export const times: Readonly<Record<SettingTime, string>> = {
  'at-once': '',
  'restarts-gateway': 'Restarts the gateway',
  'restarts-models': 'Restarts the models it concerns',
  'next-plan': 'For the next plan; what runs stays as it is',
};

/** What a saved change waits for when nothing was running that had to be restarted. */
export const waits: Readonly<Record<SettingTime, string>> = {
  'at-once': '',
  'restarts-gateway': 'in force when the gateway starts',
  'restarts-models': 'in force when the models start',
  'next-plan': '',
};

export const login: Readonly<Record<LoginStatus['state'], string>> = {
  on: 'MLX Stack opens in the menu bar when you log in, and starts the models that ran.',
  off: 'MLX Stack opens in the menu bar when you log in, and starts the models that ran.',
  'needs-approval': '',
  unavailable: '',
};

export const updates: Readonly<Record<UpdateStatus['state'], (version: string) => string>> = {
  unavailable: () => '',
  idle: () => 'No newer version is known.',
  checking: () => 'Looking for a newer version…',
  downloading: (version) => `Downloading version ${version}…`,
  verifying: (version) => `Checking the signature of version ${version}…`,
  ready: (version) =>
    `Version ${version} is ready. It is installed when MLX Stack restarts or quits; the models start again by themselves.`,
  failed: () => '',
};

type NumberKind = Extract<Setting['kind'], { kind: 'number' }>;

export const units: Readonly<Record<NumberKind['unit'], string>> = {
  percent: '%',
  megabytes: 'MB',
  dollars: '$',
  none: '',
};

export const intro = 'Changes take effect at once, unless it says otherwise. They are kept in config.yaml.';
export const openFile = 'Open config.yaml';
export const fileBad = 'config.yaml has a mistake; the last good settings are in force';
export const notRead = 'The settings cannot be read';

export const groupTitles = {
  general: 'General',
  notifications: 'Notifications',
  models: 'Models',
  gateway: 'Gateway',
  logs: 'Logs',
};
export const elsewhere = 'More settings';
export const cloud = 'Cloud';
export const modelFolders = 'Folders of other apps';
export const file = 'Settings file';

export const startAtLogin = 'Start at login';
export const openLoginItems = 'Open Login Items';
export const version = (version: string) => `MLX Stack ${version}`;
export const checkForUpdates = 'Check for Updates';
export const restartToUpdate = 'Restart to Update…';
export const updateDownload = 'Download of the update';
export const address = (port: string) => `http://127.0.0.1:${port}/v1`;
export const showModels = 'Show in Finder';
export const showModelsName = 'Show in Finder: model folder';
export const cloudText = 'What may leave this Mac, to whom, and what it may cost.';
export const openCloud = 'Open Cloud';
export const modelFoldersText = 'Models of other apps are used in place and never changed.';
export const openModels = 'Open Models';

export const yes = 'on';
export const no = 'off';
export const automatic = 'found by MLX Stack';
export const nothingSet = 'none';
export const defaultIs = (value: string) => `Default: ${value}`;
export const from = (min: string, max: string) => `${min} to ${max}`;
export const atLeast = (min: string) => `at least ${min}`;
export const reset = 'Reset';
export const resetOf = (title: string) => `Reset: ${title}`;
export const choose = 'Choose…';
export const chooseOf = (title: string) => `Choose: ${title}`;
export const saving = 'Saving…';
export const saved = 'Saved';
export const savedAnd = (rest: string) => `Saved; ${rest}`;
export const restarting = (names: string) => `${names} ${names.includes(',') ? 'restart' : 'restarts'}`;
export const savedOf = (title: string, what: string) => `${title}: ${what}`;

export const unknown = (names: string) => `Nothing reads these keys of the file; they are kept: ${names}.`;
export const resetAll = 'Reset All…';
export const resetAllTitle = 'Reset all settings';
export const resetAllQuestion =
  'Every setting goes back to its default, those of the cloud and the folders of other apps too: the cloud is then off. Comments and keys of your own stay in the file.';
export const resetAllConfirm = 'Reset All';
export const resetAllDone = 'All settings are back to their defaults';
