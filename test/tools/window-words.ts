/** What the window says stands in `src-renderer/words/` alone: each text elsewhere that a person would see or hear, as one line. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'vite';

const folder = 'src-renderer';
const wordsFolder = `${folder}/words/`;

/** Attributes and properties whose text is shown or read out. */
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
  'labelName',
  'note',
  'placeholder',
  'question',
  'text',
  'title',
]);

/** Letters of any script; signs, numbers and separators are no words. */
const hasWord = (text: string): boolean => /\p{L}{2}/u.test(text);
/** Two words after each other with a capital at the beginning: no class, id, key or address looks like that. */
const isSentence = (text: string): boolean => /^\s*\p{Lu}\p{L}*['’]?\p{L}* \p{L}/u.test(text);

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

/** Also of a file that is not there, for a test. */
export function looseWordsOf(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const found = new Map<number, string>();
  const thrown = new Set<number>();
  const report = (start: number, said: string): void => {
    if (!thrown.has(start))
      found.set(start, `${file}:${lineAt(start)} says “${said.trim()}” outside of ${wordsFolder}`);
  };
  /** Texts of an expression that end up in what it gives, whichever way it goes. */
  function look(node: unknown): void {
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const said = textOf(node);
    if (said !== null && hasWord(said)) report(Number(Reflect.get(node, 'start')), said);
    if ('operator' in node && node.operator !== '+' && node.type === 'BinaryExpression') return;
    for (const key of ways[String(node.type)] ?? []) {
      const next: unknown = Reflect.get(node, key);
      for (const each of Array.isArray(next) ? next : [next]) look(each);
    }
  }
  new Visitor({
    /** For whoever reads the log, not for whoever looks at the window. */
    NewExpression({ callee, arguments: given }) {
      if (callee.type === 'Identifier' && callee.name.endsWith('Error')) {
        for (const each of given) thrown.add(each.start);
      }
    },
    JSXElement: ({ children }) => children.forEach(look),
    JSXFragment: ({ children }) => children.forEach(look),
    JSXAttribute({ name, value }) {
      if (name.type === 'JSXIdentifier' && spoken.has(name.name)) look(value);
    },
    Property({ key, value }) {
      const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : '';
      if (spoken.has(name)) look(value);
    },
    Literal({ value, start }) {
      if (typeof value === 'string' && isSentence(value)) report(start, value);
    },
    TemplateElement({ value, start }) {
      if (isSentence(value.cooked ?? '')) report(start, value.cooked ?? '');
    },
  }).visit(program);
  return [...found].sort(([a], [b]) => a - b).map(([, line]) => line);
}

export function findLooseWords(root: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(wordsFolder))
    .sort()
    .flatMap((file) => looseWordsOf(file, readFileSync(path.join(root, file), 'utf8')));
}
