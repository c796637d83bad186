/** The settings: what each is for, and what is wrong with the file or with a value. */
import type { SettingKey } from '../../contract/settings.ts';

export const effects: Readonly<Record<SettingKey, string>> = {
  'default-quant':
    'The precision that new plans prefer: fewer bits are smaller and faster, more are closer to the original.',
  'memory-budget-pct': 'How much of this Mac’s memory a plan may give to models that run at the same time.',
  'litellm-port': 'Apps reach all models at this port; each of them has to be told of another.',
  ranking:
    'What new plans take for the better model: the quality of its answers, or the score of the mlx-stack CLI. There memory saved is a merit, so that small models often win over better ones.',
  'model-dir':
    'Models are downloaded to this folder and looked for in it; those in the old one are not moved.',
  'auto-health-check':
    'A model server that runs but no longer answers is started anew; without it, that is left to you.',
  'log-max-size-mb': 'A log of this size is put away as an archive, and a new one begun.',
  'log-max-files': 'How many archives of each log are kept; the oldest go first.',
  'log-total-max-mb': 'All logs and archives together never grow beyond this; the oldest archives go first.',
  'local-only': 'Nothing is sent to the cloud, whoever asks.',
  cloud: 'Requests may go to OpenRouter.',
  'cloud-daily-cap-usd': 'Cloud requests are refused once this much was spent on a day.',
  'cloud-monthly-cap-usd': 'Cloud requests are refused once this much was spent in a month.',
  'cloud-privacy': 'Which providers may answer cloud requests.',
  'cloud-models': 'The cloud models that apps can ask for, the first as “premium”.',
  'keep-awake':
    'The Mac does not fall asleep by itself while a request runs; closing the lid still puts it to sleep.',
  'auto-update':
    'MLX Stack looks for a new version of itself once a day. It is installed when you say so, or quit.',
  'notify-failures': 'A notification when a model stopped and could not be started again.',
  'notify-recovery': 'A notification when a model that failed runs again.',
  'notify-disk': 'A notification when the disk is nearly full.',
  'menu-bar-title': 'What stands beside the icon in the menu bar.',
  'vllm-mlx-path': 'The program that runs the models; without a path MLX Stack looks for it.',
  'litellm-path': 'The program that runs the gateway; without a path MLX Stack looks for it.',
  'uv-path': 'The program that installs the other two; without a path MLX Stack looks for it.',
  'model-folders': 'Folders of other apps whose models are used in place and never changed.',
};

/** What a value must be: the end of “must be …”. */
export const wholeAtLeast = (min: number) => `a whole number of at least ${min}`;
export const wholeFromTo = (min: number, max: number) => `a whole number from ${min} to ${max}`;
export const withoutQuotes = (expected: string) => `${expected}, without quotes`;
export const oneOf = (others: string, last: string) => `${others} or ${last}`;
export const trueOrFalse = 'true or false';
export const folderPath = 'the full path of a folder, beginning with “/” or “~/”';
export const folderPaths = (max: number) =>
  `a list of at most ${max} full paths of folders, each beginning with “/” or “~/”`;
export const programPath = 'the full path of the program, beginning with “/” or “~/”';
export const dollarsOrNone = (max: number) => `dollars from 0 to ${max}, or none`;
export const modelIds = (max: number) =>
  `at most ${max} of OpenRouter’s model ids, such as openai/gpt-5.4, with commas between them`;
export const text = 'text';

/** Mistakes in the file, and values that cannot be taken. */
export const correctLine = 'Correct the line; until then the last good settings stay in force.';
export const unknownKeyKept = (key: string) =>
  `${key} is not a setting that MLX Stack knows; it is kept but has no effect.`;
export const keyStaysInKeychain = 'The OpenRouter key is kept in the Keychain, never in config.yaml.';
export const unreadable = 'config.yaml cannot be read.';
export const settingsAre = (names: string) => `The settings are ${names}.`;
export const notASetting = (key: string) => `${key} is not a setting.`;
export const enter = (expected: string) => `Enter ${expected}.`;
export const keyIsSetInCloudView = 'It is set in the Cloud view.';
export const programChosenOnly = 'A program is chosen in the dialog of macOS, not typed.';
export const folderChosenOnly = 'The model folder is chosen in the dialog of macOS, not typed.';
export const pressChoose = 'Press “Choose…”, or write it into config.yaml.';
export const notAPath = 'This setting is not a folder or program.';
export const portBelongsTo = (port: number, name: string) => `Port ${port} belongs to the model “${name}”.`;
export const noFolder = (folder: string) => `There is no folder at ${folder}.`;
export const makeFolder = 'Make it first, or choose another one.';
