/** The setup. */
import type { SetupPlan } from '../../bridge.ts';
import { formatPercent } from '../format.ts';

type Basis = SetupPlan['tiers'][number]['speed']['basis'];

const intents = {
  balanced: {
    label: 'Everyday',
    text: 'Chat, writing, code: the best model that fits this Mac, and a fast one beside it where there is room.',
  },
  'agent-fleet': {
    label: 'Agents',
    text: 'For coding agents and other programs: only models that call tools well, with longer prompts.',
  },
} as const;

const bases: Readonly<Record<Basis, string>> = {
  measured: 'measured on this Mac',
  'same-chip': 'estimate, from another Mac with this chip',
  scaled: 'estimate, from a similar chip',
  formula: 'estimate',
};

export const setupWords = {
  intents,
  bases,

  stages: 'Steps',
  stageMachine: 'Your Mac',
  stagePlan: 'The plan',
  stageProgress: 'Set up',

  welcome: 'Welcome to MLX Stack',
  welcomeAgain: 'Set up MLX Stack again',
  welcomeText:
    'Language models on this Mac, at one address for all your apps. Nothing leaves it unless you allow it.',
  looking: 'Looking at this Mac…',
  notPlanned: 'MLX Stack cannot plan for this Mac',
  estimatedChip:
    'This chip is not in the table of MLX Stack yet: memory speed and what follows from it are guessed.',
  memory: 'Memory',
  gpuLimit: 'The GPU may use',
  bandwidth: 'Memory speed',
  bandwidthOf: (gbps: number, isEstimate: boolean) => `${isEstimate ? 'about ' : ''}${Math.round(gbps)} GB/s`,
  gpuCores: 'GPU cores',
  freeDisk: 'Free on the disk',
  unknown: 'unknown',
  canRun: 'What it can run',
  canRunNothing: 'No model of the list fits.',
  speed: (range: string) => `about ${range} tokens per second`,
  speedMeasured: (range: string) => `${range} tokens per second`,
  intent: 'What is it for?',
  continue: 'Continue',
  back: 'Back',
  notNow: 'Not Now',
  ownStack: 'You have a stack file already? Put it into the folder “stacks” there, and it appears at once.',

  planTitle: 'The plan for this Mac',
  planText: 'Take it as it is, or change anything: what it comes to is shown at once.',
  recommended: 'Back to the Recommendation',
  memoryFor: 'Memory for models',
  budget: 'Memory that models may have',
  budgetNow: (pct: number, total: string) => `${formatPercent(pct)} of ${total}`,
  used: (used: string, budget: string) => `${used} used of ${budget}`,
  usedOver: (used: string, budget: string) => `${used} needed, more than ${budget}`,
  usedBy: (name: string, memory: string) => `${name} ${memory}`,
  left: (bytes: string) => `${bytes} for macOS and your apps`,
  models: 'Models',
  tierName: (index: number) => `Name of model ${index + 1}, by which apps ask for it`,
  nameTaken: 'Another model has this name.',
  nameEmpty: 'A model needs a name.',
  needs: (memory: string) => `${memory} memory`,
  download: (bytes: string) => `${bytes} to download`,
  onDisk: 'on this Mac already',
  context: 'Context',
  contextOf: (name: string) => `Context of ${name}`,
  contextChoice: (tokens: string, pages: string) => `${tokens}, about ${pages}`,
  changeModel: 'Change Model…',
  changeModelOf: (name: string) => `Change Model of ${name}`,
  otherModels: (name: string) => `Other models for ${name}`,
  use: 'Use',
  useOf: (model: string, name: string) => `Use ${model} as ${name}`,
  noAlternatives: 'No other model fits here.',
  remove: 'Remove',
  removeOf: (name: string) => `Remove ${name}`,
  add: 'Add a Model…',
  addTitle: 'Add a model',
  addChoice: 'Add',
  addOf: (model: string) => `Add ${model}`,
  notes: 'Also worth knowing',
  planning: 'Working it out…',

  engines: 'Engines',
  uv: 'uv',
  enginesText:
    'The programs that run the models. MLX Stack keeps them in its own folder and never touches others.',
  engineReady: (version: string) => `${version}, installed`,
  engineReadyAny: 'installed',
  engineWill: (version: string) => `${version} will be installed`,
  engineLooking: 'looking for it…',
  engineRefused: 'not usable as it is',
  uvFound: (version: string) => `${version}, found`,
  uvFoundAny: 'found',
  uvMissing: 'missing',
  uvText:
    'uv installs the engines. Its official installer is this command; MLX Stack runs it only when you click.',
  installUv: 'Install uv',
  lookAgain: 'Look Again',
  cancelInstall: 'Cancel Installation',

  cloudText: 'A cloud model to fall back on is optional: add an OpenRouter key later in',
  cloudLink: 'Cloud',

  begin: 'Set Up',
  beginDownload: (bytes: string) => `Download ${bytes} and Set Up`,
  needsUv: 'Install uv first.',

  working: 'Setting up your Mac',
  workingText: 'You can close this window and go on with your work: it continues by itself.',
  failedText: 'What is done stays done.',
  doneText: 'The models run, and any app that speaks the OpenAI API can use them.',
  cancel: 'Cancel Setup…',
  cancelTitle: 'Cancel the setup',
  cancelQuestion: 'What was downloaded so far stays, and is used next time.',
  cancelConfirm: 'Cancel Setup',
  retry: 'Try Again',
  retryTitle: 'Try Again to set up',
  changePlan: 'Change the Plan',
  finish: 'Done',
  finishTitle: 'Finish the setup',
  progressOf: (what: string) => `Progress: ${what}`,
  asked: (question: string) => `Asked: “${question}”`,
  answerOf: (tier: string) => `${tier} answers`,
  answerSpeed: (tps: number) =>
    `${tps < 10 ? tps.toFixed(1) : Math.round(tps)} tokens per second, measured just now`,
} as const;
