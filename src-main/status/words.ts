/** The words that the tray and the window share; the one file to translate for both. */
import type { ServiceState } from '../contract/status.ts';

export const stateWords: Record<ServiceState, string> = {
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

export const summaryWords = {
  quitting: 'Stopping everything before quitting',
  opening: 'MLX Stack is opening',
  noStack: 'No stack yet',
  invalidStack: 'The stack file cannot be used',
  openStack: 'Open the Stack File',
  off: 'MLX Stack is off',
  stopping: 'Stopping everything',
  ready: 'MLX Stack is ready',
  startingGateway: 'Starting the gateway',
  starting: 'MLX Stack is starting',
  restarting: (name: string) => `Restarting ${name}`,
  restart: (name: string) => `Restart ${name}`,
  failed: (name: string) => `${name} has failed`,
  unresponsive: (name: string) => `${name} does not answer`,
  troubleOf: (name: string, reason: string) => `${name}: ${reason}`,
  slow: (name: string) => `${name} answers slowly`,
  exitCode: (code: number) => `Exit code ${code}`,
  endedBy: (signal: string) => `Ended by ${signal}`,
  failedWithoutReason: 'It stopped and gave no reason.',
} as const;

export function modelsSetUp(count: number): string {
  return `${count} ${count === 1 ? 'model' : 'models'} set up`;
}

export function modelsReady(ready: number, wanted: number): string {
  return `${ready} of ${wanted} ${wanted === 1 ? 'model' : 'models'} ready`;
}
