/** Why a server does not run, and what one can do about it. */

/** The remedies, as they stand on their buttons. */
export const downloadTheModel = 'Download the Model';
export const startAgain = 'Start Again';
export const startAnyway = 'Start Anyway';
export const useTheOneFound = 'Use the One Found';
export const useFreePort = 'Use a Free Port';
export const openSettingsFile = 'Open Settings File';
export const openStackFile = 'Open Stack File';
export const showModelsFolder = 'Show Models Folder';
export const forceStop = 'Force Stop';
export const install = (engine: string) => `Install ${engine}`;
export const useContext = (context: string) => `Use ${context} Context`;
export const stopFirst = (name: string) => `Stop ${name} First`;
export const kiloTokens = (thousands: number) => `${thousands}K`;
export const tokens = (count: number) => `${count}-Token`;

/** What keeps one from starting. */
export const modelMissing = (model: string) => `The model ${model} is not on this Mac.`;
export const putFilesBack = 'Put its files back, then start it again.';
export const downloadOrPutInto = (folder: string) => `Download it, or put its files into ${folder}.`;
export const modelIncomplete = (model: string, missing: string) =>
  `The model ${model} is not complete: ${missing}.`;
export const putAllFilesThere = 'Put all of its files there, then start it again.';
export const downloadAgain = 'Download it again.';
export const modelRunsCode = (model: string) =>
  `The model ${model} wants a program that comes with it to be run.`;
export const chooseAnotherModel = 'MLX Stack does not run such programs: choose another model.';
export const modelUnchecked = (model: string) =>
  `Whether the model ${model} wants a program of its own to be run cannot be told: its config.json is not readable, or not plain JSON.`;
export const downloadAgainOrChoose = 'Download the model again, or choose another one.';
export const namedModelUnchecked = (option: string, value: string) =>
  `The option ${option} names a model, “${value}”, that MLX Stack cannot look into.`;
export const nameItByFullPath =
  'Name it in the stack file by the full path of its folder, beginning with “/”.';
export const anotherProgram = 'another program';
export const programAndProcess = (name: string, pid: number) => `${name} (process ${pid})`;
export const portBusy = (port: number, holder: string) => `Port ${port} is in use by ${holder}.`;
export const gatewayPortMoved = (port: number) =>
  `The gateway does not answer on port ${port} itself; another program does.`;
export const spawnFailed = (why: string) => `macOS could not start it: ${why}`;
export const folderNotEntered = (folder: string) =>
  `its working folder ${folder} is not there, or cannot be entered.`;
export const putFolderBack = 'Put the folder back, then start it again.';
export const commandTooLong = 'its options are longer than the system allows.';
export const changeOptions = 'Change its options in the stack file.';
export const noProcess = (code: string) => `the system has no process for it (${code}).`;
export const closePrograms = 'Close programs you do not need, then start it again.';
export const notRecorded = (name: string, pid: number, file: string, why: string) =>
  `${name} was ended again, because process ${pid} could not be recorded in ${file}. ${why}`;
export const startItAgain = 'Start it again.';

/** Memory that it does not get. */
const needs = (name: string, needed: string) => `${name} needs about ${needed}`;
export const memoryCritical = (name: string, needed: string) =>
  `${needs(name, needed)}, and macOS reports that memory is critically short.`;
export const memoryNotFree = (name: string, needed: string, free: string) =>
  `${needs(name, needed)}, but only ${free} of memory are free now.`;
export const memoryBeyondLimit = (name: string, needed: string, limit: string) =>
  `${needs(name, needed)}, more than the ${limit} this Mac can give to models.`;
export const memoryTaken = (name: string, needed: string, used: string, limit: string) =>
  `${needs(name, needed)}, but ${used} of ${limit} are taken.`;
export const useContextOf = (context: string, memory: string) => `use a context of ${context} (${memory})`;
export const stopThatFirst = (name: string, memory: string) => `stop ${name} (${memory}) first`;
export const quitOtherPrograms = 'quit other programs';
export const chooseSmallerModel = 'choose a smaller model';
export const orStartAnyway = (ways: string) => `${ways}, or start it anyway and expect the Mac to slow down.`;

/** How one ended, or does not answer. */
export const endedBy = (signal: string) => `ended by ${signal}`;
export const exitCode = (code: number | null) => `exit code ${code ?? 'unknown'}`;
export const stoppedUnexpectedly = (name: string, how: string) => `${name} stopped unexpectedly (${how}).`;
export const stoppedWhileStarting = (name: string, how: string) => `${name} stopped while starting (${how}).`;
export const endedBecause = (name: string, cause: string) => `${name} ${cause}.`;
export const notReadyWithin = (name: string, seconds: number) =>
  `${name} was not ready within ${seconds} seconds and was stopped.`;
export const lastLinesTellHowFar = 'Its last lines tell how far it came.';
export const cannotWrite = (name: string, detail: string) =>
  `${name} runs but could not write a single word: ${detail}.`;
export const stoppedAnswering = (name: string, detail: string) => `${name} stopped answering: ${detail}.`;
export const restartedWhenThisLasts = 'It is restarted by itself when this lasts.';
export const stillThere = (name: string, port: number) =>
  `${name} was told to end, but its processes or its port ${port} are still there.`;
export const forceStopTriesAgain = 'Force Stop tries once more. If it stays, restart the Mac.';
export const flapping = (exits: number, minutes: number, last: string) =>
  `It stopped ${exits} times within ${minutes} minutes, so it is no longer restarted. The last time: ${last}`;

/** Completes “… does not answer: …”. */
export const strangeAnswer = 'it gave an answer that is not vllm-mlx’s';
export const reportsItselfAs = (status: string) => `it reports itself as ${status}`;
export const noCompletion = 'its answer held no completion';
export const answeredWithError = (status: number) => `it answered with error ${status}`;
export const answerNotJson = 'its answer was not JSON';
export const questionWithdrawn = 'the question was withdrawn';
export const answerTooLong = 'its answer was too long';
export const brokeOff = 'it broke off in mid-answer';
export const noAnswerWithin = (seconds: number) => `it gave no answer within ${seconds} s`;
export const nothingOnPort = 'nothing answers on its port';
export const connectionBroke = 'the connection broke';

/** Completes “Restarting: …”. */
export const engineChanged = 'its engine changed';
export const modelChanged = 'its model changed';
export const portChanged = 'its port changed';
export const modelsBehindChanged = 'the models behind it changed';
export const settingsChanged = 'its settings changed';

/** Before a start. */
export const setItsPath = 'Set its path in the settings file.';
export const notAProgram = (path: string) => `${path} is not a program that can be run.`;
export const correctItsPath = 'Correct its path in the settings file, or install it again.';
export const ledgerDamaged =
  'The record of started servers (ledger.json) was damaged and has been set aside.';
export const rowWillSay = 'If a server of an earlier run still holds a port, its row will say so.';

/** The files and the commands. */
export const settingsMistake = (inForce: string) => `The settings file has a mistake; ${inForce}`;
export const stackMistake = (inForce: string) => `The stack file has a mistake; ${inForce}`;
export const lastGoodInForce = 'the last good one stays in force';
export const defaultsInForce = 'the defaults are in force';
export const noStackToStart = 'There is no stack to start yet.';
export const setOneUp =
  'Set one up in the window, or put a stack file into the MLX Stack folder; it is read at once.';
export const noLongerNeeded = 'This is no longer needed: the state of the service has changed.';
export const noFreePort = 'No free port was found near the usual ones.';
export const setOneInFile = 'Set one in the file.';
export const unknownService = (id: string) => `There is no model or service called “${id}” in the stack.`;
export const contextChanged = 'its context changed';

/** What starts a server, as comments of a shell line. */
export const inFolder = (folder: string) => `# in ${folder}`;
export const withNames = (names: string) => `# with ${names}`;

/** A server that cannot be recorded. */
export const startTimeUnknown = 'The system does not tell when it was started.';
