import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { findChromium, sentenceOf } from '../../tools/chromium.ts';

afterEach(() => vi.unstubAllEnvs());

test('$CHROMIUM wins', () => {
  vi.stubEnv('CHROMIUM', process.execPath);
  expect(findChromium({ headed: false })).toEqual({ ok: true, value: process.execPath });
});

test('$CHROMIUM that is not executable is refused with a sentence, not passed over', () => {
  const file = path.join(import.meta.dirname, 'chromium.test.ts');
  vi.stubEnv('CHROMIUM', file);
  const found = findChromium({ headed: false });
  expect(found.ok ? '' : sentenceOf(found.error)).toBe(
    `$CHROMIUM names ${file}, which is not an executable file.`,
  );
});
