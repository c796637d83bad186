/** The Overview: endpoint, memory, services and why one failed. */
import { counted } from '../format.ts';

export const startEverything = 'Start Everything';
export const stopEverything = 'Stop Everything';
export const start = 'Start';
export const stop = 'Stop';
export const restart = 'Restart';
export const startOf = (name: string) => `Start ${name}`;
export const stopOf = (name: string) => `Stop ${name}`;
export const restartOf = (name: string) => `Restart ${name}`;
export const remedyOf = (label: string, name: string) => `${label}: ${name}`;

export const endpoint = 'Endpoint';
export const endpointReady = 'Any app that speaks the OpenAI API can use this.';
export const endpointNotReady = 'Answers only while the gateway runs.';
export const baseUrl = 'Base URL';
export const apiKey = 'API key';
export const apiKeyHidden = 'hidden';
export const rotateKey = 'New Key…';
export const rotateKeyName = 'Make a new API key';
export const rotateKeyConfirm = 'Make New Key';
export const rotateKeyQuestion =
  'The gateway restarts, and every app needs the new key: the present one is refused from then on.';
export const rotateKeyDone = 'New API key in force; the gateway restarts';
export const copyBaseUrl = 'Copy base URL';
export const copyApiKey = 'Copy API key';
export const baseUrlCopied = 'Base URL copied';
export const apiKeyCopied = 'API key copied';

export const memory = 'Memory';
export const memoryOf = (part: string) => `About ${part} for models`;
export const memoryNone = 'No model is in memory';
export const memoryTotal = (total: string) => `${total} in this Mac`;
export const memoryShort = 'short of memory';
export const hot = 'slowed down by heat';
export const onBattery = 'on battery';
export const keptAwake = 'kept awake';

export const models = 'Models';
export const gateway = 'Gateway';
export const serves = 'Serves';
export const servesAll = 'All models at one address';
export const model = 'Model';
export const askedAs = 'Apps ask for it as';
export const port = 'Port';
export const memoryNeed = 'Memory';
export const uptime = 'Up for';
export const restarts = 'Restarts';
export const unknown = '–';
export const about = (amount: string) => `about ${amount}`;
export const restartsIn = (duration: string) => `in ${duration}`;

export const lastFailureAt = (time: string) => `Last failure at ${time}`;
export const failedAt = (time: string) => `At ${time}`;
export const moreProblems = (count: number) =>
  `and ${counted(count, { one: 'more problem', other: 'more problems' })}`;
export const showInLog = 'Show in log';
export const showInLogOf = (name: string) => `Show in log: ${name}`;
export const lastLines = 'Last lines';
export const lastLinesOf = (name: string) => `Last lines of ${name}`;
export const copyFailure = 'Copy details';
export const copyFailureOf = (name: string) => `Copy details of the last failure of ${name}`;
export const failureCopied = 'Details copied';

export const command = 'Command line';
export const commandOf = (name: string) => `Command line of ${name}`;
export const commandStarted = 'It was started with this. The values of environment variables are not shown.';
export const commandWould =
  'It would be started with this. The values of environment variables are not shown.';
export const copyCommandOf = (name: string) => `Copy the command line of ${name}`;
export const commandCopied = 'Command line copied';

export const setUpAgain = 'Set Up Again…';
export const openStack = 'Open the Stack File';
export const invalidText = 'Correct the file and save it; MLX Stack reads it again at once.';
export const quittingText = 'All model servers are being stopped. The window closes by itself.';
