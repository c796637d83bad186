/** Who may import whom (design of the rooms): each breach of a rule as one line. */
import type { Import, SourceFile } from './import-graph.ts';

/** Computing only: what they import as values is pure too, or one of `pureLibraries`. */
const pureFiles: readonly RegExp[] = [
  /^src-main\/contract\//,
  /^src-main\/planner\//,
  /^src-main\/hardware\/(chips|readings)\.ts$/,
  /^src-main\/catalogue\/parsers\.ts$/,
  /^src-main\/stack\/(child-environment|definition|engine-flags|gateway-config|kv-cache|memory|new-stack|ports|spec|stack-types|tier-arguments)\.ts$/,
  /^src-main\/status\/(cloud-summary|curl-sample|format|no-cloud|service-status|summary)\.ts$/,
  /^src-main\/supervisor\/(admission|policy|transitions)\.ts$/,
  /^src-main\/shell\/(mac-notices|tray-menu)\.ts$/,
  /^src-main\/words\//,
];
const pureLibraries: ReadonlySet<string> = new Set(['zod', 'yaml', 'node:path', 'node:crypto']);

/** Everything that imports electron. */
const electronFiles: readonly RegExp[] = [/^src-main\/shell\//, /^src-main\/(main|preload)\.ts$/];

/** The composition root, the one place that hands rooms to each other. */
const composition: readonly RegExp[] = [/^src-main\/app\.ts$/, /^src-main\/app\//];

/** Pure, without zod and small: the window says things with the same words and numbers as the menu. */
const sharedWithRenderer: ReadonlySet<string> = new Set([
  'src-main/contract/status-change.ts',
  'src-main/status/cloud-summary.ts',
  'src-main/status/curl-sample.ts',
  'src-main/status/format.ts',
  'src-main/status/summary.ts',
  'src-main/words/index.ts',
]);
/** Of all that the main process says, what the window says too. */
const sharedWords: ReadonlySet<string> = new Set(['statusWords']);

const wordsIndex = 'src-main/words/index.ts';
const wordsFolder = 'src-main/words/en/';

const isIn = (patterns: readonly RegExp[], file: string) => patterns.some((pattern) => pattern.test(file));
const isOwn = (target: string) => target.startsWith('src-main/') || target.startsWith('src-renderer/');
const isElectron = (target: string) => target === 'electron' || target.startsWith('electron/');

export function findBreaches(sources: readonly SourceFile[]): string[] {
  return [
    ...sources.flatMap((source) => source.imports.flatMap((each) => breachOf(source.file, each) ?? [])),
    ...sources.flatMap(({ file, imports }) => missingTargets(file, imports, sources)),
    ...sources.flatMap(wordsBreaches),
    ...onlyOneFile('execa', importersOf(sources, 'execa')),
    ...onlyOneFile('node:child_process', importersOf(sources, 'node:child_process')),
    ...onlyOneFile('keytar', importersOf(sources, 'keytar')),
    ...onlyOneFile('ipcMain', usersOf(sources, 'ipcMain')),
    ...onlyOneFile('shell.openExternal', callersOf(sources, 'shell.openExternal')),
  ];
}

function breachOf(file: string, { target, typeOnly, line }: Import): string | null {
  const say = (why: string) => `${file}:${line} imports ${target}: ${why}`;
  if (target === '(computed)') return say('an import must name what it imports');
  if (file.startsWith('src-renderer/')) return rendererBreach(target, typeOnly, say);
  if (target.startsWith('src-renderer/')) return say('nothing in src-main may know the window');
  if (target.startsWith('test/')) return say('the product never knows its tests');
  if (isElectron(target) && !isIn(electronFiles, file)) {
    return say('only shell/, main.ts and preload.ts may import electron');
  }
  if (file.startsWith('src-main/contract/') && target !== 'zod' && !target.startsWith('src-main/contract/')) {
    return say('the contract may import only zod and itself');
  }
  if (target.startsWith('src-main/shell/') && !isIn(electronFiles, file) && !isIn(composition, file)) {
    return say('only app.ts and app/ may import from shell/');
  }
  if (!typeOnly && isIn(pureFiles, file) && !isIn(pureFiles, target) && !pureLibraries.has(target)) {
    return say('a pure file may import values only from pure files');
  }
  return null;
}

function rendererBreach(target: string, typeOnly: boolean, say: (why: string) => string): string | null {
  if (isElectron(target) || target.startsWith('node:'))
    return say('the window has neither electron nor Node');
  if (target.startsWith('test/')) return say('the product never knows its tests');
  if (!target.startsWith('src-main/')) return null;
  if (sharedWithRenderer.has(target)) return null;
  if (!target.startsWith('src-main/contract/')) return say('the window may import only from the contract');
  return typeOnly ? null : say('the window may import only types from the contract');
}

/** Words are chosen in one place, know nothing of the rooms, and the window gets no more of them than it says. */
function wordsBreaches({ file, imports, names }: SourceFile): string[] {
  const isWords = file === wordsIndex || file.startsWith(wordsFolder);
  return [
    ...imports
      .filter(({ target }) => !isWords && target.startsWith(wordsFolder))
      .map(
        ({ target, line }) => `${file}:${line} imports ${target}: the language is chosen in ${wordsIndex}`,
      ),
    ...imports
      .filter(({ typeOnly }) => isWords && !typeOnly)
      .filter(({ target }) => !target.startsWith(wordsFolder))
      .map(
        ({ target, line }) => `${file}:${line} imports ${target}: words are words, without a room's logic`,
      ),
    ...names
      .filter(({ target, name }) => target === wordsIndex && !sharedWords.has(name))
      .filter(() => file.startsWith('src-renderer/'))
      .map(({ name, line }) => `${file}:${line} imports ${name}: the window does not say those words`),
  ];
}

/** A file that the rules cannot find would be outside them. */
function missingTargets(file: string, imports: readonly Import[], sources: readonly SourceFile[]): string[] {
  const known = new Set(sources.map((source) => source.file));
  return imports
    .filter(({ target }) => isOwn(target) && /\.tsx?$/.test(target) && !known.has(target))
    .map(({ target, line }) => `${file}:${line} imports ${target}, which does not exist`);
}

const importersOf = (sources: readonly SourceFile[], target: string) =>
  sources.filter(({ imports }) => imports.some((each) => each.target === target)).map(({ file }) => file);

const usersOf = (sources: readonly SourceFile[], name: string) =>
  sources
    .filter(({ names }) => names.some((each) => isElectron(each.target) && each.name === name))
    .map(({ file }) => file);

const callersOf = (sources: readonly SourceFile[], text: string) =>
  sources.filter(({ members }) => members.some((each) => each.text === text)).map(({ file }) => file);

function onlyOneFile(what: string, files: readonly string[]): string[] {
  return files.length < 2 ? [] : [`${what} is used by ${files.join(' and ')}: it has one door`];
}
