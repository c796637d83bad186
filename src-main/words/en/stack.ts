/** The stack file, its models and the programs that run them. */

/** What a value must be: the end of “must be …”. */
export const textOfAtMost = (max: number) => `text of at most ${max} characters`;
export const tierName = 'a-z, 0-9 and “-”, at most 32 characters, beginning with a letter or digit';
export const anotherName = (taken: string) => `another name: ${taken} are taken`;
export const source =
  'a Hugging Face repository such as mlx-community/Qwen3.5-9B-4bit, or the full path of a folder';
export const port = (max: number) => `a whole number from 1 to ${max}`;
export const flagValue = (max: number) => `text, a number, true or false, of at most ${max} characters`;
export const contextTokens = `a whole number of tokens, at least 256`;
export const optionLines = 'lines of the form “option: value”';
export const tier = 'a tier: lines of the form “key: value”';
export const tiers = (max: number) => `a list of 1 to ${max} tiers`;
export const providerAndModels = 'a provider and a list of its models';

/** Mistakes in the file. */
export const setUpAnew =
  'Set the models up anew in MLX Stack, or write “schema_version: 1” if it is such a file.';
export const fileEmpty = 'the file is empty.';
export const versionMissing = 'schema_version is missing.';
export const somethingElse = 'something else';
export const versionOther = (version: string, ours: number) =>
  `schema_version is ${version}, but this app reads version ${ours}.`;
export const correctLine = 'Correct the line; until then the last good stack stays in force.';
export const twoTiersOfName = (name: string) => `there are two tiers with the name “${name}”.`;
export const renameOne = 'Rename one of them.';
export const portTakenByTier = (port: number, tier: string) =>
  `port ${port} is taken by the tier “${tier}” already.`;
export const ownPortEach = 'Give each tier its own port.';
export const tooManyOptions = (max: number) => `there are more than ${max} options.`;
export const optionNameForm =
  'the name of an option consists of a-z, 0-9, “_” and “-”, and begins with a letter.';
export const optionThereTwice = (option: string) => `the option “${option}” is there twice.`;
export const optionNotSetHere = (option: string, why: string) =>
  `the option “${option}” cannot be set here: ${why}.`;
export const unknownKeyKept = (key: string) =>
  `${key} is not a key that MLX Stack knows; it is kept but has no effect.`;
export const unreadable = (file: string) => `${file} cannot be read.`;
export const fileGone = (file: string) =>
  `${file} is gone; the stack that it described stays in force until the app quits.`;
export const putFileBack = 'Put the file back, or set up a new stack.';

/** Why an option is not the file’s to set. */
export const modelFromSource = 'the model comes from “source”';
export const oneModelEach = 'each tier serves one model';
export const clientsUseTierName = 'clients use the name of the tier';
export const onlyOnThisMac = 'servers listen on 127.0.0.1 only';
export const portFromPort = 'the port is set with “port”';
export const argumentsAreVisible =
  'arguments are visible to every program on this Mac; the gateway asks for the key';
export const neverOnline = 'servers never go online';
export const wouldRunModelsPrograms = 'it would run programs that come with a model';
export const wouldRunOtherPrograms = 'it would let the server run other programs';
export const wouldEndServer = 'it would end the server at once';

/** What kept a tier or an option out. */
export const gateway = 'Gateway';
export const anotherPort = 'another port';
export const thatPort = (port: number) => `port ${port}`;
export const portIsGateways = (tier: string, port: number) =>
  `The tier “${tier}” has port ${port}, which is the gateway's.`;
export const giveTierPort = (port: string) =>
  `Give the tier ${port} in the stack file, or change litellm-port in config.yaml.`;
export const engineLacksOption = (options: string, tier: string) =>
  `The installed vllm-mlx does not know ${options}: the tier “${tier}” runs without.`;
export const updateOrRemove = 'Update vllm-mlx, or remove it from the stack file.';

/** Programs that are not used. */
export const doesNotExist = 'does not exist';
export const configuredPathWrong = (program: string, path: string, why: string) =>
  `${program}-path in config.yaml names ${path}, which ${why}.`;
export const correctPath = 'Correct the path, or remove the line to let MLX Stack look for the program.';
export const isNotAFile = 'is not a file';
export const liesInFolderThat = 'lies in a folder that ';
export const mayNotBeExecuted = 'may not be executed';
export const changedByEveryone = 'can be changed by every user of this Mac';
export const changedByGroup = 'can be changed by a group of users';
export const belongsToAnother = 'belongs to another user of this Mac';
export const isNotUsed = (path: string, why: string) => ` ${path} ${why} and is not used.`;
export const notUsedUnlessChosen = (path: string, why: string, found: string) =>
  `${path} ${why}, and is not used unless you choose it.${found}`;
export const installOwnOrUseFound = 'Let MLX Stack install its own, or use the one found.';
export const engineNotFound = (program: string, found: string) => `${program} was not found.${found}`;
export const installOrSetPath = (program: string) =>
  `Let MLX Stack install it, or set ${program}-path in config.yaml.`;
export const toolNotFound = (program: string) => `${program} was not found.`;
export const installYourselfOrSetPath = (program: string) =>
  `Install it, or set ${program}-path in config.yaml.`;

/** What a model’s folder lacks. */
export const downloadNotFinished = 'a download is not finished';
export const configDamaged = 'config.json is damaged';
export const configMissing = 'config.json is missing';
export const weightsMissing = 'the weights are missing';
export const weightFileEmpty = 'a weight file is empty';
export const weightIndexMissing = 'the index of the weight files is missing';
export const weightIndexDamaged = 'the index of the weight files is damaged';
export const weightFilesMissing = (missing: number, files: number) =>
  `${missing} of ${files} weight files are missing`;
export const weightFileCutOff = 'a weight file is cut off';

/** The first lines of files that the app writes. */
export const gatewayConfigHeader = `# Generated by MLX Stack from the stack file; changes made here are overwritten.
# Holds no secret: keys come from the environment, and the one for the cloud never gets here.
`;
export const stackFileHeader = '# MLX Stack: one tier per model. Changes made here are taken up at once.\n';
export const liesOutsideOfEngines = 'lies outside of the folder of the engines';
