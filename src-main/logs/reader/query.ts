/** A search text made fast: where it may be in a block of many lines, and where exactly it is in one line. Pure. */
import { isAscii } from 'node:buffer';
import type { LogQuery, Ranges } from '../../contract/logs.ts';
import { fail, ok, problem, type Result } from '../../contract/result.ts';
import { logWords } from '../../words/index.ts';

/** Marked in one line; more would only be paint. */
export const rangesMax = 50;

/**
 * `bytes`: the pattern means the same on bytes as on characters, for every block. `ascii`: only on blocks that are ASCII
 * throughout. `lines`: it has to be tried line by line.
 */
export type Reach = 'bytes' | 'ascii' | 'lines';

export interface Matcher {
  readonly reach: Reach;
  /** What `next` finds is a match, if it is not in front of a line's body. */
  readonly isExact: boolean;
  /** Whether a block can be passed over without being made a text. */
  isAbsent(bytes: Buffer): boolean;
  /** Index of the first place at or after `from` where a match may begin, in one character per byte; -1 for none. */
  next(bytes: string, from: number): number;
  /** On the decoded body of one line. */
  test(body: string): boolean;
  ranges(body: string): Ranges;
}

const escapeForPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

export function compileQuery({ text, isPattern, matchCase }: LogQuery): Result<Matcher> {
  const flags = matchCase ? 'g' : 'gi';
  let exact: RegExp;
  try {
    exact = new RegExp(isPattern ? text : escapeForPattern(text), flags);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : '';
    return fail(problem('bad-pattern', logWords.notAnExpression(why), logWords.correctExpression));
  }
  const block = isPattern
    ? blockPattern(text)
    : { source: escapeForPattern(text), reach: reachOfText(text, matchCase), isExact: true };
  const { reach, isExact } = block;
  return ok({ ...blockSearch(text, isPattern, matchCase, block), reach, isExact, ...lineSearch(exact) });
}

const reachOfText = (text: string, matchCase: boolean): Reach =>
  matchCase || isAscii(Buffer.from(text)) ? 'bytes' : 'lines';

function blockSearch(
  text: string,
  isPattern: boolean,
  matchCase: boolean,
  block: BlockPattern,
): Pick<Matcher, 'next' | 'isAbsent'> {
  const caseless = text.toLowerCase() === text.toUpperCase();
  if (!isPattern && (matchCase || caseless)) {
    const wanted = Buffer.from(text);
    const latin1 = wanted.toString('latin1');
    return {
      isAbsent: (bytes) => !bytes.includes(wanted),
      next: (where, from) => where.indexOf(latin1, from),
    };
  }
  const isAbsent = () => false;
  if (block.reach === 'lines') {
    return { isAbsent, next: (where, from) => (from < where.length ? from : -1) };
  }
  const fast = new RegExp(block.source, matchCase ? 'gm' : 'gim');
  return { isAbsent, next: (where, from) => indexFrom(fast, where, from) };
}

/** Of a pattern with the flag `g`. */
export function indexFrom(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function lineSearch(exact: RegExp): Pick<Matcher, 'test' | 'ranges'> {
  return {
    test(body) {
      exact.lastIndex = 0;
      return exact.test(body);
    },
    ranges(body) {
      const found: Ranges = [];
      exact.lastIndex = 0;
      for (let match = exact.exec(body); match && found.length < rangesMax; match = exact.exec(body)) {
        if (match[0] === '') exact.lastIndex += 1;
        else found.push([match.index, match.index + match[0].length]);
      }
      return found;
    },
  };
}

interface BlockPattern {
  readonly source: string;
  readonly reach: Reach;
  readonly isExact: boolean;
}

const tokens =
  /\\(?<escape>.)|\[(?<negated>\^?)(?<members>(?:\\.|[^\]\\])*)\]|\((?<group>\?(?::|=|!|<(?![=!])[^>]*>)?)?|(?<other>.)/gsu;
const harmlessEscapes = /^[dwbBtfv0-9.*+?()[\]{}|/\\^$"',:;<>=!@#%&~`_ -]$/;

/**
 * The pattern as it is tried on whole blocks: rewritten so that no part of it runs over a line end. What could not be
 * rewritten for certain goes line by line; a match is always confirmed on its line, so that this decides speed only.
 */
function blockPattern(pattern: string): BlockPattern {
  const slow: BlockPattern = { source: '', reach: 'lines', isExact: false };
  if (!isAscii(Buffer.from(pattern))) return slow;
  let reach: Reach = 'bytes';
  let source = '';
  let isExact = true;
  for (const match of pattern.matchAll(tokens)) {
    const { escape: escaped, negated, members, group, other } = match.groups ?? {};
    if (escaped !== undefined) {
      const inLine = { s: '[^\\S\\n]', S: '\\S', W: '[^\\w\\n]', D: '[^\\d\\n]' }[escaped];
      if (inLine !== undefined) reach = 'ascii';
      else if (!harmlessEscapes.test(escaped)) return slow;
      source += inLine ?? match[0];
    } else if (members !== undefined) {
      if (/\\[^dwt.\]\\/^$*+?(){}|-]/.test(members)) return slow;
      if (negated === '^') reach = 'ascii';
      source += negated === '^' ? `[^\\n${members}]` : match[0];
    } else if (match[0].startsWith('(')) {
      // A bare `(?` is one that is not known to be harmless: look-behind, modifiers.
      if (group === '?') return slow;
      source += match[0];
    } else {
      // The body of a line does not begin where the line does: left out here, and confirmed on the line.
      const isStart = other === '^';
      if (isStart && pattern.includes('(?!')) return slow;
      if (isStart) isExact = false;
      if (other === '.') reach = 'ascii';
      source += isStart ? '(?:)' : match[0];
    }
  }
  try {
    new RegExp(source, 'g');
  } catch {
    return slow;
  }
  return { source, reach, isExact };
}
