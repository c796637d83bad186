/** Files and folders that cannot be used as they are, and mistakes in those that a person writes. */
import type { FileAction } from '../../files/file-problems.ts';

const done: Readonly<Record<FileAction, string>> = {
  read: 'read',
  written: 'written',
  checked: 'checked',
  moved: 'moved',
  deleted: 'deleted',
};
const failed = (name: string, action: FileAction) => `${name} could not be ${done[action]}`;

export const diskFull = (name: string, action: FileAction) => `${failed(name, action)}: the disk is full.`;
export const diskReadOnly = (name: string, action: FileAction) =>
  `${failed(name, action)}: the disk is read-only.`;
export const accessDenied = (name: string, action: FileAction) =>
  `${failed(name, action)}: the system denies access to it or to its folder.`;
export const tooManyOpen = (name: string, action: FileAction) =>
  `${failed(name, action)}: too many files are open.`;
export const pathTooLong = (name: string, action: FileAction) =>
  `${failed(name, action)}: its path is too long.`;
export const pathNotAsItShould = (name: string, action: FileAction) =>
  `${failed(name, action)}: something in its path is not what it should be, a file or a folder.`;
export const systemReports = (name: string, action: FileAction, code: string) =>
  `${failed(name, action)}: the system reports ${code}.`;
export const moveToWritableDisk = 'Move the data folder to a writable disk.';
export const giveYourselfAccess = 'In the Finder, choose Get Info and give yourself Read & Write.';
export const quitOtherApps = 'Quit other apps, then try again.';
export const chooseShorterPath = 'Choose a data folder with a shorter path.';
export const moveItAway = 'Move it away.';
export const checkDisk = 'Check the disk with Disk Utility.';

export const isLink = (name: string) =>
  `${name} is a symbolic link. MLX Stack never reads or writes through links in its data folder.`;
export const putRealOne = 'Put the real file or folder in its place.';
export const makeItYours = 'Remove it, or make it yours with “sudo chown $USER” in Terminal.';
const kinds = { file: 'file', folder: 'folder' };
export const notRegular = (name: string, wanted: keyof typeof kinds) =>
  `${name} is not a regular ${kinds[wanted]}.`;
export const kilobytes = (count: number) => `${count} KB`;
export const bytes = (count: number) => `${count} bytes`;
export const largerThan = (name: string, limit: string) => `${name} is larger than ${limit}.`;
export const cannotBeWhatItClaims = 'It cannot be what it claims to be: move it away.';
export const outsideHome = (name: string) => `${name} is not inside the data folder.`;
export const notText = (name: string) => `${name} is not a text file (UTF-8).`;
export const saveAsText = 'Move it away, or save it as UTF-8 text.';

/** The data folder when the app starts. */
export const dataFolder = (folder: string) => `The data folder ${folder}`;
export const hadPermissions = (name: string, before: string, now: string) =>
  `${name} had the permissions ${before}; it now has ${now}.`;
export const setModelDir = 'Set model-dir in config.yaml to the real folder instead.';
export const hadToBeEmpty = (name: string, removed: number) =>
  `${name} must be empty; ${removed === 1 ? 'one entry was' : `${removed} entries were`} removed.`;
export const couldNotBeEmptied = (name: string) => `${name} could not be emptied.`;
export const emptyIt = 'Remove what is in it.';

/** Mistakes in a text, and where they are. */
export const atPlace = (file: string, line: number, column: number) =>
  `${file}, line ${line}, column ${column}`;
export const mistakeAt = (place: string, sentence: string) => `${place}: ${sentence}`;
export const notJson = (file: string, line: number, column: number) =>
  `${file}, line ${line}, column ${column}: this is not valid JSON.`;
export const unexpectedValue = (file: string, where: string | undefined) =>
  `${file} has an unexpected value${where ? ` at “${where}”` : ''}.`;
export const keptAsItIs = 'It is kept as it is until you change something; then it is set aside.';
export const notEditable = (file: string) =>
  `${file} is written in a way that cannot be changed safely from here.`;
export const changeInEditor = 'Change it in a text editor.';
export const notYaml = 'this cannot be read as YAML.';
export const notKeyValueLines = 'the file must consist of lines of the form “key: value”.';
export const tooLarge = (kilobytes: number) => `the file is larger than ${kilobytes} KB.`;
export const controlCharacter = 'there is a control character here; this is not text.';
export const tooDeep = 'there are too many brackets or levels here.';
export const aliasUsed = 'aliases (“*name”) are not used here; write the value itself, or put it in quotes.';
export const anchorUsed = 'anchors (“&name”) are not used here; remove it, or put the value in quotes.';
export const tagUsed = 'tags (“!name”) are not used here.';
export const keyNotOneWord = 'a key must be one word.';
export const thisKey = 'this key';
export const isThereTwice = (name: string) => `${name} is there twice.`;
export const removeOneOfTwo = 'Remove one of the two lines.';
export const tabInIndentation = 'there is a tab in the indentation.';
export const indentWithSpaces = 'Indent with spaces.';
export const indentationDoesNotFit = 'the indentation does not fit the lines above.';
export const sameColumn = 'Keys of one level start in one column.';
export const somethingNotClosed = 'a closing quote, a closing bracket or a colon is missing.';
export const closeWhatYouOpen = 'Write “key: value”, and close what you open.';
export const secondValueInside = 'there is a second “: ” or a list inside this value.';
export const putInQuotes = 'Put the value in quotes.';
export const keyNotUsable = 'this is not a key that can be used.';
export const writeOnOneLine = 'Write “key: value” on one line.';
export const cannotBeginSo = 'a value cannot begin with this character.';
export const unknownEscape = 'there is a backslash sequence that YAML does not know.';
export const useSingleQuotes = 'Use single quotes instead of double quotes.';
export const secondDocument = 'a second document begins here.';
export const removeSecondDocument = 'Remove the line “---” and all that does not belong.';
export const keyThereTwice = 'this key is there twice.';
export const anchorsUsed = 'anchors and aliases (“&name”, “*name”) are not used here.';
export const directiveUsed = 'lines that begin with “%” are not used here.';
export const doesNotBelong = 'this does not belong here.';
export const onePerLine = 'Write “key: value”, one per line.';
