/** States, summaries and banners of them: what the menu and the window say alike, and notifications. */
import type { CloudCondition } from '../../contract/cloud.ts';
import type { ServiceState } from '../../contract/status.ts';

export const states: Readonly<Record<ServiceState, string>> = {
  stopped: 'Off',
  waiting: 'Waiting',
  starting: 'Starting',
  healthy: 'Ready',
  degraded: 'Slow',
  unresponsive: 'Not answering',
  stopping: 'Stopping',
  'backing-off': 'Restarting',
  failed: 'Failed',
};
export const quitting = 'Stopping everything before quitting';
export const opening = 'MLX Stack is opening';
export const noStack = 'No stack yet';
export const invalidStack = 'The stack file cannot be used';
export const openStack = 'Open the Stack File';
export const off = 'MLX Stack is off';
export const stopping = 'Stopping everything';
export const ready = 'MLX Stack is ready';
export const starting = 'MLX Stack is starting';
export const restarting = (name: string) => `Restarting ${name}`;
export const restart = (name: string) => `Restart ${name}`;
export const failed = (name: string) => `${name} has failed`;
export const unresponsive = (name: string) => `${name} does not answer`;
export const troubleOf = (name: string, reason: string) => `${name}: ${reason}`;
export const slow = (name: string) => `${name} answers slowly`;
export const exitCode = (code: number) => `Exit code ${code}`;
export const endedBy = (signal: string) => `Ended by ${signal}`;
export const failedWithoutReason = 'It stopped and gave no reason.';
export const modelsSetUp = (count: number) => `${count} ${count === 1 ? 'model' : 'models'} set up`;
export const modelsOf = (ready: number, wanted: number) =>
  `${ready} of ${wanted} ${wanted === 1 ? 'model' : 'models'}`;
export const modelsReady = (ready: number, wanted: number) => `${modelsOf(ready, wanted)} ready`;

/** What a service does, in its row. */
export const notRunning = 'Not running';
export const waitsForFirstModel = 'Waits for the first model';
export const aboutToStart = 'About to start';
export const startingAgain = 'Starting again';
export const startingGateway = 'Starting the gateway';
export const loadingModel = 'Loading the model';
export const answersRequests = 'Answers requests';
export const answersSlowly = 'Answers slowly';
export const restartedIfThisLasts = 'It will be restarted if this lasts';
export const notRestartedByItself = 'It is not restarted by itself, as set';
export const startsAgainAfterPause = 'Stopped unexpectedly; starts again after a pause';
export const stopped = 'Stopped';
export const restartingNow = 'Restarting';
export const restartingBecause = (reason: string) => `Restarting: ${reason}`;
export const finishingRequests = 'Finishing its requests';

/** Notifications. */
export const runsAgain = (name: string) => `${name} is running again`;
export const needsAttention = (name: string) => `${name} needs attention`;
export const diskNearlyFull = 'The disk is nearly full';
const diskLeft = (bytes: string) => `${bytes} left. Models and logs cannot be written when it is full`;
export const diskNearlyFullAlert = (bytes: string) => `${diskLeft(bytes)}.`;
export const diskNearlyFullNotice = (bytes: string) =>
  `${diskLeft(bytes)}: delete what you do not need, for instance archives of logs.`;
export const openHome = 'Open the MLX Stack Folder';

/** Engines and models on their way. */
export const showEngines = 'Show Engines';
export const startsWithEngine = (detail: string) => `${detail}. What waits for it starts by itself.`;
export const newerPackages = (name: string, version: string) =>
  `Newer packages for ${name} ${version} can be installed`;
export const newerVersion = (name: string, pinned: string, present: string | null) =>
  `${name} ${pinned} can take the place of ${present ?? 'the present one'}`;
export const belongsToApp = 'It belongs to this version of MLX Stack.';
export const installing = (engine: string | null) => `Installing ${engine ?? 'the engines'}`;
export const goingBack = (engine: string | null) => `Going back to the earlier ${engine ?? 'engine'}`;
export const installingUv = 'Installing uv';
export const startsWithModel = (detail: string, part: string, name: string) =>
  `${detail}${part}. ${name} starts by itself when it is there.`;
export const modelNotThereYet = (name: string) => `The model of ${name} is not there yet`;

/** The cloud in one line, its use, and what it means for the next request. */
export const cloudConditions: Readonly<Record<CloudCondition, string>> = {
  unavailable: 'Not available',
  'no-key': 'Not set up',
  off: 'Off',
  'local-only': 'Local only',
  'cap-daily': 'Daily cap reached',
  'cap-monthly': 'Monthly cap reached',
  ready: 'OpenRouter',
};
export const spentToday = (usd: string) => `${usd} today`;
export const requestsToday = (requests: number) =>
  `${requests} ${requests === 1 ? 'request' : 'requests'} today`;
export const spentThisMonth = (usd: string) => `${usd} this month`;
export const cloudUnavailable = 'The cloud relay could not be started: everything stays on this Mac.';
export const cloudNoKey =
  'Everything stays on this Mac. With an OpenRouter key, models in the cloud can answer too.';
export const cloudOff = 'Everything stays on this Mac until you turn the cloud on.';
export const cloudLocalOnly = 'Nothing is sent to the cloud while Local only is on.';
export const cloudDailyCap = (usd: string) =>
  `Nothing is sent to the cloud until tomorrow: today’s cap of ${usd} is reached.`;
export const cloudMonthlyCap = (usd: string) =>
  `Nothing is sent to the cloud until next month: this month’s cap of ${usd} is reached.`;
export const cloudReady = 'Requests for “premium”, and those that no local model answered, go to OpenRouter.';
/** In a request to be pasted into a terminal: without quotation marks or signs that a shell reads. */
export const sampleQuestion = 'Say hello in one sentence.';

/** A number and the whole that it is of, with the unit behind. */
export const partOf = (part: string, whole: string) => `${part} of ${whole}`;
