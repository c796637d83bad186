/** What each source file imports, read from its syntax tree. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'vite';

export interface Import {
  /** A package or built-in as written; a relative one as path from the root, with forward slashes. */
  readonly target: string;
  /** Erased at build time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly file: string;
  readonly imports: readonly Import[];
  /** `object.property` for each member access of that form, with its line. */
  readonly members: readonly { readonly text: string; readonly line: number }[];
  /** Names that are imported as values, by package or file. */
  readonly names: readonly { readonly target: string; readonly name: string; readonly line: number }[];
}

const sourceEnding = /\.(ts|tsx)$/;

/** All sources below the folders, sorted. A file that does not parse is an error: nothing may escape the rules. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((name) => sourceEnding.test(name) && !name.endsWith('.d.ts'))
    .map((name) => name.replaceAll(path.sep, '/'))
    .sort()
    .map((file) => readSource(file, readFileSync(path.join(root, file), 'utf8')));
}

export function readSource(file: string, text: string): SourceFile {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const resolve = (target: string) =>
    target.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), target)) : target;

  const imports: Import[] = [];
  const names: { target: string; name: string; line: number }[] = [];
  const members: { text: string; line: number }[] = [];

  for (const { moduleRequest, entries, start } of module.staticImports) {
    const target = resolve(moduleRequest.value);
    const line = lineAt(start);
    imports.push({ target, typeOnly: entries.length > 0 && entries.every(({ isType }) => isType), line });
    for (const { importName, isType } of entries) {
      if (!isType) names.push({ target, name: importName.name ?? '*', line });
    }
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, isType, importName } of entries) {
      if (moduleRequest === null) continue;
      const target = resolve(moduleRequest.value);
      imports.push({ target, typeOnly: isType, line: lineAt(start) });
      if (!isType) names.push({ target, name: importName.name ?? '*', line: lineAt(start) });
    }
  }
  const addLoaded = (source: unknown, start: number, typeOnly: boolean) => {
    const value = stringOf(source);
    /** An import that is computed could be of anything. */
    imports.push({ target: value === null ? '(computed)' : resolve(value), typeOnly, line: lineAt(start) });
  };
  new Visitor({
    ImportExpression: (node) => addLoaded(node.source, node.start, false),
    TSImportType: (node) => addLoaded(node.source, node.start, true),
    CallExpression(node) {
      const { callee } = node;
      const isRequire = callee.type === 'Identifier' && callee.name === 'require';
      if (isRequire) addLoaded(node.arguments[0], node.start, false);
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== 'Identifier' || property.type !== 'Identifier' || node.computed) return;
      members.push({ text: `${object.name}.${property.name}`, line: lineAt(node.start) });
    },
  }).visit(program);
  return { file, imports, members, names };
}

function stringOf(node: unknown): string | null {
  if (typeof node !== 'object' || node === null || !('value' in node)) return null;
  return typeof node.value === 'string' ? node.value : null;
}
