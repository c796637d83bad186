import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { filesInElectron, filesLeftOut } from '../../tools/e2e-files.ts';

test('every file of test/e2e either runs in real Electron, too, or says why it does not', () => {
  const names = readdirSync(path.resolve(import.meta.dirname, '../../e2e')).flatMap(
    (name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [],
  );
  expect([...filesInElectron, ...Object.keys(filesLeftOut)].toSorted()).toEqual(names.toSorted());
});
