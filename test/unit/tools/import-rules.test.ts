import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkBuilderFile } from '../../tools/check.ts';
import { readSource, readSources } from '../../tools/import-graph.ts';
import { findBreaches } from '../../tools/import-rules.ts';

/** Parsing every source and compiling a large schema: a second, more on a busy machine. */
const slowLimitMs = 60_000;
const root = path.resolve(import.meta.dirname, '../../..');
const breaches = (files: Record<string, string>) =>
  findBreaches(Object.entries(files).map(([file, text]) => readSource(file, text)));

test('the sources are really read', { timeout: slowLimitMs }, () => {
  const sources = readSources(root, ['src-main', 'src-renderer']);
  expect(sources.length).toBeGreaterThan(20);
  const main = sources.find(({ file }) => file === 'src-main/main.ts');
  expect(main?.imports.map(({ target }) => target)).toContain('electron');
});

test('all ways to import are seen', () => {
  const { imports } = readSource(
    'src-main/a/b.ts',
    `import type { A } from './types.ts';
     import { type B, c } from '../c.ts';
     export { d } from 'd';
     export type { E } from './e.ts';
     const f = await import('f');
     const g = require('g');
     let h: typeof import('h');
     import './side.ts';
     const i = await import(f);`,
  );
  expect(imports.map(({ target, typeOnly }) => `${target}${typeOnly ? ' (type)' : ''}`).sort()).toEqual([
    '(computed)',
    'd',
    'f',
    'g',
    'h (type)',
    'src-main/a/e.ts (type)',
    'src-main/a/side.ts',
    'src-main/a/types.ts (type)',
    'src-main/c.ts',
  ]);
});

test.each([
  [
    'electron outside shell',
    'src-main/status/x.ts',
    "import { app } from 'electron';",
    'may import electron',
  ],
  [
    'a language that is not chosen',
    'src-main/status/x.ts',
    "import { ready } from '../words/en/status.ts';",
    'the language is chosen in src-main/words/index.ts',
  ],
  [
    'words with the logic of a room',
    'src-main/words/en/status.ts',
    "import { summarise } from '../../status/summary.ts';",
    'words are words',
  ],
  [
    'words of the menu in the window',
    'src-renderer/x.ts',
    "import { shellWords } from '../src-main/words/index.ts';",
    'the window does not say those words',
  ],
  ['even its types', 'src-main/status/x.ts', "import type { App } from 'electron';", 'may import electron'],
  ['by require', 'src-main/status/x.ts', "const e = require('electron');", 'may import electron'],
  ['a computed import', 'src-main/status/x.ts', 'await import(name);', 'must name what it imports'],
  [
    'contract and Node',
    'src-main/contract/x.ts',
    "import os from 'node:os';",
    'the contract may import only',
  ],
  [
    'a pure file and Node',
    'src-main/stack/ports.ts',
    "import fs from 'node:fs';",
    'a pure file may import values',
  ],
  ['the product and its tests', 'src-main/x.ts', "import '../test/tools/demo.ts';", 'never knows its tests'],
  ['the window and Node', 'src-renderer/x.ts', "import os from 'node:os';", 'neither electron nor Node'],
  ['the window and electron', 'src-renderer/x.tsx', "import 'electron';", 'neither electron nor Node'],
  [
    'the window and another room',
    'src-renderer/x.ts',
    "import type { P } from '../src-main/paths.ts';",
    'only from the contract',
  ],
  [
    'the window and a schema',
    'src-renderer/x.ts',
    "import { c } from '../src-main/contract/commands.ts';",
    'only types from the contract',
  ],
  ['src-main and the window', 'src-main/x.ts', "import '../src-renderer/main.tsx';", 'may know the window'],
])('%s is caught', (_name, file, text, why) => {
  const target = /['"](\.[^'"]+)['"]/.exec(text)?.[1];
  const other = target === undefined ? {} : { [path.posix.join(path.posix.dirname(file), target)]: '' };
  expect(breaches({ [file]: text, ...other })).toEqual([expect.stringContaining(why)]);
});

test.each([
  ["import { execa } from 'execa';", 'execa'],
  ["import { spawn } from 'node:child_process';", 'node:child_process'],
  ["const k = await import('keytar');", 'keytar'],
])('a second door is caught: %s', (text, what) => {
  expect(breaches({ 'src-main/supervisor/a.ts': text })).toEqual([]);
  expect(breaches({ 'src-main/supervisor/a.ts': text, 'src-main/supervisor/b.ts': text })).toEqual([
    `${what} is used by src-main/supervisor/a.ts and src-main/supervisor/b.ts: it has one door`,
  ]);
});

test.each([
  ["import { ipcMain } from 'electron'; ipcMain.on('x', () => {});", 'ipcMain'],
  ["import { shell } from 'electron'; shell.openExternal('x');", 'shell.openExternal'],
])('a second door of electron is caught: %s', (text, what) => {
  expect(breaches({ 'src-main/shell/a.ts': text })).toEqual([]);
  expect(breaches({ 'src-main/shell/a.ts': text, 'src-main/shell/b.ts': text })).toEqual([
    `${what} is used by src-main/shell/a.ts and src-main/shell/b.ts: it has one door`,
  ]);
});

test('what the rooms may do passes', () => {
  expect(
    breaches({
      'src-main/contract/result.ts': "import * as z from 'zod';",
      'src-main/contract/status.ts': "import { ok } from './result.ts';",
      'src-main/stack/ports.ts':
        "import { ok } from '../contract/result.ts'; import type { Stats } from 'node:fs';",
      'src-main/shell/tray.ts':
        "import { Tray } from 'electron'; import { ok } from '../contract/result.ts';",
      'src-main/app.ts': "import { createTray } from './shell/tray.ts';",
      'src-main/app/open-shell.ts': "import { createTray } from '../shell/tray.ts';",
      'src-renderer/main.tsx':
        "import type { S } from '../src-main/contract/status.ts'; import { h } from 'preact';",
    }),
  ).toEqual([]);
});

test('electron-builder.yml fits the schema, and a misspelt key does not', { timeout: slowLimitMs }, () => {
  const text = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8');
  expect(checkBuilderFile(text)).toEqual([]);
  expect(checkBuilderFile(`${text}\nhardenedRuntim: true\n`)).toEqual([
    expect.stringContaining('hardenedRuntim'),
  ]);
});
