/** Said in more than one room. */
export const didYouMean = (name: string) => `Did you mean ${name}?`;
export const tryAgain = 'Try again.';
export const tryAgainSoon = 'Try again in a moment.';
export const chooseAnother = 'Choose another one.';
export const freeSpace = 'Free some space, then try again.';
/** A mistake of ours. */
export const insideMistake = 'Something went wrong inside MLX Stack.';
export const insideMistakeHint = 'The log of the app says more.';
