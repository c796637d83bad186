/** Keys, and the Keychain that keeps them. */
import type { SecretAccount } from '../../secrets/accounts.ts';

/** What the person calls it. */
export const names: Readonly<Record<SecretAccount, string>> = {
  openrouter: 'OpenRouter key',
  gateway: 'gateway’s API key',
  huggingface: 'Hugging Face token',
};

/** Why what was entered cannot be one. */
export const notOne: Readonly<Record<SecretAccount, string>> = {
  openrouter: 'This is not an OpenRouter key.',
  gateway: 'This is not a gateway API key.',
  huggingface: 'This is not a Hugging Face token.',
};
export const farTooLong = 'That is far too long to be one.';
export const nothingEntered = 'Nothing was entered.';
export const cutWhileCopying =
  'A whole key has 64 characters after “sk-or-v1-”: it may have been cut while copying.';
export const openRouterKeysBegin = 'OpenRouter’s keys begin with “sk-or-v1-”.';
export const gatewayKeysBegin = 'The gateway’s keys begin with “sk-mlx-”.';
export const huggingFaceTokensBegin = 'Hugging Face’s tokens begin with “hf_”.';

/** Why the Keychain does not answer. */
export const denied = (name: string) => `The Keychain does not let MLX Stack use the ${name}.`;
export const chooseAlwaysAllow =
  'Try again and choose Always Allow; or delete the item “io.github.mlx-stack.app” in Keychain Access and enter it anew.';
export const locked = 'The Keychain is locked.';
export const unlockIt = 'Unlock it in Keychain Access, then try again.';
export const noAnswer = (name: string) => `The Keychain gave no answer about the ${name}.`;
export const answerItsDialog =
  'A dialog of the Keychain may be waiting behind another window: answer it, then try again.';
export const busy = 'The Keychain still works on earlier requests.';
export const notLoaded = 'The part of MLX Stack that talks to the Keychain cannot be loaded.';
export const installAnew = 'Install MLX Stack anew; until then it runs without the cloud.';
export const noKeychain = 'There is no Keychain that MLX Stack can use.';
export const logInAgain = 'Log out and in again; until then MLX Stack runs without the cloud.';
export const gaveError = (name: string) => `The Keychain gave an error about the ${name}.`;
export const tryAgainOrDeleteItem =
  'Try again; if it stays, delete the item “io.github.mlx-stack.app” in Keychain Access and enter it anew.';
export const keychainUnusable = 'The Keychain cannot be used.';
export const keyNotKept = (hint: string) =>
  `Until it can, the API key is another one each time MLX Stack starts, and the cloud is off. ${hint}`;

/** A key in the settings file. */
export const replacesOneEndingIn = (last4: string) => ` It replaces the one ending in “${last4}”.`;
export const keyMoved = (instead: string) =>
  `The OpenRouter key in config.yaml was moved to the Keychain and removed from the file.${instead}`;
export const backupsMayHoldIt =
  'Backups and synced copies of the file may still hold it: to be safe, make a new key at OpenRouter.';
export const keyNotMoved = (because: string) =>
  `The OpenRouter key in config.yaml could not be moved to the Keychain; the file is as it was.${because}`;
export const startAgainToTry = 'Start MLX Stack again to try once more.';
export const notAKeyInFile =
  'What config.yaml has as openrouter-key is not an OpenRouter key; it is not used, and the file is as it was.';
export const keyNotRemoved = (reason: string) =>
  `The OpenRouter key is now in the Keychain, but could not be removed from config.yaml. ${reason}`;
export const deleteLineYourself = 'Delete the line “openrouter-key” yourself.';
export const keptIsNotOne = (name: string) => `What the Keychain holds as the ${name} is not one.`;
export const enterItAnew = 'Enter it anew.';
