import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { longest } from '../../tools/longest-first.ts';

test('every file that goes first is there, once', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  expect(longest.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});
