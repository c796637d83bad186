/** What the app as a whole says, outside of any room. */
export const noFailureToCopy = 'There is no failure to copy any more.';

/** At the start. */
export const filesWereOpen =
  'Other users of this Mac could read some of your MLX Stack files; now only you can.';
export const stillOpening = 'MLX Stack is still opening.';
export const homeUnusable = 'Nothing can be installed: the data folder must not be used as it is.';
export const noticesSayWhy = 'The notices say what is wrong with it.';

/** Asked, and told about the app. */
export const chooseModelFolder = 'Choose a folder with models. They are used in place and never changed.';
export const copyright = '© 2026 The MLX Stack contributors. MIT licence.';
export const purpose = 'A private, always-on OpenAI-compatible endpoint for this Mac.';
export const noSuchService = 'There is no such model or service in the stack any more.';
