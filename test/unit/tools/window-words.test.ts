/** The rule that keeps the words of the window and of the main process in one place each can fail, and holds. */
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

const mainSaid = (text: string) =>
  looseWordsOf('src-main/status/x.ts', text).map((line) => /“(.*)”/.exec(line)?.[1]);

it.each([
  ['a sentence anywhere', "problem('gone', 'It is gone.');", ['It is gone.']],
  [
    'the end of a sentence that begins with a value',
    `problem('x', \`\${name} does not answer\`);`,
    ['does not answer'],
  ],
  ['a label of one word', "const remedy = { kind: 'restart', label: 'Restart' };", ['Restart']],
  ['one word after a value in a message', `const x = { message: \`\${name} failed\` };`, ['failed']],
  ['a hint that is chosen', "const x = { hint: y ? 'none at all' : z ?? 'ask' };", ['none at all']],
  ['a body put together', "const x = { body: name + ' has gone' };", ['has gone']],
  ['a title in quotes', "const x = { 'title': 'Ready' };", ['Ready']],
  ['one word beside a value', `note(id, \`\${count} models\`);`, ['models']],
  ['what a dialog says', "dialog('Stop it all?');", ['Stop it all?']],
  [
    'a word that is returned',
    "const word = (x: boolean) => (x ? 'Running.' : 'Stopped');",
    ['Running.', 'Stopped'],
  ],
  [
    'a part of a sentence',
    "const until = isDay ? 'until tomorrow' : 'until next month';",
    ['until tomorrow', 'until next month'],
  ],
])('finds in the main process %s', (_what, text, expected) => expect(mainSaid(text)).toEqual(expected));

it.each([
  `throw new Error(\`\${name} has no such thing\`);`,
  `appLog.warn('The port is taken.'); this.log?.note(\`started, process \${pid} there\`);`,
  "const failure = { reason: 'port-taken', message: words.portTaken(4000), label: words.restart };",
  `const header = { 'Content-Type': 'application/json', Range: \`bytes=\${from}-\` };`,
  `const code = 'ENOENT'; const key = \`service-\${id}\`; const unit = { text: \`\${size} %\` };`,
])('leaves in peace in the main process: %s', (text) => expect(mainSaid(text)).toEqual([]));

it('leaves the words themselves in peace, and names where they belong', () => {
  expect(looseWordsOf('src-main/status/x.ts', "const a = 'It is gone.';")[0]).toMatch(
    /^src-main\/status\/x\.ts:1 .* outside of src-main\/words\/$/,
  );
});

it('holds in the window and in the main process', () => {
  expect(findLooseWords(root)).toEqual([]);
});
