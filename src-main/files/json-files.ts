/** The app's own records in home: JSON, checked against a schema, with the place of a mistake. */
import type * as z from 'zod';
import { type Problem, problem, type Result } from '../contract/result.ts';
import { fileWords } from '../words/index.ts';
import { findJsonMistake } from './json-mistake.ts';
import type { HomeFiles, TextPosition } from './types.ts';

export type ReadJson<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly problem: Problem };

export async function readJson<T>(
  files: HomeFiles,
  file: string,
  schema: z.ZodType<T>,
  maxBytes: number,
): Promise<ReadJson<T>> {
  const read = await files.readText(file, maxBytes);
  if (read.kind !== 'text') return read;
  return parseJson(read.text, schema, nameOf(file));
}

export function writeJson(files: HomeFiles, file: string, value: unknown): Promise<Result<void>> {
  return files.writeText(file, `${JSON.stringify(value, null, 2)}\n`);
}

export function parseJson<T>(
  text: string,
  schema: z.ZodType<T>,
  name: string,
): Exclude<ReadJson<T>, { kind: 'absent' }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = positionOf(text, findJsonMistake(text));
    return refused(fileWords.notJson(name, line, column));
  }
  const checked = schema.safeParse(value);
  if (checked.success) return { kind: 'value', value: checked.data };
  const where = checked.error.issues[0]?.path.map(String).join('.').slice(0, 80);
  return refused(fileWords.unexpectedValue(name, where));
}

function refused(message: string): { kind: 'refused'; problem: Problem } {
  return {
    kind: 'refused',
    problem: problem('record-unreadable', message, fileWords.keptAsItIs),
  };
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

const nameOf = (file: string) => file.slice(file.lastIndexOf('/') + 1);
