/** Menus, dialogs, banners about the Mac, and what of it cannot be done. */
/** The menu of the icon. */
export const tray = {
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
  remedyFor: (label: string, name: string) => `${label}, for ${name}`,
  startOf: (name: string) => `Start ${name}`,
  stopOf: (name: string) => `Stop ${name}`,
  restartOf: (name: string) => `Restart ${name}`,
  cloud: 'Cloud',
  localOnly: 'Local only',
  localOnlyHint: 'Send nothing to the cloud',
  openCloud: 'Open Cloud…',
  copyModelName: 'Copy Model Name',
  copyModelNameHint: 'What an app puts in “model”',
  copyAddress: 'Copy Address',
  copyKey: 'Copy API Key',
  copied: 'Copied',
  showLogs: 'Show Logs…',
  openWindow: 'Open MLX Stack…',
  startEverything: 'Start Everything',
  stopEverything: 'Stop Everything',
  modelsInBar: (ready: number, wanted: number) => `${ready}/${wanted}`,
  speedInBar: (tokensPerSecond: number) => `${tokensPerSecond} tok/s`,
  settings: 'Settings',
  startAtLogin: 'Start at Login',
  waitsForApproval: 'Waits for your approval in System Settings',
  keepAwake: 'Keep Mac Awake While Serving',
  keepsAwakeNow: 'The Mac stays awake while requests run',
  allSettings: 'All Settings…',
  about: 'About MLX Stack',
  restartToUpdate: (version: string) => `Restart to Update to ${version}…`,
  onBattery: 'On battery',
  thermal: {
    serious: 'Slowed down: the Mac is hot',
    critical: 'Slowed down a lot: the Mac is too hot',
  },
  quit: 'Quit MLX Stack',
  /** While it already quits: servers that take their time are ended at once. */
  quitNow: 'Quit Now',
} as const;

/** Asked in a dialog when the user quits, or restarts for an update, while requests run. */
export const quit = {
  running: (requests: number) =>
    requests === 1 ? 'A request is running.' : `${requests} requests are running.`,
  cancel: 'Cancel',
  quit: {
    detail: 'Quitting stops the models. Apps that wait for an answer get an error.',
    finish: 'Quit When Finished',
    now: 'Quit Now',
    waitingTitle: 'Quits when its requests are finished',
  },
  update: {
    detail: 'Restarting stops the models for a moment. Apps that wait for an answer get an error.',
    finish: 'Restart When Finished',
    now: 'Restart Now',
    waitingTitle: 'Restarts for the update when its requests are finished',
  },
  keepRunning: 'Keep Running',
  waiting: (requests: number) =>
    `${requests === 1 ? 'One request is' : `${requests} requests are`} still running. Quit again to stop ${requests === 1 ? 'it' : 'them'} now.`,
} as const;

/** Of an update that is downloaded and verified. */
export const update = {
  title: (version: string) => `MLX Stack ${version} is ready`,
  message: 'It is installed when the app restarts. The models start again by themselves, as they are now.',
  restart: 'Restart to Update',
} as const;

/** Above the list of macOS's own dialogs. */
export const dialog = {
  'model-dir': 'Choose the folder for models.',
  'vllm-mlx-path': 'Choose the program vllm-mlx.',
  'litellm-path': 'Choose the program litellm.',
  'uv-path': 'Choose the program uv.',
} as const;

/** Banners about the Mac. */
export const notice = {
  watchdogTitle: 'The command-line version also watches the servers',
  watchdog:
    'Its watchdog starts at login and restarts servers by itself, so the two would work against each other. Your models and settings stay as they are.',
  watchdogRemove: 'Remove Watchdog',
  pointerTitle: 'MLX Stack lives in the menu bar',
  pointer:
    'Its icon, a stack of layers, is at the top right of your screen. It shows whether your models answer, and starts and stops them. Closing this window stops nothing.',
  iconHiddenTitle: 'The menu-bar icon is hidden',
  iconHidden:
    'macOS does not show it: it is switched off in System Settings, or there is no room for it in the menu bar. Opening MLX Stack again always brings up this window.',
  iconShow: 'Open Menu Bar Settings',
  memoryWarningTitle: 'This Mac is short of memory',
  memoryCriticalTitle: 'This Mac has almost no memory left',
  memory: (name: string, size: string) =>
    `Everything on it slows down, the models too. ${name} is the largest that runs, with about ${size}.`,
  stopLargest: (name: string) => `Stop ${name}`,
} as const;

export const menu = {
  app: 'MLX Stack',
  settings: 'Settings…',
  file: 'File',
  window: 'Window',
  quit: 'Quit MLX Stack',
} as const;

/** The button of macOS’s own dialogs. */
export const choose = 'Choose';

/** Commands of the window that are not taken. */
export const inputNotUnderstood = 'The window sent something that MLX Stack does not understand.';
export const commandUnknown = 'The window asked for something that MLX Stack does not know.';
export const cannotBeOpened = (place: string) => `${place} cannot be opened.`;
export const startAgainForFolders = 'Start MLX Stack again: it makes its folders anew.';
export const setDefaultBrowser = 'Set a default browser in System Settings, then try again.';
export const noSystemSettings = 'System Settings could not be opened.';
export const openSystemSettingsYourself = 'Open it yourself from the Apple menu.';

/** Start at login. */
export const loginNotPackaged = 'A development build cannot start at login.';
export const buildAndMove = 'Build the app and put it into the Applications folder.';
export const loginNotInApplications = 'MLX Stack starts at login only from the Applications folder.';
export const moveAndOpenFromThere = 'Quit it, move it there and open it from there.';
export const loginNeedsApproval = 'macOS asks for your approval before MLX Stack may start at login.';
export const allowInSettings = 'Allow it in System Settings under General, Login Items.';
export const loginRefused = 'macOS did not take MLX Stack into the login items.';
export const addInSettings = 'Add it yourself in System Settings under General, Login Items.';
export const loginNotRemoved = 'macOS did not take MLX Stack out of the login items.';
export const removeInSettings = 'Remove it yourself in System Settings under General, Login Items.';

/** Updates. */
export const updatesNotItself = 'This copy of MLX Stack does not update itself.';
export const moveOrInstallRelease =
  'Move it to the Applications folder, or install a release from the project’s page.';
export const noUpdateYet = 'There is no update to install yet.';
export const checkFirst = 'Check for one first.';
export const versionGoesOn =
  'This version goes on working. MLX Stack tries again tomorrow, or when you check.';
export const releasesNotReached = 'The page of releases cannot be reached.';
export const noRelease = 'No release could be found.';
export const updateDamaged = 'The download was damaged and has been thrown away.';
export const checkAgain = 'Check again; this version goes on working.';
export const updateNotSigned = 'The download is not signed by the makers of this app, and is not installed.';
export const pleaseReport = 'This version goes on working. Please report it.';
export const placeNotWritable = 'MLX Stack runs from a place that cannot be written.';
export const moveAndCheckAgain =
  'Move it to the Applications folder in the Finder, open it from there and check again.';
export const diskTooFull = 'The disk is too full for the update.';
export const freeAndCheckAgain = 'Free 500 MB and check again.';
export const updateNotDownloaded = 'The update could not be downloaded.';

/** The watchdog of the command-line version. */
export const watchdogNotThere = 'The watchdog of the command-line version is no longer installed.';
export const watchdogNotAsked = 'macOS could not be asked to stop the watchdog of the command-line version.';
export const uninstallInTerminal = 'Run “mlx-stack uninstall” in the Terminal.';
export const watchdogStillLoaded = 'macOS did not let go of the watchdog of the command-line version.';
export const watchdogFileLeft = (reason: string) =>
  `The watchdog of the command-line version is stopped, but its file could not be removed: ${reason}.`;
export const removeFileInFinder = 'It comes back at the next login. Remove the file in the Finder.';
