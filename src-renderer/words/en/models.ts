/** The Models view. */
import type { InstalledModel, MeasuredSpeed } from '../../bridge.ts';
import type { Order, Trait } from '../../views/models/browse-filter.ts';
import { counted, formatCount, formatPercent } from '../format.ts';

const modelsCounted = (count: number): string => counted(count, { one: 'model', other: 'models' });

const places: Readonly<Record<InstalledModel['place'], string>> = {
  ours: 'MLX Stack',
  'hugging-face': 'Hugging Face’s folder',
  'lm-studio': 'LM Studio’s folder',
  added: 'added folder',
};

const traits: Readonly<Record<Trait, string>> = {
  tools: 'Tools',
  vision: 'Vision',
  thinking: 'Thinking',
  fits: 'Fits this Mac',
  installed: 'On this Mac',
};

const orders: Readonly<Record<Order, string>> = {
  best: 'Best for this Mac first',
  popular: 'Most downloaded first',
  smallest: 'Smallest first',
};

export const modelWords = {
  places,
  traits,
  orders,

  parts: 'Parts of the Models view',
  stack: 'Stack',
  installed: 'On This Mac',
  browse: 'Browse',
  downloads: 'Downloads',
  loading: 'Reading the list…',
  save: 'Save',

  stackText: 'The models that MLX Stack keeps running. Apps ask for each by its name.',
  stackEmpty: 'No stack yet',
  stackEmptyText: 'Set it up, and its models are here.',
  setUp: 'Set Up…',
  addTier: 'Add a Model…',
  rename: 'Rename…',
  renameOf: (name: string) => `Rename ${name}`,
  newName: (name: string) => `New name of ${name}`,
  renameEffect: (name: string) =>
    `Only ${name} restarts, and the gateway for a moment. Apps have to ask for the new name.`,
  renamed: (name: string, newName: string) => `${name} is now called ${newName}`,
  contextEdit: 'Context…',
  contextOf: (name: string) => `Change the Context of ${name}`,
  contextNew: (name: string) => `Context of ${name}`,
  contextEffect: (name: string) =>
    `Only ${name} restarts, and the gateway for a moment. The other models stay loaded.`,
  contextChanged: (name: string, tokens: string) => `${name} has a context of ${tokens} now`,
  measure: 'Measure Speed',
  measureOf: (name: string) => `Measure Speed of ${name}`,
  measuring: (name: string) => `${name} is asked for a few answers…`,
  measured: ({ tokensPerSecond, spread, answers, isKept }: MeasuredSpeed) =>
    `${tokensPerSecond.toFixed(1)} tokens per second, measured in ${answers} answers (± ${spread.toFixed(1)}).${
      isKept ? ' Plans use this instead of the estimate.' : ''
    }`,
  weighing: 'Working out the memory…',
  weightOwn: (bytes: string) => `About ${bytes} for this model`,
  weightSum: (bytes: string, budget: string) => `${bytes} for all models, which may have ${budget}`,
  weightLimit: (bytes: string) => `${bytes} is what the GPU may use`,
  change: 'Change Model…',
  changeOf: (name: string) => `Change Model of ${name}`,
  remove: 'Remove…',
  removeOf: (name: string) => `Remove ${name} from the stack`,
  removeQuestion: (name: string) =>
    `Only ${name} stops, and the gateway restarts for a moment. Its model stays on the disk.`,
  removeConfirm: 'Remove',
  removed: (name: string) => `${name} removed from the stack`,
  memory: (bytes: string) => `about ${bytes} memory`,

  choosingFor: (name: string) => `Choose a model for ${name}`,
  choosingNew: 'Choose a model to add to the stack',

  installedSum: (count: number, size: string) => `${modelsCounted(count)}, ${size}`,
  freeDisk: (bytes: string) => `${bytes} free on the disk`,
  installedEmpty: 'No model on this Mac yet',
  installedEmptyText: 'Download one under Browse, or add a folder in which another app keeps its models.',
  goBrowse: 'Browse Models',
  usedBy: (tiers: readonly string[]) => `used by ${tiers.join(', ')}`,
  context: (tokens: string) => `${tokens} context`,
  in: (place: string) => `in ${place}`,
  unverified: 'not verified',
  unverifiedText: 'Complete, but its files were never compared with what the repository says.',
  incomplete: 'incomplete',
  revealOf: (name: string) => `Show in Finder: ${name}`,
  delete: 'Delete…',
  deleteOf: (name: string) => `Delete ${name}`,
  deleteQuestion: (name: string, size: string) => `Delete ${name}? That frees ${size}, and cannot be undone.`,
  deleteConfirm: (size: string) => `Delete ${size}`,
  deleted: (name: string, size: string) => `${name} deleted, ${size} freed`,
  downloadRest: 'Download the Rest',
  downloadRestOf: (name: string) => `Download the Rest of ${name}`,
  downloadRestAsk: 'Download the Rest…',
  verify: 'Verify',
  downloadAgain: 'Download Again…',
  downloadAgainQuestion:
    'Only what is missing or differs is downloaded. The model here stays in use until the new one is whole and verified; then it takes the folder’s place, and whatever else is in the folder is deleted.',
  downloadAgainDone: (name: string) => `${name} is downloaded again`,
  use: 'Use in the Stack…',
  folders: 'Folders of other apps',
  foldersText:
    'Models there are used in place. MLX Stack never changes or deletes them. The folders of Hugging Face and LM Studio are found by themselves.',
  addFolder: 'Add a Folder…',
  removeFolder: 'Remove',
  removeFolderOf: (folder: string) => `Remove ${folder}`,

  search: 'Search, or owner/name',
  lookUp: 'Look Up',
  lookingUp: 'Looking it up…',
  lookedUp: (name: string) => `${name} found`,
  lookUpText:
    'Not in the list. Any model at Hugging Face can be looked up by its name, or by the address of its page.',
  family: 'Family',
  anyFamily: 'All families',
  anyQuant: 'All precisions',
  order: 'Order',
  show: 'Only models with',
  list: 'Models to be had',
  listKeys: 'Arrow keys move; Return goes to the details.',
  recommended: 'recommended',
  tooLarge: 'too large',
  downloadingAt: (percent: number) => `downloading, ${formatPercent(percent)}`,
  noMatch: 'No model matches',
  noMatchText: 'No model of the list passes these filters.',
  clear: 'Show Everything',
  found: (count: number, all: number) =>
    count === all ? modelsCounted(all) : `${formatCount(count)} of ${modelsCounted(all)}`,
  sources: {
    live: 'from Hugging Face',
    cache: 'from Hugging Face',
    shipped: 'the list that came with MLX Stack',
  },
  refresh: 'Refresh',
  refreshing: 'Refreshing…',

  details: 'Details',
  detailsOf: (name: string) => `Details of ${name}`,
  selectOne: 'Choose a model to see what this Mac makes of it.',
  size: 'Download',
  quant: 'Precision',
  parameters: 'Parameters',
  parametersOf: (billions: number, active: number | null) =>
    active === null || active === billions
      ? `${billions} billion`
      : `${billions} billion, ${active} at a time`,
  contextLabel: 'Context',
  needs: 'Memory',
  needsAt: (memory: string, context: string) => `${memory} with ${context} context`,
  speedLabel: 'Speed',
  speedShort: (range: string) => `${range} tok/s`,
  speed: (range: string, isMeasured: boolean) =>
    isMeasured ? `${range} tokens per second, measured` : `about ${range} tokens per second (estimate)`,
  abilities: 'Can',
  tools: 'call tools',
  vision: 'see pictures',
  thinking: 'think first',
  popularity: 'Downloads',
  unknown: 'unknown',
  download: 'Download',
  downloadSize: (bytes: string) => `Download ${bytes}`,
  onThisMac: 'On this Mac',
  gated: 'needs an account',
  gatedText:
    'Its makers ask for an account: accept their terms on its page, then give a token of that account here.',
  openPage: 'Open Its Page',
  openPageOf: (name: string) => `Open Its Page at Hugging Face, in the browser: ${name}`,

  useTitle: (name: string) => `Use ${name} in the stack`,
  as: 'As',
  asTier: (name: string, model: string) => `${name}, instead of ${model}`,
  asNew: 'One more model',
  name: 'Name',
  nameNote: 'Apps ask for it by this name.',
  contextChoice: 'Context',
  contextSuits: 'What suits this Mac',
  contextSuitsNow: (tokens: string) => `What suits this Mac: ${tokens}`,
  swapEffect: (name: string) =>
    `Only ${name} restarts, and the gateway where the context changes. The other models stay loaded.`,
  addEffect: 'Only the gateway restarts for a moment, to know the new model. The others stay loaded.',
  downloadsFirst: (size: string) => `It is downloaded first: ${size}.`,
  swapGo: (name: string) => `Use as ${name}`,
  addGo: 'Add to the Stack',
  swapped: (name: string, model: string) => `${name} changes to ${model}`,
  added: (name: string, model: string) => `${model} is added as ${name}`,

  downloadsEmpty: 'No downloads',
  downloadsEmptyText: 'What is downloaded shows here, and goes on while the window is closed.',
  of: (part: string, name: string) => `${part}: ${name}`,
  pause: 'Pause',
  resume: 'Resume',
  clearLine: 'Clear',
  cancelDownload: 'Cancel…',
  cancelQuestion: (name: string, size: string) => `Cancel ${name}? The ${size} that are here are deleted.`,
  cancelConfirm: 'Cancel Download',
  cancelled: (name: string) => `Download of ${name} cancelled`,
  speedNow: (bytes: string) => `${bytes}/s`,
  timeLeft: (seconds: number) => {
    if (seconds < 60) return 'less than a minute left';
    /** Whole minutes: it is an estimate, and a jumping one tells less. */
    const minutes = Math.ceil(seconds / 60);
    if (minutes < 60) return `about ${minutes} min left`;
    const hours = Math.floor(minutes / 60);
    return `about ${hours} h ${minutes % 60} min left`;
  },

  token: 'Hugging Face account',
  tokenText: 'Only for models whose makers ask for one. A token that may read is enough.',
  tokenField: 'Access token',
  tokenPlaceholder: 'hf_…',
  tokenNote: 'It is kept in the Keychain, sent to Hugging Face only, and never shown again.',
  tokenSave: 'Save Token',
  tokenSaving: 'Saving…',
  tokenTitle: 'Save the Hugging Face token',
  tokenSaved: 'Hugging Face token saved',
  tokenEnding: (last4: string) => `A token is saved; it ends in ${last4}.`,
  tokenPresent: 'A token is saved.',
  tokenRemove: 'Remove Token…',
  tokenRemoveTitle: 'Remove the Hugging Face token',
  tokenRemoveQuestion: 'Removes the token from the Keychain. Models that need it cannot be downloaded then.',
  tokenRemoveConfirm: 'Remove Token',
  tokenStates: {
    present: '',
    absent: '',
    denied: 'The Keychain did not let MLX Stack read the token. Allow it when macOS asks.',
    locked: 'The Keychain is locked. Unlock it, then try again.',
    unavailable: 'The Keychain cannot be reached on this Mac.',
  },
} as const;
