/** States of what goes on in the background; the live region says them too, whatever view is shown. */
import type { Download, ModelCheck, SetupStatus } from '../../bridge.ts';

type Step = SetupStatus['steps'][number];

export const downloads: Readonly<Record<Download['state'], string>> = {
  queued: 'Waits for its turn',
  preparing: 'Looks at the files',
  downloading: 'Downloading',
  verifying: 'Checking the files',
  paused: 'Paused',
  waiting: 'Waiting',
  failed: 'Failed',
  done: 'Done',
};

export const checks: Readonly<Record<ModelCheck['state'], string>> = {
  queued: downloads.queued,
  checking: 'Comparing its files with the repository',
  matched: 'Verified: every file is as the repository has it',
  failed: 'Not verified',
};

export const steps: Readonly<Record<Step['id'], string>> = {
  engines: 'Install the engines',
  models: 'Download the models',
  stack: 'Write the stack',
  start: 'Start the models',
  answer: 'First answer',
};

export const stepStates: Readonly<Record<Step['state'], string>> = {
  waiting: 'to do',
  working: 'under way',
  done: 'done',
  failed: 'failed',
};

export const stateOf = (name: string, state: string) => `${name}: ${state}`;
export const downloadOf = (name: string) => `Download of ${name}`;
export const setupDone = 'Your Mac answers';
export const setupFailed = 'The setup has stopped';
