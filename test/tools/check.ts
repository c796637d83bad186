/** Part of `npm run check`: the import rules, where the window's words stand, electron-builder.yml against electron-builder's own schema, and the workflows. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { checkWorkflows } from './check-workflows.ts';
import { readSources } from './import-graph.ts';
import { findBreaches } from './import-rules.ts';
import { findLooseWords } from './window-words.ts';

const root = path.resolve(import.meta.dirname, '../..');

export function checkImports(): string[] {
  return findBreaches(readSources(root, ['src-main', 'src-renderer']));
}

/** The schema uses a few keywords and formats of its own, which change nothing about what is valid. */
function compileBuilderSchema(): ValidateFunction {
  const schemaFile = createRequire(import.meta.url).resolve('app-builder-lib/scheme.json');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  return ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
}
/** Compiling takes a second. */
let builderSchema: ValidateFunction | undefined;

export function checkBuilderFile(text: string): string[] {
  builderSchema ??= compileBuilderSchema();
  if (builderSchema(parse(text))) return [];
  const problems = (builderSchema.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `electron-builder.yml${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
  );
  return [...new Set(problems)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const builderFile = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8');
  const problems = [
    ...checkImports(),
    ...findLooseWords(root),
    ...checkBuilderFile(builderFile),
    ...(await checkWorkflows(root)),
  ];
  for (const line of problems) process.stderr.write(`${line}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
