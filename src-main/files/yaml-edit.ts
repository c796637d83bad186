/** Changes single values in a user's YAML file and leaves every other byte as it is. */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isPair, isScalar, isSeq, type Pair, parseDocument, type Range, stringify } from 'yaml';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { fileWords } from '../words/index.ts';
import { isRecord, parseYamlMapping, type YamlMapping, type YamlPath } from './yaml-text.ts';

export type YamlScalar = string | number | boolean;
export interface YamlItem {
  readonly [key: string]: YamlScalar | YamlItem;
}

/** Sets a value, or a whole mapping: a missing key of the file is added at its end, one deeper inside below its first neighbour. */
export function setYamlValue(
  mapping: YamlMapping,
  path: YamlPath,
  value: YamlScalar | YamlItem,
): Result<string> {
  const wanted = structuredClone(mapping.value);
  if (!setIn(wanted, path, value)) return fail(cannotEdit(mapping));
  return firstThatMeans(mapping, wanted, [
    () => spliceValue(mapping, path, value),
    () => appendKey(mapping, path, value),
    () => insertKey(mapping, path, value),
    () => rewrite(mapping, (document) => document.setIn(path, value)),
  ]);
}

/** Removes a key of the file together with the rest of its line; the file is returned as it is when it has no such key. */
export function removeYamlKey(mapping: YamlMapping, key: string): Result<string> {
  if (!Object.hasOwn(mapping.value, key)) return ok(mapping.text);
  const wanted = Object.fromEntries(Object.entries(mapping.value).filter(([name]) => name !== key));
  return firstThatMeans(mapping, wanted, [
    () => cutLines(mapping, key),
    () => rewrite(mapping, (document) => document.deleteIn([key])),
  ]);
}

/** Removes what stands at the path, a key or an item of a list, with its lines; the text as it is when there is nothing. */
export function removeYamlValue(mapping: YamlMapping, path: YamlPath): Result<string> {
  const wanted = structuredClone(mapping.value);
  if (!removeIn(wanted, path)) return ok(mapping.text);
  return firstThatMeans(mapping, wanted, [
    () => cutEntry(mapping, path),
    () => rewrite(mapping, (document) => document.deleteIn(path)),
  ]);
}

/** Adds an item at the end of the list at the path. */
export function appendYamlItem(
  mapping: YamlMapping,
  path: YamlPath,
  item: YamlItem | YamlScalar,
): Result<string> {
  const wanted = structuredClone(mapping.value);
  const list = valueIn(wanted, path);
  if (!Array.isArray(list)) return fail(cannotEdit(mapping));
  list.push(item);
  return firstThatMeans(mapping, wanted, [
    () => insertItem(mapping, path, item),
    () => rewrite(mapping, (document) => document.addIn(path, item)),
  ]);
}

/** Makes a list with its first item, as a key at the end of the file; one that has no value is given it. */
export function startYamlList(
  mapping: YamlMapping,
  key: string,
  item: YamlItem | YamlScalar,
): Result<string> {
  const wanted = { ...structuredClone(mapping.value), [key]: [item] };
  return firstThatMeans(mapping, wanted, [
    () => appendList(mapping, key, item),
    () => rewrite(mapping, (document) => document.setIn([key], [item])),
  ]);
}

/** The first attempt whose text parses to exactly what is wanted: an edit can fail, but never damage. */
function firstThatMeans(
  mapping: YamlMapping,
  wanted: unknown,
  attempts: readonly (() => string | null)[],
): Result<string> {
  for (const attempt of attempts) {
    const text = attempt();
    if (text === null) continue;
    const parsed = parseYamlMapping(text, mapping.fileName);
    if (parsed.ok && isDeepStrictEqual(parsed.value.value, wanted)) return ok(text);
  }
  return fail(cannotEdit(mapping));
}

function cannotEdit(mapping: YamlMapping) {
  return problem('file-not-editable', fileWords.notEditable(mapping.fileName), fileWords.changeInEditor);
}

function setIn(target: unknown, path: YamlPath, value: YamlScalar | YamlItem): boolean {
  const [part, ...rest] = path;
  if (part === undefined) return false;
  const container = Array.isArray(target) || isRecord(target) ? target : null;
  if (container === null) return false;
  if (rest.length > 0) return setIn(Reflect.get(container, part), rest, value);
  return Reflect.defineProperty(container, part, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function valueIn(target: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (found, part) =>
      (Array.isArray(found) || isRecord(found)) && Object.hasOwn(found, part)
        ? Reflect.get(found, part)
        : undefined,
    target,
  );
}

/** False when nothing stands there. */
function removeIn(target: unknown, path: YamlPath): boolean {
  const container = valueIn(target, path.slice(0, -1));
  const part = path.at(-1);
  if (part === undefined || (!Array.isArray(container) && !isRecord(container))) return false;
  if (!Object.hasOwn(container, part)) return false;
  if (!Array.isArray(container)) return Reflect.deleteProperty(container, part);
  container.splice(Number(part), 1);
  return true;
}

function pairAt(root: unknown, path: YamlPath): Pair | null {
  let node = root;
  for (const [index, part] of path.entries()) {
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      continue;
    }
    if (!isMap(node)) return null;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
    if (!pair) return null;
    if (index === path.length - 1) return pair;
    node = pair.value;
  }
  return null;
}

function rangeOf(node: unknown): Range | null {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.range ? node.range : null;
}

function spliceValue(mapping: YamlMapping, path: YamlPath, value: YamlScalar | YamlItem): string | null {
  const pair = pairAt(mapping.document.contents, path);
  const range = rangeOf(pair?.value);
  if (range === null) return null;
  const [start, end] = range;
  const before = mapping.text.slice(0, start);
  const gap = start === end && !/\s$/.test(before) ? ' ' : '';
  return `${before}${gap}${writeValue(value)}${mapping.text.slice(end)}`;
}

function appendKey(mapping: YamlMapping, path: YamlPath, value: YamlScalar | YamlItem): string | null {
  const [key] = path;
  if (typeof key !== 'string' || path.length !== 1 || Object.hasOwn(mapping.value, key)) return null;
  const { text } = mapping;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const separator = text === '' || text.endsWith('\n') ? '' : lineEnd;
  const column = isMap(mapping.document.contents) ? (mapping.positionOf([])?.column ?? 1) : 1;
  return `${text}${separator}${' '.repeat(column - 1)}${key}: ${writeValue(value)}${lineEnd}`;
}

function appendList(mapping: YamlMapping, key: string, item: YamlItem | YamlScalar): string | null {
  if (Object.hasOwn(mapping.value, key)) return null;
  const { text } = mapping;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const separator = text === '' || text.endsWith('\n') ? '' : lineBreak;
  const column = isMap(mapping.document.contents) ? (mapping.positionOf([])?.column ?? 1) : 1;
  const lines = yamlLines({ [key]: [item] }).map((line) => ' '.repeat(column - 1) + line + lineBreak);
  return text + separator + lines.join('');
}

/** As YAML 1.1, which the CLI reads, and 1.2 agree on. */
const yamlLines = (value: unknown): string[] =>
  stringify(value, { lineWidth: 0, version: '1.1' }).trimEnd().split('\n');

/** In a block mapping: a line of its own below the line of a neighbour with a plain value, at the same column. */
function insertKey(mapping: YamlMapping, path: YamlPath, value: YamlScalar | YamlItem): string | null {
  const key = path.at(-1);
  const { text } = mapping;
  if (typeof key !== 'string' || pairAt(mapping.document.contents, path) !== null) return null;
  const parent = nodeAt(mapping.document.contents, path.slice(0, -1));
  const neighbours = isMap(parent) && parent.flow !== true ? parent.items : [];
  for (const { key: name, value: held } of neighbours) {
    const nameRange = rangeOf(name);
    const heldRange = rangeOf(held);
    if (!isScalar(held) || nameRange === null || heldRange === null) continue;
    const [start] = nameRange;
    const [, end] = heldRange;
    const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
    const rest = text.indexOf('\n', end);
    const lineEnd = rest === -1 ? text.length : rest;
    /** A value over several lines, such as a block scalar, is no place to insert behind. */
    if (text.slice(start, end).includes('\n')) continue;
    const crlf = text[lineEnd - 1] === '\r' ? '\r' : '';
    const before = text.slice(0, lineEnd);
    const newLine = `\n${' '.repeat(indent)}${key}: ${writeValue(value)}${crlf}`;
    return `${before}${newLine}${text.slice(lineEnd)}`;
  }
  return null;
}

function nodeAt(root: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((node, part) => {
    if (isSeq(node) && typeof part === 'number') return node.items[part];
    if (!isMap(node)) return null;
    return node.items.find((item) => isScalar(item.key) && String(item.key.value) === part)?.value ?? null;
  }, root);
}

function cutLines(mapping: YamlMapping, key: string): string | null {
  const pair = pairAt(mapping.document.contents, [key]);
  const keyRange = rangeOf(pair?.key);
  const valueRange = rangeOf(pair?.value);
  if (keyRange === null) return null;
  const { text } = mapping;
  const start = text.lastIndexOf('\n', keyRange[0] - 1) + 1;
  const valueEnd = (valueRange ?? keyRange)[1];
  /** The range of a block scalar ends behind its last line break. */
  const lineEnd = text[valueEnd - 1] === '\n' ? valueEnd - 1 : text.indexOf('\n', valueEnd);
  return text.slice(0, start) + (lineEnd === -1 ? '' : text.slice(lineEnd + 1));
}

/** In a block of lines: from the line where the entry begins to the one where its value ends. */
function cutEntry(mapping: YamlMapping, path: YamlPath): string | null {
  const part = path.at(-1);
  const parent = nodeAt(mapping.document.contents, path.slice(0, -1));
  const isBlock = (isMap(parent) || isSeq(parent)) && parent.flow !== true;
  /** A list or mapping without entries cannot be written as a block. */
  if (!isBlock || parent.items.length < 2) return null;
  const entry = isSeq(parent) ? parent.items[Number(part)] : pairAt(mapping.document.contents, path);
  const first = rangeOf(isPair(entry) ? entry.key : entry);
  const last = endOfContent(isPair(entry) ? entry.value : entry) ?? first?.[1] ?? null;
  if (first === null || last === null) return null;
  const { text } = mapping;
  const start = text.lastIndexOf('\n', first[0] - 1) + 1;
  const lineEnd = lineEndAfter(text, last);
  /** The first key of an item stands behind its dash, which must stay. */
  const dash = /^[ \t]*-[ \t]+$/.exec(text.slice(start, first[0]))?.[0];
  if (isPair(entry) && dash !== undefined) {
    const rest = text.slice(lineEnd + 1);
    return text.slice(0, start) + dash + rest.replace(/^[ \t]+/, '');
  }
  return text.slice(0, start) + (lineEnd === text.length ? '' : text.slice(lineEnd + 1));
}

/** Where the line ends that a value ends in: the range of a block reaches over its last line break, or over more. */
function lineEndAfter(text: string, valueEnd: number): number {
  const end = valueEnd - (/\s*$/.exec(text.slice(0, valueEnd))?.[0].length ?? 0);
  const lineEnd = text.indexOf('\n', end);
  return lineEnd === -1 ? text.length : lineEnd;
}

/** Below the last line of the last item, at the same column. */
function insertItem(mapping: YamlMapping, path: YamlPath, item: YamlItem | YamlScalar): string | null {
  const list = nodeAt(mapping.document.contents, path);
  const last = isSeq(list) && list.flow !== true ? list.items.at(-1) : undefined;
  const range = rangeOf(last);
  if (range === null) return null;
  const { text } = mapping;
  const lineStart = text.lastIndexOf('\n', range[0] - 1) + 1;
  const indent = /^([ \t]*)-[ \t]/.exec(text.slice(lineStart, range[0]))?.[1];
  if (indent === undefined) return null;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const block = yamlLines([item])
    .map((line) => indent + line)
    .join(lineBreak);
  const contentEnd = endOfContent(last) ?? range[1];
  const lineEnd = lineEndAfter(text, contentEnd);
  const before = text.slice(0, lineEnd).replace(/\r$/, '');
  const rest = text.slice(lineEnd === text.length ? lineEnd : lineEnd + 1);
  return `${before}${lineBreak}${block}${lineBreak}${rest}`;
}

/** Where the last value inside ends: comments behind it belong to nobody, or to what follows. */
function endOfContent(node: unknown): number | null {
  if (isMap(node) && node.flow !== true) {
    const pair = node.items.at(-1);
    return pair === undefined ? null : (endOfContent(pair.value) ?? rangeOf(pair.key)?.[1] ?? null);
  }
  if (isSeq(node) && node.flow !== true) return endOfContent(node.items.at(-1));
  return rangeOf(node)?.[1] ?? null;
}

/** Keeps comments, but may change spacing: for files written on one line or with a document end. */
function rewrite(
  mapping: YamlMapping,
  change: (document: ReturnType<typeof parseDocument>) => void,
): string | null {
  const document = parseDocument(mapping.text, { schema: 'core', prettyErrors: false, logLevel: 'silent' });
  try {
    change(document);
    return document.toString({ lineWidth: 0 });
  } catch {
    return null;
  }
}

/** A mapping is written on one line. */
function writeValue(value: YamlScalar | YamlItem): string {
  if (typeof value !== 'object') return writeScalar(value);
  const entries = Object.entries(value).map(([key, held]) => `${writeScalar(key)}: ${writeValue(held)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Plain where YAML 1.1 (the CLI's PyYAML) and 1.2 agree that it is text; otherwise as JSON writes it. */
function writeScalar(value: YamlScalar): string {
  if (typeof value !== 'string') return String(value);
  const ambiguous = /^(y|yes|n|no|true|false|on|off|null)$/i.test(value);
  return /^[A-Za-z/][A-Za-z0-9/._-]*$/.test(value) && !ambiguous ? value : JSON.stringify(value);
}
