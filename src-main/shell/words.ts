/** The words of the native menus; the one file to translate for them. */

export const trayWords = {
  toolTip: (headline: string) => (headline.startsWith('MLX Stack') ? headline : `MLX Stack: ${headline}`),
  models: 'Models',
  port: (port: number) => `port ${port}`,
  memory: (part: string) => `about ${part} used`,
  readyOf: (ready: number, wanted: number) => `${ready} of ${wanted} ready`,
  stillServing: (host: string) => `still serving at ${host}`,
  moreProblems: (count: number) => (count === 1 ? 'and 1 more problem' : `and ${count} more problems`),
  noStackHint: 'Open MLX Stack to see what to do',
  showDetails: 'Show Details…',
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart',
  startOf: (name: string) => `Start ${name}`,
  stopOf: (name: string) => `Stop ${name}`,
  restartOf: (name: string) => `Restart ${name}`,
  copyModelName: 'Copy Model Name',
  copyModelNameHint: 'What an app puts in “model”',
  copyAddress: 'Copy Address',
  copyKey: 'Copy API Key',
  copied: 'Copied',
  openWindow: 'Open MLX Stack…',
  startEverything: 'Start Everything',
  stopEverything: 'Stop Everything',
  quit: 'Quit MLX Stack',
  /** While it already quits: servers that take their time are ended at once. */
  quitNow: 'Quit Now',
} as const;

export const menuWords = {
  app: 'MLX Stack',
  settingsFile: 'Settings File…',
  file: 'File',
  window: 'Window',
  quit: 'Quit MLX Stack',
} as const;
