/** Setup from an empty home to the first answer, and later changes of the stack. */

/** The plan and its reasons. */
export const unknownModel = (model: string) => `Nothing is known of the model ${model}.`;
export const chooseOrLookUnderModels = 'Choose another one, or look for it under Models.';
export const yourChoice = (needs: string, speed: string) => `Your choice: ${needs}; ${speed}.`;
export const cannotCallTools = ' It cannot call tools, which agents need.';
export const notEnoughDisk = (download: string, needed: string, free: string) =>
  `${download} are to be downloaded, for which ${needed} of the disk should be free; ${free} are.`;
export const makeRoomOrSmallerModels = 'Make room on the disk, or choose smaller models.';

/** A model that is chosen by hand. */
export const onThisMac = 'On this Mac';
export const filesOnThisMac = 'The files on this Mac';
export const notAModelName = 'That is not the name of a model.';
export const modelNameForm =
  'It has the form organisation/name, as on Hugging Face, or is the full path of a folder.';
export const chooseOrLookForFolder = 'Choose another one, or look whether the folder was moved.';

/** Names of tiers. */
export const cannotBeTierName = (name: string) => `${name} cannot be the name of a tier.`;
export const tierNameForm = 'Use a-z, 0-9 and “-”, at most 32 characters, beginning with a letter or digit.';
export const isNameOfSomethingElse = (name: string) => `${name} is the name of something else.`;
export const chooseAnotherName = 'Choose another name.';
export const tierNameTaken = (name: string) => `There is a tier ${name} already.`;

/** Changes of the stack. */
export const noStackYet = 'There is no stack yet.';
export const setOneUp = 'Set one up first.';
export const tooLargeForGpu = (model: string, needed: string, limit: string) =>
  `${model} needs ${needed}; the GPU of this Mac may use ${limit}.`;
export const noRoomToDownload = (model: string, needed: string, free: string) =>
  `To download ${model}, ${needed} of the disk should be free; ${free} are.`;
export const makeRoomOrSmallerModel = 'Make room on the disk, or choose a smaller model.';
export const onlyModel = 'This is the only model of the stack, and a stack needs one.';
export const addAnotherFirst = 'Add another one first, or choose another model for this one.';
export const tooManyTiers = (max: number) => `A stack has at most ${max} tiers.`;
export const removeOneFirst = 'Remove one first.';
export const changedMeanwhile = 'The stack file was changed by somebody else at the same moment.';

/** A measurement of a model that runs. */
export const measuringQuestion = (numbers: string) =>
  `Write a story of about two hundred words in which some of these numbers occur: ${numbers}`;
export const notRunning = (tier: string) => `${tier} is not running, so its speed cannot be measured.`;
export const startThenMeasure = 'Start it, then measure it.';
export const saidTooLittle = (tier: string) => `${tier} said too little for its speed to be told.`;
export const othersAreServed = 'Models are answering other requests now, which would be measured along.';
export const measureWhenQuiet = 'Measure when nothing else is asked of them.';
export const measuringAlready = 'A speed is being measured already.';
export const waitUntilMeasured = 'Wait until that is done.';

/** The steps, while they run and when they are done. */
export const firstQuestion = 'In one sentence: what can you do for me on this Mac?';
export const installedAlready = 'Installed already.';
export const installed = 'Installed.';
export const allOnThisMac = (models: number) =>
  `${models === 1 ? 'The model is' : `All ${models} models are`} on this Mac.`;
export const timeLeft = (time: string) => `${time} left`;
export const aboutAMinute = 'about a minute';
export const minutes = (count: number) => `${count} minutes`;
export const hours = (count: number) => `${count} hours`;
export const stackAsChosen = 'The stack is as chosen already.';
export const written = 'Written.';
export const writtenBeforeKept = (file: string) => `Written; the one before is kept as ${file}.`;
export const changed = 'Changed.';
export const startsWithStack = 'It starts with the stack.';
export const running = 'Running.';
export const thinks = (tokens: number) => `It thinks: ${tokens} tokens`;
export const tokens = (count: number) => `${count} tokens`;
export const answered = 'Answered.';
export const tokensPerSecond = (count: number) => `${count} tokens per second.`;

/** What stops them. */
export const noFreePort = 'No free port was found where the models usually are (8000 to 8100).';
export const quitProgramsOnPorts = 'Quit programs that use them, then try again.';
export const notReady = (name: string) => `${name} did not become ready.`;
export const lookAtLogOrSmaller = 'Look at its log, or choose a smaller model.';
export const notInStack = (name: string) => `${name} is not in the stack any more.`;
export const lookAtNotices = 'Look at the notices, then try again.';
export const wasStopped = (name: string) => `${name} was stopped.`;
export const lookAtLogs = (tier: string) => `Look at the log of ${tier} and of the gateway, then try again.`;
export const questionRefused = (status: number) => `The gateway refused the first question (HTTP ${status}).`;
export const noAnswerWithin = (tier: string, seconds: number) =>
  `${tier} began no answer within ${seconds} seconds, or stopped in the middle of it.`;
export const tryAgainOrSmaller = 'Try again, or choose a smaller model.';
export const connectionBroke = (tier: string) =>
  `The connection to ${tier} broke before the answer was whole.`;
export const answeredNonsense = (tier: string) => `${tier} answered with something that is no answer.`;
export const answeredNothing = (tier: string) => `${tier} answered with nothing.`;

/** Around the steps. */
export const atWork = 'Setup is at work.';
export const waitOrCancel = 'Wait until it is done, or cancel it.';
export const interrupted = 'Setup was interrupted.';
export const retryGoesOn = 'Retry goes on where it was: what was downloaded is still there.';
export const nothingToRetry = 'There is nothing to try again.';
export const noSuchContext = (tier: string) => `${tier} cannot be given that context.`;
export const contextsAre = (contexts: string) => `It can have ${contexts}.`;
