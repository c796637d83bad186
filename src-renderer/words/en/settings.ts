/** What the Settings view says beside the main process: titles, and what comes of a change. */
import type { LoginStatus, Setting, SettingKey, SettingTime, UpdateStatus } from '../../bridge.ts';

const titles: Readonly<Record<SettingKey, string>> = {
  'keep-awake': 'Keep the Mac awake while serving',
  'menu-bar-title': 'Beside the menu-bar icon',
  'auto-update': 'Look for updates',
  'notify-failures': 'When a model fails',
  'notify-recovery': 'When a model runs again',
  'notify-disk': 'When the disk is nearly full',
  'memory-budget-pct': 'Memory for models',
  'default-quant': 'Preferred precision',
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
const choices: Readonly<Record<string, string>> = {
  int4: '4 bits: smallest and fastest',
  int8: '8 bits',
  bf16: '16 bits: the original',
  none: 'Nothing',
  models: 'Models that are ready, as 2/3',
  speed: 'Tokens per second',
};

/** Nothing is said of what is the rule. */
const times: Readonly<Record<SettingTime, string>> = {
  'at-once': '',
  'restarts-gateway': 'Restarts the gateway',
  'restarts-models': 'Restarts the models it concerns',
  'next-plan': 'For the next plan; what runs stays as it is',
};

/** What a saved change waits for when nothing was running that had to be restarted. */
const waits: Readonly<Record<SettingTime, string>> = {
  'at-once': '',
  'restarts-gateway': 'in force when the gateway starts',
  'restarts-models': 'in force when the models start',
  'next-plan': '',
};

const login: Readonly<Record<LoginStatus['state'], string>> = {
  on: 'MLX Stack opens in the menu bar when you log in, and starts the models that ran.',
  off: 'MLX Stack opens in the menu bar when you log in, and starts the models that ran.',
  'needs-approval': '',
  unavailable: '',
};

const updates: Readonly<Record<UpdateStatus['state'], (version: string) => string>> = {
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

const units: Readonly<Record<NumberKind['unit'], string>> = {
  percent: '%',
  megabytes: 'MB',
  dollars: '$',
  none: '',
};

export const settingsWords = {
  titles,
  choices,
  times,
  waits,
  login,
  updates,
  units,

  intro:
    'Changes take effect at once, unless it says otherwise. They are kept in config.yaml; what is changed there appears here.',
  openFile: 'Open config.yaml',
  fileBad: 'config.yaml has a mistake; the last good settings are in force',
  notRead: 'The settings cannot be read',

  general: 'General',
  notifications: 'Notifications',
  models: 'Models',
  gateway: 'Gateway',
  logs: 'Logs',
  engines: 'Engines',
  elsewhere: 'More settings',
  cloud: 'Cloud',
  modelFolders: 'Folders of other apps',
  file: 'Settings file',

  startAtLogin: 'Start at login',
  openLoginItems: 'Open Login Items',
  version: (version: string) => `MLX Stack ${version}`,
  checkForUpdates: 'Check for Updates',
  restartToUpdate: 'Restart to Update…',
  updateDownload: 'Download of the update',
  address: (port: string) => `http://127.0.0.1:${port}/v1`,
  showModels: 'Show in Finder',
  showModelsName: 'Show in Finder: model folder',
  cloudText: 'What may leave this Mac, to whom, and what it may cost.',
  openCloud: 'Open Cloud',
  modelFoldersText: 'Models of other apps are used in place and never changed.',
  openModels: 'Open Models',

  yes: 'on',
  no: 'off',
  automatic: 'found by MLX Stack',
  nothingSet: 'none',
  defaultIs: (value: string) => `Default: ${value}`,
  from: (min: string, max: string) => `${min} to ${max}`,
  atLeast: (min: string) => `at least ${min}`,
  reset: 'Reset',
  resetOf: (title: string) => `Reset: ${title}`,
  choose: 'Choose…',
  chooseOf: (title: string) => `Choose: ${title}`,
  saving: 'Saving…',
  saved: 'Saved',
  savedAnd: (rest: string) => `Saved; ${rest}`,
  restarting: (names: string) => `${names} ${names.includes(',') ? 'restart' : 'restarts'}`,
  savedOf: (title: string, what: string) => `${title}: ${what}`,

  unknown: (names: string) => `Nothing reads these keys of the file; they are kept: ${names}.`,
  resetAll: 'Reset All…',
  resetAllTitle: 'Reset all settings',
  resetAllQuestion:
    'Every setting goes back to its default, those of the cloud and the folders of other apps too: the cloud is then off. Comments and keys of your own stay in the file.',
  resetAllConfirm: 'Reset All',
  resetAllDone: 'All settings are back to their defaults',
} as const;
