/** Parses a user's YAML file that must be one plain mapping: bounded before parsing, every mistake with its place. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { fail, ok, type Result } from '../contract/result.ts';
import { commonWords, fileWords } from '../words/index.ts';
import { locatedProblem } from './located-problem.ts';
import type { LocatedProblem, TextPosition } from './types.ts';

/**
 * The worst inputs (rows of brackets or of `- `) cost the parser of yaml 2.9 about 17 µs per byte on a slow
 * machine, on the main thread: 64 KB stays near one second, and is a hundred times a real file.
 */
export const maxYamlBytes = 64 * 1024;
export const maxYamlDepth = 32;
/**
 * yaml 2.9 can exhaust the memory of the process on a thousand open brackets. All brackets are counted, those in
 * quotes and comments too: no quoting trick hides one, and no real file comes near.
 */
export const maxFlowBrackets = 256;
/** The same for `- - -` and `? ? ?`, which nest within one line. */
const maxCompactIndicators = 32;
export const maxReportedProblems = 5;

export type YamlPath = readonly (string | number)[];

export interface YamlMapping {
  readonly text: string;
  readonly fileName: string;
  readonly document: Document.Parsed;
  /** The mapping as plain data; an empty file is an empty mapping. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Where the value at the path stands; where it is missing, the nearest thing around it. */
  positionOf(path: YamlPath): TextPosition | null;
  /** Where the key at the path stands. */
  keyPositionOf(path: YamlPath): TextPosition | null;
}

export function parseYamlMapping(
  text: string,
  fileName: string,
): Result<YamlMapping, readonly LocatedProblem[]> {
  const outOfBounds = checkBounds(text, fileName);
  if (outOfBounds !== null) return fail([outOfBounds]);
  const lines = new LineCounter();
  const at = (offset: number | undefined): TextPosition | null => {
    if (offset === undefined) return null;
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return line === 0 ? { line: 1, column: col + 1 } : { line, column: col };
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      /** The library compares every key with every other; `checkNode` finds them in one pass. */
      uniqueKeys: false,
      /** Given explicitly so that a `%YAML 1.1` line cannot bring back merge keys and its other types. */
      schema: 'core',
      /** At 'silent' the library would drop a second document without a word. */
      logLevel: 'error',
    });
  } catch {
    return fail([locatedProblem(fileName, null, 'yaml-syntax', fileWords.notYaml)]);
  }
  const mistakes = [...document.errors, ...document.warnings].slice(0, maxReportedProblems);
  if (mistakes.length > 0)
    return fail(mistakes.map((error) => syntaxProblem(fileName, at(offsetOfError(document, error)), error)));
  const contents = document.contents;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
    return fail([
      locatedProblem(fileName, at(contents.range[0]), 'yaml-no-mapping', fileWords.notKeyValueLines),
    ]);
  }
  const refused: LocatedProblem[] = [];
  if (isMap(contents)) checkNode(contents, 1, { fileName, at, refused });
  if (refused.length > 0) return fail(refused);
  const value: unknown = isMap(contents) ? document.toJS({ maxAliasCount: 0 }) : {};
  if (!isRecord(value)) throw new Error('A YAML mapping became something else');
  return ok({
    text,
    fileName,
    document,
    value,
    positionOf: (path) => at(findOffset(contents, path)),
    keyPositionOf: (path) => at(findKeyOffset(contents, path)),
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkBounds(text: string, fileName: string): LocatedProblem | null {
  if (Buffer.byteLength(text) > maxYamlBytes) {
    return locatedProblem(fileName, null, 'yaml-too-large', fileWords.tooLarge(maxYamlBytes / 1024));
  }
  let line = 1;
  let lineStart = 0;
  let brackets = 0;
  let indicators = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const position = { line, column: index - lineStart + 1 };
    if (code === newline) {
      line += 1;
      lineStart = index + 1;
      indicators = 0;
    } else if (isForbiddenControl(code)) {
      return locatedProblem(fileName, position, 'yaml-not-text', fileWords.controlCharacter);
    } else if (code === openBracket || code === openBrace) {
      brackets += 1;
      if (brackets > maxFlowBrackets) return tooDeep(fileName, position);
    } else if ((code === dash || code === questionMark) && isGap(text.charCodeAt(index + 1))) {
      indicators += 1;
      if (indicators > maxCompactIndicators) return tooDeep(fileName, position);
    }
  }
  return null;
}

const newline = 10;
const openBracket = 91;
const openBrace = 123;
const dash = 45;
const questionMark = 63;
const isGap = (code: number) => code === 32 || code === 9;
const isForbiddenControl = (code: number) => (code < 32 && code !== 9 && code !== 13) || code === 127;

function tooDeep(fileName: string, position: TextPosition | null): LocatedProblem {
  return locatedProblem(fileName, position, 'yaml-too-deep', fileWords.tooDeep);
}

interface NodeCheck {
  readonly fileName: string;
  readonly at: (offset: number | undefined) => TextPosition | null;
  readonly refused: LocatedProblem[];
}

/** Refuses what a plain file has no use for: anchors, aliases, tags, keys that are not words, the same key twice. */
function checkNode(node: unknown, depth: number, check: NodeCheck): void {
  if (check.refused.length >= maxReportedProblems) return;
  const refuse = (where: unknown, code: string, sentence: string, hint?: string) =>
    check.refused.push(locatedProblem(check.fileName, check.at(offsetOf(where)), code, sentence, hint));
  if (isAlias(node)) {
    refuse(node, 'yaml-alias', fileWords.aliasUsed);
    return;
  }
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
  if (node.anchor) refuse(node, 'yaml-alias', fileWords.anchorUsed);
  if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:')) refuse(node, 'yaml-tag', fileWords.tagUsed);
  if (depth > maxYamlDepth) {
    check.refused.push(tooDeep(check.fileName, check.at(offsetOf(node))));
    return;
  }
  if (isSeq(node)) for (const item of node.items) checkNode(item, depth + 1, check);
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const pair of node.items) {
    if (!isScalar(pair.key)) {
      refuse(isNodeLike(pair.key) ? pair.key : node, 'yaml-key', fileWords.keyNotOneWord);
    } else {
      const key = String(pair.key.value);
      if (seen.has(key)) {
        const name = /^[a-z_-]{1,40}$/.test(key) ? `“${key}”` : fileWords.thisKey;
        refuse(pair.key, 'duplicate-key', fileWords.isThereTwice(name), fileWords.removeOneOfTwo);
      }
      seen.add(key);
      checkNode(pair.key, depth, check);
    }
    checkNode(pair.value, depth + 1, check);
  }
}

/** For a quote that is never closed the library names the end of the file; the quote itself is more use. */
function offsetOfError(document: Document.Parsed, error: YAMLError): number {
  const [offset] = error.pos;
  if (error.code !== 'MISSING_CHAR') return offset;
  let start = offset;
  visit(document, {
    Scalar(_key, node) {
      const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      if (quoted && node.range && node.range[0] < offset && node.range[1] >= offset) start = node.range[0];
    },
  });
  return start;
}

/** The library's own messages may quote the text, which may be a key; its codes are stable, so the words are ours. */
function syntaxProblem(fileName: string, position: TextPosition | null, error: YAMLError): LocatedProblem {
  const [sentence, hint] = syntaxWords(error.code);
  return locatedProblem(fileName, position, 'yaml-syntax', sentence, hint);
}

function syntaxWords(code: YAMLError['code']): [string, string?] {
  switch (code) {
    case 'TAB_AS_INDENT':
      return [fileWords.tabInIndentation, fileWords.indentWithSpaces];
    case 'BAD_INDENT':
      return [fileWords.indentationDoesNotFit, fileWords.sameColumn];
    case 'MISSING_CHAR':
      return [fileWords.somethingNotClosed, fileWords.closeWhatYouOpen];
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return [fileWords.secondValueInside, fileWords.putInQuotes];
    case 'MULTILINE_IMPLICIT_KEY':
    case 'KEY_OVER_1024_CHARS':
    case 'NON_STRING_KEY':
      return [fileWords.keyNotUsable, fileWords.writeOnOneLine];
    case 'BAD_SCALAR_START':
      return [fileWords.cannotBeginSo, fileWords.putInQuotes];
    case 'BAD_DQ_ESCAPE':
      return [fileWords.unknownEscape, fileWords.useSingleQuotes];
    case 'MULTIPLE_DOCS':
      return [fileWords.secondDocument, fileWords.removeSecondDocument];
    case 'DUPLICATE_KEY':
      return [fileWords.keyThereTwice, fileWords.removeOneOfTwo];
    case 'ALIAS_PROPS':
    case 'BAD_ALIAS':
    case 'MULTIPLE_ANCHORS':
      return [fileWords.anchorsUsed, fileWords.putInQuotes];
    case 'MULTIPLE_TAGS':
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_PROP_ORDER':
      return [fileWords.tagUsed, fileWords.putInQuotes];
    case 'BAD_DIRECTIVE':
      return [fileWords.directiveUsed, commonWords.removeLine];
    case 'RESOURCE_EXHAUSTION':
      return [fileWords.tooDeep];
    case 'UNEXPECTED_TOKEN':
    case 'BAD_COLLECTION_TYPE':
    case 'IMPOSSIBLE':
      return [fileWords.doesNotBelong, fileWords.onePerLine];
    default:
      return [fileWords.notYaml, fileWords.onePerLine];
  }
}

const isNodeLike = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'range' in value;

function offsetOf(node: unknown): number | undefined {
  return isNodeLike(node) ? node.range?.[0] : undefined;
}

function findOffset(root: unknown, path: YamlPath): number | undefined {
  let node: unknown = root;
  let offset = offsetOf(root);
  for (const part of path) {
    const child = childOf(node, part);
    if (child === null) return offset;
    offset = offsetOf(child.value) ?? offsetOf(child.key) ?? offset;
    node = child.value;
  }
  return offset;
}

function findKeyOffset(root: unknown, path: YamlPath): number | undefined {
  let node: unknown = root;
  let offset = offsetOf(root);
  for (const part of path) {
    const child = childOf(node, part);
    if (child === null) return offset;
    offset = offsetOf(child.key) ?? offsetOf(child.value) ?? offset;
    node = child.value;
  }
  return offset;
}

function childOf(node: unknown, part: string | number): { key: unknown; value: unknown } | null {
  if (isSeq(node) && typeof part === 'number') {
    return part < node.items.length ? { key: null, value: node.items[part] } : null;
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
  return pair ? { key: pair.key, value: pair.value } : null;
}
