/** The Cloud view. */
import type { CloudCondition, CloudStatus } from '../../bridge.ts';
import { counted } from '../format.ts';

export const titles: Readonly<Record<CloudCondition, string>> = {
  unavailable: 'The cloud is not available',
  'no-key': 'The cloud is not set up',
  off: 'The cloud is off',
  'local-only': 'Local only',
  'cap-daily': 'Today’s cap is reached',
  'cap-monthly': 'This month’s cap is reached',
  ready: 'The cloud is on',
};

export const privacies: Readonly<
  Record<CloudStatus['privacy'], { readonly label: string; readonly text: string }>
> = {
  'zero-retention': {
    label: 'Zero retention',
    text: 'Only providers that keep nothing of what is sent, and train on nothing. Some models have none.',
  },
  'no-training': {
    label: 'No training',
    text: 'Only providers that do not train on what is sent. They may keep it for a while.',
  },
  any: { label: 'Any provider', text: 'What each request itself asks for.' },
};

/** In place of the title where the Keychain has a key and does not give it. */
export const keyKeptBack = 'The key cannot be read';

export const turnOn = 'Turn Cloud On';
export const turnOff = 'Turn Cloud Off';

export const account = 'OpenRouter account';
export const accountText = 'Sign in to get a key with a monthly limit, made for this Mac only.';
export const signIn = 'Sign in with OpenRouter';
export const waiting = 'Waiting for your browser';
export const waitingText =
  'Allow MLX Stack on the page that has opened. You have five minutes; if you closed it, open it again.';
export const openAgain = 'Open Page Again';
export const cancelSignIn = 'Cancel the sign-in';
export const paste = 'Or paste a key';
export const replace = 'Use another key';
export const keyField = 'OpenRouter key';
export const keyPlaceholder = 'sk-or-v1-…';
export const save = 'Save Key';
export const saving = 'Checking…';
export const saveTitle = 'Save the OpenRouter key';
export const saved = 'OpenRouter key saved';
export const keyNote = 'It is checked with OpenRouter, kept in the Keychain, and never shown again.';

export const key = 'Key';
export const keyEnding = (last4: string) => `ends in ${last4}`;
export const label = 'Name';
export const left = 'Limit left';
export const leftOf = (left: string, limit: string) => `${left} of ${limit}`;
export const noLimit = 'no limit of its own';
export const resets = { daily: 'a day', weekly: 'a week', monthly: 'a month' };
export const used = 'Total used';
export const checked = 'Checked';
export const never = 'not yet';
export const freeTier = 'No credit was ever bought: only free models answer, and few times a day.';
export const check = 'Check Again';
export const checkTitle = 'Check Again with OpenRouter';
export const manage = 'Keys at OpenRouter';
export const manageTitle = 'Keys at OpenRouter, in the browser';
export const credits = 'Add Credit';
export const creditsTitle = 'Add Credit at OpenRouter';
export const remove = 'Remove Key…';
export const removeConfirm = 'Remove Key';
export const removeQuestion =
  'Removes the key from the Keychain and turns the cloud off. At OpenRouter it stays valid.';
export const removeTitle = 'Remove the OpenRouter key';

export const usage = 'Usage';
export const today = 'Today';
export const month = 'This month';
export const requests = (count: number) => counted(count, { one: 'request', other: 'requests' });
export const failed = (count: number) => `${count} failed`;
export const tokens = (count: string) => `${count} tokens`;
export const estimated = (usd: string) => `${usd} of it is our own reckoning`;
export const plot = 'Cost per day, last 30 days';
export const plotText = (total: string, highest: string) =>
  `Cost per day in the last 30 days: ${total} in all, ${highest} at most.`;
export const plotDay = (day: string, usd: string, requests: string) => `${day}: ${usd}, ${requests}`;
export const atMost = (usd: string) => `highest ${usd}`;
export const byModel = 'By model';
export const model = 'Model';
export const cost = 'Cost';
export const tokensHead = 'Tokens';
export const requestsHead = 'Requests';
export const firstByte = (today: string | null, month: string) =>
  `first byte after ${today === null ? '' : `${today} today, `}${month} this month (mean)`;
export const unused = 'Nothing was sent to the cloud this month.';

export const limits = 'Limits and privacy';
export const localOnly = 'Local only';
export const localOnlyText = 'Nothing is sent to the cloud, whoever asks. From the next request on.';
export const dailyCap = 'Daily cap';
export const monthlyCap = 'Monthly cap';
export const capText = 'In US dollars; empty for none. At the cap requests are refused with a clear message.';
export const capSaved = 'Cap saved';
export const capInvalid = 'Enter dollars, such as 2 or 0.50, or nothing for no cap.';
export const noCap = 'none';
export const privacy = 'Privacy';

export const models = 'Models';
export const modelsText =
  'Apps ask for the first as “premium”, and for each by its own name. A change restarts the gateway.';
export const premium = 'premium';
export const price = (prompt: string, completion: string) =>
  `${prompt} in, ${completion} out per million tokens`;
export const priceVaries = 'price varies';
export const context = (tokens: string) => `${tokens} context`;
export const notListed = 'OpenRouter does not list it any more: requests for it are refused.';
export const makePremium = 'Make Premium';
export const makePremiumOf = (name: string) => `Make Premium: ${name}`;
export const removeModel = 'Remove';
export const removeModelOf = (name: string) => `Remove ${name}`;
export const add = 'Add a model';
export const addModel = 'Add';
export const addModelOf = (name: string) => `Add ${name}`;
export const search = 'Search OpenRouter’s models';
export const searching = 'Getting the list from OpenRouter…';
export const noMatch = 'No model of that name.';
export const more = (count: number) => `${count} more: search for a name to see them.`;
