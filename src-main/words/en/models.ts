/** Downloads, and the models that are on this Mac. */

/** A download, in a few words. */
export const waitsForTurn = 'Waits for its turn';
export const asksForFiles = 'Asks for the list of files';
export const downloading = 'Downloading';
export const checkingFiles = 'Checking the files';
export const paused = 'Paused';
export const notDownloaded = 'Not downloaded';
export const downloadedAndChecked = 'Downloaded and checked';
export const waitsForNetwork = 'Waits for the network';
export const waitsAsAsked = 'Waits as Hugging Face asks';
export const triesAgainSoon = 'Tries again in a moment';

/** What interrupts or ends one. */
export const connectionMadeAnew = 'The connection is made anew.';
export const interrupted = 'The connection to Hugging Face was interrupted.';
export const goesOnByItself = 'It goes on by itself where it ended.';
export const stoppedSending = 'Hugging Face stopped sending.';
export const certificateNotTrusted =
  'The connection to Hugging Face is not secure: its certificate cannot be trusted.';
export const somethingInBetween =
  'A sign-in page of the network, or a program that inspects traffic, may be in between.';
export const noPartsAllowed =
  'Something between here and Hugging Face does not allow a file to be fetched in parts.';
export const tryWithoutProxy = 'Try another network, or without a proxy.';
export const wrongSize = 'Hugging Face sends a file of another size than its list says.';
export const cancelAndBeginLater = 'Cancel the download and begin it again later.';
export const wrongContent = (file: string) =>
  `${file} arrived twice with a content that differs from what the repository says, so the model is not used.`;
export const tryAnotherNetwork = 'Something on the network may change what is sent; try another network.';
export const notVerified = 'The downloaded files could not be verified.';
export const tryAgainAllIsKept = 'Try again; what is there is kept.';
export const badRedirect = 'Hugging Face points to a place that is not safe to download from.';
export const noSuchDownload = 'There is no such download.';
export const aboutToQuit = 'MLX Stack is about to quit.';
export const endedForUnknownReason = 'The download ended for a reason that MLX Stack does not know.';
export const tryAgainLogMayTell = 'Try again; the log may tell more.';
export const downloadCancelled = 'The download was cancelled.';
export const whatIsThereIsKept = 'What there is of it is kept.';
export const appQuits = 'MLX Stack quits.';
export const goesOnWhenOpen = 'The download goes on when it is open again.';
export const downloadFailed = 'The download failed.';
export const thatPlace = 'that place';
export const downloadOfCancelled = (repo: string) => `The download of ${repo} was cancelled.`;
export const beginAnew = 'Begin it anew.';
export const notEnoughDisk = (needed: string, free: string) =>
  `The download needs ${needed} of free disk space, and there are ${free}.`;
export const folderTaken = (name: string) =>
  `There is a folder ${name} already that MLX Stack did not download, and it is not a whole model.`;
export const moveAwayInFinder = 'Move it away in the Finder, then try again.';
export const changedMeanwhile = (lacks: string) =>
  `The downloaded files were changed before they could be used: ${lacks}.`;
export const folderHoldsAnother = (folder: string, repo: string) =>
  `The folder ${folder} holds another model of the same name, ${repo}.`;
export const deleteThatFirst = 'Delete that model first.';
export const harmfulNames =
  'This repository names its files in a way that could do harm, so nothing of it is downloaded.';
export const farTooLarge = 'This repository is larger than any model that a Mac could run.';
export const strangeFile = (file: string) =>
  `Where ${file} is being downloaded to, something lies that is not of this download.`;
export const cancelAndBeginAgain = 'Cancel the download and begin it again.';

/** What a model lacks. */
export const listOfFilesDamaged = 'its list of files is damaged';
export const isCutOff = (file: string) => `${file} is cut off`;
export const wasChanged = (file: string) => `${file} was changed`;
export const filesMissing = (missing: number, files: number) => `${missing} of ${files} files are missing`;
export const notAsDownloaded = 'files are not as they were downloaded';

/** Models on this Mac. */
export const noName = '(no name)';
export const modelGone = 'This model is not there any more.';
export const inUse = (name: string, tiers: readonly string[]) => `${name} is used by ${tiers.join(' and ')}.`;
export const removeFromStackFirst =
  'Remove it from the stack, or choose another model there, then delete it.';
export const notOurs = 'MLX Stack did not download this model, so it does not delete it.';
export const deleteWithItsAppOrFinder = 'Delete it with the app that it belongs to, or in the Finder.';
export const notInOurFolder = 'This is not a folder of MLX Stack’s own models, so it is not deleted.';
export const deleteWithItsApp = 'Delete it with the app that it belongs to.';
export const alreadyHere = (repo: string, folder: string) => `${repo} is on this Mac already, in ${folder}.`;
export const usedFromThere = 'It is used from there; nothing needs to be downloaded.';
export const notAFolder = 'That is not a folder that can be read.';
export const folderKnown = (folder: string) => `Models in ${folder} are looked for already.`;
export const folderUnknown = 'This folder is not one of those that you added.';
export const folderInUse = (tiers: readonly string[]) =>
  `${tiers.join(' and ')} ${tiers.length === 1 ? 'uses a model' : 'use models'} in this folder.`;
export const chooseAnotherModelThere = 'Choose another model there first.';

/** A model that is asked for by name. */
export const nameOrAddress =
  'It has the form organisation/name, or is the address of its page at huggingface.co.';
export const writesNoText = 'This repository holds a model that does not write text.';
export const chooseOneForChat = 'Choose one for chat; it is named so, or “instruct”.';

/** A model that is compared with its repository. */
export const moreThanLookedAt = 'more files than are looked at';
export const notAsRepository = (files: string) => `Not as the repository has it: ${files}.`;
export const onlyDifferingAgain =
  'Only what differs is downloaded again; until it is here the model stays as it is.';
export const changedDuringCheck = 'The model was changed while it was being checked.';
export const checkEndedForUnknownReason = 'The check ended for a reason that MLX Stack does not know.';
export const belongsToOtherApp = 'This model belongs to another app, so nothing is written to its folder.';
export const usedAsItIs = 'It is used as it is.';
export const originUnknown = 'It is not known which repository this model comes from.';
export const renameOrDownload =
  'Rename its folder to the repository’s name, or download the model under Browse.';
export const isDownloading = 'This model is being downloaded.';
export const waitUntilHere = 'Wait until it is here.';
export const isHalfHere = 'The download of this model is not finished.';
export const resumeOrCancel = 'Resume or cancel it under Downloads first.';
export const folderHasOtherName = (folder: string, repo: string, wanted: string) =>
  `The folder is called ${folder}, and ${repo} belongs into ${wanted}.`;
export const renameInFinder = 'Rename it in the Finder, then try again.';
