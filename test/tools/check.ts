/** Part of `npm run check`: the import rules, and electron-builder.yml against electron-builder's own schema. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readSources } from './import-graph.ts';
import { findBreaches } from './import-rules.ts';

const root = path.resolve(import.meta.dirname, '../..');

export function checkImports(): string[] {
  return findBreaches(readSources(root, ['src-main', 'src-renderer']));
}

/** The schema uses a few keywords and formats of its own, which change nothing about what is valid. */
export function checkBuilderFile(text: string): string[] {
  const schemaFile = createRequire(import.meta.url).resolve('app-builder-lib/scheme.json');
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
  if (validate(parse(text))) return [];
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `electron-builder.yml${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
  );
  return [...new Set(problems)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const builderFile = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8');
  const problems = [...checkImports(), ...checkBuilderFile(builderFile)];
  for (const line of problems) process.stderr.write(`${line}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
