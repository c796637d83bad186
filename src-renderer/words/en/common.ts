/** What several views say, and the window around them. */
import { counted } from '../format.ts';

export const commonWords = {
  views: {
    overview: 'Overview',
    models: 'Models',
    cloud: 'Cloud',
    logs: 'Logs',
    settings: 'Settings',
    setup: 'Set Up',
  },
  sidebar: 'Views',
  version: (version: string) => `Version ${version}`,

  again: 'Try Again',
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  couldNot: (what: string) => `Could not do this: ${what}`,
  bridgeFailed: 'MLX Stack did not take the command.',
  dismissOf: (title: string) => `Dismiss: ${title}`,
  readFailed: 'The status cannot be read',
  readFailedText: 'MLX Stack tries again every second.',
  openHome: 'Open the MLX Stack Folder',
  revealInFinder: 'Show in Finder',
  useInStackOf: (name: string) => `Use in the Stack: ${name}`,
  pages: (count: number) => counted(count, { one: 'page', other: 'pages' }),
  bits: (bits: string) => `${bits}-bit`,
  ago: (duration: string) => `${duration} ago`,
} as const;
