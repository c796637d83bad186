/**
 * What the window says stands in `src-renderer/words/` alone, and what the main process says in `src-main/words/`: each
 * text elsewhere that a person would see or hear, as one line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'vite';

const windowFolder = 'src-renderer/';
const mainFolder = 'src-main/';
const wordsFolderOf = (file: string): string =>
  `${file.startsWith(mainFolder) ? mainFolder : windowFolder}words/`;

/** Attributes and properties whose text the window shows or reads out. */
const spoken: ReadonlySet<string> = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'confirm',
  'done',
  'label',
  'note',
  'placeholder',
  'question',
  'text',
  'title',
]);

/** Properties whose text goes to a person, by whichever way. */
const spokenByMain: ReadonlySet<string> = new Set([
  'body',
  'detail',
  'expected',
  'headline',
  'hint',
  'label',
  'message',
  'note',
  'question',
  'reason',
  'sentence',
  'text',
  'title',
  'toolTip',
  'words',
]);

/** The app's own name, the same in every language. */
const appName = 'MLX Stack';

/** Of the main process, and for no person: what a machine prints, is told or stores, and lines of the logs. By file. */
const machineTexts: Readonly<Record<string, readonly string[]>> = {
  'src-main/app.ts': [
    'letting go of the Mac',
    'stopping the servers',
    'writing the logs',
    'Uncaught exception',
    'Unhandled rejection',
  ],
  'src-main/catalogue/hub-problems.ts': ['Access to this resource is disabled', 'Invalid credentials'],
  'src-main/catalogue/hub.ts': ['Bearer'],
  'src-main/cloud/answer.ts': ['text/event-stream; charset=utf-8', 'no-cache, no-store'],
  'src-main/cloud/relay.ts': ['content-type: application/json', 'connection: close'],
  'src-main/cloud/sign-in-page.ts': [
    'body{font:16px/1.5 -apple-system,system-ui,sans-serif;max-width:32em;margin:20vh auto;padding:0 2em;color-scheme:light dark}h1{font-size:1.25em}',
    'text/html; charset=utf-8',
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>MLX Stack</title><style>',
  ],
  'src-main/cloud/upstream.ts': ['Bearer'],
  'src-main/files/watched-document.ts': ['text', 'refused'],
  'src-main/hardware/chips.ts': ['Pro', 'Max', 'Ultra'],
  'src-main/hardware/readings.ts': [
    'Pages',
    'wired down',
    'Pages occupied by compressor',
    'Pages purgeable',
    'File-backed pages',
  ],
  'src-main/logs/app-log.ts': [
    '[withheld: this line could not be redacted]',
    'The app log could not redact a line:',
  ],
  'src-main/logs/fold.ts': ['more'],
  'src-main/logs/kernel/kernel.ts': ['Module', 'Instance'],
  'src-main/logs/reader/reader.ts': ['time is up'],
  'src-main/logs/writer.ts': ['app', 'before this could not be written'],
  'src-main/models/connections.ts': [
    'GET',
    'HTTP/1.1',
    'the connection was closed',
    'the connection was not made in time',
    'the answer is not HTTP/1.1',
  ],
  'src-main/models/file-source.ts': ['Bearer', 'bytes'],
  'src-main/models/hashing/begin-hash.ts': ['blob'],
  'src-main/setup/answer.ts': ['Bearer'],
  'src-main/shell/assets.ts': [
    'text/html; charset=utf-8',
    'text/javascript; charset=utf-8',
    'text/css; charset=utf-8',
    'GET, HEAD',
    '<script type="application/json" id="status">',
  ],
  'src-main/shell/guards.ts': ['to navigate', 'to navigate a frame', 'to redirect'],
  'src-main/shell/ipc.ts': ['The event', 'has an unexpected value at “', '” and is not sent'],
  'src-main/shell/quit.ts': ['was still not done and is left behind'],
  'src-main/shell/watchdog-agent.ts': ['Library'],
  'src-main/stack/child-environment.ts': ['True'],
  'src-main/stack/executables.ts': ['echo', '; /usr/bin/printenv PATH; echo'],
  'src-main/status/alerts.ts': ['recovery', 'failure'],
  'src-main/status/curl-sample.ts': [
    'curl',
    '-H "Authorization: Bearer $MLX_STACK_KEY"',
    '-H "Content-Type: application/json"',
  ],
  'src-main/status/format.ts': ['GB', 'KB', 'MB'],
  'src-main/supervisor/child.ts': ['exec 3<&0 </dev/null'],
  'src-main/supervisor/probes.ts': ['Hi'],
  'src-main/supervisor/process-table.ts': ['UTC'],
  'src-main/supervisor/service.ts': ['Uvicorn running on'],
  'src-main/toolchain/site-packages.ts': [
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack');",
  ],
  'src-main/toolchain/uv.ts': ['curl -LsSf https://astral.sh/uv/install.sh | env UV_NO_MODIFY_PATH=1 sh'],
};

/** Letters of any script; signs, numbers and separators are no words. */
const hasWord = (text: string): boolean => /\p{L}{2}/u.test(text);
/** Two words after each other with a capital at the beginning: no class, id, key or address looks like that. */
const isSentence = (text: string): boolean => /^\s*\p{Lu}\p{L}*['’]?\p{L}* \p{L}/u.test(text);

/** Two words after each other, wherever in a text. */
const isPhrase = (text: string): boolean => /\p{L}{2,}[,;:]? \p{L}{2,}/u.test(text);
/** A word beside a value, as in “3 models”. */
const isBesideValue = (text: string): boolean => /^\s\p{L}{2,}|\p{L}{2,}\s$/u.test(text);
/** One word as a person writes it: a name of a header, a key or a constant has more or other signs. */
const isCapitalised = (text: string): boolean => /^\p{Lu}\p{Ll}+[.…!?]?$/u.test(text);
/** A code, an id, a key. */
const isCode = (text: string): boolean => /^[a-z0-9]+(?:[-.:/_][a-z0-9]+)*$/.test(text);

/** Where the text of a node is to be looked for further, by the node's type. */
const ways: Readonly<Record<string, readonly string[]>> = {
  JSXExpressionContainer: ['expression'],
  TemplateLiteral: ['quasis'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['left', 'right'],
  BinaryExpression: ['left', 'right'],
  ArrayExpression: ['elements'],
};

function textOf(node: object): string | null {
  const type: unknown = Reflect.get(node, 'type');
  const value: unknown = Reflect.get(node, 'value');
  if (type === 'TemplateElement') return String(Reflect.get(Object(value), 'cooked'));
  return (type === 'JSXText' || type === 'Literal') && typeof value === 'string' ? value : null;
}

/** For whoever reads the log or mends the program, not for whoever uses it. */
const isForDevelopers = (callee: string): boolean =>
  /(?:^|[.?])(?:log|\w+Log)(?:\??\.(?:error|info|note|warn))?$|^assertNever$/.test(callee);

interface Source {
  readonly file: string;
  readonly text: string;
  readonly program: ReturnType<typeof parseSync>['program'];
}

/** What is said where, by the place of its first letter. */
type Found = Map<number, string>;

/** Also of a file that is not there, for a test. */
export function looseWordsOf(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const find = file.startsWith(mainFolder) ? findInMain : findInWindow;
  return [...find({ file, text, program })]
    .sort(([a], [b]) => a - b)
    .map(
      ([start, said]) => `${file}:${lineAt(start)} says “${said.trim()}” outside of ${wordsFolderOf(file)}`,
    );
}

/** Texts of an expression that end up in what it gives, whichever way it goes. */
function look(node: unknown, see: (start: number, said: string) => void): void {
  if (typeof node !== 'object' || node === null || !('type' in node)) return;
  const said = textOf(node);
  if (said !== null && hasWord(said)) see(Number(Reflect.get(node, 'start')), said);
  if ('operator' in node && node.operator !== '+' && node.type === 'BinaryExpression') return;
  for (const key of ways[String(node.type)] ?? []) {
    const next: unknown = Reflect.get(node, key);
    for (const each of Array.isArray(next) ? next : [next]) look(each, see);
  }
}

const nameOfKey = (key: {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
}): string =>
  key.type === 'Identifier' ? String(key.name) : key.type === 'Literal' ? String(key.value) : '';

function findInWindow({ program }: Source): Found {
  const found: Found = new Map();
  const thrown = new Set<number>();
  const report = (start: number, said: string): void => {
    if (!thrown.has(start)) found.set(start, said);
  };
  const see = (node: unknown): void => look(node, report);
  new Visitor({
    /** For whoever reads the log, not for whoever looks at the window. */
    NewExpression({ callee, arguments: given }) {
      if (callee.type === 'Identifier' && callee.name.endsWith('Error')) {
        for (const each of given) thrown.add(each.start);
      }
    },
    JSXElement: ({ children }) => children.forEach(see),
    JSXFragment: ({ children }) => children.forEach(see),
    JSXAttribute({ name, value }) {
      if (name.type === 'JSXIdentifier' && spoken.has(name.name)) see(value);
    },
    Property({ key, value }) {
      if (spoken.has(nameOfKey(key))) see(value);
    },
    Literal({ value, start }) {
      if (typeof value === 'string' && isSentence(value)) report(start, value);
    },
    TemplateElement({ value, start }) {
      if (isSentence(value.cooked ?? '')) report(start, value.cooked ?? '');
    },
  }).visit(program);
  return found;
}

/** Of a script the first line stands for all of it. */
const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

const machineTextsOf = (file: string): readonly string[] => machineTexts[file] ?? [];

function findInMain({ file, text, program }: Source): Found {
  const found: Found = new Map();
  const left: { readonly start: number; readonly end: number }[] = [];
  const known = machineTextsOf(file);
  const report = (start: number, said: string): void => {
    const isLeft = left.some((range) => range.start <= start && start < range.end);
    if (!isLeft && !known.includes(firstLine(said)) && said !== appName) found.set(start, said);
  };
  const reportSpoken = (start: number, said: string): void => {
    if (!isCode(said)) report(start, said);
  };
  new Visitor({
    NewExpression({ callee, start, end }) {
      if (callee.type === 'Identifier' && callee.name.endsWith('Error')) left.push({ start, end });
    },
    CallExpression({ callee, start, end }) {
      if (isForDevelopers(text.slice(callee.start, callee.end))) left.push({ start, end });
    },
    Property({ key, value }) {
      if (spokenByMain.has(nameOfKey(key))) look(value, reportSpoken);
    },
    Literal({ value, start }) {
      if (typeof value === 'string' && (isPhrase(value) || isCapitalised(value))) report(start, value);
    },
    TemplateElement({ value, start }) {
      const said = value.cooked ?? '';
      if (isPhrase(said) || isBesideValue(said)) report(start, said);
    },
  }).visit(program);
  return found;
}

const sourcesOf = (root: string, folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}${name.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(wordsFolderOf(file)));

/** An exception that nothing needs any more would hide the next sentence. */
function staleTexts(root: string): string[] {
  return Object.entries(machineTexts).flatMap(([file, texts]) => {
    const source = readFileSync(path.join(root, file), 'utf8');
    return texts.filter((text) => !source.includes(text)).map((text) => `${file} no longer has “${text}”`);
  });
}

export function findLooseWords(root: string): string[] {
  const loose = [...sourcesOf(root, windowFolder), ...sourcesOf(root, mainFolder)]
    .sort()
    .flatMap((file) => looseWordsOf(file, readFileSync(path.join(root, file), 'utf8')));
  return [...loose, ...staleTexts(root)];
}
