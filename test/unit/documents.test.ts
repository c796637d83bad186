/** README.md and SECURITY.md name files, tests and scripts: each must be there, and no room may be missing from the map. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const root = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json'))).scripts;

const quotedIn = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
/** Of this project: a folder, a file below one, or a source. */
const isPath = (word: string) => /^[\w.*-]+(?:\/[\w.*-]+)*\/?$/.test(word) && /\/|\.ts$/.test(word);
/** In the user's data folder. */
const isOfUser = (word: string) => ['stacks/default.yaml'].includes(word);

const testFiles = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' }).map(
  (file) => `test/${file}`,
);
const fits = (pattern: string, file: string) =>
  new RegExp(`^(?:test/(?:.+/)?)?${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file);

/** A bare name stands beside one with its folder: rooms below `src-main`, tests somewhere below `test`. */
const isThere = (word: string) =>
  ['', 'src-main', 'test'].some((folder) => existsSync(path.join(root, folder, word))) ||
  testFiles.some((file) => fits(word, file));

const missingIn = (text: string) =>
  quotedIn(text).filter((word) => isPath(word) && !isOfUser(word) && !isThere(word));

describe.each(['README.md', 'SECURITY.md'])('%s', (name) => {
  it('names no file that is not there', () => {
    expect(quotedIn(read(name)).filter(isPath).length).toBeGreaterThan(10);
    expect(missingIn(read(name))).toEqual([]);
  });

  it('names no script that is not there, and no link that leads nowhere', () => {
    const called = quotedIn(read(name)).flatMap((words) => /^npm (?:run )?([\w:-]+)/.exec(words)?.[1] ?? []);
    expect(called.filter((script) => script !== 'ci' && !(script in scripts))).toEqual([]);
    const links = [...read(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(path.join(root, link)))).toEqual([]);
  });
});

it('a renamed test would be noticed, also where a pattern stands for several', () => {
  const [good, gone] = [
    '`test/unit/stack` `files-*.test.ts`',
    '`test/unit/stakc` `flies-*.test.ts` `x.test.ts`',
  ];
  expect([missingIn(good), missingIn(gone)]).toEqual([
    [],
    ['test/unit/stakc', 'flies-*.test.ts', 'x.test.ts'],
  ]);
});

it('README.md has every room on its map', () => {
  const [, map = ''] = read('README.md').split('\n## Working on it\n');
  const rooms = readdirSync(path.join(root, 'src-main'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(rooms.filter((room) => !new RegExp(`\`(?:src-main/)?${room}/\``).test(map))).toEqual([]);
});

it('SECURITY.md shows each of its rows by a test or a file', () => {
  const [, table = ''] = read('SECURITY.md').split('\n## What protects what\n');
  const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| (?!what \||-)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  const shown = (row: string) =>
    quotedIn(row.split(' | ').at(-1) ?? '').some((word) => isPath(word) || word.endsWith('.json'));
  expect(rows.filter((row) => !shown(row))).toEqual([]);
});
