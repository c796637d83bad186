/** The Models view. */
import type { InstalledModel, MeasuredSpeed } from '../../bridge.ts';
import type { Order, Trait } from '../../views/models/browse-filter.ts';
import { counted, formatCount, formatPercent } from '../format.ts';

const modelsCounted = (count: number): string => counted(count, { one: 'model', other: 'models' });

export const places: Readonly<Record<InstalledModel['place'], string>> = {
  ours: 'MLX Stack',
  'hugging-face': 'Hugging Face’s folder',
  'lm-studio': 'LM Studio’s folder',
  added: 'added folder',
};

export const traits: Readonly<Record<Trait, string>> = {
  tools: 'Tools',
  vision: 'Vision',
  thinking: 'Thinking',
  fits: 'Fits this Mac',
  installed: 'On this Mac',
};

export const orders: Readonly<Record<Order, string>> = {
  best: 'Best for this Mac first',
  popular: 'Most downloaded first',
  smallest: 'Smallest first',
};

export const parts = 'Parts of the Models view';
export const installed = 'On This Mac';
export const downloads = 'Downloads';
export const tabs = { stack: 'Stack', installed, browse: 'Browse', downloads };
export const loading = 'Reading the list…';
export const save = 'Save';

export const stackText = 'The models that MLX Stack keeps running. Apps ask for each by its name.';
export const stackEmpty = 'No stack yet';
export const stackEmptyText = 'Set it up, and its models appear here.';
export const setUp = 'Set Up…';
export const addTier = 'Add a Model…';
export const rename = 'Rename…';
export const renameOf = (name: string) => `Rename ${name}`;
export const newName = (name: string) => `New name of ${name}`;
export const renameEffect = (name: string) =>
  `Only “${name}” and, for a moment, the gateway restart. Apps have to ask for the new name.`;
export const renamed = (name: string, newName: string) => `${name} is now called ${newName}`;
export const contextEdit = 'Context…';
export const contextOf = (name: string) => `Change the Context of ${name}`;
export const contextNew = (name: string) => `Context of ${name}`;
export const contextEffect = (name: string) =>
  `Only “${name}” and, for a moment, the gateway restart. The other models stay loaded.`;
export const contextChanged = (name: string, tokens: string) => `${name} has a context of ${tokens} now`;
export const measure = 'Measure Speed';
export const measureOf = (name: string) => `Measure Speed of ${name}`;
export const measuring = (name: string) => `${name} is asked for a few answers…`;
export const measured = ({ tokensPerSecond, spread, answers, isKept }: MeasuredSpeed) =>
  `${tokensPerSecond.toFixed(1)} tokens per second, measured in ${answers} answers (± ${spread.toFixed(1)}).${
    isKept ? ' Plans use this instead of the estimate.' : ''
  }`;
export const weighing = 'Working out the memory…';
export const weightOwn = (bytes: string) => `About ${bytes} for this model`;
export const weightSum = (bytes: string, budget: string) =>
  `${bytes} for all models, which may have ${budget}`;
export const weightLimit = (bytes: string) => `${bytes} is what the GPU may use`;
export const change = 'Change Model…';
export const changeOf = (name: string) => `Change Model of ${name}`;
export const remove = 'Remove…';
export const removeOf = (name: string) => `Remove ${name} from the stack`;
export const removeQuestion = (name: string) =>
  `Only ${name} stops, and the gateway restarts for a moment. Its model stays on the disk.`;
export const removeConfirm = 'Remove';
export const removed = (name: string) => `${name} removed from the stack`;
export const memory = (bytes: string) => `about ${bytes} memory`;

export const choosingFor = (name: string) => `Choose a model for ${name}`;
export const choosingNew = 'Choose a model to add to the stack';

export const installedSum = (count: number, size: string) => `${modelsCounted(count)}, ${size}`;
export const freeDisk = (bytes: string) => `${bytes} free on the disk`;
export const installedEmpty = 'No model on this Mac yet';
export const installedEmptyText =
  'Download one under Browse, or add a folder in which another app keeps its models.';
export const goBrowse = 'Browse Models';
export const usedBy = (tiers: readonly string[]) => `used by ${tiers.join(', ')}`;
export const context = (tokens: string) => `${tokens} context`;
export const inPlace = (place: string) => `in ${place}`;
export const alsoIn = (place: string, folder: string) => `Also in ${place}: ${folder}`;
export const unverified = 'not verified';
export const unverifiedText = 'Complete, but its files were never compared with what the repository says.';
export const incomplete = 'incomplete';
export const revealOf = (name: string) => `Show in Finder: ${name}`;
export const deleteAsk = 'Delete…';
export const deleteOf = (name: string) => `Delete ${name}`;
export const deleteQuestion = (name: string, size: string) =>
  `Delete ${name}? That frees ${size}, and cannot be undone.`;
export const deleteConfirm = (size: string) => `Delete ${size}`;
export const deleted = (name: string, size: string) => `${name} deleted, ${size} freed`;
export const downloadRest = 'Download the Rest';
export const downloadRestOf = (name: string) => `Download the Rest of ${name}`;
export const downloadRestAsk = 'Download the Rest…';
export const verify = 'Verify';
export const downloadAgain = 'Download Again…';
export const downloadAgainQuestion =
  'Only what is missing or differs is downloaded. The old model stays in use until the new one is whole and verified. Whatever else is in the folder is deleted.';
export const downloadAnewQuestion =
  'All of it is downloaded, although it matches. The old model stays in use until the new one is whole and verified. Whatever else is in the folder is deleted.';
export const downloadAgainDone = (name: string) => `${name} is downloaded again`;
export const use = 'Use in the Stack…';
export const folders = 'Folders of other apps';
export const foldersText =
  'Models there are used in place. MLX Stack never changes or deletes them. The folders of Hugging Face and LM Studio are found automatically.';
export const addFolder = 'Add a Folder…';
export const removeFolder = 'Remove';
export const removeFolderOf = (folder: string) => `Remove ${folder}`;

export const search = 'Search, or owner/name';
export const lookUp = 'Look Up';
export const lookingUp = 'Looking it up…';
export const lookedUp = (name: string) => `${name} found`;
export const lookUpText =
  'Not in the list. Any model at Hugging Face can be looked up by its name, or by the address of its page.';
export const family = 'Family';
export const anyFamily = 'All families';
export const anyQuant = 'All precisions';
export const order = 'Order';
export const show = 'Only models with';
export const list = 'Models to be had';
export const listKeys = 'Arrow keys move; Return goes to the details.';
export const recommended = 'recommended';
export const tooLarge = 'too large';
export const downloadingAt = (percent: number) => `downloading, ${formatPercent(percent)}`;
export const noMatch = 'No model matches';
export const noMatchText = 'No model in the list passes these filters.';
export const clear = 'Show Everything';
export const found = (count: number, all: number) =>
  count === all ? modelsCounted(all) : `${formatCount(count)} of ${modelsCounted(all)}`;
export const sources = {
  live: 'from Hugging Face',
  cache: 'from Hugging Face',
  shipped: 'the list that came with MLX Stack',
};
export const refresh = 'Refresh';
export const refreshing = 'Refreshing…';

export const details = 'Details';
export const detailsOf = (name: string) => `Details of ${name}`;
export const selectOne = 'Choose a model to see what this Mac makes of it.';
export const size = 'Download';
export const quant = 'Precision';
export const parameters = 'Parameters';
export const parametersOf = (billions: number, active: number | null) =>
  active === null || active === billions ? `${billions} billion` : `${billions} billion, ${active} at a time`;
export const contextLabel = 'Context';
export const needs = 'Memory';
export const needsAt = (memory: string, context: string) => `${memory} with ${context} context`;
export const speedLabel = 'Speed';
export const speedShort = (range: string) => `${range} tok/s`;
export const speed = (range: string, isMeasured: boolean) =>
  isMeasured ? `${range} tokens per second, measured` : `about ${range} tokens per second (estimate)`;
export const abilities = 'Can';
export const abilitiesOf = { tools: 'call tools', vision: 'see pictures', thinking: 'think first' };
export const popularity = 'Downloads';
export const unknown = 'unknown';
export const download = 'Download';
export const downloadSize = (bytes: string) => `Download ${bytes}`;
export const onThisMac = 'On this Mac';
export const gated = 'needs an account';
export const gatedText =
  'Its makers ask for an account: accept their terms on its page, then give a token of that account here.';
export const openPage = 'Open Its Page';
export const openPageOf = (name: string) => `Open Its Page at Hugging Face, in the browser: ${name}`;

export const useTitle = (name: string) => `Use ${name} in the stack`;
export const as = 'As';
export const asTier = (name: string, model: string) => `${name}, instead of ${model}`;
export const asNew = 'One more model';
export const name = 'Name';
export const nameNote = 'Apps ask for it by this name.';
export const contextChoice = 'Context';
export const contextSuits = 'What suits this Mac';
export const contextSuitsNow = (tokens: string) => `What suits this Mac: ${tokens}`;
export const swapEffect = (name: string) =>
  `Only “${name}” and, where the context changes, the gateway restart. The other models stay loaded.`;
export const addEffect =
  'Only the gateway restarts for a moment, to know the new model. The others stay loaded.';
export const downloadsFirst = (size: string) => `It is downloaded first: ${size}.`;
export const swapGo = (name: string) => `Use as ${name}`;
export const addGo = 'Add to the Stack';
export const swapped = (name: string, model: string) => `${name} changes to ${model}`;
export const added = (name: string, model: string) => `${model} is added as ${name}`;

export const downloadsEmpty = 'No downloads';
export const downloadsEmptyText = 'What is downloaded shows here, and goes on while the window is closed.';
export const of = (part: string, name: string) => `${part}: ${name}`;
export const pause = 'Pause';
export const resume = 'Resume';
export const clearLine = 'Clear';
export const cancelDownload = 'Cancel…';
export const cancelQuestion = (name: string, size: string) =>
  `Cancel ${name}? The ${size} that are here are deleted.`;
export const cancelConfirm = 'Cancel Download';
export const cancelled = (name: string) => `Download of ${name} cancelled`;
export const speedNow = (bytes: string) => `${bytes}/s`;
export const timeLeft = (seconds: number) => {
  if (seconds < 60) return 'less than a minute left';
  /** Whole minutes: it is an estimate, and a jumping one tells less. */
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  return `about ${hours} h ${minutes % 60} min left`;
};

export const token = 'Hugging Face account';
export const tokenText = 'Only for models whose makers ask for one. A read-only token is enough.';
export const tokenField = 'Access token';
export const tokenPlaceholder = 'hf_…';
export const tokenNote = 'It is kept in the Keychain, sent to Hugging Face only, and never shown again.';
export const tokenSave = 'Save Token';
export const tokenSaving = 'Saving…';
export const tokenTitle = 'Save the Hugging Face token';
export const tokenSaved = 'Hugging Face token saved';
export const tokenEnding = (last4: string) => `A token is saved; it ends in ${last4}.`;
export const tokenPresent = 'A token is saved.';
export const tokenRemove = 'Remove Token…';
export const tokenRemoveTitle = 'Remove the Hugging Face token';
export const tokenRemoveQuestion =
  'Removes the token from the Keychain. Models that need it cannot be downloaded then.';
export const tokenRemoveConfirm = 'Remove Token';
