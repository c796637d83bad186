/** Writes an executable that is the stand-in uv with faults built in: what starts it gives it no environment to ask for them. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { UvSwitches } from './switches.ts';

const here = import.meta.dirname;
/** Compiled code, without which each run strips the types anew. */
const compileCache = path.resolve(here, '../../../node_modules/.cache/stand-ins');
const bundledNode = path.resolve(here, '../../../node_modules/.bin/node');

const quoteForShell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The absolute path of `uv` in `dir`. Written anew, it counts from the next run on. */
export function writeUv(dir: string, switches: UvSwitches = {}): string {
  const file = path.resolve(dir, 'uv');
  const node = existsSync(bundledNode) ? bundledNode : process.execPath;
  mkdirSync(dir, { recursive: true });
  const lines = [
    '#!/bin/sh',
    `':' //; exec ${quoteForShell(node)} --no-warnings "$0" "$@"`,
    `process.env['UV_STANDIN'] = ${JSON.stringify(JSON.stringify(switches))};`,
    `import('node:module').then((node) => {`,
    `  node.enableCompileCache(${JSON.stringify(compileCache)});`,
    `  return import(${JSON.stringify(pathToFileURL(path.join(here, 'uv.ts')).href)}).then(() => node.flushCompileCache());`,
    '});',
    '',
  ];
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, lines.join('\n'), { mode: 0o755 });
  renameSync(next, file);
  return file;
}
