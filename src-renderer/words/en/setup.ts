/** The setup. */
import type { SetupPlan } from '../../bridge.ts';
import { formatPercent } from '../format.ts';

type Basis = SetupPlan['tiers'][number]['speed']['basis'];

export const intents = {
  balanced: {
    label: 'Everyday',
    text: 'Chat, writing, code: the best model that fits this Mac, and a fast one beside it where there is room.',
  },
  'agent-fleet': {
    label: 'Agents',
    text: 'For coding agents and other programs: only models that call tools well, with longer prompts.',
  },
} as const;

export const bases: Readonly<Record<Basis, string>> = {
  measured: 'measured on this Mac',
  'same-chip': 'estimate, from another Mac with this chip',
  scaled: 'estimate, from a similar chip',
  formula: 'estimate',
};

export const stages = 'Steps';
export const stageMachine = 'Your Mac';
export const stagePlan = 'The plan';
export const stageProgress = 'Set up';

export const welcome = 'Welcome to MLX Stack';
export const welcomeAgain = 'Set up MLX Stack again';
export const welcomeText =
  'Language models on this Mac, at one address for all your apps. Nothing leaves it unless you allow it.';
export const looking = 'Looking at this Mac…';
export const notPlanned = 'MLX Stack cannot plan for this Mac';
export const estimatedChip = 'MLX Stack does not know this chip yet: its memory speed is estimated.';
export const memory = 'Memory';
export const gpuLimit = 'The GPU may use';
export const bandwidth = 'Memory speed';
export const bandwidthOf = (gbps: number, isEstimate: boolean) =>
  `${isEstimate ? 'about ' : ''}${Math.round(gbps)} GB/s`;
export const gpuCores = 'GPU cores';
export const freeDisk = 'Free on the disk';
export const unknown = 'unknown';
export const canRun = 'What it can run';
export const canRunNothing = 'No model in the list fits.';
export const speed = (range: string) => `about ${range} tokens per second`;
export const speedMeasured = (range: string) => `${range} tokens per second`;
export const intent = 'What is it for?';
const continueWord = 'Continue';
export const back = 'Back';
export const notNow = 'Not Now';
export const ownStack =
  'You have a stack file already? Put it into the folder “stacks” there, and it appears at once.';

export const planTitle = 'The plan for this Mac';
export const planText = 'Take it as it is, or change anything.';
export const recommended = 'Back to the Recommendation';
export const memoryFor = 'Memory for models';
export const budget = 'Memory that models may have';
export const budgetNow = (pct: number, total: string) => `${formatPercent(pct)} of ${total}`;
export const used = (used: string, budget: string) => `${used} used of ${budget}`;
export const usedOver = (used: string, budget: string) => `${used} needed, more than ${budget}`;
export const usedBy = (name: string, memory: string) => `${name} ${memory}`;
export const left = (bytes: string) => `${bytes} for macOS and your apps`;
export const models = 'Models';
export const tierName = (index: number) => `Name of model ${index + 1}, by which apps ask for it`;
export const nameTaken = 'Another model has this name.';
export const nameEmpty = 'A model needs a name.';
export const needs = (memory: string) => `${memory} memory`;
export const download = (bytes: string) => `${bytes} to download`;
export const onDisk = 'on this Mac already';
export const context = 'Context';
export const contextOf = (name: string) => `Context of ${name}`;
export const contextChoice = (tokens: string, pages: string) => `${tokens}, about ${pages}`;
export const changeModel = 'Change Model…';
export const changeModelOf = (name: string) => `Change Model of ${name}`;
export const otherModels = (name: string) => `Other models for ${name}`;
export const use = 'Use';
export const useOf = (model: string, name: string) => `Use ${model} as ${name}`;
export const noAlternatives = 'No other model fits here.';
export const remove = 'Remove';
export const removeOf = (name: string) => `Remove ${name}`;
export const add = 'Add a Model…';
export const addTitle = 'Add a model';
export const addChoice = 'Add';
export const addOf = (model: string) => `Add ${model}`;
export const notes = 'Also worth knowing';
export const planning = 'Working it out…';

export const cloudText = 'A cloud model to fall back on is optional: add an OpenRouter key later in';
export const cloudLink = 'Cloud';

export const begin = 'Set Up';
export const beginDownload = (bytes: string) => `Download ${bytes} and Set Up`;
export const needsUv = 'Install uv first.';

export const working = 'Setting up your Mac';
export const workingText = 'You can close this window and go on with your work: it continues by itself.';
export const failedText = 'What is done stays done.';
export const doneText = 'The models run, and any app that speaks the OpenAI API can use them.';
export const cancel = 'Cancel Setup…';
export const cancelTitle = 'Cancel the setup';
export const cancelQuestion = 'What was downloaded so far stays, and is used next time.';
export const cancelConfirm = 'Cancel Setup';
export const retry = 'Try Again';
export const retryTitle = 'Try Again to set up';
export const changePlan = 'Change the Plan';
export const finish = 'Done';
export const finishTitle = 'Finish the setup';
export const progressOf = (what: string) => `Progress: ${what}`;
export const asked = (question: string) => `Asked: “${question}”`;
export const answerOf = (tier: string) => `${tier} answers`;
export const answerSpeed = (tps: number) =>
  `${tps < 10 ? tps.toFixed(1) : Math.round(tps)} tokens per second, measured just now`;
export const sample = 'Try it from the Terminal';
export const sampleText = 'The copy has your API key in it, and is taken off the clipboard after a minute.';
export const sampleRequest = 'Request with curl';
export const copySample = 'Copy the request with curl';
export const sampleCopied = 'Request copied, with the API key';
export const loginQuestion = 'Have it ready after the next login?';
export { continueWord as continue };
