/** The engines and uv, in the setup and in the settings. */
export const title = 'Engines';
export const uv = 'uv';
export const text =
  'The programs that run the models. MLX Stack keeps its own in its own folder and never touches others.';
export const ready = (version: string) => `${version}, installed`;
export const readyAny = 'installed';
export const will = (version: string) => `${version} will be installed`;
export const absent = 'not installed';
export const looking = 'looking for it…';
export const refused = 'not usable as it is';
export const unknownVersion = 'version unknown';
export const foundIn = (version: string, folder: string) => `${version}, found in ${folder}`;
export const chosenIn = (version: string, folder: string) => `${version}, chosen, in ${folder}`;
export const unchosen = 'not in use';
export const recommended = (version: string) => `${version} is recommended`;
export const uvFound = (version: string) => `${version}, found`;
export const uvFoundAny = 'found';
export const uvMissing = 'missing';
export const uvText =
  'uv installs the engines. Its official installer is this command; MLX Stack runs it only when you click.';
export const installUv = 'Install uv';
export const forgetUvPath = 'Remove This Path';
export const install = (version: string) => `Install ${version}`;
export const installBoth = 'Install Both';
export const update = (version: string) => `Update to ${version}`;
export const goBack = (version: string) => `Go Back to ${version}`;
export const useFound = 'Use the One Found';
export const installInstead = (version: string) => `Install ${version} Instead`;
export const of = (label: string, name: string) => `${label}: ${name}`;
export const lookAgain = 'Look Again';
export const cancel = 'Cancel Installation';
