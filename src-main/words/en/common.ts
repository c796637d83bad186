/** Said in more than one room. */
export const didYouMean = (name: string) => `Did you mean ${name}?`;
export const tryAgain = 'Try again.';
export const tryAgainSoon = 'Try again in a moment.';
export const tryAgainLater = 'Something on the network may answer in its place; try again later.';
export const checkConnection = 'Check the Internet connection, then try again.';
export const chooseAnother = 'Choose another one.';
export const chooseSmaller = 'Choose a smaller model or a shorter context.';
export const freeSpace = 'Free some space, then try again.';
export const quitThatProgram = 'Quit that program, or let MLX Stack use another port.';
export const noBrowser = 'The browser could not be opened.';
export const lastLinesTell = 'Its last lines tell why.';
export const cancelled = 'It was cancelled.';
export const filesMissing = 'files are missing';
export const noWholeModelIn = (place: string) => `There is no whole model in ${place}.`;
export const belongsToAnother = (name: string) => `${name} belongs to another user.`;
/** The first ones by name, the others by their number. */
export const someOf = (names: readonly string[], max: number) => {
  const named = names.slice(0, max).join(', ');
  return names.length > max ? `${named} and ${names.length - max} more` : named;
};

/** A mistake of ours. */
export const insideMistake = 'Something went wrong inside MLX Stack.';
export const insideMistakeHint = 'The log of the app says more.';

/** A value in a file that a person writes. */
export const mustBe = (key: string, expected: string) => `${key} must be ${expected}.`;
export const isButMustBe = (key: string, value: string, expected: string) =>
  `${key} is ${value} but must be ${expected}.`;
export const unnamed = 'This';
export const unnamedHere = 'this';
export const removeLine = 'Remove the line.';

/** A tier of the stack that is asked for and not there; what cannot be repeated is only pointed at. */
export const ofThatName = 'of that name';
export const noTier = (name: string) => `There is no tier ${name}.`;
export const tiersAre = (names: string) => `The tiers are ${names}.`;
