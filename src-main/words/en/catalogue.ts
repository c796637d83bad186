/** The list of models, and what Hugging Face answers or does not. */
export const asksToWait = (seconds: number) =>
  `Hugging Face asks to wait for ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
export const tokenAllowsMore = 'Signed in with a token, more is allowed.';
export const offline = 'Hugging Face cannot be reached.';
export const noAnswerInTime = 'Hugging Face did not answer in time.';
export const hubTroubled = 'Hugging Face has a problem of its own at the moment.';
export const badAnswer = 'The answer of Hugging Face is not what it should be.';
export const noSuchModel = 'There is no such model on Hugging Face.';
export const checkItsName = 'Check its name.';
export const noSuchModelForYou = 'There is no such model on Hugging Face, or your account may not see it.';
export const checkNameAndToken =
  'Check its name, and that the token belongs to an account with access to it.';
export const versionGone = 'This version of the model is no longer on Hugging Face.';
export const beginAgainForPresent = 'Cancel the download and begin it again to get the present version.';
export const fileGone = 'A file of this model is no longer on Hugging Face.';
export const hiddenModel = 'This model is not there, or it is private or needs a licence to be accepted.';
export const signInIfYouMay = 'Sign in with a Hugging Face token if you have access to it.';
export const licenceFirst = 'This model asks for its licence to be accepted first.';
export const acceptThenSignIn = 'Accept it on its page at Hugging Face, then sign in with a token.';
export const accountHasNoAccess = 'Your Hugging Face account has no access to this model yet.';
export const acceptLicence = 'Accept its licence on its page at Hugging Face.';
export const tokenNotAccepted = 'Hugging Face does not accept the token.';
export const enterNewToken = 'Enter a new one.';
export const modelBlocked = 'Hugging Face has blocked this model.';
export const chooseAnotherModel = 'Choose another model; its page at Hugging Face may say why.';

/** A name or a repository that is no model. */
export const notAModelName = 'That is not the name of a model on Hugging Face.';
export const modelNameForm = 'It has the form organisation/name.';
export const farTooManyFiles = 'This repository has far more files than a model has.';
export const noMlxWeights = 'This repository holds no weights that MLX can read.';
export const lookAtMlxCommunity = 'Look for the same model at mlx-community.';

/** Where a figure is from, and what is said of a model outside of the catalogue. */
export const sizeFrom = (commit: string) => `Hugging Face, commit ${commit}`;
export const unknownFamily = 'Hugging Face';
export const notRanked = 'Not ranked.';
export const notInCatalogue = 'Not ranked: it is not in the catalogue.';

/** In place of the live list. */
export const listOf = (day: string) => `This is the list of ${day}.`;
export const shippedList = 'This is the list that comes with MLX Stack.';

/** A mistake in the list that comes with the app, or in its address. */
export const aValue = 'a value';
export const isMissingOrWrong = (what: string) => `${what} is missing or not what it must be.`;
export const idMustBeFileName = 'id must be the name of the file.';
export const modelLeftOut = 'This model is left out; the others are there.';
export const fileUnreadable = (file: string, code: string) => `${file} cannot be read (${code}).`;
export const repositoryTwice = (file: string, repository: string, other: string) =>
  `${file} has the repository ${repository}, which ${other} has already.`;
export const listMissing = 'The list of models that comes with MLX Stack is not there.';
export const installAgain = 'Install MLX Stack again.';
export const notLoopback = (variable: string) =>
  `${variable} is not an address on this computer, so Hugging Face itself is asked.`;
export const loopbackExample = 'It takes an address such as http://127.0.0.1:9000.';
