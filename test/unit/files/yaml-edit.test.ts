/** An edit changes what it is asked to and not one byte else, or says that it cannot. */
import { expect, test } from 'vitest';
import {
  appendYamlItem,
  removeYamlKey,
  removeYamlValue,
  setYamlValue,
  type YamlItem,
  type YamlScalar,
} from '../../../src-main/files/yaml-edit.ts';
import { parseYamlMapping, type YamlPath } from '../../../src-main/files/yaml-text.ts';

function open(text: string) {
  const parsed = parseYamlMapping(text, 'some.yaml');
  if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
  return parsed.value;
}

function set(text: string, path: YamlPath, value: YamlScalar): string {
  const changed = setYamlValue(open(text), path, value);
  if (!changed.ok) throw new Error(changed.error.message);
  return changed.value;
}

function remove(text: string, key: string): string {
  const changed = removeYamlKey(open(text), key);
  if (!changed.ok) throw new Error(changed.error.message);
  return changed.value;
}

test.each<[string, string, YamlPath, YamlScalar, string]>([
  ['a number', 'a: 1   # why\n\n\nb: 2\n', ['a'], 5, 'a: 5   # why\n\n\nb: 2\n'],
  ['a quoted value', 'a: "x y"   # why\nb: 2', ['a'], 'z', 'a: z   # why\nb: 2'],
  ['an empty value', 'a:\nb: 2\n', ['a'], 5, 'a: 5\nb: 2\n'],
  ['an empty value with a comment', 'a: # none yet\nb: 2\n', ['a'], 5, 'a: 5 # none yet\nb: 2\n'],
  [
    'a value deeper inside',
    't:\n- n: x\n  port: 1 # p\n- n: y\n  port: 2\n',
    ['t', 1, 'port'],
    9,
    't:\n- n: x\n  port: 1 # p\n- n: y\n  port: 9\n',
  ],
  [
    'numbers of other keys stay as written',
    'big: 12345678901234567890\nhex: 0x1F\na: 1\n',
    ['a'],
    2,
    'big: 12345678901234567890\nhex: 0x1F\na: 2\n',
  ],
  ['a new key', '# head\na: 1', ['b'], true, '# head\na: 1\nb: true\n'],
  ['a new key in an empty file', '', ['b'], 1, 'b: 1\n'],
  ['a new key under comments', '# only\n', ['b'], 1, '# only\nb: 1\n'],
  ['a new key with Windows line ends', 'a: 1\r\n', ['b'], 2, 'a: 1\r\nb: 2\r\n'],
  ['a new key in an indented file', '  a: 1\n', ['b'], 2, '  a: 1\n  b: 2\n'],
  ['a word that YAML 1.1 takes for yes', 'a: 1\n', ['a'], 'on', 'a: "on"\n'],
  ['text that looks like a number', 'a: 1\n', ['a'], '12', 'a: "12"\n'],
  ['text with a colon and a comment sign', 'a: 1\n', ['a'], 'x: y # z', 'a: "x: y # z"\n'],
  ['text with line breaks', 'a: 1\nb: 2\n', ['a'], 'x\ny: 3', 'a: "x\\ny: 3"\nb: 2\n'],
])('%s', (_what, text, path, value, expected) => {
  expect(set(text, path, value)).toBe(expected);
});

test('a file on one line keeps its meaning and its comments', () => {
  const changed = set('# head\n{a: 1, b: two} # tail\n', ['c'], 3);
  expect(open(changed).value).toEqual({ a: 1, b: 'two', c: 3 });
  expect(changed).toContain('# head');
  expect(changed).toContain('# tail');
});

test('a file with a document end keeps its meaning', () => {
  expect(open(set('a: 1\n...\n', ['b'], 2)).value).toEqual({ a: 1, b: 2 });
});

test.each([
  ['a line with its comment', '# one\na: 1 # x\n# two\nb: 2\n', 'a', '# one\n# two\nb: 2\n'],
  ['the last line without line end', 'a: 1\nb: 2', 'b', 'a: 1\n'],
  ['a block of text', 'a: |\n  x\n  y\nb: 2\n', 'a', 'b: 2\n'],
  ['a quoted value over two lines', 'a: "x\n  y"\nb: 2\n', 'a', 'b: 2\n'],
  ['a mapping', 'a:\n  x: 1\n  y: 2\nb: 2\n', 'a', 'b: 2\n'],
  ['the only key', 'a: 1\n', 'a', ''],
  ['an empty value', 'a:\nb: 2\n', 'a', 'b: 2\n'],
])('removes %s', (_what, text, key, expected) => {
  expect(remove(text, key)).toBe(expected);
});

test('a key that is not there leaves the file as it is', () => {
  expect(remove('a:   1\n', 'toString')).toBe('a:   1\n');
});

test('a path that does not exist is refused', () => {
  const changed = setYamlValue(open('a: 1\n'), ['t', 3, 'port'], 1);
  expect(!changed.ok && changed.error.code).toBe('file-not-editable');
});

function removeAt(text: string, path: YamlPath): string {
  const changed = removeYamlValue(open(text), path);
  if (!changed.ok) throw new Error(changed.error.message);
  return changed.value;
}

function append(text: string, item: YamlItem): string {
  const changed = appendYamlItem(open(text), ['t'], item);
  if (!changed.ok) throw new Error(changed.error.message);
  return changed.value;
}

const list =
  '# head\nt: # mine\n  # the first\n  - n: x # one\n    p: 1\n  # the second\n  - n: y\n    f:\n      a: true\n    # more of y\n\n# tail\nz: 1\n';

test.each<[string, string, YamlPath, string]>([
  [
    'the first item',
    list,
    ['t', 0],
    '# head\nt: # mine\n  # the first\n  # the second\n  - n: y\n    f:\n      a: true\n    # more of y\n\n# tail\nz: 1\n',
  ],
  [
    'the last item',
    list,
    ['t', 1],
    '# head\nt: # mine\n  # the first\n  - n: x # one\n    p: 1\n  # the second\n    # more of y\n\n# tail\nz: 1\n',
  ],
  ['the first key of an item', 't:\n- n: x # one\n  p: 1\n', ['t', 0, 'n'], 't:\n- p: 1\n'],
  ['another key of an item', 't:\n- n: x # one\n  p: 1\n', ['t', 0, 'p'], 't:\n- n: x # one\n'],
  ['what is not there', list, ['t', 5], list],
  ['the last line without line end', 't:\n- n: x\n- n: y', ['t', 1], 't:\n- n: x\n'],
  ['an item with Windows line ends', 't:\r\n- n: x\r\n- n: y\r\n', ['t', 0], 't:\r\n- n: y\r\n'],
])('removes %s of a list', (_what, text, path, expected) => {
  expect(removeAt(text, path)).toBe(expected);
});

test('the only key of a mapping leaves an empty one', () => {
  expect(open(removeAt('t:\n- n: x\n  f:\n    a: 1\n', ['t', 0, 'f', 'a'])).value).toEqual({
    t: [{ n: 'x', f: {} }],
  });
});

test.each<[string, string, string]>([
  [
    'below the last one, before the comments that follow',
    list,
    list.replace('a: true\n', 'a: true\n  - name: new\n    f:\n      "yes": true\n'),
  ],
  [
    'with Windows line ends',
    't:\r\n- n: x\r\nz: 1\r\n',
    't:\r\n- n: x\r\n- name: new\r\n  f:\r\n    "yes": true\r\nz: 1\r\n',
  ],
  ['without a last line end', 't:\n- n: x', 't:\n- n: x\n- name: new\n  f:\n    "yes": true\n'],
])('adds an item %s', (_what, text, expected) => {
  expect(append(text, { name: 'new', f: { yes: true } })).toBe(expected);
});

test.each([
  ['on one line', '# c\nt: [{n: x}] # d\n'],
  ['after a block of text', '# c\nt:\n- n: |\n    x\n    y\n# d\n'],
])('adds an item %s', (_what, text) => {
  const changed = append(text, { n: 'new' });
  const before = open(text).value['t'];
  expect(open(changed).value['t']).toEqual([...(Array.isArray(before) ? before : []), { n: 'new' }]);
  expect(changed).toContain('# c');
  expect(changed).toContain('# d');
});

test('a mapping is set where there is none, on one line', () => {
  const flags = { on: true, name_of: 'a: b', deeper: { n: 1 } };
  for (const text of [
    't:\n- n: x # one\n  p: 1\n',
    't:\n- n: x # one\n  f:\n  p: 1\n',
    't: [{n: x}] # one\n',
  ]) {
    const changed = setYamlValue(open(text), ['t', 0, 'f'], flags);
    if (!changed.ok) throw new Error(changed.error.message);
    expect(open(changed.value).value).toMatchObject({ t: [{ n: 'x', f: flags }] });
    expect(changed.value).toContain('# one');
  }
});

test('adds nothing where something else stands', () => {
  expect(appendYamlItem(open('t: 5\n'), ['t'], { n: 'x' }).ok).toBe(false);
  expect(appendYamlItem(open('t: 5\n'), ['t', 'u'], { n: 'x' }).ok).toBe(false);
  expect(appendYamlItem(open('t: 5\n'), ['constructor'], { n: 'x' }).ok).toBe(false);
});
