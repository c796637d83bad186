/** What several views say, and the window around them. */
import { counted } from '../format.ts';

export const views = {
  overview: 'Overview',
  models: 'Models',
  cloud: 'Cloud',
  logs: 'Logs',
  settings: 'Settings',
  setup: 'Set Up',
};
export const sidebar = 'Views';
export const version = (version: string) => `Version ${version}`;

export const again = 'Try Again';
/** The harmless answer where the other one begins with “Cancel”. */
export const keepGoing = 'Keep Going';
export const cancel = 'Cancel';
export const close = 'Close';
export const copy = 'Copy';
export const couldNot = (what: string) => `Could not do this: ${what}`;
export const bridgeFailed = 'MLX Stack did not take the command.';
export const dismissOf = (title: string) => `Dismiss: ${title}`;
export const readFailed = 'The status cannot be read';
export const readFailedText = 'MLX Stack tries again every second.';
export const openHome = 'Open the MLX Stack Folder';
export const revealInFinder = 'Show in Finder';
export const useInStackOf = (name: string) => `Use in the Stack: ${name}`;
export const pages = (count: number) => counted(count, { one: 'page', other: 'pages' });
export const bits = (bits: string) => `${bits}-bit`;
export const ago = (duration: string) => `${duration} ago`;
