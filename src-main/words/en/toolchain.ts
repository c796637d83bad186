/** Installing, updating and going back to engines. */

/** What is being done. */
export const preparingPython = (version: string, engine: string) =>
  `Preparing Python ${version} for ${engine}`;
export const downloadingPython = (version: string, engine: string) =>
  `Downloading Python ${version} for ${engine}`;
export const lookingForPackages = (engine: string, version: string) =>
  `Looking for the packages of ${engine} ${version}`;
export const downloadingPackagesOf = (count: number, engine: string) =>
  `Downloading ${count} packages for ${engine}`;
export const downloadingPackages = (engine: string) => `Downloading the packages of ${engine}`;
export const packageSize = (name: string, megabytes: number) => `${name} (${megabytes} MB)`;
export const downloadingFor = (engine: string, packages: string) => `Downloading for ${engine}: ${packages}`;
export const installingPackages = (engine: string, count: number) =>
  `Installing ${engine}: ${count} packages`;
export const checking = (engine: string, version: string) => `Checking ${engine} ${version}`;
export const switchingTo = (engine: string, version: string) => `Switching to ${engine} ${version}`;
export const gettingReady = 'Getting ready';

/** Why it was not done. */
export const cancelled = 'The installation was cancelled. What was in use still is.';
export const needsRoom = (engine: string, needed: string, free: string) =>
  `${engine} needs ${needed} of room while it is installed; ${free} are free.`;
export const couldNotInstall = (engine: string) => `${engine} could not be installed`;
export const tookTooLong = (doing: string) => `${doing}: it took too long and was ended.`;
export const tryAgainAllIsKept = 'Try again; what was downloaded is kept.';
export const uvNotStarted = (doing: string) => `${doing}: uv could not be started.`;
export const installUvAgain = 'Install uv again.';
export const noVersion = '(none)';
export const uvChoseAnother = (engine: string, chosen: string, wanted: string) =>
  `uv chose ${engine} ${chosen} instead of ${wanted}.`;
export const wouldBring = (engine: string, other: string, version: string, reason: string) =>
  `${engine} was not installed: it would bring ${other} ${version}, and ${reason}.`;
export const updateApp = 'Update MLX Stack, then try again.';
export const unexpectedStartFile = (engine: string, file: string) =>
  `${engine} was not installed: ${file} would run whenever Python starts, and nothing says why.`;
export const hidSoOnce =
  'This is how a stolen release once hid itself. Do not install this version by other means.';
export const notInstalled = (engine: string, why: string) => `${engine} was not installed: ${why}.`;
export const oldStaysInUse = (engine: string, why: string) =>
  `${engine} was installed, but ${why}. The old one stays in use.`;
export const underWay = 'An installation is under way already.';
export const waitOrCancel = 'Wait for it, or cancel it.';
export const noUv = 'uv, which installs the engines, was not found on this Mac.';
export const letItInstallUv = 'Let MLX Stack install it, or install it yourself, then try again.';
export const mustNotRun = (engine: string, version: string, reason: string) =>
  `${engine} ${version} must not run: ${reason}.`;
export const uvNotInstalled = (said: string) =>
  `uv could not be installed.${said === '' ? '' : ` The installer said: ${said}`}`;
export const checkConnectionOrTerminal =
  'Check the connection to the internet, or run the command in Terminal.';
export const ownInUse = 'The engine in use is the one that MLX Stack installed.';
export const nothingToGoBackTo = 'There is no earlier version on this Mac to go back to.';
export const diskFull = (doing: string) => `${doing}: the disk is full.`;
export const hashMismatch = (doing: string) =>
  `${doing}: a downloaded package is not the one that was announced. It was thrown away.`;
export const somethingChangesDownloads =
  'Try again later. If it happens again, something between this Mac and the package index changes what you download.';
export const noSolution = (doing: string, cause: string) =>
  `${doing}: no set of packages fits together. ${cause}`;
export const noIndex = (doing: string) => `${doing}: the package index could not be reached.`;
export const checkConnection =
  'Check the connection to the internet, then try again. What was downloaded is kept.';
export const unknownOption = (doing: string, cause: string) =>
  `${doing}: uv does not know an option. ${cause}`;
export const updateUv = 'Update uv.';
export const wasEnded = 'was ended';
export const endedWithCode = (code: number) => `ended with exit code ${code}`;
export const uvFailed = (doing: string, how: string, cause: string) => `${doing}: uv ${how}. ${cause}`;
export const itSaid = (line: string) => `It said: ${line}`;

/** Completes “… was installed, but …” and “… was not installed: …”. */
export const noPackageFolder = 'there is no folder with its packages';
export const installedNotListed = (name: string) => `${name} is installed but not in the list`;
export const listedNotInstalled = (name: string) => `${name} is in the list but not installed`;
export const noProgram = 'it has no program of that name';
export const doesNotAnswer = 'it does not answer';
export const doesNotStart = 'it does not start';
export const doesNotStartSaying = (line: string) => `it does not start (${line})`;
export const lacksOption = (option: string) => `it has no option --${option}`;

/** The list of packages. */
export const lockUnusable = (why: string) => `The list of packages that uv made cannot be used: ${why}.`;
export const updateUvAndTry = 'Update uv, then try again.';
export const lockTooLarge = 'it is too large';
export const lockHasLine = (line: string) => `it has the line “${line}”`;
export const noChecksum = (name: string) => `${name} has no SHA-256`;
export const packageTwice = (name: string) => `${name} is there twice`;
export const tooManyPackages = 'it has too many packages';
export const lockEmpty = 'it is empty';

/** The versions that come with the app, and those that must not run. */
export const pinsMissing = 'engines.yaml is not there.';
export const pinsNotYaml = 'engines.yaml is no YAML.';
export const pinsUnexpected = (where: string) => `engines.yaml has an unexpected value at “${where}”.`;
export const pinsDenied = (engine: string) => `engines.yaml pins a denied ${engine}.`;
export const installAppAgain = 'It comes with MLX Stack: install MLX Stack again.';
export const versionUnreadable = 'its version cannot be read';
export const cannotBeCompared = 'cannot be compared with the releases that must not run';
export const showsNoRelease = (engine: string) =>
  `does not show which release of ${engine} it starts, and some must not run`;
export const mustNotRunAs = (engine: string, version: string, reason: string) =>
  `is ${engine} ${version}, which must not run (${reason})`;
export const showsNoVersion = (engine: string, pinned: string) =>
  `does not show which version of ${engine} it is, while MLX Stack is made for ${pinned}`;
export const notInstalledByApp = (engine: string, pinned: string) =>
  `is ${engine} ${pinned}, which MLX Stack has not installed`;
export const isOtherVersion = (engine: string, version: string, pinned: string) =>
  `is ${engine} ${version}, while MLX Stack is made for ${pinned}`;
