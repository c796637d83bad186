/** Where a JSON text goes wrong: the error of `JSON.parse` tells the place only for some mistakes. */

type Expects = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside text
  /(?<punctuation>[{}[\],:])|(?<text>"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?<other>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
const gap = /[ \t\r\n]*/y;

/** Offset of the first token that does not fit; the length of the text when it only ends too early. */
export function findJsonMistake(text: string): number {
  const open: ('{' | '[')[] = [];
  let expects: Expects = 'value';
  let offset = 0;
  while (true) {
    gap.lastIndex = offset;
    gap.test(text);
    offset = gap.lastIndex;
    if (offset >= text.length) return text.length;
    token.lastIndex = offset;
    const found = token.exec(text);
    if (found === null) return offset;
    const next = step(found[0], expects, open);
    if (next === null) return offset;
    expects = next;
    offset = token.lastIndex;
  }
}

function step(word: string, expects: Expects, open: ('{' | '[')[]): Expects | null {
  const takesValue = expects === 'value' || expects === 'value-or-end';
  const container = open[open.length - 1];
  const afterValue = (): Expects => (open.length === 0 ? 'nothing' : 'comma-or-end');
  switch (word) {
    case '{':
    case '[':
      if (!takesValue) return null;
      open.push(word);
      return word === '{' ? 'key-or-end' : 'value-or-end';
    case '}':
    case ']': {
      const fits = word === '}' ? container === '{' : container === '[';
      const mayEnd = expects === 'comma-or-end' || expects === (word === '}' ? 'key-or-end' : 'value-or-end');
      if (!fits || !mayEnd) return null;
      open.pop();
      return afterValue();
    }
    case ':':
      return expects === 'colon' ? 'value' : null;
    case ',':
      if (expects !== 'comma-or-end') return null;
      return container === '{' ? 'key' : 'value';
    default:
      if (takesValue) return afterValue();
      return (expects === 'key' || expects === 'key-or-end') && word.startsWith('"') ? 'colon' : null;
  }
}
