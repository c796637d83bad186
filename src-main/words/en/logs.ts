/** Why a server ended, and what became of its log. */

/** Completes “<name> …”. */
export const ranOutOfGpuMemory = 'ran out of GPU memory';
export const portTaken = 'could not open its port: another program uses it';
export const foundDiskFull = 'found the disk full';
export const mayNotDownload =
  'may not download its model: its makers ask everyone to accept their terms first';
export const didNotFindModel = 'did not find its model on this Mac';
export const couldNotDownload = (model: string) => `could not download ${model}`;
export const couldNotDownloadModel = 'could not download its model';
export const wrongProcessor = 'is made for another kind of processor than the one in this Mac';
export const unknownParser = (parser: string) => `does not know the parser “${parser}”`;
export const unknownOptionOf = (option: string) => `does not understand its option ${option}`;
export const badConfiguration = 'does not accept its configuration';
export const accessRefused = 'was refused access to a file or folder';
export const notInstalledProperly = (what: string) => `is not installed properly: ${what}`;
export const partMissing = (part: string) => `its part “${part}” is missing`;
export const endedByForce = 'was ended by force, as macOS does when memory runs out';
export const unknownOption = 'does not understand one of its options';
export const stoppedUnexpectedly = 'stopped unexpectedly';

/** What to do about it. */
export const useSmallerOrStopAnother =
  'Use a smaller model or a shorter context, or stop another model first.';
export const freeSpaceThenStart = 'Free some space on this Mac, then start it again.';
export const acceptTerms =
  'Accept the terms on the model’s page on Hugging Face, sign in there, and download it again.';
export const downloadOrCheckName = 'Download the model, or check its name in the stack file.';
export const checkConnection =
  'Check the internet connection; what is already there is kept, and the download goes on from it.';
export const installForAppleSilicon =
  'Install the engine again with a Python for Apple silicon (arm64), not through Rosetta.';
export const chooseAnotherParser = 'Choose another parser for this model in the stack file, or leave it out.';
export const checkFlagsForVersion =
  'It may be of another version than the stack file expects: check this model’s flags there.';
export const checkModelsInStack =
  'MLX Stack writes that file itself: check the models in the stack file, then start it again.';
export const makeSureFilesAreYours = 'Make sure that the models and the MLX Stack folder belong to you.';
export const installEngineAgain = 'Install the engine again.';
export const useSmallerOrCloseOthers = 'Use a smaller model or a shorter context, or close other programs.';
export const checkFlags = 'Check this model’s flags in the stack file.';

/** Reading, searching and saving. */
export const unknownLog = 'There is no such log.';
export const diskFullNotSaved = (file: string) => `The disk is full: ${file} was not saved.`;
export const freeSpaceThenSave = 'Free some space, then save again.';
export const cannotBeWritten = (file: string) => `${file} cannot be written.`;
export const chooseOwnFolder = 'Choose a folder of your own.';
export const notSaved = (file: string, code: string) => `${file} was not saved (${code}).`;
export const chooseAnotherFolder = 'Try again, or choose another folder.';
export const searchStopped = 'The search was stopped.';
export const expressionTooSlow = 'This expression takes too long on these logs.';
export const makeItSimpler =
  'Make it simpler: nested repetitions such as (a+)+ are the usual cause. Plain text is always fast.';
export const couldNotBeRead = 'The logs could not be read.';
export const lineGone = 'This line is not in the log any more.';
export const removedForCap = 'It was removed to keep the logs within their cap.';
export const notAnExpression = (why: string) => `This is not a regular expression: ${why}`;
export const correctExpression = 'Correct it, or search for plain text.';

/** A log that cannot be written. */
export const diskFullNotWritten = (file: string) => `The disk is full: ${file} cannot be written.`;
export const logGoesOnWithSpace =
  'Free some space; the log goes on by itself. The newest lines are kept in memory until then.';
export const permissionRefused = (file: string) =>
  `${file} cannot be written: permission was refused or the disk is read-only.`;
export const giveYourselfPermission =
  'Give yourself write permission for the logs folder; the log goes on by itself.';
export const logIsLink = (file: string) =>
  `${file}, or its folder, is a link or not a plain file, and links are never followed.`;
export const removeIt = 'Remove it; the log goes on by itself.';
export const logNotWritten = (file: string, code: string) => `${file} cannot be written (${code}).`;
export const logGoesOn = 'The log goes on as soon as it can.';
export const logReplaced = (file: string) =>
  `${file} was removed or replaced while in use; a new one was begun.`;
