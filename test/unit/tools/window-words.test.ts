/** The rule that keeps the window's words in one place can fail, and holds. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { findLooseWords, looseWordsOf } from '../../tools/window-words.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const said = (text: string) =>
  looseWordsOf('src-renderer/x.tsx', text).map((line) => /“(.*)”/.exec(line)?.[1]);

it.each([
  ['text of an element', '<p>Hello</p>', ['Hello']],
  ['text of a fragment', '<>Hello</>', ['Hello']],
  ['either way of a choice', "<p>{x ? 'Yes' : y && 'No'}</p>", ['Yes', 'No']],
  ['a part of a template', `<p>{\`\${n} models\`}</p>`, ['models']],
  ['a text put together', "<p>{n + ' models'}</p>", ['models']],
  ['a label', '<button aria-label="Close" />', ['Close']],
  ['a label that is chosen', "<button title={x ? 'Open' : words.close} />", ['Open']],
  ['a property of ours', '<ConfirmButton question={\'Sure?\'} confirm="Do It" />', ['Sure?', 'Do It']],
  ['a label in an object', "const view = { id: 'a', label: 'Logs' };", ['Logs']],
  ['a sentence anywhere', "store.say('Key saved.');", ['Key saved.']],
  ['a sentence in a template', `store.say(\`Saved as \${name}.\`);`, ['Saved as']],
])('finds %s', (_what, text, expected) => expect(said(text)).toEqual(expected));

it.each([
  '<p class="card note">{words.title} · {n} %</p>',
  '<button type="button" class={x ? \'is-open\' : \'is closed\'} id="a b" />',
  '<Toggle sign=".*" label={words.pattern} />',
  "throw new Error('The page has no #app.');",
  `const key = \`service-\${id}\`; const call = { name: 'stack.start', input: {} };`,
])('leaves in peace: %s', (text) => expect(said(text)).toEqual([]));

it('names the line', () => {
  expect(looseWordsOf('src-renderer/x.tsx', 'const a = 1;\nconst b = <p>Hello</p>;\n')[0]).toMatch(
    /^src-renderer\/x\.tsx:2 /,
  );
});

it('holds in the window', () => {
  expect(findLooseWords(root)).toEqual([]);
});
